"""A channel's port: JSON lines where the first byte is `{`, plain text otherwise."""

import asyncio
import logging
import socket
from collections.abc import Sequence
from typing import Any, cast

from antechamber.codec import Decoder, Encoding
from antechamber.codec.jsonl import JSON, JsonDecoder
from antechamber.codec.plain import PLAIN, PlainDecoder
from antechamber.commands import Leave
from antechamber.events import Goodbye
from antechamber.hub import Hub
from antechamber.limits import Limits
from antechamber.session import GONE, Session

_ACCEPTS_A_PASS = 256
"""How many are let in before those are served who are in."""
_REST_SECONDS = 1.0
"""How long nobody is let in once the system has run out of open files, or the like."""
_logger = logging.getLogger(__name__)


class Connection(asyncio.Protocol):
    """One TCP connection to a channel's port."""

    __slots__ = ("_decoder", "_door", "_hello_timer", "_session", "_transport")

    def __init__(self, door: "Door") -> None:
        self._door = door
        self._session: Session | None = None
        self._decoder: Decoder | None = None
        self._hello_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Give the peer its time to name itself."""
        door = self._door
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(high=door.limits.outbox_bytes_max)
        self._hello_timer = door.loop.call_later(door.limits.hello_seconds_max, self._give_up)
        door.connections.add(self)

    def data_received(self, data: bytes) -> None:
        """Decode what came, and hand the commands to the hub."""
        if self._decoder is None or self._session is None:
            data = data.lstrip()
            if not data:
                return
            self._session, self._decoder = self._begin(data[0] == ord("{"))
        if commands := self._decoder.receive(data):
            self._door.hub.submit(self._session, commands)
            if self._hello_timer is not None:
                self._door.loop.call_soon(self._stop_waiting_for_hello)  # after the hub's turn

    def eof_received(self) -> bool:
        """Take the end of the peer's input as the end of the connection."""
        return False

    def pause_writing(self) -> None:
        """Close a slow consumer: its outbox has passed its bound."""
        session = self._session
        if session is not None and not session.closed:
            session.closed = True
            self._say_goodbye(session, "slow", "You were disconnected: you read too slowly.")
            self._door.hub.submit(session, [Leave("lost")])

    def connection_lost(self, exc: Exception | None) -> None:
        """Free the seat or place at once."""
        self._door.forget(self)
        if self._hello_timer is not None:
            self._hello_timer.cancel()
            self._hello_timer = None
        if self._session is not None:
            self._session.transport = GONE
            self._door.hub.submit(self._session, [Leave("lost")])

    def close_if_unnamed(self) -> None:
        """Close a connection that no goodbye will reach, since it is nobody's yet."""
        if self._session is None or not self._session.channel:
            self._transport.close()

    def abort(self) -> None:
        """Close at once."""
        self._transport.abort()

    def _begin(self, json: bool) -> tuple[Session, Decoder]:
        door = self._door
        encoding: Encoding = JSON if json else PLAIN
        decoder: Decoder = JsonDecoder(door.limits) if json else PlainDecoder(door.limits)
        return Session(self._transport, encoding, door.channel), decoder

    def _stop_waiting_for_hello(self) -> None:
        if self._hello_timer is not None and self._session is not None and self._session.name:
            self._hello_timer.cancel()
            self._hello_timer = None

    def _give_up(self) -> None:
        self._hello_timer = None
        session = self._session or Session(self._transport, PLAIN, self._door.channel)
        if session.name or session.closed:
            return
        session.closed = True
        self._say_goodbye(session, "silent", "You were disconnected: you did not say who you are.")

    def _say_goodbye(self, session: Session, reason: Any, text: str) -> None:
        """Say why, in place of a turn: what is in the outbox goes first, in the time a closed session has."""
        door = self._door
        now = door.hub.clock.now()
        goodbye = Goodbye(now, reason, text)
        self._transport.write(session.encoding.one(goodbye, door.hub.clock.text(now), session.name))
        self._transport.close()
        door.loop.call_later(door.limits.linger_seconds_max, self._transport.abort)
        session.transport = GONE  # the turns until it has left write to it still, and nothing follows a goodbye


class Door:
    """A channel's listening sockets, and what their connections share."""

    def __init__(self, channel: str, sockets: Sequence[socket.socket], hub: Hub, limits: Limits) -> None:
        self.channel = channel
        self.hub = hub
        self.limits = limits
        self.connections: set[Connection] = set()
        self._sockets = list(sockets)
        self._entering: set[asyncio.Task[Any]] = set()
        self._drained: asyncio.Future[None] | None = None

    def open(self) -> None:
        """Begin to answer those who knock. Called in the event loop."""
        self.loop = asyncio.get_running_loop()
        for listener in self._sockets:
            self.loop.add_reader(listener, self._accept, listener)

    def _accept(self, listener: socket.socket) -> None:
        """Let all in who have knocked.

        The event loop's own server lets one in at each pass, so that in a rush each hello would be a turn by itself,
        and the rush would cost members x members.
        """
        for _ in range(_ACCEPTS_A_PASS):
            try:
                peer, _address = listener.accept()
            except ConnectionAbortedError:
                continue
            except (BlockingIOError, InterruptedError):
                return
            except OSError as error:
                _logger.error("nobody can be let in", extra={"channel": self.channel, "why": str(error)})
                self.loop.remove_reader(listener)
                self.loop.call_later(_REST_SECONDS, self._accept_again, listener)
                return
            peer.setblocking(False)
            task = self.loop.create_task(self._enter(peer))
            self._entering.add(task)
            task.add_done_callback(self._entering.discard)

    def _accept_again(self, listener: socket.socket) -> None:
        if listener.fileno() >= 0:
            self.loop.add_reader(listener, self._accept, listener)

    async def _enter(self, peer: socket.socket) -> None:
        try:
            await self.loop.connect_accepted_socket(lambda: Connection(self), peer)
        except OSError:  # it has gone already
            peer.close()

    def close(self) -> None:
        """Answer nobody any more; the connections that are open go on."""
        for listener in self._sockets:
            self.loop.remove_reader(listener)
            listener.close()
        for connection in self.connections:
            connection.close_if_unnamed()

    def forget(self, connection: Connection) -> None:
        """Take a connection off the list of those that are open."""
        self.connections.discard(connection)
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
