"""What Prometheus reads at `/metrics`."""

from collections.abc import AsyncIterator

import pytest
from prometheus_client.openmetrics import parser as open_metrics
from prometheus_client.parser import text_string_to_metric_families

from antechamber import __version__
from antechamber.commands import Say
from antechamber.events import Entry, Said
from tests.gateway.desks import Answer, Place, front_desk
from tests.gateway.lobbies import page

Samples = dict[tuple[str, tuple[str, ...]], float]


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    async with front_desk() as place:
        yield place


def samples(answer: Answer) -> Samples:
    """Return every figure by its name and the values of its labels."""
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
