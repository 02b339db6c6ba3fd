"""Retention: turns that are too old, or too many, are forgotten, out of the search index as well.

A step takes some entries of the oldest turns out of the index, deletes the turns that are through, and moves the mark
`forgotten`, in one transaction: killed at any instant, index and turns agree. What is deleted is overwritten with zeros
(PRAGMA secure_delete). The index alone keeps words of what was taken out of it, until it is merged into one piece;
that is begun once what was forgotten is an eighth of what is left, and at the latest after a day.
"""

from collections.abc import Callable, Iterator
from contextlib import closing

from antechamber.limits import Retention
from antechamber.log.access import Access
from antechamber.log.indexing import PAGES_A_MERGE, Index
from antechamber.log.said import Step, steps
from antechamber.log.schema import turn_table

ENTRIES_A_TICK = 500
AGE_TICK_SECONDS = 60.0
"""How often a log that nothing is appended to is looked at, where there is a bound on the age of what it has."""
PURGE_SHARE = 8
PURGE_SECONDS_MAX = 86_400.0


class Forgetting:
    """What is forgotten of the log that `access` reaches. `now` is the wall clock that stamped its entries."""

    def __init__(self, access: Access, index: Index, now: Callable[[], float]) -> None:
        self._access = access
        self._index = index
        self._now = now
        self._retentions: dict[str, Retention] = {}

    def retain(self, channel: str, retention: Retention) -> None:
        """Keep no more of the channel than this from now on. Any thread may call it."""
        self._retentions = self._retentions | {channel: retention}

    def doze_seconds(self) -> float | None:
        """Return how long there is nothing to do where nothing is appended; None is for ever."""
        return AGE_TICK_SECONDS if any(each.age_seconds_max for each in self._retentions.values()) else None

    def forget_some(self, entries_max: int = ENTRIES_A_TICK) -> int:
        """Forget up to `entries_max` entries, and return how many. Stops early where the log is to be closed."""
        count = 0
        for number, name, indexed, forgotten, bound in self._due(entries_max):
            for step in steps(self._access, (number, name), forgotten, bound, entries_max - count):
                if self._access.closing.is_set():
                    return 0
                self._forget(step, indexed)
                self._index.merge()
                count += step.entries
                self._access.pause()
            if count >= entries_max:
                break
        return count

    def purge(self) -> bool:
        """Let the index be merged into one piece, without any word of what is forgotten; return whether it was due."""
        reader = self._access.reader
        select = "SELECT ifnull(max(CAST(entries AS INTEGER)), 0), ifnull(max(CAST(since AS REAL)), 0) FROM remains"
        entries, since = reader.execute(select).fetchone()
        if not entries:
            return False
        (left,) = reader.execute("SELECT ifnull(sum(indexed - forgotten), 0) FROM channel").fetchone()
        if entries * PURGE_SHARE < left and 0 <= self._now() - since < PURGE_SECONDS_MAX:
            return False
        with self._access.step() as writer:  # this is only the first of the merges; all later ones go on with it
            writer.execute("INSERT INTO said (said, rank) VALUES ('merge', ?)", (-PAGES_A_MERGE,))
            writer.execute("UPDATE remains SET entries = 0")
        return True

    def _due(self, entries_max: int) -> Iterator[tuple[int, str, int, int, int]]:
        """Give number, name, last indexed and last forgotten entry of channels, and the last one that is to go."""
        select = (
            "SELECT number, name, indexed, forgotten, CAST(sequence AS INTEGER) "
            "FROM channel JOIN snapshot ON channel = number WHERE sequence > forgotten"
        )
        for number, name, indexed, forgotten, sequence in self._access.reader.execute(select).fetchall():
            retention = self._retentions.get(name)
            if retention is not None:
                bound = max(
                    self._too_many(number, retention.entries_max),
                    self._too_old(number, forgotten, retention.age_seconds_max, entries_max),
                )
                yield number, name, indexed, forgotten, min(bound, sequence)

    def _too_many(self, number: int, entries_max: int) -> int:
        """Return the last entry of the channel that is not among its latest `entries_max`, or 0."""
        if not entries_max:
            return 0
        (last,) = self._access.reader.execute(f"SELECT ifnull(max(last), 0) FROM {turn_table(number)}").fetchone()
        return int(last) - entries_max

    def _too_old(self, number: int, forgotten: int, age_seconds_max: float, entries_max: int) -> int:
        """Return the last entry of the oldest turns that are all too old, `entries_max` or so, or 0.

        A turn from the future was stamped by a clock that was wrong, so it is as old as the turn after it.
        """
        bound, now = 0, self._now()
        if age_seconds_max:
            select = (
                f"SELECT turn.last, ifnull(behind.time, turn.time) AS kept_at FROM {turn_table(number)} AS turn "
                "LEFT JOIN behind ON behind.channel = ? AND behind.last = turn.last "
                "WHERE turn.last > ? AND kept_at <= ? ORDER BY turn.last"
            )
            with closing(self._access.reader.execute(select, (number, forgotten, now))) as turns:
                for last, time in turns:
                    if time >= now - age_seconds_max or bound - forgotten > entries_max:
                        break
                    bound = last
        return bound

    def _forget(self, step: Step, indexed: int) -> None:
        with self._access.step() as writer:
            if rows := step.rows(indexed):
                values = ",".join(["('delete', ?, ?)"] * (len(rows) // 2))
                writer.execute(f"INSERT INTO said (said, rowid, text) VALUES {values}", rows)
                writer.execute(
                    "UPDATE remains SET entries = entries + ?, since = CASE entries WHEN 0 THEN ? ELSE since END",
                    (len(rows) // 2, self._now()),
                )
            writer.execute(f"DELETE FROM {turn_table(step.number)} WHERE last <= ?", (step.last,))
            writer.execute("DELETE FROM behind WHERE channel = ? AND last <= ?", (step.number, step.last))
            writer.execute(
                "UPDATE channel SET forgotten = ?, indexed = max(indexed, ?) WHERE number = ?",
                (step.last, step.last, step.number),
            )
