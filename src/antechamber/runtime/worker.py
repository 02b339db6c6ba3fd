"""Aside: work that would hold the event loop up, such as waiting for a disk, one piece of it after the other."""

import threading
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from typing import Any, Protocol, TypeVar

Found = TypeVar("Found")


class Worker(Protocol):
    """Where such work is done."""

    def do(self, work: Callable[[], Found], done: Callable[[Found], None]) -> None:
        """Do the work, which raises nothing, and call `done` in the event loop with what it returns."""

    def close(self, last: Callable[[], None]) -> None:
        """Do `last`, which raises nothing, once what is under way is over. What is done then is told nobody."""


class InlineWorker:
    """Does the work at once, in the event loop: for a loop that nothing holds up, such as a test's."""

    def do(self, work: Callable[[], Found], done: Callable[[Found], None]) -> None:
        """Do the work, and call `done` with what it returns."""
        done(work())

    def close(self, last: Callable[[], None]) -> None:
        """Do `last`."""
        last()


class Loop(Protocol):
    """What a thread needs of an event loop."""

    def call_soon_threadsafe(self, callback: Callable[..., Any], /, *args: Any) -> object:
        """Call from the loop. Raises RuntimeError where the loop is closed."""


class Thread:
    """A thread that does the work. It begins with the first of it, and holds no process up that ends."""

    def __init__(self, loop: Loop, name: str) -> None:
        self._loop = loop
        self._work: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._has_begun = False
        self._closing = False

    def do(self, work: Callable[[], Found], done: Callable[[Found], None]) -> None:
        """Do the work in the thread, and call `done` in the event loop with what it returns."""

        def do() -> None:
            found = work()
            with suppress(RuntimeError):  # the loop is closed, so nobody waits for it
                self._loop.call_soon_threadsafe(self._tell, done, found)

        if not self._has_begun:
            self._has_begun = True
            self._thread.start()
        self._work.put(do)

    def close(self, last: Callable[[], None]) -> None:
        """Do `last` in the thread once what is under way is over, and let it end."""
        self._closing = True
        if self._has_begun:
            self._work.put(last)
            self._work.put(None)
        else:
            last()

    def wait(self, seconds: float) -> None:
        """Wait, after `close`, until the thread has ended, but no longer than so many seconds."""
        if self._has_begun:
            self._thread.join(seconds)

    def _tell(self, done: Callable[[Found], None], found: Found) -> None:
        if not self._closing:
            done(found)

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            work()
