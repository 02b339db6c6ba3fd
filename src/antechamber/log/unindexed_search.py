"""Looking for words in entries that are in no search index yet: they are indexed in memory, for the one question."""

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
    """Tells at a glance which turns cannot have what an FTS5 expression is of, so that few have to be looked into.

    Letters of ASCII are the same with and without regard to accents, so in a turn that has no others a word stands as
    it was asked for. Of any other turn nothing is told.
    """

    def __init__(self, expression: str) -> None:
        self._words = [word.lower().encode() for word in _ASCII_WORD.findall(expression)]

    def lets_through(self, lines: bytes) -> bool:
        """Return whether the turn with these lines may have what is looked for."""
        if not lines.isascii():
            return True
        lines = lines.lower()
        return all(word in lines for word in self._words)


def matching(kept: Iterator[StoredTurn], expression: str) -> Iterator[StoredTurn]:
    """Give what matches the FTS5 `expression` among the entries, which come newest first, in their order."""
    with closing(sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)) as memory:
        memory.execute(f"CREATE VIRTUAL TABLE said USING fts5 (text, content = '', columnsize = 0, {TOKENIZE})")
        while chunk := list(islice(kept, _ENTRIES_A_CHUNK))[::-1]:
            texts = [(row, each.chat) for row, each in enumerate(chunk)]  # None, where there is none, has no words
            memory.execute("BEGIN")
            memory.executemany("INSERT INTO said (rowid, text) VALUES (?, ?)", texts)
            memory.execute("COMMIT")
            matches = "SELECT rowid FROM said WHERE said MATCH ? ORDER BY rowid DESC"
            for (row,) in memory.execute(matches, (expression,)):
                yield chunk[row]
            memory.execute("INSERT INTO said (said) VALUES ('delete-all')")
