"""The durable log: one SQLite file, one transaction a turn, one row for a channel's whole turn.

An append writes to SQLite's write-ahead log and waits for no disk: it survives the end of the process at any instant,
and the upkeep thread carries it to the disk within about a second, which is what a power failure may cost. That thread
also does everything else that is no append: checkpoints and the search index. The two share a lock, so that the writer
never finds the file busy and never waits longer than one small step.
"""

import errno
import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Any

from antechamber.events import Entry
from antechamber.log import Batch, Snapshot
from antechamber.log.faults import log_error
from antechamber.log.hold import Hold
from antechamber.log.schema import PAGE_BYTES, connect, create_turn_table, file_version, migrate, turn_table
from antechamber.log.turns import decode_turn
from antechamber.log.upkeep import Upkeep

_TURNS_A_READ = 64


class SqliteLog:
    """A `Log` in the file at `path`, which is made, with its folder, where there is none.

    `tick_seconds` is the pace of the upkeep; None leaves it to calls of `upkeep.tick`, as tests do.

    Raises LogError where the file cannot be used: it is another server's, another program's, a newer antechamber's,
    damaged, or out of reach. Nothing is written to it then.
    """

    def __init__(self, path: str | os.PathLike[str], tick_seconds: float | None = 1.0) -> None:
        self._path = os.path.realpath(path)
        self._lock = threading.Lock()
        self._tables: dict[str, str] = {}
        self._inserts: dict[str, str] = {}
        try:
            with ExitStack() as undo:
                _make_folder(self._path)
                self._hold = Hold(self._path)
                undo.callback(self._hold.release)
                self._connection = _open(self._path)
                undo.callback(self._connection.close)
                self.upkeep = Upkeep(self._path, self._connection, self._lock, tick_seconds)
                undo.pop_all()
        except (sqlite3.Error, OSError) as error:
            raise log_error(self._path, error) from error

    def append(self, batches: Sequence[Batch]) -> None:
        """Keep all the batches or, raising LogError, none: what returns is safe from the end of this process."""
        with self._lock:
            try:
                if len(batches) == 1:  # a statement alone is a transaction of its own
                    channel, _first, last, time, lines = batches[0]
                    insert = self._inserts.get(channel) or self._add_channel(channel)
                    self._connection.execute(insert, (last, time, lines))
                else:
                    self._append_together(batches)
            except sqlite3.Error as error:
                raise log_error(self._path, error) from error
            self.upkeep.stir()

    def last_sequence(self, channel: str) -> int:
        """Return the sequence number of the channel's last entry, 0 where it has none."""
        table = self._table(channel)
        return self._fetch(f"SELECT ifnull(max(last), 0) FROM {table}")[0][0] if table else 0

    def read_from(self, channel: str, sequence: int) -> Iterator[Entry]:
        """Give the channel's entries from `sequence` on (included), in order, as they stand at the call."""
        table = self._table(channel)
        return self._entries(table, sequence, self.last_sequence(channel)) if table else iter(())

    def keep_snapshot(self, channel: str, snapshot: Snapshot) -> None:
        """Keep the channel's state in place of the snapshot kept before."""
        keep = (
            "INSERT OR REPLACE INTO snapshot (channel, sequence, state) SELECT number, ?, ? FROM channel WHERE name = ?"
        )
        with self._lock:
            try:
                if channel not in self._inserts:
                    self._add_channel(channel)
                self._connection.execute(keep, (snapshot.sequence, snapshot.state, channel))
            except sqlite3.Error as error:
                raise log_error(self._path, error) from error
            self.upkeep.stir()

    def snapshot(self, channel: str) -> Snapshot | None:
        """Return the channel's latest snapshot, None where none was kept."""
        select = "SELECT sequence, state FROM snapshot JOIN channel ON number = channel WHERE name = ?"
        rows = self._fetch(select, channel)
        return Snapshot(*rows[0]) if rows else None

    def close(self) -> None:
        """Finish what is under way and let go of the file; nothing may be called after it."""
        try:
            self.upkeep.close()
            self._connection.close()
            self.upkeep.release()
        except sqlite3.Error as error:
            raise log_error(self._path, error) from error
        finally:
            self._hold.release()

    def _append_together(self, batches: Sequence[Batch]) -> None:
        for batch in batches:
            if batch.channel not in self._inserts:
                self._add_channel(batch.channel)
        with self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            for channel, _first, last, time, lines in batches:
                self._connection.execute(self._inserts[channel], (last, time, lines))

    def _add_channel(self, channel: str) -> str:
        """Make the channel known to the file, where it is not, and return the statement that appends to it."""
        row = self._connection.execute("SELECT number FROM channel WHERE name = ?", (channel,)).fetchone()
        if row is None:
            with self._connection:
                self._connection.execute("BEGIN IMMEDIATE")
                returning = "INSERT INTO channel (name) VALUES (?) RETURNING number"
                row = self._connection.execute(returning, (channel,)).fetchone()
                self._connection.execute(create_turn_table(row[0]))
        insert = self._inserts[channel] = f"INSERT INTO {turn_table(row[0])} VALUES (?, ?, ?)"
        return insert

    def _table(self, channel: str) -> str | None:
        """Return the table of the channel's turns, None where the file does not know the channel."""
        table = self._tables.get(channel)
        if table is None:
            rows = self._fetch("SELECT number FROM channel WHERE name = ?", channel)
            if rows:
                table = self._tables[channel] = turn_table(rows[0][0])
        return table

    def _entries(self, table: str, sequence: int, last: int) -> Iterator[Entry]:
        select = f"SELECT last, lines FROM {table} WHERE last BETWEEN ? AND ? ORDER BY last LIMIT {_TURNS_A_READ}"
        while turns := self._fetch(select, sequence, last):
            for turn_last, lines in turns:
                for entry in decode_turn(self._path, turn_last, lines):
                    if entry.sequence >= sequence:
                        yield entry
            sequence = turns[-1][0] + 1

    def _fetch(self, select: str, *parameters: object) -> list[Any]:
        with self._lock:
            try:
                return self._connection.execute(select, parameters).fetchall()
            except sqlite3.Error as error:
                raise log_error(self._path, error) from error


def _make_folder(path: str) -> None:
    """Make the folder that the file is to be in, where there is none, for its owner's eyes alone."""
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    if os.path.isdir(path):
        raise IsADirectoryError(errno.EISDIR, "It is a folder")


def _open(path: str) -> sqlite3.Connection:
    """Open the file for writing, made where there is none, and migrated to this program's version."""
    if not os.path.exists(path):
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))  # SQLite would let others read it
    connection = connect(path, "mode=rw")
    try:
        version = file_version(connection, path)  # nothing is written before this says that the file is ours
        connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        migrate(connection, version)
    except BaseException:
        connection.close()
        raise
    return connection
