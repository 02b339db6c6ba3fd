"""The chat connection and its listener, which all gateways share.

A connection must name itself in time, stay within its rate limit, and read in time. If it is closed, it is told why.
The listener chooses its encoding and decoder.
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
"""How many lines of one connection are read before other connections are served, so that a flood delays none."""
_LINES = re.compile(rb"(?:[^\r\n]*+(?:\r\n?+|\n)){%d}" % LINES_AT_ONCE)
_REFUSALS_PER_SECOND = 1_000
"""How fast refusals go to a session that sends too fast. It is not read from meanwhile, so that a flood costs less."""
_RESUME_BURST = 5
"""Commands that may come with a resume, before the member's own rate limit is restored."""


class Connection(Served):
    """One admitted connection. It has a session once its first bytes have shown its encoding."""

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

    def __init__(self, listener: "Listener", host: str) -> None:
        self._listener = listener
        self._limits = listener.limits
        self._host = sys.intern(host)  # many connections may share it
        self._begun = b""
        """The beginning of a first line that is still incomplete."""
        self._heard = False
        """Whether its first command was received."""
        self._resume_pace: RateLimit | None = None
        """The rate limit of a resuming connection, until the member's own replaces it."""
        self._session: Session | None = None
        self._decoder: Decoder | None = None
        self._hello_timer: asyncio.TimerHandle | None = None

    @property
    def is_known(self) -> bool:
        """Whether the peer has named itself."""
        return self._session is not None and self._session.is_known

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Register the connection, and start the time limit for its hello."""
        listener, limits = self._listener, self._limits
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(high=limits.outbox_bytes_max)
        self._hello_timer = listener.loop.call_later(limits.hello_seconds_max, self._give_up)
        listener.register(self)

    def data_received(self, data: bytes) -> None:
        """Decode up to LINES_AT_ONCE lines, submit their commands to the hub, and put the rest back for later."""
        if self._decoder is None or self._session is None:
            data = (self._begun + data).lstrip()
            if not data or not self._is_for_this_port(data):
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
        """Return False: the end of the peer's input ends the connection."""
        return False

    def pause_writing(self) -> None:
        """Close a slow consumer, whose outbox has exceeded its bound."""
        session = self._session
        if session is None:
            self._transport.abort()
        elif not session.closed:
            session.closed = True
            self._say_goodbye(session, "slow", "You were disconnected: you read too slowly.")
            self._listener.hub.submit(session, [Leave("lost")])

    def unread(self, seconds: float) -> None:
        """Close a connection that has read nothing for too long: it is a slow consumer, too."""
        if seconds >= self._limits.unread_seconds_max:
            self.pause_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Unregister the connection, and submit its departure to the hub."""
        self._listener.unregister(self)
        self._listener.admission.leave(self._host)
        if self._hello_timer is not None:
            self._hello_timer.cancel()
            self._hello_timer = None
        if self._session is not None:
            self._session.transport = GONE
            self._listener.hub.submit(self._session, [Leave("lost")])

    def close_if_unnamed(self) -> None:
        """Close the connection if it has no member, whom the hub would tell goodbye."""
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

    def _is_for_this_port(self, begun: bytes) -> bool:
        """Return whether the first line is of this port's protocol. Abort the connection if it is HTTP or TLS."""
        is_others = self._listener.reads_lines and not begun.startswith(b"{") and is_foreign(begun)
        self._begun = begun if is_others is None else b""
        if is_others:
            self._transport.abort()
        return is_others is False

    def _begin(self, begun: bytes) -> tuple[Session, Decoder]:
        listener = self._listener
        encoding = listener.encoding(begun)
        session = Session(self._transport, encoding, listener.channel, may_hold=listener.may_hold)
        session.host = self._host
        return session, listener.decoder(encoding, self._limits)

    def _set_pace(self, session: Session, *, resumes: bool) -> None:
        """Start the rate limit. A connection that `resumes` has a small burst, so that reconnecting gains nothing."""
        per_second, burst = self._limits.commands_per_second_max, self._limits.commands_burst_max
        if per_second:
            left = min(burst, _RESUME_BURST) if resumes else burst
            session.pace = RateLimit(per_second, burst, self._listener.hub.clock.steady(), left)
            self._resume_pace = session.pace if resumes else None

    def _within(self, session: Session, commands: Sequence[Command]) -> Sequence[Command]:
        """Return the commands, with a refusal in place of each that exceeds the rate limit.

        The first quit passes in any case, since it reduces the load.
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
        """Return the text of a refusal for the rate limit that `lacks`."""
        if lacks == "session":
            sender, most = "You are", self._limits.commands_per_second_max
        else:
            sender = "Your address is"
            most = self._listener.hub.budgets.limits.now.address_commands_per_second_max
        return f"{sender} sending too fast, so this was not done: at most {most:g} a second are taken. Wait a moment."

    def _singly(self, commands: Sequence[Command]) -> Sequence[Command]:
        """Return the commands, with each that stands for several split up."""
        return commands

    def _quits(self, command: Command) -> bool:
        """Return whether a command is a quit."""
        return type(command) is Quit

    def _stop_waiting_for_hello(self) -> None:
        session = self._session
        if self._hello_timer is not None and session is not None and session.name:
            self._hello_timer.cancel()
            self._hello_timer = None
            # Only an earlier server process knew the member's rate limit.
            if self._resume_pace is not None and session.pace is self._resume_pace:
                self._set_pace(session, resumes=False)

    def _give_up(self) -> None:
        self._hello_timer = None
        listener = self._listener
        session = self._session or Session(self._transport, listener.encoding(b""), listener.channel)
        if session.name or session.closed:
            return
        if listener.hub.subscriptions.watches(session) or listener.hub.keeps_waiting(session):  # for as long as it does
            self._hello_timer = listener.loop.call_later(self._limits.hello_seconds_max, self._give_up)
            return
        session.closed = True
        self._say_goodbye(session, "silent", "You were disconnected: you did not say who you are.")

    def _say_goodbye(self, session: Session, reason: GoodbyeReason, text: str) -> None:
        """Write a goodbye, outside any turn, and close once the outbox is sent or the linger time is over."""
        listener = self._listener
        now = listener.hub.clock.now()
        goodbye = Goodbye(now, reason, text)
        self._transport.write(session.encoding.one(goodbye, listener.hub.clock.text(now), session.name))
        self._transport.close()
        listener.loop.call_later(self._limits.linger_seconds_max, self._transport.abort)
        session.transport = GONE  # nothing follows a goodbye, but turns write to the session until it has left


AnyConnection = Connection | RejectedConnection


class Listener(ABC):
    """A listener: its connections, and what they share.

    `limits` may be replaced: a connection keeps the limits that it began with.
    """

    may_hold = True
    """Whether seats and places of members who connect here are held after their connection is lost."""
    reads_lines = True
    """Whether clients write bare lines to the socket, so that HTTP or TLS shows in the first line."""
    farewell: tuple[GoodbyeReason, str] | None = None
    """The goodbye to connections without a member when the listener closes; None if they get none."""

    def __init__(self, channel: str, hub: Hub, limits: Limits, admission: Admission) -> None:
        self.channel = channel
        """The channel that connections enter here, or "" if their hello names it."""
        self.hub = hub
        self.limits = limits
        self.admission = admission
        self.connections: dict[AnyConnection, None] = {}
        """The open connections, oldest first."""
        self.closed = False
        self._drained: asyncio.Future[None] | None = None

    def open(self) -> None:
        """Start accepting connections. Called in the event loop."""
        self.loop = asyncio.get_running_loop()

    @abstractmethod
    def encoding(self, begun: bytes) -> Encoding:
        """Return the encoding of a connection whose first bytes are `begun`; b"" if it has sent nothing."""

    @abstractmethod
    def decoder(self, encoding: Encoding, limits: Limits) -> Decoder:
        """Return a decoder for connections with this encoding."""

    def connection(self, host: str) -> Connection:
        """Return the protocol of an admitted connection from the address with the cloak `host`."""
        return Connection(self, host)

    def accept(self, address: str) -> AnyConnection | None:
        """Return the protocol of a new connection, or None to close it at once if too many came of late."""
        return self.admit(address) if self.hub.budgets.spend("connections", self.hub.cloak(address)) else None

    def admit(self, address: str) -> AnyConnection | None:
        """Return the protocol of a new connection from `address`, admitted or rejected; None to close it at once."""
        host = self.hub.cloak(address)
        refused = self.admission.enter(host)
        if refused is None:
            return self.connection(host)
        rejected = RejectedConnection(self, self.admission.rejected, host, refused)
        return rejected if self.admission.rejected.add(rejected) else None

    def readmit(self, transport: asyncio.Transport, host: str, data: bytes) -> bool:
        """Admit a rejected connection whose first bytes, `data`, resume a session; return False if there is no room."""
        if not self.admission.enter_again(host):
            return False
        connection = self.connection(host)
        transport.set_protocol(connection)
        connection.connection_made(transport)
        connection.data_received(data)
        return True

    def close(self) -> None:
        """Stop accepting, and close unnamed connections; named ones go on."""
        self.closed = True
        for connection in list(self.connections):
            connection.close_if_unnamed()

    def register(self, connection: AnyConnection) -> None:
        """Add an open connection."""
        self.connections[connection] = None
        if self.closed:  # accepted before the listener closed
            connection.close_if_unnamed()

    def unregister(self, connection: AnyConnection) -> None:
        """Remove a connection that has ended."""
        self.connections.pop(connection, None)
        if self._drained is not None and not self.connections and not self._drained.done():
            self._drained.set_result(None)

    async def drained(self) -> None:
        """Wait until every connection has ended."""
        if self.connections:
            self._drained = self.loop.create_future()
            await self._drained

    def abort(self) -> None:
        """Close every connection at once."""
        for connection in list(self.connections):
            connection.abort()


def _may_resume(command: Command) -> bool:
    """Return whether a first command may resume a membership; so may a hello with a key, whose answer was lost."""
    return isinstance(command, Resume) or (isinstance(command, Hello) and bool(command.key))
