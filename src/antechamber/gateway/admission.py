"""Admission: the limits on connections, in all and by address, over all ports together.

A connection counts from its beginning to its end, whether it has said hello or not.
"""

import logging
import sys

from antechamber.gateway.rejection import Refused, RejectedConnections
from antechamber.protocol.limits import Limits
from antechamber.session.budgets import Budgets

_SHARE = 0.75
"""The share of the connections that open files allow which one address may have, so that others always get in."""
_logger = logging.getLogger(__name__)


class Admission:
    """Counts connections. A listener calls `enter` for each connection, and `leave` once it has ended.

    `host` is the cloak of an address. `sessions_fit` is the number of connections that open files allow; if that is
    less than `limits` allows, it is the bound, and no address gets all of them.
    """

    def __init__(self, limits: Limits, budgets: Budgets, sessions_fit: int = sys.maxsize) -> None:
        self.sessions = 0
        """The number of connections now."""
        self.budgets = budgets
        self.rejected = RejectedConnections()
        self._sessions_fit = sessions_fit
        self._told_full = False
        self.limits = limits

    @property
    def limits(self) -> Limits:
        """The limits for new connections, which may be replaced."""
        return self._limits

    @limits.setter
    def limits(self, limits: Limits) -> None:
        """Replace the limits, and log a warning if open files do not suffice for them."""
        self.refit(limits, self._sessions_fit)

    def refit(self, limits: Limits, sessions_fit: int) -> None:
        """Replace the limits, and the number of connections that open files allow."""
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
        """Count a connection, or return why it is rejected."""
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
        """Count a connection whose first line resumes a session, and return True, or return False if there is no room.

        Only open files limit it, so that nobody loses a seat because newcomers have filled the server meanwhile. The
        hub judges the resume token.
        """
        if self.sessions >= self._sessions_fit:
            return False
        self._count_in(host)
        return True

    def leave(self, host: str) -> None:
        """Stop counting a connection."""
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
