"""Maintenance of the log in a thread of its own: retention, the search index, and checkpoints.

The thread wakes up after an append and ticks until nothing is left to do; if entries may become too old, also once a
minute. While the log is busy, a tick deletes and indexes a few hundred entries at most; if nothing was appended since
the last tick, it goes on to the end. It works in steps that have the writer's lock for about a millisecond. Entries
that are not indexed yet are searched all the same (reader.py), so falling behind costs nobody an answer.
"""

import logging
import sqlite3
import threading
from collections.abc import Callable
from contextlib import ExitStack

from antechamber.log import LogError
from antechamber.log.errors import DATABASE_FAULTS, words
from antechamber.log.file_access import FileAccess
from antechamber.log.file_identity import FileIdentity
from antechamber.log.retention import RetentionTask
from antechamber.log.search_index import Index
from antechamber.log.wal import WriteAheadLog
from antechamber.protocol.limits import Retention

_logger = logging.getLogger(__name__)


class Maintenance:
    """The maintenance of the log at `path`. `writer` is the log's connection, used only under `lock`.

    It ticks every `tick_seconds`; None leaves that to calls of `tick`. `now` is the wall clock that stamps entries.
    """

    def __init__(
        self,
        path: str,
        writer: sqlite3.Connection,
        lock: threading.Lock,
        presence: FileIdentity,
        tick_seconds: float | None,
        now: Callable[[], float],
    ) -> None:
        self._lock = lock
        self._identity = presence
        self._tick_seconds = tick_seconds
        with ExitStack() as undo:
            self._access = FileAccess(path, writer, lock)
            undo.callback(self._access.reader.close)
            self.index = Index(self._access)
            self.forgetting = RetentionTask(self._access, self.index, now)
            self.wal = WriteAheadLog(self._access)
            undo.pop_all()
        self._appended = self._appended_at_tick = 0
        self._has_forgotten = False
        """Whether the write-ahead log may still contain deleted entries."""
        self._failing: set[str] = set()
        self._stirred = threading.Event()
        self.resting = threading.Event()
        """Set while nothing is left to do."""
        self._thread = threading.Thread(target=self._run, name="log-maintenance", daemon=True)
        if tick_seconds is not None:
            self._stirred.set()  # an earlier server may have left something to do
            self._thread.start()

    def retain(self, channel: str, retention: Retention) -> None:
        """Set the channel's retention rule."""
        with self._lock:
            self.forgetting.retain(channel, retention)
            self.stir()

    def sort_out(self) -> None:
        """Begin to find out which channels of an old log members had made; called once the config's are known."""
        with self._lock:
            self.forgetting.sorts_out = True
            self.stir()

    def stir(self) -> None:
        """Note that there may be something to do. Called under the lock."""
        self._appended += 1
        if not self._stirred.is_set():
            self.resting.clear()
            self._stirred.set()

    def tick(self) -> bool:
        """Do what is due now; return whether nothing is left to do until the next append."""
        appended = self._appended
        is_quiet = appended == self._appended_at_tick
        self._appended_at_tick = appended
        self._attempt(self._look, is_quiet)
        is_left = self._attempt(self._forget, is_quiet)
        is_left = self._attempt(self._index, is_quiet) or is_left
        self._attempt(self._carry_over, is_quiet and not is_left)
        with self._lock:
            if is_left or not is_quiet or appended != self._appended:
                return False
            self._identity.is_certain = False
            self._stirred.clear()
            self.resting.set()
            return True

    def close(self) -> None:
        """Finish the current step, and end the thread."""
        self._access.closing.set()
        self._stirred.set()
        if self._tick_seconds is not None:
            self._thread.join()
        self._access.reader.close()

    def _run(self) -> None:
        closing = self._access.closing
        while not closing.is_set():
            self._stirred.wait(self.forgetting.doze_seconds())
            while not closing.wait(self._tick_seconds) and not self.tick():
                pass

    def _attempt(self, chore: Callable[[bool], bool], is_quiet: bool) -> bool:
        """Do a task, and return whether it left anything to do.

        A failing task is logged once until it works again, and waits for the next append.
        """
        name = chore.__name__
        try:
            is_left = chore(is_quiet)
        except (*DATABASE_FAULTS, OSError, LogError) as error:
            if name not in self._failing:
                path = self._access.path
                why = str(error) if isinstance(error, LogError) else words(path, error)
                _logger.warning("The maintenance of the log %s is put off: %s", path, why)
            self._failing.add(name)
            return False
        self._failing.discard(name)
        return is_left

    def _look(self, _: bool) -> bool:
        self._identity.check()
        return False

    def _forget(self, is_quiet: bool) -> bool:
        count = self._to_the_end(self._forget_some, is_quiet)
        self._has_forgotten = self.forgetting.purge() or self._has_forgotten
        return count > 0

    def _forget_some(self) -> int:
        count = self.forgetting.forget_some()
        self._has_forgotten = self._has_forgotten or count > 0
        return count

    def _index(self, is_quiet: bool) -> bool:
        indexed = self._to_the_end(self.index.add_some, is_quiet)
        while not indexed and is_quiet and self.index.merge() and not self._access.pause():
            pass
        return indexed > 0

    def _to_the_end(self, do_some: Callable[[], int], is_quiet: bool) -> int:
        """Do some, and while it is quiet, everything that is left; return the last result."""
        appended = self._appended
        count = do_some()
        while count and is_quiet and appended == self._appended:
            count = do_some()
        return count

    def _carry_over(self, is_quiet: bool) -> bool:
        self.wal.carry_over()
        if is_quiet and (self._has_forgotten or self.wal.is_large()):
            self._has_forgotten = not self.wal.cut()
        self.wal.begin_round()
        return False
