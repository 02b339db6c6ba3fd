"""How much is taken of what others send: so much from one sender, and so much from all of them.

A file is fetched without the person being asked, and whoever sits in the channel may send one, under any name. So of
each sender a client saves no more in an hour than a person would send, of all together a few times as much, and in all
no more than one looks through. What is past that is declined.
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
    """A file that was taken, or is on its way: from whom, how large, and when."""

    sender: str
    size: int
    time: float


class Allowance:
    """Counts what is taken in one run of the client. Any thread may ask."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._all: deque[Taken] = deque()
        """All of this run, the oldest first: no more than `RECEIVED_FILES_MAX`."""

    def take(self, sender: str, size: int) -> Taken | str:
        """Count a file of so many bytes as taken, and return it; or say in words why no more is taken."""
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
        """Count a file as not taken after all, as nothing of it was saved."""
        with self._lock:
            self._all.remove(taken)


def _is_past(earlier: Iterable[Taken], size: int, files_max: int, bytes_max: int) -> bool:
    """Return whether one more file of so many bytes is too much beside the earlier ones."""
    sizes = [taken.size for taken in earlier]
    return len(sizes) >= files_max or sum(sizes) + size > bytes_max
