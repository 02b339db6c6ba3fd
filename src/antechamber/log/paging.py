"""Pages of a channel's entries, backwards and forwards.

Pages are requested by the number of an entry, so each entry has to have the number of its place: a number that occurred
twice would lead a client in a circle. This is stricter than what a person reads of a damaged log.
"""

from collections.abc import Iterable, Iterator

from antechamber.log import LogError, Page
from antechamber.log.damage import damaged
from antechamber.log.stored_turn import StoredTurn, check_gap, check_turn, decode_line, split_turn
from antechamber.protocol.events import Entry

Row = tuple[int, object]
"""A turn: its last entry's number, and its lines."""


def page(found: Iterator[StoredTurn], limit: int, bytes_max: int, *, newest_first: bool) -> Page:
    """Return a page (see `Reader`) of the entries found.

    Raises LogError if the first one is damaged; the page ends before a later damaged one, with more to come.
    """
    entries: list[Entry] = []
    left, more = bytes_max, False
    try:
        for kept in found:
            left -= len(kept.line) + 1
            if entries and (left < 0 or len(entries) == limit):
                more = True
                break
            entries.append(kept.entry)
    except LogError:
        if not entries:
            raise
        more = True
    return Page(entries[::-1] if newest_first else entries, more)


def backwards(log: str, channel: str, turns: Iterable[Row], before: int, forgotten: int) -> Iterator[StoredTurn]:
    """Yield the entries before the entry `before` and after the entry `forgotten`, newest first.

    `turns` are the channel's, last first, from the one with the newest of these. Raises LogError, naming the `log`, if
    an entry is damaged or missing.
    """
    wanted = before - 1
    for last, lines in turns:
        turn = split_turn(log, last, lines)
        first = last - len(turn) + 1
        if not first <= wanted <= last:
            break
        while wanted >= first:
            if wanted <= forgotten:
                return
            yield _entry(log, channel, wanted, turn[wanted - first])
            wanted -= 1
    if wanted > forgotten:
        raise damaged(log, f" near entry {wanted}")


def forwards(log: str, channel: str, turns: Iterable[Row], after: int, forgotten: int) -> Iterator[StoredTurn]:
    """Yield the entries after both the entry `after` and the entry `forgotten`, oldest first.

    `turns` are the channel's, from the one with the oldest of these on. Raises LogError as `backwards` does.
    """
    wanted = max(after, forgotten) + 1
    for last, lines in turns:
        turn = split_turn(log, last, lines)
        first = last - len(turn) + 1
        check_gap(log, wanted, first, forgotten)
        for sequence in range(wanted, last + 1):
            yield _entry(log, channel, sequence, turn[sequence - first])
        wanted = last + 1


def _entry(log: str, channel: str, sequence: int, line: bytes) -> StoredTurn:
    kept = decode_line(log, sequence, line)
    check_turn(log, channel, sequence, [kept.entry])
    return kept
