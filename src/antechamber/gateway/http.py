"""HTTP as the front desk speaks it: uvicorn's connections, with the bounds that a port open to anybody needs.

uvicorn's own `Server` is left out: it would take the process's signals and wake up ten times a second.
"""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate
from ipaddress import ip_address
from socket import gethostname
from typing import cast

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from antechamber.gateway.descriptors import front_desk_connections_max
from antechamber.gateway.desk import error_response, exception_responses, routes
from antechamber.gateway.files import Files
from antechamber.hub import Hub

HEAD_BYTES_MAX = 16_384
"""Size of the head of one request."""
HEAD_SECONDS_MAX = 10.0
"""Time in which a connection that was opened, or that has begun a request, must have sent the whole head."""
KEEP_ALIVE_SECONDS_MAX = 5
"""Time that a connection may stay open with no request."""
STOP_SECONDS_MAX = 1.0
"""How long a stop waits for the requests that it has cut."""
_FILE_THREADS_MAX = 4
"""Threads that read and write the files on their way, in turns."""


class Connection(H11Protocol):
    """One connection. A request finds it in its state as `connection`, and may abort it."""

    def __init__(self, config: uvicorn.Config, server_state: ServerState, alive: set["Connection"]) -> None:
        super().__init__(config, server_state, {"connection": self})
        alive.add(self)
        self._alive = alive
        self._head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Give the peer its time to ask for something."""
        super().connection_made(transport)
        self._watch_head()

    def data_received(self, data: bytes) -> None:
        """Take what came."""
        super().data_received(data)
        self._watch_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Let everything go."""
        super().connection_lost(exc)
        self._alive.discard(self)
        self._unwatch_head()

    def abort(self) -> None:
        """Close at once, whatever is under way."""
        self.transport.abort()

    @property
    def ended(self) -> bool:
        """Whether nothing that is sent now arrives."""
        return self.transport.is_closing()

    def _watch_head(self) -> None:
        if self.ended or (self.cycle is not None and not self.cycle.response_complete):
            self._unwatch_head()
        elif self._head_timer is None and self.timeout_keep_alive_task is None:
            self._head_timer = self.loop.call_later(HEAD_SECONDS_MAX, self.abort)

    def _unwatch_head(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None


class Guard:
    """Turns away what a web page of somewhere else asks through a person's browser, and dates what is answered.

    Such a page gives itself away by its `Origin`, or, where its name was pointed at this machine (DNS rebinding), by
    its `Host`; the latter is only judged where the front desk listens to this machine alone, and so knows its names.
    """

    def __init__(self, app: ASGIApp, hosts: frozenset[str] | None) -> None:
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def send_dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"date", formatdate(usegmt=True).encode())]
            await send(message)

        headers = dict(scope["headers"])
        host, origin = headers.get(b"host", b"").lower(), headers.get(b"origin")
        app = self._app
        if not self._is_own(host.decode("latin-1")):
            app = error_response(421, "This is no name of this front desk.")
        elif origin is not None and origin.lower() != b"http://" + host:
            app = error_response(403, "The front desk answers no pages of other places.")
        await app(scope, receive, send_dated)

    def _is_own(self, host: str) -> bool:
        if self._hosts is None or not host:
            return True
        name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
        return name in self._hosts or _is_address(name.strip("[]"))


def _is_address(word: str) -> bool:
    try:
        ip_address(word)
    except ValueError:
        return False
    return True


def _own_names(addresses: Sequence[str]) -> frozenset[str] | None:
    """Return the names that a request may call the front desk by, None where anything may be one."""
    if all(ip_address(address).is_loopback for address in addresses):
        name = gethostname().lower()
        return frozenset(("localhost", name, name.partition(".")[0]))
    return None


class Http:
    """The front desk's application, and its connections."""

    def __init__(self, hub: Hub, addresses: Sequence[str]) -> None:
        self._threads = ThreadPoolExecutor(_FILE_THREADS_MAX, "front desk")
        files = Files(hub, self._threads)
        app = Starlette(
            routes=routes(hub, files),
            middleware=[Middleware(Guard, hosts=_own_names(addresses))],
            exception_handlers=exception_responses(),
        )
        app.router.redirect_slashes = False
        self._config = uvicorn.Config(
            app,
            http=Connection,
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="error",  # whatever a stranger sends is no event of this server
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS_MAX,
            h11_max_incomplete_event_size=HEAD_BYTES_MAX,
        )
        self._config.load()
        self._state = ServerState()
        self._alive: set[Connection] = set()

    def connection(self) -> Connection | None:
        """Return what serves a new connection, None where there are too many."""
        if len(self._alive) >= front_desk_connections_max():
            return None
        return Connection(self._config, self._state, self._alive)

    async def stop(self) -> None:
        """Cut every connection, and wait until their requests have ended."""
        for connection in list(self._state.connections):
            cast(Connection, connection).abort()
        await asyncio.sleep(0)  # in which the connections are told
        if tasks := list(self._state.tasks):
            await asyncio.wait(tasks, timeout=STOP_SECONDS_MAX)
        self._threads.shutdown(wait=False, cancel_futures=True)
