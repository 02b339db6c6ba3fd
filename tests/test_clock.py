"""The machine's clock, as the server reads it."""

import time
from collections.abc import Iterator

import pytest

from antechamber.clock import SystemClock


@pytest.fixture(params=["UTC0", "NPT-5:45", "NST3:30"])
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


def test_a_time_reads_as_the_local_time_of_day(zone: str) -> None:
    expected = {"UTC0": "00:00:59", "NPT-5:45": "05:45:59", "NST3:30": "20:30:59"}[zone]
    clock = SystemClock()
    assert clock.text(59.0) == clock.text(59.999) == expected
    assert clock.text(60.0) != expected
    assert clock.text(59.0) == expected


def test_the_offset_is_local_time_less_utc(zone: str) -> None:
    offset = {"UTC0": 0, "NPT-5:45": 20_700, "NST3:30": -12_600}[zone]
    assert SystemClock().utc_offset_seconds(0.0) == offset


def test_now_is_the_time_of_the_machine() -> None:
    before = time.time()
    assert before - 1e-6 <= SystemClock().now() <= time.time() + 1e-6
