"""The channels of the log's file: which table belongs to which, and which are open channels.

An open channel ends with its last member. Its row then moves from `channel` to `ended` in one transaction, and nobody
sees the channel any more; the maintenance deletes its turns (retention.py). If the server is killed before that, the
next start ends every open channel.
"""

import sqlite3
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager

from antechamber.log.schema import CONFIGS, OPEN, UNSURE, UNSURE_OPEN, create_turn_table, turn_table


class ChannelTables:
    """The channels by name. `connection` is the log's writer; every method is called under its lock.

    Every method may raise sqlite3.Error.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._numbers: dict[str, int] = {}
        self.inserts: dict[str, str] = {}
        """The statements that append a turn, by channel with a table."""

    def number(self, name: str) -> int | None:
        """Return the number of a channel, None if the file does not have it."""
        number = self._numbers.get(name)
        if number is None:
            row = self._connection.execute("SELECT number FROM channel WHERE name = ?", (name,)).fetchone()
            if row is not None:
                number = self._numbers[name] = row[0]
        return number

    @contextmanager
    def adding(self, *names: str) -> Iterator[None]:
        """Run a transaction in which these channels may be added to the file."""
        try:
            with self._connection:
                self._connection.execute("BEGIN IMMEDIATE")
                yield
        except BaseException:
            for name in names:
                self._forget(name)  # the file may not have it after all
            raise

    def insert(self, name: str, first: int | None = None, *, is_open: bool = False) -> str:
        """Return the statement that appends a turn of a channel, which is added to the file if necessary.

        A new channel begins with the entry `first`, or wherever it may. Call it within `adding`.
        """
        return self.inserts.get(name) or self._add(name, first, is_open=is_open)

    def begins_after(self, name: str) -> int:
        """Return the number after which a channel's entries begin, now or later."""
        select = (
            "SELECT ifnull((SELECT CAST(forgotten AS INTEGER) FROM channel WHERE name = ?), numbered) FROM identity"
        )
        (number,) = self._connection.execute(select, (name,)).fetchone() or (0,)
        return int(number)

    def begin(self, configs: Collection[str]) -> None:
        """Set the config's channels, and end all open channels of earlier processes."""
        select = "SELECT name, kind FROM channel WHERE kind <> ?"
        found = self._connection.execute(select, (CONFIGS,)).fetchall()
        changes = [(CONFIGS, name) for name, kind in found if kind != OPEN and name in configs]
        changes += [(UNSURE, name) for name, kind in found if kind == UNSURE_OPEN and name not in configs]
        opened = [name for name, kind in found if kind == OPEN]
        if changes or opened:
            with self._connection:
                self._connection.execute("BEGIN IMMEDIATE")
                self._connection.executemany("UPDATE channel SET kind = ? WHERE name = ?", changes)
                self._end(opened)

    def adopt(self, name: str) -> None:
        """Make an open channel one of the config's, so that its history is kept."""
        self._connection.execute("UPDATE channel SET kind = ? WHERE name = ?", (CONFIGS, name))

    def end(self, names: Iterable[str]) -> None:
        """End those channels that are not the config's; for channels of old logs that is found out later."""
        with self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            self._end(names)

    def _end(self, names: Iterable[str]) -> None:
        execute = self._connection.execute
        for name in names:
            self._forget(name)
            row = execute(
                "SELECT number, kind, CAST(forgotten AS INTEGER) FROM channel WHERE name = ?", (name,)
            ).fetchone()
            number, kind, begins_after = row or (0, CONFIGS, 0)
            if kind == OPEN:
                move_to_ended(self._connection, number, begins_after)
            elif kind == UNSURE_OPEN:
                execute("UPDATE channel SET kind = ? WHERE number = ?", (UNSURE, number))

    def _forget(self, name: str) -> None:
        """Read a channel from the file again."""
        self._numbers.pop(name, None)
        self.inserts.pop(name, None)

    def _add(self, name: str, first: int | None, *, is_open: bool) -> str:
        execute = self._connection.execute
        row = execute("SELECT number, kind FROM channel WHERE name = ?", (name,)).fetchone()
        if row is None:
            number = self._empty_table()
            after = self.begins_after(name) if first is None else first - 1
            add = "INSERT INTO channel (number, name, indexed, forgotten, kind) VALUES (?, ?, ?, ?, ?)"
            execute(add, (number, name, after, after, OPEN if is_open else CONFIGS))
        else:
            number, kind = row
            if is_open and kind == UNSURE:
                execute("UPDATE channel SET kind = ? WHERE number = ?", (UNSURE_OPEN, number))
        self._numbers[name] = number
        insert = self.inserts[name] = f"INSERT INTO {turn_table(number)} VALUES (?, ?, ?)"
        return insert

    def _empty_table(self) -> int:
        """Return the number of a free table, which is made if there is none."""
        execute = self._connection.execute
        (spare,) = execute("SELECT min(number) FROM spare").fetchone()
        if spare is not None:
            execute("DELETE FROM spare WHERE number = ?", (spare,))
            return int(spare)
        used = "SELECT number FROM channel UNION ALL SELECT number FROM ended"
        (number,) = execute(f"SELECT ifnull(max(number), 0) + 1 FROM ({used})").fetchone()
        execute(create_turn_table(number))
        return int(number)


def move_to_ended(connection: sqlite3.Connection, number: int, begins_after: int) -> None:
    """End a channel in the current transaction; its sequence numbers are never used again."""
    turns = f"SELECT max(last) FROM {turn_table(number)}"
    lasts = f"{turns} UNION ALL SELECT CAST(sequence AS INTEGER) FROM snapshot WHERE channel = ?"
    last = max(last or begins_after for (last,) in connection.execute(lasts, (number,)))
    connection.execute("UPDATE identity SET numbered = max(numbered, ?)", (last,))
    kept = "SELECT number, name, indexed, forgotten FROM channel WHERE number = ?"
    connection.execute(f"INSERT INTO ended {kept}", (number,))
    connection.execute("DELETE FROM channel WHERE number = ?", (number,))
    for table in ("snapshot", "proof"):
        connection.execute(f"DELETE FROM {table} WHERE channel = ?", (number,))
