"""What stands in a log's file, as another program finds it, and letting its maintenance get there."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from antechamber.log import Log, LogError
from antechamber.log.schema import SEQUENCE_BITS
from antechamber.log.sqlite import SqliteLog
from antechamber.protocol.events import Said, decode_entries


def settle(log: Log) -> None:
    """Run the log's maintenance to its end."""
    if isinstance(log, SqliteLog):
        with log._lock:
            log.maintenance.stir()
        if log.maintenance._tick_seconds is not None:
            assert log.maintenance.resting.wait(30)
            return
        while not log.maintenance.tick():
            pass


def make_older(path: Path, version: int) -> None:
    """Make a file that no server runs on be of an older version, as far as its tables tell, 2 or later."""
    statements = [f"PRAGMA user_version = {version}"]
    if version < 6:
        statements += ["ALTER TABLE channel DROP COLUMN kind"]
        statements += [f"DROP TABLE {each}" for each in ("ended", "spare", "proof", "behind", "usage")]
    if 3 <= version < 6:
        statements.append("ALTER TABLE identity DROP COLUMN numbered")
    if version < 3:
        statements += ["ALTER TABLE channel DROP COLUMN forgotten", "DROP TABLE remains", "DROP TABLE identity"]
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)


def indexed(path: Path, word: str) -> list[tuple[int, int]]:
    """Return channel number and sequence number of every row of the index that has the word."""
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT rowid FROM said WHERE said MATCH ? ORDER BY rowid", (word,)).fetchall()
    connection.close()
    return [(rowid >> SEQUENCE_BITS, rowid & (1 << SEQUENCE_BITS) - 1) for (rowid,) in rows]


def segments(path: Path) -> int:
    """Return how many parts the index has."""
    with closing(sqlite3.connect(path)) as connection:
        (count,) = connection.execute("SELECT count(DISTINCT segid) FROM said_idx").fetchone()
    return int(count)


def wal_pages(path: Path) -> int:
    """Return how many pages the write-ahead log holds."""
    connection = sqlite3.connect(path)
    _busy, pages, _carried = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    connection.close()
    return int(pages)


def assert_agreeing(path: Path) -> None:
    """Check that the index has what was said after the entry `forgotten` and up to `indexed`, and nothing else."""
    expected: list[int] = []
    with closing(sqlite3.connect(path)) as connection:
        for number, forgotten, indexed in connection.execute("SELECT number, forgotten, indexed FROM channel"):
            turns = connection.execute(f"SELECT last, lines FROM turn_{number} ORDER BY last").fetchall()
            assert all(last > forgotten for last, _ in turns)
            entries = [entry for _, lines in turns for entry in decode_entries(lines)]
            chat = [entry.sequence for entry in entries if isinstance(entry.event, Said)]
            expected += [number << SEQUENCE_BITS | each for each in chat if forgotten < each <= indexed]
        connection.execute("CREATE VIRTUAL TABLE temp.word USING fts5vocab (main, said, 'instance')")
        assert [row for (row,) in connection.execute("SELECT DISTINCT doc FROM temp.word ORDER BY doc")] == expected
        connection.execute("INSERT INTO said (said) VALUES ('integrity-check')")


def refused(path: Path, match: str) -> None:
    """Check that a server refuses the log in these words, and that nothing is changed in the folder."""
    before = _contents(path.parent)
    with pytest.raises(LogError, match=match) as refusal:
        SqliteLog(path, tick_seconds=None)
    assert str(path) in str(refusal.value)
    assert _contents(path.parent) == before


def _contents(folder: Path) -> dict[Path, bytes]:
    """Return what is in each file but SQLite's index of a write-ahead log, which any reader may make again."""
    return {each: each.read_bytes() for each in folder.iterdir() if each.is_file() and each.suffix != ".db-shm"}
