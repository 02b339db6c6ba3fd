"""The budget of file descriptors: how open files are divided, so that the log never lacks one.

Strangers can open many connections, so these are limited: those at the channels' ports, those at the front desk, and
rejected ones that are told why.
"""

import os
import resource
import sys

VISITORS_MAX = 64
"""Rejected connections at once that are told why, if open files suffice."""
FRONT_DESK_CONNECTIONS_MAX = 4_000
"""Connections to the front desk at once, if open files suffice."""
_MANY = 4_096
"""The front desk has a larger share of the open files beyond this number."""
_RESERVE = 64
"""Open files that are not connections: the log, a config being read again, a module imported late."""
_RESERVE_LEAST = 8
"""The same if the system allows few."""
_FILES_MAX = 100
"""Open files kept for the bytes of files on their way."""


def descriptors_max() -> int:
    """Return how many open files the system allows this process."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return sys.maxsize if soft == resource.RLIM_INFINITY else soft


def visitors_max() -> int:
    """Return how many rejected connections there may be."""
    return min(descriptors_max() // 16, VISITORS_MAX)


def front_desk_connections_max() -> int:
    """Return how many connections to the front desk there may be."""
    most = descriptors_max()
    return min(most // 16 + max(most - _MANY, 0) // 8, FRONT_DESK_CONNECTIONS_MAX)


def open_files() -> int:
    """Return how many files this process has open."""
    return len(os.listdir("/dev/fd"))


def sessions_that_fit(others: int) -> int:
    """Return how many connections to channels fit beside `others`, the files that are always open.

    If the system allows so few that none would be left for them, they get a quarter.
    """
    return max(descriptors_max() - others - _RESERVE - _shares(), descriptors_max() // 4)


def all_fit(others: int, sessions: int) -> bool:
    """Return whether `others` fit beside the admitted connections, or beside `sessions` if those are more."""
    sessions_max = max(sessions_that_fit(others), sessions)
    return others + sessions_max + _shares() + _RESERVE_LEAST <= descriptors_max()


def _shares() -> int:
    """Return the open files for rejected connections, for the front desk, and for transfers."""
    front_desk = front_desk_connections_max()
    return visitors_max() + front_desk + min(front_desk, _FILES_MAX)
