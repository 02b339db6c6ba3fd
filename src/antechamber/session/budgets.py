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
"""A budget that recovers with time; its limits are `address_…_per_second_max` and `address_…_burst_max`."""
Count = Literal["sessions", "front_desk_connections", "watchers", "transfers", "transfer_bytes", "marks"]
"""A number of things at once; its limit is `address_…_max`."""

ADDRESSES_REMEMBERED: Final = 10_000
"""How many rates, and failures, are remembered; beyond that, the least recently used are forgotten."""
_SESSIONS = "sessions_per_address_max"
"""The limit on sessions, which is older and has another name."""


class _Failures:
    """The number of recent failures, and the time from which the next try is judged."""

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
        """The buckets, each with the limits that it was made with."""
        self.owing: set[tuple[Rate, str]] = set()
        """The addresses that have overdrawn a rate, and may still owe it."""
        self._counts: dict[tuple[Count, str], int] = {}
        self._failures: OrderedDict[tuple[str, str], _Failures] = OrderedDict()
        """The failures by address and name; the name is "" for all names together."""

    # Rates

    def seconds_until(self, rate: Rate, host: str, amount: float = 1.0) -> float:
        """Return after how many seconds an address may spend an amount; 0 if it may now."""
        pace = self._pace(rate, host)
        return 0.0 if pace is None else pace.seconds_until(amount, self._clock.steady())

    def spend(self, rate: Rate, host: str, amount: float = 1.0) -> bool:
        """Spend an amount and return True, or spend nothing and return False if the address has too little."""
        pace = self._pace(rate, host)
        if pace is None:
            return True
        now = self._clock.steady()
        if pace.seconds_until(amount, now) > 0:
            return False
        pace.spend(amount, now)
        return True

    def charge(self, rate: Rate, host: str, amount: float) -> None:
        """Charge an address for what it has used already; if it had too little, it owes the rest."""
        pace = self._pace(rate, host)
        if pace is not None:
            now = self._clock.steady()
            pace.charge(amount, now)
            if pace.owes(now):
                self.owing.add((rate, host))

    def owes(self, rate: Rate, host: str) -> bool:
        """Return whether an address has overdrawn a rate that has not recovered yet."""
        if (rate, host) not in self.owing:
            return False
        pace = self._pace(rate, host)
        if pace is None or not pace.owes(self._clock.steady()):
            self.owing.discard((rate, host))
            return False
        return True

    def afford(self, pace: RateLimit | None, host: str, cost: int) -> Literal["", "session", "address"]:
        """Charge the cost of commands to the rate limit `pace` of their session, if it has one, and to their address.

        If either has too little, charge neither and return which one.
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
        """Return the bucket of an address, None if the rate has no limit."""
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
        """Return how many of something an address has now."""
        return self._counts.get((count, host), 0)

    def most(self, count: Count) -> int:
        """Return how many of something an address may have."""
        bound: int = getattr(self.limits.now, _SESSIONS if count == "sessions" else f"address_{count}_max")
        return bound

    def has_room(self, count: Count, host: str, amount: int = 1) -> bool:
        """Return whether an address may have `amount` more."""
        return not host or self.used(count, host) + amount <= self.most(count)

    def take(self, count: Count, host: str, amount: int = 1) -> None:
        """Count `amount` more for an address. The caller checks the limit before."""
        self._counts[count, host] = self.used(count, host) + amount

    def give_back(self, count: Count, host: str, amount: int = 1) -> None:
        """Count `amount` less for an address."""
        left = self.used(count, host) - amount
        if left > 0:
            self._counts[count, host] = left
        else:
            self._counts.pop((count, host), None)

    # Failures

    def seconds_until_try(self, host: str, name: str) -> float:
        """Return after how many seconds a try for a name is judged; 0 if it is judged now."""
        now = self._clock.steady()
        return max((self._again_at(host, each, now) - now for each in (name, "")), default=0.0) if host else 0.0

    def failed(self, host: str, name: str, *, alone: bool = False) -> float:
        """Count a failed try for a name, and return for how many seconds the next one waits.

        If `alone`, it counts for the name only, as it may not be a guess: two people may choose the same name.
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
        """Return how many tries for a name have failed lately."""
        failures = self._failures.get((host, name))
        return 0 if failures is None else failures.count

    def succeeded(self, host: str, name: str) -> None:
        """Forget the failures of an address with a name, after a right secret; those of the address alone stay."""
        if name:
            self._failures.pop((host, name), None)

    def _again_at(self, host: str, name: str, now: float) -> float:
        failures = self._failures.get((host, name))
        return now if failures is None else max(failures.again_at, now)
