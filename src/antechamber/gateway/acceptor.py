"""Accepting connections at listening sockets, for every port.

Each pass of the event loop accepts all pending connections. The loop's own server accepts one a pass, so in a rush each
hello would be a turn by itself, and the rush would cost members x members. If the system runs out of open files, that
server closes new connections; here they wait.
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
"""How many connections are accepted in one pass; fewer if that takes too long."""
REST_SECONDS = 1.0
"""How long nothing is accepted after the system has run out of open files or the like."""
_logger = logging.getLogger(__name__)


class Acceptor:
    """Accepts connections, each served by what `protocol_for` returns for its IP address; None closes it at once.

    `protocol_for` is called before the next connection is accepted, so it can limit their number. If a connection has
    ended before it is served, its protocol is told by `connection_lost` alone. `where` names the port in log messages.
    While `has_room` returns False, new connections wait for a later pass.
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
        """Begin to accept connections. Call it in the event loop."""
        self._loop = asyncio.get_running_loop()
        self._readiness = readiness()
        for listener in self._sockets:
            self._loop.add_reader(listener, self._accept, listener)

    def close(self) -> None:
        """Stop accepting connections. It may be called repeatedly, and before `open`."""
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
        """Leave new connections in the kernel's queue for a while, as another try at once would only cost time."""
        if not self._resting:
            _logger.error("no connection can be accepted", extra={"where": self._where, "why": str(error)})
        self._resting = True
        self._loop.remove_reader(listener)
        self._loop.call_later(REST_SECONDS, self._accept_again, listener)

    def _accept_again(self, listener: socket.socket) -> None:
        if listener.fileno() >= 0:
            self._loop.add_reader(listener, self._accept, listener)
