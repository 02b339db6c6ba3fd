"""The line to a channel's port: JSON lines over TCP, with blocking calls.

Opening it imports nothing but sockets: the server has the first line before a client is even loaded whole.
"""

import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

ANSWER_SECONDS_MAX = 15.0
"""How long a client waits for the port to answer, and then for the first line."""
LINE_BYTES_MAX = 16 << 20
"""A line of the server's that is longer is none of a chat server's."""
_READ_BYTES = 262_144
_KEEPALIVE = {"TCP_KEEPIDLE": 60, "TCP_KEEPINTVL": 15, "TCP_KEEPCNT": 4}
"""Seconds, seconds and times after which a line to a machine that is no more counts as lost."""


class ConnectionProblem(Exception):
    """There is no chat to be had. Its text is one line, for people."""


class Connection:
    """One connection to a channel's port. Any thread may send; one reads."""

    def __init__(self, host: str, port: int, name: str) -> None:
        """Connect, and say hello as `name`. Raises ConnectionProblem."""
        self.host = host
        self.where = f"{host}:{port}"
        self._settled = False
        self._sending = threading.Lock()
        try:
            # As bytes, a host name needs no codec for international names, which would have to be imported first.
            address: tuple[Any, int] = (host.encode() if host.isascii() else host, port)
            self._socket = socket.create_connection(address, ANSWER_SECONDS_MAX)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.send(b'{"type":"hello","name":"%b"}' % _json_text(name))
        except (OSError, UnicodeError) as error:
            raise ConnectionProblem(f"nothing answers at {self.where}: {problem_words(error)}") from error

    def lines(self) -> Iterator[list[bytes]]:
        """Give the lines that the server sends, without their newlines, all that are there at once, until it ends.

        Raises ConnectionProblem where the server does not answer in time, or is none.
        """
        rest = b""
        while True:
            try:
                data = self._socket.recv(_READ_BYTES)
            except TimeoutError:
                if not self._settled:
                    raise ConnectionProblem(f"nothing answers at {self.where}: timed out") from None
                return
            except OSError:
                return
            if not data:
                return
            *lines, rest = (rest + data).split(b"\n")
            if len(rest) > LINE_BYTES_MAX or (not self._settled and not data.lstrip().startswith(b"{")):
                raise self.no_server()
            if lines:
                yield lines

    def no_server(self) -> ConnectionProblem:
        """Return the problem that what answers is no chat server."""
        return ConnectionProblem(f"what answers at {self.where} is no chat server")

    def settle(self) -> None:
        """Wait without a bound from now on, as the server has shown that it is one."""
        self._settled = True
        self._socket.settimeout(None)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in _KEEPALIVE.items():
            if (number := getattr(socket, option, None)) is not None:
                self._socket.setsockopt(socket.IPPROTO_TCP, number, value)

    def send(self, line: bytes) -> None:
        """Send a line. That the connection is lost is for the reading side to tell."""
        try:
            with self._sending:
                self._socket.sendall(line + b"\n")
        except OSError:
            pass

    def send_last(self, line: bytes, seconds_max: float) -> None:
        """Send a line, and give the server time to close the connection over it."""
        end = time.monotonic() + seconds_max
        if not self._sending.acquire(timeout=seconds_max):
            return
        try:
            self._socket.settimeout(seconds_max)
            self._socket.sendall(line + b"\n")
            while (left := end - time.monotonic()) > 0:
                self._socket.settimeout(left)
                if not self._socket.recv(_READ_BYTES):
                    return
        except OSError:
            pass
        finally:
            self._sending.release()

    def close(self) -> None:
        """Close it; the other threads' sending is in vain from now on."""
        self._socket.close()


def problem_words(error: Exception) -> str:
    """Say in a few words what is wrong."""
    match error:
        case TimeoutError():
            return "timed out"
        case ConnectionRefusedError():
            return "connection refused"
        case socket.gaierror() | UnicodeError():
            return "there is no such host"
        case OSError(strerror=str(words)) if words:
            return words.lower()
        case _:
            return str(error) or type(error).__name__


def _json_text(text: str) -> bytes:
    """Return `text` as it stands between the quotes of a JSON string."""
    escaped = "".join(c if c >= " " and c not in '"\\' else f"\\u{ord(c):04x}" for c in text)
    return escaped.encode(errors="replace")
