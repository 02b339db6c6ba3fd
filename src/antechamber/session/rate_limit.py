"""How fast one peer may go: a bucket that tokens drip into. Pure: the time is an argument."""


class RateLimit:
    """Lets `burst` go at once after a rest, and `per_second` a second once those are used up.

    Times are in seconds of a clock that never goes back.
    """

    __slots__ = ("_at", "_burst", "_left", "per_second")

    def __init__(self, per_second: float, burst: int, now: float, left: float | None = None) -> None:
        """Begin with `left` of the burst, None for the whole."""
        self.per_second = per_second
        self._burst = burst
        self._left = float(burst) if left is None else left
        self._at = now

    def following(self, earlier: "RateLimit") -> "RateLimit":
        """Return the pace of a peer that had `earlier` and goes on by the rules of this one."""
        left = earlier._left + (self._at - earlier._at) * self.per_second
        return RateLimit(self.per_second, self._burst, self._at, left)

    def take(self, wanted: int, now: float) -> int:
        """Return how many of `wanted` may go now, and count those; the others cost nothing."""
        left = self._filled(now)
        granted = max(min(wanted, int(left)), 0)
        self._left = left - granted
        self._at = now
        return granted

    def seconds_until(self, wanted: float, now: float) -> float:
        """Return after how many seconds `wanted` may go, 0 where they may go now; of more than the burst, the burst."""
        missing = min(wanted, self._burst) - self._filled(now)
        return max(missing / self.per_second, 0.0) if missing > 0 else 0.0

    def spend(self, wanted: float, now: float) -> None:
        """Count `wanted`, which may go, or of which so much may go as the burst has."""
        self._left = max(self._filled(now) - wanted, 0.0)
        self._at = now

    def charge(self, used: float, now: float) -> None:
        """Count what was used already, all of it: what was not there is owed, and time brings it back."""
        self._left = self._filled(now) - used
        self._at = now

    def owes(self, now: float) -> bool:
        """Say whether more was used than there was."""
        return self._filled(now) < 0

    def _filled(self, now: float) -> float:
        return min(self._left + (now - self._at) * self.per_second, self._burst)
