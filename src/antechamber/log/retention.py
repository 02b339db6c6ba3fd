"""Retention: turns that are too old or too many are deleted, and removed from the search index.

A step removes some entries of the oldest turns from the index, deletes completed turns, and moves the mark `forgotten`,
in one transaction, so index and turns agree after a kill at any instant. Deleted data is overwritten with zeros (PRAGMA
secure_delete). Only the index keeps words of removed entries until it is merged into one piece; that begins once the
deleted entries are an eighth of those left, and at the latest after a day.

The same steps delete the entries of open channels that have ended. Their tables are kept for later channels, up to a
number that may soon be needed; the others are dropped.
"""

from collections.abc import Callable, Iterator
from contextlib import closing

from antechamber.log import LogError
from antechamber.log.channel_origin import was_open
from antechamber.log.channel_tables import move_to_ended
from antechamber.log.file_access import FileAccess
from antechamber.log.indexed_text import Step, events_of, steps
from antechamber.log.schema import CONFIGS, UNSURE, turn_table
from antechamber.log.search_index import PAGES_A_MERGE, Index
from antechamber.protocol.limits import Retention

ENTRIES_A_TICK = 500
AGE_TICK_SECONDS = 60.0
"""How often a quiet log is checked if entries may become too old."""
PURGE_SHARE = 8
PURGE_SECONDS_MAX = 86_400.0
CHANNELS_A_TICK = 20
"""How many channels of an old log are examined at a time to find out their origin."""
SPARES_KEPT = 16
"""How many empty tables are kept for later channels."""
DROPS_A_TICK = 100
"""How many of the others are dropped at a time."""
DROPS_A_STEP = 4


class RetentionTask:
    """The retention of a log. `now` is the wall clock that stamped its entries."""

    def __init__(self, access: FileAccess, index: Index, now: Callable[[], float]) -> None:
        self._access = access
        self._index = index
        self._now = now
        self._retentions: dict[str, Retention] = {}
        self.sorts_out = False
        """Whether the config's channels are known, so that the origin of others can be found out."""

    def retain(self, channel: str, retention: Retention) -> None:
        """Set the channel's retention rule. Any thread may call it."""
        self._retentions = self._retentions | {channel: retention}

    def doze_seconds(self) -> float | None:
        """Return how many seconds there is nothing to do without an append; None for ever."""
        return AGE_TICK_SECONDS if any(each.age_seconds_max for each in self._retentions.values()) else None

    def forget_some(self, entries_max: int = ENTRIES_A_TICK) -> int:
        """Delete up to `entries_max` entries, and return how many. It stops early if the log is to be closed.

        Finding out a channel's origin counts as one entry, and so does dropping a table.
        """
        count = self._sort_out()
        for table, due in (("ended", self._over), ("channel", self._due)):
            for number, name, indexed, forgotten, bound in due(entries_max):
                for step in steps(self._access, (number, name), forgotten, bound, entries_max - count):
                    if self._access.closing.is_set():
                        return 0
                    self._forget(step, indexed, table)
                    self._index.merge()
                    count += step.entries
                    self._access.pause()
                if count >= entries_max:
                    return count
        return count + self._free_tables() + self._drop_tables()

    def purge(self) -> bool:
        """Merge the search index into one piece, without the words of deleted entries; return whether that was due."""
        reader = self._access.reader
        select = "SELECT ifnull(max(CAST(entries AS INTEGER)), 0), ifnull(max(CAST(since AS REAL)), 0) FROM remains"
        entries, since = reader.execute(select).fetchone()
        if not entries:
            return False
        (left,) = reader.execute("SELECT ifnull(sum(indexed - forgotten), 0) FROM channel").fetchone()
        if entries * PURGE_SHARE < left and 0 <= self._now() - since < PURGE_SECONDS_MAX:
            return False
        with self._access.step() as writer:  # this is only the first merge; later ones continue it
            writer.execute("INSERT INTO said (said, rank) VALUES ('merge', ?)", (-PAGES_A_MERGE,))
            writer.execute("UPDATE remains SET entries = 0")
        return True

    def _sort_out(self) -> int:
        """Find out the origin of some channels of an old log; return how many."""
        select = "SELECT number, name, CAST(forgotten AS INTEGER) FROM channel WHERE kind = ? LIMIT ?"
        found = self._access.reader.execute(select, (UNSURE, CHANNELS_A_TICK)).fetchall() if self.sorts_out else []
        for number, name, forgotten in found:
            if self._access.closing.is_set():
                return 0
            try:
                is_over = not forgotten and was_open(events_of(self._access, (number, name)))
            except LogError:  # an unreadable channel may be the config's
                is_over = False
            with self._access.step() as writer:
                still = "SELECT 1 FROM channel WHERE number = ? AND kind = ?"
                if not writer.execute(still, (number, UNSURE)).fetchone():
                    pass  # somebody has made it again meanwhile, or a reload has adopted it
                elif is_over:
                    move_to_ended(writer, number, forgotten)
                else:
                    writer.execute("UPDATE channel SET kind = ? WHERE number = ?", (CONFIGS, number))
            self._access.pause()
        return len(found)

    def _over(self, _: int) -> Iterator[tuple[int, str, int, int, int]]:
        """Yield the same as `_due` for ended channels."""
        reader = self._access.reader
        for number, name, indexed, forgotten in reader.execute("SELECT * FROM ended").fetchall():
            (last,) = reader.execute(f"SELECT ifnull(max(last), 0) FROM {turn_table(number)}").fetchone()
            yield number, name, indexed, forgotten, int(last)

    def _free_tables(self) -> int:
        """Free the tables of ended channels that are empty; return how many."""
        count, reader = 0, self._access.reader
        for (number,) in reader.execute("SELECT number FROM ended").fetchall():
            if self._access.closing.is_set():
                return 0
            if reader.execute(f"SELECT 1 FROM {turn_table(number)} LIMIT 1").fetchone():
                continue
            with self._access.step() as writer:
                writer.execute("DELETE FROM ended WHERE number = ?", (number,))
                writer.execute("INSERT INTO spare VALUES (?)", (number,))
            count += 1
            self._access.pause()
        return count

    def _drop_tables(self) -> int:
        """Drop some of the tables that are not needed; return how many.

        Nothing is read between the steps, as each read would load the whole schema again.
        """
        (spares,) = self._access.reader.execute("SELECT count(*) FROM spare").fetchone()
        left = min(spares - SPARES_KEPT, DROPS_A_TICK)
        while left > 0 and not self._access.closing.is_set():
            with self._access.step() as writer:
                select = "SELECT number FROM spare ORDER BY number DESC LIMIT ?"
                numbers = writer.execute(select, (min(left, DROPS_A_STEP),)).fetchall()
                for (number,) in numbers:
                    writer.execute(f"DROP TABLE {turn_table(number)}")
                    writer.execute("DELETE FROM spare WHERE number = ?", (number,))
            left -= DROPS_A_STEP
            self._access.pause()
        return max(int(spares) - SPARES_KEPT, 0)

    def _due(self, entries_max: int) -> Iterator[tuple[int, str, int, int, int]]:
        """Yield the number, name, last indexed and last deleted entry of channels, and the last entry to delete."""
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
        """Return the last entry of about `entries_max` in the oldest turns that are all too old, or 0.

        A turn from the future has a wrong time, so it counts as old as the turn after it.
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

    def _forget(self, step: Step, indexed: int, table: str) -> None:
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
                f"UPDATE {table} SET forgotten = ?, indexed = max(indexed, ?) WHERE number = ?",
                (step.last, step.last, step.number),
            )
