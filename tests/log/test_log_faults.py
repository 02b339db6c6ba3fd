"""What the machine complains about, in words for people."""

import errno
import os
import sqlite3
from pathlib import Path

import pytest

from antechamber.log.faults import log_error


def sqlite_error(code: int) -> sqlite3.Error:
    error = sqlite3.OperationalError("SQLite's own words")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (sqlite3.SQLITE_FULL, "the disk is full"),
        (sqlite3.SQLITE_CORRUPT_VTAB, "it is damaged"),
        (sqlite3.SQLITE_READONLY_DIRECTORY, "it cannot be written"),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, "another program has locked it"),
        (sqlite3.SQLITE_IOERR_WRITE, "SQLite's own words"),
        (sqlite3.SQLITE_ERROR, "SQLite's own words"),
    ],
)
def test_what_sqlite_complains_about_is_said_in_words(tmp_path: Path, code: int, words: str) -> None:
    assert str(log_error(f"{tmp_path}/a.db", sqlite_error(code))) == f"The log {tmp_path}/a.db cannot be used: {words}."


def test_a_write_that_fails_on_a_disk_without_room_is_a_full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "statvfs", lambda path: os.statvfs_result((4096, 4096, 9, 9, 0, 9, 9, 9, 0, 255)))

    assert "the disk is full" in str(log_error("/data/a.db", sqlite_error(sqlite3.SQLITE_IOERR_SHMSIZE)))


def test_a_write_that_fails_where_the_disk_is_gone_is_said_in_sqlites_words() -> None:
    assert "SQLite's own words" in str(log_error("/no/such/folder/a.db", sqlite_error(sqlite3.SQLITE_IOERR)))


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "the disk is full"),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), "the disk is full"),
        (PermissionError(errno.EACCES, "Permission denied"), "permission denied"),
        (OSError("odd"), "odd"),
    ],
)
def test_what_the_system_complains_about_is_said_in_words(error: OSError, words: str) -> None:
    assert str(log_error("/data/a.db", error)) == f"The log /data/a.db cannot be used: {words}."
