"""What every log forgets where its channels are not to keep everything, and what it never does."""

import sqlite3
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from antechamber.log import Batch, Log, Snapshot
from antechamber.log.sqlite import SqliteLog
from antechamber.protocol.limits import Retention
from tests.log.looking import settle

if TYPE_CHECKING:
    from tests.log.conftest import Turns, Wall

_names = count(1)


def kept(log: Log, channel: str = "Gaming") -> list[int]:
    return [entry.sequence for entry in log.read_from(channel, 1)]


def keep(log: Log, turns: "Turns", sizes: list[int], snapshot: int | None = None, channel: str = "Gaming") -> None:
    """Keep turns of these sizes, and the snapshot after the last entry if nothing else is said."""
    for size in sizes:
        log.append([turns.batch(channel, *["hello"] * size)])
    last = log.last_sequence(channel)
    log.keep_snapshot(channel, Snapshot(last if snapshot is None else snapshot, b"state"))


@pytest.mark.parametrize(("entries_max", "first"), [(0, 1), (11, 1), (10, 1), (9, 2), (4, 7), (1, 10)])
def test_of_more_entries_than_the_bound_the_oldest_are_forgotten(
    log: Log, turns: "Turns", entries_max: int, first: int
) -> None:
    keep(log, turns, [1] * 10)
    log.retain("Gaming", Retention(entries_max=entries_max))
    settle(log)

    assert list(log.read_from("Gaming", 1)) == turns.entries["Gaming"][first - 1 :]
    assert list(log.read_from("Gaming", 8)) == turns.entries["Gaming"][max(first, 8) - 1 :]
    assert log.last_sequence("Gaming") == 10


@pytest.mark.parametrize(("seconds", "first"), [(9.0, 1), (9.5, 2), (10.0, 2), (12.5, 5)])
def test_entries_that_are_older_than_the_bound_are_forgotten(
    log: Log, turns: "Turns", wall: "Wall", seconds: float, first: int
) -> None:
    keep(log, turns, [1] * 5)  # a turn a second
    log.retain("Gaming", Retention(age_seconds_max=10.0))
    wall.time = turns.entries["Gaming"][0].time + seconds + 1.0
    settle(log)

    assert kept(log) == list(range(first, 6))


def test_of_the_two_bounds_the_narrower_holds(log: Log, turns: "Turns", wall: "Wall") -> None:
    for channel, bounds in (("A", Retention(10.0, 2)), ("B", Retention(1.5, 4))):
        keep(log, turns, [1] * 5, channel=channel)
        log.retain(channel, bounds)
        wall.time = turns.time
        settle(log)
    assert (kept(log, "A"), kept(log, "B")) == ([4, 5], [4, 5])


def test_turns_are_forgotten_whole(log: Log, turns: "Turns") -> None:
    keep(log, turns, [3, 3, 3])
    log.retain("Gaming", Retention(entries_max=4))
    settle(log)

    assert kept(log) == [4, 5, 6, 7, 8, 9]


@pytest.mark.parametrize(("snapshot", "first"), [(0, 1), (1, 1), (3, 3), (4, 5), (10, 10)])
def test_nothing_after_the_snapshot_is_forgotten(log: Log, turns: "Turns", snapshot: int, first: int) -> None:
    keep(log, turns, [2, 2] + [1] * 6, snapshot)
    log.retain("Gaming", Retention(entries_max=1))
    settle(log)

    assert kept(log) == list(range(first, 11))


def test_nothing_is_forgotten_where_there_is_no_snapshot(log: Log, turns: "Turns", wall: "Wall") -> None:
    log.append([turns.batch("Gaming", "one"), turns.batch("Gaming", "two")])
    log.retain("Gaming", Retention(1.0, 1))
    wall.time += 1_000
    settle(log)

    assert kept(log) == [1, 2]


def test_the_next_snapshot_lets_more_be_forgotten(log: Log, turns: "Turns") -> None:
    log.retain("Gaming", Retention(entries_max=2))
    keep(log, turns, [1] * 5, snapshot=2)
    settle(log)
    assert kept(log) == [3, 4, 5]

    keep(log, turns, [1])
    settle(log)
    assert kept(log) == [5, 6]


def test_a_channel_of_which_all_is_forgotten_is_numbered_on(log: Log, turns: "Turns", wall: "Wall") -> None:
    keep(log, turns, [2, 3])
    log.retain("Gaming", Retention(age_seconds_max=60.0))
    wall.time = turns.time + 61
    settle(log)
    assert kept(log) == []
    assert log.last_sequence("Gaming") == 5
    assert log.snapshot("Gaming") == Snapshot(5, b"state")

    log.append([turns.batch("Gaming", "six", time=wall.time)])
    settle(log)
    assert kept(log) == [6]
    assert log.last_sequence("Gaming") == 6


def test_other_channels_are_left_alone(log: Log, turns: "Turns") -> None:
    for channel in ("Gaming", "Movies", "Music"):
        keep(log, turns, [1] * 3, channel=channel)
    log.retain("Gaming", Retention(entries_max=1))
    log.retain("Movies", Retention())
    log.retain("Unknown", Retention(1.0, 1))
    settle(log)

    assert [kept(log, channel) for channel in ("Gaming", "Movies", "Music")] == [[3], [1, 2, 3], [1, 2, 3]]


def test_a_bound_may_be_taken_back(log: Log, turns: "Turns") -> None:
    log.retain("Gaming", Retention(entries_max=1))
    keep(log, turns, [1] * 3)
    settle(log)
    log.retain("Gaming", Retention())
    keep(log, turns, [1] * 3)
    settle(log)

    assert kept(log) == [3, 4, 5, 6]


def behind(turns: "Turns", time: float, kept_at: float, channel: str = "Gaming") -> Batch:
    """Return a turn of `time` that was kept when the machine's clock showed an earlier one."""
    return turns.batch(channel, "hello", "there", time=time)._replace(kept_at=kept_at)


@pytest.mark.parametrize(("now", "first"), [(600.0, 1), (611.0, 3), (611.5, 5), (612.5, 7), (700.0, 7)])
def test_what_was_kept_while_the_clock_was_behind_grows_old_by_what_it_showed(
    log: Log, turns: "Turns", wall: "Wall", now: float, first: int
) -> None:
    """The clock was set a year ahead, and back: what was said since is no older for that, and goes no later."""
    wall.time = now
    log.append([turns.batch("Gaming", "hello", "there", time=510.0)])
    ahead = 510.0 + 366 * 86_400
    log.append([behind(turns, ahead, 511.0), turns.batch("Movies", "else", time=511.0)])
    log.append([behind(turns, ahead + 0.001, 512.0)])
    keep(log, turns, [])
    log.retain("Gaming", Retention(age_seconds_max=100.0))
    settle(log)

    assert kept(log) == list(range(first, 7))


def test_nothing_of_when_it_was_kept_stays_behind_what_is_forgotten(path: Path, wall: "Wall", turns: "Turns") -> None:
    log = SqliteLog(path, tick_seconds=None, now=wall)
    for number in range(4):
        log.append([behind(turns, 9_000.0 + number, 10.0 + number)])
    keep(log, turns, [])
    log.retain("Gaming", Retention(entries_max=4))
    settle(log)
    log.close()
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT channel, last, time FROM behind").fetchall()
    assert rows == [(1, 6, 12.0), (1, 8, 13.0)]


def test_a_turn_from_the_future_is_as_old_as_the_one_after_it(log: Log, turns: "Turns", wall: "Wall") -> None:
    for time in (10.0, 9_000.0, 9_001.0, 11.0, 500.0, 9_002.0, 501.0):
        log.append([turns.batch("Gaming", "hello", time=time)])
    keep(log, turns, [])
    wall.time = 550.0
    log.retain("Gaming", Retention(age_seconds_max=100.0))
    settle(log)

    assert kept(log) == [5, 6, 7]


def test_a_turn_from_the_past_is_as_young_as_the_ones_before_it(log: Log, turns: "Turns", wall: "Wall") -> None:
    for time in (500.0, 0.0, 501.0):
        log.append([turns.batch("Gaming", "hello", time=time)])
    keep(log, turns, [])
    wall.time = 550.0
    log.retain("Gaming", Retention(age_seconds_max=100.0))
    settle(log)

    assert kept(log) == [1, 2, 3]


def test_reading_passes_over_what_is_forgotten_meanwhile(log: Log, turns: "Turns") -> None:
    keep(log, turns, [1] * 200)
    reading = log.read_from("Gaming", 1)
    assert next(reading).sequence == 1
    log.retain("Gaming", Retention(entries_max=10))
    settle(log)

    rest = [entry.sequence for entry in reading]
    assert rest[-10:] == list(range(191, 201))
    assert rest == sorted(set(rest))
    assert kept(log) == list(range(191, 201))


def test_reading_ends_where_all_the_rest_is_forgotten_meanwhile(log: Log, turns: "Turns", wall: "Wall") -> None:
    keep(log, turns, [1] * 200)
    reading = log.read_from("Gaming", 1)
    assert next(reading).sequence == 1
    log.retain("Gaming", Retention(age_seconds_max=1.0))
    wall.time = turns.time + 100
    settle(log)
    assert kept(log) == []

    assert len(list(reading)) < 199


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=50)
@given(
    sizes=st.lists(st.integers(1, 5), min_size=1, max_size=20),
    snapshot=st.integers(0, 100),
    entries_max=st.integers(0, 40),
    age=st.integers(0, 15),
)
def test_what_is_left_is_what_must_be_and_no_more(
    log: Log, turns: "Turns", wall: "Wall", sizes: list[int], snapshot: int, entries_max: int, age: int
) -> None:
    name = f"channel {next(_names)}"  # the log is the same in every example
    wall.time = turns.time
    keep(log, turns, sizes, min(snapshot, sum(sizes)), name)
    log.retain(name, Retention(float(age), entries_max))
    wall.time = turns.time + 5
    settle(log)

    ends = [sum(sizes[: index + 1]) for index in range(len(sizes))]
    oldest = 0
    for end, size in zip(ends, sizes, strict=True):
        is_too_many = entries_max and end <= sum(sizes) - entries_max
        is_too_old = age and turns.entries[name][end - 1].time < wall.time - age
        if end > snapshot or not (is_too_many or is_too_old):
            oldest = end - size + 1
            break
    assert kept(log, name) == (list(range(oldest, sum(sizes) + 1)) if oldest else [])
    assert log.last_sequence(name) == sum(sizes)
