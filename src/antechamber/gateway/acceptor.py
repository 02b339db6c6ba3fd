"""The acceptor of connections at listening sockets, for every gateway.

It accepts every waiting connection in one pass of the event loop. asyncio's own server accepts one a pass: in a rush
each hello would be a turn by itself, and the rush would cost members x members. If the system has run out of open
files, waiting connections stay in the kernel's queue instead of being closed.
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
"""How many connections one pass accepts at most, before open connections are served. Slow passes accept fewer."""
REST_SECONDS = 1.0
"""How long the acceptor pauses after the system has run out of open files, or a similar error."""
_logger = logging.getLogger(__name__)


class Acceptor:
    """Accepts connections, and serves each by the protocol that `protocol_for` returns for its IP address.

    `protocol_for` returns None to close the connection at once. It is called before the next connection is accepted,
    so that it can bound their number. If a connection is lost before it is served, its protocol gets `connection_lost`
    and no other call. `where` is the listener's name in the log. While `has_room` returns False, connections wait for
    a later pass.
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
        """Start accepting connections. Called in the event loop."""
        self._loop = asyncio.get_running_loop()
        self._readiness = readiness()
        for listener in self._sockets:
            self._loop.add_reader(listener, self._accept, listener)

    def close(self) -> None:
        """Stop accepting, and close the sockets. Safe to call twice, or without `open`."""
        for listener in self._sockets:
            asyncio.get_running_loop().remove_reader(listener)
            listener.close()
        self._sockets.clear()

    def _accept(self, listener: socket.socket) -> None:
        """Accept the waiting connections, within the bounds of one pass."""
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
        """Leave connections in the kernel's queue for a while: retrying at once would only waste time."""
        if not self._resting:
            _logger.error("connections cannot be accepted", extra={"where": self._where, "why": str(error)})
        self._resting = True
        self._loop.remove_reader(listener)
        self._loop.call_later(REST_SECONDS, self._accept_again, listener)

    def _accept_again(self, listener: socket.socket) -> None:
        if listener.fileno() >= 0:
            self._loop.add_reader(listener, self._accept, listener)
