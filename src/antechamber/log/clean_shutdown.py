"""The mark of a clean shutdown: a log closed by its server is complete in its file alone.

While a server has it open, and after one was killed, the file is marked as open, and the last entries are only in the
write-ahead log beside it. A file marked as open without one has lost these entries.
"""

import sqlite3

SINCE_VERSION = 6
"""The first version of the file with this mark."""


def note_open(connection: sqlite3.Connection, has_wal: bool) -> None:
    """Mark the file as open unless it is marked; later changes are in the write-ahead log alone.

    `has_wal` is whether that contains anything. If it does not, it begins with the number of its round (wal.py), which
    identifies it. Nothing waits for the disk here, as the maintenance does so a second later: in an existing log one
    byte changes, which a power failure cannot tear, and a new log is empty.
    """
    if has_wal and _says_open(connection):
        return
    connection.execute(f"PRAGMA synchronous = {'NORMAL' if has_wal else 'OFF'}")
    connection.execute("UPDATE usage SET is_open = 1")
    connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    connection.execute("UPDATE identity SET round = round + 1")
    connection.execute("PRAGMA synchronous = NORMAL")


def note_closed(connection: sqlite3.Connection) -> None:
    """Mark the file as closed once its write-ahead log is checkpointed; files of older versions have no such mark."""
    if connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'usage'").fetchone():
        connection.execute("UPDATE usage SET is_open = 0")


def is_whole(connection: sqlite3.Connection, version: int, has_wal: bool) -> bool:
    """Return whether a log without a server is complete, as far as can be told.

    `has_wal` is whether the write-ahead log contains anything; a reader leaves an empty one beside a lone file.
    """
    return version < SINCE_VERSION or not _says_open(connection) or has_wal


def _says_open(connection: sqlite3.Connection) -> bool:
    (is_open,) = connection.execute("SELECT max(is_open) FROM usage").fetchone()
    return bool(is_open)


def lost_words(path: str) -> str:
    """Return a warning that the last entries are missing, with the remedy."""
    return (
        f"The log {path} was copied while a server had it open, or its {path}-wal was lost: what was said last may be "
        "missing. If you have that file still, end the server, and put both back as they were. To copy a log whole, "
        "use `antechamber backup`."
    )
