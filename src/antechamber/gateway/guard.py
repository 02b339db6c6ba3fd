"""Whose requests the front desk answers: those of its own pages, and of programs that are no browser.

A web page of somewhere else that asks through a person's browser gives itself away by its `Origin`, or, where its name
was pointed at this machine (DNS rebinding), by its `Host`. The latter is only judged where the front desk listens to
this machine alone, and so knows its names.
"""

from collections.abc import Iterable, Sequence
from email.utils import formatdate
from ipaddress import ip_address
from socket import gethostname
from typing import NamedTuple

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from antechamber.gateway.desk import error_response


class TurnedAway(NamedTuple):
    """Why a request is not answered: an HTTP status, and words."""

    status: int
    text: str


class Judge:
    """Knows the names of a front desk that listens at `addresses`, and says whose requests are answered."""

    def __init__(self, addresses: Sequence[str]) -> None:
        self._hosts = _own_names(addresses)

    def verdict(self, headers: Iterable[tuple[bytes, bytes]]) -> TurnedAway | None:
        """Return why a request with these headers, their names in lower case, is not answered; None where it is.

        A page that came by a proxy with TLS is its own too: the proxy hands on the `Host` by which it was asked.
        """
        told = dict(headers)
        host, origin = told.get(b"host", b"").lower(), told.get(b"origin")
        if not self._is_own(host.decode("latin-1")):
            return TurnedAway(421, "This is no name of this front desk.")
        if origin is not None and origin.lower() not in (b"http://" + host, b"https://" + host):
            return TurnedAway(403, "The front desk answers no pages of other places.")
        return None

    def _is_own(self, host: str) -> bool:
        if self._hosts is None or not host:
            return True
        name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
        return name in self._hosts or _is_address(name.strip("[]"))


class Guard:
    """Asks the judge about every request before it is answered, and dates what is answered."""

    def __init__(self, app: ASGIApp, judge: Judge) -> None:
        self._app = app
        self._judge = judge

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def send_dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"date", formatdate(usegmt=True).encode())]
            await send(message)

        turned_away = self._judge.verdict(scope["headers"])
        app = self._app if turned_away is None else error_response(*turned_away)
        await app(scope, receive, send_dated)


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
