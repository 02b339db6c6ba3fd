"""What may be asked at the front desk, apart from the files' own bytes: the channels, and whether the server is there.

Every answer that is no success is JSON, `{"error": "…"}`, in words for people.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from antechamber import __version__
from antechamber.gateway.files import Files
from antechamber.hub import Hub

_ABOUT = f"""\
This is Antechamber {__version__}: chat with a limited number of seats and a fair waiting queue.

GET /channels   the channels: name, port, seats, seated, waiting
GET /healthz    whether the server is there

Join one with: python3 chatclient.py PORT USERNAME
"""
_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def json_response(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return what answers with `content` as JSON."""
    body = msgspec.json.encode(content)
    return Response(body, status, {**_HEADERS, **(headers or {})}, "application/json")


def error_response(status: int, words: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return what answers that something cannot be had."""
    return json_response({"error": words}, status, headers)


def exception_responses() -> Mapping[Any, Callable[[Request, Any], Response]]:
    """Return how an exception is answered."""
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


def routes(hub: Hub, files: Files) -> list[Route]:
    """Return everything that may be asked."""

    async def about(_: Request) -> Response:
        return PlainTextResponse(_ABOUT, headers=_HEADERS)

    async def healthz(_: Request) -> Response:
        return PlainTextResponse("ok", headers=_HEADERS)

    async def channels(_: Request) -> Response:
        return json_response(hub.channels())

    return [
        Route("/", about),
        Route("/healthz", healthz),
        Route("/channels", channels),
        Route("/files/{ticket}", files.answer, methods=["GET", "PUT"]),
    ]
