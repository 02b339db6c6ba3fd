"""A rate limit: a token bucket. Pure: the time is an argument."""


class RateLimit:
    """A token bucket that allows `burst` at once after a rest, and `per_second` a second after that.

    Times are in seconds of the steady clock.
    """

    __slots__ = ("_at", "_burst", "_left", "per_second")

    def __init__(self, per_second: float, burst: int, now: float, left: float | None = None) -> None:
        """Begin with `left` of the burst, None for all of it."""
        self.per_second = per_second
        self._burst = burst
        self._left = float(burst) if left is None else left
        self._at = now

    def following(self, earlier: "RateLimit") -> "RateLimit":
        """Return a rate limit with the rules of this one that goes on from the level of an earlier one."""
        left = earlier._left + (self._at - earlier._at) * self.per_second
        return RateLimit(self.per_second, self._burst, self._at, left)

    def take(self, wanted: int, now: float) -> int:
        """Spend as many of `wanted` as there are, and return how many."""
        left = self._filled(now)
        granted = max(min(wanted, int(left)), 0)
        self._left = left - granted
        self._at = now
        return granted

    def seconds_until(self, wanted: float, now: float) -> float:
        """Return after how many seconds `wanted`, or at most the burst, may be spent; 0 if now."""
        missing = min(wanted, self._burst) - self._filled(now)
        return max(missing / self.per_second, 0.0) if missing > 0 else 0.0

    def spend(self, wanted: float, now: float) -> None:
        """Spend `wanted`, or all there is of the burst."""
        self._left = max(self._filled(now) - wanted, 0.0)
        self._at = now

    def charge(self, used: float, now: float) -> None:
        """Charge what was used already; what was not there is owed, and recovers with time."""
        self._left = self._filled(now) - used
        self._at = now

    def owes(self, now: float) -> bool:
        """Return whether it is overdrawn."""
        return self._filled(now) < 0

    def _filled(self, now: float) -> float:
        return min(self._left + (now - self._at) * self.per_second, self._burst)
