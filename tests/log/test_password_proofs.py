"""Proofs of passwords: kept with the entries, read by no reader, and taken out of the entries of older versions."""

import shutil
import sqlite3
from argparse import Namespace
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from antechamber.cli import history
from antechamber.log import Log, LogError, Snapshot
from antechamber.log.reader import LogReader
from antechamber.log.schema import VERSION
from antechamber.log.sqlite import SqliteLog
from antechamber.protocol.events import Queued
from tests.log.looking import settle

if TYPE_CHECKING:
    from tests.log.conftest import Turns

WRITTEN = Path(__file__).parent / "written" / "0.4.0.db"
"""What a server of version 0.4.0 wrote: Mary (PASS sesame) and Ann sit in general, Bob (PASS open) waits; Cid (PASS
sesame) waited, and has left. Ann has said something that looks like a proof."""
PLENTY = 1 << 20


def test_a_log_that_is_new_knows_no_proof(log: Log) -> None:
    assert log.proofs("Gaming") == {}


def test_a_proof_is_kept_with_its_turn_and_read_by_no_reader(log: Log, turns: "Turns") -> None:
    first, second = turns.batch("Gaming", Queued("Mary")), turns.batch("Gaming", Queued("Ann"), Queued("Bob"))
    log.append([first._replace(proofs=((1, "one"),))])
    log.append([second._replace(proofs=((2, "two"), (3, "three"))), turns.batch("Music", "hello")])
    assert log.proofs("Gaming") == {1: "one", 2: "two", 3: "three"}
    assert log.proofs("Music") == {}
    reader = log.reader()
    assert reader.before("Gaming", 0, 9, PLENTY).entries == turns.entries["Gaming"]
    reader.close()


def test_a_snapshot_takes_the_place_of_the_proofs_before_it(log: Log, turns: "Turns") -> None:
    for number in (1, 2, 3):
        log.append([turns.batch("Gaming", Queued(f"M{number}"))._replace(proofs=((number, f"p{number}"),))])
        log.append([turns.batch("Music", Queued(f"M{number}"))._replace(proofs=((number, f"p{number}"),))])
    log.keep_snapshot("Gaming", Snapshot(2, b"{}"))
    assert log.proofs("Gaming") == {3: "p3"}
    assert log.proofs("Music") == {1: "p1", 2: "p2", 3: "p3"}


def test_a_proof_outlives_the_process(path: Path, turns: "Turns") -> None:
    log = SqliteLog(path, tick_seconds=None)
    log.append([turns.batch("Gaming", Queued("Mary"))._replace(proofs=((1, "one"),))])
    log.close()
    log = SqliteLog(path, tick_seconds=None)
    assert log.proofs("Gaming") == {1: "one"}
    log.close()


def test_a_turn_that_is_not_kept_leaves_no_proof(sqlite_log: SqliteLog, turns: "Turns") -> None:
    sqlite_log.append([turns.batch("Gaming", "hello")])
    again = turns.batch("Gaming", Queued("Mary"))._replace(last=1, proofs=((2, "two"),))
    with pytest.raises(LogError):
        sqlite_log.append([again])
    assert sqlite_log.proofs("Gaming") == {}


def test_a_file_without_its_proofs_is_damaged(path: Path) -> None:
    SqliteLog(path, tick_seconds=None).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE proof")
    with pytest.raises(LogError, match="it has no table proof"):
        SqliteLog(path, tick_seconds=None)


# What older versions wrote


@pytest.fixture
def written(path: Path) -> Path:
    """A file that version 0.4.0 wrote."""
    shutil.copy(WRITTEN, path)
    return path


def events(log: SqliteLog) -> list[tuple[str, str]]:
    return [(type(entry.event).__name__, getattr(entry.event, "name", "")) for entry in log.read_from("general", 1)]


def test_proofs_of_an_older_version_leave_its_entries(written: Path) -> None:
    before = LogReader(written)
    entries = before.before("general", 0, 99, PLENTY).entries
    before.close()
    log = SqliteLog(written, tick_seconds=None)
    assert list(log.read_from("general", 1)) == entries
    assert log.proofs("general") == {1: "qobm6ty7s2b7h", 5: "jfiloihtu7ozu", 7: "qobm6ty7s2b7h"}
    assert [entry.sequence for entry in entries] == list(range(1, 9))
    settle(log)
    reader = log.reader()
    assert [entry.sequence for entry in reader.find("general", "proof abc", 0, 9, PLENTY).entries] == [6]
    reader.close()
    log.close()
    with closing(sqlite3.connect(written, isolation_level=None)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (VERSION,)
        for (lines,) in connection.execute("SELECT lines FROM turn_1"):
            assert b'"proof":' not in lines
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("DELETE FROM proof")
    assert b"qobm6ty7s2b7h" not in written.read_bytes()


def test_of_those_before_a_snapshot_the_snapshot_has_them(written: Path) -> None:
    with closing(sqlite3.connect(written, isolation_level=None)) as connection:
        connection.execute("INSERT OR REPLACE INTO snapshot VALUES (1, 5, x'7b7d')")
    log = SqliteLog(written, tick_seconds=None)
    assert log.proofs("general") == {7: "qobm6ty7s2b7h"}
    log.close()


def test_a_turn_that_is_damaged_stays_so_and_the_others_are_rid_of_theirs(written: Path) -> None:
    damaged = b'{"event":{"type":"queued","proof":"x"\n'
    with closing(sqlite3.connect(written, isolation_level=None)) as connection:
        connection.execute("UPDATE turn_1 SET lines = ? WHERE last = 5", (damaged,))
        connection.execute('UPDATE turn_1 SET lines = \'nothing, "proof":"\' WHERE last = 8')
    log = SqliteLog(written, tick_seconds=None)
    assert log.proofs("general") == {1: "qobm6ty7s2b7h", 7: "qobm6ty7s2b7h"}
    assert log._fetch("SELECT lines FROM turn_1 WHERE last = 5") == [(damaged,)]
    log.close()


def test_history_tells_no_proof_of_a_log_that_no_server_has_brought_up_to_date(
    written: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    asked = Namespace(channel="general", data=str(written), limit="99", search=None, since=None, until=None)
    asked.json, asked.all = True, True
    assert history.run(asked) == 0
    told = capfdbinary.readouterr().out
    assert len(told.splitlines()) == 8
    assert b'"proof":' not in told
    assert b'{"type":"queued","name":"Mary","holds":true,"host":"7dmttzqczhlgi.cloak"}' in told
