"""What is the memory log's own: it is bounded, and has no search index."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from antechamber.log import Snapshot, memory, paging
from antechamber.log.memory import MemoryLog
from antechamber.log.paging import Row
from antechamber.log.stored_turn import StoredTurn
from antechamber.protocol.limits import Retention

if TYPE_CHECKING:
    from tests.log.conftest import Turns


def test_a_full_memory_log_forgets_its_oldest_turns(turns: "Turns") -> None:
    size = len(turns.batch("Old", "x").lines) + 6
    log = MemoryLog(bytes_max=3 * size)
    for channel in ("Gaming", "Movies", "Gaming", "Gaming"):
        log.append([turns.batch(channel, "y")])

    assert [entry.sequence for entry in log.read_from("Gaming", 1)] == [2, 3]
    assert [entry.sequence for entry in log.read_from("Movies", 1)] == [1]
    log.append([turns.batch("Gaming", "z")])
    assert list(log.read_from("Movies", 1)) == []
    assert log.last_sequence("Movies") == 1


def test_a_memory_log_holds_exactly_its_bound(turns: "Turns") -> None:
    first, second = turns.batch("Gaming", "one"), turns.batch("Gaming", "two")
    log = MemoryLog(bytes_max=len(first.lines) + len(second.lines))
    log.append([first, second])
    assert len(list(log.read_from("Gaming", 1))) == 2

    log.append([turns.batch("Gaming", "yes")])
    assert [entry.sequence for entry in log.read_from("Gaming", 1)] == [2, 3]
    log.append([turns.batch("Gaming", "long")])
    assert [entry.sequence for entry in log.read_from("Gaming", 1)] == [4]


def test_a_full_memory_log_passes_over_what_its_channels_need_not_keep(turns: "Turns") -> None:
    size = len(turns.batch("Old", "x").lines) + 6
    log = MemoryLog(bytes_max=3 * size)
    log.retain("Gaming", Retention(entries_max=1))
    log.retain("Empty0", Retention(age_seconds_max=1.0))
    for channel in ("Gaming", "Empty0"):
        log.append([turns.batch(channel, "y", time=1.5)])
    for _ in range(4):
        log.append([turns.batch("Gaming", "y")])
        log.keep_snapshot("Gaming", Snapshot(log.last_sequence("Gaming"), b"state"))
    log.keep_snapshot("Empty0", Snapshot(1, b"state"))
    assert [entry.sequence for entry in log.read_from("Gaming", 1)] == [5]
    assert list(log.read_from("Empty0", 1)) == []

    for _ in range(3):
        log.append([turns.batch("Movies", "y")])
    assert list(log.read_from("Gaming", 1)) == []
    assert [entry.sequence for entry in log.read_from("Movies", 1)] == [1, 2, 3]
    log.append([turns.batch("Empty0", "y")])
    assert [entry.sequence for entry in log.read_from("Movies", 1)] == [2, 3]


def test_turns_from_the_future_are_looked_through_to_a_bound(turns: "Turns") -> None:
    log = MemoryLog(now=lambda: 1_000.0)
    for channel, count in (("Gaming", 1_000), ("Movies", 1_001)):
        log.append([turns.batch(channel, "from the future", time=5_000.0) for _ in range(count)])
        log.append([turns.batch(channel, "old", time=10.0)])
        log.keep_snapshot(channel, Snapshot(count + 1, b"state"))
        log.retain(channel, Retention(age_seconds_max=100.0))

    assert list(log.read_from("Gaming", 1)) == []
    assert len(list(log.read_from("Movies", 1))) == 1_002


def test_a_memory_log_may_be_given_its_secret() -> None:
    assert MemoryLog(secret=b"s" * 32).secret() == b"s" * 32


def test_forgetting_turns_keeps_the_snapshot(turns: "Turns") -> None:
    log = MemoryLog(bytes_max=0)
    log.keep_snapshot("Gaming", Snapshot(1, b"state"))
    log.append([turns.batch("Gaming", "one")])

    assert log.snapshot("Gaming") == Snapshot(1, b"state")
    assert log.last_sequence("Gaming") == 1


def test_a_search_looks_only_into_turns_that_may_have_the_words(
    turns: "Turns", monkeypatch: pytest.MonkeyPatch
) -> None:
    log = MemoryLog()
    for text in ("one hello", "TWO", "hello two", "zwö", "twofold", "nothing"):
        log.append([turns.batch("Gaming", text)])
    looked_into: list[int] = []

    def watched(name: str, channel: str, batches: list[Row], before: int, forgotten: int) -> Iterator[StoredTurn]:
        looked_into.extend(last for last, _ in batches)
        return paging.backwards(name, channel, batches, before, forgotten)

    monkeypatch.setattr(memory, "backwards", watched)
    found = log.reader().find("Gaming", "two", 0, 9, 10_000)
    assert [entry.sequence for entry in found.entries] == [2, 3]
    assert looked_into == [5, 4, 3, 2]
