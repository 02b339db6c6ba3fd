"""HTTP/1.1 at the front desk (RFC 9112): uvicorn's connections, with the bounds that a public port needs.

uvicorn's own `Server` is left out: it would take the process's signals and wake up ten times a second.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import cast

import h11
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from antechamber.gateway.connection import AnyConnection
from antechamber.gateway.http.callers import Callers
from antechamber.gateway.http.exposition import Exposition
from antechamber.gateway.http.origin_guard import Judge, OriginGuard
from antechamber.gateway.http.request_turns import RequestTurns
from antechamber.gateway.http.routes import exception_responses, routes
from antechamber.gateway.http.static import StaticFiles
from antechamber.gateway.http.uploads import Uploads
from antechamber.gateway.http.websocket import Unaccepted, WebSocket, handshake
from antechamber.gateway.http.ws_listener import WebSocketListener
from antechamber.gateway.transport import PutsBack, Served
from antechamber.hub.hub import Hub

WEBSOCKET_PATH = "/ws"
HEAD_BYTES_MAX = 16_384
"""The largest head of a request."""
HEAD_SECONDS_MAX = 10.0
"""How long a connection has to send a whole head, from its start or from the first byte of a request."""
READ_AT_ONCE_BYTES = 4_096
"""How much of one connection is read before others are served, except for the bytes of a file."""
CONNECTION_COST = 2
"""The cost of a connection to the front desk, in connections to a channel's port."""
KEEP_ALIVE_SECONDS_MAX = 5
"""How long an idle connection stays open."""
STOP_SECONDS_MAX = 1.0
"""How long a stop waits for the requests that it has aborted."""
_FILE_THREADS_MAX = 4
"""Threads that read and write the files being transferred."""


class HttpConnection(H11Protocol, Served):
    """One HTTP connection. Its requests find it in their state as `connection`, and may abort it.

    A request to become a WebSocket hands the transport over to a `WebSocket`.
    """

    def __init__(self, http: "HttpServer", address: str, host: str) -> None:
        super().__init__(http.config, http.state, {"connection": self})
        self.host = host
        """The cloak of its address."""
        self._http = http
        self._address = address
        self._is_websocket = False
        self._head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Register the connection, and start the time limit for a request."""
        super().connection_made(transport)
        self._http.callers.enter(self)
        self._watch_head()

    def data_received(self, data: bytes) -> None:
        """Handle up to READ_AT_ONCE_BYTES of requests, and put the rest back for later."""
        if len(data) > READ_AT_ONCE_BYTES and not self._is_upload:
            cast(PutsBack, self.transport).put_back(data[READ_AT_ONCE_BYTES:])
            data = data[:READ_AT_ONCE_BYTES]
        self._http.callers.ask(self)
        super().data_received(data)
        self._watch_head()

    def on_response_complete(self) -> None:
        """Go on with the next request, or become idle."""
        super().on_response_complete()
        if self.cycle.response_complete and not self._is_websocket:
            self._http.callers.rest(self)

    def unread(self, seconds: float) -> None:
        """Abort a connection that does not read its answer. The hub ends downloads that stall."""
        fetches = self.scope is not None and self.scope["path"].startswith("/files/")
        if seconds >= self._http.ws_listener.limits.unread_seconds_max and not fetches:
            self.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Release everything that the connection uses."""
        super().connection_lost(exc)
        self._http.callers.end(self)
        self._unwatch_head()

    def end_idle(self) -> None:
        """Close an idle connection, to make room for another."""
        self._unset_keepalive_if_required()
        self.timeout_keep_alive_handler()

    def abort(self) -> None:
        """Close at once, whatever request is open."""
        self.transport.abort()

    @property
    def ended(self) -> bool:
        """Whether the transport is closing or closed."""
        return self.transport.is_closing()

    @property
    def _is_upload(self) -> bool:
        """Whether a body with a Content-Length is being received."""
        is_body = self.conn.their_state is h11.SEND_BODY
        return is_body and not any(name == b"transfer-encoding" for name, _ in self.headers)

    # Becoming a WebSocket

    def _should_upgrade(self) -> bool:
        """Return whether a request becomes a WebSocket. If not, it is answered like any other, with the reason."""
        scope = self.scope
        if scope["path"] != WEBSOCKET_PATH or self._get_upgrade() != b"websocket":
            return False
        if self._http.judge.verdict(self.headers, scope["http_version"], scope["raw_path"]) is not None:
            return False
        opened = self._open()
        if isinstance(opened, Unaccepted):
            scope["state"]["unaccepted"] = opened
            return False
        self._opened = opened
        return True

    def _open(self) -> tuple[bytes, AnyConnection] | Unaccepted:
        if any(name in (b"content-length", b"transfer-encoding") for name, _ in self.headers):
            return Unaccepted(400, "A WebSocket request must not have a body.")
        answer = handshake(self.scope["method"], self.scope["http_version"], self.headers)
        if isinstance(answer, Unaccepted):
            return answer
        connection = self._http.ws_listener.admit(self._address)
        if connection is None:
            return Unaccepted(503, "The server is full: it takes no more connections. Try again in a moment.")
        return answer, connection

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """Hand over the transport, and the bytes received after the request."""
        self._is_websocket = True
        self._http.callers.leave(self)
        self.connections.discard(self)
        self._unwatch_head()
        answer, connection = self._opened
        del self._opened
        self.conn.next_event()  # the end of the request
        rest, _ = self.conn.trailing_data
        raw = self.transport
        raw.write(answer)
        websocket = WebSocket(raw, connection, self._http.ws_listener)
        raw.set_protocol(websocket)
        self.app_state.clear()  # breaks reference cycles
        self.scope["state"].clear()
        connection.connection_made(cast(asyncio.Transport, websocket))
        if rest:
            websocket.data_received(rest)

    def _watch_head(self) -> None:
        if self._is_websocket or self.ended or (self.cycle is not None and not self.cycle.response_complete):
            self._unwatch_head()
        elif self._head_timer is None and self.timeout_keep_alive_task is None:
            self._head_timer = self.loop.call_later(HEAD_SECONDS_MAX, self.abort)

    def _unwatch_head(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None


class HttpServer:
    """The front desk's ASGI application, and its connections."""

    def __init__(self, hub: Hub, judge: Judge, ws_listener: WebSocketListener, pages: StaticFiles) -> None:
        self.hub = hub
        self.ws_listener = ws_listener
        self.judge = judge
        self.callers = Callers(hub.budgets)
        self._threads = ThreadPoolExecutor(_FILE_THREADS_MAX, "front desk")
        files = Uploads(hub, self._threads)
        app = Starlette(
            routes=routes(hub, files, pages, Exposition(hub, ws_listener, self._threads)),
            middleware=[Middleware(OriginGuard, judge=judge, callers=self.callers, turns=RequestTurns())],
            exception_handlers=exception_responses(),
        )
        app.router.redirect_slashes = False
        self.config = uvicorn.Config(
            app,
            http=HttpConnection,
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="error",  # anybody can send nonsense: not worth a log line
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS_MAX,
            h11_max_incomplete_event_size=HEAD_BYTES_MAX,
        )
        self.config.load()
        self.state = ServerState()

    def connection(self, address: str) -> HttpConnection | None:
        """Return the protocol of a new connection from `address`, None if that has opened too many of late."""
        host = self.hub.cloak(address)
        may = self.hub.budgets.spend("connections", host, CONNECTION_COST)
        return HttpConnection(self, address, host) if may else None

    async def stop(self) -> None:
        """Abort every connection, and wait until their requests have ended."""
        for connection in list(self.state.connections):
            cast(HttpConnection, connection).abort()
        await asyncio.sleep(0)  # the connections get `connection_lost` here
        if tasks := list(self.state.tasks):
            await asyncio.wait(tasks, timeout=STOP_SECONDS_MAX)
        self._threads.shutdown(wait=False, cancel_futures=True)
