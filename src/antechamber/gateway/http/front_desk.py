"""The start and the stop of the front desk: the HTTP port that lists the channels, serves the page and transfers files.

The HTTP modules take long to import, so a thread imports them while the chat already runs.
"""

import asyncio
import errno
import importlib
import logging
import socket
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from antechamber.gateway.acceptor import REST_SECONDS, Acceptor
from antechamber.gateway.admission import Admission
from antechamber.gateway.http.ws_listener import WebSocketListener
from antechamber.gateway.transport import Served
from antechamber.hub.hub import Hub
from antechamber.protocol.limits import Limits

if TYPE_CHECKING:
    from antechamber.gateway.http import http11 as http
    from antechamber.gateway.http.static import StaticFiles

_logger = logging.getLogger(__name__)


class FrontDesk:
    """Serves HTTP at listening sockets, in the running event loop."""

    def __init__(
        self,
        hub: Hub,
        sockets: Sequence[socket.socket],
        limits: Limits,
        admission: Admission,
        names: Sequence[str] = (),
    ) -> None:
        """Prepare a front desk that answers to the host names `names`, beside this machine's own and its addresses."""
        self.ws_listener = WebSocketListener("", hub, limits, admission)
        """The listener of the pages' WebSocket connections."""
        self._hub = hub
        self._names = names
        self._acceptor = Acceptor("front desk", sockets, self._connection, self._has_room)
        self._http: http.HttpServer | None = None
        self._stopped = False

    def allow(self, names: Sequence[str]) -> None:
        """Replace the host names that it answers to, beside this machine's own and its addresses."""
        self._names = names
        if self._http is not None:
            self._http.judge.allow(names)

    async def start(self, delayed: Callable[[], None] = lambda: None) -> None:
        """Start accepting; earlier connections have waited. `delayed` is called if open files are lacking."""
        pages = await self._prepare(delayed)
        if pages is None or self._stopped:
            return
        from antechamber.gateway.http.http11 import HttpServer
        from antechamber.gateway.http.origin_guard import Judge  # imported already

        self._http = HttpServer(self._hub, Judge(self._names), self.ws_listener, pages)
        self.ws_listener.open()
        self._acceptor.open()

    async def _prepare(self, delayed: Callable[[], None]) -> "StaticFiles | None":
        """Import the HTTP modules, and read the page's files; return None if stopped meanwhile.

        If the system has run out of open files, retry until it has some.
        """
        loop = asyncio.get_running_loop()
        while not self._stopped:
            try:
                return await loop.run_in_executor(None, _prepare)
            except OSError as error:
                if error.errno not in (errno.EMFILE, errno.ENFILE):
                    raise
                _logger.error("the front desk cannot start yet", extra={"why": str(error)})
                delayed()
                await asyncio.sleep(REST_SECONDS)
        return None

    def _connection(self, address: str) -> Served | None:
        assert self._http is not None
        return self._http.connection(address)

    def _has_room(self) -> bool:
        assert self._http is not None
        return self._http.callers.has_room

    async def stop(self) -> None:
        """Stop accepting, and abort open requests."""
        self._stopped = True
        self._acceptor.close()
        if self._http is not None:
            await self._http.stop()


def _prepare() -> "StaticFiles":
    importlib.import_module("antechamber.gateway.http.http11")
    from antechamber.gateway.http.static import StaticFiles

    return StaticFiles()
