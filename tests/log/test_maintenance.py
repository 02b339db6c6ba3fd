"""The maintenance works while there is something to do, more when it is quiet, and rests when there is nothing."""

import logging
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from antechamber.log import LogError
from antechamber.log.damage import REMEDY
from antechamber.log.indexed_text import Step
from antechamber.log.maintenance import Maintenance
from antechamber.log.search_index import ENTRIES_A_TICK, Index
from antechamber.log.sqlite import SqliteLog
from antechamber.log.wal import WriteAheadLog
from tests.log.looking import indexed, segments, settle, wal_pages

if TYPE_CHECKING:
    from tests.log.conftest import Turns


def test_a_busy_log_is_indexed_a_little_at_a_tick(sqlite_log: SqliteLog, turns: "Turns") -> None:
    sqlite_log.append([turns.batch("Gaming", *["hello"] * ENTRIES_A_TICK * 3)])

    assert not sqlite_log.maintenance.tick()
    assert sqlite_log.maintenance.index.add_some(ENTRIES_A_TICK * 3) == ENTRIES_A_TICK * 2


def test_a_quiet_log_is_indexed_to_the_end(sqlite_log: SqliteLog, turns: "Turns") -> None:
    sqlite_log.append([turns.batch("Gaming", *["hello"] * ENTRIES_A_TICK * 3)])
    sqlite_log.maintenance.tick()

    assert sqlite_log.maintenance.tick()
    assert sqlite_log.maintenance.resting.is_set()
    assert sqlite_log.maintenance.index.add_some() == 0


def test_an_append_ends_the_quiet(sqlite_log: SqliteLog, turns: "Turns", monkeypatch: pytest.MonkeyPatch) -> None:
    sqlite_log.append([turns.batch("Gaming", *["hello"] * ENTRIES_A_TICK * 3)])
    sqlite_log.maintenance.tick()
    late = [turns.batch("Movies", "late")]
    index = Index._add

    def overtaken(self: Index, step: Step) -> None:
        index(self, step)
        if late:
            sqlite_log.append([late.pop()])

    monkeypatch.setattr(Index, "_add", overtaken)
    assert not sqlite_log.maintenance.tick()
    assert not sqlite_log.maintenance.resting.is_set()
    assert sqlite_log.maintenance.index.add_some(ENTRIES_A_TICK * 3) == ENTRIES_A_TICK + 1


def test_the_indexs_segments_are_merged_when_it_is_quiet(
    path: Path, sqlite_log: SqliteLog, turns: "Turns", monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Index, "merge", lambda self: False)
        for number in range(30):
            sqlite_log.append([turns.batch("Gaming", f"hello {number}")])
            sqlite_log.maintenance.index.add_some()
    before = segments(path)
    while not sqlite_log.maintenance.tick():
        pass

    assert (before, segments(path) < 8) == (30, True)
    assert len(indexed(path, "hello")) == 30


def test_trouble_is_told_once_and_what_is_left_waits_for_the_next_append(
    path: Path, sqlite_log: SqliteLog, turns: "Turns", monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(self: WriteAheadLog) -> int:
        raise sqlite3.OperationalError("database or disk is full")

    sqlite_log.append([turns.batch("Gaming", "hello")])
    with monkeypatch.context() as patch, caplog.at_level(logging.WARNING):
        patch.setattr(WriteAheadLog, "_carry_over_some", fail)
        assert not sqlite_log.maintenance.tick()
        assert sqlite_log.maintenance.tick()
    assert [record.getMessage() for record in caplog.records] == [
        f"The maintenance of the log {path} is put off: database or disk is full"
    ]

    sqlite_log.append([turns.batch("Gaming", "hello")])
    while not sqlite_log.maintenance.tick():
        pass
    assert len(indexed(path, "hello")) == 2
    assert len(caplog.records) == 1


def test_an_index_that_fails_does_not_keep_the_write_ahead_log_from_beginning_anew(
    path: Path, sqlite_log: SqliteLog, turns: "Turns", caplog: pytest.LogCaptureFixture
) -> None:
    sqlite_log.append([turns.batch("Gaming", "hello")])
    sqlite_log._connection.execute("DROP TABLE said")

    sqlite_log.maintenance.tick()
    assert sqlite_log.maintenance.tick()
    assert [record.getMessage() for record in caplog.records] == [
        f"The maintenance of the log {path} is put off: it is damaged (no such table: said): {REMEDY}"
    ]
    sqlite_log.append([turns.batch("Gaming", "hello")])
    assert wal_pages(path) < 5


def test_the_thread_works_until_there_is_nothing_left_to_do_and_rests(path: Path, turns: "Turns") -> None:
    log = SqliteLog(path, tick_seconds=0)
    for number in range(3):
        log.append([turns.batch("Gaming", *["hello"] * 300)])
        assert log.maintenance.resting.wait(30)
        assert len(indexed(path, "hello")) == 300 * (number + 1)
    log.close()


def test_the_thread_does_what_an_earlier_server_left(path: Path, turns: "Turns") -> None:
    log = SqliteLog(path, tick_seconds=None)
    log.append([turns.batch("Gaming", "hello")])
    log.close()

    log = SqliteLog(path, tick_seconds=0)
    assert log.maintenance.resting.wait(30)
    assert indexed(path, "hello") == [(1, 1)]
    log.close()


def test_a_log_whose_maintenance_cannot_start_is_let_go_of(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: Maintenance, *arguments: object) -> None:
        raise sqlite3.OperationalError("unable to open")

    with monkeypatch.context() as patch:
        patch.setattr(Maintenance, "__init__", fail)
        with pytest.raises(LogError, match="cannot be used: unable to open"):
            SqliteLog(path)
    SqliteLog(path, tick_seconds=None).close()


def test_a_quiet_log_is_not_written_to(path: Path, sqlite_log: SqliteLog, turns: "Turns") -> None:
    sqlite_log.append([turns.batch("Gaming", "hello")])
    settle(sqlite_log)
    before = {each: (each.read_bytes(), each.stat().st_mtime_ns) for each in path.parent.glob("*.db*")}
    for _ in range(3):
        assert sqlite_log.maintenance.tick()

    assert {each: (each.read_bytes(), each.stat().st_mtime_ns) for each in path.parent.glob("*.db*")} == before
