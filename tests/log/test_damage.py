"""A file that is damaged anywhere gives what it can or says so in words, and is never written over at the start."""

import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from antechamber.log import LogError, Snapshot
from antechamber.log.damage import REMEDY
from antechamber.log.reader import LogReader
from antechamber.log.schema import PAGE_BYTES
from antechamber.log.sqlite import SqliteLog
from antechamber.protocol.events import Said
from antechamber.protocol.limits import Retention
from tests.log.conftest import Turns
from tests.log.looking import settle

CHANNELS = ("Gaming", "Movies", "Music")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A log of three channels, some of it forgotten, some of it not indexed."""
    path = tmp_path_factory.mktemp("whole") / "antechamber.db"
    log, turns = SqliteLog(path, tick_seconds=None), Turns()
    for number in range(90):
        log.append([turns.batch(CHANNELS[number % 3], f"hello {number}", "and " * (number % 7) * 20)])
        if number == 60:
            for channel in CHANNELS:
                log.keep_snapshot(channel, Snapshot(log.last_sequence(channel), b"state" * 900))
            log.retain("Music", Retention(entries_max=30))
            settle(log)
    log.close()
    return path.read_bytes()


def place(path: Path, content: bytes) -> None:
    """Write this file, and remove what is beside it."""
    for each in path.parent.iterdir():
        each.unlink()
    path.write_bytes(content)


def tried(path: Path, attempt: Callable[[], object]) -> bool:
    """Return whether the attempt succeeds; where it does not, it has to say so in a LogError that names the file."""
    try:
        attempt()
    except LogError as error:
        assert str(path) in str(error)
        return False
    return True


def read(path: Path) -> Iterator[bool]:
    """Read all of the log as `antechamber history` does, and tell of each part whether that was possible."""
    try:
        reader = LogReader(path)
    except LogError as error:
        assert str(path) in str(error)
        yield False
        return
    for channel in CHANNELS:
        yield tried(path, partial(reader.latest, channel, 1_000, chat_only=False))
        yield tried(path, partial(reader.search, channel, "hello", 1_000))
    reader.close()


def read_in_order(log: SqliteLog, channel: str) -> None:
    last = log.last_sequence(channel)
    sequences = [entry.sequence for entry in log.read_from(channel, 1)]
    assert sequences == list(range(last + 1 - len(sequences), last + 1))


def keep_one_more(log: SqliteLog, turns: Turns, channel: str) -> None:
    last = log.last_sequence(channel) + 1
    log.append([turns.batch(channel, "hello")._replace(first=last, last=last)])


def use(path: Path) -> Iterator[bool]:
    """Use the log as a server does, and tell of each part whether that was possible."""
    before = {each: each.read_bytes() for each in path.parent.iterdir()}
    try:
        log = SqliteLog(path, tick_seconds=None)
    except LogError as error:
        assert str(path) in str(error)
        assert {each: each.read_bytes() for each in path.parent.iterdir()} == before
        yield False
        return
    turns = Turns()
    yield tried(path, log.secret)
    for channel in CHANNELS:
        yield tried(path, partial(read_in_order, log, channel))
        yield tried(path, partial(log.snapshot, channel))
        yield tried(path, partial(keep_one_more, log, turns, channel))
        yield tried(path, partial(log.keep_snapshot, channel, Snapshot(50, b"state")))
        log.retain(channel, Retention(1.0, 10))
    settle(log)
    with suppress(LogError):
        log.close()


def test_a_log_that_is_whole_is_read_and_used(path: Path, whole: bytes) -> None:
    place(path, whole)

    assert all(read(path))
    assert all(use(path))


@pytest.mark.parametrize("content", [bytes(PAGE_BYTES), b"garbage " * (PAGE_BYTES // 8)])
def test_a_page_of_garbage_anywhere_is_told_of_in_words(path: Path, whole: bytes, content: bytes) -> None:
    for begin in range(0, len(whole), PAGE_BYTES):
        place(path, whole[:begin] + content + whole[begin + PAGE_BYTES :])
        damage_found = not all([*read(path), *use(path)])
        assert damage_found or begin > 0


def test_bytes_that_changed_anywhere_are_told_of_in_words_or_do_no_harm(path: Path, whole: bytes) -> None:
    chance = random.Random(20_261_122)
    for _ in range(40):
        damaged = bytearray(whole)
        for _ in range(chance.choice([1, 1, 3, 40])):
            damaged[chance.randrange(len(whole))] = chance.randrange(256)
        place(path, bytes(damaged))
        list(read(path))
        list(use(path))


def test_a_row_whose_json_is_broken_is_told_of_and_those_beside_it_are_read(
    path: Path, sqlite_log: SqliteLog, turns: Turns
) -> None:
    for text in ("one", "two", "three"):
        sqlite_log.append([turns.batch("Gaming", text)])
    sqlite_log._connection.execute("UPDATE turn_1 SET lines = substr(lines, 1, 20) WHERE last = 2")
    reader = LogReader(path)
    words = f"^The log {path} is damaged near entry 2: {REMEDY}.$"

    with pytest.raises(LogError, match=words):
        list(sqlite_log.read_from("Gaming", 1))
    with pytest.raises(LogError, match=words):
        reader.latest("Gaming", 10)
    assert [kept.entry.sequence for kept in reader.latest("Gaming", 1)] == [3]
    assert [entry.sequence for entry in sqlite_log.read_from("Gaming", 3)] == [3]
    reader.close()


@pytest.mark.parametrize("content", ["NULL", "7", "'text'", "x''", "x'0a'"])
def test_a_row_with_something_else_in_the_place_of_its_lines_is_damaged(
    path: Path, sqlite_log: SqliteLog, turns: Turns, content: str
) -> None:
    sqlite_log.append([turns.batch("Gaming", "hello")])
    sqlite_log.maintenance.index.add_some()
    connection = sqlite_log._connection
    connection.execute("ALTER TABLE turn_1 RENAME TO old")
    connection.execute("CREATE TABLE turn_1 (last INTEGER PRIMARY KEY, time REAL, lines)")
    connection.execute(f"INSERT INTO turn_1 SELECT last, time, {content} FROM old")
    reader = LogReader(path)

    for attempt in (
        lambda: list(sqlite_log.read_from("Gaming", 1)),
        lambda: reader.search("Gaming", "hello", 10),
        lambda: reader.latest("Gaming", 10),
    ):
        with pytest.raises(LogError, match="is damaged near entry 1"):
            attempt()
    reader.close()


def test_a_turn_that_is_missing_among_others_is_damage(sqlite_log: SqliteLog, turns: Turns) -> None:
    for text in ("one", "two", "three"):
        sqlite_log.append([turns.batch("Gaming", text)])
    sqlite_log._connection.execute("DELETE FROM turn_1 WHERE last = 2")

    with pytest.raises(LogError, match="is damaged near entry 2"):
        list(sqlite_log.read_from("Gaming", 1))
    assert [entry.event for entry in sqlite_log.read_from("Gaming", 3)] == [Said("Mary", "three")]


def test_turns_that_are_missing_before_the_snapshot_are_damage(sqlite_log: SqliteLog, turns: Turns) -> None:
    sqlite_log.append([turns.batch("Gaming", "one"), turns.batch("Gaming", "two")])
    sqlite_log.keep_snapshot("Gaming", Snapshot(2, b"state"))
    sqlite_log._connection.execute("DELETE FROM turn_1 WHERE last = 2")

    with pytest.raises(LogError, match="is damaged near entry 2"):
        list(sqlite_log.read_from("Gaming", 1))
    assert list(sqlite_log.read_from("Gaming", 3)) == []


@pytest.mark.parametrize("content", ["sequence = 'text'", "state = 7"])
def test_a_snapshot_that_cannot_be_read_is_damage(path: Path, sqlite_log: SqliteLog, content: str) -> None:
    sqlite_log.keep_snapshot("Gaming", Snapshot(2, b"state"))
    sqlite_log._connection.execute(f"UPDATE snapshot SET {content}")

    with pytest.raises(
        LogError, match=f"^The log {path} is damaged .the snapshot of the channel Gaming cannot be read.: "
    ):
        sqlite_log.snapshot("Gaming")


def test_a_channel_whose_marks_are_none_is_damage_to_a_reader(path: Path, sqlite_log: SqliteLog, turns: Turns) -> None:
    sqlite_log.append([turns.batch("Gaming", "one"), turns.batch("Movies", "one")])
    sqlite_log._connection.execute("UPDATE channel SET indexed = 'much' WHERE name = 'Gaming'")
    reader = LogReader(path)

    with pytest.raises(LogError, match="does not say how far the channel Gaming is"):
        reader.latest("Gaming", 10)
    assert len(reader.latest("Movies", 10)) == 1
    reader.close()


def test_a_turn_of_the_index_that_is_not_there_is_damage_to_a_reader(
    path: Path, sqlite_log: SqliteLog, turns: Turns
) -> None:
    for text in ("hello", "there", "hello"):
        sqlite_log.append([turns.batch("Gaming", text)])
    sqlite_log.maintenance.index.add_some()
    sqlite_log._connection.execute("DELETE FROM turn_1 WHERE last = 2")
    reader = LogReader(path)

    assert len(reader.search("Gaming", "hello", 10)) == 2
    with pytest.raises(LogError, match="is damaged near entry 2"):
        reader.search("Gaming", "there", 10)
    reader.close()
