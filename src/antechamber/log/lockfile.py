"""One server for one log: a lock file beside the log, which the kernel releases however the process ends."""

import fcntl
import os
from contextlib import suppress

from antechamber.log import LogError
from antechamber.log.permissions import FILE_MODE


class LockFile:
    """This process's lock on the log at `path`, taken at once.

    The lock is flock(2) on `<path>-lock`, as SQLite locks the log itself in its own ways. The file contains the process
    id and is removed by `release`; a file left by a killed server is not a lock.

    Raises LogError if another server has the log, OSError if the lock file cannot be made.
    """

    def __init__(self, path: str) -> None:
        self._path = f"{path}-lock"
        self._file = self._take(path)
        try:
            with suppress(PermissionError):  # it belongs to another user, whose server was killed
                os.fchmod(self._file, FILE_MODE)
            os.ftruncate(self._file, 0)
            os.write(self._file, b"%d\n" % os.getpid())
        except OSError:
            self.release()
            raise

    def release(self) -> None:
        """Release the lock, so that another server may open the log."""
        with suppress(OSError):  # somebody deleted it; the lock is the open file, not its name
            os.unlink(self._path)
        os.close(self._file)

    def _take(self, path: str) -> int:
        while True:
            file = os.open(self._path, os.O_RDWR | os.O_CREAT, FILE_MODE)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                holder = os.read(file, 20).decode("ascii", "replace").strip() or "unknown"
                os.close(file)
                raise LogError(f"The log {path} is in use by another antechamber server (process {holder}).") from None
            if self._is_current(file):
                return file
            os.close(file)  # its owner released and deleted it between our two calls

    def _is_current(self, file: int) -> bool:
        try:
            return os.path.samestat(os.fstat(file), os.stat(self._path))
        except FileNotFoundError:
            return False
