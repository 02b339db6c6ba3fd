"""The progress of transfers, in one line: of those that take over a second, and only on a terminal."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from antechamber.client.view import Notes
from antechamber.protocol.text import clean

_SHOWN_AFTER_SECONDS = 1.0
_SHOWN_EVERY_SECONDS = 0.1


class _Way:
    """One transfer."""

    def __init__(self, verb: str, name: str, size: int, begun_at: float) -> None:
        self.text = f"{verb} {clean(name)}"
        self.size = size
        self.moved = 0
        self.begun_at = begun_at

    def __str__(self) -> str:
        return f"{self.text}: {100 * self.moved // max(self.size, 1)}% of {size_words(self.size)}"


class Progress:
    """All transfers, and the line that shows them. Any thread may report progress."""

    def __init__(self, notes: Notes, now: Callable[[], float] = time.monotonic) -> None:
        self._notes = notes
        self._now = now
        self._lock = threading.Lock()
        self._ways: dict[_Way, None] = {}
        self._shown_at = 0.0

    @contextmanager
    def of(self, verb: str, name: str, size: int) -> Iterator[Callable[[int], None]]:
        """Show a transfer as long as the context lasts, and yield the function to report its bytes to."""
        way = _Way(verb, name, size, self._now())
        self._ways[way] = None

        def moved(sum_of_bytes: int) -> None:
            way.moved = sum_of_bytes
            self._show()

        try:
            yield moved
        finally:
            with self._lock:
                del self._ways[way]
                self._shown_at = 0.0
            self._show()

    def _show(self) -> None:
        with self._lock:
            now = self._now()
            if now - self._shown_at >= _SHOWN_EVERY_SECONDS:
                self._shown_at = now
                shown = [str(way) for way in self._ways if now - way.begun_at >= _SHOWN_AFTER_SECONDS]
                self._notes.progress(", ".join(shown))


def size_words(size: int) -> str:
    """Return a number of bytes as a text, such as 12.3 MB."""
    if size == 1:
        return "1 byte"
    amount = float(size)
    for unit in ("bytes", "kB", "MB"):
        if amount < 1000:
            return f"{amount:.1f} {unit}" if unit != "bytes" else f"{size} bytes"
        amount /= 1000
    return f"{amount:.1f} GB"
