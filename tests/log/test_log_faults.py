"""What the machine complains about, in words for people."""

import errno
import os
import sqlite3
from pathlib import Path

import pytest

from antechamber.log.damage import REMEDY
from antechamber.log.errors import log_error


def sqlite_error(code: int) -> sqlite3.Error:
    error = sqlite3.OperationalError("SQLite's own words")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (sqlite3.SQLITE_FULL, "the disk is full: make room on it."),
        (sqlite3.SQLITE_CORRUPT_VTAB, f"it is damaged: {REMEDY}."),
        (sqlite3.SQLITE_NOTADB, "name another file with --data, or put a backup in its place, or move it and its -wal"),
        (sqlite3.SQLITE_READONLY_DIRECTORY, "it cannot be written: let this user read and write the file and its"),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, "another program has locked it: end that program, and try again."),
        (sqlite3.SQLITE_IOERR_WRITE, "the disk failed it (SQLite's own words): see that it works, and has room."),
        (sqlite3.SQLITE_ERROR, "cannot be used: SQLite's own words."),
    ],
)
def test_what_sqlite_complains_about_is_said_in_words(tmp_path: Path, code: int, words: str) -> None:
    said = str(log_error(f"{tmp_path}/a.db", sqlite_error(code)))
    assert said.startswith(f"The log {tmp_path}/a.db cannot be used: ")
    assert words in said


@pytest.mark.parametrize("words", ["no such table: channel", "no such column: forgotten"])
def test_a_table_that_is_not_there_is_damage(words: str) -> None:
    error = sqlite_error(sqlite3.SQLITE_ERROR)
    error.args = (words,)

    assert f"it is damaged ({words}): {REMEDY}." in str(log_error("/data/a.db", error))


def test_a_write_that_fails_on_a_disk_without_room_is_a_full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "statvfs", lambda path: os.statvfs_result((4096, 4096, 9, 9, 0, 9, 9, 9, 0, 255)))

    assert "the disk is full" in str(log_error("/data/a.db", sqlite_error(sqlite3.SQLITE_IOERR_SHMSIZE)))


def test_a_write_that_fails_where_the_disk_is_gone_is_said_with_sqlites_words() -> None:
    assert "the disk failed it (SQLite's own words)" in str(
        log_error("/no/such/folder/a.db", sqlite_error(sqlite3.SQLITE_IOERR))
    )


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "the disk is full: make room on it"),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), "the disk is full: make room on it"),
        (
            PermissionError(errno.EACCES, "Permission denied"),
            "permission denied: let this user read and write the file and its folder",
        ),
        (IsADirectoryError(errno.EISDIR, "Is a directory", "/data/a.db-lock"), "is a directory (/data/a.db-lock)"),
        (
            OSError(errno.EROFS, "Read-only file system", "/data/a.db"),
            "its file system cannot be written: name a file elsewhere with --data",
        ),
        (OSError(errno.EMFILE, "Too many open files"), "too many open files"),
        (OSError("odd"), "odd"),
    ],
)
def test_what_the_system_complains_about_is_said_in_words(error: OSError, words: str) -> None:
    assert str(log_error("/data/a.db", error)) == f"The log /data/a.db cannot be used: {words}."
