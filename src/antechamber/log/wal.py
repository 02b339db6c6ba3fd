"""The write-ahead log: it is checkpointed into the file, so that it can restart and stays small.

Each restart begins a round. Rounds begin here, off the event loop, because that waits for the disk. A round begins with
its number, which shows the state of which file it continues (leftover_wal.py).
"""

import os

from antechamber.log.file_access import FileAccess

WAL_BYTES_MAX = 64 << 20
"""Size of the write-ahead log beyond which the writer is delayed for moments, so that it can restart."""
WAL_FILE_BYTES_MAX = 256 << 20
"""Size of its file beyond which it is truncated when quiet, which costs the writer tens of milliseconds."""
WAIT_BYTES_MAX = 1 << 20
"""Size of the rest for which the writer waits, if ROUNDS_MAX passes get that far."""
ROUNDS_MAX = 8


class WriteAheadLog:
    """The write-ahead log of a log."""

    def __init__(self, access: FileAccess) -> None:
        self._access = access
        (self._page_bytes,) = access.reader.execute("PRAGMA page_size").fetchone()
        self._file = os.open(access.path, os.O_RDONLY)
        self._is_used_up = False
        """Whether everything seen at the last look is checkpointed."""
        self._version_at_round = -1
        """The data version at the beginning of the present round, which then contained only its number."""

    def carry_over(self) -> None:
        """Checkpoint its pages, if there are any but the round's number, and restart it beyond its limit.

        It can restart only when all pages are checkpointed, which a busy writer always outruns. So the last few are
        checkpointed while the writer waits; it does not wait for the passes before that.
        """
        if self._data_version() == self._version_at_round:
            return
        size = self._carry_over_some()
        for _ in range(ROUNDS_MAX):
            if size <= WAL_BYTES_MAX:
                return
            before, size = size, self._carry_over_some()
            if 0 <= size - before < WAIT_BYTES_MAX:
                break
        os.fsync(self._file)  # otherwise SQLite would wait for all the pages under the lock
        with self._access.lock:
            self._carry_over_some()

    def begin_round(self) -> None:
        """Begin the next round if this one is used up; the file then has its number."""
        if self._is_used_up:
            with self._access.lock:
                self._begin_round()

    def is_large(self) -> bool:
        """Return whether a rush, or a long read, made its file large."""
        return os.path.getsize(f"{self._access.path}-wal") > WAL_FILE_BYTES_MAX

    def cut(self) -> bool:
        """Truncate its file if everything is checkpointed and nobody reads it; return whether it was.

        The next round begins at once: an empty file beside an open log means that a write-ahead log was lost
        (clean_shutdown.py).
        """
        with self._access.lock:
            is_busy, _pages, _carried = self._access.reader.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            self._is_used_up = not is_busy
            if self._is_used_up:
                self._begin_round()
            return not is_busy

    def release(self) -> None:
        """Close the file, after its last connection: this drops the process's POSIX locks on it."""
        os.close(self._file)

    def _begin_round(self) -> None:
        self._access.writer.execute("UPDATE identity SET round = round + 1")
        self._version_at_round = self._data_version()
        self._is_used_up = False

    def _carry_over_some(self) -> int:
        """Checkpoint what is possible without waiting; return the size of its content in bytes."""
        _busy, pages, carried = self._access.reader.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        self._is_used_up = pages == carried
        return int(pages * self._page_bytes)

    def _data_version(self) -> int:
        """Return a number that changes with each change of the log."""
        return int(self._access.reader.execute("PRAGMA data_version").fetchone()[0])
