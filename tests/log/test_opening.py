"""A file that is no log of ours, or not whole, is refused in words and left alone; an older one is made current."""

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from antechamber.log import Batch, LogError, Snapshot, opening, schema
from antechamber.log.damage import REMEDY
from antechamber.log.reader import LogReader
from antechamber.log.sqlite import SqliteLog
from tests.log.looking import refused, settle

if TYPE_CHECKING:
    from tests.log.conftest import Turns


# Files that are no log of ours


@pytest.mark.parametrize("content", [b"hello", b"\x00" * 5_000, b"SQLite format 3\x00" + b"\xff" * 5_000])
def test_a_file_that_is_not_sqlite_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)

    refused(path, "it is not an antechamber log")


@pytest.mark.parametrize("setting", ["CREATE TABLE history (url TEXT)", "PRAGMA application_id = 7"])
def test_another_programs_sqlite_file_is_refused(path: Path, setting: str) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute(setting)
    connection.close()

    refused(path, "is another program's SQLite file")


def test_a_log_of_a_newer_version_is_refused(path: Path) -> None:
    SqliteLog(path, tick_seconds=None).close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 999")
    connection.close()

    refused(path, "was written by a newer antechamber .version 999 of the file")


def test_a_folder_is_refused(path: Path) -> None:
    path.mkdir()

    refused(path, "is a folder: name a file in it with --data")


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(LogError, match=r"antechamber\.db cannot be used: .+\.$"):
        SqliteLog(tmp_path / "file" / "antechamber.db")


def test_a_folder_where_no_lock_can_be_made_is_refused(path: Path) -> None:
    path.with_name(f"{path.name}-lock").mkdir()

    refused(path, "is a directory")


def test_a_file_that_cannot_be_opened_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.touch()
    monkeypatch.setattr("antechamber.log.schema.quote", lambda name: f"{path}/nowhere")

    refused(path, "it cannot be opened")


@pytest.mark.parametrize("content", [b"hello", b"SQLite format 3\x00" + b"\xff" * 5_000])
def test_a_file_that_is_not_sqlite_is_refused_with_what_is_beside_it(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    path.with_name(f"{path.name}-wal").write_bytes(b"something")

    refused(path, "it is not an antechamber log|it is damaged|is damaged at byte 0")


def test_a_file_whose_server_was_killed_before_it_made_the_tables_becomes_a_log(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    assert path.stat().st_size > 0

    log = SqliteLog(path, tick_seconds=None)
    assert len(log.secret()) == 32
    log.close()


@pytest.mark.parametrize("options", ["mode=rw", "mode=ro", "mode=ro&immutable=1"])
def test_what_is_temporary_needs_no_file(path: Path, options: str) -> None:
    SqliteLog(path, tick_seconds=None).close()
    with closing(schema.connect(str(path), options)) as connection:
        assert connection.execute("PRAGMA temp_store").fetchone() == (2,)


# Files of ours that are not whole


def make_log(path: Path, turns: "Turns") -> None:
    """Make a closed log of some channels, indexed."""
    log = SqliteLog(path, tick_seconds=None)
    for number in range(200):
        log.append([turns.batch("Gaming", f"hello {number}"), turns.batch("Movies", "hello " * 20)])
    log.keep_snapshot("Gaming", Snapshot(100, b"state"))
    settle(log)
    log.close()


@pytest.mark.parametrize("bytes_left", [1, 50, 99, 100, 2_047, 2_048, 3_000, 20_480, -2_048, -1])
def test_a_log_without_its_end_is_refused(path: Path, turns: "Turns", bytes_left: int) -> None:
    make_log(path, turns)
    os.truncate(path, bytes_left if bytes_left > 0 else path.stat().st_size + bytes_left)

    refused(path, "cannot be used: it is not an antechamber log, or its|is damaged")


def test_a_log_with_something_behind_its_end_is_as_good_as_ever(path: Path, turns: "Turns") -> None:
    make_log(path, turns)
    with path.open("ab") as file:
        file.write(b"something" * 1_000)

    log = SqliteLog(path, tick_seconds=None)
    assert list(log.read_from("Gaming", 1)) == turns.entries["Gaming"]
    log.append([turns.batch("Gaming", "one more")])
    log.close()
    log = SqliteLog(path, tick_seconds=None)
    assert list(log.read_from("Gaming", 1)) == turns.entries["Gaming"]
    log.close()


@pytest.mark.parametrize("begin", [b"garbage " * 12, bytes(100)])
def test_a_log_whose_head_is_garbage_is_refused(path: Path, turns: "Turns", begin: bytes) -> None:
    make_log(path, turns)
    path.write_bytes(begin[:100] + path.read_bytes()[100:])

    refused(path, "it is not an antechamber log, or its beginning is damaged: name another file with --data, or put a")


def change(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


@pytest.mark.parametrize("table", ["channel", "snapshot", "said", "remains", "identity", "turn_1", "turn_2"])
def test_a_log_without_one_of_its_tables_is_refused(path: Path, turns: "Turns", table: str) -> None:
    make_log(path, turns)
    change(path, f"DROP TABLE {table}")

    refused(path, rf"^The log {path} is damaged \(it has no table {table}\): {REMEDY}\.$")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE channel SET indexed = 201",
        "UPDATE channel SET forgotten = 10, indexed = 9",
        "UPDATE channel SET forgotten = -1, indexed = -2",
        "UPDATE channel SET indexed = 'much'",
        "UPDATE channel SET name = x'ff' WHERE number = 2",
    ],
)
def test_a_log_that_contradicts_itself_is_refused(path: Path, turns: "Turns", statement: str) -> None:
    make_log(path, turns)
    change(path, statement)

    refused(path, "it contradicts itself about the channel")


@pytest.mark.parametrize("version", [1, 2])
def test_a_log_of_an_older_version_is_looked_at_before_it_is_migrated(path: Path, turns: "Turns", version: int) -> None:
    make_version_1(path, turns)
    if version == 2:
        change(path, *schema.MIGRATIONS[1], "PRAGMA user_version = 2")
    change(path, "DROP TABLE turn_1")

    refused(path, "it has no table turn_1")


@contextmanager
def as_nobody() -> Iterator[None]:
    """Be a user that has no rights beyond what a file gives to everybody."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65_534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def shared_path() -> Iterator[Path]:
    """A path in a folder that everybody reaches."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o777)
        yield Path(folder) / "antechamber.db"


def test_a_file_that_cannot_be_written_is_refused_at_once(shared_path: Path, turns: "Turns") -> None:
    make_log(shared_path, turns)
    shared_path.chmod(0o444)

    with as_nobody():
        refused(shared_path, "permission denied: let this user read and write the file and its folder")


def test_a_file_that_cannot_be_read_is_refused(shared_path: Path, turns: "Turns") -> None:
    make_log(shared_path, turns)
    shared_path.chmod(0)

    with as_nobody():
        for open_it in (lambda: SqliteLog(shared_path, tick_seconds=None), lambda: LogReader(shared_path)):
            with pytest.raises(LogError, match="let this user read and write the file and its folder"):
                open_it()


def test_a_folder_that_cannot_be_written_is_refused(shared_path: Path, turns: "Turns") -> None:
    make_log(shared_path, turns)
    shared_path.chmod(0o666)
    shared_path.parent.chmod(0o555)

    with as_nobody():
        refused(shared_path, "permission denied: let this user read and write the file and its folder")


def steps_of_a_look(path: Path) -> int:
    """Return how many steps SQLite takes to look at the tables."""
    steps: list[None] = []
    with closing(schema.connect(str(path), "mode=ro")) as connection:
        connection.set_progress_handler(lambda: steps.append(None), 1)
        opening._check_tables(connection, str(path), schema.VERSION)
    return len(steps)


def test_a_start_looks_at_the_end_of_each_channel_alone(path: Path) -> None:
    counts = []
    for last in (200, 20_000):
        log = SqliteLog(path, tick_seconds=None)
        first = log.last_sequence("Gaming") + 1
        log.append([Batch("Gaming", number, number, 1.5, b"{}\n") for number in range(first, last + 1)])
        log.close()
        counts.append(steps_of_a_look(path))
    assert counts[0] == counts[1]


# Older versions


def make_version_1(path: Path, turns: "Turns") -> None:
    """Make a file as version 1 had it: turns and snapshots, and no search index."""
    batch = turns.batch("Gaming", "an old hello", "another")
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE channel (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)")
        connection.execute(
            "CREATE TABLE snapshot (channel INTEGER PRIMARY KEY, sequence INTEGER NOT NULL, state BLOB NOT NULL)"
        )
        connection.execute("CREATE TABLE turn_1 (last INTEGER PRIMARY KEY, time REAL NOT NULL, lines BLOB NOT NULL)")
        connection.execute("INSERT INTO channel VALUES (1, 'Gaming')")
        connection.execute("INSERT INTO snapshot VALUES (1, 1, x'00')")
        connection.execute("INSERT INTO turn_1 VALUES (?, ?, ?)", (batch.last, batch.time, batch.lines))
        connection.execute("PRAGMA application_id = 0x414E5445")
        connection.execute("PRAGMA user_version = 1")
    connection.close()


def test_an_older_file_is_migrated_at_the_start(path: Path, turns: "Turns") -> None:
    make_version_1(path, turns)

    log = SqliteLog(path, tick_seconds=None)
    assert list(log.read_from("Gaming", 1)) == turns.entries["Gaming"]
    assert log.snapshot("Gaming") == Snapshot(1, b"\x00")
    assert log.maintenance.index.add_some() == 2
    log.append([turns.batch("Gaming", "a new hello")])
    assert log.last_sequence("Gaming") == 3
    log.close()


def test_a_migration_that_fails_leaves_the_older_file(
    path: Path, turns: "Turns", monkeypatch: pytest.MonkeyPatch
) -> None:
    from antechamber.log import schema

    make_version_1(path, turns)
    with monkeypatch.context() as patch:
        patch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, ("CREATE TABLE channel (number)",)))
        patch.setattr(schema, "VERSION", schema.VERSION + 1)
        with pytest.raises(LogError, match="already exists"):
            SqliteLog(path, tick_seconds=None)

    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
        assert connection.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'said'").fetchone() == (0,)
    connection.close()
