"""The log that forgets with the process, for `--data :memory:` and for tests."""

import os
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from heapq import heappop, heappush, heapreplace
from typing import NamedTuple

from antechamber.events import Entry
from antechamber.limits import Retention
from antechamber.log import SECRET_BYTES, Batch, Snapshot
from antechamber.log.turns import check_turn, decode_turn

BYTES_MAX = 256 << 20
"""Bytes of lines a memory log holds by default, in all; past it the oldest turns are forgotten."""

_TURNS_A_READ = 64
_FUTURE_TURNS_MAX = 1_000
"""Turns that were stamped by a clock that was wrong, past which nothing is looked for that is too old."""


class _Kept(NamedTuple):
    """A turn, and its place among those of all channels."""

    arrival: int
    batch: Batch


_FORGOTTEN = _Kept(0, Batch("", 0, 0, 0.0, b""))


class _Turns:
    """A channel's turns, the oldest first."""

    def __init__(self) -> None:
        self._kept: list[_Kept] = []
        self._begin = 0
        self.is_listed = False
        """Whether the log's list of oldest turns has it."""

    def __bool__(self) -> bool:
        return self._begin < len(self._kept)

    def __iter__(self) -> Iterator[Batch]:
        return (self._kept[index].batch for index in range(self._begin, len(self._kept)))

    @property
    def oldest(self) -> _Kept:
        return self._kept[self._begin]

    def append(self, kept: _Kept) -> None:
        self._kept.append(kept)

    def pop_oldest(self) -> Batch:
        batch = self.oldest.batch
        self._kept[self._begin] = _FORGOTTEN
        self._begin += 1
        if self._begin * 2 > len(self._kept):
            del self._kept[: self._begin]
            self._begin = 0
        return batch

    def read(self, sequence: int) -> list[Batch]:
        """Return some turns, from the one that has the entry `sequence` on."""
        begin = bisect_left(self._kept, sequence, lo=self._begin, key=lambda kept: kept.batch.last)
        return [kept.batch for kept in self._kept[begin : begin + _TURNS_A_READ]]


class MemoryLog:
    """A `Log` in memory. It is bounded: `bytes_max` of lines, so that a server may run on it for months.

    Past the bound the oldest turns, of whichever channel, are forgotten; numbering goes on, and `read_from` gives
    what there still is. `now` is the wall clock by which entries grow old.
    """

    def __init__(
        self, bytes_max: int = BYTES_MAX, secret: bytes | None = None, now: Callable[[], float] = time.time
    ) -> None:
        self._bytes_max = bytes_max
        self._secret = os.urandom(SECRET_BYTES) if secret is None else secret
        self._now = now
        self._bytes = self._arrivals = 0
        self._turns: dict[str, _Turns] = {}
        self._oldest: list[tuple[int, str]] = []
        """A heap of channels by the arrival of their oldest turn, or of one that is forgotten meanwhile."""
        self._last: dict[str, int] = {}
        self._snapshots: dict[str, Snapshot] = {}
        self._retentions: dict[str, Retention] = {}

    def append(self, batches: Sequence[Batch]) -> None:
        """Keep all the batches."""
        for batch in batches:
            turns = self._turns.get(batch.channel)
            if turns is None:
                turns = self._turns[batch.channel] = _Turns()
            self._arrivals += 1
            turns.append(_Kept(self._arrivals, batch))
            if not turns.is_listed:
                turns.is_listed = True
                heappush(self._oldest, (self._arrivals, batch.channel))
            self._last[batch.channel] = batch.last
            self._bytes += len(batch.lines)
            self._forget(batch.channel)
        while self._bytes > self._bytes_max:
            self._forget_oldest()

    def last_sequence(self, channel: str) -> int:
        """Return the sequence number of the channel's last entry, forgotten or not; 0 where it never had one."""
        snapshot = self._snapshots.get(channel)
        return max(self._last.get(channel, 0), snapshot.sequence if snapshot else 0)

    def read_from(self, channel: str, sequence: int) -> Iterator[Entry]:
        """Give the channel's entries from `sequence` on (included), in order, up to the last one at the call."""
        self._forget(channel)
        turns = self._turns.get(channel)
        return iter(()) if turns is None else _entries(turns, sequence, self._last[channel])

    def keep_snapshot(self, channel: str, snapshot: Snapshot) -> None:
        """Keep the channel's state in place of the snapshot kept before."""
        self._snapshots[channel] = snapshot
        self._forget(channel)

    def snapshot(self, channel: str) -> Snapshot | None:
        """Return the channel's latest snapshot, None where none was kept."""
        return self._snapshots.get(channel)

    def retain(self, channel: str, retention: Retention) -> None:
        """Keep no more of the channel than `retention` says, from now on; it is seen to at each use of the channel."""
        self._retentions[channel] = retention
        self._forget(channel)

    def secret(self) -> bytes:
        """Return the 32 random bytes that the log has had from its beginning, and no other log has."""
        return self._secret

    def close(self) -> None:
        """Do nothing: there is no file to let go of."""

    def _forget(self, channel: str) -> None:
        """Forget what the channel's retention does not let it keep."""
        retention, snapshot = self._retentions.get(channel), self._snapshots.get(channel)
        turns = self._turns.get(channel)
        if retention is None or snapshot is None or turns is None:
            return
        bound = self._last[channel] - retention.entries_max if retention.entries_max else 0
        if retention.age_seconds_max:
            bound = max(bound, _too_old(turns, self._now(), retention.age_seconds_max))
        while turns and turns.oldest.batch.last <= min(bound, snapshot.sequence):
            self._bytes -= len(turns.pop_oldest().lines)

    def _forget_oldest(self) -> None:
        """Forget the oldest turn of all, or bring the list of them up to date by one step."""
        arrival, channel = self._oldest[0]
        turns = self._turns[channel]
        if not turns:
            heappop(self._oldest)
            turns.is_listed = False
        elif turns.oldest.arrival != arrival:
            heapreplace(self._oldest, (turns.oldest.arrival, channel))
        else:
            self._bytes -= len(turns.pop_oldest().lines)


def _too_old(turns: _Turns, now: float, age_seconds_max: float) -> int:
    """Return the last entry of the oldest turns that are all too old, or 0.

    A turn from the future was stamped by a clock that was wrong, so it is as old as the turn after it.
    """
    bound = future = 0
    for batch in turns:
        if batch.time > now and future < _FUTURE_TURNS_MAX:
            future += 1
        elif batch.time < now - age_seconds_max:
            bound = batch.last
        else:
            break
    return bound


def _entries(turns: _Turns, sequence: int, last: int) -> Iterator[Entry]:
    while batches := turns.read(sequence):
        for batch in batches:
            if batch.first > last:
                return
            entries = decode_turn(f"of {batch.channel}", batch.last, batch.lines)
            check_turn(f"of {batch.channel}", batch.channel, batch.last, entries)
            for entry in entries:
                if entry.sequence >= sequence:
                    yield entry
        sequence = batches[-1].last + 1
