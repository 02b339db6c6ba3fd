"""What other threads tell the app: kept in order, and taken by the app's own loop, however fast it comes."""

import threading
from collections import deque
from collections.abc import Callable


class Inbox:
    """Calls from any thread that are carried out in the app's loop, many at once."""

    def __init__(self) -> None:
        self._calls: deque[Callable[[], None]] = deque()
        self._lock = threading.Lock()
        self._wake: Callable[[], object] | None = None
        self._woken = False

    def put(self, call: Callable[[], None]) -> None:
        """Have a call carried out after those before it."""
        with self._lock:
            self._calls.append(call)
            wake = None if self._woken else self._wake
            self._woken = self._woken or wake is not None
        if wake is not None:
            wake()

    def open(self, wake: Callable[[], object]) -> None:
        """Have `wake` called, in any thread, when there is something to take; at once if there is already."""
        with self._lock:
            self._wake = wake
            self._woken = bool(self._calls)
            due = self._woken
        if due:
            wake()

    def take(self) -> None:
        """Carry out what has come so far."""
        with self._lock:
            calls, self._calls = self._calls, deque()
            self._woken = False
        for call in calls:
            call()
