"""The durable log: one SQLite file, one transaction a turn, one row for a channel's whole turn.

An append writes to SQLite's write-ahead log without waiting for the disk: it survives the end of the process at any
instant, and the maintenance thread flushes it to the disk within about a second, which is what a power failure may
cost. That thread also does checkpoints, the search index and retention. Both share a lock, so the writer never finds
the file busy and never waits longer than one small step.
"""

import os
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, suppress
from typing import Any

from antechamber.log import SECRET_BYTES, Batch, Snapshot
from antechamber.log.channel_tables import ChannelTables
from antechamber.log.clean_shutdown import note_closed
from antechamber.log.damage import damaged
from antechamber.log.errors import DATABASE_FAULTS, log_error
from antechamber.log.file_identity import FileIdentity
from antechamber.log.lockfile import LockFile
from antechamber.log.maintenance import Maintenance
from antechamber.log.opening import make_folder, open_file
from antechamber.log.reader import LogReader
from antechamber.log.schema import turn_table
from antechamber.log.stored_turn import check_gap, check_turn, decode_turn
from antechamber.protocol.events import Entry
from antechamber.protocol.limits import Retention

_KEPT_BEHIND = "INSERT INTO behind (channel, last, time) SELECT number, ?, ? FROM channel WHERE name = ?"
_TURNS_A_READ = 64
_BYTES_A_READ = 65_536
_KEEP_PROOF = "INSERT INTO proof SELECT number, ?, ? FROM channel WHERE name = ?"
_LET_PROOFS_GO = "DELETE FROM proof WHERE channel = (SELECT number FROM channel WHERE name = ?) AND entered <= ?"


class SqliteLog:
    """A `Log` in the file at `path`, which is made with its folder if there is none.

    `tick_seconds` is the interval of the maintenance; None leaves it to calls of `maintenance.tick`, as in tests. `now`
    is the wall clock for the age of entries. `warnings` are for the operator.

    Raises LogError if the file cannot be used, because it belongs to another server, another program or a newer
    antechamber, is damaged, or out of reach. Nothing is written to it then.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        tick_seconds: float | None = 1.0,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._path = os.path.realpath(path)
        self._lock = threading.Lock()
        try:
            with ExitStack() as undo:
                make_folder(self._path)
                self._hold = LockFile(self._path)
                undo.callback(self._hold.release)
                self._connection, self.warnings = open_file(self._path)
                undo.callback(self._connection.close)
                self._channels = ChannelTables(self._connection)
                self._identity = FileIdentity(self._path)
                self.maintenance = Maintenance(
                    self._path, self._connection, self._lock, self._identity, tick_seconds, now
                )
                undo.pop_all()
        except (*DATABASE_FAULTS, OSError) as error:
            raise log_error(self._path, error) from error

    def append(self, batches: Sequence[Batch]) -> None:
        """Append all batches, or none and raise LogError. Once it returns, they survive the end of the process."""
        with self._lock:
            self.maintenance.stir()  # also if it fails, as the maintenance may make room
            if not self._identity.is_certain:
                self._identity.check()
            try:
                insert = None
                if len(batches) == 1 and batches[0].kept_at is None and not batches[0].proofs:
                    insert = self._channels.inserts.get(batches[0].channel)
                if insert is not None:  # a single statement is a transaction of its own
                    self._connection.execute(insert, batches[0][2:5])
                else:
                    self._append_together(batches)
            except DATABASE_FAULTS as error:
                raise log_error(self._path, error) from error

    def last_sequence(self, channel: str) -> int:
        """Return the sequence number of the channel's last entry, deleted or not; 0 if it never had one."""
        number = self._number(channel)
        if number is None:
            return 0
        turns = f"SELECT max(last) FROM {turn_table(number)}"
        select = f"{turns} UNION ALL SELECT CAST(sequence AS INTEGER) FROM snapshot WHERE channel = ?"
        return max(last or 0 for (last,) in self._fetch(select, number))

    def begins_after(self, channel: str) -> int:
        """Return the sequence number after which the channel's entries begin, now or later."""
        with self._lock:
            try:
                return self._channels.begins_after(channel)
            except DATABASE_FAULTS as error:
                raise log_error(self._path, error) from error

    def begin(self, configs: Collection[str]) -> None:
        """Set the config's channels; all open channels of an earlier process have ended with it."""
        self._change(self._channels.begin, configs)
        self.maintenance.sort_out()  # not before, as it would take the config's channels for open ones

    def adopt(self, channel: str) -> None:
        """Make an open channel one of the config's, so that its history is kept."""
        self._change(self._channels.adopt, channel)

    def end(self, channels: Iterable[str]) -> None:
        """End open channels; the maintenance deletes their entries."""
        self._change(self._channels.end, channels)

    def read_from(self, channel: str, sequence: int) -> Iterator[Entry]:
        """Yield the channel's entries from `sequence` on, in order, up to the last one at the time of the call."""
        number = self._number(channel)
        if number is None:
            return iter(())
        return self._entries(channel, number, sequence, self.last_sequence(channel))

    def keep_snapshot(self, channel: str, snapshot: Snapshot) -> None:
        """Store the channel's state, in place of the last snapshot and the proofs of members who entered before."""
        keep = (
            "INSERT OR REPLACE INTO snapshot (channel, sequence, state) SELECT number, ?, ? FROM channel WHERE name = ?"
        )
        with self._lock:
            self.maintenance.stir()
            try:
                with self._channels.adding(channel):
                    self._channels.insert(channel)
                    self._connection.execute(keep, (snapshot.sequence, snapshot.state, channel))
                    self._connection.execute(_LET_PROOFS_GO, (channel, snapshot.sequence))
            except DATABASE_FAULTS as error:
                raise log_error(self._path, error) from error

    def snapshot(self, channel: str) -> Snapshot | None:
        """Return the channel's latest snapshot, None if none was kept."""
        select = "SELECT sequence, state FROM snapshot JOIN channel ON number = channel WHERE name = ?"
        for sequence, state in self._fetch(select, channel):
            if not isinstance(sequence, int) or not isinstance(state, bytes):
                raise damaged(self._path, f" (the snapshot of the channel {channel} cannot be read)")
            return Snapshot(sequence, state)
        return None

    def proofs(self, channel: str) -> Mapping[int, str]:
        """Return the password proofs of members who entered after the latest snapshot."""
        rows = self._fetch("SELECT entered, proof FROM proof JOIN channel ON number = channel WHERE name = ?", channel)
        return dict(rows)

    def retain(self, channel: str, retention: Retention) -> None:
        """Set the channel's retention rule; the maintenance deletes the rest."""
        self.maintenance.retain(channel, retention)

    def secret(self) -> bytes:
        """Return the log's secret: 32 random bytes from its beginning, which no other log has."""
        for (secret,) in self._fetch("SELECT secret FROM identity"):
            if isinstance(secret, bytes) and len(secret) == SECRET_BYTES:
                return secret
        raise damaged(self._path, " (its secret is gone)")

    def reader(self) -> LogReader:
        """Return a reader of the history with a connection of its own; close it before the log."""
        return LogReader(self._path)

    def close(self) -> None:
        """Finish what is under way and close the file; nothing may be called afterwards."""
        try:
            self.maintenance.close()
            with suppress(*DATABASE_FAULTS):  # the disk is full, and the write-ahead log stays as well
                note_closed(self._connection)
            self._connection.close()
            self.maintenance.wal.release()
        except DATABASE_FAULTS as error:
            raise log_error(self._path, error) from error
        finally:
            self._hold.release()

    def _append_together(self, batches: Sequence[Batch]) -> None:
        with self._channels.adding(*[batch.channel for batch in batches]):
            for channel, first, last, time, lines, kept_at, proofs, is_open in batches:
                insert = self._channels.insert(channel, first, is_open=is_open)
                self._connection.execute(insert, (last, time, lines))
                if kept_at is not None:
                    self._connection.execute(_KEPT_BEHIND, (last, kept_at, channel))
                for entered, proof in proofs:
                    self._connection.execute(_KEEP_PROOF, (entered, proof, channel))

    def _change(self, change: Callable[..., None], *arguments: object) -> None:
        """Run a transaction about the channels, between appends."""
        with self._lock:
            self.maintenance.stir()
            try:
                change(*arguments)
            except DATABASE_FAULTS as error:
                raise log_error(self._path, error) from error

    def _number(self, channel: str) -> int | None:
        """Return the number of a channel, None if the file does not have it."""
        with self._lock:
            try:
                return self._channels.number(channel)
            except DATABASE_FAULTS as error:
                raise log_error(self._path, error) from error

    def _entries(self, channel: str, number: int, sequence: int, last: int) -> Iterator[Entry]:
        while sequence <= last:
            turns, forgotten = self._fetch_some(number, sequence, last)
            for turn_last, lines in turns:
                entries = decode_turn(self._path, turn_last, lines)
                first = check_turn(self._path, channel, turn_last, entries)
                check_gap(self._path, sequence, first, forgotten)
                for entry in entries:
                    if entry.sequence >= sequence:
                        yield entry
                sequence = turn_last + 1
            if not turns:
                check_gap(self._path, sequence, last + 1, forgotten)
                return

    def _fetch_some(self, number: int, sequence: int, last: int) -> tuple[list[tuple[int, bytes]], int]:
        """Return turns of about `_BYTES_A_READ` in all, or one larger turn, and the last deleted entry."""
        turns: list[tuple[int, bytes]] = []
        left = _BYTES_A_READ
        select = f"SELECT last, lines FROM {turn_table(number)} WHERE last BETWEEN ? AND ? ORDER BY last LIMIT ?"
        marks = "SELECT ifnull(CAST(forgotten AS INTEGER), 0) FROM channel WHERE number = ?"
        with self._lock:
            try:
                with closing(self._connection.execute(select, (sequence, last, _TURNS_A_READ))) as found:
                    for turn in found:
                        turns.append(turn)
                        left -= len(turn[1]) if isinstance(turn[1], bytes) else 0
                        if left <= 0:
                            break
                (forgotten,) = self._connection.execute(marks, (number,)).fetchone() or (0,)
            except DATABASE_FAULTS as error:
                raise log_error(self._path, error) from error
        return turns, forgotten

    def _fetch(self, select: str, *parameters: object) -> list[Any]:
        with self._lock:
            try:
                return self._connection.execute(select, parameters).fetchall()
            except DATABASE_FAULTS as error:
                raise log_error(self._path, error) from error
