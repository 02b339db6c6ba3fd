"""Minimising an input that shows a fault, by delta debugging (Zeller 1999)."""

from collections.abc import Callable

TRIES_MAX = 3_000


def shrink(data: bytes, fails: Callable[[bytes], bool]) -> bytes:
    """Return the smallest form of `data` found that still `fails`, with plain letters for bytes that do not matter."""
    login_attempts = 0

    def still(smaller: bytes) -> bool:
        nonlocal login_attempts
        login_attempts += 1
        return login_attempts <= TRIES_MAX and fails(smaller)

    size = max(len(data) // 2, 1)
    while data:
        before, at = len(data), 0
        while at < len(data):
            smaller = data[:at] + data[at + size :]
            if still(smaller):
                data = smaller
            else:
                at += size
        if size == 1 and len(data) == before:
            break
        size = max(min(size, len(data)) // 2, 1)
    for at in range(len(data)):
        simpler = data[:at] + b"a" + data[at + 1 :]
        if data[at] not in b"\n a" and still(simpler):
            data = simpler
    return data
