"""The alarm: one timer for the first of many waits that end."""

from collections.abc import Callable

from antechamber.runtime.clock import Clock, Loop, TimerHandle


class Timer:
    """Calls `ring` once the steady clock is at `at`, or soon after."""

    def __init__(self, clock: Clock, loop: Loop, ring: Callable[[], None]) -> None:
        self.at = float("inf")
        """When the first wait is over that is known of; infinity where none is."""
        self._clock = clock
        self._loop = loop
        self._call = ring
        self._timer: TimerHandle | None = None
        self._timer_at = float("inf")

    def expect(self, at: float) -> None:
        """Know of a wait that is over then. It rings for it once it is wound."""
        self.at = min(self.at, at)

    def wind(self) -> None:
        """See to it that it rings in time for all that it knows of."""
        if self.at < self._timer_at:
            self.stop()
            self._timer_at = self.at
            self._timer = self._loop.call_later(max(self.at - self._clock.steady(), 0.001), self._ring)

    def stop(self) -> None:
        """Ring no more."""
        if self._timer is not None:
            self._timer.cancel()

    def _ring(self) -> None:
        self._timer, self._timer_at = None, float("inf")
        self._call()
