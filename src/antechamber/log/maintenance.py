"""What a log does when it is not appending, in a thread of its own: retention, the search index, and checkpoints.

The thread wakes up after something was appended, and then ticks until there is nothing left to do; where entries may
become too old, also once a minute. While the log is being appended to, a tick forgets and indexes a few hundred entries
at most; when nothing came since the last tick, it goes on to the end. In both cases it works in steps that hold the
writer's lock for about a millisecond. What is not indexed yet is searched all the same (reader.py), so falling behind
costs nobody an answer.
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
    """The upkeep of the log at `path`. `writer` is the log's connection, used only under `lock`.

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
        """Whether what was forgotten may still stand in the write-ahead log."""
        self._failing: set[str] = set()
        self._stirred = threading.Event()
        self.resting = threading.Event()
        """Set while there is nothing left to do."""
        self._thread = threading.Thread(target=self._run, name="log-upkeep", daemon=True)
        if tick_seconds is not None:
            self._stirred.set()  # an earlier server may have left something to do
            self._thread.start()

    def retain(self, channel: str, retention: Retention) -> None:
        """Keep no more of the channel than this from now on."""
        with self._lock:
            self.forgetting.retain(channel, retention)
            self.stir()

    def sort_out(self) -> None:
        """Find out of channels of old logs which had been opened by members; called once the config's are known."""
        with self._lock:
            self.forgetting.sorts_out = True
            self.stir()

    def stir(self) -> None:
        """Take note that there may be something to do. Called under the lock."""
        self._appended += 1
        if not self._stirred.is_set():
            self.resting.clear()
            self._stirred.set()

    def tick(self) -> bool:
        """Do as much as is due now; return whether there is nothing left to do until something is appended."""
        appended = self._appended
        is_quiet = appended == self._appended_at_tick
        self._appended_at_tick = appended
        self._attempt(self._look, is_quiet)
        is_left = self._attempt(self._forget, is_quiet)
        is_left = self._attempt(self._replay, is_quiet) or is_left
        self._attempt(self._carry_over, is_quiet and not is_left)
        with self._lock:
            if is_left or not is_quiet or appended != self._appended:
                return False
            self._identity.is_certain = False
            self._stirred.clear()
            self.resting.set()
            return True

    def close(self) -> None:
        """Finish the step that is under way, and end the thread."""
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
        """Do the chore and return whether it left anything to do.

        One that fails is told of once until it works again, and waits for the next append.
        """
        name = chore.__name__
        try:
            is_left = chore(is_quiet)
        except (*DATABASE_FAULTS, OSError, LogError) as error:
            if name not in self._failing:
                path = self._access.path
                why = str(error) if isinstance(error, LogError) else words(path, error)
                _logger.warning("The upkeep of the log %s is put off: %s", path, why)
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

    def _replay(self, is_quiet: bool) -> bool:
        indexed = self._to_the_end(self.index.add_some, is_quiet)
        while not indexed and is_quiet and self.index.merge() and not self._access.pause():
            pass
        return indexed > 0

    def _to_the_end(self, do_some: Callable[[], int], is_quiet: bool) -> int:
        """Do some and, for as long as it is quiet, all that is left; return what came of the last time."""
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
