"""What is the SQLite log's own: it outlives the process, and a machine that fails it is told of in words."""

import errno
import os
import signal
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from antechamber.log import LogError, Snapshot
from antechamber.log import sqlite as sqlite_module
from antechamber.log.sqlite import SqliteLog
from antechamber.protocol.limits import Retention
from tests.log.looking import settle

if TYPE_CHECKING:
    from tests.log.conftest import Turns


def open_log(path: Path) -> SqliteLog:
    return SqliteLog(path, tick_seconds=None)


def test_what_was_kept_is_there_after_a_restart(path: Path, turns: "Turns") -> None:
    log = open_log(path)
    log.append([turns.batch("Gaming", "one", "two"), turns.batch("Movies", "one")])
    log.keep_snapshot("Gaming", Snapshot(2, b"state"))
    log.close()

    log = open_log(path)
    log.append([turns.batch("Movies", "two")])
    for channel in ("Gaming", "Movies"):
        assert list(log.read_from(channel, 1)) == turns.entries[channel]
    assert log.snapshot("Gaming") == Snapshot(2, b"state")
    log.close()


def test_the_secret_is_the_same_after_a_restart(path: Path) -> None:
    secrets = []
    for _ in range(2):
        log = open_log(path)
        secrets.append(log.secret())
        log.close()

    assert secrets[0] == secrets[1]


def test_what_is_forgotten_stays_so_after_a_restart_and_numbering_goes_on(path: Path, turns: "Turns") -> None:
    log = open_log(path)
    log.append([turns.batch("Gaming", "one"), turns.batch("Gaming", "two")])
    log.keep_snapshot("Gaming", Snapshot(2, b"state"))
    log.retain("Gaming", Retention(age_seconds_max=1.0))
    settle(log)
    log.close()

    log = open_log(path)
    assert list(log.read_from("Gaming", 1)) == []
    assert log.last_sequence("Gaming") == 2
    log.append([turns.batch("Gaming", "three")])
    assert [entry.sequence for entry in log.read_from("Gaming", 1)] == [3]
    log.close()


def test_a_closed_log_is_one_file(path: Path, turns: "Turns") -> None:
    log = SqliteLog(path)
    log.append([turns.batch("Gaming", "one")])
    log.close()

    assert os.listdir(path.parent) == [path.name]


def test_a_new_log_is_for_its_owners_eyes_alone(tmp_path: Path) -> None:
    path = tmp_path / "state" / "antechamber" / "antechamber.db"
    log = open_log(path)

    for made in path.parent.iterdir():
        assert stat.S_IMODE(made.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    log.close()


def test_an_empty_file_becomes_a_log(path: Path, turns: "Turns") -> None:
    path.touch()
    log = open_log(path)
    log.append([turns.batch("Gaming", "one")])

    assert log.last_sequence("Gaming") == 1
    log.close()


def test_an_appended_turn_survives_a_killed_server(path: Path) -> None:
    code = """
import sys
from antechamber.protocol.events import Entry, Said, encode_lines
from antechamber.log import Batch
from antechamber.log.sqlite import SqliteLog
log = SqliteLog(sys.argv[1], tick_seconds=0)
for n in range(1, 10**9):
    log.append([Batch("Gaming", n, n, 1.5, bytes(encode_lines([Entry("Gaming", n, 1.5, Said("Mary", f"word{n}"))])))])
    print(n, flush=True)
"""
    source = Path(sys.modules["antechamber"].__path__[0]).parent
    environment = {**os.environ, "PYTHONPATH": str(source)}
    with subprocess.Popen([sys.executable, "-c", code, path], stdout=subprocess.PIPE, env=environment) as server:
        assert server.stdout is not None
        for line in server.stdout:
            if line == b"500\n":
                break
        server.send_signal(signal.SIGKILL)
        seen = int(([b"500", *server.stdout.read().split()])[-1])

    log = open_log(path)
    last = log.last_sequence("Gaming")
    assert last >= seen
    assert [entry.sequence for entry in log.read_from("Gaming", 1)] == list(range(1, last + 1))
    while not log.maintenance.tick():
        pass
    log.close()
    with sqlite3.connect(path) as connection:
        found = connection.execute("SELECT rowid & 0xffffffff FROM said WHERE said MATCH 'word*' ORDER BY 1").fetchall()
    connection.close()
    assert found == [(sequence,) for sequence in range(1, last + 1)]


# Reading in pieces


@pytest.mark.parametrize(
    ("bytes_max", "reads"), [(1, [1, 1, 1, 1]), (300, [1, 1, 1, 1]), (301, [2, 2]), (601, [3, 1]), (10**6, [4])]
)
def test_a_read_takes_turns_of_a_bounded_size(
    sqlite_log: SqliteLog, turns: "Turns", monkeypatch: pytest.MonkeyPatch, bytes_max: int, reads: list[int]
) -> None:
    monkeypatch.setattr(sqlite_module, "_BYTES_A_READ", bytes_max)
    padding = 300 - len(turns.batch("Other", "").lines) - len("Gaming") + len("Other")
    for _ in range(4):
        batch = turns.batch("Gaming", "x" * padding)
        assert len(batch.lines) == 300
        sqlite_log.append([batch])
    taken = []
    fetch = SqliteLog._fetch_some

    def counted(self: SqliteLog, number: int, sequence: int, last: int) -> tuple[list[tuple[int, bytes]], int]:
        found = fetch(self, number, sequence, last)
        taken.append(len(found[0]))
        return found

    monkeypatch.setattr(SqliteLog, "_fetch_some", counted)
    assert list(sqlite_log.read_from("Gaming", 1)) == turns.entries["Gaming"]
    assert taken == reads


def test_a_read_takes_a_bounded_number_of_turns(sqlite_log: SqliteLog, turns: "Turns") -> None:
    for _ in range(65):
        sqlite_log.append([turns.batch("Gaming", "hello")])

    assert len(sqlite_log._fetch_some(1, 1, 65)[0]) == 64


# One server a log


def test_a_second_server_is_refused(path: Path, sqlite_log: SqliteLog, turns: "Turns") -> None:
    with pytest.raises(LogError, match=rf"{path} is in use by another antechamber server \(process {os.getpid()}\)\.$"):
        open_log(path)

    sqlite_log.append([turns.batch("Gaming", "one")])
    assert sqlite_log.last_sequence("Gaming") == 1


def test_a_second_server_is_refused_by_another_name_of_the_file(path: Path, sqlite_log: SqliteLog) -> None:
    link = path.with_name("link.db")
    link.symlink_to(path)

    with pytest.raises(LogError, match="is in use by another antechamber server"):
        open_log(link)


def test_the_next_server_may_have_a_log_that_was_closed(path: Path) -> None:
    for _ in range(2):
        open_log(path).close()


def test_a_lock_file_that_a_killed_server_left_is_no_lock(path: Path) -> None:
    path.with_name(f"{path.name}-lock").write_text("1\n")

    open_log(path).close()


@pytest.mark.parametrize("is_replaced", [False, True])
def test_a_lock_on_a_file_that_was_let_go_of_meanwhile_is_no_hold(
    path: Path, monkeypatch: pytest.MonkeyPatch, is_replaced: bool
) -> None:
    import fcntl

    lock_path, flock = path.with_name(f"{path.name}-lock"), fcntl.flock
    calls: list[int] = []

    def flock_late(file: int, operation: int) -> None:
        if not calls:
            lock_path.unlink()
            if is_replaced:
                lock_path.touch()
        calls.append(operation)
        flock(file, operation)

    monkeypatch.setattr(fcntl, "flock", flock_late)
    log = open_log(path)
    assert len(calls) == 2
    with pytest.raises(LogError, match="is in use"):
        open_log(path)
    log.close()


def test_a_lock_file_that_cannot_be_written_is_let_go_of(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(file: int, content: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", fail)
        with pytest.raises(LogError, match="the disk is full: make room on it"):
            open_log(path)
    assert list(path.parent.iterdir()) == []
    open_log(path).close()


def test_a_log_may_be_closed_after_its_lock_file_was_tidied_away(path: Path) -> None:
    log = open_log(path)
    path.with_name(f"{path.name}-lock").unlink()

    log.close()


# A machine that fails


class FullDisk:
    """Keeps the log's file from growing, as a full disk does."""

    def __init__(self, log: SqliteLog) -> None:
        self._connection = log._connection
        (pages,) = self._connection.execute("PRAGMA page_count").fetchone()
        self._connection.execute(f"PRAGMA max_page_count = {pages}")

    def make_room(self) -> None:
        self._connection.execute("PRAGMA max_page_count = 1000000")


@pytest.mark.parametrize("channels", [["Gaming"], ["Gaming", "Movies"], ["New"], ["Gaming", "New"]])
def test_an_append_to_a_full_disk_keeps_nothing(
    path: Path, sqlite_log: SqliteLog, turns: "Turns", channels: list[str]
) -> None:
    sqlite_log.append([turns.batch("Gaming", "one"), turns.batch("Movies", "one")])
    batches = [turns.batch(channel, "a" * 10_000) for channel in channels]
    disk = FullDisk(sqlite_log)

    for _ in range(2):
        with pytest.raises(LogError, match=f"{path} cannot be used: the disk is full"):
            sqlite_log.append(batches)
        for channel, last in (("Gaming", 1), ("Movies", 1), ("New", 0)):
            assert sqlite_log.last_sequence(channel) == last
            assert len(list(sqlite_log.read_from(channel, 1))) == last

    disk.make_room()
    sqlite_log.append(batches)
    for channel in channels:
        assert list(sqlite_log.read_from(channel, 1)) == turns.entries[channel]


def test_a_snapshot_that_does_not_fit_leaves_the_one_before(sqlite_log: SqliteLog) -> None:
    sqlite_log.keep_snapshot("Gaming", Snapshot(1, b"before"))
    FullDisk(sqlite_log)

    with pytest.raises(LogError, match="the disk is full"):
        sqlite_log.keep_snapshot("Gaming", Snapshot(2, b"a" * 10_000))
    assert sqlite_log.snapshot("Gaming") == Snapshot(1, b"before")


def test_an_append_that_another_program_locks_out_keeps_nothing(
    path: Path, sqlite_log: SqliteLog, turns: "Turns"
) -> None:
    sqlite_log._connection.execute("PRAGMA busy_timeout = 0")
    batches = [turns.batch("Gaming", "one"), turns.batch("Movies", "one")]
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(LogError, match="another program has locked it"):
        sqlite_log.append(batches)
    other.execute("ROLLBACK")
    other.close()
    sqlite_log.append(batches)
    assert sqlite_log.last_sequence("Movies") == 1


def test_a_turn_that_is_kept_already_is_an_error(sqlite_log: SqliteLog, turns: "Turns") -> None:
    batch = turns.batch("Gaming", "one")
    sqlite_log.append([batch])

    with pytest.raises(LogError, match="UNIQUE"):
        sqlite_log.append([batch])


def test_a_closed_log_answers_with_an_error(path: Path) -> None:
    log = open_log(path)
    log.close()

    with pytest.raises(LogError, match="closed"):
        log.last_sequence("Gaming")


def test_closing_a_log_that_fails_lets_go_of_the_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = open_log(path)

    def fail() -> None:
        raise sqlite3.OperationalError("unable to close")

    with monkeypatch.context() as patch:
        patch.setattr(log.maintenance, "close", fail)
        with pytest.raises(LogError, match="unable to close"):
            log.close()
    log.maintenance.close()
    open_log(path).close()
