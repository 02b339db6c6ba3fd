"""Reading a log from outside its server: history and search."""

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from antechamber.log import LogError, schema, unindexed_search
from antechamber.log import reader as reading
from antechamber.log.reader import ALWAYS, LogReader, Span
from antechamber.log.search_query import SearchError
from antechamber.log.sqlite import SqliteLog
from antechamber.log.stored_turn import StoredTurn
from antechamber.protocol.events import Queued, Said

if TYPE_CHECKING:
    from tests.log.conftest import Turns


@pytest.fixture
def reader(path: Path, sqlite_log: SqliteLog) -> Iterator[LogReader]:
    reader = LogReader(path)
    yield reader
    reader.close()


def numbers(found: list[StoredTurn]) -> list[int]:
    return [kept.entry.sequence for kept in found]


def index_all(log: SqliteLog) -> None:
    while log.maintenance.index.add_some():
        pass


def test_the_channels_are_named_in_the_order_of_their_first_entries(
    sqlite_log: SqliteLog, reader: LogReader, turns: "Turns"
) -> None:
    assert reader.channels() == []
    sqlite_log.append([turns.batch("Movies", "hello"), turns.batch("Gaming", "hello")])

    assert reader.channels() == ["Movies", "Gaming"]


def test_the_latest_messages_come_oldest_first(sqlite_log: SqliteLog, reader: LogReader, turns: "Turns") -> None:
    sqlite_log.append([turns.batch("Gaming", "one", "two", Queued("John"), "three")])
    sqlite_log.append([turns.batch("Gaming", "four"), turns.batch("Movies", "other")])

    assert numbers(reader.latest("Gaming", 3)) == [2, 4, 5]
    assert numbers(reader.latest("Gaming", 100)) == [1, 2, 4, 5]
    assert numbers(reader.latest("Gaming", 3, chat_only=False)) == [3, 4, 5]


def test_a_message_comes_with_its_line_as_it_was_kept(sqlite_log: SqliteLog, reader: LogReader, turns: "Turns") -> None:
    batch = turns.batch("Gaming", "one", "two\u2028line separator\x85")
    sqlite_log.append([batch])

    found = reader.latest("Gaming", 2)
    assert [kept.entry for kept in found] == turns.entries["Gaming"]
    assert b"".join(kept.line + b"\n" for kept in found) == batch.lines


@pytest.mark.parametrize("search", [None, "hello"])
@pytest.mark.parametrize("is_indexed", [False, True])
def test_a_span_has_its_start_but_not_its_end(
    sqlite_log: SqliteLog, reader: LogReader, turns: "Turns", search: str | None, is_indexed: bool
) -> None:
    for time in (10.0, 20.0, 30.0, 40.0):
        sqlite_log.append([turns.batch("Gaming", "hello", "hello", time=time)])
    if is_indexed:
        index_all(sqlite_log)

    def within(span: Span) -> list[int]:
        return numbers(reader.search("Gaming", search, 100, span) if search else reader.latest("Gaming", 100, span))

    assert within(Span(20.0, 40.0)) == [3, 4, 5, 6]
    assert within(Span(since=20.1)) == [5, 6, 7, 8]
    assert within(Span(until=10.1)) == [1, 2]
    assert within(Span(until=10.0)) == []
    assert within(Span(since=40.1)) == []
    assert within(ALWAYS) == [1, 2, 3, 4, 5, 6, 7, 8]


@pytest.mark.parametrize("search", [None, "hello"])
def test_a_span_is_exact_where_the_clock_was_set_back(
    sqlite_log: SqliteLog, reader: LogReader, turns: "Turns", search: str | None
) -> None:
    for time in (10.0, 30.0, 20.0, 40.0, 20.5):
        sqlite_log.append([turns.batch("Gaming", "hello", time=time)])
    index_all(sqlite_log)

    span = Span(20.0, 30.0)
    assert numbers(reader.search("Gaming", search, 9, span) if search else reader.latest("Gaming", 9, span)) == [3, 5]


@pytest.mark.parametrize("entries_indexed", range(8))
def test_a_search_finds_what_is_indexed_and_what_is_not_yet(
    sqlite_log: SqliteLog, reader: LogReader, turns: "Turns", entries_indexed: int
) -> None:
    sqlite_log.append([turns.batch("Gaming", "hello Mary", "nothing", "Hello there", Queued("hello"))])
    sqlite_log.append([turns.batch("Gaming", "hallo"), turns.batch("Movies", "hello")])
    sqlite_log.append([turns.batch("Gaming", "oh, HÉLLO!")])
    if entries_indexed:
        sqlite_log.maintenance.index.add_some(entries_indexed)

    assert numbers(reader.search("Gaming", "hello", 100)) == [1, 3, 6]
    assert numbers(reader.search("Gaming", "hello", 2)) == [3, 6]
    assert numbers(reader.search("Gaming", "hello mary", 100)) == [1]
    assert numbers(reader.search("Gaming", "h*", 100)) == [1, 3, 5, 6]
    assert numbers(reader.search("Movies", "hello", 100)) == [1]
    assert numbers(reader.search("Movies", "nothing", 100)) == []


def test_a_search_looks_through_a_long_rest_in_parts(
    sqlite_log: SqliteLog, reader: LogReader, turns: "Turns", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unindexed_search, "_ENTRIES_A_CHUNK", 3)
    sqlite_log.append([turns.batch("Gaming", *(f"hello {number % 4}" for number in range(20)))])

    assert numbers(reader.search("Gaming", "hello 1", 100)) == [2, 6, 10, 14, 18]
    assert numbers(reader.search("Gaming", "hello 1", 2)) == [14, 18]


def test_a_search_finds_the_lines_of_many_turns(sqlite_log: SqliteLog, reader: LogReader, turns: "Turns") -> None:
    for number in range(5):
        sqlite_log.append([turns.batch("Gaming", "hello", f"hello {number}", "hello")])
    index_all(sqlite_log)

    found = reader.search("Gaming", "hello", 100)
    assert [kept.entry for kept in found] == turns.entries["Gaming"]


def test_a_search_sees_one_moment_while_the_log_goes_on(
    sqlite_log: SqliteLog, reader: LogReader, turns: "Turns", monkeypatch: pytest.MonkeyPatch
) -> None:
    sqlite_log.append([turns.batch("Gaming", "hello", "hello")])

    def overtaken(kept: Iterator[StoredTurn], expression: str) -> Iterator[StoredTurn]:
        sqlite_log.append([turns.batch("Gaming", "hello")])
        index_all(sqlite_log)
        return unindexed_search.matching(kept, expression)

    with monkeypatch.context() as patch:
        patch.setattr(reading, "matching", overtaken)
        assert numbers(reader.search("Gaming", "hello", 100)) == [1, 2]
    assert numbers(reader.search("Gaming", "hello", 100)) == [1, 2, 3]


def test_a_search_without_words_is_an_error(reader: LogReader) -> None:
    with pytest.raises(SearchError):
        reader.search("Gaming", "!", 100)


def test_an_unknown_channel_is_an_error(reader: LogReader) -> None:
    with pytest.raises(LogError, match="has no channel Gaming"):
        reader.latest("Gaming", 100)
    with pytest.raises(LogError, match="has no channel Gaming"):
        reader.search("Gaming", "hello", 100)


def test_a_reader_writes_nothing(sqlite_log: SqliteLog, reader: LogReader) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader._connection.execute("DELETE FROM channel")


def test_a_reader_in_the_middle_of_its_reading_does_not_hold_the_writer_up(
    sqlite_log: SqliteLog, reader: LogReader, turns: "Turns"
) -> None:
    sqlite_log.append([turns.batch("Gaming", "one")])
    with reader._as_it_stands():
        assert reader.channels() == ["Gaming"]
        sqlite_log.append([turns.batch("Gaming", "two"), turns.batch("Movies", "one")])
        assert reader.channels() == ["Gaming"]

    assert numbers(reader.latest("Gaming", 100)) == [1, 2]


def test_a_closed_log_is_read(path: Path, turns: "Turns") -> None:
    log = SqliteLog(path, tick_seconds=None)
    log.append([turns.batch("Gaming", "hello")])
    log.close()

    reader = LogReader(path)
    assert numbers(reader.search("Gaming", "hello", 100)) == [1]
    reader.close()
    SqliteLog(path, tick_seconds=None).close()


class UnwritableFolder:
    """Opens files as SQLite does where this process may not write the folder."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.options: list[str] = []
        monkeypatch.setattr(reading, "connect", self.connect)

    def connect(self, path: str, options: str) -> sqlite3.Connection:
        self.options.append(options)
        if "immutable" not in options:
            error = sqlite3.OperationalError("attempt to write a readonly database")
            error.sqlite_errorcode = sqlite3.SQLITE_READONLY_DIRECTORY
            raise error
        return schema.connect(path, options)


def test_a_closed_log_in_an_unwritable_folder_is_read(
    path: Path, turns: "Turns", monkeypatch: pytest.MonkeyPatch
) -> None:
    log = SqliteLog(path, tick_seconds=None)
    log.append([turns.batch("Gaming", "hello")])
    log.close()
    folder = UnwritableFolder(monkeypatch)

    reader = LogReader(path)
    assert numbers(reader.latest("Gaming", 100)) == [1]
    assert folder.options == ["mode=ro", "mode=ro&immutable=1"]
    reader.close()


def test_an_open_log_is_never_read_as_if_nobody_changed_it(
    path: Path, sqlite_log: SqliteLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = UnwritableFolder(monkeypatch)

    with pytest.raises(LogError, match="cannot be used"):
        LogReader(path)
    assert folder.options == ["mode=ro"]


def test_a_log_that_is_not_there_is_an_error(path: Path) -> None:
    with pytest.raises(LogError, match=f"There is no log at {path}"):
        LogReader(path)
    assert not os.path.exists(path)


def test_a_folder_is_no_log(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="There is no log at"):
        LogReader(tmp_path)


def test_a_file_that_is_not_sqlite_is_no_log(path: Path) -> None:
    path.write_bytes(b"hello")

    with pytest.raises(LogError, match="it is not an antechamber log"):
        LogReader(path)


def test_an_empty_file_is_no_log_yet(path: Path) -> None:
    path.touch()

    with pytest.raises(LogError, match="is empty"):
        LogReader(path)


def test_a_log_of_an_older_version_asks_for_a_start_of_the_server(path: Path) -> None:
    SqliteLog(path, tick_seconds=None).close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 1")
    connection.close()

    with pytest.raises(LogError, match="written by an older antechamber: start this one's server on it once"):
        LogReader(path)


def test_a_damaged_turn_is_an_error(path: Path, sqlite_log: SqliteLog, reader: LogReader, turns: "Turns") -> None:
    sqlite_log.append([turns.batch("Gaming", "hello")])
    sqlite_log._connection.execute("UPDATE turn_1 SET lines = 'garbage'")

    with pytest.raises(LogError, match="is damaged near entry 1"):
        reader.latest("Gaming", 1)


def test_trouble_while_reading_is_said_in_words(sqlite_log: SqliteLog, reader: LogReader, turns: "Turns") -> None:
    sqlite_log.append([turns.batch("Gaming", "hello")])
    sqlite_log._connection.execute("DROP TABLE turn_1")

    with pytest.raises(LogError, match=r"it is damaged .no such table: turn_1"):
        reader.latest("Gaming", 1)


def test_what_was_said_is_found_by_what_any_event_said(
    sqlite_log: SqliteLog, reader: LogReader, turns: "Turns"
) -> None:
    sqlite_log.append([turns.batch("Gaming", Said("hello", "other words"), Said("Mary", "hello"))])

    assert numbers(reader.search("Gaming", "hello", 100)) == [2]
