"""Admission of connections: bounds on their number, in total and by address, over all gateways.

A connection counts from its beginning to its end, named or not.
"""

import logging
import sys

from antechamber.gateway.rejection import RejectedConnections
from antechamber.protocol.limits import Limits
from antechamber.protocol.refusals import Refused
from antechamber.session.budgets import Budgets

_SHARE = 0.75
"""The share of the available open files that one address may use, so that others can always connect."""
_logger = logging.getLogger(__name__)


class Admission:
    """Counts the sessions. A gateway calls `enter` for each connection, and `leave` once it has ended.

    An address is known by its cloak, `host`. `sessions_fit` is the number of connections that the open files suffice
    for. If it is lower than `limits` allows, it is the bound, and no address may use all of it.
    """

    def __init__(self, limits: Limits, budgets: Budgets, sessions_fit: int = sys.maxsize) -> None:
        self.sessions = 0
        """The number of sessions now."""
        self.budgets = budgets
        self.rejected = RejectedConnections()
        self._sessions_fit = sessions_fit
        self._told_full = False
        self.limits = limits

    @property
    def limits(self) -> Limits:
        """The limits for new connections; they may be replaced."""
        return self._limits

    @limits.setter
    def limits(self, limits: Limits) -> None:
        """Replace the limits, and log a warning if the open files do not suffice for them."""
        self.refit(limits, self._sessions_fit)

    def refit(self, limits: Limits, sessions_fit: int) -> None:
        """Replace the limits, and the number of connections that the open files suffice for."""
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
        """Count a new connection, or return why it is rejected."""
        if self.sessions >= self._sessions_max:
            self._tell_full("the server is full, so new connections are rejected")
            return Refused("server-full", "The server is full: it takes no more connections. Try again in a moment.")
        most = min(self._limits.sessions_per_address_max, self._share)
        if host and self.budgets.used("sessions", host) >= most:
            if most == self._share:
                self._tell_full("the server is full for one address, so its new connections are rejected")
            text = f"Your address has {most} connections, which is the limit. Close one of them first."
            return Refused("too-many-sessions", text)
        self._count_in(host)
        return None

    def enter_again(self, host: str) -> bool:
        """Count a connection whose first line resumes a session, or return False if there are no open files left.

        It replaces a connection that was counted before, so only the open files bound it: no member loses a seat to
        connections that came meanwhile. The hub verifies the resume token.
        """
        if self.sessions >= self._sessions_fit:
            return False
        self._count_in(host)
        return True

    def leave(self, host: str) -> None:
        """Remove a connection that was counted."""
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
