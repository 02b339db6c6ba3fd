"""Login attempts: a password, key or token is judged unless too many wrong ones came before, over all ports together.

A wrong one counts for the address and what it was tried for, and for the address alone (budgets.py). During a delay no
try is judged, so even the right secret does not help then; only the guessing address is affected. A resume token cannot
be guessed, so it is never delayed: nobody locks others behind the same address out of their seats.

Failures are logged as warnings: the first one, and each time their number has doubled; those that may not be guesses,
such as a page's key with a name that is taken, only once they are delayed. If there are very many, some are left out
and the next warning says how many. The secret itself is never logged.
"""

import logging
from collections.abc import Callable
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
from antechamber.session.tokens import Tokens

Kind = Literal["password", "key", "channel key", "operator token", "resume token"]

OPERATOR = "the operator"
RESUMING = "a membership"
"""What is tried that is not a member's; no name contains a space."""
WARNINGS_PER_SECOND = 1.0
WARNINGS_BURST = 60
_logger = logging.getLogger(__name__)


class Asker(NamedTuple):
    """A request with a secret that is not a session's: the cloaked address, and the port it came by."""

    host: str
    door: str


class LoginAttempts:
    """Counts failures in the budgets, and delays the next tries."""

    def __init__(self, budgets: Budgets, clock: Clock) -> None:
        self._budgets = budgets
        self._clock = clock
        self._warnings = RateLimit(WARNINGS_PER_SECOND, WARNINGS_BURST, clock.steady())
        self._unlogged = 0
        """The number of warnings left out since the last one."""

    def seconds_left(self, session: Session | Asker, about: str) -> int:
        """Return after how many whole seconds a try is judged; 0 if it is judged now."""
        return ceil(self._budgets.seconds_until_try(session.host, fold(about)))

    def waits(self, session: Session | Asker, about: str, remedy: str = "") -> Refused | None:
        """Return why a try is not judged now, None if it is; `remedy` says what else the peer may do."""
        seconds = self.seconds_left(session, about)
        if not seconds:
            return None
        wait = f"wait {seconds} second{'' if seconds == 1 else 's'}"
        text = f"Too many wrong tries came from your address, so this one was not judged: {wait}{remedy}."
        return Refused("too-many-failures", text)

    def judge(
        self,
        session: Session | Asker,
        about: str,
        kind: Kind,
        is_right: Callable[[], bool],
        remedy: str = "",
        *,
        alone: bool = False,
    ) -> bool | Refused:
        """Return whether a secret `is_right`, or why it is not judged now; a wrong one counts as in `failed`."""
        if (refused := self.waits(session, about, remedy)) is not None:
            return refused
        if is_right():
            return True
        self.failed(session, about, kind, alone=alone)
        return False

    def judge_operator(self, session: Session | Asker, tokens: Tokens, token: str) -> Refused | None:
        """Return why somebody who shows `token` is not an operator of the server, None if they are."""
        judged = self.judge(session, OPERATOR, "operator token", lambda: tokens.operates(token))
        if judged is False:
            return Refused("bad-token", "That is not the operator token of this server.")
        if judged is True:
            self.succeeded(session, OPERATOR)
            return None
        return judged

    def failed(self, session: Session | Asker, about: str, kind: Kind, *, alone: bool = False) -> None:
        """Count a wrong try; if `alone`, only for what it was about, and not for the address as well."""
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

    def decide_join(self, session: Session, channel: Channel, join: Join, name: str, time: float) -> Decision:
        """Decide a join; a wrong key of the channel counts as a failed try."""
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
    """Return the name of the port that somebody came by."""
    if isinstance(session, Session) and session.memberships is not None:
        return "IRC"
    return session.door or "page"
