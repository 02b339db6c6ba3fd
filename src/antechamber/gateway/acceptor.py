"""Letting in those who knock at listening sockets, for every gateway.

All who have knocked come in at each pass. The event loop's own server lets one in a pass, so that in a rush each hello
would be a turn by itself, and the rush would cost members x members. Where the system has run out of open files, it
closes whoever knocks; here they wait.
"""

import asyncio
import logging
import socket
import sys
import time
from collections.abc import Callable, Sequence

from antechamber.gateway.epoll import PASS_SECONDS_MAX, readiness
from antechamber.gateway.transport import Served, SocketTransport
from antechamber.session.addresses import origin_of

ACCEPTS_A_PASS = 256
"""How many are let in before those are served who are in: fewer, where that takes too long."""
REST_SECONDS = 1.0
"""How long nobody is let in once the system has run out of open files, or the like."""
_logger = logging.getLogger(__name__)


class Acceptor:
    """Asks `protocol_for` each IP address that a connection comes from what serves it; None closes it at once.

    It is asked before the next is let in, so that it can bound how many there are. Where a connection has gone before
    it is served, its protocol is told so by `connection_lost` alone. `where` is what the log calls the place. Who
    knocks while there is no room waits for a later pass.
    """

    def __init__(
        self,
        where: str,
        sockets: Sequence[socket.socket],
        protocol_for: Callable[[str], Served | None],
        has_room: Callable[[], bool] = lambda: True,
    ) -> None:
        self._where = where
        self._sockets = list(sockets)
        self._protocol_for = protocol_for
        self._has_room = has_room
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
        """Accept all pending connections."""
        until = time.perf_counter() + PASS_SECONDS_MAX
        for _ in range(ACCEPTS_A_PASS):
            if not self._has_room():
                return
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
            else:
                self._serve(peer, protocol, address[0])
            if time.perf_counter() >= until:
                return

    def _serve(self, peer: socket.socket, protocol: Served, address: str) -> None:
        origin = origin_of(address)
        try:
            shown = origin if isinstance(origin, str) else origin.hex()
            SocketTransport(self._readiness, peer, protocol, sys.intern(shown))
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
