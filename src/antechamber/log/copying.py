"""Copying a log into one complete file, whether a server writes to it or not."""

import fcntl
import os
import sqlite3
from contextlib import closing, suppress

from antechamber.log import LogError
from antechamber.log.clean_shutdown import is_whole, lost_words, note_closed
from antechamber.log.damage import damaged
from antechamber.log.errors import DATABASE_FAULTS, log_error
from antechamber.log.leftover_wal import check_leftover, size
from antechamber.log.opening import check_alone
from antechamber.log.permissions import make_file
from antechamber.log.reader import open_for_reading
from antechamber.log.schema import connect

PAGES_A_STEP = 256
"""How much is copied at a time; in between the program can be interrupted."""


def copy_log(path: str, copy: str) -> list[str]:
    """Copy the log at `path` to `copy` as of this moment, including its write-ahead log.

    Return warnings for the operator. Only its owner can read the copy. It is made under another name and renamed once
    it is checked and on the disk, so a file with the final name is complete. A server is not delayed, as SQLite's
    readers and writer do not block each other.

    Raises LogError if the log cannot be read or is damaged, or the copy exists or cannot be written.
    """
    path, copy = os.path.realpath(path), os.path.abspath(copy)
    if not os.path.isfile(path):
        raise LogError(f"There is no log at {path}.")
    _check_free(copy)
    half = f"{copy}.part-{os.getpid()}"
    try:
        told = _copy_pages(path, half)
        _check_copy(path, half)
        _sync(half)
        _check_free(copy)
        os.rename(half, copy)
        _sync(os.path.dirname(copy))
    except OSError as error:
        raise log_error(copy, error) from error
    finally:
        for name in (half, f"{half}-journal", f"{half}-wal", f"{half}-shm"):
            with suppress(OSError):
                os.unlink(name)
    return told


def _check_free(copy: str) -> None:
    if os.path.lexists(copy):
        raise LogError(f"There is a {copy} already: name another file, or move it away.")
    if not os.path.isdir(os.path.dirname(copy)):
        raise LogError(f"There is no folder {os.path.dirname(copy)}: make it, or name a file elsewhere.")


def _copy_pages(path: str, half: str) -> list[str]:
    """Copy all pages as of one moment: a reader sees the log as it was when it began."""
    try:
        is_used, has_wal = _is_used(path), size(f"{path}-wal") > 0
        if not is_used and has_wal:
            check_leftover(path)
        source, version = open_for_reading(path)
    except DATABASE_FAULTS as error:
        raise log_error(path, error) from error
    with closing(source):
        make_file(half)
        try:
            with closing(connect(half, "mode=rw")) as target:
                target.execute("PRAGMA journal_mode = OFF")
                target.execute("PRAGMA synchronous = OFF")  # everything is flushed to the disk in the end
                source.execute("BEGIN")
                # A first read fixes the moment. Without it, each append would restart the copying.
                source.execute("SELECT count(*) FROM channel").fetchone()
                is_lost = not is_used and not is_whole(source, version, has_wal)
                source.backup(target, pages=PAGES_A_STEP)
        except DATABASE_FAULTS as error:
            raise _copying_error(path, half, error) from error
    return [lost_words(path)] if is_lost else []


def _copying_error(path: str, half: str, error: sqlite3.Error | UnicodeDecodeError) -> LogError:
    """Return the LogError for a failure: about the log if it is damaged, otherwise about the copy."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    is_source = code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) or isinstance(error, UnicodeDecodeError)
    return log_error(path if is_source else half, error)


def _is_used(path: str) -> bool:
    """Return whether a server has the log (lockfile.py)."""
    try:
        file = os.open(f"{path}-lock", os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    return False


def _check_copy(path: str, half: str) -> None:
    """Check that the copy is a complete log, and mark it as closed."""
    try:
        with closing(connect(half, "mode=rw")) as connection:
            (found,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
            if found != "ok":
                raise damaged(path, f" ({str(found).splitlines()[0]}), so no copy was made")
            check_alone(connection, half)
            note_closed(connection)
    except DATABASE_FAULTS as error:
        raise _copying_error(path, half, error) from error


def _sync(path: str) -> None:
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
