"""The budgets: what one address may use of the server, over all ports together. Pure: the clock is an argument.

An address is identified by its cloak (`Tokens.cloak`): an IPv6 network of 64 bits counts as one address, and no table
contains an address in clear. "" is the server's own console, which has no limits.

There are three kinds. A *rate* is spent and recovers with time: a token bucket with a burst. A *count* is the number of
things at once: each is taken and given back. *Failures*, which are wrong passwords, keys or tokens, delay the next
tries, longer each time: they count for the address and the name that was tried, and, more generously, for the address
alone.

Each limit is in `protocol/limits.py` and can be set; a new value applies at once. Loopback is an address like any
other. A class of 300 behind one address stays within all defaults.
"""

from collections import OrderedDict
from typing import Final, Literal

from antechamber.protocol.limits import CurrentLimits
from antechamber.runtime.clock import Clock
from antechamber.session.rate_limit import RateLimit

Rate = Literal["connections", "hellos", "commands", "logged_bytes", "foundings"]
"""What comes back with time; its bounds are `address_…_per_second_max` and `address_…_burst_max`."""
Count = Literal["sessions", "front_desk_connections", "watchers", "transfers", "transfer_bytes", "marks"]
"""What is there at once; its bound is `address_…_max`."""

ADDRESSES_REMEMBERED: Final = 10_000
"""How many addresses' rates, and failures, are remembered; past it the one that was used longest ago is forgotten."""
_SESSIONS = "sessions_per_address_max"
"""The one bound that had its name before there were others."""


class _Failures:
    """How often one failed lately, and from when on its next try is judged."""

    __slots__ = ("again_at", "count", "last_at")

    def __init__(self) -> None:
        self.count = 0
        self.last_at = self.again_at = 0.0


class Budgets:
    """The budgets of all addresses, by the limits in force."""

    def __init__(self, limits: CurrentLimits, clock: Clock) -> None:
        self.limits = limits
        self._clock = clock
        self._rates: OrderedDict[tuple[Rate, str], tuple[RateLimit, float, int]] = OrderedDict()
        """Each with the bounds that it was made with."""
        self.owing: set[tuple[Rate, str]] = set()
        """The addresses that have used more than they had, and may owe it still."""
        self._counts: dict[tuple[Count, str], int] = {}
        self._failures: OrderedDict[tuple[str, str], _Failures] = OrderedDict()
        """By address and name; by address and "" whatever the name."""

    # Rates

    def seconds_until(self, rate: Rate, host: str, amount: float = 1.0) -> float:
        """Return after how many seconds an address may spend `amount`, 0 where it may now."""
        pace = self._pace(rate, host)
        return 0.0 if pace is None else pace.seconds_until(amount, self._clock.steady())

    def spend(self, rate: Rate, host: str, amount: float = 1.0) -> bool:
        """Spend `amount` of an address's, and say whether that was there; where it was not, nothing is spent."""
        pace = self._pace(rate, host)
        if pace is None:
            return True
        now = self._clock.steady()
        if pace.seconds_until(amount, now) > 0:
            return False
        pace.spend(amount, now)
        return True

    def charge(self, rate: Rate, host: str, amount: float) -> None:
        """Count what an address has used already, be it more than it had: it owes the rest."""
        pace = self._pace(rate, host)
        if pace is not None:
            now = self._clock.steady()
            pace.charge(amount, now)
            if pace.owes(now):
                self.owing.add((rate, host))

    def owes(self, rate: Rate, host: str) -> bool:
        """Say whether an address has used more than it had, and time has not brought that back yet."""
        if (rate, host) not in self.owing:
            return False
        pace = self._pace(rate, host)
        if pace is None or not pace.owes(self._clock.steady()):
            self.owing.discard((rate, host))
            return False
        return True

    def afford(self, pace: RateLimit | None, host: str, cost: int) -> Literal["", "session", "address"]:
        """Spend what some commands cost, of the `pace` of their session, if it has one, and of what its address may.

        Return which of the two has too little; then neither has spent anything.
        """
        now = self._clock.steady()
        if pace is not None and pace.seconds_until(cost, now) > 0:
            return "session"
        if not self.spend("commands", host, cost):
            return "address"
        if pace is not None:
            pace.spend(cost, now)
        return ""

    def _pace(self, rate: Rate, host: str) -> RateLimit | None:
        """Return the bucket of an address, None where it has no bound."""
        per_second: float = getattr(self.limits.now, f"address_{rate}_per_second_max")
        burst: int = getattr(self.limits.now, f"address_{rate}_burst_max")
        if not per_second or not host:
            return None
        found = self._rates.get((rate, host))
        if found is not None and found[1:] == (per_second, burst):
            self._rates.move_to_end((rate, host))
            return found[0]
        pace = RateLimit(per_second, burst, self._clock.steady())
        self._rates[rate, host] = pace, per_second, burst
        if len(self._rates) > ADDRESSES_REMEMBERED:
            forgotten, _ = self._rates.popitem(last=False)
            self.owing.discard(forgotten)
        return pace

    # Counts

    def used(self, count: Count, host: str) -> int:
        """Return how many an address has now."""
        return self._counts.get((count, host), 0)

    def most(self, count: Count) -> int:
        """Return how many an address may have."""
        bound: int = getattr(self.limits.now, _SESSIONS if count == "sessions" else f"address_{count}_max")
        return bound

    def has_room(self, count: Count, host: str, amount: int = 1) -> bool:
        """Say whether an address may have `amount` more."""
        return not host or self.used(count, host) + amount <= self.most(count)

    def take(self, count: Count, host: str, amount: int = 1) -> None:
        """Take `amount` more for an address, whether it may have them or not: whoever asks looks for room before."""
        self._counts[count, host] = self.used(count, host) + amount

    def give_back(self, count: Count, host: str, amount: int = 1) -> None:
        """Give `amount` back that an address has taken."""
        left = self.used(count, host) - amount
        if left > 0:
            self._counts[count, host] = left
        else:
            self._counts.pop((count, host), None)

    # Failures

    def seconds_until_try(self, host: str, name: str) -> float:
        """Return after how many seconds a try of an address with `name` is judged, 0 where it is now."""
        now = self._clock.steady()
        return max((self._again_at(host, each, now) - now for each in (name, "")), default=0.0) if host else 0.0

    def failed(self, host: str, name: str, *, alone: bool = False) -> float:
        """Count a try of an address with `name` that failed; return for how many seconds its next one waits.

        One that stands `alone` counts for the name only: it may be no guess, as two who choose one name.
        """
        if not host:
            return 0.0
        limits, now = self.limits.now, self._clock.steady()
        counted = ((name, limits.failures_burst_max), ("", limits.address_failures_burst_max))
        for each, free in counted[: 1 if alone else 2]:
            failures = self._failures.setdefault((host, each), _Failures())
            self._failures.move_to_end((host, each))
            if failures.last_at and now - failures.last_at >= limits.failures_forgotten_seconds:
                failures.count = 0
            failures.count += 1
            failures.last_at = now
            if (beyond := failures.count - free) > 0:
                delay = min(2.0 ** min(beyond - 1, 30), limits.failure_delay_seconds_max)
                failures.again_at = now + delay
        while len(self._failures) > ADDRESSES_REMEMBERED:
            self._failures.popitem(last=False)
        return self.seconds_until_try(host, name)

    def failures(self, host: str, name: str) -> int:
        """Return how many tries of an address with `name` failed lately."""
        failures = self._failures.get((host, name))
        return 0 if failures is None else failures.count

    def succeeded(self, host: str, name: str) -> None:
        """Forget the failures of an address with a name, after a right secret; those of the address alone stay."""
        if name:
            self._failures.pop((host, name), None)

    def _again_at(self, host: str, name: str, now: float) -> float:
        failures = self._failures.get((host, name))
        return now if failures is None else max(failures.again_at, now)
