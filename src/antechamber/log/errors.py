"""Errors of SQLite and the operating system in words for people: what is wrong, and the remedy."""

import errno
import os
import sqlite3

from antechamber.log import LogError
from antechamber.log.damage import REMEDY

_FULL = "the disk is full: make room on it"
_LOCKED = "another program has locked it: end that program, and try again"
_UNREACHABLE = "let this user read and write the file and its folder"
_WORDS = {
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_NOTADB: "it is not an antechamber log, or its beginning is damaged: name another file with --data, "
    f"or {REMEDY.partition(';')[0]}",
    sqlite3.SQLITE_CORRUPT: f"it is damaged: {REMEDY}",
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_READONLY: f"it cannot be written: {_UNREACHABLE}",
    sqlite3.SQLITE_CANTOPEN: f"it cannot be opened: {_UNREACHABLE}",
}
_MISSING = ("no such table", "no such column", "unsupported file format")
_SYSTEM_WORDS = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EACCES: f"permission denied: {_UNREACHABLE}",
    errno.EROFS: "its file system cannot be written: name a file elsewhere with --data",
}


DATABASE_FAULTS = (sqlite3.Error, UnicodeDecodeError)
"""The exceptions of SQLite; the second one comes with an error text from a damaged file."""


def log_error(path: str, error: sqlite3.Error | UnicodeDecodeError | OSError) -> LogError:
    """Return the LogError to raise from `error`, with what is wrong with the log at `path`."""
    return LogError(f"The log {path} cannot be used: {words(path, error)}.")


def words(path: str, error: sqlite3.Error | UnicodeDecodeError | OSError) -> str:
    """Return in words what is wrong with the log at `path`, and what to do."""
    if isinstance(error, OSError):
        said = _SYSTEM_WORDS.get(error.errno or 0) or (error.strerror or str(error)).lower()
        return said if error.filename in (None, path) else f"{said} ({error.filename})"
    if isinstance(error, UnicodeDecodeError):
        return _WORDS[sqlite3.SQLITE_CORRUPT]
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the low byte is the kind of error, the rest its details
    if code == sqlite3.SQLITE_IOERR:  # SQLite reports a full disk only in some places
        return _FULL if _is_full(path) else f"the disk failed it ({error}): see that it works, and has room"
    if code == sqlite3.SQLITE_ERROR and str(error).startswith(_MISSING):
        return f"it is damaged ({error}): {REMEDY}"
    return _WORDS.get(code) or str(error)


def _is_full(path: str) -> bool:
    try:
        return os.statvfs(os.path.dirname(path)).f_bavail == 0
    except OSError:
        return False
