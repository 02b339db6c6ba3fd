"""The allocation of the open files that the system allows, so that the log never lacks one.

Anybody can open many connections, so connections are bounded: those to the channels' ports, those to the front desk,
and rejected ones that are being told why.
"""

import os
import resource
import sys

REJECTED_CONNECTIONS_MAX = 64
"""Rejected connections that may be open at once, if there are enough open files."""
FRONT_DESK_CONNECTIONS_MAX = 4_000
"""Connections to the front desk that may be open at once, if there are enough open files."""
_MANY = 4_096
"""The front desk has a larger share of the open files past this number."""
_RESERVE = 64
"""Open files that no connection may use: the log's, a config that is read again, a module that is imported late."""
_RESERVE_LEAST = 8
"""The least of these that a reload must leave, if the system allows few open files."""
_FILES_MAX = 100
"""Open files reserved for file transfers."""


def descriptors_max() -> int:
    """Return how many open files the system allows this process."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return sys.maxsize if soft == resource.RLIM_INFINITY else soft


def rejected_connections_max() -> int:
    """Return how many rejected connections may be open at once."""
    return min(descriptors_max() // 16, REJECTED_CONNECTIONS_MAX)


def front_desk_connections_max() -> int:
    """Return how many connections to the front desk may be open at once."""
    most = descriptors_max()
    return min(most // 16 + max(most - _MANY, 0) // 8, FRONT_DESK_CONNECTIONS_MAX)


def open_files() -> int:
    """Return how many files this process has open."""
    return len(os.listdir("/dev/fd"))


def sessions_that_fit(others: int) -> int:
    """Return how many chat connections fit beside `others`, the number of files that are always open.

    They get at least a quarter of the open files, however few the system allows.
    """
    return max(descriptors_max() - others - _RESERVE - _shares(), descriptors_max() // 4)


def all_fit(others: int, sessions: int) -> bool:
    """Return whether `others` fit beside the connections that may be admitted, or beside `sessions` if that is more."""
    sessions_max = max(sessions_that_fit(others), sessions)
    return others + sessions_max + _shares() + _RESERVE_LEAST <= descriptors_max()


def _shares() -> int:
    """Return how many open files rejected connections, the front desk and file transfers may use together."""
    front_desk = front_desk_connections_max()
    return rejected_connections_max() + front_desk + min(front_desk, _FILES_MAX)
