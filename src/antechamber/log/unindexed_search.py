"""Searching entries that are not in the search index yet: they are indexed in memory, for the one query."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import islice

from antechamber.log.schema import TOKENIZE
from antechamber.log.stored_turn import StoredTurn

_ENTRIES_A_CHUNK = 2_000
_ASCII_WORD = re.compile("[0-9A-Za-z]+")


class UnindexedSearch:
    """A quick check of which turns cannot match an FTS5 expression, so that few have to be indexed.

    ASCII letters have no accents, so a turn of ASCII alone contains a word as it was typed. Any other turn may match.
    """

    def __init__(self, expression: str) -> None:
        self._words = [word.lower().encode() for word in _ASCII_WORD.findall(expression)]

    def lets_through(self, lines: bytes) -> bool:
        """Return whether a turn with these lines may match."""
        if not lines.isascii():
            return True
        lines = lines.lower()
        return all(word in lines for word in self._words)


def matching(kept: Iterator[StoredTurn], expression: str) -> Iterator[StoredTurn]:
    """Yield the entries that match an FTS5 expression, in their order, which is newest first."""
    with closing(sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)) as memory:
        memory.execute(f"CREATE VIRTUAL TABLE said USING fts5 (text, content = '', columnsize = 0, {TOKENIZE})")
        while chunk := list(islice(kept, _ENTRIES_A_CHUNK))[::-1]:
            texts = [(row, each.chat) for row, each in enumerate(chunk)]  # None has no words
            memory.execute("BEGIN")
            memory.executemany("INSERT INTO said (rowid, text) VALUES (?, ?)", texts)
            memory.execute("COMMIT")
            matches = "SELECT rowid FROM said WHERE said MATCH ? ORDER BY rowid DESC"
            for (row,) in memory.execute(matches, (expression,)):
                yield chunk[row]
            memory.execute("INSERT INTO said (said) VALUES ('delete-all')")
