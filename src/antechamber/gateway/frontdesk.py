"""The front desk: the HTTP port that knows every channel and passes files on. Here is its start and its end.

What speaks HTTP takes long to import, so that is done while the chat is under way already, in a thread.
"""

import asyncio
import importlib
import socket
from collections.abc import Sequence
from typing import TYPE_CHECKING

from antechamber.gateway.listening import BACKLOG
from antechamber.hub import Hub
from antechamber.limits import Limits

if TYPE_CHECKING:
    from antechamber.gateway import http


class FrontDesk:
    """Serves HTTP at listening sockets, in the running event loop."""

    def __init__(self, hub: Hub, limits: Limits, sockets: Sequence[socket.socket]) -> None:
        self._hub = hub
        self._limits = limits
        self._sockets = list(sockets)
        self._servers: list[asyncio.Server] = []
        self._http: http.Http | None = None
        self._stopped = False

    async def start(self) -> None:
        """Begin to answer; those who knocked before have waited."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, importlib.import_module, "antechamber.gateway.http")
        if self._stopped:
            return
        from antechamber.gateway.http import Http  # which is there by now

        self._http = Http(self._hub, self._limits, [address.getsockname()[0] for address in self._sockets])
        for listener in self._sockets:
            server = await loop.create_server(self._http.connection, sock=listener, backlog=BACKLOG)
            self._servers.append(server)

    async def stop(self) -> None:
        """Answer nobody any more. What is under way is cut."""
        self._stopped = True
        for server in self._servers:
            server.close()
        for listener in self._sockets:
            listener.close()
        if self._http is not None:
            await self._http.stop()
