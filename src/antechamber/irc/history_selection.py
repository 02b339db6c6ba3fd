"""Selections: which entries of a channel's past a CHATHISTORY asks for, and how they are found in its log.

They are told in the log's order. A time is told to the millisecond, so all entries of one millisecond are of one time.
"""

from collections.abc import Iterable, Iterator
from itertools import islice, takewhile
from typing import Final, Literal, NamedTuple

from antechamber.log import Reader
from antechamber.protocol.events import (
    Announced,
    Entry,
    Left,
    ModesSet,
    Muted,
    Renamed,
    Said,
    Seated,
    Tagged,
    TopicSet,
)
from antechamber.protocol.limits import HISTORY_ENTRIES_MAX

Way = Literal["LATEST", "BEFORE", "AFTER", "AROUND", "BETWEEN"]
SCANNED_MAX: Final = 20_000
"""How many entries are looked at for one question; where more lie between what is asked for, less is found."""
_TALK: Final = (Said, Announced, Muted)
"""The events that are messages to IRC."""
_EVENTS: Final = (*_TALK, Seated, Left, TopicSet, ModesSet, Renamed, Tagged)
"""Those that it knows besides, for clients that can replay them."""
_ENTRY_BYTES: Final = 200
"""About how many bytes tell an entry besides its text."""


class Bound(NamedTuple):
    """An entry by its number, or where that is 0 a millisecond since the epoch."""

    sequence: int = 0
    milliseconds: int = 0

    def last_before(self, reader: Reader, channel: str) -> int:
        """Return the number of the last entry before it."""
        return self.sequence - 1 if self.sequence else reader.sequence_before(channel, self.milliseconds / 1000)

    def first_after(self, reader: Reader, channel: str) -> int:
        """Return the number of the first entry after it."""
        if self.sequence:
            return self.sequence + 1
        return reader.sequence_since(channel, (self.milliseconds + 1) / 1000)


class Selection(NamedTuple):
    """So many messages of a channel, found this way; no entry before `first` is anybody's business."""

    channel: str
    first: int
    way: Way
    bounds: tuple[Bound, ...]
    limit: int
    with_events: bool = False

    def read(self, reader: Reader, bytes_max: int) -> list[Entry]:
        """Return the entries, the oldest first."""
        channel, bounds, limit = self.channel, self.bounds, self.limit
        if self.way == "LATEST":
            first = bounds[0].first_after(reader, channel) if bounds else self.first
            return self._newest(reader, None, first, limit, bytes_max)
        end = bounds[0].last_before(reader, channel)
        if self.way == "BEFORE":
            return self._newest(reader, end, self.first, limit, bytes_max)
        if self.way == "AFTER":
            return self._oldest(reader, bounds[0].first_after(reader, channel), None, limit, bytes_max)
        if self.way == "AROUND":
            older = self._newest(reader, end, self.first, limit // 2, bytes_max // 2)
            return older + self._oldest(reader, end + 1, None, limit - len(older), bytes_max // 2)
        if end <= bounds[1].last_before(reader, channel):
            last = bounds[1].last_before(reader, channel)
            return self._oldest(reader, bounds[0].first_after(reader, channel), last, limit, bytes_max)
        return self._newest(reader, end, bounds[1].first_after(reader, channel), limit, bytes_max)

    def _newest(self, reader: Reader, last: int | None, first: int, limit: int, bytes_max: int) -> list[Entry]:
        """Return the last messages up to entry `last`, of all where that is None, and from entry `first` on."""
        first = max(first, self.first)
        back = takewhile(lambda entry: entry.sequence >= first, _back(reader, self.channel, last, bytes_max))
        return self._taken(back, limit, bytes_max)[::-1]

    def _oldest(self, reader: Reader, first: int, last: int | None, limit: int, bytes_max: int) -> list[Entry]:
        """Return the first messages from entry `first` on, and up to entry `last` where that is not None."""
        onward = _onward(reader, self.channel, max(first, self.first), bytes_max)
        return self._taken(takewhile(lambda entry: last is None or entry.sequence <= last, onward), limit, bytes_max)

    def _taken(self, entries: Iterable[Entry], limit: int, bytes_max: int) -> list[Entry]:
        """Return so many messages, and no more bytes of them than an answer may have, but one in any case."""
        taken: list[Entry] = []
        for entry in islice(entries, SCANNED_MAX) if limit else ():
            if not self._is_wanted(entry):
                continue
            bytes_max -= _size(entry)
            if taken and bytes_max < 0:
                break
            taken.append(entry)
            if len(taken) == limit:
                break
        return taken

    def _is_wanted(self, entry: Entry) -> bool:
        event = entry.event
        if self.with_events:
            return isinstance(event, _EVENTS) and not (isinstance(event, Left) and not event.seated)
        return isinstance(event, _TALK)


class Conversations(NamedTuple):
    """The channels, each with the first entry that is anybody's business, where something was said in a time between.

    `since` and `until` are milliseconds since the epoch, and neither is between.
    """

    channels: tuple[tuple[str, int], ...]
    since: int
    until: int
    channel: str = ""

    def read(self, reader: Reader, bytes_max: int) -> list[tuple[str, float]]:
        """Return each channel's name in the core, and when the last of that was said."""
        found = []
        for channel, begins_at in self.channels:
            last = Bound(milliseconds=self.until).last_before(reader, channel)
            first = max(begins_at, Bound(milliseconds=self.since).first_after(reader, channel))
            for entry in islice(_back(reader, channel, last, bytes_max), SCANNED_MAX):
                if entry.sequence < first:
                    break
                if isinstance(entry.event, _TALK) and self.since + 1 <= entry.time * 1000 < self.until:
                    found.append((channel, entry.time))
                    break
        return sorted(found, key=lambda each: each[1])


def _back(reader: Reader, channel: str, last: int | None, bytes_max: int) -> Iterator[Entry]:
    """Give the entries from `last` back, from the end where that is None."""
    before = 0 if last is None else last + 1
    while before != 1:
        page = reader.before(channel, before, HISTORY_ENTRIES_MAX, bytes_max)
        yield from reversed(page.entries)
        if not page.more or not page.entries:
            return
        before = page.entries[0].sequence


def _onward(reader: Reader, channel: str, first: int, bytes_max: int) -> Iterator[Entry]:
    """Give the entries from `first` on."""
    after = first - 1
    while True:
        page = reader.after(channel, after, HISTORY_ENTRIES_MAX, bytes_max)
        yield from page.entries
        if not page.more or not page.entries:
            return
        after = page.entries[-1].sequence


def _size(entry: Entry) -> int:
    """Return about how many bytes an entry is told by."""
    return _ENTRY_BYTES + (len(entry.event.text.encode()) if isinstance(entry.event, Said) else 0)
