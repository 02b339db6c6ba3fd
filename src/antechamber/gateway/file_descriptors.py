"""How the open files that the system allows are shared out, so that the log never lacks one.

Connections are what a stranger can make many of, so they are what is bounded: those at the channels' ports, those at
the front desk, and those who are turned away and read why.
"""

import os
import resource
import sys

VISITORS_MAX = 64
"""Connections at once that are turned away and read why, where there are open files enough."""
FRONT_DESK_CONNECTIONS_MAX = 4_000
"""Connections to the front desk at once, where there are open files enough."""
_MANY = 4_096
"""Of the open files past this number the front desk has a larger share."""
_RESERVE = 64
"""Open files that nobody's connection takes: the log's, a config that is read again, a module that is imported late."""
_RESERVE_LEAST = 8
"""What is left of those where the system allows few."""
_FILES_MAX = 100
"""Open files kept for the bytes of files on their way."""


def descriptors_max() -> int:
    """Return how many open files the system allows this process."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return sys.maxsize if soft == resource.RLIM_INFINITY else soft


def visitors_max() -> int:
    """Return how many connections that are turned away there may be."""
    return min(descriptors_max() // 16, VISITORS_MAX)


def front_desk_connections_max() -> int:
    """Return how many connections to the front desk there may be."""
    most = descriptors_max()
    return min(most // 16 + max(most - _MANY, 0) // 8, FRONT_DESK_CONNECTIONS_MAX)


def open_files() -> int:
    """Return how many files this process has open."""
    return len(os.listdir("/dev/fd"))


def sessions_that_fit(others: int) -> int:
    """Return how many connections to the channels there is room for beside `others`: files that are always open.

    Where the system allows so little that nothing would be left for them, they get a quarter.
    """
    return max(descriptors_max() - others - _RESERVE - _shares(), descriptors_max() // 4)


def all_fit(others: int, sessions: int) -> bool:
    """Say whether there is room for `others` with the connections that may be let in, or `sessions`, if more are."""
    sessions_max = max(sessions_that_fit(others), sessions)
    return others + sessions_max + _shares() + _RESERVE_LEAST <= descriptors_max()


def _shares() -> int:
    """Return how many open files there may be for visitors, for the front desk, and for files on their way."""
    front_desk = front_desk_connections_max()
    return visitors_max() + front_desk + min(front_desk, _FILES_MAX)
