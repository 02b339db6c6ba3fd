"""A log whose file is taken away under the running server says so, for what SQLite writes then is lost."""

import logging
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from antechamber.log import LogError
from antechamber.log.sqlite import SqliteLog

if TYPE_CHECKING:
    from tests.log.conftest import Turns

GONE = "was moved away or deleted under the running server, so nothing can be kept: put it back, or restart the server"


def wal_of(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


@pytest.mark.parametrize("suffix", ["", "-wal"])
def test_a_quiet_log_that_is_deleted_keeps_nothing_more(
    path: Path, sqlite_log: SqliteLog, turns: "Turns", suffix: str
) -> None:
    batch = turns.batch("Gaming", "one")
    path.with_name(f"{path.name}{suffix}").unlink()

    for _ in range(2):
        with pytest.raises(LogError, match=f"^{path}{suffix} {GONE}"):
            sqlite_log.append([batch])
    assert sqlite_log.last_sequence("Gaming") == 0


def test_a_busy_log_that_is_deleted_keeps_nothing_more_from_the_next_look_on(
    path: Path, sqlite_log: SqliteLog, turns: "Turns", caplog: pytest.LogCaptureFixture
) -> None:
    sqlite_log.append([turns.batch("Gaming", "one")])
    path.unlink()
    with caplog.at_level(logging.WARNING):
        sqlite_log.maintenance.tick()
    assert [record.getMessage() for record in caplog.records if "moved away" in record.getMessage()]

    with pytest.raises(LogError, match=GONE):
        sqlite_log.append([turns.batch("Gaming", "two")])
    assert sqlite_log.last_sequence("Gaming") == 1


def test_a_log_that_was_quiet_is_looked_at_before_the_next_append(
    path: Path, sqlite_log: SqliteLog, turns: "Turns"
) -> None:
    sqlite_log.append([turns.batch("Gaming", "one")])
    while not sqlite_log.maintenance.tick():
        pass
    path.unlink()

    with pytest.raises(LogError, match=GONE):
        sqlite_log.append([turns.batch("Gaming", "two")])


def test_another_file_in_its_place_is_not_the_log(path: Path, sqlite_log: SqliteLog, turns: "Turns") -> None:
    copy = path.with_name("copy.db")
    shutil.copy(path, copy)
    copy.replace(path)

    with pytest.raises(LogError, match=GONE):
        sqlite_log.append([turns.batch("Gaming", "one")])


def test_a_log_that_is_put_back_goes_on(path: Path, sqlite_log: SqliteLog, turns: "Turns") -> None:
    batch = turns.batch("Gaming", "one")
    away = path.rename(path.with_name("away.db"))
    with pytest.raises(LogError, match=GONE):
        sqlite_log.append([batch])
    away.rename(path)

    sqlite_log.append([batch])
    while not sqlite_log.maintenance.tick():
        pass
    assert list(sqlite_log.read_from("Gaming", 1)) == turns.entries["Gaming"]


def test_a_log_whose_file_was_deleted_is_closed_without_a_word(path: Path, turns: "Turns") -> None:
    log = SqliteLog(path, tick_seconds=0)
    log.append([turns.batch("Gaming", "one")])
    path.unlink()
    wal_of(path).unlink()

    log.close()
    assert not path.exists()
