"""Finding turns by time, without an index: a channel's turns are stored in the order of their numbers.

The times of entries never go back, so a binary search finds a turn. Older versions let them go back if the machine's
clock was set back: up to the last turn that is earlier than one before it, all turns are examined.
"""

import sqlite3
from typing import NamedTuple

from antechamber.log.schema import turn_table

_EARLIEST = -1e300


class _Seen(NamedTuple):
    """What is known about the times of a channel's turns up to the one that ends in `last`."""

    last: int = 0
    latest: float = _EARLIEST
    """The latest time of any of them."""
    disordered: int = 0
    """The last entry of the last turn that is earlier than one before it, 0 if there is none."""


_NOTHING_SEEN = _Seen()


class TimeSearch:
    """The times of the turns in a file. Each turn is examined once for its order."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._seen: dict[int, _Seen] = {}

    def last_before(self, number: int, time: float) -> int:
        """Return the last entry of the channel's last turn before `time`, 0 if there is none."""
        seen = self._look(number)
        found = self._halved(number, seen, time)
        if found > seen.disordered or not seen.disordered:
            return found
        select = f"SELECT last FROM {turn_table(number)} WHERE last <= ? AND time < ? ORDER BY last DESC LIMIT 1"
        return self._one(select, seen.disordered, time) or 0

    def first_since(self, number: int, time: float) -> int:
        """Return the first entry of the channel's first turn at `time` or later; the next to come if there is none."""
        table, seen = turn_table(number), self._look(number)
        if seen.disordered:
            select = f"SELECT last FROM {table} WHERE last <= ? AND time >= ? ORDER BY last LIMIT 1"
            if (last := self._one(select, seen.disordered, time)) is not None:
                return (self._one(f"SELECT max(last) FROM {table} WHERE last < ?", last) or 0) + 1
        return self._halved(number, seen, time) + 1

    def _halved(self, number: int, seen: _Seen, time: float) -> int:
        """Return the last entry of the last turn before `time` among those in order, or of those before."""
        table = turn_table(number)
        at = f"SELECT last, time < ? FROM {table} WHERE last > ? ORDER BY last LIMIT 1"
        low, high = seen.disordered, max(seen.last, seen.disordered)
        while low < high:
            last, is_before = self._connection.execute(at, (time, (low + high) // 2)).fetchone()
            if is_before:
                low = last
            else:
                before = self._one(f"SELECT max(last) FROM {table} WHERE last < ?", last) or 0
                high = max(before, seen.disordered)
        return low

    def _look(self, number: int) -> _Seen:
        """Examine the turns that are new since the last time."""
        table, seen = turn_table(number), self._seen.get(number, _NOTHING_SEEN)
        if seen.last > (self._one(f"SELECT max(last) FROM {table}") or 0):
            seen = _NOTHING_SEEN  # everything was deleted
        last, latest, disordered = seen
        turns = f"SELECT last, ifnull(CAST(time AS REAL), 0) FROM {table} WHERE last > ? ORDER BY last"
        for last, time in self._connection.execute(turns, (seen.last,)):
            if time < latest:
                disordered = last
            else:
                latest = time
        seen = self._seen[number] = _Seen(last, latest, disordered)
        return seen

    def _one(self, select: str, *parameters: object) -> int | None:
        row = self._connection.execute(select, parameters).fetchone()
        return None if row is None else row[0]
