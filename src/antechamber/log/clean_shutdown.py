"""Whether the log was closed by its server: then the file alone has everything.

While a server has it open, and after one was killed, the file says so, and what was kept last is in the write-ahead log
beside it alone. A file that says so, and that has none beside it, has lost that.
"""

import sqlite3

SINCE_VERSION = 6
"""The version of the file from which on it says so."""


def note_open(connection: sqlite3.Connection, has_wal: bool) -> None:
    """Mark the file as open unless it is marked; later changes are in the write-ahead log alone.

    `has_wal` is whether there is something in that already. Where there is not, it begins with the number of its round
    (wal.py), so that it is known whose it is; and nobody waits for the disk, as the upkeep does so a second later: of a
    log that was there one byte changes, which a power failure cannot tear, and in a new one nothing was said.
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
    """Return whether a log that no server has open is all there, as far as it can tell.

    `has_wal` is whether there is something in the write-ahead log: a reader leaves an empty one beside a lone file.
    """
    return version < SINCE_VERSION or not _says_open(connection) or has_wal


def _says_open(connection: sqlite3.Connection) -> bool:
    (is_open,) = connection.execute("SELECT max(is_open) FROM usage").fetchone()
    return bool(is_open)


def lost_words(path: str) -> str:
    """Say that what was kept last is not there, and what to do."""
    return (
        f"The log {path} was copied while a server had it open, or its {path}-wal was lost: what was said last may be "
        "missing. If you have that file still, end the server, and put both back as they were. To copy a log whole, "
        "use `antechamber backup`."
    )
