"""Many readers of one channel in one loop, and the moment at which each read each message."""

import json
import select
import socket
import time
from collections.abc import Iterator
from typing import Any

from bench.programs import END_SECONDS_MAX, HOST, BenchError

_READ_BYTES = 1 << 20


class Listener:
    """The JSON session of a member called `name`."""

    def __init__(self, port: int, name: str) -> None:
        self.name = name
        self.token = ""
        self.after = 0
        """The sequence number of the last entry that it has read."""
        self.lines: list[bytes] = []
        """The lines that it has read since they were last taken."""
        self.reads: list[tuple[int, int]] = []
        """For each read that completed lines: the time in nanoseconds, and the number of lines read so far."""
        self.ended = False
        self._port = port
        self._rest = b""
        self._count = 0
        self.connect({"type": "hello", "name": name})

    def connect(self, first: dict[str, Any]) -> None:
        """Connect, and send the first line."""
        self.socket = socket.create_connection((HOST, self._port), END_SECONDS_MAX)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._rest, self.ended = b"", False
        self.say(first)

    def say(self, command: dict[str, Any]) -> None:
        """Send a line."""
        self.socket.sendall(json.dumps(command).encode() + b"\n")

    def read(self) -> None:
        """Read available data, and record the time. Raises BenchError if nothing comes in time."""
        try:
            data = self.socket.recv(_READ_BYTES)
        except ConnectionResetError:
            data = b""
        except TimeoutError:
            raise BenchError(f"{self.name} reads nothing more, after {self.lines[-1:]}") from None
        now = time.monotonic_ns()
        self.ended = not data
        *lines, self._rest = (self._rest + data).split(b"\n")
        if lines:
            self.lines += lines
            self._count += len(lines)
            self.reads.append((now, self._count))

    def read_up_to(self, kind: str) -> dict[str, Any]:
        """Read up to a line of that type, and return it. Raises BenchError if none comes."""
        seen = 0
        while True:
            for line in self.lines[seen:]:
                seen += 1
                message: dict[str, Any] = json.loads(line)
                if kind in (message["type"], message.get("event", {}).get("type")):
                    return message
            if self.ended:
                raise BenchError(f"{self.name} read no {kind}")
            self.read()

    def forget(self) -> None:
        """Discard what was read so far."""
        self.lines.clear()
        self.reads.clear()
        self._count = 0

    def close(self) -> None:
        """Close the connection."""
        self.socket.close()


class Crowd:
    """Listeners that read whenever data comes, except those in `paused`."""

    def __init__(self, listeners: list[Listener]) -> None:
        self.listeners = listeners
        self._of_descriptor: dict[int, Listener] = {}
        self._poll = select.epoll()
        for listener in listeners:
            self.go_on(listener)

    def pause(self, listener: Listener) -> None:
        """Stop a listener's reading."""
        self._poll.unregister(listener.socket)
        del self._of_descriptor[listener.socket.fileno()]

    def go_on(self, listener: Listener) -> None:
        """Resume a listener's reading."""
        self._of_descriptor[listener.socket.fileno()] = listener
        self._poll.register(listener.socket, select.EPOLLIN)

    def read_until(self, moment: float) -> None:
        """Read until a moment of the monotonic clock. Raises BenchError if a connection ends."""
        while (left := moment - time.monotonic()) > 0:
            self._read_ready(left)

    def read_lines(self, count: int) -> None:
        """Read until each active listener has `count` lines since `forget`. Raises BenchError if they do not come."""
        deadline = time.monotonic() + END_SECONDS_MAX
        while any(len(each.lines) < count for each in self._of_descriptor.values()):
            if time.monotonic() > deadline:
                raise BenchError(f"not everybody has read {count} lines in time")
            self._read_ready(0.1)

    def close(self) -> None:
        """Close all of them."""
        self._poll.close()
        for listener in self.listeners:
            listener.close()

    def _read_ready(self, seconds_max: float) -> None:
        for descriptor, _ in self._poll.poll(seconds_max):
            listener = self._of_descriptor[descriptor]
            listener.read()
            if listener.ended:
                raise BenchError(f"{listener.name} was disconnected: {listener.lines[-1:]}")


def latencies(listener: Listener, sent_at: dict[int, int]) -> Iterator[int]:
    """Yield the nanoseconds from sending to reading each message; `sent_at` has the sending times by line number."""
    begun = 0
    for moment, count in listener.reads:
        for number in range(begun, count):
            if (sent := sent_at.get(number)) is not None:
                yield moment - sent
        begun = count
