"""One server a log: a lock file beside the log, which the kernel lets go of however its holder ends."""

import fcntl
import os
from contextlib import suppress

from antechamber.log import LogError
from antechamber.log.permissions import FILE_MODE


class LockFile:
    """This process's hold on the log at `path`, taken at once.

    The lock is flock(2) on `<path>-lock`, as the log itself is locked and unlocked by SQLite in its own ways. The file
    names the process that holds it, and is gone after `release`; one that a killed server left is no lock.

    Raises LogError if another server has the log, OSError where the lock file cannot be made.
    """

    def __init__(self, path: str) -> None:
        self._path = f"{path}-lock"
        self._file = self._take(path)
        try:
            with suppress(PermissionError):  # it is another user's, who was killed
                os.fchmod(self._file, FILE_MODE)
            os.ftruncate(self._file, 0)
            os.write(self._file, b"%d\n" % os.getpid())
        except OSError:
            self.release()
            raise

    def release(self) -> None:
        """Release the lock, so that another server may open the log."""
        with suppress(OSError):  # somebody tidied up; the lock is the open file, not its name
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
            os.close(file)  # its holder let go of it, and so of its name, between our two calls

    def _is_current(self, file: int) -> bool:
        try:
            return os.path.samestat(os.fstat(file), os.stat(self._path))
        except FileNotFoundError:
            return False
