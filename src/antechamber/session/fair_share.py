"""Shares: who has used how much lately, where there is more to do than can be done at once. Pure: time is an argument.

Everybody belongs to an address. While all is done at once, nobody's turn matters, and nothing is counted. Else those go
first whose address has used least, and of one address those who have: a newcomer overtakes every flood.

Whoever has not said yet who it is counts as one with all others of its address who have not. Else each of a flood of
newcomers would have used nothing, and would go before everybody who is there and has used a little.
"""

from collections.abc import Hashable
from typing import Final, NamedTuple

FADING_SECONDS: Final = 1.0
"""In which time what one has used counts half."""


class Unknown(NamedTuple):
    """All of an address who have not said yet who they are."""

    address: str


class FairShare:
    """How much each of many, and each address, has used, in whatever unit."""

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
        """Count what one has used, who belongs to an address."""
        used = self._used
        used[one] = used.get(one, 0.0) + amount
        used[address] = used.get(address, 0.0) + amount

    def of(self, one: Hashable) -> float:
        """Return how much one, or an address, has used."""
        return self._used.get(one, 0.0)

    def clear(self) -> None:
        """Forget all of it: everything is done."""
        self._used.clear()
