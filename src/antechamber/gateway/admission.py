"""Who may come in: connections are counted in all and by address, by all gateways together.

A connection counts from its beginning to its end, whether it has said who it is or not.
"""

import logging
import sys

from antechamber.gateway.rejection import Refused, RejectedConnections
from antechamber.protocol.limits import Limits
from antechamber.session.budgets import Budgets

_SHARE = 0.75
"""How much of what there are open files for one address may have, so that others always get in."""
_logger = logging.getLogger(__name__)


class Admission:
    """Counts the sessions. A gateway asks `enter` for each connection, and says `leave` once it has ended.

    An address is known by its cloak, `host`. `sessions_fit` is for how many there are open files; with fewer of those
    than `limits` allows, they are the bound, and no address gets all of them.
    """

    def __init__(self, limits: Limits, budgets: Budgets, sessions_fit: int = sys.maxsize) -> None:
        self.sessions = 0
        """How many there are now."""
        self.budgets = budgets
        self.rejected = RejectedConnections()
        self._sessions_fit = sessions_fit
        self._told_full = False
        self.limits = limits

    @property
    def limits(self) -> Limits:
        """The limits for those who come from now on; they may be replaced."""
        return self._limits

    @limits.setter
    def limits(self, limits: Limits) -> None:
        """Replace the limits, and tell the log where they cannot be had."""
        self.refit(limits, self._sessions_fit)

    def refit(self, limits: Limits, sessions_fit: int) -> None:
        """Replace the limits, and for how many connections there are open files."""
        self._limits = limits
        self._sessions_fit = sessions_fit
        self._share = max(int(sessions_fit * _SHARE), 1)
        self._sessions_max = min(limits.sessions_max, self._sessions_fit)
        if self._sessions_fit < limits.sessions_max:
            asked_for = limits.sessions_max != Limits().sessions_max
            _logger.log(
                logging.WARNING if asked_for else logging.INFO,
                "the system allows too few open files for sessions_max (raise ulimit -n)",
                extra={"sessions": self._sessions_fit, "sessions_max": limits.sessions_max},
            )

    def enter(self, host: str) -> Refused | None:
        """Count a connection in, or return why it is not let in."""
        if self.sessions >= self._sessions_max:
            self._tell_full("the server is full, so newcomers are turned away")
            return Refused("server-full", "The server is full: it takes no more connections. Try again in a moment.")
        most = min(self._limits.sessions_per_address_max, self._share)
        if host and self.budgets.used("sessions", host) >= most:
            if most == self._share:
                self._tell_full("the server is full for one address, so its newcomers are turned away")
            text = f"Your address has {most} connections, and may have no more. Close one of them first."
            return Refused("too-many-sessions", text)
        self._count_in(host)
        return None

    def enter_again(self, host: str) -> bool:
        """Count a connection in whose first line resumes a session, or return False where it cannot be.

        It takes the place of one that was counted before, so that nobody loses a seat to those who came meanwhile:
        only the open files are its bound. What it says is for the hub to judge.
        """
        if self.sessions >= self._sessions_fit:
            return False
        self._count_in(host)
        return True

    def leave(self, host: str) -> None:
        """Count a connection out that was counted in."""
        self.sessions -= 1
        self.budgets.give_back("sessions", host)
        if self.sessions < min(self._sessions_max, self._share) * 0.9:
            self._told_full = False

    def _count_in(self, host: str) -> None:
        self.sessions += 1
        self.budgets.take("sessions", host)

    def _tell_full(self, what: str) -> None:
        if not self._told_full:
            self._told_full = True
            _logger.warning(what, extra={"sessions": self.sessions})
