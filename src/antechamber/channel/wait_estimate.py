"""The estimate of a wait for a seat, from how long seats were held lately. Pure arithmetic."""

from collections.abc import Collection, Iterable, Sequence

from antechamber.protocol.notices import WaitRange

SEATS_REMEMBERED = 50
"""How many of the last seats that ended are remembered, and how many present ones are considered."""
_SEATS_MIN = 3
"""The number of ended seats below which there is no estimate."""


def held_seconds(ended: Collection[float], running: Iterable[float]) -> list[float] | None:
    """Return how long seats are held, shortest first: seats that `ended`, and present ones that have lasted longer than
    most.

    All are in seconds; the `running` ones are given longest first. Without them a channel whose members stay all day
    would be judged by the few who leave at once. Returns nothing if too few have ended.
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
    """Return the wait until so many `departures` from so many `seats`, given how long seats are held.

    The low end of the range assumes that each seat is held as long as the lower quartile, the high end as long as the
    upper one, and that seats end evenly over that time.
    """
    if times is None or seats < 1:
        return None
    low, high = times[len(times) // 4], times[len(times) * 3 // 4]
    return _rough(low * departures / seats), _rough(high * departures / seats)


def _rough(seconds: float) -> float:
    """Return an estimate rounded to the digits it deserves, so that it does not change all the time."""
    return float(f"{seconds:.2g}")
