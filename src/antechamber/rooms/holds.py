"""Holds: what is kept of a member whose connection was lost, and why memberships ended for members who return too late.

How long a seat or place is held, and whether it is, `Room` decides.
"""

from collections import OrderedDict

from antechamber.session.session import Session
from antechamber.session.tokens import Claim

ENDINGS_MAX = 1_000
"""The number of memberships whose ends are remembered, for members who come back too late."""


class Hold:
    """The hold of a seat or place, `since` a moment by the steady clock, and the session that was lost.

    The session is None if an earlier process had it. It was told the entries up to `read_up_to`.
    """

    __slots__ = ("read_up_to", "session", "since")

    def __init__(self, since: float, session: Session | None = None, read_up_to: int = 0) -> None:
        self.since = since
        self.session = session
        self.read_up_to = read_up_to


class Endings:
    """The reasons for which memberships ended. The oldest are forgotten."""

    def __init__(self) -> None:
        self._by_claim: OrderedDict[Claim, str] = OrderedDict()

    def add(self, claim: Claim, reason: str) -> None:
        """Remember why a membership ended."""
        self._by_claim[claim] = reason
        if len(self._by_claim) > ENDINGS_MAX:
            self._by_claim.popitem(last=False)

    def of(self, claim: Claim) -> str:
        """Return why a membership ended, "" if that is not remembered."""
        return self._by_claim.get(claim, "")
