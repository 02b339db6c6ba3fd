"""How the open files that the system allows are shared out, so that the log never lacks one.

Connections are what a stranger can make many of, so they are what is bounded: those at the channels' ports, those at
the front desk, and those who are turned away and read why.
"""

import os
import resource
import sys

VISITORS_MAX = 64
"""Connections at once that are turned away and read why, where there are open files enough."""
FRONT_DESK_CONNECTIONS_MAX = 1_000
"""Connections to the front desk at once, where there are open files enough."""
_RESERVE = 64
"""Open files that nobody's connection takes: the log's, a config that is read again, a module that is imported late."""
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
    return min(descriptors_max() // 16, FRONT_DESK_CONNECTIONS_MAX)


def sessions_that_fit(sessions: int = 0) -> int:
    """Return how many connections to the channels there is room for; `sessions` of them are open now.

    Where the system allows so little that nothing would be left for them, they get a quarter.
    """
    total, front_desk = descriptors_max(), front_desk_connections_max()
    open_now = len(os.listdir("/dev/fd")) - sessions
    rest = total - open_now - _RESERVE - visitors_max() - front_desk - min(front_desk, _FILES_MAX)
    return max(rest, total // 4)
