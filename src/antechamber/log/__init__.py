"""A channel's log: its entries in order, from 1 without a gap. A channel's state is what replaying them gives.

This module is the port: what any log does. `memory` forgets with the process; `sqlite` is the durable default. Both
pass the one contract suite in `tests/log/`.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

from antechamber.events import Entry


class LogError(Exception):
    """The machine failed the log (a full disk, a damaged file): what was to be kept is not kept.

    Its text is for people.
    """


class Batch(NamedTuple):
    """One channel's entries of one turn: `lines` is what `events.encode_lines` made of entries `first` to `last`.

    `time` is the turn's and so every entry's, in seconds since the epoch.
    """

    channel: str
    first: int
    last: int
    time: float
    lines: bytes


class Snapshot(NamedTuple):
    """A channel's state after the entry `sequence`, in the channel's own encoding."""

    sequence: int
    state: bytes


class Log(Protocol):
    """What any log does. Every method may raise LogError."""

    def append(self, batches: Sequence[Batch]) -> None:
        """Keep all the batches or, raising LogError, none: what returns is safe from the end of this process.

        Each batch's `first` is one more than its channel's last kept sequence number; the caller sees to that.
        """

    def last_sequence(self, channel: str) -> int:
        """Return the sequence number of the channel's last entry, 0 where it has none."""

    def read_from(self, channel: str, sequence: int) -> Iterator[Entry]:
        """Give the channel's entries from `sequence` on (included), in order, as they stand at the call."""

    def keep_snapshot(self, channel: str, snapshot: Snapshot) -> None:
        """Keep the channel's state in place of the snapshot kept before."""

    def snapshot(self, channel: str) -> Snapshot | None:
        """Return the channel's latest snapshot, None where none was kept."""

    def close(self) -> None:
        """Finish what is under way and let go of the file; nothing may be called after it."""
