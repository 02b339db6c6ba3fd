"""What SQLite and the operating system complain about, in words for people."""

import errno
import os
import sqlite3

from antechamber.log import LogError

_WORDS = {
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_NOTADB: "it is not an antechamber log",
    sqlite3.SQLITE_CORRUPT: "it is damaged",
    sqlite3.SQLITE_BUSY: "another program has locked it",
    sqlite3.SQLITE_LOCKED: "another program has locked it",
    sqlite3.SQLITE_READONLY: "it cannot be written",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened",
}
_NO_SPACE = (errno.ENOSPC, errno.EDQUOT)


def log_error(path: str, error: sqlite3.Error | OSError) -> LogError:
    """Return the LogError, to be raised from `error`, that says in words what is wrong with the log at `path`."""
    return LogError(f"The log {path} cannot be used: {_words(path, error)}.")


def _words(path: str, error: sqlite3.Error | OSError) -> str:
    if isinstance(error, OSError):
        return "the disk is full" if error.errno in _NO_SPACE else (error.strerror or str(error)).lower()
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the low byte is the kind, the rest its finer shade
    if code == sqlite3.SQLITE_IOERR and _is_full(path):
        return "the disk is full"  # SQLite names a full disk in some places only
    return _WORDS.get(code) or str(error)


def _is_full(path: str) -> bool:
    try:
        return os.statvfs(os.path.dirname(path)).f_bavail == 0
    except OSError:
        return False
