"""A kept turn, as bytes and as entries."""

from collections.abc import Sequence

import msgspec

from antechamber.events import Entry, decode_entries
from antechamber.log import LogError
from antechamber.log.damage import damaged


def decode_turn(log: str, last: int, lines: bytes) -> Sequence[Entry]:
    """Decode the lines of the turn that ends in entry `last`.

    Raises LogError, naming the `log`, where they are no entries.
    """
    if not isinstance(lines, bytes):  # a damaged file may say that anything is in its place
        raise _damaged(log, last)
    try:
        return decode_entries(lines)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _damaged(log, last) from error


def check_turn(log: str, channel: str, last: int, entries: Sequence[Entry]) -> int:
    """Check that these are entries of the `channel` up to `last`, and return the sequence number of the first.

    Raises LogError, naming the `log`, where they are not.
    """
    first = last + 1 - len(entries)
    if not entries or (entries[0].sequence, entries[-1].sequence) != (first, last) or entries[0].channel != channel:
        raise _damaged(log, last)
    return first


def check_gap(log: str, expected: int, first: int, forgotten: int) -> None:
    """Check that nothing but what is forgotten, up to entry `forgotten`, is missing before the entry `first`.

    Raises LogError, naming the `log`, where the entry `expected` should be there.
    """
    if max(expected, forgotten + 1) < first:
        raise _damaged(log, expected)


def _damaged(log: str, last: int) -> LogError:
    return damaged(log, f" near entry {last}")
