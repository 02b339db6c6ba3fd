"""The wait to expect, from how long seats were held."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antechamber.channel.wait_estimate import SEATS_REMEMBERED, expected_wait, held_seconds

times = st.floats(0, 1e6)


def test_three_seats_that_ended_tell_something_and_two_do_not() -> None:
    assert held_seconds([30, 10], [500, 400]) is None
    assert held_seconds([30, 10, 20], []) == [10, 20, 30]


def test_seats_that_go_on_for_longer_than_most_count_and_no_others() -> None:
    assert held_seconds([10, 20, 30], [500, 21, 20, 3]) == [10, 20, 21, 30, 500]


def test_as_many_seats_that_go_on_count_as_are_remembered_of_those_that_ended() -> None:
    asked = iter(range(1_000, 0, -1))
    found = held_seconds([1, 2, 3], asked)
    assert found == [1, 2, 3, *range(1_001 - SEATS_REMEMBERED, 1_001)]


def test_a_wait_is_a_range_of_the_shorter_and_the_longer_seats() -> None:
    assert expected_wait([10, 20, 30, 40], 1, 1) == (20, 40)
    assert expected_wait([10, 20, 30, 40], 2, 1) == (10, 20)
    assert expected_wait([10, 20, 30, 40], 2, 6) == (60, 120)


def test_without_a_measure_there_is_no_wait_to_tell() -> None:
    assert expected_wait(None, 5, 1) is None
    assert expected_wait([10, 20, 30], 0, 1) is None


@pytest.mark.parametrize(("seconds", "told"), [(0.0, 0.0), (0.123, 0.12), (7.77, 7.8), (99.4, 99.0), (1_234, 1_200)])
def test_a_wait_is_told_with_two_digits(seconds: float, told: float) -> None:
    assert expected_wait([seconds] * 3, 1, 1) == (told, told)


@given(st.lists(times, min_size=3, max_size=50), st.lists(times, max_size=60), st.integers(1, 99), st.integers(1, 999))
def test_a_wait_grows_with_those_ahead_and_lies_within_the_seats_that_were_held(
    ended: list[float], running: list[float], seats: int, departures: int
) -> None:
    found = held_seconds(ended, sorted(running, reverse=True))
    assert found is not None
    assert found == sorted(found)
    assert len(found) <= len(ended) + SEATS_REMEMBERED
    wait, longer = expected_wait(found, seats, departures), expected_wait(found, seats, departures + 1)
    assert wait is not None
    assert longer is not None
    assert found[0] * departures / seats * 0.94 <= wait[0] <= wait[1] <= found[-1] * departures / seats * 1.06
    assert wait[0] <= longer[0]
    assert wait[1] <= longer[1]
