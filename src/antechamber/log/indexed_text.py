"""The texts that go into the search index and out of it, in steps of known size."""

import logging
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from typing import NamedTuple

from antechamber.log import LogError
from antechamber.log.file_access import FileAccess
from antechamber.log.schema import SEQUENCE_BITS, turn_table
from antechamber.log.stored_turn import check_turn, decode_turn
from antechamber.protocol.events import AnyEvent, Said

ENTRIES_A_STEP = 50
CHARACTERS_A_STEP = 16_384

_logger = logging.getLogger(__name__)


class Step(NamedTuple):
    """Some entries of a channel up to `last`, with the sequence numbers and texts of the messages among them."""

    number: int
    entries: int
    last: int
    said: list[tuple[int, str]]

    def rows(self, until: int) -> list[int | str]:
        """Return the rows of the index for messages up to entry `until`: rowids and texts in turn."""
        base = self.number << SEQUENCE_BITS
        return [value for sequence, text in self.said if sequence <= until for value in (base | sequence, text)]


def steps(access: FileAccess, channel: tuple[int, str], after: int, until: int, entries_max: int) -> Iterator[Step]:
    """Divide at most `entries_max` entries after `after`, of turns that end at `until` or before, into steps.

    `channel` is its number and name.
    """
    said: list[tuple[int, str]] = []
    entries = characters = sequence = 0
    for sequence, text in islice(_said(access, channel, after, until), entries_max):
        entries += 1
        if text is not None:
            said.append((sequence, text))
            characters += len(text)
        if entries >= ENTRIES_A_STEP or characters >= CHARACTERS_A_STEP:
            yield Step(channel[0], entries, sequence, said)
            said, entries, characters = [], 0, 0
    if entries:
        yield Step(channel[0], entries, sequence, said)


def _said(access: FileAccess, channel: tuple[int, str], after: int, until: int) -> Iterator[tuple[int, str | None]]:
    """Yield the entries' sequence numbers, and the texts of messages.

    A damaged turn is skipped, so that all others can be found.
    """
    number, name = channel
    select = f"SELECT last, lines FROM {turn_table(number)} WHERE last > ? AND last <= ? ORDER BY last"
    with closing(access.reader.execute(select, (after, until))) as turns:
        for last, lines in turns:
            try:
                entries = decode_turn(access.path, last, lines)
                check_turn(access.path, name, last, entries)
            except LogError as error:
                _logger.warning("A turn is not in the search index: %s", error)
                yield last, None
                continue
            for entry in entries:
                if entry.sequence > after:
                    yield entry.sequence, entry.event.text if isinstance(entry.event, Said) else None


def events_of(access: FileAccess, channel: tuple[int, str]) -> Iterator[AnyEvent]:
    """Yield all events of a channel, by its number and name. Raises LogError if it is damaged."""
    number, name = channel
    with closing(access.reader.execute(f"SELECT last, lines FROM {turn_table(number)} ORDER BY last")) as turns:
        for last, lines in turns:
            entries = decode_turn(access.path, last, lines)
            check_turn(access.path, name, last, entries)
            yield from (entry.event for entry in entries)
