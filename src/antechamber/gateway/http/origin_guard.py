"""The check of `Origin` and `Host`: the front desk answers its own pages, and programs that are not browsers.

A request that another site's page sends through a person's browser shows in its `Origin` (RFC 6454). If that site's
name resolves to this machine (DNS rebinding), it shows in its `Host` (RFC 9110, 7.2). Allowed hosts are IP addresses,
which DNS cannot redirect, this machine's own names, and the names that the operator allows.

Requests are also paced here: they begin in turns (`request_turns.py`), and need a place (`callers.py`).
"""

import re
from collections.abc import Iterable
from email.utils import formatdate
from typing import Final, NamedTuple, cast

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from antechamber.gateway.http.callers import Caller, Callers
from antechamber.gateway.http.hostnames import host_of, is_address, own_names
from antechamber.gateway.http.request_turns import RequestTurns
from antechamber.gateway.http.routes import error_response
from antechamber.protocol.text import clean

Headers = Iterable[tuple[bytes, bytes]]
"""The headers of a request, with names in lower case."""
_ABSOLUTE = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]*://([^/?#]*)")
_ALWAYS: Final = "/healthz"
"""The path that is answered without a place."""
_SHOWN_CHARACTERS_MAX: Final = 100


class TurnedAway(NamedTuple):
    """The reason why a request is refused: an HTTP status, and a text."""

    status: int
    text: str


class Judge:
    """Decides which requests are answered, by the host names of the front desk."""

    def __init__(self, names: Iterable[str]) -> None:
        self._own = own_names()
        self.allow(names)

    def allow(self, names: Iterable[str]) -> None:
        """Replace the allowed host names, beside the machine's own."""
        self._names = self._own | {name.lower().removesuffix(".") for name in names}

    def verdict(self, headers: Headers, version: str = "1.1", target: bytes = b"/") -> TurnedAway | None:
        """Return why a request with these headers, version and target is refused; None if it is answered.

        An https origin is allowed as well, for pages served through a TLS proxy that forwards `Host`.
        """
        pairs = list(headers)
        names = {name for name, _ in pairs}
        if b"transfer-encoding" in names:
            if b"content-length" in names:
                return TurnedAway(400, "A request must not have both Content-Length and Transfer-Encoding.")
            return TurnedAway(411, "A request with a body needs a Content-Length.")
        hosts = [value.decode("latin-1").lower() for name, value in pairs if name == b"host"]
        if absolute := _ABSOLUTE.match(target):
            hosts.append(absolute[1].decode("latin-1").lower())
        origins = {value.lower() for name, value in pairs if name == b"origin"}
        if not any(hosts) and (version != "1.0" or origins):
            return TurnedAway(400, "A request needs a Host header.")
        for host in filter(None, hosts):
            if not self._is_own(host):
                return TurnedAway(421, _not_own(host))
        own = (hosts[0] if hosts else "").encode("latin-1")
        if not origins <= {b"http://" + own, b"https://" + own}:
            return TurnedAway(403, "The front desk does not answer pages of other sites.")
        return None

    def _is_own(self, authority: str) -> bool:
        name = host_of(authority)
        return name in self._names or name.endswith(".localhost") or is_address(name)


class OriginGuard:
    """Middleware that checks and paces each request, and adds Date to its answer."""

    def __init__(self, app: ASGIApp, judge: Judge, callers: Callers, turns: RequestTurns) -> None:
        self._app = app
        self._judge = judge
        self._callers = callers
        self._turns = turns

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        caller = cast(Caller, scope["state"]["connection"])
        await self._turns.take(caller.host)
        turned_away = self._judge.verdict(scope["headers"], scope["http_version"], scope["raw_path"])
        ends = turned_away is not None
        if turned_away is not None:
            app: ASGIApp = error_response(*turned_away)
        elif scope["path"] == _ALWAYS or await self._callers.place(caller):
            app = self._app
        else:
            words = "The front desk has too many requests at once. Try again in a moment."
            app, ends = error_response(503, words, {"Retry-After": "5"}), True

        async def send_dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [*message["headers"], (b"date", formatdate(usegmt=True).encode())]
                if ends or not self._callers.has_place(caller):
                    headers.append((b"connection", b"close"))
                message["headers"] = headers
            await send(message)

        await app(scope, receive, send_dated)


def _not_own(host: str) -> str:
    """Return the text for a host name that is not allowed, and how to allow it."""
    shown = clean(host)
    shown = shown if len(shown) <= _SHOWN_CHARACTERS_MAX else f"{shown[:_SHOWN_CHARACTERS_MAX]}…"
    name = host_of(host)
    remedy = f" with --allow-host {name}" if name and shown == clean(host) else ""
    return f'This server does not answer to the host name "{shown}". Its operator can allow it{remedy}.'
