"""The upkeep indexes and checkpoints in small steps, and rests when there is nothing to do."""

import logging
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from antechamber.events import Queued
from antechamber.log import LogError
from antechamber.log import upkeep as upkeep_module
from antechamber.log.schema import SEQUENCE_BITS
from antechamber.log.sqlite import SqliteLog
from antechamber.log.upkeep import CHARACTERS_A_STEP, ENTRIES_A_STEP, ENTRIES_A_TICK, Upkeep

if TYPE_CHECKING:
    from tests.log.conftest import Turns


def indexed(path: Path, word: str) -> list[tuple[int, int]]:
    """Return channel number and sequence number of every row of the index that has the word."""
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT rowid FROM said WHERE said MATCH ? ORDER BY rowid", (word,)).fetchall()
    connection.close()
    return [(rowid >> SEQUENCE_BITS, rowid & (1 << SEQUENCE_BITS) - 1) for (rowid,) in rows]


def count_steps(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list that gets the number of entries of each step from now on."""
    steps: list[int] = []
    index = Upkeep._index

    def counted(self: Upkeep, step: upkeep_module._Step) -> None:
        steps.append(step.entries)
        index(self, step)

    monkeypatch.setattr(Upkeep, "_index", counted)
    return steps


def test_what_was_said_is_indexed_once(path: Path, sqlite_log: SqliteLog, turns: "Turns") -> None:
    sqlite_log.append([turns.batch("Gaming", "hello", Queued("hello"), "hello there"), turns.batch("Movies", "hello")])

    assert sqlite_log.upkeep.index_some() == 4
    assert sqlite_log.upkeep.index_some() == 0
    assert indexed(path, "hello") == [(1, 1), (1, 3), (2, 1)]


def test_a_turn_without_chat_is_passed_over(path: Path, sqlite_log: SqliteLog, turns: "Turns") -> None:
    sqlite_log.append([turns.batch("Gaming", Queued("Mary"))])

    assert sqlite_log.upkeep.index_some() == 1
    assert sqlite_log.upkeep.index_some() == 0


def test_indexing_stops_at_its_bound_and_goes_on_from_there(path: Path, sqlite_log: SqliteLog, turns: "Turns") -> None:
    sqlite_log.append([turns.batch("Gaming", *["hello"] * 7)])
    sqlite_log.append([turns.batch("Gaming", *["hello"] * 7)])

    assert [sqlite_log.upkeep.index_some(5) for _ in range(4)] == [5, 5, 4, 0]
    assert indexed(path, "hello") == [(1, sequence) for sequence in range(1, 15)]


def test_the_channel_that_is_least_behind_is_indexed_first(path: Path, sqlite_log: SqliteLog, turns: "Turns") -> None:
    sqlite_log.append([turns.batch("Busy", *["hello"] * 20), turns.batch("Quiet", "hello", "hello")])

    sqlite_log.upkeep.index_some(3)
    assert indexed(path, "hello") == [(1, 1), (2, 1), (2, 2)]


def test_a_step_has_a_bounded_number_of_entries(
    sqlite_log: SqliteLog, turns: "Turns", monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = count_steps(monkeypatch)
    sqlite_log.append([turns.batch("Gaming", *["hello"] * ENTRIES_A_STEP * 2)])
    sqlite_log.append([turns.batch("Gaming", "hello")])

    sqlite_log.upkeep.index_some()
    assert steps == [ENTRIES_A_STEP, ENTRIES_A_STEP, 1]


def test_a_step_has_a_bounded_length_of_text(
    sqlite_log: SqliteLog, turns: "Turns", monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = count_steps(monkeypatch)
    sqlite_log.append([turns.batch("Gaming", "a", "b" * (CHARACTERS_A_STEP - 1), "c", "d" * CHARACTERS_A_STEP)])

    sqlite_log.upkeep.index_some()
    assert steps == [2, 2]


def test_a_kill_between_two_steps_loses_and_doubles_nothing(
    path: Path, turns: "Turns", monkeypatch: pytest.MonkeyPatch
) -> None:
    log = SqliteLog(path, tick_seconds=None)
    log.append([turns.batch("Gaming", *["hello"] * ENTRIES_A_STEP * 3)])
    with monkeypatch.context() as patch:
        index, calls = Upkeep._index, []

        def killed(self: Upkeep, step: upkeep_module._Step) -> None:
            calls.append(step)
            if len(calls) == 2:
                step = step._replace(number=10**30)  # no such number: the transaction ends in an error at its last part
            index(self, step)

        patch.setattr(Upkeep, "_index", killed)
        with pytest.raises(OverflowError):
            log.upkeep.index_some()
    log.close()

    log = SqliteLog(path, tick_seconds=None)
    assert log.upkeep.index_some() == ENTRIES_A_STEP * 2
    assert indexed(path, "hello") == [(1, sequence) for sequence in range(1, ENTRIES_A_STEP * 3 + 1)]
    log.close()


def test_a_busy_log_is_indexed_a_little_at_a_tick(sqlite_log: SqliteLog, turns: "Turns") -> None:
    sqlite_log.append([turns.batch("Gaming", *["hello"] * ENTRIES_A_TICK * 3)])

    assert not sqlite_log.upkeep.tick()
    assert sqlite_log.upkeep.index_some(ENTRIES_A_TICK * 3) == ENTRIES_A_TICK * 2


def test_a_quiet_log_is_indexed_to_the_end(sqlite_log: SqliteLog, turns: "Turns") -> None:
    sqlite_log.append([turns.batch("Gaming", *["hello"] * ENTRIES_A_TICK * 3)])
    sqlite_log.upkeep.tick()

    assert sqlite_log.upkeep.tick()
    assert sqlite_log.upkeep.resting.is_set()
    assert sqlite_log.upkeep.index_some() == 0


def test_an_append_ends_the_quiet(sqlite_log: SqliteLog, turns: "Turns", monkeypatch: pytest.MonkeyPatch) -> None:
    sqlite_log.append([turns.batch("Gaming", *["hello"] * ENTRIES_A_TICK * 3)])
    sqlite_log.upkeep.tick()
    late = [turns.batch("Movies", "late")]
    index = Upkeep._index

    def overtaken(self: Upkeep, step: upkeep_module._Step) -> None:
        index(self, step)
        if late:
            sqlite_log.append([late.pop()])

    monkeypatch.setattr(Upkeep, "_index", overtaken)
    assert not sqlite_log.upkeep.tick()
    assert not sqlite_log.upkeep.resting.is_set()
    assert sqlite_log.upkeep.index_some(ENTRIES_A_TICK * 3) == ENTRIES_A_TICK + 1


def test_the_indexs_segments_are_merged_when_it_is_quiet(
    path: Path, sqlite_log: SqliteLog, turns: "Turns", monkeypatch: pytest.MonkeyPatch
) -> None:
    def segments() -> int:
        connection = sqlite3.connect(path)
        (count,) = connection.execute("SELECT count(DISTINCT segid) FROM said_idx").fetchone()
        connection.close()
        return int(count)

    with monkeypatch.context() as patch:
        patch.setattr(Upkeep, "_merge", lambda self: False)
        for number in range(30):
            sqlite_log.append([turns.batch("Gaming", f"hello {number}")])
            sqlite_log.upkeep.index_some()
    before = segments()
    while not sqlite_log.upkeep.tick():
        pass

    assert (before, segments() < 8) == (30, True)
    assert len(indexed(path, "hello")) == 30


def wal_pages(path: Path) -> int:
    """Return how many pages the write-ahead log holds."""
    connection = sqlite3.connect(path)
    _busy, pages, _carried = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    connection.close()
    return int(pages)


def test_the_write_ahead_log_begins_anew_past_its_bound(
    path: Path, sqlite_log: SqliteLog, turns: "Turns", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep_module, "WAL_BYTES_MAX", 100_000)
    sqlite_log.append([turns.batch("Gaming", "a" * 200_000)])
    assert wal_pages(path) > 50
    sqlite_log.upkeep.tick()
    sqlite_log.append([turns.batch("Gaming", "hello")])

    assert wal_pages(path) < 10
    assert sqlite_log.last_sequence("Gaming") == 2


MEBIBYTE = 1 << 20


@pytest.mark.parametrize(
    ("sizes", "is_held_up"),
    [
        ([64], [False]),  # within the bound
        ([65, 65], [False, False, True]),  # all is carried over
        ([100, 120, 124, 124.5], [False] * 4 + [True]),  # each round leaves less to the next
        ([100, 1], [False, False]),  # it began anew by itself
        ([100 + 50 * number for number in range(9)], [False] * 9 + [True]),  # the writer outruns every round
    ],
)
def test_the_writer_is_held_up_for_the_last_few_pages_alone(
    sqlite_log: SqliteLog, monkeypatch: pytest.MonkeyPatch, sizes: list[float], is_held_up: list[bool]
) -> None:
    rounds = iter([*sizes, 0])
    seen = []

    def checkpoint(self: Upkeep) -> int:
        seen.append(sqlite_log._lock.locked())
        return int(next(rounds) * MEBIBYTE)

    monkeypatch.setattr(Upkeep, "_passive_checkpoint", checkpoint)
    sqlite_log.upkeep.tick()
    assert seen == is_held_up


def test_a_large_write_ahead_log_is_made_small_when_it_is_quiet(
    path: Path, sqlite_log: SqliteLog, turns: "Turns", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep_module, "WAL_FILE_BYTES_MAX", 100_000)
    wal = path.with_name(f"{path.name}-wal")
    sqlite_log.append([turns.batch("Gaming", "a" * 200_000)])
    sqlite_log.upkeep.tick()
    assert wal.stat().st_size > 200_000

    while not sqlite_log.upkeep.tick():
        pass
    assert wal.stat().st_size == 0
    assert list(sqlite_log.read_from("Gaming", 1)) == turns.entries["Gaming"]


def test_a_reader_that_is_slow_holds_nobody_up(
    path: Path, sqlite_log: SqliteLog, turns: "Turns", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep_module, "WAL_BYTES_MAX", 100_000)
    sqlite_log.append([turns.batch("Gaming", "hello")])
    slow = sqlite3.connect(path, isolation_level=None)
    slow.execute("BEGIN")
    slow.execute("SELECT * FROM channel").fetchall()
    sqlite_log.append([turns.batch("Gaming", "a" * 200_000)])

    while not sqlite_log.upkeep.tick():
        pass
    sqlite_log.append([turns.batch("Gaming", "hello")])
    assert sqlite_log.last_sequence("Gaming") == 3
    slow.close()


def test_trouble_is_told_once_and_what_is_left_waits_for_the_next_append(
    path: Path, sqlite_log: SqliteLog, turns: "Turns", monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(self: Upkeep) -> int:
        raise sqlite3.OperationalError("database or disk is full")

    sqlite_log.append([turns.batch("Gaming", "hello")])
    with monkeypatch.context() as patch, caplog.at_level(logging.WARNING):
        patch.setattr(Upkeep, "_passive_checkpoint", fail)
        assert not sqlite_log.upkeep.tick()
        assert sqlite_log.upkeep.tick()
    assert [record.getMessage() for record in caplog.records] == [
        f"The upkeep of the log {path} is put off: database or disk is full"
    ]

    sqlite_log.append([turns.batch("Gaming", "hello")])
    while not sqlite_log.upkeep.tick():
        pass
    assert len(indexed(path, "hello")) == 2
    assert len(caplog.records) == 1


def test_an_index_that_fails_does_not_keep_the_write_ahead_log_from_beginning_anew(
    path: Path, sqlite_log: SqliteLog, turns: "Turns", caplog: pytest.LogCaptureFixture
) -> None:
    sqlite_log.append([turns.batch("Gaming", "hello")])
    sqlite_log._connection.execute("DROP TABLE said")

    sqlite_log.upkeep.tick()
    assert sqlite_log.upkeep.tick()
    assert [record.getMessage() for record in caplog.records] == [
        f"The upkeep of the log {path} is put off: no such table: said"
    ]
    sqlite_log.append([turns.batch("Gaming", "hello")])
    assert wal_pages(path) < 5


def test_a_damaged_turn_is_passed_over_and_told_of(
    path: Path, sqlite_log: SqliteLog, turns: "Turns", caplog: pytest.LogCaptureFixture
) -> None:
    sqlite_log.append([turns.batch("Gaming", "hello", "hello")])
    sqlite_log.append([turns.batch("Gaming", "hello", "hello")._replace(lines=b"garbage\n")])
    sqlite_log.append([turns.batch("Gaming", "hello")])

    sqlite_log.upkeep.tick()
    assert sqlite_log.upkeep.tick()
    assert indexed(path, "hello") == [(1, 1), (1, 2), (1, 5)]
    assert [record.getMessage() for record in caplog.records] == [
        f"Not in the search index: The log {path} is damaged near entry 4."
    ]


def test_the_thread_works_until_there_is_nothing_left_to_do_and_rests(path: Path, turns: "Turns") -> None:
    log = SqliteLog(path, tick_seconds=0)
    for number in range(3):
        log.append([turns.batch("Gaming", *["hello"] * 300)])
        assert log.upkeep.resting.wait(30)
        assert len(indexed(path, "hello")) == 300 * (number + 1)
    log.close()


def test_the_thread_does_what_an_earlier_server_left(path: Path, turns: "Turns") -> None:
    log = SqliteLog(path, tick_seconds=None)
    log.append([turns.batch("Gaming", "hello")])
    log.close()

    log = SqliteLog(path, tick_seconds=0)
    assert log.upkeep.resting.wait(30)
    assert indexed(path, "hello") == [(1, 1)]
    log.close()


def test_closing_does_not_wait_for_what_is_left(path: Path, turns: "Turns", monkeypatch: pytest.MonkeyPatch) -> None:
    log = SqliteLog(path, tick_seconds=None)
    log.append([turns.batch("Gaming", *["hello"] * ENTRIES_A_STEP * 3)])
    index = Upkeep._index

    def closed_meanwhile(self: Upkeep, step: upkeep_module._Step) -> None:
        index(self, step)
        self._closing.set()

    with monkeypatch.context() as patch:
        patch.setattr(Upkeep, "_index", closed_meanwhile)
        log.upkeep.index_some()
    log.close()
    assert len(indexed(path, "hello")) == ENTRIES_A_STEP


def test_a_log_whose_upkeep_cannot_start_is_let_go_of(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: Upkeep, *arguments: object) -> None:
        raise sqlite3.OperationalError("unable to open")

    with monkeypatch.context() as patch:
        patch.setattr(Upkeep, "__init__", fail)
        with pytest.raises(LogError, match="cannot be used: unable to open"):
            SqliteLog(path)
    SqliteLog(path, tick_seconds=None).close()
