"""The disk: a log that fails, forgets and loses its last second as the world has it, and outlives every process."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from antechamber.log import Batch, LogError, Page, Snapshot
from antechamber.protocol.events import Entry, Said, decode_entries
from antechamber.protocol.limits import Retention
from tests.simulation.failing import Fuse, Killed, RuleBroken

_JOURNAL_MAX = 40
"""How many of the last transactions a power failure may cost."""


class Failure(LogError):
    """A failure that the world has made."""


class Written(NamedTuple):
    """What a snapshot was written over."""

    channel: str
    before: Snapshot | None


class Shelf:
    """What the disk has of one channel. `lines` and `entries` are all that ever was kept, forgotten or not."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []
        self.entries: list[Entry] = []
        self.turns: list[Batch] = []
        self.first = 1
        """The first entry that is not forgotten."""
        self.snapshot: Snapshot | None = None
        self.retention = Retention()


class Disk:
    """A `Log` of the world's. `kept` is told of each batch's channel and entries once they are safe."""

    def __init__(self, secret: bytes, fuse: Fuse, kept: Callable[[str, Sequence[Entry]], None]) -> None:
        self._secret = secret
        self._fuse = fuse
        self._kept = kept
        self.shelves: dict[str, Shelf] = {}
        self._journal: list[Sequence[Batch] | Written] = []
        self.failing_appends = self.failing_snapshots = self.failing_reads = 0
        """How many of the next ones fail."""
        self.failed: Counter[str] = Counter()
        """How many of each kind have failed."""

    def shelf(self, channel: str) -> Shelf:
        shelf = self.shelves.get(channel)
        if shelf is None:
            shelf = self.shelves[channel] = Shelf()
        return shelf

    def heal(self) -> None:
        self.failing_appends = self.failing_snapshots = self.failing_reads = 0

    @property
    def ill(self) -> bool:
        return self.failing_appends + self.failing_snapshots + self.failing_reads > 0

    @property
    def failures(self) -> int:
        """How many appends, snapshots and readings have failed."""
        return sum(self.failed.values())

    @property
    def unread(self) -> int:
        """How many readings have failed."""
        return self.failed["failed readings"]

    # The log's own methods

    def append(self, batches: Sequence[Batch]) -> None:
        if self._fuse.before_append:
            raise Killed
        if self.failing_appends:
            self.failing_appends -= 1
            self._fail("appends", "the disk is full")
        for batch in batches:
            self._keep(batch)
        self._write_down(batches)
        if self._fuse.after_append:
            raise Killed

    def _keep(self, batch: Batch) -> None:
        shelf = self.shelf(batch.channel)
        entries = decode_entries(batch.lines)
        numbers = [entry.sequence for entry in entries]
        if numbers != list(range(len(shelf.entries) + 1, batch.last + 1)) or not numbers or numbers[0] != batch.first:
            raise RuleBroken(f"{batch.channel} has {len(shelf.entries)} entries, and the next are {numbers}")
        shelf.entries += entries
        shelf.lines += batch.lines[:-1].split(b"\n")
        shelf.turns.append(batch)
        self._kept(batch.channel, entries)

    def _write_down(self, transaction: Sequence[Batch] | Written) -> None:
        self._journal.append(transaction)
        if len(self._journal) > 2 * _JOURNAL_MAX:
            del self._journal[:_JOURNAL_MAX]

    def begins_after(self, channel: str) -> int:
        return 0  # nothing is open in the world

    def begin(self, configs: Collection[str]) -> None:
        pass

    def adopt(self, channel: str) -> None:
        pass

    def end(self, channels: Iterable[str]) -> None:
        if channels:
            raise RuleBroken("a channel has ended that was never open")

    def last_sequence(self, channel: str) -> int:
        return len(self.shelf(channel).entries)

    def read_from(self, channel: str, sequence: int) -> Iterator[Entry]:
        self.find()
        shelf = self.shelf(channel)
        return iter(shelf.entries[max(sequence, shelf.first) - 1 :])

    def keep_snapshot(self, channel: str, snapshot: Snapshot) -> None:
        if self.failing_snapshots:
            self.failing_snapshots -= 1
            self._fail("snapshots", "the disk is full")
        shelf = self.shelf(channel)
        if snapshot.sequence > len(shelf.entries):
            raise RuleBroken(f"the snapshot of {channel} is of an entry to come")
        self._write_down(Written(channel, shelf.snapshot))
        shelf.snapshot = snapshot

    def snapshot(self, channel: str) -> Snapshot | None:
        self.find()
        return self.shelf(channel).snapshot

    def proofs(self, channel: str) -> dict[int, str]:
        shelf = self.shelf(channel)
        covered = shelf.snapshot.sequence if shelf.snapshot else 0
        return {entered: proof for turn in shelf.turns for entered, proof in turn.proofs if entered > covered}

    def retain(self, channel: str, retention: Retention) -> None:
        self.shelf(channel).retention = retention

    def secret(self) -> bytes:
        return self._secret

    def reader(self) -> "DiskReader":
        return DiskReader(self)

    def close(self) -> None:
        pass

    def find(self) -> None:
        """Find what is to be read, or fail to."""
        if self.failing_reads:
            self.failing_reads -= 1
            self._fail("readings", "the disk cannot be read")

    def _fail(self, what: str, why: str) -> None:
        self.failed[f"failed {what}"] += 1
        raise Failure(why)

    # What the world does

    def forget(self, now: float) -> None:
        """Forget what is too old or too much, for good: whole turns that the latest snapshot covers."""
        for shelf in self.shelves.values():
            age, most = shelf.retention
            covered = shelf.snapshot.sequence if shelf.snapshot else 0
            turns, entries = shelf.turns, len(shelf.entries)
            while turns and turns[0].last <= covered:
                if not (age and turns[0].time < now - age) and not (most and entries - turns[0].last >= most):
                    break
                shelf.first = turns.pop(0).last + 1
                self._journal.clear()  # which is a transaction too, and as safe as this one

    def lose_power(self, transactions: int) -> list[str]:
        """Lose the last transactions, up to so many, and return the channels that have lost entries."""
        lost = []
        for _ in range(min(transactions, len(self._journal))):
            last = self._journal.pop()
            if isinstance(last, Written):
                self.shelf(last.channel).snapshot = last.before
                continue
            for batch in last:
                shelf = self.shelf(batch.channel)
                shelf.turns.pop()
                del shelf.entries[batch.first - 1 :], shelf.lines[batch.first - 1 :]
                lost.append(batch.channel)
        return lost


class DiskReader:
    """The `Reader` of the world's disk. A search here is of parts of words."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk

    def before(self, channel: str, sequence: int, limit: int, bytes_max: int) -> Page:
        return self._last(self._kept(channel), sequence, limit)

    def after(self, channel: str, sequence: int, limit: int, bytes_max: int) -> Page:
        found = [entry for entry in self._kept(channel) if entry.sequence > sequence]
        return Page(found[:limit], len(found) > limit)

    def find(self, channel: str, words: str, before: int, limit: int, bytes_max: int) -> Page:
        said = [each for each in self._kept(channel) if isinstance(each.event, Said) and words in each.event.text]
        return self._last(said, before, limit)

    def sequence_before(self, channel: str, time: float) -> int:
        return max((entry.sequence for entry in self._kept(channel) if entry.time < time), default=0)

    def sequence_since(self, channel: str, time: float) -> int:
        kept = self._kept(channel)
        return min((entry.sequence for entry in kept if entry.time >= time), default=len(kept) + 1)

    def interrupt(self) -> None:
        """Nothing is ever under way."""

    def close(self) -> None:
        """There is nothing to let go of."""

    def _kept(self, channel: str) -> list[Entry]:
        self._disk.find()
        shelf = self._disk.shelf(channel)
        return shelf.entries[shelf.first - 1 :]

    @staticmethod
    def _last(entries: list[Entry], before: int, limit: int) -> Page:
        found = [entry for entry in entries if not before or entry.sequence < before]
        return Page(found[-limit:], len(found) > limit)
