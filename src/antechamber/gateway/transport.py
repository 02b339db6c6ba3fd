"""The transport of every port, which reads from a socket and writes to it directly.

The event loop's own transport costs a kilobyte more for each connection, and each write takes a quarter longer. This
one writes to the socket at once, and buffers only what does not fit. A protocol may put data back to handle it in a
later pass, and learns how long its peer has read nothing.

Who may write to a chat connection: while the hub decides, nobody. Handlers call `Turn.tell` and `Turn.write`, and
`Turn.deliver` writes once the log has kept the turn (`rooms/turn.py`). Between turns `feeds/` write what is read from
the log (`replay.py`, `history_queries.py`) and what is not in it (`subscriptions.py`). A gateway writes only pings,
the frames of the WebSocket protocol, and the last words to a connection that it rejects or closes itself.
"""

import asyncio
import os
import socket
from typing import Any, Protocol, cast

from antechamber.gateway.epoll import READ, WRITE, Readiness

_READ_BYTES_MAX = 65_536
_HIGH_BYTES = 65_536
_LOOK_SECONDS = 1.0
"""How often the transport checks whether the peer has read some of the buffered data."""


class Served(asyncio.Protocol):
    """A protocol that a `SocketTransport` serves."""

    __slots__ = ()

    @property
    def is_known(self) -> bool:
        """Whether the peer has named itself."""
        return False

    def unread(self, seconds: float) -> None:
        """Handle a peer that has read none of the buffered data for `seconds`. Called once a second."""


class PutsBack(Protocol):
    """A transport that takes back data which its protocol may not handle at once."""

    def put_back(self, data: bytes) -> None:
        """Give the protocol `data` again in a later pass, before anything else from the peer."""


_NOBODY = Served()
"""The protocol of a transport whose connection is lost."""


class SocketTransport(asyncio.Transport):
    """A transport that owns a connected TCP socket and serves a protocol.

    It implements only what the gateways use. The end of the peer's input ends the connection. It must be created in
    the event loop, and calls `connection_made` at once. An exception that the protocol raises is logged, and ends the
    connection.

    Raises OSError, without taking the socket, if the connection is lost already.
    """

    __slots__ = (
        "_awaited",
        "_descriptor",
        "_has_moved",
        "_high",
        "_is_closing",
        "_is_full",
        "_is_paused",
        "_pending",
        "_protocol",
        "_readiness",
        "_rest",
        "_watch_unread",
        "address",
    )

    def __init__(self, readiness: Readiness, peer: socket.socket, protocol: Served, address: str = "") -> None:
        """Take the socket over. Time that it is served is charged to `address` (`epoll.py`)."""
        peer.setblocking(False)
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._descriptor = peer.detach()
        """The socket's descriptor, -1 once it is closed."""
        self.address = address
        self._readiness = readiness
        self._protocol: Served = protocol
        self._awaited = 0
        """The events that the socket is watched for: READ and WRITE."""
        self._pending: bytearray | None = None
        """The bytes that the socket has not taken yet, None if it takes all."""
        self._watch_unread: asyncio.TimerHandle | None = None
        """The timer of the check whether the peer reads any of that."""
        self._has_moved = False
        """Whether it has read some since the last check."""
        self._rest: bytes | None = None
        """The data that the protocol has put back, or None."""
        self._high = _HIGH_BYTES
        self._is_closing = False
        self._is_full = False
        """Whether `pause_writing` was called, and not yet `resume_writing`."""
        self._is_paused = False
        try:
            protocol.connection_made(self)
        except Exception as error:
            self._fail(error)
        self._watch()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send `data`, and buffer what the socket does not take. Does nothing once the transport is closing."""
        if self._is_closing or not data:
            return
        sent = 0
        if self._pending is None:
            try:
                sent = os.write(self._descriptor, data)
            except (BlockingIOError, InterruptedError):
                pass
            except OSError as error:
                self._end(error)
                return
            if sent == len(data):
                return
            self._pending = bytearray()
            self._watch()
            if self._pending is None:  # the watch failed, so the connection has ended
                return
            self._watch_unread = asyncio.get_running_loop().call_later(_LOOK_SECONDS, self._look_unread, 0.0)
        self._pending += data[sent:]
        if not self._is_full and len(self._pending) > self._high:
            self._is_full = True
            try:
                self._protocol.pause_writing()
            except Exception as error:
                self._fail(error)

    def put_back(self, data: bytes) -> None:
        """Give the protocol `data`, the end of what it is handling, again in a later pass."""
        self._rest = data
        if self._awaited & READ:
            self._readiness.again(self._descriptor, self)

    def get_write_buffer_size(self) -> int:
        """Return how many bytes are buffered."""
        return 0 if self._pending is None else len(self._pending)

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Call `pause_writing` once more than `high` bytes are buffered, and `resume_writing` at half of that."""
        self._high = _HIGH_BYTES if high is None else high

    def pause_reading(self) -> None:
        """Stop reading from the peer."""
        self._is_paused = True
        self._watch()

    def resume_reading(self) -> None:
        """Read from the peer again."""
        self._is_paused = False
        self._watch()
        if self._rest is not None and self._awaited & READ:
            self._readiness.again(self._descriptor, self)

    def close(self) -> None:
        """Send what is buffered, then close."""
        if not self._is_closing:
            self._is_closing = True
            if self._pending is None:
                self._lose_soon(None)
            self._watch()

    def abort(self) -> None:
        """Close at once."""
        self._end(None)

    def is_closing(self) -> bool:
        """Return whether the transport is closing or closed."""
        return self._is_closing

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Return the socket's own address (`sockname`) or its peer's (`peername`), `default` for anything else."""
        if name not in ("sockname", "peername") or self._descriptor < 0:
            return default
        same = None
        try:
            same = socket.socket(fileno=self._descriptor)
            return same.getsockname() if name == "sockname" else same.getpeername()
        except OSError:
            return default
        finally:
            if same is not None:
                same.detach()

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Serve another protocol."""
        self._protocol = cast(Served, protocol)

    @property
    def is_known(self) -> bool:
        """Whether the peer has named itself."""
        return self._protocol.is_known

    def ready(self, events: int) -> None:
        """Read or write, if the transport waits for it: either reports an error of the socket."""
        if events & ~WRITE and self._awaited & READ:
            self._read()
        if events & ~READ and self._awaited & WRITE:
            self._flush()

    def _watch(self) -> None:
        """Watch the socket for the events that are needed now, and for no others."""
        reads = not self._is_closing and not self._is_paused
        awaited = (READ if reads else 0) | (0 if self._pending is None else WRITE)
        if awaited != self._awaited:
            before, self._awaited = self._awaited, awaited
            try:
                self._readiness.watch(self._descriptor, self, awaited)
            except OSError as error:
                self._awaited = before
                self._end(error)

    def _read(self) -> None:
        data, self._rest = self._rest, None
        is_new = data is None
        if data is None:
            try:
                data = os.read(self._descriptor, _READ_BYTES_MAX)
            except (BlockingIOError, InterruptedError):
                return
            except OSError as error:
                self._end(error)
                return
        try:
            if data or not is_new:
                self._protocol.data_received(data)
            else:
                self._protocol.eof_received()
                self.close()
        except Exception as error:
            self._fail(error)

    def _flush(self) -> None:
        """Send as much of the buffer as the socket takes."""
        assert self._pending is not None
        try:
            sent = os.write(self._descriptor, self._pending)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._end(error)
            return
        del self._pending[:sent]
        self._has_moved = True
        left = len(self._pending)
        if not left:
            self._pending = None
            self._stop_watching_unread()
            self._watch()
            if self._is_closing:
                self._lose_soon(None)
        if self._is_full and left <= self._high // 2:
            self._is_full = False
            try:
                self._protocol.resume_writing()
            except Exception as error:
                self._fail(error)

    def _look_unread(self, seconds: float) -> None:
        """Tell the protocol, once a second, how long the peer has read none of the buffer."""
        seconds = 0.0 if self._has_moved else seconds + _LOOK_SECONDS
        self._has_moved = False
        self._watch_unread = asyncio.get_running_loop().call_later(_LOOK_SECONDS, self._look_unread, seconds)
        if seconds:
            try:
                self._protocol.unread(seconds)
            except Exception as error:
                self._fail(error)

    def _stop_watching_unread(self) -> None:
        if self._watch_unread is not None:
            self._watch_unread.cancel()
            self._watch_unread = None

    def _fail(self, error: Exception) -> None:
        """Log an exception of the protocol, and close at once."""
        context = {"message": "a protocol failed", "exception": error, "transport": self, "protocol": self._protocol}
        asyncio.get_running_loop().call_exception_handler(context)
        self._end(error)

    def _end(self, error: Exception | None) -> None:
        """Close at once, because of `error` or, if None, on request."""
        if self._is_closing and self._pending is None:
            return  # `_lose` is scheduled already, or done
        self._is_closing, self._pending = True, None
        self._stop_watching_unread()
        self._watch()
        self._lose_soon(error)

    def _lose_soon(self, error: Exception | None) -> None:
        asyncio.get_running_loop().call_soon(self._lose, error)

    def _lose(self, error: Exception | None) -> None:
        descriptor, self._descriptor = self._descriptor, -1
        protocol, self._protocol = self._protocol, _NOBODY  # breaks the reference cycle
        try:
            protocol.connection_lost(error)
        finally:
            os.close(descriptor)
