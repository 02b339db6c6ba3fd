"""The write-ahead log: what it holds is carried over to the file, so that it can begin anew and stays small.

Each time that it begins anew is a round. A round is begun here, off the event loop, as its beginning waits for the
disk; and with its number, so that it is known which state of which file it goes on from (leftover_wal.py).
"""

import os

from antechamber.log.file_access import FileAccess

WAL_BYTES_MAX = 64 << 20
"""Size of the write-ahead log past which the writer is held up, for moments, so that it can begin anew."""
WAL_FILE_BYTES_MAX = 256 << 20
"""Size of its file past which it is cut to nothing when it is quiet, which costs the writer tens of milliseconds."""
WAIT_BYTES_MAX = 1 << 20
"""Size of the rest that the writer is made to wait for then, if so little can be had within ROUNDS_MAX."""
ROUNDS_MAX = 8


class WriteAheadLog:
    """The write-ahead log of the log that `access` reaches."""

    def __init__(self, access: FileAccess) -> None:
        self._access = access
        (self._page_bytes,) = access.reader.execute("PRAGMA page_size").fetchone()
        self._file = os.open(access.path, os.O_RDONLY)
        self._is_used_up = False
        """Whether all that it held when last looked at is carried over."""
        self._version_at_round = -1
        """The version of the data at the present round's beginning, in which there was nothing but its number."""

    def carry_over(self) -> None:
        """Carry its pages to the file, if there are any but the round's number, and past its bound let it begin anew.

        It can begin anew only when all its pages are carried over, which a busy writer outruns for ever. So the last
        few are carried over while the writer waits: few, because it does not wait for the rounds before that.
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
        os.fsync(self._file)  # or SQLite would have all the rounds' pages to wait for, under the lock
        with self._access.lock:
            self._carry_over_some()

    def begin_round(self) -> None:
        """Begin the next round if this one is used up: then the file has its number."""
        if self._is_used_up:
            with self._access.lock:
                self._begin_round()

    def is_large(self) -> bool:
        """Return whether a rush or a long reader made its file large."""
        return os.path.getsize(f"{self._access.path}-wal") > WAL_FILE_BYTES_MAX

    def cut(self) -> bool:
        """Cut its file to nothing, if all it holds is carried over and nobody reads it; return whether that was so.

        The next round begins at once: an empty file beside a log that is open means that one was lost
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
        """Carry over what can be without waiting for anyone; return the size of what it holds, in bytes."""
        _busy, pages, carried = self._access.reader.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        self._is_used_up = pages == carried
        return int(pages * self._page_bytes)

    def _data_version(self) -> int:
        """Return a number that is another one after each change of the log."""
        return int(self._access.reader.execute("PRAGMA data_version").fetchone()[0])
