"""Opening the log's file: it is checked first, without a trace, and written to only if it is intact.

The check is cheap, so a start takes as long with a million entries as with none. It covers the file's header and
tables, and whether a write-ahead log left by a killed server belongs to the file: SQLite would apply any.
"""

import os
import sqlite3
from contextlib import closing
from typing import Any

from antechamber.log import LogError
from antechamber.log.clean_shutdown import is_whole, lost_words, note_open
from antechamber.log.damage import damaged
from antechamber.log.leftover_wal import READ, READ_ALONE, check_leftover, size
from antechamber.log.permissions import exposures, make_file, make_folders
from antechamber.log.schema import PAGE_BYTES, connect, file_version, migrate, turn_table

_TABLES = (
    *(("channel", 1), ("snapshot", 1), ("said", 2), ("remains", 3), ("identity", 3)),
    *(("behind", 6), ("usage", 6), ("proof", 6), ("ended", 6), ("spare", 6)),
)
"""The tables besides those of turns, and the versions that introduced them."""


def make_folder(path: str) -> None:
    """Make the folder of the file if there is none, readable for its owner only.

    Raises OSError if that fails, LogError if the file is a folder itself.
    """
    make_folders(os.path.dirname(path))
    if os.path.isdir(path):
        raise LogError(f"{path} is a folder: name a file in it with --data.")


def open_file(path: str) -> tuple[sqlite3.Connection, list[str]]:
    """Open the log at `path` for writing. It is made if there is none, and brought to the current version.

    Return its connection, and warnings for the operator. Raises LogError, OSError or sqlite3.Error if it cannot be
    used, and then nothing in it has changed.
    """
    wal_path = f"{path}-wal"
    has_wal = size(wal_path) > 0
    if has_wal and not size(path):
        raise LogError(
            f"There is {wal_path}, but not the log that it belongs to: put {path} back, or move {wal_path} away."
        )
    make_file(
        path
    )  # SQLite would let others read it, and would notice only with the first turn that it cannot be written
    told = [] if not size(path) or _look(path, has_wal) else [lost_words(path)]
    connection = connect(path, "mode=rw")
    try:
        connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA secure_delete = ON")  # deleted data is overwritten
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(
            "BEGIN IMMEDIATE"
        )  # otherwise a write-ahead log that cannot be written would be noticed late
        connection.execute("ROLLBACK")
        migrate(connection, file_version(connection, path))
        note_open(connection, has_wal)
    except BaseException:
        connection.close()
        raise
    return connection, [*told, *exposures((os.path.dirname(path), path, wal_path))]


def check_alone(connection: sqlite3.Connection, path: str) -> None:
    """Check the file. Raises LogError or sqlite3.Error if it is not a log, or its tables are not intact."""
    _check_tables(connection, path, file_version(connection, path))


def _look(path: str, has_wal: bool) -> bool:
    """Return whether everything is there, as far as the file shows.

    Raises LogError or sqlite3.Error if it is not a log, or not intact.
    """
    is_completed = has_wal and check_leftover(path)
    with closing(connect(path, READ if has_wal else READ_ALONE)) as connection:
        version = file_version(connection, path)
        (page_bytes,) = connection.execute("PRAGMA page_size").fetchone()
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        if not is_completed and (not pages or size(path) < pages * page_bytes):
            raise damaged(path, ", for its end is missing")
        if version:
            _check_tables(connection, path, version)
        return is_whole(connection, version, has_wal)


def _check_tables(connection: sqlite3.Connection, path: str, version: int) -> None:
    """Check that the tables exist, and agree on the length of each channel."""
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    for needed, since in _TABLES:
        if version >= since and needed not in tables:
            raise damaged(path, f" (it has no table {needed})")
    connection.execute("SELECT count(*) FROM channel").fetchone()  # counted in its index, which the start reads as well
    if version > 2:
        connection.execute("SELECT * FROM identity").fetchall()  # which the start writes
    indexed, forgotten = "indexed" if version > 1 else "0", "forgotten" if version > 2 else "0"
    channels = connection.execute(f"SELECT number, name, {forgotten}, {indexed} FROM channel").fetchall()
    for number, name, forgotten, indexed in channels:
        table = turn_table(number)
        if table not in tables:
            raise damaged(path, f" (it has no table {table})")
        (last,) = connection.execute(f"SELECT ifnull(max(last), 0) FROM {table}").fetchone()
        if not (isinstance(name, str) and _is_ordered(0, forgotten, indexed) and indexed <= max(last, forgotten)):
            raise damaged(path, f" (it contradicts itself about the channel {name})")
    empty = "SELECT number FROM ended UNION ALL SELECT number FROM spare"
    for (number,) in connection.execute(empty) if version >= _TABLES[-1][1] else ():
        if (table := turn_table(number)) not in tables:
            raise damaged(path, f" (it has no table {table})")


def _is_ordered(*marks: Any) -> bool:
    """Return whether these are numbers in ascending order; a damaged file may contain anything."""
    return all(isinstance(mark, int) for mark in marks) and list(marks) == sorted(marks)
