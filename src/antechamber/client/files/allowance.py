"""The allowance for received files: so many from one sender, and so many from all.

A file is fetched without asking, and anyone seated in the channel may send one under any name. So the client saves no
more from one sender in an hour than a person would send, a few times as much from all together, and in one run no more
than anybody would look through. Further files are declined.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import NamedTuple

from antechamber.protocol.limits import (
    RECEIVED_BYTES_MAX,
    RECEIVED_BYTES_PER_HOUR_MAX,
    RECEIVED_BYTES_PER_SENDER_MAX,
    RECEIVED_FILES_MAX,
    RECEIVED_FILES_PER_HOUR_MAX,
    RECEIVED_FILES_PER_SENDER_MAX,
)

_HOUR_SECONDS = 3600.0


class Taken(NamedTuple):
    """An accepted file: its sender, size and time."""

    sender: str
    size: int
    time: float


class Allowance:
    """Counts the files accepted in one run of the client. Any thread may use it."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._all: deque[Taken] = deque()
        """All files of this run, oldest first, at most `RECEIVED_FILES_MAX`."""

    def take(self, sender: str, size: int) -> Taken | str:
        """Accept a file of so many bytes and return it, or return in words why it is declined."""
        with self._lock:
            now = self._now()
            lately = [taken for taken in self._all if now - taken.time < _HOUR_SECONDS]
            of_sender = [taken for taken in lately if taken.sender == sender]
            for earlier, files_max, bytes_max, of_what in (
                (of_sender, RECEIVED_FILES_PER_SENDER_MAX, RECEIVED_BYTES_PER_SENDER_MAX, f"from {sender} in an hour"),
                (lately, RECEIVED_FILES_PER_HOUR_MAX, RECEIVED_BYTES_PER_HOUR_MAX, "in an hour"),
                (self._all, RECEIVED_FILES_MAX, RECEIVED_BYTES_MAX, "until the client is started again"),
            ):
                if _is_past(earlier, size, files_max, bytes_max):
                    return f"no more than {files_max} files and {bytes_max >> 30} GiB are taken {of_what}."
            taken = Taken(sender, size, now)
            self._all.append(taken)
            return taken

    def give_back(self, taken: Taken) -> None:
        """Stop counting a file of which nothing was saved."""
        with self._lock:
            self._all.remove(taken)


def _is_past(earlier: Iterable[Taken], size: int, files_max: int, bytes_max: int) -> bool:
    """Return whether one more file of so many bytes is too much beside the earlier ones."""
    sizes = [taken.size for taken in earlier]
    return len(sizes) >= files_max or sum(sizes) + size > bytes_max
