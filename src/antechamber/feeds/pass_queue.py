"""A queue of work between turns, of which each pass of the event loop does only so much."""

from collections import deque
from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from antechamber.runtime.clock import Loop

Item = TypeVar("Item")


class PassQueue(Generic[Item]):
    """Serves items in order, in each pass of the event loop as many as a number of bytes allows.

    `serve` serves one item and returns the bytes that it counts for; `bytes_max` returns the bytes of one pass. After a
    pass that has left nothing, `emptied` is called.
    """

    def __init__(
        self, loop: Loop, bytes_max: Callable[[], int], serve: Callable[[Item], int], emptied: Callable[[], None]
    ) -> None:
        self._loop = loop
        self._bytes_max = bytes_max
        self._serve = serve
        self._emptied = emptied
        self._items: deque[Item] = deque()
        self._scheduled = False

    def add(self, items: Iterable[Item]) -> None:
        """Add items, and serve them soon."""
        self._items.extend(items)
        self.schedule()

    def clear(self) -> None:
        """Drop all items."""
        self._items.clear()

    def schedule(self) -> None:
        """Ask for a pass, which calls `emptied` even if there is nothing to serve."""
        if not self._scheduled:
            self._scheduled = True
            self._loop.call_soon(self._pass)

    def _pass(self) -> None:
        left = self._bytes_max()
        try:
            while self._items and left > 0:
                left -= self._serve(self._items.popleft())
        finally:
            self._scheduled = False
            if self._items:
                self.schedule()
        if not self._items:
            self._emptied()
