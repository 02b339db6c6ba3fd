"""The log: the entries of each channel in order, from 1 without a gap. Replaying them gives the channel's state.

This module is the port that every log implements. `sqlite` is the durable default; `memory` ends with the process. Both
pass one contract suite in `tests/log/`.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from antechamber.protocol.events import Entry
from antechamber.protocol.limits import Retention

SECRET_BYTES = 32


class LogError(Exception):
    """The error that the machine failed the log (a full disk, a damaged file), so nothing was kept.

    Its text is for people.
    """


class Batch(NamedTuple):
    """One channel's entries of one turn: `lines` is the result of `events.encode_lines` for the entries `first` to
    `last`.

    `time` is that of the turn and of every entry, in seconds since the epoch. If the machine's clock has been set back
    and showed another time, that is `kept_at`. `proofs` are private, and no `Reader` reads them: password proofs by the
    number of the entry by which a member entered. A channel that `is_open` was made by its members, and its history
    ends with it.
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
        """The time at which it was kept, from which its age counts."""
        return self.time if self.kept_at is None else self.kept_at


class Snapshot(NamedTuple):
    """A channel's state after the entry `sequence`, in the channel's own encoding."""

    sequence: int
    state: bytes


class Page(NamedTuple):
    """Some of a channel's entries, oldest first, and whether there are `more` in the direction of reading."""

    entries: Sequence[Entry]
    more: bool


class Reader(Protocol):
    """Reads the history of a log while it is appended to. Any thread may use it, but only one at a time.

    A page has at most `limit` entries whose lines have at most `bytes_max` bytes, but at least one entry if there is
    any. Deleted entries are skipped. A page ends before a damaged entry, with more to come.

    Every method may raise LogError; those that return a page do so if its first entry is damaged.
    """

    def before(self, channel: str, sequence: int, limit: int, bytes_max: int) -> Page:
        """Return the last entries before the entry `sequence`, or of all if that is 0."""

    def after(self, channel: str, sequence: int, limit: int, bytes_max: int) -> Page:
        """Return the first entries after the entry `sequence`."""

    def find(self, channel: str, words: str, before: int, limit: int, bytes_max: int) -> Page:
        """Return the last chat messages with these words before the entry `before`, or of all if that is 0.

        Raises SearchError if there is no word, or too many (search_query.py).
        """

    def sequence_before(self, channel: str, time: float) -> int:
        """Return the sequence number of the last entry before `time`, in seconds since the epoch.

        It is 0 if there is none, and at most that of the last deleted entry if it is deleted. An older version may have
        kept entries whose times go back; no entry after this one is before `time`.
        """

    def sequence_since(self, channel: str, time: float) -> int:
        """Return the sequence number of the first entry at `time` or later; the next number to come if there is none.

        It is that of a deleted entry if it is deleted. No kept entry before it is at `time` or later, even if times go
        back.
        """

    def interrupt(self) -> None:
        """Make a read under way end soon, with a LogError. Any thread may call it at any time."""

    def close(self) -> None:
        """Close the file; nothing may be called afterwards."""


class Log(Protocol):
    """The log. Every method may raise LogError."""

    def append(self, batches: Sequence[Batch]) -> None:
        """Append all batches, or none and raise LogError. Once it returns, they survive the end of the process.

        Each batch's `first` has to be one more than its channel's last sequence number, or than the number that the
        channel begins after.
        """

    def begins_after(self, channel: str) -> int:
        """Return the sequence number after which the channel's entries begin, now or later.

        It is 0 until an open channel has ended. After that, new channels begin after the highest number of ended ones,
        so that no token or mark of an ended channel fits a new one of the same name.
        """

    def begin(self, configs: Collection[str]) -> None:
        """Set the config's channels; to be called once, before anything else about them.

        All open channels of an earlier process have ended with it.
        """

    def adopt(self, channel: str) -> None:
        """Make an open channel one of the config's, so that its history is kept."""

    def end(self, channels: Iterable[str]) -> None:
        """End open channels: nobody can read their history any more.

        Their entries are deleted later, and a new channel of the same name begins afresh. The entries of a channel that
        was once in the config are kept.
        """

    def last_sequence(self, channel: str) -> int:
        """Return the sequence number of the channel's last entry, deleted or not; 0 if it never had one."""

    def read_from(self, channel: str, sequence: int) -> Iterator[Entry]:
        """Yield the channel's entries from `sequence` on, in order, up to the last one at the time of the call.

        Deleted entries are skipped. Entries are read a few at a time as they are consumed, so stopping early saves the
        rest.
        """

    def keep_snapshot(self, channel: str, snapshot: Snapshot) -> None:
        """Store the channel's state, in place of the last snapshot and the proofs of members who entered before."""

    def snapshot(self, channel: str) -> Snapshot | None:
        """Return the channel's latest snapshot, None if none was kept."""

    def proofs(self, channel: str) -> Mapping[int, str]:
        """Return the password proofs of members who entered after the latest snapshot, by the number of that entry."""

    def retain(self, channel: str, retention: Retention) -> None:
        """Set the channel's retention rule, for as long as the process runs.

        Entries that are too old or too many are deleted later, in whole turns, oldest first, and never after the
        channel's latest snapshot, so its state and numbering survive.
        """

    def secret(self) -> bytes:
        """Return the log's secret: 32 random bytes from its beginning, which no other log has."""

    def reader(self) -> Reader:
        """Return a reader of the history; close it before the log."""

    def close(self) -> None:
        """Finish what is under way and close the file; nothing may be called afterwards."""
