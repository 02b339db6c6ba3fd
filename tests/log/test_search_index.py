"""The search index grows in small steps, and whatever happens it is of what was said."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from antechamber.log.damage import REMEDY
from antechamber.log.indexed_text import CHARACTERS_A_STEP, ENTRIES_A_STEP, Step
from antechamber.log.search_index import Index
from antechamber.log.sqlite import SqliteLog
from antechamber.protocol.events import Queued
from tests.log.looking import indexed

if TYPE_CHECKING:
    from tests.log.conftest import Turns


def count_steps(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list that gets the number of entries of each step from now on."""
    steps: list[int] = []
    index = Index._add

    def counted(self: Index, step: Step) -> None:
        steps.append(step.entries)
        index(self, step)

    monkeypatch.setattr(Index, "_add", counted)
    return steps


def test_what_was_said_is_indexed_once(path: Path, sqlite_log: SqliteLog, turns: "Turns") -> None:
    sqlite_log.append([turns.batch("Gaming", "hello", Queued("hello"), "hello there"), turns.batch("Movies", "hello")])

    assert sqlite_log.maintenance.index.add_some() == 4
    assert sqlite_log.maintenance.index.add_some() == 0
    assert indexed(path, "hello") == [(1, 1), (1, 3), (2, 1)]


def test_a_turn_without_chat_is_passed_over(path: Path, sqlite_log: SqliteLog, turns: "Turns") -> None:
    sqlite_log.append([turns.batch("Gaming", Queued("Mary"))])

    assert sqlite_log.maintenance.index.add_some() == 1
    assert sqlite_log.maintenance.index.add_some() == 0


def test_indexing_stops_at_its_bound_and_goes_on_from_there(path: Path, sqlite_log: SqliteLog, turns: "Turns") -> None:
    sqlite_log.append([turns.batch("Gaming", *["hello"] * 7)])
    sqlite_log.append([turns.batch("Gaming", *["hello"] * 7)])

    assert [sqlite_log.maintenance.index.add_some(5) for _ in range(4)] == [5, 5, 4, 0]
    assert indexed(path, "hello") == [(1, sequence) for sequence in range(1, 15)]


def test_the_channel_that_is_least_behind_is_indexed_first(path: Path, sqlite_log: SqliteLog, turns: "Turns") -> None:
    sqlite_log.append([turns.batch("Busy", *["hello"] * 20), turns.batch("Quiet", "hello", "hello")])

    sqlite_log.maintenance.index.add_some(3)
    assert indexed(path, "hello") == [(1, 1), (2, 1), (2, 2)]


def test_a_step_has_a_bounded_number_of_entries(
    sqlite_log: SqliteLog, turns: "Turns", monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = count_steps(monkeypatch)
    sqlite_log.append([turns.batch("Gaming", *["hello"] * ENTRIES_A_STEP * 2)])
    sqlite_log.append([turns.batch("Gaming", "hello")])

    sqlite_log.maintenance.index.add_some()
    assert steps == [ENTRIES_A_STEP, ENTRIES_A_STEP, 1]


def test_a_step_has_a_bounded_length_of_text(
    sqlite_log: SqliteLog, turns: "Turns", monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = count_steps(monkeypatch)
    sqlite_log.append([turns.batch("Gaming", "a", "b" * (CHARACTERS_A_STEP - 1), "c", "d" * CHARACTERS_A_STEP)])

    sqlite_log.maintenance.index.add_some()
    assert steps == [2, 2]


def test_a_kill_between_two_steps_loses_and_doubles_nothing(
    path: Path, turns: "Turns", monkeypatch: pytest.MonkeyPatch
) -> None:
    log = SqliteLog(path, tick_seconds=None)
    log.append([turns.batch("Gaming", *["hello"] * ENTRIES_A_STEP * 3)])
    with monkeypatch.context() as patch:
        index, calls = Index._add, []

        def killed(self: Index, step: Step) -> None:
            calls.append(step)
            if len(calls) == 2:
                step = step._replace(number=10**30)  # no such number: the transaction ends in an error at its last part
            index(self, step)

        patch.setattr(Index, "_add", killed)
        with pytest.raises(OverflowError):
            log.maintenance.index.add_some()
    log.close()

    log = SqliteLog(path, tick_seconds=None)
    assert log.maintenance.index.add_some() == ENTRIES_A_STEP * 2
    assert indexed(path, "hello") == [(1, sequence) for sequence in range(1, ENTRIES_A_STEP * 3 + 1)]
    log.close()


def test_a_damaged_turn_is_passed_over_and_told_of(
    path: Path, sqlite_log: SqliteLog, turns: "Turns", caplog: pytest.LogCaptureFixture
) -> None:
    sqlite_log.append([turns.batch("Gaming", "hello", "hello")])
    sqlite_log.append([turns.batch("Gaming", "hello", "hello")._replace(lines=b"garbage\n")])
    sqlite_log.append([turns.batch("Gaming", "hello")])

    sqlite_log.maintenance.tick()
    assert sqlite_log.maintenance.tick()
    assert indexed(path, "hello") == [(1, 1), (1, 2), (1, 5)]
    assert [record.getMessage() for record in caplog.records] == [
        f"A turn is not in the search index: The log {path} is damaged near entry 4: {REMEDY}."
    ]


def test_closing_does_not_wait_for_what_is_left(path: Path, turns: "Turns", monkeypatch: pytest.MonkeyPatch) -> None:
    log = SqliteLog(path, tick_seconds=None)
    log.append([turns.batch("Gaming", *["hello"] * ENTRIES_A_STEP * 3)])
    index = Index._add

    def closed_meanwhile(self: Index, step: Step) -> None:
        index(self, step)
        self._access.closing.set()

    with monkeypatch.context() as patch:
        patch.setattr(Index, "_add", closed_meanwhile)
        log.maintenance.index.add_some()
    log.close()
    assert len(indexed(path, "hello")) == ENTRIES_A_STEP
