"""Reading the past from a file: what is damaged or missing there, the secret, and who may read it."""

import sqlite3
import stat
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from antechamber.log import LogError, Snapshot
from antechamber.log.reader import LogReader
from antechamber.log.schema import VERSION
from antechamber.log.sqlite import SqliteLog
from tests.log.looking import make_older, settle
from tests.log.paged import PLENTY, damage, fill, numbers

if TYPE_CHECKING:
    from tests.log.conftest import Turns


def test_a_turn_that_is_missing_in_the_file_is_damage(sqlite_log: SqliteLog, turns: "Turns") -> None:
    fill(sqlite_log, turns, 2, 2, 2, 2, 3, 1)
    reader = sqlite_log.reader()
    sqlite_log._connection.execute("DELETE FROM turn_1 WHERE last IN (2, 6, 11)")

    assert numbers(reader.before("Gaming", 0, 9, PLENTY)) == ([12], True)
    assert numbers(reader.before("Gaming", 9, 9, PLENTY)) == ([7, 8], True)
    assert numbers(reader.before("Gaming", 5, 9, PLENTY)) == ([3, 4], True)
    assert numbers(reader.after("Gaming", 2, 9, PLENTY)) == ([3, 4], True)
    for before in (12, 7, 6, 3, 2):
        with pytest.raises(LogError, match=f"is damaged near entry {before - 1}"):
            reader.before("Gaming", before, 9, PLENTY)
    for after in (0, 1, 4, 5, 8, 10):
        with pytest.raises(LogError, match=f"is damaged near entry {after + 1}"):
            reader.after("Gaming", after, 9, PLENTY)
    reader.close()


def test_what_is_forgotten_of_a_turn_that_is_still_there_is_passed_over(sqlite_log: SqliteLog, turns: "Turns") -> None:
    fill(sqlite_log, turns, 6)
    sqlite_log._connection.execute("UPDATE channel SET forgotten = 3")
    reader = sqlite_log.reader()

    assert numbers(reader.before("Gaming", 0, 9, PLENTY)) == ([4, 5, 6], False)
    assert numbers(reader.before("Gaming", 4, 9, PLENTY)) == ([], False)
    assert numbers(reader.after("Gaming", 0, 9, PLENTY)) == ([4, 5, 6], False)
    assert numbers(reader.find("Gaming", "hello", 0, 9, PLENTY)) == ([4, 5, 6], False)
    reader.close()


def test_trouble_with_the_file_is_said_in_words(sqlite_log: SqliteLog, turns: "Turns") -> None:
    fill(sqlite_log, turns, 1)
    reader = sqlite_log.reader()
    sqlite_log._connection.execute("DROP TABLE turn_1")
    for ask in (reader.before, reader.after):
        with pytest.raises(LogError, match=r"it is damaged .no such table: turn_1"):
            ask("Gaming", 0, 9, PLENTY)
    reader.close()


def test_the_logs_files_stay_readable_by_their_owner_alone(path: Path, turns: "Turns") -> None:
    """The secret is in them, by which tokens are made."""
    for _ in range(2):
        log = SqliteLog(path, tick_seconds=None)
        fill(log, turns, 1)
        log.keep_snapshot("Gaming", Snapshot(1, b"state"))
        reader = log.reader()
        settle(log)
        files = {each.name: stat.S_IMODE(each.stat().st_mode) for each in path.parent.iterdir()}
        assert files == {f"{path.name}{end}": 0o600 for end in ("", "-wal", "-shm", "-lock")}
        reader.close()
        log.close()
        assert [stat.S_IMODE(each.stat().st_mode) for each in path.parent.iterdir()] == [0o600]


def test_the_readers_secret_is_the_logs(path: Path) -> None:
    log = SqliteLog(path, tick_seconds=None)
    reader = log.reader()
    assert reader.secret() == log.secret()
    reader.close()
    log.close()


@pytest.mark.parametrize("spoilt", ["DELETE FROM identity", "UPDATE identity SET secret = 'x'"])
def test_a_secret_that_is_gone_is_damage(sqlite_log: SqliteLog, spoilt: str) -> None:
    sqlite_log._connection.execute(spoilt)
    reader = sqlite_log.reader()
    with pytest.raises(LogError, match="its secret is gone"):
        reader.secret()
    reader.close()


def test_a_log_from_before_there_was_a_secret_asks_for_a_start_of_the_server(path: Path) -> None:
    SqliteLog(path, tick_seconds=None).close()
    make_older(path, 2)
    reader = LogReader(path)
    with pytest.raises(LogError, match="written by an older antechamber: start this one's server on it once"):
        reader.secret()
    reader.close()


def test_a_search_passes_over_what_is_damaged_where_it_is_indexed(sqlite_log: SqliteLog, turns: "Turns") -> None:
    damage(sqlite_log, turns)
    reader = sqlite_log.reader()
    with pytest.raises(LogError, match="is damaged near entry 4"):
        reader.find("Gaming", "hello", 5, 9, PLENTY)
    settle(sqlite_log)
    assert numbers(reader.find("Gaming", "hello", 5, 9, PLENTY)) == ([1, 2], False)
    reader.close()


def test_a_log_of_the_version_before_keeps_its_secret_and_its_entries(path: Path, turns: "Turns") -> None:
    log = SqliteLog(path, tick_seconds=None)
    fill(log, turns, 2)
    secret = log.secret()
    log.close()
    make_older(path, 3)
    for reader in (LogReader(path), SqliteLog(path, tick_seconds=None)):
        assert reader.secret() == secret
        reader.close()
    reader = LogReader(path)
    assert reader.before("Gaming", 0, 9, PLENTY).entries == turns.entries["Gaming"]
    reader.close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (VERSION,)
