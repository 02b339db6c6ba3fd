"""The machine's clock, as the server reads it."""

import time
from collections.abc import Iterator

import pytest

from antechamber.runtime.clock import JUMP_BELIEVED_SECONDS, JUMP_SECONDS, AgeClock, SystemClock


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


class SetClock:
    """A machine whose clock somebody sets."""

    def __init__(self) -> None:
        self.steady = 100.0
        self.ahead = 1_000_000.0
        self.ages = AgeClock(lambda: self.steady + self.ahead, lambda: self.steady)

    def after(self, seconds: float) -> float:
        """Return how far the age clock is ahead of the steady one after so many more seconds."""
        self.steady += seconds
        return self.ages() - self.steady


def test_what_is_kept_grows_old_by_the_machines_clock() -> None:
    machine = SetClock()
    assert machine.after(0) == machine.after(3_600) == 1_000_000.0


def test_a_clock_that_is_corrected_counts_at_once() -> None:
    machine = SetClock()
    machine.ahead += JUMP_SECONDS
    assert machine.after(1) == 1_000_000.0 + JUMP_SECONDS
    machine.ahead -= 366 * 86_400
    assert machine.after(1) == machine.ahead


def test_a_jump_ahead_counts_once_it_has_lasted() -> None:
    machine = SetClock()
    machine.ahead += JUMP_SECONDS + 1
    assert machine.after(1) == 1_000_000.0
    assert machine.after(JUMP_BELIEVED_SECONDS - 1) == 1_000_000.0
    assert machine.after(1) == machine.ahead


def test_a_jump_that_is_taken_back_has_never_counted() -> None:
    machine = SetClock()
    for _ in range(3):
        machine.ahead += 366 * 86_400
        assert machine.after(JUMP_BELIEVED_SECONDS / 2) == 1_000_000.0
        machine.ahead -= 366 * 86_400
        assert machine.after(JUMP_BELIEVED_SECONDS / 2) == 1_000_000.0
