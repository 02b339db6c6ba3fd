"""The transport of every port: bytes to and from a socket, with nothing between.

The event loop's own does more than is needed here, and costs for it: a kilobyte for each connection, and a quarter more
for each write. This one writes to the socket at once, and keeps only what does not fit. A protocol that has got more
than it may do at once puts the rest back, and has it again in its turn; and it is told where its peer reads nothing.
"""

import asyncio
import os
import socket
from typing import Any, Protocol, cast

from antechamber.gateway.epoll import READ, WRITE, Readiness

_READ_BYTES_MAX = 65_536
_HIGH_BYTES = 65_536
_LOOK_SECONDS = 1.0
"""How often it is looked whether a peer has read something of what is kept for it."""


class Served(asyncio.Protocol):
    """A protocol that a `SocketTransport` serves."""

    __slots__ = ()

    @property
    def is_known(self) -> bool:
        """Whether the peer has said who it is."""
        return False

    def unread(self, seconds: float) -> None:
        """Know that the peer has taken nothing for so many seconds of what waits for it. It is told once a second."""


class PutsBack(Protocol):
    """A transport that a protocol gives back what it may not do at once."""

    def put_back(self, data: bytes) -> None:
        """Take `data` back, and hand it to the protocol again in its turn, before anything newer."""


_NOBODY = Served()
"""Whom a transport serves whose connection is lost."""


class SocketTransport(asyncio.Transport):
    """A connected TCP socket, which is this transport's from now on, and the protocol that it serves.

    Only what the gateways ask of a transport is here, and that of a protocol: the end of the peer's input is the end
    of the connection. It is made in the event loop, and tells the protocol so at once. An exception out of the protocol
    is logged, and ends the connection.

    Raises OSError, and leaves the socket alone, where that has gone.
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
        """Serve a socket; under load it is charged to `address`."""
        peer.setblocking(False)
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._descriptor = peer.detach()
        """The socket's, -1 once it is closed."""
        self.address = address
        self._readiness = readiness
        self._protocol: Served = protocol
        self._awaited = 0
        """What the socket is watched for: READ and WRITE."""
        self._pending: bytearray | None = None
        """What the socket does not take yet, None if it takes all."""
        self._watch_unread: asyncio.TimerHandle | None = None
        """What looks whether the peer takes anything of that."""
        self._has_moved = False
        """Whether it has taken something since that looked."""
        self._rest: bytes | None = None
        """What the protocol has put back, None if it has taken all."""
        self._high = _HIGH_BYTES
        self._is_closing = False
        self._is_full = False
        """Whether the protocol was told that more is kept than it wishes."""
        self._is_paused = False
        try:
            protocol.connection_made(self)
        except Exception as error:
            self._fail(error)
        self._watch()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send `data`, or keep it until the socket takes it; nothing once the transport is closing."""
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
            if self._pending is None:  # nobody will say when there is room, so it has ended
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
        """Take `data`, the rest of what the protocol is being handed, back, and hand it over again in its turn."""
        self._rest = data
        if self._awaited & READ:
            self._readiness.again(self._descriptor, self)

    def get_write_buffer_size(self) -> int:
        """Return how many bytes the socket has not taken yet."""
        return 0 if self._pending is None else len(self._pending)

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Call the protocol's `pause_writing` above `high` bytes, and `resume_writing` at half of that."""
        self._high = _HIGH_BYTES if high is None else high

    def pause_reading(self) -> None:
        """Take nothing more from the peer for now."""
        self._is_paused = True
        self._watch()

    def resume_reading(self) -> None:
        """Take from the peer again."""
        self._is_paused = False
        self._watch()
        if self._rest is not None and self._awaited & READ:
            self._readiness.again(self._descriptor, self)

    def close(self) -> None:
        """Send what is kept, then close."""
        if not self._is_closing:
            self._is_closing = True
            if self._pending is None:
                self._lose_soon(None)
            self._watch()

    def abort(self) -> None:
        """Close at once."""
        self._end(None)

    def is_closing(self) -> bool:
        """Return whether it is closing, or closed."""
        return self._is_closing

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Return the socket's own address (`sockname`) or its peer's (`peername`); `default` for all else."""
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
        """Serve another protocol from now on."""
        self._protocol = cast(Served, protocol)

    @property
    def is_known(self) -> bool:
        """Whether its peer has said who it is."""
        return self._protocol.is_known

    def ready(self, events: int) -> None:
        """Read and write, as far as that is what it waits for: an error of the socket's shows by either."""
        if events & ~WRITE and self._awaited & READ:
            self._read()
        if events & ~READ and self._awaited & WRITE:
            self._flush()

    def _watch(self) -> None:
        """Have the socket watched for what is to be done with it now, and for nothing else."""
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
        """Send what is kept, as far as the socket takes it."""
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
        """Tell the protocol, once a second, for how long the peer has taken nothing of what is kept."""
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
        """Close at once, and log why: the protocol is at fault."""
        context = {"message": "a protocol failed", "exception": error, "transport": self, "protocol": self._protocol}
        asyncio.get_running_loop().call_exception_handler(context)
        self._end(error)

    def _end(self, error: Exception | None) -> None:
        """Close at once, as somebody wishes or because of `error`."""
        if self._is_closing and self._pending is None:
            return  # its end is on its way already, or over
        self._is_closing, self._pending = True, None
        self._stop_watching_unread()
        self._watch()
        self._lose_soon(error)

    def _lose_soon(self, error: Exception | None) -> None:
        asyncio.get_running_loop().call_soon(self._lose, error)

    def _lose(self, error: Exception | None) -> None:
        descriptor, self._descriptor = self._descriptor, -1
        protocol, self._protocol = self._protocol, _NOBODY  # which has this transport, and would keep it
        try:
            protocol.connection_lost(error)
        finally:
            os.close(descriptor)
