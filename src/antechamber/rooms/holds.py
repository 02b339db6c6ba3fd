"""Holds: the members whose connections were lost, and how the memberships ended of those who come back too late."""

from collections import OrderedDict

from antechamber.session.session import Session
from antechamber.session.tokens import Claim

ENDINGS_MAX = 1_000
"""How many memberships' ends are remembered, for those who come back too late."""


class Hold:
    """What is kept of an absent member: `since` when, by the steady clock, and the session that was lost.

    The session is None where an earlier process had it. It was told the entries up to `read_up_to`.
    """

    __slots__ = ("read_up_to", "session", "since")

    def __init__(self, since: float, session: Session | None = None, read_up_to: int = 0) -> None:
        self.since = since
        self.session = session
        self.read_up_to = read_up_to


class Endings:
    """Why memberships ended. The oldest are forgotten."""

    def __init__(self) -> None:
        self._by_claim: OrderedDict[Claim, str] = OrderedDict()

    def add(self, claim: Claim, reason: str) -> None:
        """Remember why a membership ended."""
        self._by_claim[claim] = reason
        if len(self._by_claim) > ENDINGS_MAX:
            self._by_claim.popitem(last=False)

    def of(self, claim: Claim) -> str:
        """Return why a membership ended, "" where that is not remembered."""
        return self._by_claim.get(claim, "")
