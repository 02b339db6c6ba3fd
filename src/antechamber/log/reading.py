"""Reading a log from another process than the server's, whether one runs or not: history and search.

The file is opened read-only, and SQLite's WAL mode keeps readers and the writer out of each other's way. The text of
what was said is only in the turns; the search index gives sequence numbers. What the upkeep has not indexed yet is
indexed here, in memory, for the one question: so a search always knows of everything that was kept before it.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import islice
from math import inf
from typing import NamedTuple

from antechamber.events import Entry, Said
from antechamber.log import LogError
from antechamber.log.damage import damaged
from antechamber.log.faults import DATABASE_FAULTS, log_error
from antechamber.log.schema import (
    READABLE_VERSION,
    SEQUENCE_BITS,
    TOKENIZE,
    connect,
    file_version,
    turn_table,
)
from antechamber.log.turns import decode_turn
from antechamber.log.words import match_expression

_SEQUENCE_MASK = (1 << SEQUENCE_BITS) - 1
_ENTRIES_A_CHUNK = 2_000


class Kept(NamedTuple):
    """An entry, and the line (without its newline) as which it was kept."""

    entry: Entry
    line: bytes


class Span(NamedTuple):
    """Times in seconds since the epoch: from `since` on, up to but not including `until`."""

    since: float = -inf
    until: float = inf


ALWAYS = Span()


class LogReader:
    """The log in the file at `path`, read-only. Every method may raise LogError, and so does opening it."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = os.path.realpath(path)
        if not os.path.isfile(self._path):
            raise LogError(f"There is no log at {self._path}.")
        with self._in_words():
            self._connection, version = _open(self._path)
        self._forgotten = "forgotten" if version > 2 else "0"

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def channels(self) -> list[str]:
        """Return the names of the channels that the log has entries of, in the order of their first ones."""
        with self._in_words():
            select = "SELECT name FROM channel WHERE typeof(name) = 'text' ORDER BY number"
            return [name for (name,) in self._connection.execute(select)]

    def latest(self, channel: str, limit: int, span: Span = ALWAYS, chat_only: bool = True) -> list[Kept]:
        """Return the channel's last `limit` entries within `span`, oldest first; if `chat_only` only chat."""
        with self._as_it_stands():
            number, _indexed, forgotten = self._channel(channel)
            wanted = (kept for kept in self._kept(number, forgotten, span) if not chat_only or _chat(kept) is not None)
            return list(islice(wanted, limit))[::-1]

    def search(self, channel: str, search: str, limit: int, span: Span = ALWAYS) -> list[Kept]:
        """Return the last `limit` chat messages within `span` that match the `search` a person typed, oldest first.

        Raises SearchError where `search` has no word, or too many (words.py).
        """
        expression = match_expression(search)
        with self._as_it_stands():
            number, indexed, forgotten = self._channel(channel)
            found = list(islice(self._find_unindexed(number, indexed, expression, span), limit))
            found += islice(self._find_indexed(number, forgotten, expression, span), limit - len(found))
            return found[::-1]

    def _channel(self, channel: str) -> tuple[int, int, int]:
        """Return the channel's number, how far it is indexed, and how far it is forgotten."""
        select = f"SELECT number, indexed, {self._forgotten} FROM channel WHERE name = ?"
        row = self._connection.execute(select, (channel,)).fetchone()
        if row is None:
            raise LogError(f"The log {self._path} has no channel {channel}.")
        if not all(isinstance(mark, int) for mark in row):
            raise damaged(self._path, f" (it does not say how far the channel {channel} is)")
        return row[0], row[1], row[2]

    def _kept(self, number: int, after: int, span: Span) -> Iterator[Kept]:
        """Give the entries after the sequence number `after` and within `span`, newest first.

        Turns of other times are passed over without a look at their lines.
        """
        select = f"SELECT last, lines FROM {turn_table(number)} WHERE last > ? AND time >= ? AND time < ?"
        for last, lines in self._connection.execute(f"{select} ORDER BY last DESC", (after, *span)):
            for line in reversed(_split(self._path, last, lines)):
                kept = _kept(self._path, last, line)
                if kept.entry.sequence > after:
                    yield kept

    def _find_unindexed(self, number: int, indexed: int, expression: str, span: Span) -> Iterator[Kept]:
        """Give what matches among the entries that are not in the file's index yet, newest first."""
        kept = self._kept(number, indexed, span)
        with closing(sqlite3.connect(":memory:", isolation_level=None)) as memory:
            memory.execute(f"CREATE VIRTUAL TABLE said USING fts5 (text, content = '', columnsize = 0, {TOKENIZE})")
            while chunk := list(islice(kept, _ENTRIES_A_CHUNK))[::-1]:
                texts = [(row, _chat(each)) for row, each in enumerate(chunk)]
                memory.execute("BEGIN")
                memory.executemany("INSERT INTO said (rowid, text) VALUES (?, ?)", texts)
                memory.execute("COMMIT")
                matches = "SELECT rowid FROM said WHERE said MATCH ? ORDER BY rowid DESC"
                for (row,) in memory.execute(matches, (expression,)):
                    yield chunk[row]
                memory.execute("INSERT INTO said (said) VALUES ('delete-all')")

    def _find_indexed(self, number: int, forgotten: int, expression: str, span: Span) -> Iterator[Kept]:
        """Give what the file's index finds after the entry `forgotten`, newest first."""
        first, last = self._sequences(number, span)
        bounds = (number << SEQUENCE_BITS | sequence for sequence in (max(first, forgotten + 1), last))
        matches = "SELECT rowid FROM said WHERE said MATCH ? AND rowid BETWEEN ? AND ? ORDER BY rowid DESC"
        within = "time >= ? AND time < ?"
        turn = f"SELECT last, lines, {within} FROM {turn_table(number)} WHERE last >= ? ORDER BY last LIMIT 1"
        last, lines, is_within = 0, list[bytes](), 0
        for (rowid,) in self._connection.execute(matches, (expression, *bounds)):
            sequence = rowid & _SEQUENCE_MASK
            if not last - len(lines) < sequence <= last:
                last, joined, is_within = self._connection.execute(turn, (*span, sequence)).fetchone() or (0, b"", 0)
                lines = _split(self._path, last, joined)
                if not last - len(lines) < sequence <= last:
                    raise damaged(self._path, f" near entry {sequence}")
            if is_within:
                yield _kept(self._path, last, lines[sequence - last - 1])

    def _sequences(self, number: int, span: Span) -> tuple[int, int]:
        """Return sequence numbers that nothing within `span` is before or after.

        In between there may be turns of other times, where the machine's clock was set back.
        """
        table = turn_table(number)
        earliest = f"SELECT last FROM {table} WHERE time >= ? ORDER BY last LIMIT 1"
        before = f"SELECT ifnull(max(last), 0) + 1 FROM {table} WHERE last < ({earliest})"
        latest = f"SELECT last FROM {table} WHERE time < ? ORDER BY last DESC LIMIT 1"
        row = self._connection.execute(f"SELECT ({before}), ifnull(({latest}), 0)", span).fetchone()
        return row[0], row[1]

    @contextmanager
    def _as_it_stands(self) -> Iterator[None]:
        """See the file as it is now, whatever is appended or indexed meanwhile; name its troubles in words."""
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


def _chat(kept: Kept) -> str | None:
    """Return what was said; None, which FTS5 has no words for, where it was another event."""
    event = kept.entry.event
    return event.text if isinstance(event, Said) else None


def _split(path: str, last: int, lines: object) -> list[bytes]:
    """Return the turn's lines one by one; a damaged file may say that anything is in their place."""
    if not isinstance(lines, bytes) or not lines:
        raise damaged(path, f" near entry {last}")
    return lines.splitlines()


def _kept(path: str, last: int, line: bytes) -> Kept:
    entries = decode_turn(path, last, line)
    if len(entries) != 1:
        raise damaged(path, f" near entry {last}")
    return Kept(entries[0], line)


def _open(path: str) -> tuple[sqlite3.Connection, int]:
    """Open the file for reading only; return its version as well.

    A log that no server runs on, in a folder where this process may not write, has no place for what readers and
    a writer tell each other by; as there is no writer, it can be read as a file that nobody changes.
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
            raise LogError(f"The log {path} was written by an older antechamber: start this one's server on it once.")
    except BaseException:
        connection.close()
        raise
    return connection, version
