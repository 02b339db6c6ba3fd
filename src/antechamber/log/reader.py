"""Reading the log's file, beside a running server or without one: history and search.

The file is opened read-only; in SQLite's WAL mode readers and the writer do not block each other. Texts are only in the
turns; the search index returns sequence numbers. Entries that are not indexed yet are indexed for the one query
(unindexed_search.py), so a search always covers everything that was kept before it.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from math import inf
from typing import NamedTuple

from antechamber.log import SECRET_BYTES, LogError, Page
from antechamber.log.damage import damaged
from antechamber.log.errors import DATABASE_FAULTS, log_error
from antechamber.log.paging import backwards, forwards, page
from antechamber.log.schema import READABLE_VERSION, SEQUENCE_BITS, connect, file_version, turn_table
from antechamber.log.search_query import match_expression
from antechamber.log.stored_turn import StoredTurn, decode_line, split_turn
from antechamber.log.time_search import TimeSearch
from antechamber.log.unindexed_search import matching

_SEQUENCE_MASK = (1 << SEQUENCE_BITS) - 1


class Span(NamedTuple):
    """Times in seconds since the epoch: from `since` on, up to but not including `until`."""

    since: float = -inf
    until: float = inf


ALWAYS = Span()


class LogReader:
    """The log in the file at `path`, read-only; it is also the `Reader` of a server's own process.

    Every method may raise LogError, and so does opening it.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = os.path.realpath(path)
        if not os.path.isfile(self._path):
            raise LogError(f"There is no log at {self._path}.")
        with self._in_words():
            self._connection, version = open_for_reading(self._path)
        self._times = TimeSearch(self._connection)
        self._forgotten = "forgotten" if version > 2 else "0"
        self._has_secret = version > 2

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def interrupt(self) -> None:
        """Make a read under way end soon, with a LogError. Any thread may call it until it is closed."""
        self._connection.interrupt()

    def secret(self) -> bytes:
        """Return the log's secret: 32 random bytes from its beginning, which no other log has."""
        if not self._has_secret:
            raise _older(self._path)
        with self._in_words():
            row = self._connection.execute("SELECT secret FROM identity").fetchone()
        if not row or not isinstance(row[0], bytes) or len(row[0]) != SECRET_BYTES:
            raise damaged(self._path, " (its secret is gone)")
        return row[0]

    def channels(self) -> list[str]:
        """Return the names of the channels with entries, in the order of their first ones."""
        with self._in_words():
            select = "SELECT name FROM channel WHERE typeof(name) = 'text' ORDER BY number"
            return [name for (name,) in self._connection.execute(select)]

    # For people, of a log that may be damaged

    def latest(self, channel: str, limit: int, span: Span = ALWAYS, chat_only: bool = True) -> list[StoredTurn]:
        """Return the channel's last `limit` entries within `span`, oldest first; only messages if `chat_only`."""
        with self._as_it_stands():
            number, _indexed, forgotten = self._channel(channel)
            wanted = (kept for kept in self._kept(number, forgotten, span) if not chat_only or kept.chat is not None)
            return list(islice(wanted, limit))[::-1]

    def search(self, channel: str, search: str, limit: int, span: Span = ALWAYS) -> list[StoredTurn]:
        """Return the last `limit` messages within `span` that match a typed search, oldest first.

        Raises SearchError if `search` has no word, or too many (search_query.py).
        """
        expression = match_expression(search)
        with self._as_it_stands():
            number, indexed, forgotten = self._channel(channel)
            found = list(islice(matching(self._kept(number, indexed, span), expression), limit))
            found += islice(self._find_indexed(number, forgotten, expression, span), limit - len(found))
            return found[::-1]

    # For members, of the log of their own server

    def before(self, channel: str, sequence: int, limit: int, bytes_max: int) -> Page:
        """Return the last entries before the entry `sequence`, or of all if that is 0."""
        with self._as_it_stands():
            found = self._backwards(channel, sequence) if self._has(channel) else iter(())
            return page(found, limit, bytes_max, newest_first=True)

    def after(self, channel: str, sequence: int, limit: int, bytes_max: int) -> Page:
        """Return the first entries after the entry `sequence`."""
        with self._as_it_stands():
            found = self._forwards(channel, sequence) if self._has(channel) else iter(())
            return page(found, limit, bytes_max, newest_first=False)

    def find(self, channel: str, words: str, before: int, limit: int, bytes_max: int) -> Page:
        """Return the last chat messages with these words before the entry `before`, or of all if that is 0.

        Raises SearchError if there is no word, or too many (search_query.py).
        """
        expression = match_expression(words)
        with self._as_it_stands():
            found = self._matching(channel, expression, before) if self._has(channel) else iter(())
            return page(found, limit, bytes_max, newest_first=True)

    def sequence_before(self, channel: str, time: float) -> int:
        """Return the sequence number of the last entry before `time`, 0 if there is none."""
        with self._as_it_stands():
            return self._times.last_before(self._channel(channel)[0], time) if self._has(channel) else 0

    def sequence_since(self, channel: str, time: float) -> int:
        """Return the number of the first entry at `time` or later; the next number to come if there is none."""
        with self._as_it_stands():
            return self._times.first_since(self._channel(channel)[0], time) if self._has(channel) else 1

    def _has(self, channel: str) -> bool:
        return self._connection.execute("SELECT 1 FROM channel WHERE name = ?", (channel,)).fetchone() is not None

    def _backwards(self, channel: str, before: int, after: int = 0) -> Iterator[StoredTurn]:
        """Yield the entries before the entry `before`, or all if that is 0, and after `after`, newest first."""
        number, _indexed, forgotten = self._channel(channel)
        table = turn_table(number)
        (last,) = self._connection.execute(f"SELECT ifnull(max(last), 0) FROM {table}").fetchone()
        before = min(before or last + 1, last + 1)
        top = f"SELECT min(last) FROM {table} WHERE last >= ?"
        turns = f"SELECT last, lines FROM {table} WHERE last > ? AND last <= ({top}) ORDER BY last DESC"
        after = max(after, forgotten)
        rows = self._connection.execute(turns, (after, before - 1))
        return backwards(self._path, channel, rows, before, after)

    def _forwards(self, channel: str, after: int) -> Iterator[StoredTurn]:
        number, _indexed, forgotten = self._channel(channel)
        turns = f"SELECT last, lines FROM {turn_table(number)} WHERE last > ? ORDER BY last"
        rows = self._connection.execute(turns, (max(after, forgotten),))
        return forwards(self._path, channel, rows, after, forgotten)

    def _matching(self, channel: str, expression: str, before: int) -> Iterator[StoredTurn]:
        """Yield the matching messages before the entry `before`, or all if that is 0, newest first."""
        number, indexed, forgotten = self._channel(channel)
        yield from matching(self._backwards(channel, before, indexed), expression)
        yield from self._find_indexed(number, forgotten, expression, ALWAYS, before)

    def _channel(self, channel: str) -> tuple[int, int, int]:
        """Return the channel's number, its last indexed entry, and its last deleted entry."""
        select = f"SELECT number, indexed, {self._forgotten} FROM channel WHERE name = ?"
        row = self._connection.execute(select, (channel,)).fetchone()
        if row is None:
            raise LogError(f"The log {self._path} has no channel {channel}.")
        if not all(isinstance(mark, int) for mark in row):
            raise damaged(self._path, f" (it does not say how far the channel {channel} is)")
        return row[0], row[1], row[2]

    def _kept(self, number: int, after: int, span: Span) -> Iterator[StoredTurn]:
        """Yield the entries after the sequence number `after` and within `span`, newest first.

        Turns of other times are skipped without decoding.
        """
        select = f"SELECT last, lines FROM {turn_table(number)} WHERE last > ? AND time >= ? AND time < ?"
        for last, lines in self._connection.execute(f"{select} ORDER BY last DESC", (after, *span)):
            for line in reversed(split_turn(self._path, last, lines)):
                kept = decode_line(self._path, last, line)
                if kept.entry.sequence > after:
                    yield kept

    def _find_indexed(
        self, number: int, forgotten: int, expression: str, span: Span, before: int = 0
    ) -> Iterator[StoredTurn]:
        """Yield what the index finds after `forgotten` and, unless that is 0, before `before`, newest first."""
        first, last = self._sequences(number, span)
        last = min(last, before - 1) if before else last
        bounds = (number << SEQUENCE_BITS | sequence for sequence in (max(first, forgotten + 1), last))
        matches = "SELECT rowid FROM said WHERE said MATCH ? AND rowid BETWEEN ? AND ? ORDER BY rowid DESC"
        within = "time >= ? AND time < ?"
        turn = f"SELECT last, lines, {within} FROM {turn_table(number)} WHERE last >= ? ORDER BY last LIMIT 1"
        last, lines, is_within = 0, list[bytes](), 0
        for (rowid,) in self._connection.execute(matches, (expression, *bounds)):
            sequence = rowid & _SEQUENCE_MASK
            if not last - len(lines) < sequence <= last:
                last, joined, is_within = self._connection.execute(turn, (*span, sequence)).fetchone() or (0, b"", 0)
                lines = split_turn(self._path, last, joined)
                if not last - len(lines) < sequence <= last:
                    raise damaged(self._path, f" near entry {sequence}")
            if is_within:
                yield decode_line(self._path, last, lines[sequence - last - 1])

    def _sequences(self, number: int, span: Span) -> tuple[int, int]:
        """Return sequence numbers that enclose everything within `span`.

        In between there may be turns of other times, if the machine's clock was set back.
        """
        table = turn_table(number)
        earliest = f"SELECT last FROM {table} WHERE time >= ? ORDER BY last LIMIT 1"
        before = f"SELECT ifnull(max(last), 0) + 1 FROM {table} WHERE last < ({earliest})"
        latest = f"SELECT last FROM {table} WHERE time < ? ORDER BY last DESC LIMIT 1"
        row = self._connection.execute(f"SELECT ({before}), ifnull(({latest}), 0)", span).fetchone()
        return row[0], row[1]

    @contextmanager
    def _as_it_stands(self) -> Iterator[None]:
        """Read the file as of now, whatever is appended or indexed meanwhile; errors become LogError."""
        with self._in_words():
            self._connection.execute("BEGIN")
            try:
                yield
            finally:
                self._connection.execute("ROLLBACK")

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except DATABASE_FAULTS as error:
            raise log_error(self._path, error) from error


def open_for_reading(path: str) -> tuple[sqlite3.Connection, int]:
    """Open the file read-only, and return its version as well.

    In a folder where this process may not write, there is no room for SQLite's shared memory; if no server has the log,
    it can be read as a file that nobody changes.
    """
    try:
        return _checked(path, "mode=ro")
    except sqlite3.OperationalError:
        if os.path.exists(f"{path}-wal"):
            raise
        return _checked(path, "mode=ro&immutable=1")


def _checked(path: str, options: str) -> tuple[sqlite3.Connection, int]:
    connection = connect(path, options)
    try:
        version = file_version(connection, path)
        if version == 0:
            raise LogError(f"The log {path} is empty: no server has kept anything there yet.")
        if version < READABLE_VERSION:
            raise _older(path)
    except BaseException:
        connection.close()
        raise
    return connection, version


def _older(path: str) -> LogError:
    return LogError(f"The log {path} was written by an older antechamber: start this one's server on it once.")
