"""Those who are turned away: each is told why in its own encoding, as soon as it shows how it reads.

They are few at a time, so that a flood of them costs little; what comes past that is closed without a word. One whose
first line resumes a session is no newcomer: it is let in, where a seat that it holds would otherwise be lost to the
flood.
"""

import asyncio
from typing import NamedTuple, Protocol, cast

from antechamber.codec import Encoding
from antechamber.codec.jsonl import JsonDecoder
from antechamber.gateway.file_descriptors import visitors_max
from antechamber.gateway.foreign_protocol import is_foreign
from antechamber.gateway.transport import Served
from antechamber.hub.hub import Hub
from antechamber.protocol.commands import Resume
from antechamber.protocol.limits import Limits
from antechamber.protocol.notices import Goodbye, Refusal

WAIT_SECONDS = 2.0
"""How long one is waited for to say its first line; if it has said nothing, it is told in plain text."""


class Refused(NamedTuple):
    """Why a connection is not let in: `code` for programs, `text` for people."""

    code: str
    text: str


class RejectingListener(Protocol):
    """What visitors have come to."""

    hub: Hub
    limits: Limits
    loop: asyncio.AbstractEventLoop
    reads_lines: bool

    def encoding(self, begun: bytes) -> Encoding:
        """Return how one reads whose first bytes are `begun`."""

    def welcome(self, guest: "RejectedConnection") -> None:
        """Put a connection on the list of those that are open."""

    def forget(self, guest: "RejectedConnection") -> None:
        """Take it off."""

    def let_back_in(self, transport: asyncio.Transport, host: str, data: bytes) -> bool:
        """Admit a connection whose first bytes, `data`, resume a session; return whether that was possible."""


class RejectedConnections:
    """The visitors of all gateways together, in the order in which they came. One counts until it has gone."""

    def __init__(self) -> None:
        self._visitors: dict[RejectedConnection, None] = {}

    def add(self, visitor: "RejectedConnection") -> bool:
        """Add a connection and return True if there is room; otherwise dismiss the first one, which makes room."""
        if len(self._visitors) < visitors_max():
            self._visitors[visitor] = None
            return True
        for first in self._visitors:
            if first.dismiss():
                break
        return False

    def discard(self, visitor: "RejectedConnection") -> None:
        """Remove a connection that has ended."""
        self._visitors.pop(visitor, None)


class RejectedConnection(Served):
    """A connection that is not let in."""

    def __init__(self, door: RejectingListener, rejected: RejectedConnections, host: str, refused: Refused) -> None:
        self._door = door
        self._doorstep = rejected
        self._host = host
        self._refused = refused
        self._transport: asyncio.Transport | None = None
        self._received = b""
        """Its first line, as far as it has come."""
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for its first words."""
        self._transport = cast(asyncio.Transport, transport)
        self._timer = self._door.loop.call_later(WAIT_SECONDS, self.dismiss)
        self._door.welcome(self)

    def data_received(self, data: bytes) -> None:
        """Admit a connection that resumes a session, and tell any other why it is rejected."""
        self._received = data = (self._received + data).lstrip()
        if not data:
            return
        if data[0] == ord("{"):
            if b"\n" not in data and len(data) <= self._door.limits.line_bytes_max:
                return  # the rest of the line may say that it comes back
            if self._comes_back(data):
                return
        elif self._door.reads_lines and is_foreign(data):
            self.abort()
            return
        self.dismiss()

    def eof_received(self) -> bool:
        """Answer what has come: there is no more."""
        self.dismiss()
        return False

    def pause_writing(self) -> None:
        """Close one at once that reads nothing of what it is told."""
        self.abort()

    def unread(self, seconds: float) -> None:
        """Close one at once that reads nothing of what it is told."""
        self.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Make room for another."""
        if self._timer is not None:
            self._timer.cancel()
        self._doorstep.discard(self)
        self._door.forget(self)

    def dismiss(self) -> bool:
        """Tell it why it is not let in, and close; return whether that had yet to be done, and could be."""
        if self._transport is None or self._transport.is_closing():
            return False
        encoding = self._door.encoding(self._received)
        clock = self._door.hub.clock
        now = clock.now()
        code, text = self._refused
        refusal = Refusal(now, code, text, utc_offset_seconds=clock.utc_offset_seconds(now))
        goodbye = Goodbye(now, "refused", text)
        words = clock.text(now)
        self._transport.write(encoding.one(refusal, words, "") + encoding.one(goodbye, words, ""))
        self._transport.close()
        return True

    def close_if_unnamed(self) -> None:
        """Close a connection that is nobody's."""
        self.abort()

    def abort(self) -> None:
        """Close at once."""
        if self._transport is not None:
            self._transport.abort()

    def _comes_back(self, data: bytes) -> bool:
        """Hand one over whose first line resumes a session; return whether it does, and may."""
        line, newline, _ = data.partition(b"\n")
        commands = JsonDecoder(self._door.limits).receive(line + newline)
        transport = self._transport
        if transport is None or not commands or not isinstance(commands[0], Resume):
            return False
        if not self._door.let_back_in(transport, self._host, data):
            return False
        self._transport = None  # it is another's
        self.connection_lost(None)
        return True
