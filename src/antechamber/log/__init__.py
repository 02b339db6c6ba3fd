"""A channel's log: its entries in order, from 1 without a gap. A channel's state is what replaying them gives.

This module is the port: what any log does. `memory` forgets with the process; `sqlite` is the durable default. Both
pass the one contract suite in `tests/log/`.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from antechamber.protocol.events import Entry
from antechamber.protocol.limits import Retention

SECRET_BYTES = 32


class LogError(Exception):
    """The machine failed the log (a full disk, a damaged file): what was to be kept is not kept.

    Its text is for people.
    """


class Batch(NamedTuple):
    """One channel's entries of one turn: `lines` is what `events.encode_lines` made of entries `first` to `last`.

    `time` is the turn's and so every entry's, in seconds since the epoch. Where the machine's clock showed another when
    the turn was kept, which was set back, that is `kept_at`. `proofs` are private facts, which no `Reader` reads: the
    number of the entry by which a member entered, and what its password is known by. A channel that `is_open` was made
    by its members, and its past ends with it.
    """

    channel: str
    first: int
    last: int
    time: float
    lines: bytes
    kept_at: float | None = None
    proofs: tuple[tuple[int, str], ...] = ()
    is_open: bool = False

    @property
    def aged_from(self) -> float:
        """When it was kept, from which on it grows old."""
        return self.time if self.kept_at is None else self.kept_at


class Snapshot(NamedTuple):
    """A channel's state after the entry `sequence`, in the channel's own encoding."""

    sequence: int
    state: bytes


class Page(NamedTuple):
    """Some of a channel's entries, oldest first, and whether there are `more` beyond them, where it was read to."""

    entries: Sequence[Entry]
    more: bool


class Reader(Protocol):
    """What any log's past is read by while it is appended to, from any thread, but one at a time.

    A page has at most `limit` entries whose lines have at most `bytes_max` bytes, but one entry at least if there is
    any. What is forgotten is passed over. Where an entry is damaged, the page ends before it, with more to come.

    Every method may raise LogError; those that give a page do so where its first entry is damaged.
    """

    def before(self, channel: str, sequence: int, limit: int, bytes_max: int) -> Page:
        """Return the last entries before the entry `sequence`, of all where it is 0."""

    def after(self, channel: str, sequence: int, limit: int, bytes_max: int) -> Page:
        """Return the first entries after the entry `sequence`."""

    def find(self, channel: str, words: str, before: int, limit: int, bytes_max: int) -> Page:
        """Return the last chat messages with these words before the entry `before`, of all where it is 0.

        Raises SearchError if there is no word, or too many (search_query.py).
        """

    def sequence_before(self, channel: str, time: float) -> int:
        """Return the sequence number of the last entry of before `time`, in seconds since the epoch.

        It is 0 if there is none, and that of the last forgotten one or less where it is forgotten. An older version
        may have kept entries whose times go back; no entry after this one is of before `time`.
        """

    def sequence_since(self, channel: str, time: float) -> int:
        """Return the sequence number of the first entry of `time` or later, that of one to come where there is none.

        It is that of the first forgotten one or a later one where it is forgotten. No entry before it, of those that
        are kept, is of `time` or later, even where times go back.
        """

    def interrupt(self) -> None:
        """Make a read under way end soon, with a LogError. Any thread may call it at any time."""

    def close(self) -> None:
        """Close the file; nothing may be called afterwards."""


class Log(Protocol):
    """What any log does. Every method may raise LogError."""

    def append(self, batches: Sequence[Batch]) -> None:
        """Keep all the batches or, raising LogError, none: what returns is safe from the end of this process.

        Each batch's `first` is one more than its channel's last kept sequence number, or than what its numbers begin
        after; the caller sees to that.
        """

    def begins_after(self, channel: str) -> int:
        """Return after which sequence number the channel's entries began, or are to begin where it has none.

        It is 0 until a channel has ended that was open. After that no channel that is new to the log gets a number
        that one of those had, lest what was signed for a member of the one fit another of its name.
        """

    def begin(self, configs: Collection[str]) -> None:
        """Know the channels of the config, before anything else is asked of them; called once, at the start.

        All that were open when an earlier process ended have ended with it.
        """

    def adopt(self, channel: str) -> None:
        """Make an open channel one of the config's, so that its history is kept."""

    def end(self, channels: Iterable[str]) -> None:
        """End open channels: nobody can read their history any more.

        Their entries are deleted later, and a new channel of the same name begins afresh. The entries of a channel that
        was once in the config are kept.
        """

    def last_sequence(self, channel: str) -> int:
        """Return the sequence number of the channel's last entry, forgotten or not; 0 if it never had one."""

    def read_from(self, channel: str, sequence: int) -> Iterator[Entry]:
        """Give the channel's entries from `sequence` on (included), in order, up to the last one at the call.

        What is forgotten is passed over. Entries are read as they are asked for, a few at a time, wherever they are:
        whoever stops early has not paid for the rest.
        """

    def keep_snapshot(self, channel: str, snapshot: Snapshot) -> None:
        """Store the channel's state, in place of the last snapshot and the proofs of members who entered before."""

    def snapshot(self, channel: str) -> Snapshot | None:
        """Return the channel's latest snapshot, None if none was kept."""

    def proofs(self, channel: str) -> Mapping[int, str]:
        """Return the password proofs of members who entered after the latest snapshot, by the number of that entry."""

    def retain(self, channel: str, retention: Retention) -> None:
        """Keep no more of the channel than `retention` says, from now on, for as long as the process runs.

        What is too old or too much is forgotten in the log's own time: whole turns only, the oldest first, and never
        an entry after the channel's latest snapshot, so that its state and its numbering survive.
        """

    def secret(self) -> bytes:
        """Return the 32 random bytes that the log has had from its beginning, and no other log has."""

    def reader(self) -> Reader:
        """Return a reader of the past, to be closed before the log is."""

    def close(self) -> None:
        """Finish what is under way and let go of the file; nothing may be called after it."""
