"""Workers for what would block the event loop, such as waiting for a disk. Each does one job after the other."""

import threading
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from typing import Protocol, TypeVar

Found = TypeVar("Found")


class Worker(Protocol):
    """Something that does such work."""

    def do(self, work: Callable[[], Found], done: Callable[[Found], None]) -> None:
        """Do the work, which must raise nothing, and call `done` in the event loop with what it returns."""

    def close(self, last: Callable[[], None]) -> None:
        """Do `last`, which must raise nothing, after the work under way. `done` is not called any more."""


class InlineWorker:
    """A worker that does the work at once, in the event loop: for a loop that may block, such as a test's."""

    def do(self, work: Callable[[], Found], done: Callable[[Found], None]) -> None:
        """Do the work, and call `done` with what it returns."""
        done(work())

    def close(self, last: Callable[[], None]) -> None:
        """Do `last`."""
        last()


class WorkerThread:
    """A worker with a thread of its own, which starts with the first job, and does not keep the process from ending.

    `call_in_loop` is `call_soon_threadsafe` of the event loop.
    """

    def __init__(self, call_in_loop: Callable[..., object], name: str) -> None:
        self._call_in_loop = call_in_loop
        self._work: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._has_begun = False
        self._closing = False

    def do(self, work: Callable[[], Found], done: Callable[[Found], None]) -> None:
        """Do the work in the thread, and call `done` in the event loop with what it returns."""

        def do() -> None:
            found = work()
            with suppress(RuntimeError):  # the loop is closed, so nobody waits for the answer
                self._call_in_loop(self._tell, done, found)

        if not self._has_begun:
            self._has_begun = True
            self._thread.start()
        self._work.put(do)

    def close(self, last: Callable[[], None]) -> None:
        """Do `last` in the thread after the work under way, and end the thread."""
        self._closing = True
        if self._has_begun:
            self._work.put(last)
            self._work.put(None)
        else:
            last()

    def wait(self, seconds: float) -> None:
        """Wait, after `close`, until the thread has ended, for at most so many seconds."""
        if self._has_begun:
            self._thread.join(seconds)

    def _tell(self, done: Callable[[Found], None], found: Found) -> None:
        if not self._closing:
            done(found)

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            work()
