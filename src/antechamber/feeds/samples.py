"""Samples of how full each channel was over the last hours, for the operator's chart."""

from array import array
from collections.abc import Mapping

from antechamber.feeds.metrics import Metrics
from antechamber.protocol.notices import Sample
from antechamber.rooms.room import Room
from antechamber.runtime.clock import Clock, Loop, TimerHandle

SAMPLE_SECONDS = 60.0
"""Time between two samples."""
SAMPLES_MAX = 720
"""Samples kept of a channel: twelve hours. The oldest is replaced."""


class Series:
    """The last samples of a channel, at most `samples_max`, in 32 bytes each."""

    __slots__ = ("_next", "_numbers", "_samples_max")

    def __init__(self, samples_max: int = SAMPLES_MAX) -> None:
        self._samples_max = samples_max
        self._numbers = array("d")
        """Four numbers for each sample."""
        self._next = 0
        """The index of the next sample's first number, once the series is full."""

    def add(self, sample: Sample) -> None:
        """Add the latest sample, in place of the oldest if the series is full."""
        row = array("d", (sample.time, sample.seated, sample.waiting, sample.wait_seconds))
        if len(self._numbers) < 4 * self._samples_max:
            self._numbers += row
        else:
            self._numbers[self._next : self._next + 4] = row
            self._next = (self._next + 4) % len(self._numbers)

    def all(self) -> list[Sample]:
        """Return the samples, oldest first."""
        numbers = iter(self._numbers[self._next :] + self._numbers[: self._next])
        rows = zip(numbers, numbers, numbers, numbers, strict=True)
        return [Sample(time, int(seated), int(waiting), wait) for time, seated, waiting, wait in rows]


class Sampler:
    """Takes a sample of every channel each minute once it has begun, and keeps those of the last hours in memory."""

    def __init__(self, rooms: Mapping[str, Room], metrics: Metrics, clock: Clock, loop: Loop) -> None:
        self._rooms = rooms
        self._metrics = metrics
        self._clock = clock
        self._loop = loop
        self._series: dict[str, Series] = {}
        self._waited: dict[str, tuple[int, float]] = {}
        """The number of members that each channel had seated by its last sample, and the sum of their waits."""
        self._timer: TimerHandle | None = None

    def begin(self) -> None:
        """Take a sample of every channel now, and another each minute."""
        time, steady = self._clock.now(), self._clock.steady()
        for name in [name for name in self._series if name not in self._rooms]:
            del self._series[name], self._waited[name]
        for name, room in self._rooms.items():
            if room.is_open:
                continue
            info = room.info(steady)
            sample = Sample(time, info.seated, info.waiting, self._wait_seconds(room, steady))
            self._series.setdefault(name, Series()).add(sample)
        self._timer = self._loop.call_later(SAMPLE_SECONDS, self.begin)

    def close(self) -> None:
        """Take no more samples."""
        if self._timer is not None:
            self._timer.cancel()

    def of(self, channel: str) -> list[Sample]:
        """Return the samples of a channel, oldest first."""
        series = self._series.get(channel)
        return [] if series is None else series.all()

    def _wait_seconds(self, room: Room, steady: float) -> float:
        """Return the mean wait of the members who were seated since the last sample.

        If there were none, return how long the first member in line who is not away has waited.
        """
        waits = self._metrics.channel(room.name).waits
        count, total = waits.count, waits.sum
        count_before, total_before = self._waited.get(room.name, (0, 0.0))
        if count < count_before:  # the channel was closed and opened again, and is counted anew
            count_before, total_before = 0, 0.0
        self._waited[room.name] = count, total
        if count > count_before:
            return round((total - total_before) / (count - count_before), 3)
        present = (one for name, one in room.channel.waiting.items() if name not in room.held)
        first = next(present, None)
        return 0.0 if first is None else round(max(steady - first.queued_at, 0.0), 3)
