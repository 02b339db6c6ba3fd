"""Fair shares: how much each connection has used lately, when not all work can be done at once. Pure: time is an
argument.

Every connection belongs to an address. As long as everything is done at once, the order does not matter and nothing is
counted. Otherwise the address that has used least goes first, and within it the connection that has: so a newcomer
overtakes every flood.

All connections of an address that have not said who they are count as one. Otherwise each of a flood of newcomers would
have used nothing, and would go before the members, who have used a little.
"""

from collections.abc import Hashable
from typing import Final, NamedTuple

FADING_SECONDS: Final = 1.0
"""The time after which what was used counts half."""


class Unknown(NamedTuple):
    """All connections of an address that have not said who they are."""

    address: str


class FairShare:
    """How much each connection, and each address, has used, in any unit."""

    def __init__(self) -> None:
        self._used: dict[Hashable, float] = {}
        self._faded_at = 0.0

    def fade(self, now: float) -> None:
        """Reduce what was used with time, and forget it in the end."""
        if now - self._faded_at >= FADING_SECONDS:
            self._faded_at = now
            least = max(self._used.values(), default=0.0) / 1_000
            self._used = {one: used / 2 for one, used in self._used.items() if used > least}

    def count(self, one: Hashable, address: str, amount: float) -> None:
        """Charge an amount to a connection and to its address."""
        used = self._used
        used[one] = used.get(one, 0.0) + amount
        used[address] = used.get(address, 0.0) + amount

    def of(self, one: Hashable) -> float:
        """Return how much a connection, or an address, has used."""
        return self._used.get(one, 0.0)

    def clear(self) -> None:
        """Forget everything, as all work is done."""
        self._used.clear()
