"""Tries: who shows a password, a key or a token is judged, unless too many were wrong before, by whatever door.

A wrong one counts for the address and what it was tried for, and for the address (budgets.py). While a wait of those is
on, no try is judged, so that a right one is worth nothing then; only the address that guesses meets it, and the others
come in. What cannot be guessed anyway, a resume token, never waits: so nobody locks others of a school out of seats.

What failed is told as a warning: the first time, and each time that their number has doubled; what may be no guess, as
a page's key with a name that is taken, once it waits. Of very many in a short time some are left out, and the next
says how many. What was shown is never told.
"""

import logging
from math import ceil
from typing import Literal, NamedTuple

from antechamber.channel.channel import Channel
from antechamber.channel.decide import decide
from antechamber.protocol.commands import Join
from antechamber.protocol.refusals import Decision, Refused
from antechamber.protocol.text import clean, fold
from antechamber.runtime.clock import Clock
from antechamber.session.budgets import Budgets
from antechamber.session.rate_limit import RateLimit
from antechamber.session.session import Session

Kind = Literal["password", "key", "channel key", "operator token", "resume token"]

OPERATOR = "the operator"
RESUMING = "a membership"
"""What is tried that is nobody's by name; no name has a space."""
WARNINGS_PER_SECOND = 1.0
WARNINGS_BURST = 60
_logger = logging.getLogger(__name__)


class Asker(NamedTuple):
    """Who shows a secret with a single request, without a session: the address, cloaked, and the way it came by."""

    host: str
    door: str


class LoginAttempts:
    """Counts the failures of sessions in `budgets`, and says who waits."""

    def __init__(self, budgets: Budgets, clock: Clock) -> None:
        self._budgets = budgets
        self._clock = clock
        self._warnings = RateLimit(WARNINGS_PER_SECOND, WARNINGS_BURST, clock.steady())
        self._unlogged = 0
        """How many warnings were left out since the last one."""

    def seconds_left(self, session: Session | Asker, about: str) -> int:
        """Return after how many whole seconds a try of a session is judged, 0 where it is now."""
        return ceil(self._budgets.seconds_until_try(session.host, fold(about)))

    def waits(self, session: Session | Asker, about: str, remedy: str = "") -> Refused | None:
        """Return why a try of a session is not judged now, None where it is; `remedy` is what else it may do."""
        seconds = self.seconds_left(session, about)
        if not seconds:
            return None
        wait = f"wait {seconds} second{'' if seconds == 1 else 's'}"
        text = f"Too many wrong tries came from your address, so this one was not judged: {wait}{remedy}."
        return Refused("too-many-failures", text)

    def failed(self, session: Session | Asker, about: str, kind: Kind, *, alone: bool = False) -> None:
        """Count a try that was wrong; where it stands `alone`, for what it was about only, and not for its address."""
        wait = self._budgets.failed(session.host, fold(about), alone=alone)
        count = self._budgets.failures(session.host, fold(about))
        if count & (count - 1) or (alone and not wait):
            return
        if not self._warnings.take(1, self._clock.steady()):
            self._unlogged += 1
            return
        fields: dict[str, object] = {"kind": kind, "about": clean(about), "door": _door(session), "host": session.host}
        numbers = {"failures": count, "wait_seconds": round(wait, 1), "unlogged": self._unlogged}
        _logger.warning("a wrong secret was tried", extra=fields | numbers)
        self._unlogged = 0

    def succeeded(self, session: Session | Asker, about: str) -> None:
        """Forget the failures with a secret that is the same for everybody, after it was shown.

        Failures with a name are not forgotten this way: a guesser could have a member of that name in another channel.
        """
        self._budgets.succeeded(session.host, fold(about))

    def enter(self, session: Session, channel: Channel, join: Join, name: str, time: float) -> Decision:
        """Return what entering a channel leads to; where that has a key, one that is wrong is a try that failed."""
        judged = bool(channel.modes.key and join.key) and not channel.is_vacant and channel.membership(name) is None
        about = f"{channel.name} {name}"
        if judged and (refused := self.waits(session, about)) is not None:
            return refused
        decision = decide(channel, join, name, time)
        if judged and isinstance(decision, Refused) and decision.code == "wrong-key":
            self.failed(session, about, "channel key")
        elif judged and not isinstance(decision, Refused):
            self.succeeded(session, about)
        return decision


def _door(session: Session | Asker) -> str:
    """Say by which door somebody has come in."""
    if isinstance(session, Session) and session.memberships is not None:
        return "IRC"
    return session.door or "page"
