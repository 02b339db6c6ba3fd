"""Connections and listeners: what all ports have in common.

A connection must say hello in time, keep to its rate limit and read in time, and is told why if it is closed. The
encoding of its bytes is up to the listener.
"""

import asyncio
import re
import sys
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Literal, cast

from antechamber.codec import Decoder, Encoding
from antechamber.gateway.admission import Admission
from antechamber.gateway.foreign_protocol import is_foreign
from antechamber.gateway.rejection import RejectedConnection
from antechamber.gateway.transport import PutsBack, Served
from antechamber.hub.hub import Hub
from antechamber.protocol.commands import Command, Hello, Leave, Malformed, Quit, Resume
from antechamber.protocol.limits import Limits
from antechamber.protocol.notices import Goodbye, GoodbyeReason
from antechamber.session.rate_limit import RateLimit
from antechamber.session.session import GONE, Session

LINES_AT_ONCE = 64
"""How many lines of a connection are read at once; a flood is cut into pieces of this size."""
_LINES = re.compile(rb"(?:[^\r\n]*+(?:\r\n?+|\n)){%d}" % LINES_AT_ONCE)
_REFUSALS_PER_SECOND = 1_000
"""How many refusals a second a session gets that sends too fast; it is not read from in the meantime."""
_RESUME_BURST = 5
"""Commands that pass with a resume, before the rate limit of the member is known."""


class Connection(Served):
    """A connection that was admitted. It becomes a session with its first bytes, which show its encoding."""

    __slots__ = (
        "_begun",
        "_decoder",
        "_heard",
        "_hello_timer",
        "_host",
        "_limits",
        "_listener",
        "_resume_pace",
        "_session",
        "_transport",
    )

    def __init__(self, entrance: "Listener", host: str) -> None:
        self._listener = entrance
        self._limits = entrance.limits
        self._host = sys.intern(host)  # many connections may come from one host
        self._begun = b""
        """The beginning of an incomplete first line, which is judged once it is complete."""
        self._heard = False
        """Whether the first command has come."""
        self._resume_pace: RateLimit | None = None
        """The preliminary rate limit of a resuming connection, until it has the member's."""
        self._session: Session | None = None
        self._decoder: Decoder | None = None
        self._hello_timer: asyncio.TimerHandle | None = None

    @property
    def is_known(self) -> bool:
        """Whether the peer has said who it is."""
        return self._session is not None and self._session.is_known

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start the time in which the peer must say hello."""
        entrance, limits = self._listener, self._limits
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(high=limits.outbox_bytes_max)
        self._hello_timer = entrance.loop.call_later(limits.hello_seconds_max, self._give_up)
        entrance.welcome(self)

    def data_received(self, data: bytes) -> None:
        """Decode what came, and hand the commands to the hub: some lines now, and the rest in a later pass."""
        if self._decoder is None or self._session is None:
            data = (self._begun + data).lstrip()
            if not data or not self._is_for_this_door(data):
                return
            self._session, self._decoder = self._begin(data)
        if (
            len(data) > LINES_AT_ONCE
            and data.count(b"\n") + data.count(b"\r") > LINES_AT_ONCE
            and (lines := _LINES.match(data)) is not None
            and lines.end() < len(data)
        ):
            cast(PutsBack, self._transport).put_back(data[lines.end() :])
            data = lines[0]
        if commands := self._decoder.receive(data):
            session = self._session
            if not self._heard:
                self._heard = True
                self._set_pace(session, resumes=_may_resume(commands[0]))
            self._listener.hub.submit(session, self._within(session, commands))
            if self._hello_timer is not None:
                self._listener.loop.call_soon(self._stop_waiting_for_hello)  # after the hub's turn

    def eof_received(self) -> bool:
        """Take the end of the peer's input as the end of the connection."""
        return False

    def pause_writing(self) -> None:
        """Close a slow consumer, whose outbox is full."""
        session = self._session
        if session is None:
            self._transport.abort()
        elif not session.closed:
            session.closed = True
            self._say_goodbye(session, "slow", "You were disconnected: you read too slowly.")
            self._listener.hub.submit(session, [Leave("lost")])

    def unread(self, seconds: float) -> None:
        """Close a slow consumer that has read nothing for too long."""
        if seconds >= self._limits.unread_seconds_max:
            self.pause_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the hub, and stop counting the connection."""
        self._listener.forget(self)
        self._listener.admission.leave(self._host)
        if self._hello_timer is not None:
            self._hello_timer.cancel()
            self._hello_timer = None
        if self._session is not None:
            self._session.transport = GONE
            self._listener.hub.submit(self._session, [Leave("lost")])

    def close_if_unnamed(self) -> None:
        """Close a connection that is not a member's, so that the hub will send it no goodbye."""
        session = self._session
        if session is None or session.closed:
            self._transport.close()
        elif not session.channel and not self._listener.hub.subscriptions.watches(session):
            farewell = self._listener.farewell
            if farewell is None:
                self._transport.close()
            else:
                session.closed = True
                self._say_goodbye(session, *farewell)

    def abort(self) -> None:
        """Close at once."""
        self._transport.abort()

    def _is_for_this_door(self, begun: bytes) -> bool:
        """Return whether the first line is of this protocol; if it is of another, close the connection."""
        is_others = self._listener.reads_lines and not begun.startswith(b"{") and is_foreign(begun)
        self._begun = begun if is_others is None else b""
        if is_others:
            self._transport.abort()
        return is_others is False

    def _begin(self, begun: bytes) -> tuple[Session, Decoder]:
        entrance = self._listener
        encoding = entrance.encoding(begun)
        session = Session(self._transport, encoding, entrance.channel, may_hold=entrance.may_hold)
        session.host = self._host
        return session, entrance.decoder(encoding, self._limits)

    def _set_pace(self, session: Session, *, resumes: bool) -> None:
        """Start the rate limit. It is slow for a resume, so that repeated resumes do not get a burst each."""
        per_second, burst = self._limits.commands_per_second_max, self._limits.commands_burst_max
        if per_second:
            left = min(burst, _RESUME_BURST) if resumes else burst
            session.pace = RateLimit(per_second, burst, self._listener.hub.clock.steady(), left)
            self._resume_pace = session.pace if resumes else None

    def _within(self, session: Session, commands: Sequence[Command]) -> Sequence[Command]:
        """Return the commands, with a refusal in place of each that exceeds the rate limit.

        The first quit among those passes, as it leads to less work.
        """
        budgets = self._listener.hub.budgets
        limits = budgets.limits.now
        if session.pace is None and not limits.address_commands_per_second_max:
            return commands
        host = "" if session.operator else session.host
        cost, most = sum([command.cost for command in commands]), limits.address_commands_burst_max
        fits = cost <= most and (session.pace is None or cost <= self._limits.commands_burst_max)
        if fits and not budgets.afford(session.pace, host, cost):
            return commands
        taken: list[Command] = []
        refused, has_quit = 0, False
        for command in self._singly(commands):
            if not (lacks := budgets.afford(session.pace, host, command.cost)):
                taken.append(command)
            elif self._quits(command) and not has_quit:
                has_quit = True
                taken.append(command)
            else:
                refused += 1
                taken.append(Malformed("too-fast", self._too_fast(lacks), getattr(command, "id", "")))
        if refused:
            self._transport.pause_reading()
            self._listener.loop.call_later(refused / _REFUSALS_PER_SECOND, self._transport.resume_reading)
        return taken

    def _too_fast(self, lacks: Literal["session", "address"]) -> str:
        """Return the text of the refusal."""
        if lacks == "session":
            most = self._limits.commands_per_second_max
            return f"You are sending too fast, so this was not done: {most:g} a second are. Wait a moment."
        most = self._listener.hub.budgets.limits.now.address_commands_per_second_max
        return f"Your address is sending too fast, so this was not done: {most:g} a second are. Wait a moment."

    def _singly(self, commands: Sequence[Command]) -> Sequence[Command]:
        """Return the commands one by one, if any of them stands for several."""
        return commands

    def _quits(self, command: Command) -> bool:
        """Return whether a command asks to leave."""
        return type(command) is Quit

    def _stop_waiting_for_hello(self) -> None:
        session = self._session
        if self._hello_timer is not None and session is not None and session.name:
            self._hello_timer.cancel()
            self._hello_timer = None
            if (
                self._resume_pace is not None and session.pace is self._resume_pace
            ):  # the token is of an earlier process, which knew the member's own
                self._set_pace(session, resumes=False)

    def _give_up(self) -> None:
        self._hello_timer = None
        entrance = self._listener
        session = self._session or Session(self._transport, entrance.encoding(b""), entrance.channel)
        if session.name or session.closed:
            return
        if entrance.hub.subscriptions.watches(session) or entrance.hub.keeps_waiting(
            session
        ):  # it has time as long as it does that
            self._hello_timer = entrance.loop.call_later(self._limits.hello_seconds_max, self._give_up)
            return
        session.closed = True
        self._say_goodbye(session, "silent", "You were disconnected: you did not say who you are.")

    def _say_goodbye(self, session: Session, reason: GoodbyeReason, text: str) -> None:
        """Send a goodbye outside a turn, after the rest of the outbox, and close."""
        entrance = self._listener
        now = entrance.hub.clock.now()
        goodbye = Goodbye(now, reason, text)
        self._transport.write(session.encoding.one(goodbye, entrance.hub.clock.text(now), session.name))
        self._transport.close()
        entrance.loop.call_later(self._limits.linger_seconds_max, self._transport.abort)
        session.transport = GONE  # later turns still write to it, and nothing may follow a goodbye


AnyConnection = Connection | RejectedConnection


class Listener(ABC):
    """A port, or another way in: what its connections share, and the list of them.

    `limits` may be replaced; a connection keeps those that it began with.
    """

    may_hold = True
    """Whether members who come in here may resume after a lost connection."""
    reads_lines = True
    """Whether peers write lines to it directly, so that the first line shows if it is another protocol."""
    farewell: tuple[GoodbyeReason, str] | None = None
    """The goodbye of connections without a membership when it closes; None for none."""

    def __init__(self, channel: str, hub: Hub, limits: Limits, admission: Admission) -> None:
        self.channel = channel
        """The channel that peers enter here; "" if their hello names it."""
        self.hub = hub
        self.limits = limits
        self.admission = admission
        self.guests: dict[AnyConnection, None] = {}
        """The open connections, in the order in which they came."""
        self.closed = False
        self._drained: asyncio.Future[None] | None = None

    def open(self) -> None:
        """Begin to accept connections. Call it in the event loop."""
        self.loop = asyncio.get_running_loop()

    @abstractmethod
    def encoding(self, begun: bytes) -> Encoding:
        """Return the encoding for a connection whose first bytes are `begun`, empty if it has sent nothing."""

    @abstractmethod
    def decoder(self, encoding: Encoding, limits: Limits) -> Decoder:
        """Return a new decoder for a connection with that encoding."""

    def connection(self, host: str) -> Connection:
        """Return the protocol for an admitted connection from the address with this cloak."""
        return Connection(self, host)

    def knock(self, address: str) -> AnyConnection | None:
        """Return the protocol for a new connection from an IP address, None to close it at once."""
        return self.guest(address) if self.hub.budgets.spend("connections", self.hub.cloak(address)) else None

    def guest(self, address: str) -> AnyConnection | None:
        """Return the protocol for a connection that is within its budget, None to close it at once."""
        host = self.hub.cloak(address)
        refused = self.admission.enter(host)
        if refused is None:
            return self.connection(host)
        visitor = RejectedConnection(self, self.admission.rejected, host, refused)
        return visitor if self.admission.rejected.add(visitor) else None

    def let_back_in(self, transport: asyncio.Transport, host: str, data: bytes) -> bool:
        """Admit a connection whose first bytes, `data`, resume a session; return whether that was possible."""
        if not self.admission.enter_again(host):
            return False
        connection = self.connection(host)
        transport.set_protocol(connection)
        connection.connection_made(transport)
        connection.data_received(data)
        return True

    def close(self) -> None:
        """Stop accepting connections; those of members go on."""
        self.closed = True
        for guest in list(self.guests):
            guest.close_if_unnamed()

    def welcome(self, guest: AnyConnection) -> None:
        """Add a connection to the open ones."""
        self.guests[guest] = None
        if self.closed:  # it was accepted before
            guest.close_if_unnamed()

    def forget(self, guest: AnyConnection) -> None:
        """Remove a connection from the open ones."""
        self.guests.pop(guest, None)
        if self._drained is not None and not self.guests and not self._drained.done():
            self._drained.set_result(None)

    async def drained(self) -> None:
        """Wait until every connection has ended."""
        if self.guests:
            self._drained = self.loop.create_future()
            await self._drained

    def abort(self) -> None:
        """Close every connection at once."""
        for guest in list(self.guests):
            guest.abort()


def _may_resume(command: Command) -> bool:
    """Return whether a first command may resume a membership; a repeated hello may, too."""
    return isinstance(command, Resume) or (isinstance(command, Hello) and bool(command.key))
