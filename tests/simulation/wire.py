"""A connection: the server's transport at one end, a visitor at the other, and bounded buffers between.

What the server writes goes into the pipe, which is the kernels' and the network's, as far as there is room in it, and
else waits in the outbox, which is the server's and dies with its process.
"""

import asyncio
from collections import deque
from typing import Any, Protocol

from antechamber.gateway.connection import Connection
from antechamber.session.session import GONE, Session
from tests.simulation.clockwork import WorldLoop
from tests.simulation.failing import Fuse, RuleBroken


class Reader(Protocol):
    """The visitor at the other end."""

    def awake(self) -> None:
        """Have something to read, or the end."""

    def lose(self) -> None:
        """Be lost to the server, which notices now."""


class Wire:
    """One connection. It has the methods of an asyncio transport that the gateway and the hub use."""

    __slots__ = (
        "_fuse",
        "_high",
        "_loop",
        "_losing",
        "_paused_writing",
        "_pipe_bytes",
        "_pipe_max",
        "aborted",
        "closing",
        "heard",
        "hung_up",
        "lost",
        "outbox",
        "outbox_bytes",
        "pipe",
        "protocol",
        "reader",
        "reading",
        "uplink",
        "vanished",
    )

    def __init__(self, loop: WorldLoop, fuse: Fuse, pipe_max: int, reader: Reader) -> None:
        self._loop = loop
        self._fuse = fuse
        self._pipe_max = pipe_max
        self._pipe_bytes = 0
        self._high = 1 << 16
        self._paused_writing = False
        self._losing = False
        self.reader = reader
        self.protocol: Any = None
        self.pipe: list[bytes] = []
        self.outbox: list[bytes] = []
        self.outbox_bytes = 0
        self.uplink: deque[tuple[bytes, bool]] = deque()
        """What the visitor has sent and the server has not read, each piece with whether it is a sign of life."""
        self.heard = False
        """Whether there was a sign of life in what the server has read."""
        self.hung_up = False
        """Whether the visitor has ended its side, after what is in the uplink."""
        self.vanished = False
        """Whether nobody is at the other end, and the server does not know."""
        self.reading = True
        self.closing = False
        self.aborted = False
        self.lost = False
        """Whether the server has let the connection go."""

    # What the server does

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        assert high is not None
        self._high = high

    def get_write_buffer_size(self) -> int:
        return self.outbox_bytes

    def is_closing(self) -> bool:
        return self.closing

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self.protocol = protocol

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    def put_back(self, data: bytes) -> None:
        self.uplink.appendleft((data, False))

    def write(self, data: bytes) -> None:
        if not data:
            raise RuleBroken("an empty write is a wasted one")
        if self._fuse.writes_left:
            self._fuse.burn()
        if self._losing:
            return
        room = self._pipe_max - self._pipe_bytes
        if not self.outbox and len(data) <= room:
            if not self.pipe:
                self.reader.awake()
            self.pipe.append(data)
            self._pipe_bytes += len(data)
            return
        if not self.outbox and room > 0:
            if not self.pipe:
                self.reader.awake()
            self.pipe.append(data[:room])
            self._pipe_bytes += room
            data = data[room:]
        self.outbox.append(data)
        self.outbox_bytes += len(data)
        if self.outbox_bytes > self._high and not self._paused_writing:
            self._paused_writing = True
            self.reader.lose()
            self.protocol.pause_writing()

    def close(self) -> None:
        if not self.closing:
            self.closing = True
            if not self.outbox:
                self._lose()

    def abort(self) -> None:
        session = self.session
        if session is not None and session.channel and not session.closed and not session.behind:
            raise RuleBroken(f"{session.name} was cut off without a reason")
        self.closing = self.aborted = True
        self.outbox.clear()
        self.outbox_bytes = 0
        self._lose()

    def _lose(self, why: Exception | None = None) -> None:
        if not self._losing:
            self._losing = True
            self._loop.call_soon(lambda: self._be_lost(why))

    def _be_lost(self, why: Exception | None) -> None:
        self.lost = True
        self.reader.awake()
        self.reader.lose()
        self.protocol.connection_lost(why)

    # What the network and the visitor do

    @property
    def is_counted(self) -> bool:
        """Whether the server counts it among its sessions."""
        return type(self.protocol) is Connection and not self.lost

    @property
    def is_overfull(self) -> bool:
        """Whether more waits in the outbox than may."""
        return self.outbox_bytes > self._high

    @property
    def session(self) -> Session | None:
        """The server's session here, as long as there is one."""
        protocol = self.protocol
        session = protocol._session if type(protocol) is Connection else None
        return None if session is None or session.transport is GONE else session

    def deliver(self, pieces: int = 1000) -> bool:
        """Make the server read; return whether there is nothing more for it."""
        uplink = self.uplink
        while uplink and pieces and self.reading and not self.closing:
            data, lively = uplink.popleft()
            self.heard = self.heard or lively
            self.protocol.data_received(data)
            pieces -= 1
        if self.closing:
            uplink.clear()
            return True
        if uplink or not self.reading:
            return not (uplink or self.hung_up)
        if self.hung_up and not self.protocol.eof_received():
            self.close()
        return True

    def take(self) -> bytes:
        """Read what has come, and so let more come."""
        data = b"".join(self.pipe)
        self.pipe.clear()
        self._pipe_bytes = 0
        if self.outbox:
            self._flush()
        return data

    def _flush(self) -> None:
        outbox, room = self.outbox, self._pipe_max
        while outbox and room > 0:
            piece, rest = outbox[0][:room], outbox[0][room:]
            self.pipe.append(piece)
            room -= len(piece)
            if rest:
                outbox[0] = rest
            else:
                del outbox[0]
        self._pipe_bytes = self._pipe_max - room
        self.outbox_bytes -= self._pipe_bytes
        if self._paused_writing and self.outbox_bytes <= self._high // 4:
            self._paused_writing = False
            self.protocol.resume_writing()
        if self.closing and not outbox:
            self._lose()

    def reset(self, why: str) -> None:
        """End the connection, whatever is under way."""
        self.closing = True
        self.outbox.clear()
        self.outbox_bytes = 0
        self._lose(ConnectionResetError(why))

    def die(self, *, with_pipe: bool) -> None:
        """End with the server's process: what was in its own memory is gone, and perhaps what was under way."""
        self.closing = self.lost = self._losing = True
        self.outbox.clear()
        self.outbox_bytes = 0
        if with_pipe:
            self.pipe.clear()
        self.reader.awake()
