"""A timer for many waits: it fires when the first of them ends."""

from collections.abc import Callable

from antechamber.runtime.clock import Clock, Loop, TimerHandle


class Timer:
    """Calls `fire` once the steady clock is at `at`, or soon after. `fire` must set `at` to the next end of a wait."""

    def __init__(self, clock: Clock, loop: Loop, fire: Callable[[], None]) -> None:
        self.at = float("inf")
        """The end of the first wait, by the steady clock; infinity if there is none."""
        self._clock = clock
        self._loop = loop
        self.fire = fire
        self._handle: TimerHandle | None = None
        self._handle_at = float("inf")

    def expect(self, at: float) -> None:
        """Add a wait that ends at `at`. It takes effect with the next `start`."""
        self.at = min(self.at, at)

    def start(self) -> None:
        """Run until `at`, unless it is running and fires early enough."""
        if self.at < self._handle_at:
            self.stop()
            self._handle_at = self.at
            self._handle = self._loop.call_later(max(self.at - self._clock.steady(), 0.001), self._fire)

    def stop(self) -> None:
        """Stop for good: nothing fires any more."""
        if self._handle is not None:
            self._handle.cancel()

    def _fire(self) -> None:
        self._handle, self._handle_at = None, float("inf")
        self.fire()
