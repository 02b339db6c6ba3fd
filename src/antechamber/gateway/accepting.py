"""Letting in those who knock at listening sockets, for every gateway.

All who have knocked come in at each pass. The event loop's own server lets one in a pass, so that in a rush each hello
would be a turn by itself, and the rush would cost members x members. Where the system has run out of open files, it
closes whoever knocks; here they wait.
"""

import asyncio
import logging
import socket
from collections.abc import Callable, Sequence
from typing import cast

from antechamber.gateway.readiness import readiness
from antechamber.gateway.transport import SocketTransport

ACCEPTS_A_PASS = 256
"""How many are let in before those are served who are in."""
REST_SECONDS = 1.0
"""How long nobody is let in once the system has run out of open files, or the like."""
_logger = logging.getLogger(__name__)


class Acceptor:
    """Asks `protocol_for` each IP address that a connection comes from what serves it; None closes it at once.

    It is asked before the next is let in, so that it can bound how many there are. Where a connection has gone before
    it is served, its protocol is told so by `connection_lost` alone. `where` is what the log calls the place. A
    connection's transport is a `SocketTransport`; the event loop's own where `with_loops_transport`, as others'
    protocols ask more of it.
    """

    def __init__(
        self,
        where: str,
        sockets: Sequence[socket.socket],
        protocol_for: Callable[[str], asyncio.BaseProtocol | None],
        *,
        with_loops_transport: bool = False,
    ) -> None:
        self._where = where
        self._sockets = list(sockets)
        self._protocol_for = protocol_for
        self._with_loops_transport = with_loops_transport
        self._entering: set[asyncio.Task[None]] = set()
        self._resting = False

    def open(self) -> None:
        """Begin to answer those who knock. Called in the event loop."""
        self._loop = asyncio.get_running_loop()
        self._readiness = readiness()
        for listener in self._sockets:
            self._loop.add_reader(listener, self._accept, listener)

    def close(self) -> None:
        """Answer nobody any more. It may be closed again, or without having been opened."""
        for listener in self._sockets:
            asyncio.get_running_loop().remove_reader(listener)
            listener.close()
        self._sockets.clear()

    def _accept(self, listener: socket.socket) -> None:
        """Let all in who have knocked."""
        for _ in range(ACCEPTS_A_PASS):
            try:
                peer, address = listener.accept()
            except ConnectionAbortedError:
                continue
            except (BlockingIOError, InterruptedError):
                return
            except OSError as error:
                self._rest(listener, error)
                return
            self._resting = False
            protocol = self._protocol_for(address[0])
            if protocol is None:
                peer.close()
            elif not self._with_loops_transport:
                self._serve_here(peer, protocol)
            else:
                peer.setblocking(False)
                task = self._loop.create_task(self._serve(peer, protocol))
                self._entering.add(task)
                task.add_done_callback(self._entering.discard)

    def _serve_here(self, peer: socket.socket, protocol: asyncio.BaseProtocol) -> None:
        try:
            SocketTransport(self._readiness, peer, cast(asyncio.Protocol, protocol))
        except OSError as error:
            peer.close()
            protocol.connection_lost(error)

    async def _serve(self, peer: socket.socket, protocol: asyncio.BaseProtocol) -> None:
        try:
            await self._loop.connect_accepted_socket(lambda: protocol, peer)
        except OSError as error:
            peer.close()
            protocol.connection_lost(error)

    def _rest(self, listener: socket.socket, error: OSError) -> None:
        """Leave those who knock in the kernel's queue for a while: to ask again at once would only take time."""
        if not self._resting:
            _logger.error("nobody can be let in", extra={"where": self._where, "why": str(error)})
        self._resting = True
        self._loop.remove_reader(listener)
        self._loop.call_later(REST_SECONDS, self._accept_again, listener)

    def _accept_again(self, listener: socket.socket) -> None:
        if listener.fileno() >= 0:
            self._loop.add_reader(listener, self._accept, listener)
