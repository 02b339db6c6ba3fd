"""Selections: which entries of a channel's log a CHATHISTORY is answered with, and how they are found.

Entries are told in the log's order. Times are told to the millisecond, so all entries of a millisecond have one time.
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
"""How many entries are examined for one question. If the wanted ones lie farther apart, fewer are found."""
_TALK: Final = (Said, Announced, Muted)
"""The events that are messages on IRC."""
_EVENTS: Final = (*_TALK, Seated, Left, TopicSet, ModesSet, Renamed, Tagged)
"""The events that clients with draft/event-playback are told."""
_ENTRY_BYTES: Final = 200
"""About how many bytes an entry takes on the wire besides its text."""


class Bound(NamedTuple):
    """A bound of a selection: an entry by its sequence number, or a time if that is 0."""

    sequence: int = 0
    milliseconds: int = 0

    def last_before(self, reader: Reader, channel: str) -> int:
        """Return the sequence number of the last entry before the bound."""
        return self.sequence - 1 if self.sequence else reader.sequence_before(channel, self.milliseconds / 1000)

    def first_after(self, reader: Reader, channel: str) -> int:
        """Return the sequence number of the first entry after the bound."""
        if self.sequence:
            return self.sequence + 1
        return reader.sequence_since(channel, (self.milliseconds + 1) / 1000)


class Selection(NamedTuple):
    """Up to `limit` messages of a channel. Entries before `first` are never told."""

    channel: str
    first: int
    way: Way
    bounds: tuple[Bound, ...]
    limit: int
    with_events: bool = False

    def read(self, reader: Reader, bytes_max: int) -> list[Entry]:
        """Return the selected entries, the oldest first, in at most about `bytes_max` bytes."""
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
        """Return the latest messages between the entries `first` and `last`, the end of the log if that is None."""
        first = max(first, self.first)
        back = takewhile(lambda entry: entry.sequence >= first, _back(reader, self.channel, last, bytes_max))
        return self._taken(back, limit, bytes_max)[::-1]

    def _oldest(self, reader: Reader, first: int, last: int | None, limit: int, bytes_max: int) -> list[Entry]:
        """Return the earliest messages between the entries `first` and `last`, the end of the log if that is None."""
        onward = _onward(reader, self.channel, max(first, self.first), bytes_max)
        return self._taken(takewhile(lambda entry: last is None or entry.sequence <= last, onward), limit, bytes_max)

    def _taken(self, entries: Iterable[Entry], limit: int, bytes_max: int) -> list[Entry]:
        """Return the first `limit` messages that fit into `bytes_max`, at least one if there is any."""
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
    """The channels where something was said after `since` and before `until`, in milliseconds since the epoch."""

    channels: tuple[tuple[str, int], ...]
    """The channels in question, each with the first entry that may be told."""
    since: int
    until: int
    channel: str = ""

    def read(self, reader: Reader, bytes_max: int) -> list[tuple[str, float]]:
        """Return the name of each channel, without its `#`, and when the last message was said, the earliest first."""
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
    """Yield the entries from `last` backwards, from the end of the log if that is None."""
    before = 0 if last is None else last + 1
    while before != 1:
        page = reader.before(channel, before, HISTORY_ENTRIES_MAX, bytes_max)
        yield from reversed(page.entries)
        if not page.more or not page.entries:
            return
        before = page.entries[0].sequence


def _onward(reader: Reader, channel: str, first: int, bytes_max: int) -> Iterator[Entry]:
    """Yield the entries from `first` on."""
    after = first - 1
    while True:
        page = reader.after(channel, after, HISTORY_ENTRIES_MAX, bytes_max)
        yield from page.entries
        if not page.more or not page.entries:
            return
        after = page.entries[-1].sequence


def _size(entry: Entry) -> int:
    """Return about how many bytes an entry takes on the wire."""
    return _ENTRY_BYTES + (len(entry.event.text.encode()) if isinstance(entry.event, Said) else 0)
