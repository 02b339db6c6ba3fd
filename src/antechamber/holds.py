"""Holds: the members of one channel whose connections were lost, and how long their seats and places wait for them."""

from collections import OrderedDict

from antechamber.session import Session
from antechamber.tokens import Claim

ENDINGS_MAX = 1_000
"""How many memberships' ends are remembered, for those who come back too late."""


class Hold:
    """What is kept of an absent member: `since` when, by the steady clock, and the session that was lost.

    The session is None where an earlier process had it.
    """

    __slots__ = ("session", "since")

    def __init__(self, since: float, session: Session | None = None) -> None:
        self.since = since
        self.session = session


class Endings:
    """How memberships ended: by the reason, or in another channel by a switch. The oldest are forgotten."""

    def __init__(self) -> None:
        self._by_claim: OrderedDict[Claim, str | Claim] = OrderedDict()

    def add(self, claim: Claim, ending: str | Claim) -> None:
        """Remember how a membership ended."""
        self._by_claim[claim] = ending
        if len(self._by_claim) > ENDINGS_MAX:
            self._by_claim.popitem(last=False)

    def forget(self, claim: Claim) -> None:
        """Forget an ending that was not kept."""
        self._by_claim.pop(claim, None)

    def of(self, claim: Claim) -> str | Claim | None:
        """Return how a membership ended, None where that is not remembered."""
        return self._by_claim.get(claim)
