"""The connection to a channel's port: JSON lines over TCP, with blocking calls.

Opening it imports nothing but sockets, so the server has the first line before the client is fully loaded.
"""

import select
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

ANSWER_SECONDS_MAX = 15.0
"""How long the client waits for the port to answer, and then for the first line."""
QUIET_SECONDS_MAX = 20.0
"""The silence after which a watched connection sends a ping."""
PONG_SECONDS_MAX = 10.0
"""How long the answer may take before the connection counts as dead."""
LEAVING_SECONDS_MAX = 1.0
"""How long the client waits for the server's goodbye when it ends."""
LINE_BYTES_MAX = 16 << 20
"""Length of a line from a chat server."""
_READ_BYTES = 262_144
_KEEPALIVE = {"TCP_KEEPIDLE": 60, "TCP_KEEPINTVL": 15, "TCP_KEEPCNT": 4}
"""When a connection to a dead machine counts as lost: keepalive in seconds, seconds and probes."""
_PING = b'{"type":"ping"}\n'


class ConnectionProblem(Exception):
    """The error that there is no chat. Its text is one line, for people."""


class Wordless(ConnectionProblem):
    """The error that the other side closed the connection without a word."""


class NoSuchChannel(ConnectionProblem):
    """The error that the server has no channel of that name."""


class ServerConnection:
    """One connection to a channel's port. Any thread may send; one reads."""

    def __init__(self, host: str, port: int, first_line: bytes) -> None:
        """Connect, and send the first line. Raises ConnectionProblem."""
        self.host = host
        self.where = f"{host}:{port}"
        self._settled = False
        self._watched = False
        self._sending = threading.Lock()
        self._closed = threading.Event()
        self._heard_at = time.monotonic()
        try:
            # A host name in bytes needs no codec for international names, which would have to be imported.
            address: tuple[Any, int] = (host.encode() if host.isascii() else host, port)
            self._socket = socket.create_connection(address, ANSWER_SECONDS_MAX)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.send(first_line)
        except (OSError, UnicodeError) as error:
            raise ConnectionProblem(f"nothing answers at {self.where}: {problem_words(error)}") from error

    def lines(self) -> Iterator[list[bytes]]:
        """Yield the lines from the server, without newlines, as many as are there at once, until the end.

        Raises ConnectionProblem if the server does not answer in time, is not a chat server, or closes without a word.
        """
        rest = b""
        while data := self._receive():
            *lines, rest = (rest + data).split(b"\n")
            if len(rest) > LINE_BYTES_MAX or (not self._settled and not data.lstrip().startswith(b"{")):
                raise self.no_server()
            if lines:
                yield lines
        if not self._settled:
            words = "closed the connection without a word, and may be no chat server"
            raise Wordless(f"what answers at {self.where} {words}")

    def no_server(self) -> ConnectionProblem:
        """Return the error that the other side is not a chat server."""
        return ConnectionProblem(f"what answers at {self.where} is no chat server")

    def settle(self, watched: bool) -> None:
        """Wait without a limit from now on, because the other side is a chat server.

        If `watched`, a silent server is sent a ping, and the connection ends without an answer.
        """
        self._settled, self._watched = True, watched
        self._socket.settimeout(None)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in _KEEPALIVE.items():
            if (number := getattr(socket, option, None)) is not None:
                self._socket.setsockopt(socket.IPPROTO_TCP, number, value)

    def send(self, line: bytes) -> None:
        """Send a line. If the connection is lost, the reading side notices."""
        with suppress(OSError), self._sending:
            self._socket.sendall(line + b"\n")

    def send_last(self, line: bytes, seconds_max: float) -> None:
        """Send a last line, and give the server time to close the connection."""
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

    def hang_up_when_silent(self, seconds_max: float) -> None:
        """Wait until the connection is closed, or has been silent for so long, then have its reading side read the end.

        It is for a thread that does nothing else.
        """
        heard_at = time.monotonic()
        while (left := max(heard_at, self._heard_at) + seconds_max - time.monotonic()) > 0:
            if self._closed.wait(left):
                return
        self._hang_up()

    def close(self) -> None:
        """Close the connection; other threads can no longer send."""
        self._closed.set()
        self._hang_up()  # a sending thread stops waiting
        with self._sending:
            self._socket.close()

    def _hang_up(self) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def _receive(self) -> bytes:
        """Return the next bytes, none if the connection has ended or is dead. Raises ConnectionProblem."""
        asked = False
        while True:
            try:
                if select.select([self._socket], [], [], self._patience(asked))[0]:
                    data = self._socket.recv(_READ_BYTES)
                    self._heard_at = time.monotonic()
                    return data
            except OSError:
                return b""
            if not self._settled:
                raise Wordless(f"what answers at {self.where} says nothing, and may be no chat server")
            if asked:
                return b""
            self._ask()
            asked = True

    def _patience(self, asked: bool) -> float | None:
        """Return how many seconds to wait for input, None for ever."""
        if not self._settled:
            return ANSWER_SECONDS_MAX
        if not self._watched:
            return None
        return PONG_SECONDS_MAX if asked else QUIET_SECONDS_MAX

    def _ask(self) -> None:
        """Send a ping without waiting; if there is no room for it, the data under way serves as well."""
        if self._sending.acquire(blocking=False):
            try:
                with suppress(OSError):
                    if self._socket.send(_PING, socket.MSG_DONTWAIT) < len(_PING):
                        self._hang_up()  # half a line would spoil the next one
            finally:
                self._sending.release()


def hello_line(name: str, hold: bool) -> bytes:
    """Return a new client's first line; `hold` asks the server to hold its seat or place if the connection is lost."""
    return b'{"type":"hello","name":"%b"%b}' % (_json_text(name), b"" if hold else b',"hold":false')


def problem_words(error: Exception) -> str:
    """Return in a few words what is wrong."""
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
    """Return a text as it is written between the quotes of a JSON string."""
    escaped = "".join(c if c >= " " and c not in '"\\' else f"\\u{ord(c):04x}" for c in text)
    return escaped.encode(errors="replace")
