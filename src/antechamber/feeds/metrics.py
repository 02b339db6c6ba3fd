"""Metrics of the server: what was counted and measured since the process began.

This module knows no client library. `Metrics.families(hub.channels())` returns everything, each figure a `Family`:

    name        without the suffix `_total` that counters have in Prometheus' text format
    kind        "gauge", "counter" or "histogram"
    help        one sentence
    labels      the labels' names: ("channel",) or ()
    values      (the labels' values, a number), or for a histogram (the labels' values, a `Histogram`)

`Histogram.buckets()` returns what `HistogramMetricFamily.add_metric` takes. The families are

    antechamber_seats{channel}               gauge      capacity
    antechamber_seated{channel}              gauge
    antechamber_waiting{channel}             gauge
    antechamber_messages{channel}            counter
    antechamber_no_shows{channel}            counter
    antechamber_wait_seconds{channel}        histogram  WAIT_BOUNDS; 0 for members who found a free seat
    antechamber_seat_seconds{channel}        histogram  SEAT_BOUNDS
    antechamber_fanout_bytes                 counter
    antechamber_turn_seconds                 histogram  WORK_BOUNDS
    antechamber_log_append_seconds           histogram  WORK_BOUNDS

The gateway adds the number of connections. A turn is counted only once the log has kept it.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from typing import Literal, NamedTuple

from antechamber.protocol.events import Said
from antechamber.protocol.notices import ChannelInfo
from antechamber.rooms.turn import Turn

WORK_BOUNDS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
"""Upper bounds, in seconds, of the time that the server's own work takes."""
WAIT_BOUNDS = (0.0, 1.0, 5.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0, 1800.0, 3600.0, 7200.0, 14400.0)
"""Upper bounds, in seconds, of the time in the waiting line. Members who found a free seat are in the first bucket."""
SEAT_BOUNDS = (5.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0, 1800.0, 3600.0, 7200.0, 14400.0, 28800.0, 86400.0)
"""Upper bounds, in seconds, of the time in a seat."""
_NO_SHOWS = "Members who waited, got a seat, and lost it for idleness or with their line, without a sign of life."


class Histogram:
    """The number of values up to each bound, and their sum."""

    __slots__ = ("bounds", "counts", "sum")

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        """The number of values above the previous bound and up to this one; the last item is above every bound."""
        self.sum = 0.0

    def add(self, value: float) -> None:
        """Count a value. One that equals a bound is up to it, and one below 0 counts as 0."""
        value = max(value, 0.0)  # it may have begun at a time in the log, before the machine's clock was set
        self.counts[bisect_left(self.bounds, value)] += 1
        self.sum += value

    @property
    def count(self) -> int:
        """The number of values."""
        return sum(self.counts)

    def buckets(self) -> list[tuple[str, float]]:
        """Return the number of values up to each bound, which is text; the last is `+Inf`."""
        return list(zip([*map(str, self.bounds), "+Inf"], map(float, accumulate(self.counts)), strict=True))


Kind = Literal["gauge", "counter", "histogram"]


class Family(NamedTuple):
    """A figure, of the server or of each channel. The module's docstring explains the fields."""

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...]
    values: Sequence[tuple[tuple[str, ...], float | Histogram]]


class ChannelMetrics:
    """What was counted and measured in one channel."""

    __slots__ = ("messages", "no_shows", "seats", "waits")

    def __init__(self) -> None:
        self.messages = 0
        self.no_shows = 0
        """Members who had waited, and lost the seat for idleness or with their connection, without a sign of life."""
        self.waits = Histogram(WAIT_BOUNDS)
        self.seats = Histogram(SEAT_BOUNDS)


class Metrics:
    """What was counted and measured since the process began."""

    def __init__(self) -> None:
        self.channels: dict[str, ChannelMetrics] = {}
        self.fanout_bytes = 0
        self.turns = Histogram(WORK_BOUNDS)
        self.appends = Histogram(WORK_BOUNDS)

    def channel(self, name: str) -> ChannelMetrics:
        """Return what was counted in a channel."""
        found = self.channels.get(name)
        if found is None:
            found = self.channels[name] = ChannelMetrics()
        return found

    def kept(self, turn: Turn) -> set[str]:
        """Count a turn that was kept and told; return the channels where more happened than messages.

        They include channels where something changed that is no event, such as a lost connection.
        """
        changed = {name for name, _ in turn.away}
        for name, part in turn.parts.items():
            messages = list(map(type, part.events)).count(Said)
            if messages:
                self.channel(name).messages += messages
            if messages < len(part.events):
                changed.add(name)
        for name, seconds in turn.tally.waits:
            self.channel(name).waits.add(seconds)
        for name, seconds, is_no_show in turn.tally.seats:
            channel = self.channel(name)
            channel.seats.add(seconds)
            channel.no_shows += is_no_show
        self.fanout_bytes += turn.tally.written_bytes
        return changed

    def forget(self, names: Iterable[str]) -> None:
        """Drop the metrics of channels that have ended."""
        for name in names:
            self.channels.pop(name, None)

    def keep_only(self, names: Iterable[str]) -> None:
        """Drop the metrics of channels that are not among `names`, as the config no longer has them."""
        kept = set(names)
        for name in [name for name in self.channels if name not in kept]:
            del self.channels[name]

    def families(self, channels: Iterable[ChannelInfo]) -> list[Family]:
        """Return all metrics, with the counts that the channels have now."""
        infos = list(channels)
        of = {info.name: self.channel(info.name) for info in infos}

        def channel(
            kind: Kind, name: str, sentence: str, value: Callable[[ChannelInfo, ChannelMetrics], float | Histogram]
        ) -> Family:
            values = [((info.name,), value(info, of[info.name])) for info in infos]
            return Family(f"antechamber_{name}", kind, sentence, ("channel",), values)

        def server(kind: Kind, name: str, sentence: str, value: float | Histogram) -> Family:
            return Family(f"antechamber_{name}", kind, sentence, (), [((), value)])

        return [
            channel("gauge", "seats", "Seats of a channel.", lambda info, _: info.seats),
            channel("gauge", "seated", "Members in a seat.", lambda info, _: info.seated),
            channel("gauge", "waiting", "Members in the waiting line.", lambda info, _: info.waiting),
            channel("counter", "messages", "Chat messages kept; whispers never are.", lambda _, its: its.messages),
            channel("counter", "no_shows", _NO_SHOWS, lambda _, its: its.no_shows),
            channel(
                "histogram", "wait_seconds", "Seconds in line of members who got a seat.", lambda _, its: its.waits
            ),
            channel(
                "histogram", "seat_seconds", "Seconds in the seat of members who lost it.", lambda _, its: its.seats
            ),
            server("counter", "fanout_bytes", "Bytes that turns wrote to sessions.", self.fanout_bytes),
            server("histogram", "turn_seconds", "Time of a turn: to decide, to append and to tell.", self.turns),
            server("histogram", "log_append_seconds", "Time that the log took to keep a turn.", self.appends),
        ]
