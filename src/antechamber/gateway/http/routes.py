"""The routes of the front desk: the pages, the channels, health, metrics and file transfers.

Every error is JSON, `{"error": "…"}`, with a text for people.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from antechamber import __version__
from antechamber.gateway.http.exposition import Exposition
from antechamber.gateway.http.static import StaticFiles
from antechamber.gateway.http.uploads import Uploads
from antechamber.hub.hub import Hub

_ABOUT = f"""\
This is Antechamber {__version__}: chat with a limited number of seats and a fair waiting queue.

GET /channels   the channels: name, port, seats, seated, waiting
GET /healthz    whether the server is there
GET /metrics    figures, for Prometheus on this machine

Join one with a browser, here; or with: python3 chatclient.py PORT USERNAME
"""
_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def json_response(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return a response with `content` as JSON."""
    body = msgspec.json.encode(content)
    return Response(body, status, {**_HEADERS, **(headers or {})}, "application/json")


def error_response(status: int, words: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return an error response."""
    return json_response({"error": words}, status, headers)


def exception_responses() -> Mapping[Any, Callable[[Request, Any], Response]]:
    """Return the handlers of exceptions."""
    return {HTTPException: _answer_refusal, Exception: _answer_fault}


def _answer_refusal(request: Request, error: HTTPException) -> Response:
    words = {
        404: f"There is nothing at {request.url.path}.",
        405: f"{request.method} is not possible at {request.url.path}.",
    }
    is_routers = error.detail in ("Not Found", "Method Not Allowed")
    return error_response(error.status_code, words[error.status_code] if is_routers else error.detail, error.headers)


def _answer_fault(_: Request, __: Exception) -> Response:
    return error_response(500, "The server has a fault; its log tells more.")


def routes(hub: Hub, files: Uploads, pages: StaticFiles, exposition: Exposition) -> list[Route]:
    """Return the routes."""

    async def front(request: Request) -> Response:
        if "text/html" in request.headers.get("accept", "") and "index.html" in pages:
            return pages.answer("index.html", request)
        return PlainTextResponse(_ABOUT, headers={**_HEADERS, "Vary": "Accept"})

    async def operator(request: Request) -> Response:
        return pages.answer("operator.html", request)

    async def web(request: Request) -> Response:
        return pages.answer(request.path_params["path"], request)

    async def websocket(request: Request) -> Response:
        default = 426, "This path accepts only WebSocket connections."
        status, words = getattr(request.state, "unaccepted", default)
        return error_response(status, words, {"Upgrade": "websocket", "Sec-WebSocket-Version": "13"})

    async def healthz(_: Request) -> Response:
        return PlainTextResponse("ok", headers=_HEADERS)

    async def metrics(request: Request) -> Response:
        exposition.check(request, request.state.connection.host)
        words, kind = await exposition.encoded(request.headers.get("accept", ""))
        return Response(words, 200, _HEADERS, kind)

    async def channels(_: Request) -> Response:
        return json_response(hub.channels())

    return [
        Route("/", front),
        Route("/operator", operator),
        Route("/web/{path:path}", web),
        Route("/ws", websocket),
        Route("/healthz", healthz),
        Route("/channels", channels),
        Route("/metrics", metrics),
        Route("/files/{ticket}", files.answer, methods=["GET", "PUT"]),
    ]
