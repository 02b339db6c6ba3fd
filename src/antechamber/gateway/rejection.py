"""Rejected connections, which are told why in their own encoding, once their first bytes show it.

Their number is bounded, so that a flood of them costs little: further ones are closed at once. A connection whose first
line resumes a session is admitted after all, so that a flood cannot cost a disconnected member the seat.
"""

import asyncio
from typing import Protocol, cast

from antechamber.codec import Encoding
from antechamber.codec.jsonl import JsonDecoder
from antechamber.gateway.file_descriptors import rejected_connections_max
from antechamber.gateway.foreign_protocol import is_foreign
from antechamber.gateway.transport import Served
from antechamber.hub.hub import Hub
from antechamber.protocol.commands import Resume
from antechamber.protocol.limits import Limits
from antechamber.protocol.notices import Goodbye, Refusal
from antechamber.protocol.refusals import Refused

WAIT_SECONDS = 2.0
"""How long a rejected connection has to send its first line. If it sends nothing, it is told in plain text."""


class RejectingListener(Protocol):
    """The part of a listener that rejected connections use."""

    hub: Hub
    limits: Limits
    loop: asyncio.AbstractEventLoop
    reads_lines: bool

    def encoding(self, begun: bytes) -> Encoding:
        """Return the encoding of a connection whose first bytes are `begun`."""

    def register(self, connection: "RejectedConnection") -> None:
        """Add an open connection."""

    def unregister(self, connection: "RejectedConnection") -> None:
        """Remove a connection that has ended."""

    def readmit(self, transport: asyncio.Transport, host: str, data: bytes) -> bool:
        """Admit a connection whose first bytes, `data`, resume a session; return False if there is no room."""


class RejectedConnections:
    """The rejected connections of all gateways, oldest first. Each counts until it has ended."""

    def __init__(self) -> None:
        self._connections: dict[RejectedConnection, None] = {}

    def add(self, connection: "RejectedConnection") -> bool:
        """Add a connection; return whether there was room. If not, dismiss the oldest one to make room for the next."""
        if len(self._connections) < rejected_connections_max():
            self._connections[connection] = None
            return True
        for first in self._connections:
            if first.dismiss():
                break
        return False

    def discard(self, connection: "RejectedConnection") -> None:
        """Remove a connection that has ended."""
        self._connections.pop(connection, None)


class RejectedConnection(Served):
    """A connection that was not admitted."""

    def __init__(self, listener: RejectingListener, rejected: RejectedConnections, host: str, refused: Refused) -> None:
        self._listener = listener
        self._rejected = rejected
        self._host = host
        self._refused = refused
        self._transport: asyncio.Transport | None = None
        self._received = b""
        """The part of its first line that was received."""
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for its first line."""
        self._transport = cast(asyncio.Transport, transport)
        self._timer = self._listener.loop.call_later(WAIT_SECONDS, self.dismiss)
        self._listener.register(self)

    def data_received(self, data: bytes) -> None:
        """Admit the connection if its first line resumes a session; otherwise tell it why it is rejected."""
        self._received = data = (self._received + data).lstrip()
        if not data:
            return
        if data[0] == ord("{"):
            if b"\n" not in data and len(data) <= self._listener.limits.line_bytes_max:
                return  # the whole line may be a resume
            if self._comes_back(data):
                return
        elif self._listener.reads_lines and is_foreign(data):
            self.abort()
            return
        self.dismiss()

    def eof_received(self) -> bool:
        """Answer what was received: nothing more follows."""
        self.dismiss()
        return False

    def pause_writing(self) -> None:
        """Close at once: the peer does not read the refusal."""
        self.abort()

    def unread(self, seconds: float) -> None:
        """Close at once: the peer does not read the refusal."""
        self.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Make room for another rejected connection."""
        if self._timer is not None:
            self._timer.cancel()
        self._rejected.discard(self)
        self._listener.unregister(self)

    def dismiss(self) -> bool:
        """Write the refusal, and close. Return False if the connection was closing already."""
        if self._transport is None or self._transport.is_closing():
            return False
        encoding = self._listener.encoding(self._received)
        clock = self._listener.hub.clock
        now = clock.now()
        code, text = self._refused
        refusal = Refusal(now, code, text, utc_offset_seconds=clock.utc_offset_seconds(now))
        goodbye = Goodbye(now, "refused", text)
        words = clock.text(now)
        self._transport.write(encoding.one(refusal, words, "") + encoding.one(goodbye, words, ""))
        self._transport.close()
        return True

    def close_if_unnamed(self) -> None:
        """Close at once: it has no member."""
        self.abort()

    def abort(self) -> None:
        """Close at once."""
        if self._transport is not None:
            self._transport.abort()

    def _comes_back(self, data: bytes) -> bool:
        """Hand the transport over if the first line resumes a session and there is room; return whether it did."""
        line, newline, _ = data.partition(b"\n")
        commands = JsonDecoder(self._listener.limits).receive(line + newline)
        transport = self._transport
        if transport is None or not commands or not isinstance(commands[0], Resume):
            return False
        if not self._listener.readmit(transport, self._host, data):
            return False
        self._transport = None  # another protocol serves it now
        self.connection_lost(None)
        return True
