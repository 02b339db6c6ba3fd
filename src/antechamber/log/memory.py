"""The log that forgets with the process, for `--data :memory:` and for tests."""

from collections import deque
from collections.abc import Iterator, Sequence
from itertools import takewhile

from antechamber.events import Entry
from antechamber.log import Batch, Snapshot
from antechamber.log.turns import decode_turn

BYTES_MAX = 256 << 20
"""Bytes of lines a memory log holds by default, in all; past it the oldest turns are forgotten."""


class MemoryLog:
    """A `Log` in memory. It is bounded: `bytes_max` of lines, so that a server may run on it for months.

    Past the bound the oldest turns, of whichever channel, are forgotten; numbering goes on, and `read_from` gives
    what there still is.
    """

    def __init__(self, bytes_max: int = BYTES_MAX) -> None:
        self._bytes_max = bytes_max
        self._bytes = 0
        self._oldest: deque[Batch] = deque()
        self._turns: dict[str, deque[Batch]] = {}
        self._last: dict[str, int] = {}
        self._snapshots: dict[str, Snapshot] = {}

    def append(self, batches: Sequence[Batch]) -> None:
        """Keep all the batches."""
        for batch in batches:
            turns = self._turns.get(batch.channel)
            if turns is None:
                turns = self._turns[batch.channel] = deque()
            turns.append(batch)
            self._oldest.append(batch)
            self._last[batch.channel] = batch.last
            self._bytes += len(batch.lines)
        while self._bytes > self._bytes_max:
            forgotten = self._oldest.popleft()
            self._turns[forgotten.channel].popleft()
            self._bytes -= len(forgotten.lines)

    def last_sequence(self, channel: str) -> int:
        """Return the sequence number of the channel's last entry, 0 where it has none."""
        return self._last.get(channel, 0)

    def read_from(self, channel: str, sequence: int) -> Iterator[Entry]:
        """Give the channel's entries from `sequence` on (included), in order, as they stand at the call."""
        newest_first = reversed(self._turns.get(channel, ()))
        turns = list(takewhile(lambda batch: batch.last >= sequence, newest_first))
        return _entries(turns[::-1], sequence)

    def keep_snapshot(self, channel: str, snapshot: Snapshot) -> None:
        """Keep the channel's state in place of the snapshot kept before."""
        self._snapshots[channel] = snapshot

    def snapshot(self, channel: str) -> Snapshot | None:
        """Return the channel's latest snapshot, None where none was kept."""
        return self._snapshots.get(channel)

    def close(self) -> None:
        """Do nothing: there is no file to let go of."""


def _entries(turns: Sequence[Batch], sequence: int) -> Iterator[Entry]:
    for batch in turns:
        for entry in decode_turn(f"of {batch.channel}", batch.last, batch.lines):
            if entry.sequence >= sequence:
                yield entry
