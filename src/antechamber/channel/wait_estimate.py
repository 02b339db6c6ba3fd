"""How long one may have to wait for a seat, measured from how long seats were held lately. Pure arithmetic."""

from collections.abc import Collection, Iterable, Sequence

from antechamber.protocol.notices import WaitRange

SEATS_REMEMBERED = 50
"""How many of the last seats that ended are remembered with their times, and how many that are held still are asked."""
_SEATS_MIN = 3
"""Fewer than this tell nothing."""


def held_seconds(ended: Collection[float], running: Iterable[float]) -> list[float] | None:
    """Return how long seats are held, shortest first: those that `ended`, and those that go on for longer than most.

    Both are in seconds; those that are `running` come longest first. Without them a channel whose members stay all day
    would be judged by the few who go at once. None where too few have ended.
    """
    if len(ended) < _SEATS_MIN:
        return None
    usual = sorted(ended)[len(ended) // 2]
    times = list(ended)
    for seconds in running:
        if seconds <= usual or len(times) >= len(ended) + SEATS_REMEMBERED:
            break
        times.append(seconds)
    return sorted(times)


def expected_wait(times: Sequence[float] | None, seats: int, departures: int) -> WaitRange | None:
    """Return the wait until so many `departures` from so many `seats`, as seats were held for the `times`.

    Each seat is taken to be held for as long as the shorter ones were, for the range's low end, and as the longer ones
    were, for its high end: the lower and the upper quartile. The seats end evenly over that time.
    """
    if times is None or seats < 1:
        return None
    low, high = times[len(times) // 4], times[len(times) * 3 // 4]
    return _rough(low * departures / seats), _rough(high * departures / seats)


def _rough(seconds: float) -> float:
    """Return an estimate with no more digits than it deserves, so that it does not change all the time either."""
    return float(f"{seconds:.2g}")
