"""A stored turn, as bytes, as entries, and line by line."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from antechamber.log import LogError
from antechamber.log.damage import damaged
from antechamber.protocol.events import Entry, Said, decode_entries


class StoredTurn(NamedTuple):
    """An entry, and its line as it was kept, without the newline."""

    entry: Entry
    line: bytes

    @property
    def chat(self) -> str | None:
        """The text of a message; None for another event."""
        event = self.entry.event
        return event.text if isinstance(event, Said) else None


def decode_turn(log: str, last: int, lines: bytes) -> Sequence[Entry]:
    """Decode the lines of the turn that ends in entry `last`.

    Raises LogError, naming the `log`, if they are not entries.
    """
    if not isinstance(lines, bytes):  # a damaged file may contain anything in its place
        raise _damaged(log, last)
    try:
        return decode_entries(lines)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _damaged(log, last) from error


def check_turn(log: str, channel: str, last: int, entries: Sequence[Entry]) -> int:
    """Check that these are entries of the channel up to `last`, and return the sequence number of the first.

    Raises LogError, naming the `log`, if they are not.
    """
    first = last + 1 - len(entries)
    if not entries or (entries[0].sequence, entries[-1].sequence) != (first, last) or entries[0].channel != channel:
        raise _damaged(log, last)
    return first


def split_turn(log: str, last: int, lines: object) -> list[bytes]:
    """Return the lines of the turn that ends in entry `last`, one by one.

    Raises LogError, naming the `log`, if there are none; a damaged file may contain anything in their place.
    """
    if not isinstance(lines, bytes) or not lines:
        raise _damaged(log, last)
    return lines.splitlines()


def decode_line(log: str, near: int, line: bytes) -> StoredTurn:
    """Decode one line of a turn.

    Raises LogError, naming the `log` and an entry `near`, if it is not an entry.
    """
    entries = decode_turn(log, near, line)
    if len(entries) != 1:
        raise _damaged(log, near)
    return StoredTurn(entries[0], line)


def check_gap(log: str, expected: int, first: int, forgotten: int) -> None:
    """Check that only deleted entries, up to `forgotten`, are missing before the entry `first`.

    Raises LogError, naming the `log`, if the entry `expected` should be there.
    """
    if max(expected, forgotten + 1) < first:
        raise _damaged(log, expected)


def _damaged(log: str, last: int) -> LogError:
    return damaged(log, f" near entry {last}")
