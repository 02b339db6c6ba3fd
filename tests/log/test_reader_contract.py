"""What every log's reader does: the past by pages, while the log is appended to, indexed, and forgotten of."""

import threading
from collections.abc import Iterator
from functools import partial
from itertools import count
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from antechamber.log import Batch, Log, LogError, Page, Reader, Snapshot, memory, unindexed_search
from antechamber.log.search_query import WORDS_MAX, SearchError
from antechamber.log.sqlite import SqliteLog
from antechamber.protocol.events import Entry, Queued, Said, encode_lines
from antechamber.protocol.limits import SEQUENCE_MAX, Retention
from tests.log.looking import settle
from tests.log.paged import PLENTY, damage, fill, numbers

if TYPE_CHECKING:
    from tests.log.conftest import Turns, Wall

SECONDS_MAX = 30
_names = count(1)


@pytest.fixture
def reader(log: Log) -> Iterator[Reader]:
    reader = log.reader()
    yield reader
    reader.close()


def test_a_channel_that_the_log_does_not_know_has_no_past(log: Log, reader: Reader, turns: "Turns") -> None:
    log.append([turns.batch("Movies", "one")])
    for page in (
        reader.before("Gaming", 0, 10, PLENTY),
        reader.after("Gaming", 0, 10, PLENTY),
        reader.find("Gaming", "one", 0, 10, PLENTY),
    ):
        assert numbers(page) == ([], False)


def test_entries_of_all_kinds_come_as_they_were_kept(log: Log, reader: Reader, turns: "Turns") -> None:
    log.append([turns.batch("Gaming", Queued("Zoë"), "two\u2028lines", Said("Zoë", "日本語\n🎉", id="7"))])
    for page in (reader.before("Gaming", 0, 10, PLENTY), reader.after("Gaming", 0, 10, PLENTY)):
        assert page == Page(turns.entries["Gaming"], False)


@pytest.mark.parametrize(
    ("before", "limit", "expected"),
    [
        (0, 2, ([5, 6], True)),
        (0, 6, ([1, 2, 3, 4, 5, 6], False)),
        (0, 5, ([2, 3, 4, 5, 6], True)),
        (6, 2, ([4, 5], True)),
        (5, 100, ([1, 2, 3, 4], False)),
        (3, 1, ([2], True)),
        (2, 1, ([1], False)),
        (1, 1, ([], False)),
        (7, 2, ([5, 6], True)),
        (SEQUENCE_MAX, 2, ([5, 6], True)),
    ],
)
def test_the_last_ones_before_an_entry(
    log: Log, reader: Reader, turns: "Turns", before: int, limit: int, expected: tuple[list[int], bool]
) -> None:
    fill(log, turns, 3, 1, 2)
    assert numbers(reader.before("Gaming", before, limit, PLENTY)) == expected


@pytest.mark.parametrize(
    ("after", "limit", "expected"),
    [
        (0, 2, ([1, 2], True)),
        (0, 6, ([1, 2, 3, 4, 5, 6], False)),
        (2, 3, ([3, 4, 5], True)),
        (3, 3, ([4, 5, 6], False)),
        (5, 1, ([6], False)),
        (6, 1, ([], False)),
        (SEQUENCE_MAX, 1, ([], False)),
    ],
)
def test_the_first_ones_after_an_entry(
    log: Log, reader: Reader, turns: "Turns", after: int, limit: int, expected: tuple[list[int], bool]
) -> None:
    fill(log, turns, 3, 1, 2)
    assert numbers(reader.after("Gaming", after, limit, PLENTY)) == expected


@pytest.mark.parametrize("is_settled", [False, True])
def test_a_search_finds_the_last_ones_before_an_entry(
    log: Log, reader: Reader, turns: "Turns", is_settled: bool
) -> None:
    log.append([turns.batch("Gaming", "hello Mary", "nothing", "Hello there", Queued("hello"))])
    log.append([turns.batch("Gaming", "hallo"), turns.batch("Movies", "hello")])
    log.append([turns.batch("Gaming", "oh, HÉLLO!")])
    if is_settled:
        settle(log)

    assert numbers(reader.find("Gaming", "hello", 0, 10, PLENTY)) == ([1, 3, 6], False)
    assert numbers(reader.find("Gaming", "hello", 0, 2, PLENTY)) == ([3, 6], True)
    assert numbers(reader.find("Gaming", "hello", 6, 2, PLENTY)) == ([1, 3], False)
    assert numbers(reader.find("Gaming", "hello", 3, 2, PLENTY)) == ([1], False)
    assert numbers(reader.find("Gaming", "hello", 1, 2, PLENTY)) == ([], False)
    assert numbers(reader.find("Gaming", "hello", SEQUENCE_MAX, 1, PLENTY)) == ([6], True)
    assert numbers(reader.find("Gaming", "h* mary", 0, 10, PLENTY)) == ([1], False)
    assert numbers(reader.find("Gaming", "elsewhere", 0, 10, PLENTY)) == ([], False)


def test_a_search_goes_from_what_is_not_indexed_on_to_what_is(
    log: Log, reader: Reader, turns: "Turns", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unindexed_search, "_ENTRIES_A_CHUNK", 3)
    fill(log, turns, 4)
    settle(log)
    fill(log, turns, 5, 4)

    assert numbers(reader.find("Gaming", "hello", 0, 13, PLENTY)) == (list(range(1, 14)), False)
    assert numbers(reader.find("Gaming", "hello", 8, 5, PLENTY)) == ([3, 4, 5, 6, 7], True)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=60)
@given(
    texts=st.lists(st.text('aAbBéÉe\u0301kK\u212aıİiI12 -_"\\\n*日本', max_size=6), min_size=1, max_size=8),
    words=st.text('aAbBéÉe\u0301kK\u212aıİiI12 -"*日', min_size=1, max_size=4),
)
def test_a_search_finds_the_same_in_every_log(sqlite_log: SqliteLog, texts: list[str], words: str) -> None:
    channel, in_memory = f"c{next(_names)}", memory.MemoryLog()
    for sequence, text in enumerate(texts, 1):
        lines = bytes(encode_lines([Entry(channel, sequence, 1.5, Said("Mary", text))]))
        for log in (sqlite_log, in_memory):
            log.append([Batch(channel, sequence, sequence, 1.5, lines)])
    readers = (sqlite_log.reader(), in_memory.reader())
    pages: list[Page | str] = []
    for reader in readers:
        try:
            pages.append(reader.find(channel, words, 0, 5, PLENTY))
        except SearchError as error:
            pages.append(str(error))
        reader.close()
    assert pages[0] == pages[1]


@pytest.mark.parametrize("words", ["", "!?", " ".join("a" * (WORDS_MAX + 1))])
def test_a_search_without_a_word_or_with_too_many_is_an_error(log: Log, reader: Reader, words: str) -> None:
    with pytest.raises(SearchError):
        reader.find("Gaming", words, 0, 10, PLENTY)


def line_bytes(entry: Entry) -> int:
    return len(encode_lines([entry]))


def test_a_page_has_no_more_bytes_than_it_may(log: Log, reader: Reader, turns: "Turns") -> None:
    log.append([turns.batch("Gaming", *(f"hello {'x' * number}" for number in range(6)))])
    sizes = list(map(line_bytes, turns.entries["Gaming"]))

    assert numbers(reader.before("Gaming", 0, 9, sum(sizes[3:]))) == ([4, 5, 6], True)
    assert numbers(reader.before("Gaming", 0, 9, sum(sizes[3:]) - 1)) == ([5, 6], True)
    assert numbers(reader.after("Gaming", 0, 9, sum(sizes[:3]))) == ([1, 2, 3], True)
    assert numbers(reader.after("Gaming", 0, 9, sum(sizes[:3]) - 1)) == ([1, 2], True)
    assert numbers(reader.find("Gaming", "hello", 0, 9, sum(sizes[3:]) - 1)) == ([5, 6], True)
    assert numbers(reader.before("Gaming", 0, 9, sum(sizes))) == ([1, 2, 3, 4, 5, 6], False)


def test_a_page_has_one_entry_at_least_however_long_it_is(log: Log, reader: Reader, turns: "Turns") -> None:
    fill(log, turns, 3)
    assert numbers(reader.before("Gaming", 0, 9, 1)) == ([3], True)
    assert numbers(reader.after("Gaming", 0, 9, 1)) == ([1], True)
    assert numbers(reader.find("Gaming", "hello", 2, 9, 1)) == ([1], False)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=40)
@given(sizes=st.lists(st.integers(1, 70), max_size=6), limit=st.integers(1, 90))
def test_page_by_page_everything_is_read_once(log: Log, sizes: list[int], limit: int) -> None:
    channel, kept = f"c{next(_names)}", list[Entry]()
    for size in sizes:
        turn = [Entry(channel, len(kept) + 1 + index, 1.5, Said("Mary", "hello")) for index in range(size)]
        log.append([Batch(channel, turn[0].sequence, turn[-1].sequence, 1.5, bytes(encode_lines(turn)))])
        kept += turn
    reader = log.reader()

    forth, back, found = list[Entry](), list[Entry](), list[Entry]()
    pages, more = 0, True
    while more:
        page, more = reader.after(channel, forth[-1].sequence if forth else 0, limit, PLENTY)
        forth += page
        pages += 1
    assert (forth, pages) == (kept, max(1, -(-len(kept) // limit)))
    for read, ask in ((back, partial(reader.before, channel)), (found, partial(reader.find, channel, "hello"))):
        more = True
        while more:
            page, more = ask(read[0].sequence if read else 0, limit, PLENTY)
            read[:0] = page
        assert read == kept
    reader.close()


def test_many_turns_are_read_in_parts(
    log: Log, reader: Reader, turns: "Turns", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "_TURNS_A_READ", 3)
    fill(log, turns, *[2] * 10)
    assert numbers(reader.before("Gaming", 0, 20, PLENTY)) == (list(range(1, 21)), False)
    assert numbers(reader.before("Gaming", 18, 15, PLENTY)) == (list(range(3, 18)), True)
    assert numbers(reader.after("Gaming", 3, 20, PLENTY)) == (list(range(4, 21)), False)


# What is forgotten


def test_what_is_forgotten_is_passed_over(log: Log, reader: Reader, turns: "Turns") -> None:
    fill(log, turns, *[1] * 10)
    settle(log)
    log.keep_snapshot("Gaming", Snapshot(10, b"state"))
    log.retain("Gaming", Retention(entries_max=4))
    settle(log)

    assert numbers(reader.before("Gaming", 0, 20, PLENTY)) == ([7, 8, 9, 10], False)
    assert numbers(reader.before("Gaming", 0, 4, PLENTY)) == ([7, 8, 9, 10], False)
    assert numbers(reader.before("Gaming", 0, 3, PLENTY)) == ([8, 9, 10], True)
    assert numbers(reader.before("Gaming", 8, 20, PLENTY)) == ([7], False)
    for before in (7, 6, 1):
        assert numbers(reader.before("Gaming", before, 20, PLENTY)) == ([], False)
    for after in (0, 3, 6):
        assert numbers(reader.after("Gaming", after, 2, PLENTY)) == ([7, 8], True)
    assert numbers(reader.find("Gaming", "hello", 0, 4, PLENTY)) == ([7, 8, 9, 10], False)
    assert numbers(reader.find("Gaming", "hello", 9, 9, PLENTY)) == ([7, 8], False)
    assert numbers(reader.find("Gaming", "hello", 7, 9, PLENTY)) == ([], False)


def test_where_everything_is_forgotten_there_is_nothing_more(
    log: Log, reader: Reader, turns: "Turns", wall: "Wall"
) -> None:
    fill(log, turns, 2, 2)
    log.keep_snapshot("Gaming", Snapshot(4, b"state"))
    log.retain("Gaming", Retention(age_seconds_max=1.0))
    wall.time = turns.time + 10
    settle(log)

    assert numbers(reader.before("Gaming", 0, 20, PLENTY)) == ([], False)
    assert numbers(reader.before("Gaming", 4, 20, PLENTY)) == ([], False)
    assert numbers(reader.after("Gaming", 0, 20, PLENTY)) == ([], False)
    assert numbers(reader.find("Gaming", "hello", 0, 20, PLENTY)) == ([], False)
    fill(log, turns, 1)
    assert numbers(reader.before("Gaming", 0, 20, PLENTY)) == ([5], False)
    assert numbers(reader.after("Gaming", 2, 20, PLENTY)) == ([5], False)


# What is damaged


def test_a_page_ends_before_what_is_damaged(log: Log, reader: Reader, turns: "Turns") -> None:
    damage(log, turns)
    assert numbers(reader.before("Gaming", 0, 9, PLENTY)) == ([5, 6], True)
    assert numbers(reader.before("Gaming", 3, 9, PLENTY)) == ([1, 2], False)
    assert numbers(reader.after("Gaming", 0, 9, PLENTY)) == ([1, 2], True)
    assert numbers(reader.after("Gaming", 4, 9, PLENTY)) == ([5, 6], False)


def test_a_page_that_begins_with_what_is_damaged_is_an_error(log: Log, reader: Reader, turns: "Turns") -> None:
    damage(log, turns)
    with pytest.raises(LogError, match="is damaged near entry 4"):
        reader.before("Gaming", 5, 9, PLENTY)
    with pytest.raises(LogError, match="is damaged near entry 3"):
        reader.after("Gaming", 2, 9, PLENTY)


@pytest.mark.parametrize("lines", [b"garbage\n", b"", b"{}{}\n", b'{"type":"entry","channel":"\xff"}\n'])
def test_lines_that_are_no_entries_are_damage(log: Log, reader: Reader, turns: "Turns", lines: bytes) -> None:
    log.append([turns.batch("Gaming", "one")._replace(lines=lines)])
    with pytest.raises(LogError, match="is damaged near entry 1"):
        reader.before("Gaming", 0, 9, PLENTY)
    with pytest.raises(LogError, match="is damaged near entry 1"):
        reader.after("Gaming", 0, 9, PLENTY)


def test_an_entry_that_stands_where_another_belongs_is_damage(log: Log, reader: Reader, turns: "Turns") -> None:
    fill(log, turns, 2)
    doubled = turns.batch("Gaming", "three", "four")
    log.append([doubled._replace(lines=doubled.lines.replace(b'"sequence":3', b'"sequence":2'))])
    with pytest.raises(LogError, match="is damaged near entry 3"):
        reader.before("Gaming", 4, 9, PLENTY)
    assert numbers(reader.before("Gaming", 0, 9, PLENTY)) == ([4], True)


# Beside the writer


def test_a_reader_knows_what_was_appended_before_it_is_asked(log: Log, reader: Reader, turns: "Turns") -> None:
    for last in range(1, 6):
        fill(log, turns, 1)
        assert numbers(reader.before("Gaming", 0, 1, PLENTY)) == ([last], last > 1)
        assert numbers(reader.find("Gaming", "hello", 0, 1, PLENTY)) == ([last], last > 1)


def test_a_thread_reads_while_another_appends_and_forgets(log: Log, reader: Reader, turns: "Turns") -> None:
    fill(log, turns, 3)
    told: list[str] = []
    ended = threading.Event()

    def read() -> None:
        try:
            while not ended.is_set():
                for page in (reader.before("Gaming", 0, 50, PLENTY), reader.find("Gaming", "hello", 0, 5, PLENTY)):
                    found, _ = numbers(page)
                    assert found == list(range(found[0], found[0] + len(found)))
        except BaseException as error:
            told.append(repr(error))

    thread = threading.Thread(target=read)
    thread.start()
    for number in range(300):
        fill(log, turns, 1 + number % 3)
        if number % 100 == 50:
            log.keep_snapshot("Gaming", Snapshot(log.last_sequence("Gaming"), b"state"))
            log.retain("Gaming", Retention(entries_max=20))
    ended.set()
    thread.join(SECONDS_MAX)
    assert told == []


@pytest.mark.parametrize("log", ["memory", "sqlite"], indirect=True)  # whose entries nobody indexes meanwhile
def test_what_is_being_read_ends_where_it_is_interrupted(
    log: Log, turns: "Turns", monkeypatch: pytest.MonkeyPatch
) -> None:
    """A question that has thousands of turns left to read ends with the next part of them."""
    monkeypatch.setattr(memory, "_TURNS_A_READ", 3)
    monkeypatch.setattr(unindexed_search, "_ENTRIES_A_CHUNK", 3)
    fill(log, turns, *[1] * 50)
    reader = log.reader()
    seen: list[int] = []
    clean = unindexed_search.matching

    def interrupting(kept: object, expression: str) -> object:
        def counted() -> Iterator[object]:
            for each in kept:  # type: ignore[attr-defined]
                seen.append(each.entry.sequence)
                reader.interrupt()
                yield each

        return clean(counted(), expression)  # type: ignore[arg-type]

    for module in ("antechamber.log.unindexed_search.matching", "antechamber.log.reader.matching"):
        monkeypatch.setattr(module, interrupting)
    with pytest.raises(LogError, match="interrupted"):
        reader.find("Gaming", "ello", 0, 50, PLENTY)  # a word of none, though it stands in each
    assert 0 < len(seen) < 10
    reader.close()


# By time


def test_the_last_entry_of_before_a_time_is_found(log: Log, reader: Reader, turns: "Turns") -> None:
    for time, texts in ((10.0, ["one", "two"]), (20.0, ["three"]), (20.0, ["four"]), (30.5, ["five", "six"])):
        log.append([turns.batch("Gaming", *texts, time=time), turns.batch("Movies", "else", time=time)])
    found = [reader.sequence_before("Gaming", time) for time in (0.0, 10.0, 10.001, 20.0, 20.5, 30.5, 30.501, 1e12)]
    assert found == [0, 0, 2, 2, 4, 4, 6, 6]
    assert reader.sequence_before("Comics", 1e12) == 0


def test_of_what_is_forgotten_no_time_is_known(log: Log, reader: Reader, turns: "Turns") -> None:
    for time in (10.0, 20.0, 30.0):
        log.append([turns.batch("Gaming", "one", "two", time=time)])
    log.keep_snapshot("Gaming", Snapshot(6, b"{}"))
    log.retain("Gaming", Retention(entries_max=2))
    settle(log)
    assert reader.sequence_before("Gaming", 15.0) <= 4
    assert reader.sequence_before("Gaming", 30.0) <= 4
    assert reader.sequence_before("Gaming", 31.0) == 6
    assert reader.sequence_since("Gaming", 5.0) <= 5
    assert reader.sequence_since("Gaming", 30.0) <= 5
    assert reader.sequence_since("Gaming", 31.0) == 7


@pytest.mark.parametrize("count", [1, 2, 3, 7, 64, 100])
def test_every_time_is_found_among_many_turns(log: Log, reader: Reader, turns: "Turns", count: int) -> None:
    for number in range(count):
        log.append([turns.batch("Gaming", *["text"] * (number % 3 + 1), time=10.0 * number)])
    entries = turns.entries["Gaming"]
    for time in (number * 5.0 for number in range(2 * count + 1)):
        expected = max((entry.sequence for entry in entries if entry.time < time), default=0)
        assert reader.sequence_before("Gaming", time) == expected
        assert reader.sequence_since("Gaming", time) == expected + 1


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(1, 6), min_size=1, max_size=12), st.integers(0, 12))
def test_no_entry_is_lost_where_times_go_back(log: Log, turns: "Turns", times: list[int], asked_after: int) -> None:
    """An older version kept such; each is asked for after some turns, and again after all."""
    channel, reader = f"Gaming{next(_names)}", log.reader()
    for number, time in enumerate(times):
        log.append([turns.batch(channel, *["text"] * (number % 2 + 1), time=float(time))])
        if number in (asked_after, len(times) - 1):
            entries = turns.entries[channel]
            for asked in (half / 2 for half in range(15)):
                before = [entry.sequence for entry in entries if entry.time < asked]
                since = [entry.sequence for entry in entries if entry.time >= asked]
                assert reader.sequence_before(channel, asked) == max(before, default=0)
                assert reader.sequence_since(channel, asked) == min(since, default=len(entries) + 1)
    reader.close()


def test_by_time_everything_is_found_anew_after_all_was_forgotten(
    log: Log, reader: Reader, turns: "Turns", wall: "Wall"
) -> None:
    for time in (100.0, 50.0, 200.0):
        log.append([turns.batch("Gaming", "text", time=time)])
    assert reader.sequence_before("Gaming", 150.0) == 2
    log.keep_snapshot("Gaming", Snapshot(3, b"{}"))
    log.retain("Gaming", Retention(age_seconds_max=10.0))
    wall.time = 1_000.0
    settle(log)
    assert reader.sequence_before("Gaming", 150.0) <= 3
    log.append([turns.batch("Gaming", "text", time=995.0)])
    assert reader.sequence_before("Gaming", 995.0) <= 3
    assert reader.sequence_before("Gaming", 996.0) == 4
    assert reader.sequence_since("Gaming", 995.0) <= 4
    assert reader.sequence_since("Gaming", 996.0) == 5


def test_of_turns_from_before_and_after_a_reset_both_are_found_by_time(
    log: Log, reader: Reader, turns: "Turns"
) -> None:
    for time in (100.0, 200.0, 50.0, 60.0, 250.0):
        log.append([turns.batch("Gaming", "text", time=time)])
    assert [reader.sequence_before("Gaming", time) for time in (50.0, 55.0, 70.0, 150.0, 201.0, 300.0)] == [
        *(0, 3, 4, 4, 4, 5),
    ]
    assert [reader.sequence_since("Gaming", time) for time in (50.0, 110.0, 210.0, 251.0)] == [1, 2, 5, 6]
    assert reader.sequence_since("Comics", 1.0) == 1
