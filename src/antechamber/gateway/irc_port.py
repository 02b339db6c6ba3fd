"""The listener of IRC's port, and its connections: keep-alive by PING, and the end of each."""

import asyncio
import socket
import sys
from collections.abc import Sequence
from typing import Final

from antechamber.codec import Decoder, Encoding
from antechamber.codec.irc.decoding import SERVER_NAME, Burst, IrcDecoder, Line, message
from antechamber.codec.irc.encoding import Encodings
from antechamber.gateway.acceptor import Acceptor
from antechamber.gateway.admission import Admission
from antechamber.gateway.connection import Connection, Listener
from antechamber.hub.hub import Hub
from antechamber.irc.dispatch import PARAMETERS
from antechamber.irc.users import User
from antechamber.protocol.commands import Command, Leave
from antechamber.protocol.limits import Limits
from antechamber.protocol.notices import GoodbyeReason
from antechamber.session.session import GONE, Session

SWEEP_SECONDS: Final = 30
"""How often all connections are checked at once: a timer for each would cost far more."""
PING_SECONDS: Final = 120
"""Seconds of silence after which a client gets a PING (RFC 2812, 3.7.2); a multiple of SWEEP_SECONDS."""
SILENCE_SECONDS_MAX: Final = 240
"""Seconds of silence after which a client is disconnected; a multiple of SWEEP_SECONDS."""
_PING = message("", "PING", SERVER_NAME, trailing=True)
_SILENT = f"Ping timeout: {SILENCE_SECONDS_MAX} seconds"


class IrcConnection(Connection):
    """The connection of one IRC client. Its session is a `User`."""

    __slots__ = ("_sweeps",)

    def __init__(self, listener: "IrcPort", host: str) -> None:
        super().__init__(listener, host)
        self._sweeps = 0
        """The number of sweeps since the client last sent something."""

    def data_received(self, data: bytes) -> None:
        """Reset the silence, and handle the data."""
        self._sweeps = 0
        super().data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Detach the memberships, which share the transport, and end the connection."""
        _detach(self._session)
        super().connection_lost(exc)

    def close_if_unnamed(self) -> None:
        """Close the connection if it has no nick. Others go on, or get their goodbye from the hub."""
        session = self._session
        if session is None:
            self._transport.close()
        elif not session.name and not session.closed:
            self._end(session, "shutdown", "This port is closed.")

    def end(self) -> None:
        """Write a goodbye for the server's shutdown, and close."""
        if (session := self._session) is not None and not session.closed:
            self._end(session, "shutdown", "The server shuts down.")

    def sweep(self) -> None:
        """Send a PING after PING_SECONDS of silence, and disconnect after SILENCE_SECONDS_MAX."""
        session = self._session
        if session is None or not session.name or session.closed:
            return  # without a nick, the time limit for the hello applies
        self._sweeps += 1
        if self._sweeps == PING_SECONDS // SWEEP_SECONDS:
            self._transport.write(_PING)
        elif self._sweeps >= SILENCE_SECONDS_MAX // SWEEP_SECONDS:
            self._end(session, "silent", _SILENT)
            self._listener.hub.submit(session, [Leave("lost", _SILENT)])

    def _end(self, session: Session, reason: GoodbyeReason, text: str) -> None:
        session.closed = True
        self._say_goodbye(session, reason, text)

    def _begin(self, begun: bytes) -> tuple[Session, Decoder]:
        listener = self._listener
        encoding = listener.encoding(begun)
        user = User(self._transport, encoding, self._host)
        user.reached_at = _address(self._transport)
        return user, listener.decoder(encoding, self._limits)

    def _singly(self, commands: Sequence[Command]) -> Sequence[Command]:
        """Return the commands, with each burst split into its texts."""
        single: list[Command] = []
        for command in commands:
            if type(command) is Burst:
                single += [Line("PRIVMSG", (command.target, text)) for text in command.texts]
            else:
                single.append(command)
        return single

    def _quits(self, command: Command) -> bool:
        return type(command) is Line and command.command == "QUIT"

    def _say_goodbye(self, session: Session, reason: GoodbyeReason, text: str) -> None:
        super()._say_goodbye(session, reason, text)
        _detach(session)


def _address(transport: asyncio.Transport) -> str:
    """Return the server's address that the client connected to, in the form for a link; "" if there is none."""
    name = transport.get_extra_info("sockname")
    if not isinstance(name, tuple):
        return ""
    return sys.intern(f"[{name[0]}]" if ":" in name[0] else name[0])


class IrcPort(Listener):
    """IRC's listening sockets, and their connections."""

    def __init__(
        self, sockets: Sequence[socket.socket], hub: Hub, encodings: Encodings, limits: Limits, admission: Admission
    ) -> None:
        super().__init__("", hub, limits, admission)
        self._acceptor = Acceptor("IRC", sockets, self.accept)
        self._encoding = encodings.of(0)
        self._sweeping: asyncio.TimerHandle | None = None

    def open(self) -> None:
        """Start accepting connections. Called in the event loop."""
        super().open()
        self._acceptor.open()
        self._sweeping = self.loop.call_later(SWEEP_SECONDS, self._sweep)

    def close(self) -> None:
        """Stop accepting, and close connections without a nick; the others go on."""
        self._acceptor.close()
        super().close()

    def encoding(self, begun: bytes) -> Encoding:
        """Return the encoding without any capability."""
        return self._encoding

    def decoder(self, encoding: Encoding, limits: Limits) -> Decoder:
        """Return a decoder of IRC lines."""
        return IrcDecoder(PARAMETERS)

    def connection(self, host: str) -> Connection:
        """Return the protocol of an admitted connection from the address with the cloak `host`."""
        return IrcConnection(self, host)

    def end(self) -> None:
        """Write a goodbye to every client, once the hub has taken its last turn."""
        for connection in list(self.connections):
            if type(connection) is IrcConnection:
                connection.end()

    def abort(self) -> None:
        """Close every connection at once, and stop the sweep."""
        if self._sweeping is not None:
            self._sweeping.cancel()
        super().abort()

    def _sweep(self) -> None:
        for connection in list(self.connections):
            if type(connection) is IrcConnection:
                connection.sweep()
        if self.connections or not self.closed:
            self._sweeping = self.loop.call_later(SWEEP_SECONDS, self._sweep)


def _detach(session: Session | None) -> None:
    """Discard what turns write to a user's memberships until the user has left them."""
    if session is not None and session.memberships:
        for member in session.memberships.values():
            member.transport = GONE
