"""The log in memory, which ends with the process: for `--data :memory:` and for tests."""

import os
import threading
import time
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from heapq import heapify, heappop, heappush, heapreplace
from typing import NamedTuple

from antechamber.log import SECRET_BYTES, Batch, LogError, Page, Reader, Snapshot
from antechamber.log.paging import backwards, forwards, page
from antechamber.log.stored_turn import StoredTurn, check_turn, decode_turn
from antechamber.protocol.events import Entry
from antechamber.protocol.limits import Retention

BYTES_MAX = 256 << 20
"""Bytes of lines in a memory log by default; beyond that the oldest turns are deleted."""

_TURNS_A_READ = 64
_FUTURE_TURNS_MAX = 1_000
"""Turns with a wrong time after which the search for too old ones stops."""


class _Stored(NamedTuple):
    """A turn, and its place among those of all channels."""

    arrival: int
    batch: Batch


_FORGOTTEN = _Stored(0, Batch("", 0, 0, 0.0, b""))


class _Turns:
    """A channel's turns, the oldest first."""

    def __init__(self) -> None:
        self._kept: list[_Stored] = []
        self._begin = 0
        self._latest = float("-inf")
        self._disordered = 0
        """The last entry of the last turn that is earlier than one before it."""
        self.is_listed = False
        """Whether it is in the log's list of oldest turns."""

    def __bool__(self) -> bool:
        return self._begin < len(self._kept)

    def __iter__(self) -> Iterator[Batch]:
        return (self._kept[index].batch for index in range(self._begin, len(self._kept)))

    @property
    def oldest(self) -> _Stored:
        return self._kept[self._begin]

    def append(self, kept: _Stored) -> None:
        self._kept.append(kept)
        if kept.batch.time < self._latest:
            self._disordered = kept.batch.last
        self._latest = max(self._latest, kept.batch.time)

    def pop_oldest(self) -> Batch:
        batch = self.oldest.batch
        self._kept[self._begin] = _FORGOTTEN
        self._begin += 1
        if self._begin * 2 > len(self._kept):
            del self._kept[: self._begin]
            self._begin = 0
        return batch

    def last_before(self, time: float) -> int:
        """Return the last number of the last turn before `time`; that before the first turn if there is none."""
        ordered = self._index(self._disordered + 1)
        end = bisect_left(self._kept, time, lo=ordered, key=lambda kept: kept.batch.time)
        while self._begin < end <= ordered and self._kept[end - 1].batch.time >= time:
            end -= 1
        return self._kept[end - 1].batch.last if end > self._begin else self.oldest.batch.first - 1

    def first_since(self, time: float) -> int:
        """Return the first sequence number of the first turn at `time` or later; the next to come if there is none."""
        ordered, begin = self._index(self._disordered + 1), self._begin
        while begin < ordered and self._kept[begin].batch.time < time:
            begin += 1
        if begin == ordered:
            begin = bisect_left(self._kept, time, lo=ordered, key=lambda kept: kept.batch.time)
        return self._kept[begin].batch.first if begin < len(self._kept) else self._kept[-1].batch.last + 1

    def read(self, sequence: int) -> list[Batch]:
        """Return some turns, from the one with the entry `sequence` on."""
        begin = self._index(sequence)
        return [kept.batch for kept in self._kept[begin : begin + _TURNS_A_READ]]

    def read_back(self, sequence: int) -> list[Batch]:
        """Return some turns up to the one with the entry `sequence`, last first."""
        end = self._index(sequence) + 1
        return [kept.batch for kept in self._kept[max(self._begin, end - _TURNS_A_READ) : end][::-1]]

    def _index(self, sequence: int) -> int:
        """Return the index of the turn with the entry `sequence`, or of the first one after it."""
        return bisect_left(self._kept, sequence, lo=self._begin, key=lambda kept: kept.batch.last)


class MemoryLog:
    """A `Log` in memory. It is limited to `bytes_max` of lines, so that a server can run on it for months.

    Beyond the limit the oldest turns of any channel are deleted; the numbering goes on, and `read_from` yields what is
    left. `now` is the wall clock for the age of entries.

    Readers may be in other threads: `lock` protects adding, deleting and finding turns.
    """

    def __init__(
        self, bytes_max: int = BYTES_MAX, secret: bytes | None = None, now: Callable[[], float] = time.time
    ) -> None:
        self._bytes_max = bytes_max
        self._secret = os.urandom(SECRET_BYTES) if secret is None else secret
        self._now = now
        self.lock = threading.Lock()
        self._bytes = self._arrivals = 0
        self._turns: dict[str, _Turns] = {}
        self._oldest: list[tuple[int, str]] = []
        """A heap of channels by the arrival of their oldest turn, which may be deleted meanwhile."""
        self._last: dict[str, int] = {}
        self._open: set[str] = set()
        """The open channels with entries."""
        self._begin: dict[str, int] = {}
        """The numbers after which channels' entries begin, if not 0."""
        self._numbered = 0
        """The highest sequence number of ended channels."""
        self._snapshots: dict[str, Snapshot] = {}
        self._proofs: dict[str, dict[int, str]] = {}
        self._retentions: dict[str, Retention] = {}

    def append(self, batches: Sequence[Batch]) -> None:
        """Append all batches."""
        with self.lock:
            self._append(batches)

    def _append(self, batches: Sequence[Batch]) -> None:
        for batch in batches:
            turns = self._turns.get(batch.channel)
            if turns is None:
                turns = self._turns[batch.channel] = _Turns()
                self._begin[batch.channel] = batch.first - 1
                if batch.is_open:
                    self._open.add(batch.channel)
            self._arrivals += 1
            turns.append(_Stored(self._arrivals, batch))
            if not turns.is_listed:
                turns.is_listed = True
                heappush(self._oldest, (self._arrivals, batch.channel))
            self._last[batch.channel] = batch.last
            if batch.proofs:
                self._proofs.setdefault(batch.channel, {}).update(batch.proofs)
            self._bytes += len(batch.lines)
            self._forget(batch.channel)
        while self._bytes > self._bytes_max:
            self._forget_oldest()

    def last_sequence(self, channel: str) -> int:
        """Return the sequence number of the channel's last entry, deleted or not; 0 if it never had one."""
        snapshot = self._snapshots.get(channel)
        return max(self._last.get(channel, 0), snapshot.sequence if snapshot else 0)

    def begins_after(self, channel: str) -> int:
        """Return the sequence number after which the channel's entries begin, now or later."""
        return self._begin.get(channel, self._numbered)

    def begin(self, configs: Collection[str]) -> None:
        """Set the config's channels; all open channels of an earlier process have ended with it."""
        self.end(list(self._open))

    def adopt(self, channel: str) -> None:
        """Make an open channel one of the config's, so that its history is kept."""
        self._open.discard(channel)

    def end(self, channels: Iterable[str]) -> None:
        """End open channels."""
        with self.lock:
            ended = self._open.intersection(channels)
            for channel in ended:
                self._numbered = max(self._numbered, self.last_sequence(channel))
                self._bytes -= sum(len(batch.lines) for batch in self._turns[channel])
                for kept in (self._turns, self._last, self._begin, self._snapshots, self._retentions):
                    kept.pop(channel, None)
            self._open -= ended
            if ended:
                self._oldest = [each for each in self._oldest if each[1] not in ended]
                heapify(self._oldest)

    def read_from(self, channel: str, sequence: int) -> Iterator[Entry]:
        """Yield the channel's entries from `sequence` on, in order, up to the last one at the time of the call."""
        with self.lock:
            self._forget(channel)
        turns = self._turns.get(channel)
        return iter(()) if turns is None else _entries(turns, sequence, self._last[channel])

    def keep_snapshot(self, channel: str, snapshot: Snapshot) -> None:
        """Store the channel's state, in place of the last snapshot and the proofs of members who entered before."""
        with self.lock:
            self._snapshots[channel] = snapshot
            later = {entered: proof for entered, proof in self.proofs(channel).items() if entered > snapshot.sequence}
            self._proofs[channel] = later
            self._forget(channel)

    def snapshot(self, channel: str) -> Snapshot | None:
        """Return the channel's latest snapshot, None if none was kept."""
        return self._snapshots.get(channel)

    def proofs(self, channel: str) -> Mapping[int, str]:
        """Return the password proofs of members who entered after the latest snapshot."""
        return self._proofs.get(channel, {})

    def retain(self, channel: str, retention: Retention) -> None:
        """Set the channel's retention rule, which is applied at each use of the channel."""
        with self.lock:
            self._retentions[channel] = retention
            self._forget(channel)

    def secret(self) -> bytes:
        """Return the log's secret: 32 random bytes from its beginning, which no other log has."""
        return self._secret

    def reader(self) -> Reader:
        """Return a reader of the history."""
        return MemoryReader(self)

    def turns_before(self, channel: str, before: int) -> tuple[list[Batch], int, int]:
        """Return some turns, last first, with `before` and the last deleted entry.

        They begin with the turn that has the last entry before `before`. If that is 0, or an entry to come, the next
        number to come is returned in its place.
        """
        with self.lock:
            self._forget(channel)
            turns, end = self._turns.get(channel), self._last.get(channel, 0) + 1
            before = min(before or end, end)
            if not turns:
                return [], before, before
            return turns.read_back(before - 1), before, turns.oldest.batch.first - 1

    def turns_after(self, channel: str, after: int) -> tuple[list[Batch], int]:
        """Return some turns, from the one with the first entry after `after` on, and the last deleted entry."""
        with self.lock:
            self._forget(channel)
            turns = self._turns.get(channel)
            if not turns:
                return [], after
            return turns.read(after + 1), turns.oldest.batch.first - 1

    def sequence_before(self, channel: str, time: float) -> int:
        """Return the sequence number of the last entry before `time`, 0 if there is none."""
        with self.lock:
            self._forget(channel)
            turns = self._turns.get(channel)
            return turns.last_before(time) if turns else 0

    def sequence_since(self, channel: str, time: float) -> int:
        """Return the number of the first entry at `time` or later; the next number to come if there is none."""
        with self.lock:
            self._forget(channel)
            turns = self._turns.get(channel)
            return turns.first_since(time) if turns else self._last.get(channel, 0) + 1

    def close(self) -> None:
        """Do nothing, as there is no file."""

    def _forget(self, channel: str) -> None:
        """Delete what the channel's retention rule does not keep."""
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
        """Delete the oldest turn of all, or update the list of oldest turns by one step."""
        arrival, channel = self._oldest[0]
        turns = self._turns[channel]
        if not turns:
            heappop(self._oldest)
            turns.is_listed = False
        elif turns.oldest.arrival != arrival:
            heapreplace(self._oldest, (turns.oldest.arrival, channel))
        else:
            self._bytes -= len(turns.pop_oldest().lines)


class MemoryReader:
    """The `Reader` of a log in memory."""

    def __init__(self, log: MemoryLog) -> None:
        self._log = log
        self._interrupted = threading.Event()

    def before(self, channel: str, sequence: int, limit: int, bytes_max: int) -> Page:
        """Return the last entries before the entry `sequence`, or of all if that is 0."""
        return page(self._backwards(channel, sequence), limit, bytes_max, newest_first=True)

    def after(self, channel: str, sequence: int, limit: int, bytes_max: int) -> Page:
        """Return the first entries after the entry `sequence`."""
        return page(self._forwards(channel, sequence), limit, bytes_max, newest_first=False)

    def find(self, channel: str, words: str, before: int, limit: int, bytes_max: int) -> Page:
        """Return the last chat messages with these words before the entry `before`, or of all if that is 0.

        Raises SearchError if there is no word, or too many (search_query.py).
        """
        from antechamber.log.search_query import match_expression
        from antechamber.log.unindexed_search import UnindexedSearch, matching

        expression = match_expression(words)
        found = matching(self._backwards(channel, before, UnindexedSearch(expression).lets_through), expression)
        return page(found, limit, bytes_max, newest_first=True)

    def sequence_before(self, channel: str, time: float) -> int:
        """Return the sequence number of the last entry before `time`, 0 if there is none."""
        self._check()
        return self._log.sequence_before(channel, time)

    def sequence_since(self, channel: str, time: float) -> int:
        """Return the number of the first entry at `time` or later; the next number to come if there is none."""
        self._check()
        return self._log.sequence_since(channel, time)

    def interrupt(self) -> None:
        """Make a read under way, and all later ones, end soon with a LogError."""
        self._interrupted.set()

    def close(self) -> None:
        """Do nothing, as there is no file."""

    def _backwards(
        self, channel: str, before: int, is_wanted: Callable[[bytes], bool] = lambda _: True
    ) -> Iterator[StoredTurn]:
        """Yield the entries before the entry `before`, or all if that is 0, newest first, of the wanted turns."""
        while True:
            self._check()
            batches, before, forgotten = self._log.turns_before(channel, before)
            if not batches or before - 1 <= forgotten:
                return
            for _, first, last, _, lines, *_ in batches:
                if is_wanted(lines):
                    yield from backwards(f"of {channel}", channel, [(last, lines)], before, first - 1)
                before = first

    def _forwards(self, channel: str, after: int) -> Iterator[StoredTurn]:
        while True:
            self._check()
            batches, forgotten = self._log.turns_after(channel, after)
            if not batches:
                return
            turns = [(batch.last, batch.lines) for batch in batches]
            yield from forwards(f"of {channel}", channel, turns, after, forgotten)
            after = batches[-1].last

    def _check(self) -> None:
        if self._interrupted.is_set():
            raise LogError("The reading of the log was interrupted.")


def _too_old(turns: _Turns, now: float, age_seconds_max: float) -> int:
    """Return the last entry of the oldest turns that are all too old, or 0.

    A turn from the future has a wrong time, so it counts as old as the turn after it.
    """
    bound = future = 0
    for batch in turns:
        if batch.aged_from > now and future < _FUTURE_TURNS_MAX:
            future += 1
        elif batch.aged_from < now - age_seconds_max:
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
