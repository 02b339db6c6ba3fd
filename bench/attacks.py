"""Attacks: what a bystander notices of each flood that one address can send.

Each attack gets a fresh server as people run it, from a TOML config, with 1,000 open channels allowed. Another process
attacks from one address for a few seconds. Meanwhile a bystander at another address sends 50 messages a second and
waits until it reads each, and another requests /healthz. Both try again if they are turned away, and the wait goes on.
The bench judges no time; it fails if the server ends.
"""

import argparse
import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from statistics import quantiles
from typing import NamedTuple

from bench import programs
from bench.attackers import names
from bench.machine import Watch
from bench.programs import HOST, READY_SECONDS_MAX, BenchError, folder, free_ports, running, set_up
from bench.table import table

BYSTANDER = "127.0.0.1"
EVERY_SECONDS = 0.02
GIVE_UP_SECONDS = 30.0
_CHANNELS = 3


class Noticed(NamedTuple):
    """Milliseconds that one bystander waited: p50, p99 and the maximum."""

    p50: float
    p99: float
    most: float


class Bystander(threading.Thread):
    """Sends requests repeatedly, and records how long each answer takes."""

    def __init__(self, port: int, until: float) -> None:
        super().__init__(daemon=True)
        self.port = port
        self.until = until
        self.waits: list[float] = []

    def run(self) -> None:
        """Send requests until the time is over."""
        while (began := time.monotonic()) < self.until:
            while not self.asks() and time.monotonic() < began + GIVE_UP_SECONDS:
                time.sleep(0.01)
            self.waits.append(time.monotonic() - began)
            time.sleep(max(began + EVERY_SECONDS - time.monotonic(), 0.0))

    def asks(self) -> bool:
        """Send one request; return whether it was answered."""
        raise BenchError("a bystander asks something")

    def noticed(self) -> Noticed:
        """Return how long it waited."""
        waits = [wait * 1e3 for wait in self.waits] or [0.0]
        cuts = quantiles(waits, n=100) if len(waits) > 1 else waits * 99
        return Noticed(cuts[49], min(cuts[98], max(waits)), max(waits))


class Talker(Bystander):
    """Sends a message, and waits until it reads it."""

    def __init__(self, port: int, until: float) -> None:
        super().__init__(port, until)
        self._peer: socket.socket | None = None
        self._number = 0
        self._unread = b""

    def asks(self) -> bool:
        """Send one message, and read up to it."""
        self._number += 1
        mark = f"mark {self._number}."
        try:
            if self._peer is None:
                self._peer = socket.create_connection((HOST, self.port), GIVE_UP_SECONDS)
                hello = {"type": "hello", "name": f"bystander{os.getpid()}", "key": "k" * 32}
                self._peer.sendall(json.dumps(hello).encode() + b"\n")
            self._peer.sendall(json.dumps({"type": "say", "text": mark, "id": str(self._number)}).encode() + b"\n")
            while mark.encode() not in self._unread:
                data = self._peer.recv(1 << 16)
                if not data:
                    raise OSError("the connection has ended")
                self._unread = self._unread[-200:] + data
        except OSError:
            if self._peer is not None:
                self._peer.close()
            self._peer = None
            return False
        return True


class Checker(Bystander):
    """Requests /healthz from the front desk, on a new connection each time."""

    def asks(self) -> bool:
        """Send one request."""
        try:
            with socket.create_connection((HOST, self.port), GIVE_UP_SECONDS) as peer:
                peer.settimeout(GIVE_UP_SECONDS)
                peer.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
                answer = b""
                while data := peer.recv(4096):
                    answer += data
                return answer.startswith(b"HTTP/1.1 200")
        except OSError:
            return False


def _config(ports: Sequence[int], limits: Sequence[str]) -> str:
    front_desk, irc, *channels = ports
    lines = [f'host = "{HOST}"', f"port = {front_desk}", f"irc = {irc}", "open_channels = true", 'log_level = "error"']
    lines += ["[limits]", *limits]
    for number, port in enumerate(channels):
        lines += ["[[channel]]", f'name = "room{number}"', f"port = {port}", "seats = 500"]
    return "\n".join([*lines, ""])


@contextlib.contextmanager
def _serving(root: str, limits: Sequence[str]) -> Iterator[tuple[list[int], "subprocess.Popen[bytes]"]]:
    """Run a checkout's server afresh; yield its ports, the front desk's and IRC's first."""
    ports = free_ports(2 + _CHANNELS)
    with folder() as path:
        config = os.path.join(path, "antechamber.toml")
        with open(config, "w", encoding="utf-8") as file:
            file.write(_config(ports, limits))
        command = [sys.executable, os.path.join(root, "chatserver.py"), config, "--data", os.path.join(path, "log.db")]
        with running(command) as process:
            for port in ports:
                programs.connect(port).close()
            deadline = time.monotonic() + READY_SECONDS_MAX
            while not Checker(ports[0], 0.0).asks():
                if time.monotonic() > deadline or process.poll() is not None:
                    raise BenchError("the server does not answer")
            yield ports, process


def measure(root: str, attack: str, seconds: float, limits: Sequence[str]) -> tuple[Noticed, Noticed]:
    """Return what a talker and a checker notice of one attack. Raises BenchError."""
    with _serving(root, limits) as (ports, process):
        arguments = [attack, str(seconds + 1.0), *map(str, (ports[0], ports[2], ports[1]))]
        command = [sys.executable, "-m", "bench.attackers", *arguments]
        talker, checker = Talker(ports[3], 0.0), Checker(ports[0], 0.0)
        talker.asks()
        with subprocess.Popen(command, cwd=programs.ROOT) as attacker:
            try:
                time.sleep(1.0)
                for each in (talker, checker):
                    each.until = time.monotonic() + seconds
                    each.start()
                for each in (talker, checker):
                    each.join(seconds + GIVE_UP_SECONDS + 5.0)
            finally:
                attacker.kill()
        if process.poll() is not None:
            raise BenchError(f"the server ended with status {process.returncode}")
        return talker.noticed(), checker.noticed()


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print the table; return the exit status."""
    parser = argparse.ArgumentParser(prog="bench/attacks", description=__doc__)
    add = parser.add_argument
    add("--root", default=programs.ROOT, metavar="DIR", help="attack the server of this checkout (default: this one)")
    add("--attack", action="append", choices=list(names()), help="this attack alone; may be given again")
    add("--seconds", type=float, default=5.0, help="how long each takes (default: %(default)s)")
    add("--limit", action="append", default=[], metavar="KEY=N", help="a limit of the server's; may be given again")
    add("--quick", action="store_true", help="two seconds each: for a look, not for a claim")
    chosen = parser.parse_args(arguments)
    set_up()
    watch = Watch()
    rows = []
    try:
        for attack in chosen.attack or names():
            print(attack, file=sys.stderr)
            talker, checker = measure(chosen.root, attack, 2.0 if chosen.quick else chosen.seconds, chosen.limit)
            rows.append([attack, *(f"{each:.1f}" for found in (talker, checker) for each in found)])
    except BenchError as error:
        print(f"bench/attacks: {error}", file=sys.stderr)
        return 1
    heads = ["milliseconds", "talk p50", "p99", "most", "/healthz p50", "p99", "most"]
    print(f"{table(heads, rows)}\n\n{watch.sentence()}")
    return 0
