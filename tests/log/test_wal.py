"""The write-ahead log stays small, and holds nobody up."""

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from antechamber.log import wal as wal_module
from antechamber.log.sqlite import SqliteLog
from antechamber.log.wal import WriteAheadLog
from tests.log.looking import wal_pages

if TYPE_CHECKING:
    from tests.log.conftest import Turns


def test_the_write_ahead_log_begins_anew_past_its_bound(
    path: Path, sqlite_log: SqliteLog, turns: "Turns", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wal_module, "WAL_BYTES_MAX", 100_000)
    sqlite_log.append([turns.batch("Gaming", "a" * 200_000)])
    assert wal_pages(path) > 50
    sqlite_log.maintenance.tick()
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

    def carry_over(self: WriteAheadLog) -> int:
        seen.append(sqlite_log._lock.locked())
        return int(next(rounds) * MEBIBYTE)

    monkeypatch.setattr(WriteAheadLog, "_carry_over_some", carry_over)
    sqlite_log.maintenance.tick()
    assert seen == is_held_up


def test_a_large_write_ahead_log_is_made_small_when_it_is_quiet(
    path: Path, sqlite_log: SqliteLog, turns: "Turns", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wal_module, "WAL_FILE_BYTES_MAX", 100_000)
    wal = path.with_name(f"{path.name}-wal")
    sqlite_log.append([turns.batch("Gaming", "a" * 200_000)])
    sqlite_log.maintenance.tick()
    assert wal.stat().st_size > 200_000

    while not sqlite_log.maintenance.tick():
        pass
    assert wal.stat().st_size < 5_000  # the beginning of the next round
    assert list(sqlite_log.read_from("Gaming", 1)) == turns.entries["Gaming"]


def test_a_reader_that_is_slow_holds_nobody_up(
    path: Path, sqlite_log: SqliteLog, turns: "Turns", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wal_module, "WAL_BYTES_MAX", 100_000)
    sqlite_log.append([turns.batch("Gaming", "hello")])
    slow = sqlite3.connect(path, isolation_level=None)
    slow.execute("BEGIN")
    slow.execute("SELECT * FROM channel").fetchall()
    sqlite_log.append([turns.batch("Gaming", "a" * 200_000)])

    while not sqlite_log.maintenance.tick():
        pass
    sqlite_log.append([turns.batch("Gaming", "hello")])
    assert sqlite_log.last_sequence("Gaming") == 3
    slow.close()
