"""Pages: what 500 WebSocket sessions in one channel cost at 20 messages a second, beside as many on a channel's port.

One process contains all readers, and checks that each reads every message once, in order. So the time that it takes
to read one session after the other is part of the latency.
"""

import argparse
import asyncio
import base64
import os
import sys
import time
from collections.abc import Sequence
from statistics import median, quantiles
from typing import NamedTuple, cast

from bench.machine import Watch
from bench.programs import HOST, READY_SECONDS_MAX, BenchError, Server, serving, set_up
from bench.table import table

TEXT_CHARACTERS = 100
_REQUEST = "GET /ws HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n{}\r\n\r\n"
_SAID = b'"type":"said"'
_TEXT = b'"text":"'


class Run(NamedTuple):
    """The result of one run. Latencies are in microseconds, CPU in seconds of the server per second."""

    p50: float
    p99: float
    cpu: float
    kib_a_session: float


class Reader(asyncio.Protocol):
    """One session. It records when it read each message."""

    def __init__(self, name: str, *, page: bool) -> None:
        self.welcome: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.read_at: list[int] = []
        """When each message was read, by the monotonic clock, in nanoseconds."""
        self.problem = ""
        self._name = name
        self._page = page
        self._open = not page
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Say hello."""
        self._transport = cast(asyncio.Transport, transport)
        if self._page:
            key = base64.b64encode(os.urandom(16)).decode()
            headers = f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}"
            self._transport.write(_REQUEST.format(HOST, headers).encode())
        self.send(f'{{"type":"hello","name":"{self._name}","channel":"general"}}\n'.encode())

    def send(self, line: bytes) -> None:
        """Send a line. A page's frame is masked with zeros."""
        if self._page:
            assert len(line) < 1 << 16
            head = bytes([0x81, 0x80 | len(line)]) if len(line) < 126 else b"\x81\xfe" + len(line).to_bytes(2, "big")
            line = head + bytes(4) + line
        self._transport.write(line)

    def data_received(self, data: bytes) -> None:
        """Record what has come."""
        now = time.perf_counter_ns()
        data = self._rest + data
        if not self._open:
            head, end, data = data.partition(b"\r\n\r\n")
            if not end:
                self._rest = head
                return
            self._open = True
        whole = self._whole(data)
        self._rest = data[whole:]
        if not self.welcome.done() and b'"welcome"' in data:
            self.welcome.set_result(None)
        for event in data[:whole].split(_SAID)[1:]:
            number = int(event.partition(_TEXT)[2].split(b" ", 1)[0])
            if number != len(self.read_at):
                self.problem = f"{self._name} read message {number} in place of {len(self.read_at)}"
            self.read_at.append(now)

    def _whole(self, data: bytes) -> int:
        """Return how many of these bytes form whole lines, or whole frames."""
        if not self._page:
            return data.rfind(b"\n") + 1
        whole = 0
        while len(data) >= whole + 2:
            length, start = data[whole + 1], whole + 2
            if length > 125:
                start += 2 if length == 126 else 8
                length = int.from_bytes(data[whole + 2 : start], "big")
            if len(data) < start + length:
                break
            whole = start + length
        return whole

    def connection_lost(self, exc: Exception | None) -> None:
        """Record that it has ended."""
        self.problem = self.problem or f"{self._name} lost its connection"
        if not self.welcome.done():
            self.welcome.set_result(None)

    def close(self) -> None:
        """Leave."""
        self._transport.abort()


async def talk(server: Server, sessions: int, per_second: float, seconds: float, *, page: bool) -> Run:
    """Make all sessions join, then talk in turn at that rate. Raises BenchError if a message is lost."""
    loop = asyncio.get_running_loop()
    port = server.front_desk_port if page else server.port
    before = rss_kib(server.pid)
    readers: list[Reader] = []
    for number in range(sessions):
        _, reader = await loop.create_connection(lambda name=f"n{number}": Reader(name, page=page), HOST, port)  # type: ignore[misc]
        await asyncio.wait_for(reader.welcome, READY_SECONDS_MAX)
        readers.append(reader)
    await asyncio.sleep(1)
    kib = (rss_kib(server.pid) - before) / sessions
    cpu = cpu_seconds(server.pid)
    begun = time.perf_counter()
    sent_at = []
    for number in range(int(per_second * seconds)):
        await asyncio.sleep(max(begun + number / per_second - time.perf_counter(), 0))
        text = f"{number} ".ljust(TEXT_CHARACTERS, "y")
        sent_at.append(time.perf_counter_ns())
        readers[number % sessions].send(f'{{"type":"say","text":"{text}"}}\n'.encode())
    deadline = time.perf_counter() + READY_SECONDS_MAX
    while any(len(reader.read_at) < len(sent_at) and not reader.problem for reader in readers):
        if time.perf_counter() > deadline:
            raise BenchError("not everybody has read everything in time")
        await asyncio.sleep(0.01)
    used = (cpu_seconds(server.pid) - cpu) / (time.perf_counter() - begun)
    for reader in readers:
        if reader.problem:
            raise BenchError(reader.problem)
    taken = [(at - sent) / 1e3 for reader in readers for sent, at in zip(sent_at, reader.read_at, strict=True)]
    cuts = quantiles(taken, n=100)
    for reader in readers:
        reader.close()
    return Run(cuts[49], cuts[98], used, kib)


def rss_kib(pid: int) -> float:
    """Return a process's resident memory."""
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1024


def cpu_seconds(pid: int) -> float:
    """Return the CPU time that a process has used, user and system."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        ticks = file.read().rpartition(")")[2].split()[11:13]
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def report(results: dict[bool, list[Run]], sessions: int, per_second: float) -> str:
    """Return the table."""
    rows = []
    for page, runs in results.items():
        p50, p99, cpu, kib = (median(values) for values in zip(*runs, strict=True))
        rows.append([_name(page), f"{p50 / 1e3:.1f}", f"{p99 / 1e3:.1f}", f"{cpu:.1%}", f"{kib:.1f}"])
    heads = [f"{sessions:,} sessions, {per_second:g} messages a second", "ms p50", "ms p99", "CPU", "KiB a session"]
    return table(heads, rows)


def _name(page: bool) -> str:
    return "pages (WebSocket)" if page else "a channel's port (JSON)"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print the table; return the exit status."""
    parser = argparse.ArgumentParser(prog="bench/page", description=__doc__)
    parser.add_argument("--sessions", type=int, default=500, help="default: %(default)s")
    parser.add_argument("--rate", type=float, default=20, help="messages a second (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=10, help="of talk (default: %(default)s)")
    parser.add_argument("--reps", type=int, default=3, help="default: %(default)s")
    parser.add_argument("--quick", action="store_true", help="one repetition of 3 seconds")
    chosen = parser.parse_args(arguments)
    if chosen.quick:
        chosen.reps, chosen.seconds = 1, 3
    results: dict[bool, list[Run]] = {}
    try:
        set_up()
        import uvloop

        watch = Watch()
        for repetition in range(chosen.reps):
            for page in (True, False):
                print(f"{repetition + 1}/{chosen.reps} {_name(page)}", file=sys.stderr)
                with serving("durable", chosen.sessions + 1) as server:
                    server.rest()
                    run = uvloop.run(talk(server, chosen.sessions, chosen.rate, chosen.seconds, page=page))
                results.setdefault(page, []).append(run)
    except (BenchError, OSError) as error:
        print(f"bench/page: {error}", file=sys.stderr)
        return 1
    print(f"{report(results, chosen.sessions, chosen.rate)}\n\n{watch.sentence()}")
    return 0
