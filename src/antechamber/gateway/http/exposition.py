"""The answer to `/metrics`: the metrics of the hub and of the gateway, in the formats of Prometheus.

They are for programs on this machine, and for requests with the operator token.

The event loop reads the values all at once. A thread encodes them, since many channels take a while, and imports the
client library at the first request.
"""

import asyncio
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from typing import TYPE_CHECKING, NamedTuple

from starlette.exceptions import HTTPException
from starlette.requests import Request

from antechamber import __version__
from antechamber.gateway.http.hostnames import host_of, is_loopback
from antechamber.gateway.http.ws_listener import WebSocketListener
from antechamber.hub.hub import Hub
from antechamber.session.login_attempts import OPERATOR, Asker

if TYPE_CHECKING:
    from prometheus_client.core import Metric

_WAYS = "Chat connections, to the ports of the channels and IRC, and the pages' WebSockets."


_PROXIED = re.compile(r"via|(?:.+-)?forwarded(?:-.+)?|x-real-ip|.+-(?:client|connecting)-ip")
"""The names of headers that a proxy adds to a request that it forwards."""
_PRIVATE = (
    "The metrics are for programs on this machine, which request them from http://localhost. "
    "Others need the operator token: Authorization: Bearer TOKEN."
)


class _Figures(NamedTuple):
    """An immutable copy of one family of metrics."""

    name: str
    kind: str
    help: str
    labels: tuple[str, ...]
    numbers: Sequence[tuple[tuple[str, ...], float]] = ()
    histograms: Sequence[tuple[tuple[str, ...], list[tuple[str, float]], float]] = ()


class Exposition:
    """Encodes the metrics of a hub and its gateways."""

    def __init__(self, hub: Hub, ws_listener: WebSocketListener, threads: Executor) -> None:
        self._hub = hub
        self._ws_listener = ws_listener
        self._threads = threads
        self._asked = asyncio.Lock()

    def check(self, request: Request, host: str) -> None:
        """Raise HTTPException if a request, from the address with the cloak `host`, may not read the metrics."""
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer":
            if not _is_of_this_machine(request):
                raise HTTPException(403, _PRIVATE)
            return
        login_attempts, asker = self._hub.login_attempts, Asker(host, "front desk")
        refused = login_attempts.judge_operator(asker, self._hub.tokens, token.strip())
        if refused is not None and refused.code == "bad-token":
            raise HTTPException(403, refused.text)
        if refused is not None:
            raise HTTPException(429, refused.text, {"Retry-After": str(login_attempts.seconds_left(asker, OPERATOR))})

    async def encoded(self, accept: str) -> tuple[bytes, str]:
        """Return the metrics in a format that `accept` allows, and its content type, for one request at a time."""
        async with self._asked:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, _encoded, self._read(), accept)

    def _read(self) -> list[_Figures]:
        pages, sessions = self._ws_listener.sessions, self._ws_listener.admission.sessions
        figures = [
            _Figures("antechamber_build", "info", "The server's version.", ("version",), [((__version__,), 1.0)]),
            _Figures(
                "antechamber_sessions", "gauge", _WAYS, ("way",), [(("port",), sessions - pages), (("page",), pages)]
            ),
        ]
        for family in self._hub.metrics.families(self._hub.channels()):
            numbers, histograms = [], []
            for labels, value in family.values:
                if isinstance(value, float | int):
                    numbers.append((labels, float(value)))
                else:
                    histograms.append((labels, value.buckets(), value.sum))
            figures.append(_Figures(*family[:4], numbers, histograms))
        return figures


def _is_of_this_machine(request: Request) -> bool:
    """Return whether a request comes from a program on this machine, and not through a proxy."""
    if request.client is None or not is_loopback(request.client.host):
        return False
    if any(map(_PROXIED.fullmatch, request.headers)):
        return False
    return all(is_loopback(host_of(value)) for value in request.headers.getlist("host"))


def _encoded(figures: Sequence[_Figures], accept: str) -> tuple[bytes, str]:
    from prometheus_client import CollectorRegistry, ProcessCollector
    from prometheus_client.exposition import choose_encoder

    registry = CollectorRegistry()
    registry.register(_Collected(figures))
    ProcessCollector(registry=registry)
    encode, kind = choose_encoder(accept)
    return encode(registry), kind


class _Collected:
    """A collector of the metrics for the client library."""

    def __init__(self, figures: Sequence[_Figures]) -> None:
        self._figures = figures

    def collect(self) -> Iterator["Metric"]:
        from prometheus_client.core import (
            CounterMetricFamily,
            GaugeMetricFamily,
            HistogramMetricFamily,
            InfoMetricFamily,
        )

        for name, kind, words, labels, numbers, histograms in self._figures:
            if kind == "histogram":
                histogram = HistogramMetricFamily(name, words, labels=labels)
                for values, buckets, total in histograms:
                    histogram.add_metric(values, buckets, total)
                yield histogram
            elif kind == "info":
                yield InfoMetricFamily(name, words, dict(zip(labels, numbers[0][0], strict=True)))
            else:
                figure = (CounterMetricFamily if kind == "counter" else GaugeMetricFamily)(name, words, labels=labels)
                for values, number in numbers:
                    figure.add_metric(values, number)
                yield figure
