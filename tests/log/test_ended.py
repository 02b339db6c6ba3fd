"""Channels that were open and have ended: nothing of them is read, nothing stays of them, and no number comes twice."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from antechamber.log import Batch, Log, LogError, Snapshot
from antechamber.log.file_access import FileAccess
from antechamber.log.indexed_text import ENTRIES_A_STEP
from antechamber.log.memory import MemoryLog
from antechamber.log.reader import LogReader
from antechamber.log.retention import DROPS_A_TICK, SPARES_KEPT
from antechamber.log.sqlite import SqliteLog
from antechamber.protocol.events import (
    ModeChange,
    ModesSet,
    TopicSet,
)
from antechamber.protocol.limits import Retention
from tests.log.ending import FOUNDED, append, read, tables
from tests.log.looking import assert_agreeing, indexed, settle

# What every log does


@pytest.mark.parametrize("settled", [False, True])
def test_what_was_said_in_a_channel_that_has_ended_is_read_by_nobody(log: Log, settled: bool) -> None:
    append(log, "chess", *FOUNDED, "hello")
    append(log, "chess", "hello again")
    log.keep_snapshot("chess", Snapshot(4, b"{}"))
    append(log, "general", "hello", is_open=False)
    if settled:
        settle(log)
    assert read(log, "chess") == [1, 2, 3, 4, 5]

    log.end(["chess"])

    assert read(log, "chess") == []
    assert log.last_sequence("chess") == 0
    assert log.snapshot("chess") is None
    reader = log.reader()
    assert reader.sequence_before("chess", 2.5) == 0
    reader.close()
    assert read(log, "general") == [1]
    settle(log)
    assert read(log, "general") == [1]


def test_no_number_comes_twice_of_any_channel_that_is_new(log: Log) -> None:
    append(log, "chess", *FOUNDED, "hello")
    append(log, "go", "hello")
    assert log.begins_after("chess") == log.begins_after("new") == 0
    log.end(["chess", "go"])

    assert log.begins_after("chess") == log.begins_after("new") == 4
    assert append(log, "chess", "hello", "there") == [5, 6]
    assert append(log, "go", "hello") == [5]
    assert append(log, "games", "hello", is_open=False) == [5]
    assert log.begins_after("chess") == 4
    log.end(["chess"])
    assert log.begins_after("games") == 4
    assert append(log, "games", "hello", is_open=False) == [6]
    assert append(log, "chess", "hello") == [7]
    settle(log)
    assert (read(log, "chess"), read(log, "go"), read(log, "games")) == ([7], [5], [5, 6])


def test_a_snapshot_counts_for_the_numbers_as_well(log: Log) -> None:
    append(log, "chess", "hello")
    log.keep_snapshot("chess", Snapshot(1, b"{}"))
    log.end(["chess"])
    assert log.begins_after("chess") == 1


def test_channels_of_the_config_do_not_end(log: Log) -> None:
    append(log, "general", "hello", is_open=False)
    append(log, "general", "hello")  # the config had it once, and now it is open
    log.end(["general", "nowhere"])
    assert read(log, "general") == [1, 2]
    log.begin([])
    assert read(log, "general") == [1, 2]


def test_a_channel_that_a_reload_has_adopted_does_not_end(log: Log) -> None:
    append(log, "chess", *FOUNDED, "hello")
    log.adopt("chess")
    log.adopt("nowhere")
    log.end(["chess"])
    log.begin([])
    assert append(log, "chess", "hello", is_open=False) == [5]
    assert read(log, "chess") == [1, 2, 3, 4, 5]


def test_what_was_open_has_ended_at_the_next_start_be_it_the_configs_by_then(log: Log) -> None:
    append(log, "general", "hello", is_open=False)
    append(log, "chess", *FOUNDED, "hello")
    append(log, "go", "hello")
    log.begin(["general", "chess"])
    assert (read(log, "general"), read(log, "chess"), read(log, "go")) == ([1], [], [])
    assert append(log, "chess", "hello", is_open=False) == [5]
    log.end(["chess"])
    assert read(log, "chess") == [5]


def test_a_reader_that_reads_on_where_a_channel_has_ended_reads_nothing_of_another(log: Log) -> None:
    for number in range(200):
        append(log, "chess", f"hello {number}")
    reading = log.read_from("chess", 1)
    read_before = [next(reading).sequence for _ in range(3)]
    log.end(["chess"])
    settle(log)
    append(log, "go", "hello")
    assert read_before == [1, 2, 3]
    try:
        rest = {entry.channel for entry in reading}
    except LogError:
        rest = set()
    assert rest <= {"chess"}


def test_a_memory_log_has_its_bytes_back() -> None:
    log = MemoryLog(bytes_max=400)
    for _ in range(100):
        append(log, "chess", "hello")
        log.end(["chess"])
    assert log._bytes == 0
    assert log._oldest == []
    append(log, "go", "hello")
    assert read(log, "go") == [101]
    for _ in range(9):
        append(log, "chess", "hello")
    assert len(read(log, "chess") + read(log, "go")) == 3  # the oldest of all are forgotten as ever


_Move = st.tuples(st.sampled_from(["append", "append", "append", "end", "begin", "adopt"]), st.sampled_from("abc"))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=st.lists(_Move, max_size=25), data=st.data())
def test_logs_agree_on_what_there_is_whatever_begins_and_ends(
    moves: list[tuple[str, str]], data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("log") / "antechamber.db"
    memory = MemoryLog()
    durable = SqliteLog(path, tick_seconds=None)
    used: set[tuple[str, int]] = set()
    for move, channel in moves:
        match move:
            case "append":
                is_open = data.draw(st.booleans())
                events = ["hello"] * data.draw(st.integers(1, 3))
                fresh = append(memory, channel, *events, is_open=is_open)
                assert append(durable, channel, *events, is_open=is_open) == fresh
                assert not used & {(channel, number) for number in fresh}
                used |= {(channel, number) for number in fresh}
            case "end":
                memory.end([channel])
                durable.end([channel])
            case "adopt":
                memory.adopt(channel)
                durable.adopt(channel)
            case "begin":
                if data.draw(st.booleans()):  # killed, or ended
                    durable.close()
                    durable = SqliteLog(path, tick_seconds=None)
                memory.begin([channel])
                durable.begin([channel])
        if data.draw(st.booleans()):
            durable.maintenance.tick()
        for each in "abc":
            assert read(memory, each) == read(durable, each)
            assert memory.begins_after(each) == durable.begins_after(each)
    settle(durable)
    assert_agreeing(path)
    durable.close()


# What the file does


def test_the_table_of_one_that_has_ended_is_used_again(sqlite_log: SqliteLog, path: Path) -> None:
    for number in range(20):
        append(sqlite_log, f"chess{number}", *FOUNDED, "hello")
        sqlite_log.end([f"chess{number}"])
        settle(sqlite_log)
    assert tables(path) == ["turn_1"]
    append(sqlite_log, "general", "hello", is_open=False)
    append(sqlite_log, "go", "hello")
    assert tables(path) == ["turn_1", "turn_2"]
    assert_agreeing(path)


def test_a_table_is_used_again_only_once_nothing_is_in_it(sqlite_log: SqliteLog, path: Path) -> None:
    append(sqlite_log, "chess", "hello")
    sqlite_log.end(["chess"])
    append(sqlite_log, "chess", "hello")
    assert tables(path) == ["turn_1", "turn_2"]
    settle(sqlite_log)
    assert read(sqlite_log, "chess") == [2]


@pytest.mark.parametrize(
    ("opened", "left"),
    [(SPARES_KEPT, SPARES_KEPT), (SPARES_KEPT + 1, SPARES_KEPT), (SPARES_KEPT + DROPS_A_TICK + 1, SPARES_KEPT)],
)
def test_as_many_empty_tables_are_kept_as_may_soon_be_needed(
    sqlite_log: SqliteLog, path: Path, opened: int, left: int
) -> None:
    names = [f"chess{number}" for number in range(opened)]
    for name in names:
        append(sqlite_log, name, "hello")
    sqlite_log.end(names)
    assert len(tables(path)) == opened
    settle(sqlite_log)
    assert len(tables(path)) == left


def test_nothing_of_it_stays_in_the_file(sqlite_log: SqliteLog, path: Path) -> None:
    append(sqlite_log, "general", "hello", is_open=False)
    key = ModesSet("Mary", (ModeChange("+k", "opensesame"),))
    append(sqlite_log, "chess", *FOUNDED, key, TopicSet("Mary", "zugzwang"), "a fianchetto")
    sqlite_log.keep_snapshot("chess", Snapshot(6, b'{"key":"opensesame"}'))
    settle(sqlite_log)
    assert indexed(path, "fianchetto") == [(2, 6)]
    sqlite_log.end(["chess"])
    settle(sqlite_log)
    assert indexed(path, "fianchetto") == []
    content = b"".join(each.read_bytes() for each in path.parent.iterdir()).lower()
    for word in (b"opensesame", b"zugzwang", b"fianchetto"):
        assert word not in content
    assert_agreeing(path)


def test_more_than_a_tick_may_do_is_done_in_several(sqlite_log: SqliteLog, path: Path) -> None:
    for _ in range(3):
        append(sqlite_log, "chess", *["hello"] * ENTRIES_A_STEP)
    settle(sqlite_log)
    sqlite_log.end(["chess"])
    assert sqlite_log.maintenance.forgetting.forget_some(ENTRIES_A_STEP * 2) == ENTRIES_A_STEP * 2
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM turn_1").fetchone() == (1,)
        assert connection.execute("SELECT forgotten FROM ended").fetchone() == (ENTRIES_A_STEP * 2,)
    settle(sqlite_log)
    assert_agreeing(path)
    append(sqlite_log, "go", "hello")
    assert tables(path) == ["turn_1"]


@pytest.mark.parametrize("steps_done", range(8))
def test_killed_at_any_instant_it_ends_all_the_same(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps_done: int
) -> None:
    """After each transaction of the maintenance, the files as they are then are what the next server finds."""
    log = SqliteLog(path, tick_seconds=None)
    append(log, "general", "hello", is_open=False)
    for _ in range(2):
        append(log, "chess", *["hello"] * ENTRIES_A_STEP)
    settle(log)
    copy = tmp_path / "left" / path.name
    copy.parent.mkdir()
    count = 0
    step = FileAccess.step

    def watched(self: FileAccess) -> Iterator[sqlite3.Connection]:
        nonlocal count
        if count == steps_done:
            for name in (path.name, f"{path.name}-wal"):
                shutil.copy(path.with_name(name), copy.parent)
        count += 1
        return step(self)  # type: ignore[return-value]

    monkeypatch.setattr(FileAccess, "step", watched)
    log.end(["chess"])
    settle(log)
    if count <= steps_done:
        for name in (path.name, f"{path.name}-wal"):
            shutil.copy(path.with_name(name), copy.parent)
    monkeypatch.undo()
    log.close()

    left = SqliteLog(copy, tick_seconds=None)
    left.begin(["general"])
    assert (read(left, "chess"), read(left, "general")) == ([], [1])
    assert left.begins_after("chess") == 2 * ENTRIES_A_STEP
    settle(left)
    assert_agreeing(copy)
    append(left, "go", "hello")
    assert tables(copy) == ["turn_1", "turn_2"]
    left.close()


def test_a_server_that_is_killed_while_it_is_open_leaves_nothing_of_it(path: Path, tmp_path: Path) -> None:
    log = SqliteLog(path, tick_seconds=None)
    append(log, "chess", *FOUNDED, "hello")
    copy = tmp_path / "left" / path.name
    copy.parent.mkdir()
    for name in (path.name, f"{path.name}-wal"):
        shutil.copy(path.with_name(name), copy.parent)
    log.close()
    left = SqliteLog(copy, tick_seconds=None)
    left.begin([])
    assert read(left, "chess") == []
    left.close()


def test_closing_does_not_wait_for_what_is_to_be_deleted(sqlite_log: SqliteLog) -> None:
    append(sqlite_log, "chess", "hello")
    sqlite_log.end(["chess"])
    sqlite_log.maintenance._access.closing.set()
    assert sqlite_log.maintenance.forgetting.forget_some() == 0


def test_a_table_is_not_free_as_long_as_anything_is_in_it(sqlite_log: SqliteLog) -> None:
    append(sqlite_log, "chess", "hello")
    sqlite_log.end(["chess"])  # perhaps just after the maintenance has looked what has ended
    assert sqlite_log.maintenance.forgetting._free_tables() == 0


def test_closing_does_not_wait_for_a_table_to_be_free(sqlite_log: SqliteLog, path: Path) -> None:
    append(sqlite_log, "chess", "hello")
    sqlite_log.end(["chess"])
    sqlite_log._connection.execute("DELETE FROM turn_1")
    sqlite_log.maintenance._access.closing.set()
    assert sqlite_log.maintenance.forgetting.forget_some() == 0
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM ended").fetchone() == (1,)


def test_what_the_file_cannot_take_in_is_told_in_words_and_changes_nothing(sqlite_log: SqliteLog) -> None:
    append(sqlite_log, "chess", "hello")
    sqlite_log._connection.execute("ALTER TABLE ended RENAME TO elsewhere")
    with pytest.raises(LogError, match="no such table"):
        sqlite_log.end(["chess"])
    with pytest.raises(LogError, match="no such table"):
        sqlite_log.begin([])
    assert read(sqlite_log, "chess") == [1]
    sqlite_log._connection.execute("ALTER TABLE elsewhere RENAME TO ended")
    sqlite_log.end(["chess"])
    assert read(sqlite_log, "chess") == []
    sqlite_log._connection.execute("DROP TABLE identity")
    with pytest.raises(LogError, match="no such table: identity"):
        sqlite_log.begins_after("chess")


def test_a_founding_that_fails_leaves_no_table(sqlite_log: SqliteLog, path: Path) -> None:
    append(sqlite_log, "general", "hello", is_open=False)
    batches = [Batch("general", 2, 2, 1.5, b"x"), Batch("chess", 1, 1, 1.5, cast(bytes, None), is_open=True)]
    with pytest.raises(LogError):
        sqlite_log.append(batches)
    assert tables(path) == ["turn_1"]
    assert append(sqlite_log, "chess", "hello") == [1]
    assert (read(sqlite_log, "chess"), read(sqlite_log, "general")) == ([1], [1])


def test_a_turn_of_it_that_is_damaged_goes_as_well(sqlite_log: SqliteLog, path: Path) -> None:
    append(sqlite_log, "chess", "hello")
    sqlite_log._connection.execute("UPDATE turn_1 SET lines = x'00'")
    sqlite_log.end(["chess"])
    settle(sqlite_log)
    append(sqlite_log, "chess", "hello")
    assert tables(path) == ["turn_1"]
    assert read(sqlite_log, "chess") == [2]


def test_history_knows_nothing_of_it(sqlite_log: SqliteLog, path: Path) -> None:
    append(sqlite_log, "general", "hello", is_open=False)
    append(sqlite_log, "chess", "hello")
    reader = LogReader(path)
    assert reader.channels() == ["general", "chess"]
    sqlite_log.end(["chess"])
    assert reader.channels() == ["general"]
    with pytest.raises(LogError, match="has no channel chess"):
        reader.latest("chess", 9)
    reader.close()


@pytest.mark.parametrize("table", ["ended", "spare"])
def test_a_file_without_a_table_that_is_to_be_there_is_refused(path: Path, table: str) -> None:
    log = SqliteLog(path, tick_seconds=None)
    append(log, "chess", "hello")
    log.end(["chess"])
    if table == "spare":
        settle(log)
    log.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE turn_1")
    with pytest.raises(LogError, match="it has no table turn_1"):
        SqliteLog(path, tick_seconds=None)


def test_retention_of_others_goes_on_beside_it(sqlite_log: SqliteLog, path: Path) -> None:
    append(sqlite_log, "chess", "hello")
    for _ in range(3):
        append(sqlite_log, "general", "hello", is_open=False)
    sqlite_log.keep_snapshot("general", Snapshot(3, b"{}"))
    sqlite_log.retain("general", Retention(entries_max=1))
    sqlite_log.end(["chess"])
    settle(sqlite_log)
    assert (read(sqlite_log, "general"), read(sqlite_log, "chess")) == ([3], [])
    assert_agreeing(path)
