"""The metrics at `/metrics`, and the requests that may read them."""

from collections.abc import AsyncIterator

import pytest
import uvicorn.protocols.http.h11_impl as uvicorn_http
from prometheus_client.openmetrics import parser as open_metrics
from prometheus_client.parser import text_string_to_metric_families

from antechamber import __version__
from antechamber.protocol.commands import Say
from antechamber.protocol.events import Entry, Said
from tests.gateway.front_desks import Answer, Place, front_desk
from tests.gateway.websocket_clients import page

Samples = dict[tuple[str, tuple[str, ...]], float]


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    async with front_desk() as place:
        yield place


def samples(answer: Answer) -> Samples:
    """Return every sample by its name and label values."""
    assert answer.status == 200
    families = text_string_to_metric_families(answer.body.decode())
    return {(one.name, tuple(one.labels.values())): one.value for family in families for one in family.samples}


async def test_the_figures_of_the_hub_and_of_the_gateways_are_told(place: Place) -> None:
    mary = await page(place)
    await mary.joins("Mary")
    place.alice.ask(Say("hello"))
    while not isinstance((await place.bob.reads(Entry)).event, Said):
        pass
    answer = await place.ask("GET", "/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert answer.headers["cache-control"] == "no-store"
    told = samples(answer)
    assert told["antechamber_build_info", (__version__,)] == 1
    assert told["antechamber_sessions", ("page",)] == 1
    assert told["antechamber_sessions", ("port",)] == 0
    assert told["antechamber_seats", ("general",)] == 5
    assert told["antechamber_seated", ("general",)] == 3
    assert told["antechamber_seated", ("games",)] == 0
    assert told["antechamber_waiting", ("general",)] == 0
    assert told["antechamber_messages_total", ("general",)] == 1
    assert told["antechamber_wait_seconds_count", ("general",)] == 3
    assert told["antechamber_wait_seconds_bucket", ("general", "+Inf")] == 3
    assert told["antechamber_turn_seconds_count", ()] >= told["antechamber_log_append_seconds_count", ()] > 0
    assert told["antechamber_fanout_bytes_total", ()] > 0
    assert told["process_resident_memory_bytes", ()] > 0


async def test_buckets_hold_more_and_more_and_the_last_holds_all(place: Place) -> None:
    answer = await place.ask("GET", "/metrics")
    histograms = 0
    for family in text_string_to_metric_families(answer.body.decode()):
        if family.type != "histogram":
            continue
        histograms += 1
        by_labels: dict[tuple[str, ...], list[float]] = {}
        counts: dict[tuple[str, ...], float] = {}
        for one in family.samples:
            labels = tuple(value for name, value in one.labels.items() if name != "le")
            if one.name.endswith("_bucket"):
                by_labels.setdefault(labels, []).append(one.value)
            elif one.name.endswith("_count"):
                counts[labels] = one.value
        assert all(found == sorted(found) and found[-1] == counts[labels] for labels, found in by_labels.items())
    assert histograms == 4


async def test_whoever_asks_for_the_open_form_gets_it(place: Place) -> None:
    answer = await place.ask("GET", "/metrics", {"Accept": "application/openmetrics-text; version=1.0.0"})
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    families = open_metrics.text_string_to_metric_families(answer.body.decode())  # type: ignore[no-untyped-call]
    assert "antechamber_seats" in [family.name for family in families]


async def test_a_topic_and_a_name_break_no_line(place: Place) -> None:
    place.hub.rooms["general"].name = 'a"b\\c\nd'
    told = samples(await place.ask("GET", "/metrics"))
    assert told["antechamber_seats", ('a"b\\c\nd',)] == 5


# Requests that may read them


async def bearer(place: Place, token: str, **headers: str) -> Answer:
    return await place.ask("GET", "/metrics", {"Authorization": f"Bearer {token}", "Host": "192.0.2.7", **headers})


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:9876", "[::1]", "chat.localhost"])
async def test_a_program_on_this_machine_that_asks_for_it_by_name_is_told(place: Place, host: str) -> None:
    assert (await place.ask("GET", "/metrics", {"Host": host})).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "192.0.2.7"},
        {"Host": "chat.example"},
        {"Authorization": "Basic bWFyeTpzZWNyZXQ="},
        {"Authorization": "Bearer"},
    ],
)
async def test_what_comes_from_elsewhere_is_told_how(place: Place, headers: dict[str, str]) -> None:
    place.desk.allow(["chat.example"])
    answer = await place.ask("GET", "/metrics", {"Host": "192.0.2.7", **headers})
    assert answer.status == 403
    assert "operator token" in answer.error


@pytest.mark.parametrize(
    "header",
    [
        *("Forwarded", "Via", "X-Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"),
        *("X-Original-Forwarded-For", "X-Real-IP", "X-Client-IP", "X-Cluster-Client-IP"),
        *("True-Client-IP", "CF-Connecting-IP", "Fastly-Client-IP"),
    ],
)
async def test_what_a_proxy_hands_on_is_not_the_machines_own(place: Place, header: str) -> None:
    answer = await place.ask("GET", "/metrics", {"Host": "localhost", header: "192.0.2.1"})
    assert answer.status == 403
    assert "operator token" in answer.error


async def test_a_peer_that_is_not_this_machine_is_not_told(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uvicorn_http, "get_remote_addr", lambda _: ("192.0.2.1", 1234))
    answer = await place.ask("GET", "/metrics")
    assert (answer.status, "Authorization: Bearer TOKEN" in answer.error) == (403, True)
    monkeypatch.setattr(uvicorn_http, "get_remote_addr", lambda _: ("::ffff:127.0.0.1", 1234))
    assert (await place.ask("GET", "/metrics")).status == 200


async def test_whoever_shows_the_operator_token_is_told(place: Place) -> None:
    place.hub.set_operator_token("a token of the operator's")
    assert (await bearer(place, "a token of the operator's")).status == 200
    answer = await bearer(place, "a guess")
    assert (answer.status, answer.error) == (403, "That is not the operator token of this server.")


async def test_guesses_wait_longer_and_longer(place: Place) -> None:
    place.hub.set_operator_token("a token of the operator's")
    for number in range(place.limits.failures_burst_max + 1):
        assert (await bearer(place, f"guess {number}")).status == 403
    answer = await bearer(place, "a token of the operator's")
    assert (answer.status, answer.headers["retry-after"]) == (429, "1")
    assert answer.error.startswith("Too many wrong tries came from your address")
    place.clock.time += 1.0
    assert (await bearer(place, "a token of the operator's")).status == 200
