"""What a log does when it is not appending: the search index and checkpoints, in a thread of their own.

The thread wakes up only after something was appended, and then ticks until there is nothing left to do. While the log
is being appended to, a tick indexes a few hundred entries at most; when nothing came since the last tick, it goes on
to the end. In both cases it works in steps that hold the writer's lock for about a millisecond. What is not indexed
yet is searched all the same (reading.py), so falling behind costs nobody an answer.
"""

import logging
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import NamedTuple

from antechamber.events import Said
from antechamber.log import LogError
from antechamber.log.schema import SEQUENCE_BITS, connect, turn_table
from antechamber.log.turns import decode_turn

WAL_BYTES_MAX = 64 << 20
"""Size of the write-ahead log past which the writer is held up, for moments, so that it can begin anew."""
WAL_FILE_BYTES_MAX = 256 << 20
"""Size of its file past which it is cut to nothing when it is quiet, which costs the writer tens of milliseconds."""
WAIT_BYTES_MAX = 1 << 20
"""Size of the rest that the writer is made to wait for then, if so little can be had within ROUNDS_MAX."""
ROUNDS_MAX = 8
ENTRIES_A_TICK = 500
ENTRIES_A_STEP = 50
CHARACTERS_A_STEP = 16_384
PAGES_A_MERGE = 16
PAUSE_SECONDS = 0.001
"""Time between two steps, in which whoever waits for the lock gets it."""

_logger = logging.getLogger(__name__)


class _Step(NamedTuple):
    """A number of entries of a channel, up to `last`: what was said in them, as rowids and texts in turn."""

    number: int
    entries: int
    last: int
    row: list[int | str]


class Upkeep:
    """The upkeep of the log at `path`. `writer` is the log's connection, used only under `lock`."""

    def __init__(self, path: str, writer: sqlite3.Connection, lock: threading.Lock, tick_seconds: float | None) -> None:
        self._path = path
        self._writer = writer
        self._lock = lock
        self._tick_seconds = tick_seconds
        self._reader = connect(path, "mode=rw")
        self._reader.execute("PRAGMA busy_timeout = 0")  # nothing here is worth waiting for under the lock
        (self._page_bytes,) = self._reader.execute("PRAGMA page_size").fetchone()
        self._file = os.open(path, os.O_RDONLY)
        self._appended = self._appended_at_tick = 0
        self._failing: set[str] = set()
        self._closing = threading.Event()
        self._stirred = threading.Event()
        self.resting = threading.Event()
        """Set while there is nothing left to do."""
        self._thread = threading.Thread(target=self._run, name="log-upkeep", daemon=True)
        if tick_seconds is not None:
            self._stirred.set()  # an earlier server may have left something to do
            self._thread.start()

    def stir(self) -> None:
        """Take note that something was appended. Called under the lock."""
        self._appended += 1
        if not self._stirred.is_set():
            self.resting.clear()
            self._stirred.set()

    def tick(self) -> bool:
        """Do as much as is due now; return whether there is nothing left to do until something is appended."""
        appended = self._appended
        is_quiet = appended == self._appended_at_tick
        self._appended_at_tick = appended
        is_left = self._attempt(self._catch_up, is_quiet)
        self._attempt(self._carry_over, is_quiet)
        with self._lock:
            if is_left or not is_quiet or appended != self._appended:
                return False
            self._stirred.clear()
            self.resting.set()
            return True

    def index_some(self, entries_max: int = ENTRIES_A_TICK) -> int:
        """Move up to `entries_max` entries into the search index, and return how many. Stops early at `close`."""
        count = 0
        for number, indexed in self._backlog():
            for step in self._steps(number, indexed, entries_max - count):
                if self._closing.is_set():
                    return 0
                self._index(step)
                self._merge()
                count += step.entries
                self._closing.wait(PAUSE_SECONDS)
            if count >= entries_max:
                break
        return count

    def close(self) -> None:
        """Finish the step that is under way, and end the thread."""
        self._closing.set()
        self._stirred.set()
        if self._tick_seconds is not None:
            self._thread.join()
        self._reader.close()

    def release(self) -> None:
        """Let go of the file: after its last connection, for this takes the process's POSIX locks on it away."""
        os.close(self._file)

    def _run(self) -> None:
        while not self._closing.is_set():
            self._stirred.wait()
            while not self._closing.wait(self._tick_seconds) and not self.tick():
                pass

    def _attempt(self, chore: Callable[[bool], bool], is_quiet: bool) -> bool:
        """Do the chore and return whether it left anything to do.

        One that fails is told of once until it works again, and waits for the next append.
        """
        name = chore.__name__
        try:
            is_left = chore(is_quiet)
        except (sqlite3.Error, OSError) as error:
            if name not in self._failing:
                _logger.warning("The upkeep of the log %s is put off: %s", self._path, error)
            self._failing.add(name)
            return False
        self._failing.discard(name)
        return is_left

    def _catch_up(self, is_quiet: bool) -> bool:
        appended = self._appended
        indexed = self.index_some()
        while indexed and is_quiet and appended == self._appended:
            indexed = self.index_some()
        while not indexed and is_quiet and self._merge() and not self._closing.wait(PAUSE_SECONDS):
            pass
        return indexed > 0

    def _carry_over(self, is_quiet: bool) -> bool:
        self._checkpoint()
        if is_quiet:
            self._shrink()
        return False

    def _backlog(self) -> list[tuple[int, int]]:
        """Return number and last indexed entry of each channel that is behind, the least behind first."""
        behind: list[tuple[int, int, int]] = []
        for number, indexed in self._reader.execute("SELECT number, indexed FROM channel").fetchall():
            (last,) = self._reader.execute(f"SELECT ifnull(max(last), 0) FROM {turn_table(number)}").fetchone()
            if last > indexed:
                behind.append((last - indexed, number, indexed))
        return [(number, indexed) for _, number, indexed in sorted(behind)]

    def _steps(self, number: int, indexed: int, entries_max: int) -> Iterator[_Step]:
        """Cut the channel's entries after `indexed`, at most `entries_max` of them, into steps."""
        row: list[int | str] = []
        characters = 0
        sequence = begun = indexed
        for sequence, text in self._said(number, indexed, entries_max):
            if text is not None:
                row += (number << SEQUENCE_BITS | sequence, text)
                characters += len(text)
            if sequence - begun >= ENTRIES_A_STEP or characters >= CHARACTERS_A_STEP:
                yield _Step(number, sequence - begun, sequence, row)
                row, characters, begun = [], 0, sequence
        if sequence > begun:
            yield _Step(number, sequence - begun, sequence, row)

    def _said(self, number: int, indexed: int, entries_max: int) -> Iterator[tuple[int, str | None]]:
        """Give the channel's next entries after `indexed`: their sequence numbers and, of chat, the texts.

        A turn that is damaged is passed over, so that all the others are found.
        """
        select = f"SELECT last, lines FROM {turn_table(number)} WHERE last > ? ORDER BY last"
        with closing(self._reader.execute(select, (indexed,))) as turns:
            for last, lines in turns:
                try:
                    entries = decode_turn(self._path, last, lines)
                except LogError as error:
                    _logger.warning("Not in the search index: %s", error)
                    yield last, None
                    continue
                for entry in entries:
                    if entry.sequence > indexed + entries_max:
                        return
                    if entry.sequence > indexed:
                        yield entry.sequence, entry.event.text if isinstance(entry.event, Said) else None

    def _index(self, step: _Step) -> None:
        """Index the step and move the mark in one transaction: a kill in between neither loses nor doubles a row."""
        with self._lock, self._writer:
            self._writer.execute("BEGIN IMMEDIATE")
            if step.row:
                values = ",".join(["(?, ?)"] * (len(step.row) // 2))  # one statement: the GIL changes hands once
                self._writer.execute(f"INSERT INTO said (rowid, text) VALUES {values}", step.row)
            self._writer.execute("UPDATE channel SET indexed = ? WHERE number = ?", (step.last, step.number))

    def _merge(self) -> bool:
        """Merge a few pages of the index's segments; return whether there was anything to merge."""
        with self._lock:
            before = self._writer.total_changes
            self._writer.execute("INSERT INTO said (said, rank) VALUES ('merge', ?)", (PAGES_A_MERGE,))
            return self._writer.total_changes - before > 1  # FTS5 counts one change for the command itself

    def _checkpoint(self) -> None:
        """Carry the write-ahead log's pages to the file, and past its bound let the log begin anew.

        It can begin anew only when all its pages are carried over, which a busy writer outruns for ever. So the last
        few are carried over while the writer waits: few, because it does not wait for the rounds before that.
        """
        size = self._passive_checkpoint()
        for _ in range(ROUNDS_MAX):
            if size <= WAL_BYTES_MAX:
                return
            before, size = size, self._passive_checkpoint()
            if 0 <= size - before < WAIT_BYTES_MAX:
                break
        os.fsync(self._file)  # or SQLite would have all the rounds' pages to wait for, under the lock
        with self._lock:
            self._passive_checkpoint()

    def _shrink(self) -> None:
        """Make the write-ahead log's file small again that a rush or a long reader made large."""
        if os.path.getsize(f"{self._path}-wal") > WAL_FILE_BYTES_MAX:
            with self._lock:
                self._reader.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _passive_checkpoint(self) -> int:
        """Carry over what can be without waiting for anyone; return the size of what the log holds, in bytes."""
        _busy, pages, _carried = self._reader.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        return int(pages * self._page_bytes)
