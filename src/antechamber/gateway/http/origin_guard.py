"""Whose requests the front desk answers: those of its own pages, and of programs that are no browser.

A web page of somewhere else that asks through a person's browser gives itself away by its `Origin`, or, where its name
was pointed at this machine (DNS rebinding), by its `Host`. An address can be pointed nowhere, so addresses pass, and so
do the names that are this machine's own, and those that whoever runs the server adds.

What may be asked how often is kept here as well: requests begin in turns, and need a place (`callers.py`).
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
"""The headers of a request, their names in lower case."""
_ABSOLUTE = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]*://([^/?#]*)")
_ALWAYS: Final = "/healthz"
"""What is answered without a place."""
_SHOWN_CHARACTERS_MAX: Final = 100


class TurnedAway(NamedTuple):
    """Why a request is not answered: an HTTP status, and words."""

    status: int
    text: str


class Judge:
    """Knows the names of a front desk, and says whose requests are answered."""

    def __init__(self, names: Iterable[str]) -> None:
        self._own = own_names()
        self.allow(names)

    def allow(self, names: Iterable[str]) -> None:
        """Set the host names that the front desk answers to, besides the machine's own."""
        self._names = self._own | {name.lower().removesuffix(".") for name in names}

    def verdict(self, headers: Headers, version: str = "1.1", target: bytes = b"/") -> TurnedAway | None:
        """Return why a request with these headers, version and target is not answered; None if it is.

        A page that came by a proxy with TLS is its own too: the proxy hands on the `Host` by which it was asked.
        """
        told = list(headers)
        names = {name for name, _ in told}
        if b"transfer-encoding" in names:
            if b"content-length" in names:
                return TurnedAway(400, "A request has Content-Length or Transfer-Encoding, and never both.")
            return TurnedAway(411, "Say in Content-Length how many bytes the body has.")
        hosts = [value.decode("latin-1").lower() for name, value in told if name == b"host"]
        if absolute := _ABSOLUTE.match(target):
            hosts.append(absolute[1].decode("latin-1").lower())
        origins = {value.lower() for name, value in told if name == b"origin"}
        if not any(hosts) and (version != "1.0" or origins):
            return TurnedAway(400, "A request says in Host by which name it came.")
        for host in filter(None, hosts):
            if not self._is_own(host):
                return TurnedAway(421, _not_own(host))
        own = (hosts[0] if hosts else "").encode("latin-1")
        if not origins <= {b"http://" + own, b"https://" + own}:
            return TurnedAway(403, "The front desk answers no pages of other places.")
        return None

    def _is_own(self, authority: str) -> bool:
        name = host_of(authority)
        return name in self._names or name.endswith(".localhost") or is_address(name)


class OriginGuard:
    """Asks the judge about every request before it is answered, lets it have its turn, and dates what is answered."""

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
            words = "The front desk is asked too much at once. Try again in a moment."
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
    """Say what was refused, and how it is allowed."""
    shown = clean(host)
    shown = shown if len(shown) <= _SHOWN_CHARACTERS_MAX else f"{shown[:_SHOWN_CHARACTERS_MAX]}…"
    name = host_of(host)
    remedy = f": start the server with --allow-host {name}" if name and shown == clean(host) else ""
    return f'"{shown}" is no name of this front desk. If it is to be one, whoever runs the server allows it{remedy}.'
