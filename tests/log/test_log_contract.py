"""What every log does, whatever it keeps its entries in. What it forgets has a suite of its own (test_retention.py)."""

from collections.abc import Sequence
from itertools import count, islice
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from antechamber.log import Batch, Log, LogError, Snapshot, memory, sqlite
from antechamber.log import stored_turn as turns_module
from antechamber.protocol.events import (
    Announced,
    AnyEvent,
    Emptied,
    Entry,
    Left,
    Moved,
    Muted,
    Queued,
    Said,
    Seated,
    encode_lines,
)

if TYPE_CHECKING:
    from tests.log.conftest import Turns

_names = count(1)


def test_a_new_log_knows_nothing(log: Log) -> None:
    assert log.last_sequence("Gaming") == 0
    assert list(log.read_from("Gaming", 1)) == []
    assert log.snapshot("Gaming") is None


def test_entries_are_read_back_in_order(log: Log, turns: "Turns") -> None:
    log.append([turns.batch("Gaming", "one", "two")])
    log.append([turns.batch("Gaming", "three")])

    assert list(log.read_from("Gaming", 1)) == turns.entries["Gaming"]
    assert log.last_sequence("Gaming") == 3


@pytest.mark.parametrize(
    "event",
    [
        Queued("Mary"),
        Seated("Mary"),
        Left("Mary", "lost", seated=False),
        Said("Zoë", 'quotes " and \\ and 日本語 and 🎉', id="7"),
        Muted("Mary", 10),
        Emptied(),
        Moved("Mary", 0),
        Announced("Back in\nten minutes"),
    ],
    ids=lambda event: type(event).__name__,
)
def test_every_kind_of_event_comes_back_as_it_was(log: Log, turns: "Turns", event: AnyEvent) -> None:
    log.append([turns.batch("Gaming", event)])

    assert [entry.event for entry in log.read_from("Gaming", 1)] == [event]


@pytest.mark.parametrize("sequence", range(7))
def test_reading_starts_anywhere_even_within_a_turn(log: Log, turns: "Turns", sequence: int) -> None:
    log.append([turns.batch("Gaming", "one", "two", "three")])
    log.append([turns.batch("Gaming", "four", "five")])

    expected = [entry for entry in turns.entries["Gaming"] if entry.sequence >= sequence]
    assert list(log.read_from("Gaming", sequence)) == expected


def test_an_append_keeps_the_turns_of_several_channels(log: Log, turns: "Turns") -> None:
    log.append([turns.batch("Gaming", "g1")])
    log.append([turns.batch("Movies", "m1"), turns.batch("Gaming", "g2", "g3"), turns.batch("Music", "u1")])

    for channel, last in (("Gaming", 3), ("Movies", 1), ("Music", 1)):
        assert list(log.read_from(channel, 1)) == turns.entries[channel]
        assert log.last_sequence(channel) == last


def test_an_append_may_hold_several_turns_of_one_channel(log: Log, turns: "Turns") -> None:
    log.append([turns.batch("Gaming", "one"), turns.batch("Gaming", "two")])

    assert list(log.read_from("Gaming", 1)) == turns.entries["Gaming"]


def test_appending_nothing_changes_nothing(log: Log, turns: "Turns") -> None:
    log.append([turns.batch("Gaming", "one")])
    log.append([])

    assert log.last_sequence("Gaming") == 1


def test_reading_gives_what_stood_at_the_call(log: Log, turns: "Turns") -> None:
    log.append([turns.batch("Gaming", "one")])
    unborn = log.read_from("Movies", 1)
    reading = log.read_from("Gaming", 1)
    log.append([turns.batch("Gaming", "two"), turns.batch("Movies", "one")])

    assert [entry.sequence for entry in reading] == [1]
    assert list(unborn) == []


def test_appending_goes_on_while_someone_reads(log: Log, turns: "Turns") -> None:
    for number in range(200):
        log.append([turns.batch("Gaming", f"{number}")])
    reading = log.read_from("Gaming", 100)
    assert next(reading).sequence == 100
    log.append([turns.batch("Gaming", "late")])

    assert [entry.sequence for entry in reading] == list(range(101, 201))
    assert log.last_sequence("Gaming") == 201


def test_reading_a_little_in_the_middle_of_much_decodes_little(
    log: Log, turns: "Turns", monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(300):
        log.append([turns.batch("Gaming", f"{number}", "and more")])
    decoded: list[int] = []

    def count_turn(name: str, last: int, lines: bytes) -> Sequence[Entry]:
        decoded.append(last)
        return turns_module.decode_turn(name, last, lines)

    for module in (memory, sqlite):
        monkeypatch.setattr(module, "decode_turn", count_turn)
    for sequence in (2, 301, 599):
        assert [entry.sequence for entry in islice(log.read_from("Gaming", sequence), 2)] == [sequence, sequence + 1]
    assert decoded == [2, 4, 302, 600]


def test_a_turn_may_be_large(log: Log, turns: "Turns") -> None:
    log.append([turns.batch("Gaming", *["a" * 1_000] * 2_000)])

    assert list(log.read_from("Gaming", 1)) == turns.entries["Gaming"]


@pytest.mark.parametrize("name", ["日本語", "turn_1", "o'Neill", 'a"b', "channel; DROP TABLE channel"])
def test_a_channel_may_have_any_name(log: Log, turns: "Turns", name: str) -> None:
    log.append([turns.batch("Gaming", "other")])
    log.append([turns.batch(name, "one", "two")])
    log.keep_snapshot(name, Snapshot(2, b"state"))

    assert list(log.read_from(name, 1)) == turns.entries[name]
    assert log.snapshot(name) == Snapshot(2, b"state")


def test_a_log_has_a_secret_of_its_own_that_stays_as_it_is(log: Log, tmp_path: Path) -> None:
    secret = log.secret()

    assert len(secret) == 32
    assert log.secret() == secret
    for other in (memory.MemoryLog(), sqlite.SqliteLog(tmp_path / "other.db", tick_seconds=None)):
        assert other.secret() != secret
        other.close()


def test_names_that_differ_in_case_are_different_channels(log: Log, turns: "Turns") -> None:
    log.append([turns.batch("gaming", "one"), turns.batch("Gaming", "two", "three")])

    assert (log.last_sequence("gaming"), log.last_sequence("Gaming")) == (1, 2)


def test_a_snapshot_takes_the_place_of_the_one_before(log: Log, turns: "Turns") -> None:
    log.append([turns.batch("Gaming", "one", "two")])
    log.keep_snapshot("Gaming", Snapshot(1, b"first"))
    log.keep_snapshot("Gaming", Snapshot(2, b"\x00second"))

    assert log.snapshot("Gaming") == Snapshot(2, b"\x00second")
    assert log.snapshot("Movies") is None
    assert log.last_sequence("Gaming") == 2


def test_a_channel_without_entries_may_have_a_snapshot(log: Log) -> None:
    log.keep_snapshot("Gaming", Snapshot(0, b"empty"))

    assert log.snapshot("Gaming") == Snapshot(0, b"empty")
    assert log.last_sequence("Gaming") == 0
    assert list(log.read_from("Gaming", 1)) == []


def test_a_turn_that_is_not_where_it_belongs_is_a_damaged_log(log: Log, turns: "Turns") -> None:
    batch = turns.batch("Gaming", "one", "two")
    log.append([batch._replace(channel="Movies"), batch._replace(first=2, last=3), turns.batch("Music", "one")])
    log.append([batch._replace(channel="Books", last=3)])

    for channel, last in (("Movies", 2), ("Gaming", 3), ("Books", 3)):
        with pytest.raises(LogError, match=f"is damaged near entry {last}"):
            list(log.read_from(channel, 1))
    assert list(log.read_from("Music", 1)) == turns.entries["Music"]


@pytest.mark.parametrize(
    "lines",
    [
        b"garbage\n",
        b'{"type":"entry"}\n',
        b'{"type":"entry","channel":"\xff"}\n',
        pytest.param(b'{"a":' + b"[" * 3000 + b"\n", id="nested too deeply"),
    ],
)
def test_lines_that_are_no_entries_are_a_damaged_log(log: Log, lines: bytes) -> None:
    log.append([Batch("Gaming", 1, 1, 0.0, lines)])

    with pytest.raises(LogError, match="is damaged near entry 1"):
        list(log.read_from("Gaming", 1))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=50)
@given(appends=st.lists(st.dictionaries(st.sampled_from("ABC"), st.integers(1, 5))), start=st.integers(1, 30))
def test_reading_gives_the_kept_entries_from_there_on(log: Log, appends: list[dict[str, int]], start: int) -> None:
    names = {letter: f"{letter}{next(_names)}" for letter in "ABC"}  # the log is the same in every example
    kept: dict[str, list[Entry]] = {name: [] for name in names.values()}
    for sizes in appends:
        batches = []
        for letter, size in sizes.items():
            entries = kept[names[letter]]
            new = [Entry(names[letter], len(entries) + 1 + index, 1.5, Said("Mary", "hello")) for index in range(size)]
            entries += new
            batches.append(Batch(names[letter], new[0].sequence, new[-1].sequence, 1.5, bytes(encode_lines(new))))
        log.append(batches)

    for channel, entries in kept.items():
        assert log.last_sequence(channel) == len(entries)
        assert list(log.read_from(channel, start)) == entries[start - 1 :]
