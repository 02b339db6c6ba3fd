"""What the SQLite log forgets leaves its index and its file as well, in small steps, whatever happens meanwhile."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from antechamber.log import Snapshot
from antechamber.log import retention as forgetting_module
from antechamber.log.indexed_text import ENTRIES_A_STEP, Step
from antechamber.log.reader import LogReader
from antechamber.log.retention import ENTRIES_A_TICK, PURGE_SECONDS_MAX, PURGE_SHARE, RetentionTask
from antechamber.log.sqlite import SqliteLog
from antechamber.log.wal import WriteAheadLog
from antechamber.protocol.events import AnyEvent, Queued, Said
from antechamber.protocol.limits import Retention
from tests.log.looking import assert_agreeing, indexed, make_older, segments, settle

if TYPE_CHECKING:
    from tests.log.conftest import Turns, Wall


def keep(log: SqliteLog, turns: "Turns", *turns_said: Sequence[AnyEvent | str], channel: str = "Gaming") -> None:
    """Keep turns, and the snapshot after them."""
    for said in turns_said:
        log.append([turns.batch(channel, *said)])
    log.keep_snapshot(channel, Snapshot(log.last_sequence(channel), b"state"))


def kept(log: SqliteLog) -> list[int]:
    return [entry.sequence for entry in log.read_from("Gaming", 1)]


@pytest.fixture
def reader(path: Path, sqlite_log: SqliteLog) -> Iterator[LogReader]:
    reader = LogReader(path)
    yield reader
    reader.close()


def find(reader: LogReader, word: str) -> list[int]:
    return [found.entry.sequence for found in reader.search("Gaming", word, 10_000)]


def latest(reader: LogReader) -> list[int]:
    return [found.entry.sequence for found in reader.latest("Gaming", 10_000, chat_only=False)]


# The index


@pytest.mark.parametrize("entries_indexed", range(9))
def test_what_is_forgotten_is_not_found_whether_it_was_indexed_or_not(
    path: Path, sqlite_log: SqliteLog, reader: LogReader, turns: "Turns", entries_indexed: int
) -> None:
    keep(sqlite_log, turns, ["hello", "one"], ["hello", Queued("hello"), "hello"], ["three"], ["hello", "four"])
    if entries_indexed:
        sqlite_log.maintenance.index.add_some(entries_indexed)
    sqlite_log.retain("Gaming", Retention(entries_max=3))

    assert sqlite_log.maintenance.forgetting.forget_some() == 5
    assert_agreeing(path)
    assert find(reader, "hello") == [7]
    assert find(reader, "one") == []
    assert latest(reader) == [6, 7, 8]
    settle(sqlite_log)
    assert_agreeing(path)
    assert indexed(path, "hello") == [(1, 7)]


def test_a_word_of_its_own_in_each_entry_is_found_as_long_as_it_is_kept(
    path: Path, sqlite_log: SqliteLog, reader: LogReader, turns: "Turns"
) -> None:
    sqlite_log.retain("Gaming", Retention(entries_max=20))
    for number in range(100):
        keep(sqlite_log, turns, [f"word{number}", "hello"])
        sqlite_log.maintenance.tick()
        assert_agreeing(path)
    assert find(reader, "word*") == list(range(181, 200, 2))
    assert find(reader, "hello") == list(range(182, 201, 2))


def test_history_of_a_log_of_an_older_version_is_read_as_it_is(path: Path, turns: "Turns") -> None:
    log = SqliteLog(path, tick_seconds=None)
    keep(log, turns, ["hello", "there"])
    settle(log)
    log.close()
    make_older(path, 2)
    content = path.read_bytes()

    reader = LogReader(path)
    assert (find(reader, "hello"), latest(reader)) == ([1], [1, 2])
    reader.close()
    assert path.read_bytes() == content
    log = SqliteLog(path, tick_seconds=None)
    assert len(log.secret()) == 32
    log.retain("Gaming", Retention(entries_max=1))
    keep(log, turns, ["hello"])
    settle(log)
    assert kept(log) == [3]
    assert_agreeing(path)
    log.close()


def test_a_damaged_turn_is_forgotten_as_well(
    path: Path, sqlite_log: SqliteLog, reader: LogReader, turns: "Turns", caplog: pytest.LogCaptureFixture
) -> None:
    keep(sqlite_log, turns, ["hello"], ["hello", "hello"], ["hello"], ["hello"])
    settle(sqlite_log)
    sqlite_log._connection.execute("UPDATE turn_1 SET lines = x'00' WHERE last = 3")
    sqlite_log.retain("Gaming", Retention(entries_max=1))
    settle(sqlite_log)

    assert kept(sqlite_log) == [5]
    assert find(reader, "hello") == [5]
    assert [record.getMessage()[:70] for record in caplog.records] == [
        f"A turn is not in the search index: The log {path} is damaged"[:70]
    ]


# Steps


def test_a_large_turn_is_forgotten_in_steps_and_hidden_from_the_first_on(
    path: Path, sqlite_log: SqliteLog, reader: LogReader, turns: "Turns"
) -> None:
    keep(sqlite_log, turns, ["hello"] * ENTRIES_A_STEP * 3, ["hello"])
    settle(sqlite_log)
    sqlite_log.retain("Gaming", Retention(entries_max=1))

    for step in (1, 2):
        assert sqlite_log.maintenance.forgetting.forget_some(ENTRIES_A_STEP) == ENTRIES_A_STEP
        assert_agreeing(path)
        left = list(range(ENTRIES_A_STEP * step + 1, ENTRIES_A_STEP * 3 + 2))
        assert find(reader, "hello") == left
        assert latest(reader) == left
        assert kept(sqlite_log) == list(range(1, ENTRIES_A_STEP * 3 + 2))
    settle(sqlite_log)
    assert kept(sqlite_log) == [ENTRIES_A_STEP * 3 + 1]
    assert_agreeing(path)


def test_a_large_turn_that_is_half_forgotten_is_hidden_before_it_is_indexed(
    path: Path, sqlite_log: SqliteLog, reader: LogReader, turns: "Turns"
) -> None:
    keep(sqlite_log, turns, ["hello"] * ENTRIES_A_STEP * 2, ["hello"])
    sqlite_log.retain("Gaming", Retention(entries_max=1))
    sqlite_log.maintenance.forgetting.forget_some(ENTRIES_A_STEP)
    sqlite_log.retain("Gaming", Retention())

    assert find(reader, "hello") == list(range(ENTRIES_A_STEP + 1, ENTRIES_A_STEP * 2 + 2))
    settle(sqlite_log)
    assert find(reader, "hello") == list(range(ENTRIES_A_STEP + 1, ENTRIES_A_STEP * 2 + 2))
    assert_agreeing(path)


def test_a_busy_log_forgets_a_little_at_a_tick_and_a_quiet_one_all(sqlite_log: SqliteLog, turns: "Turns") -> None:
    keep(sqlite_log, turns, *[["hello"]] * (ENTRIES_A_TICK * 3 + 1))
    sqlite_log.retain("Gaming", Retention(entries_max=1))

    assert not sqlite_log.maintenance.tick()
    assert kept(sqlite_log)[0] == ENTRIES_A_TICK + 1
    assert sqlite_log.maintenance.tick()
    assert kept(sqlite_log) == [ENTRIES_A_TICK * 3 + 1]


def test_what_is_too_old_is_forgotten_a_little_at_a_time(sqlite_log: SqliteLog, turns: "Turns", wall: "Wall") -> None:
    keep(sqlite_log, turns, *[["hello"]] * 30)
    sqlite_log.retain("Gaming", Retention(age_seconds_max=1.0))
    wall.time = turns.time + 2

    assert [sqlite_log.maintenance.forgetting.forget_some(12) for _ in range(4)] == [12, 12, 6, 0]
    assert kept(sqlite_log) == []


def test_several_channels_share_what_is_done_at_a_time(sqlite_log: SqliteLog, turns: "Turns") -> None:
    for channel in ("Gaming", "Movies"):
        keep(sqlite_log, turns, *[["hello"]] * 5, channel=channel)
        sqlite_log.retain(channel, Retention(entries_max=1))

    assert [sqlite_log.maintenance.forgetting.forget_some(6) for _ in range(3)] == [6, 2, 0]


def test_closing_does_not_wait_for_what_is_to_be_forgotten(
    path: Path, sqlite_log: SqliteLog, turns: "Turns", monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(sqlite_log, turns, *[["hello"]] * (ENTRIES_A_STEP * 3))
    sqlite_log.retain("Gaming", Retention(entries_max=1))
    forget = RetentionTask._forget

    def closed_meanwhile(self: RetentionTask, step: Step, indexed: int, table: str) -> None:
        forget(self, step, indexed, table)
        self._access.closing.set()

    monkeypatch.setattr(RetentionTask, "_forget", closed_meanwhile)
    assert sqlite_log.maintenance.forgetting.forget_some() == 0
    assert kept(sqlite_log)[0] == ENTRIES_A_STEP + 1


@pytest.mark.parametrize("statement", ["INSERT INTO said", "UPDATE remains", "DELETE FROM", "UPDATE channel"])
def test_a_step_that_fails_anywhere_is_undone_whole(
    path: Path, sqlite_log: SqliteLog, turns: "Turns", statement: str
) -> None:
    keep(sqlite_log, turns, ["one", "two"], ["three"], ["four"])
    settle(sqlite_log)
    sqlite_log.retain("Gaming", Retention(entries_max=1))
    table = {"INSERT INTO said": "said", "DELETE FROM": "turn_1"}.get(statement, statement.rsplit(maxsplit=1)[-1])

    def deny(action: int, argument: str | None, *_: object) -> int:
        is_write = action in (sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE)
        return sqlite3.SQLITE_DENY if is_write and argument == table else sqlite3.SQLITE_OK

    sqlite_log._connection.set_authorizer(deny)
    with pytest.raises(sqlite3.DatabaseError):
        sqlite_log.maintenance.forgetting.forget_some()
    sqlite_log._connection.set_authorizer(None)
    assert kept(sqlite_log) == [1, 2, 3, 4]
    assert_agreeing(path)
    settle(sqlite_log)
    assert kept(sqlite_log) == [4]
    assert_agreeing(path)


def test_a_killed_server_leaves_index_and_turns_agreeing(path: Path) -> None:
    code = """
import sys
from antechamber.protocol.events import Entry, Said, encode_lines
from antechamber.protocol.limits import Retention
from antechamber.log import Batch, Snapshot
from antechamber.log.sqlite import SqliteLog
log = SqliteLog(sys.argv[1], tick_seconds=0)
log.retain("Gaming", Retention(entries_max=100))
for n in range(1, 10**9):
    log.append([Batch("Gaming", n, n, 1.5, bytes(encode_lines([Entry("Gaming", n, 1.5, Said("Mary", f"word{n}"))])))])
    log.keep_snapshot("Gaming", Snapshot(n, b""))
    if n % 100 == 0:
        log.maintenance.resting.wait()
    print(n, flush=True)
"""
    source = Path(sys.modules["antechamber"].__path__[0]).parent
    environment = {**os.environ, "PYTHONPATH": str(source)}
    for lines in (300, 450, 700):
        with subprocess.Popen([sys.executable, "-c", code, path], stdout=subprocess.PIPE, env=environment) as server:
            assert server.stdout is not None
            for _ in range(lines):
                server.stdout.readline()
            server.send_signal(signal.SIGKILL)
        log = SqliteLog(path, tick_seconds=None)
        assert_agreeing(path)
        last = log.last_sequence("Gaming")
        log.retain("Gaming", Retention(entries_max=100))
        settle(log)
        assert kept(log) == list(range(last - 99, last + 1))
        assert_agreeing(path)
        log.close()
        path.unlink()


def test_forgetting_much_leaves_the_index_in_few_parts(path: Path, sqlite_log: SqliteLog, turns: "Turns") -> None:
    keep(sqlite_log, turns, *[["hello"]] * ENTRIES_A_STEP * 40)
    settle(sqlite_log)
    sqlite_log.retain("Gaming", Retention(entries_max=1))
    sqlite_log.maintenance.forgetting.forget_some(ENTRIES_A_STEP * 39)

    assert segments(path) < 16
    assert_agreeing(path)


# What is left in the file


def contents(path: Path) -> bytes:
    """Return all the bytes of the log and of what is beside it, in small letters as the index has them."""
    return b"".join(each.read_bytes() for each in path.parent.iterdir()).lower()


def test_no_word_of_what_is_forgotten_is_left_in_the_files(path: Path, sqlite_log: SqliteLog, turns: "Turns") -> None:
    keep(sqlite_log, turns, *([f"zebra{number} quagga{number}" * 20] for number in range(50)))
    keep(sqlite_log, turns, ["okapi"])
    settle(sqlite_log)
    assert contents(path).count(b"quagga") > 50
    sqlite_log.retain("Gaming", Retention(entries_max=1))
    settle(sqlite_log)

    assert kept(sqlite_log) == [51]
    assert b"okapi" in contents(path)
    assert b"zebra" not in contents(path)
    assert b"quagga" not in contents(path)


@pytest.mark.parametrize(("entries", "is_due"), [(1, False), (11, False), (12, True), (99, True), (100, True)])
def test_the_index_is_made_one_piece_once_enough_is_forgotten(
    sqlite_log: SqliteLog, turns: "Turns", wall: "Wall", entries: int, is_due: bool
) -> None:
    assert PURGE_SHARE == 8
    keep(sqlite_log, turns, *[["hello"]] * 100)
    sqlite_log.maintenance.index.add_some()
    wall.time = turns.entries["Gaming"][entries - 1].time + 1
    sqlite_log.retain("Gaming", Retention(age_seconds_max=0.5))
    assert sqlite_log.maintenance.forgetting.forget_some() == entries

    assert sqlite_log.maintenance.forgetting.purge() == is_due


def test_the_index_is_made_one_piece_after_a_day_at_the_latest(
    sqlite_log: SqliteLog, turns: "Turns", wall: "Wall"
) -> None:
    forgetting = sqlite_log.maintenance.forgetting
    keep(sqlite_log, turns, *[["hello"]] * 100)
    sqlite_log.maintenance.index.add_some()
    assert not forgetting.purge()
    sqlite_log.retain("Gaming", Retention(entries_max=99))
    forgetting.forget_some()
    wall.time += PURGE_SECONDS_MAX - 1
    sqlite_log.retain("Gaming", Retention(entries_max=98))
    forgetting.forget_some()  # which is no new beginning

    assert not forgetting.purge()
    wall.time += 1
    assert forgetting.purge()
    assert not forgetting.purge()


def test_a_clock_that_was_set_back_keeps_no_words_in_the_index(
    path: Path, sqlite_log: SqliteLog, turns: "Turns", wall: "Wall"
) -> None:
    keep(sqlite_log, turns, *[["hello"]] * 100)
    settle(sqlite_log)
    sqlite_log.retain("Gaming", Retention(entries_max=99))
    settle(sqlite_log)
    assert not sqlite_log.maintenance.forgetting.purge()
    wall.time -= 1

    assert sqlite_log.maintenance.forgetting.purge()
    assert not sqlite_log.maintenance.forgetting.purge()


def test_the_room_of_what_is_forgotten_is_used_again(path: Path, sqlite_log: SqliteLog, turns: "Turns") -> None:
    sqlite_log.retain("Gaming", Retention(entries_max=100))
    for _ in range(30):
        for _ in range(20):
            keep(sqlite_log, turns, ["hello " * 100] * 2)
        settle(sqlite_log)
    assert sum(len(entry.event.text) for entry in turns.entries["Gaming"] if isinstance(entry.event, Said)) == 720_000
    assert path.stat().st_size < 300_000


def test_a_reader_in_the_way_of_the_write_ahead_log_is_waited_for_without_haste(
    path: Path, sqlite_log: SqliteLog, turns: "Turns"
) -> None:
    keep(sqlite_log, turns, ["zebra"], ["okapi"])
    sqlite_log.retain("Gaming", Retention(entries_max=1))
    with closing(sqlite3.connect(path, isolation_level=None)) as slow:
        slow.execute("BEGIN")
        slow.execute("SELECT * FROM channel").fetchall()
        settle(sqlite_log)
        assert kept(sqlite_log) == [2]
        assert b"zebra" in contents(path)
        slow.execute("ROLLBACK")
    settle(sqlite_log)
    assert b"zebra" not in contents(path)


# Waking up


def test_a_log_without_a_bound_on_age_sleeps_until_something_is_appended(sqlite_log: SqliteLog) -> None:
    forgetting = sqlite_log.maintenance.forgetting
    assert forgetting.doze_seconds() is None
    sqlite_log.retain("Gaming", Retention(entries_max=1))
    assert forgetting.doze_seconds() is None
    sqlite_log.retain("Movies", Retention(age_seconds_max=3_600.0))
    assert forgetting.doze_seconds() == 60.0
    sqlite_log.retain("Movies", Retention())
    assert forgetting.doze_seconds() is None


def test_what_grows_too_old_is_forgotten_though_nothing_is_appended(
    path: Path, turns: "Turns", wall: "Wall", monkeypatch: pytest.MonkeyPatch
) -> None:
    forgotten = threading.Event()
    cut = WriteAheadLog.cut

    def told(self: WriteAheadLog) -> bool:
        is_cut = cut(self)
        forgotten.set()
        return is_cut

    log = SqliteLog(path, tick_seconds=0, now=wall)
    keep(log, turns, ["hello"], ["hello"])
    log.retain("Gaming", Retention(age_seconds_max=3_600.0))
    assert log.maintenance.resting.wait(30)
    assert kept(log) == [1, 2]
    monkeypatch.setattr(WriteAheadLog, "cut", told)
    monkeypatch.setattr(forgetting_module, "AGE_TICK_SECONDS", 0.01)
    with log._lock:
        log.maintenance.stir()  # it sleeps for a minute now
    assert log.maintenance.resting.wait(30)
    wall.time = turns.time + 3_601

    assert forgotten.wait(30)
    assert kept(log) == []
    log.close()
