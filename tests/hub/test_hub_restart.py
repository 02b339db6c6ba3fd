"""A hub that starts again goes on from its log."""

import logging
from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antechamber.channel.snapshot import ChannelState
from antechamber.log import Batch, LogError, Snapshot
from antechamber.log.memory import MemoryLog
from antechamber.protocol.commands import Empty, Kick, Leave, List, Mute, Quit, Say
from antechamber.protocol.events import Entry, Left, Queued, Seated, encode_lines
from antechamber.protocol.limits import Limits
from antechamber.protocol.notices import ChannelInfo
from tests.fakes import NOON, FailingLog, House, Person

IDLE = Limits().idle_seconds_max


def test_a_start_reads_the_log_and_lets_those_leave_who_were_there_without_seating_anybody() -> None:
    first = House(seats=1)
    for name in ("Mary", "Bob", "Eve"):
        first.enter(name)
    first.enter("Ann", "games")
    second = House(seats=1, log=first.log)
    assert second.events()[-3:] == [
        Left("Eve", "lost", seated=False),
        Left("Bob", "lost", seated=False),
        Left("Mary", "lost"),
    ]
    assert second.events("games")[-1] == Left("Ann", "lost")
    assert second.operator.data == b""
    second.check()
    mary = second.enter("Mary", plain=True)
    assert second.state() == ChannelState({"Mary": 0.0}, [])
    mary.ask(Say("back"))
    second.run()
    assert second.entries()[-1].sequence == len(second.entries())
    second.check()


def test_a_start_with_fewer_or_more_seats_than_before_drops_everyone_all_the_same() -> None:
    for seats in (1, 9):
        first = House(seats=3)
        for name in ("Mary", "Bob", "Eve", "Ann"):
            first.enter(name)
        second = House(seats=seats, log=first.log)
        assert second.state() == ChannelState({}, [])
        assert not any(isinstance(event, Seated) for event in second.events()[7:])


def test_a_start_on_an_empty_log_finds_empty_channels() -> None:
    house = House(seats=7, channels=["general", "games"])
    assert house.hub.channels() == [
        ChannelInfo("general", 9001, 7, 0, 0),
        ChannelInfo("games", 9002, 7, 0, 0),
    ]
    assert house.entries() == []


def test_counts_are_those_of_the_moment() -> None:
    house = House(seats=1, channels=["general"])
    house.enter("Mary")
    house.enter("Bob")
    assert house.hub.channels() == [ChannelInfo("general", 9001, 1, 1, 1)]


def mary_has(muted_until: float) -> bytes:
    """Return the state of a channel where Mary alone is seated, since entry 2."""
    mary = b'[1,2,false,[],%.1f,%.1f,"",""]' % (NOON, NOON)
    rest = b'"waiting":[],"members":{"Mary":%s},"seat_seconds":[],"announcements":[]' % mary
    modes = b'"topic":["","",0.0],"modes":{"flags":"nt"}'
    return b'{"seated":{"Mary":%.1f},%s,%s}' % (muted_until, rest, modes)


def test_a_snapshot_is_kept_every_so_many_entries() -> None:
    house = House(limits=Limits(snapshot_entries_max=4))
    mary = house.enter("Mary")
    mary.ask(Say("3"))
    house.run()
    assert house.log.snapshot("general") is None
    mary.ask(Say("4"))
    house.run()
    assert house.log.snapshot("general") == Snapshot(4, mary_has(0.0))
    mary.ask(Say("5"), Say("6"), Say("7"))
    house.run()
    assert house.log.snapshot("general") == Snapshot(4, mary_has(0.0))
    house.operator.ask(Mute("general", "Mary", 60))
    mary.ask(List())
    house.run()
    assert house.log.snapshot("general") == Snapshot(8, mary_has(NOON + 60))
    assert house.log.snapshot("games") is None


def test_entries_of_an_earlier_run_count_towards_the_next_snapshot() -> None:
    limits = Limits(snapshot_entries_max=6)
    first = House(limits=limits)
    for _ in range(2):  # six entries and a snapshot, then two more
        first.enter("Mary").ask(Say("hi"), Quit())
        first.run()
    assert first.entries()[-1].sequence == 8
    second = House(limits=limits, log=first.log)
    mary = second.enter("Mary")
    mary.ask(Say("11"))
    second.run()
    assert [snapshot.sequence for snapshot in [second.log.snapshot("general")] if snapshot] == [6]
    mary.ask(Say("12"))
    second.run()
    assert [snapshot.sequence for snapshot in [second.log.snapshot("general")] if snapshot] == [12]


def test_a_start_reads_no_entry_before_the_snapshot() -> None:
    class Watched(MemoryLog):
        def read_from(self, channel: str, sequence: int) -> Iterator[Entry]:
            asked.append((channel, sequence))
            return super().read_from(channel, sequence)

    asked: list[tuple[str, int]] = []
    log = Watched()
    first = House(seats=1, limits=Limits(snapshot_entries_max=3), log=log)
    for name in ("Mary", "Bob", "Eve"):
        first.enter(name)
    asked.clear()
    second = House(seats=1, limits=first.limits, log=log)
    assert asked == [("general", 4), ("games", 1), ("help", 1)]
    second.check()
    assert second.events()[4:] == [
        Left("Eve", "lost", seated=False),
        Left("Bob", "lost", seated=False),
        Left("Mary", "lost"),
    ]


def test_without_a_snapshot_the_chat_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    log = FailingLog()
    log.no_snapshots = True
    house = House(log=log, limits=Limits(snapshot_entries_max=2))
    mary = house.enter("Mary", plain=True)
    mary.ask(Say("hi"))
    house.run()
    assert mary.lines() == ["[Mary (12:00:00)] hi"]
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


def entry_line(sequence: int, event: Queued | Seated) -> Batch:
    return Batch("general", sequence, sequence, NOON, encode_lines([Entry("general", sequence, NOON, event)]))


def test_a_log_that_contradicts_itself_is_told_of_at_the_start() -> None:
    log = MemoryLog()
    log.append([entry_line(1, Queued("Mary")), entry_line(2, Seated("Bob"))])
    with pytest.raises(LogError, match="the log of general is damaged after entry 1"):
        House(log=log)


def test_a_snapshot_that_is_none_is_told_of_at_the_start() -> None:
    log = MemoryLog()
    log.append([entry_line(1, Queued("Mary"))])
    log.keep_snapshot("general", Snapshot(1, b'{"seated":[]}'))
    with pytest.raises(LogError, match="the log of general is damaged after entry 1"):
        House(log=log)


def test_a_log_that_fails_at_the_start_is_told_of() -> None:
    first = House(log=FailingLog())
    first.enter("Mary")
    assert isinstance(first.log, FailingLog)
    first.log.full = True
    with pytest.raises(LogError):
        House(log=first.log)


names = st.sampled_from(["Mary", "Bob", "Eve", "Ann"])
moves = st.one_of(
    st.tuples(st.just("enter"), names),
    st.tuples(st.sampled_from(["say", "quit", "mute", "kick", "empty", "vanish", "restart"]), names),
)


@settings(max_examples=60)
@given(st.lists(moves, max_size=30), st.integers(1, 5))
def test_a_house_that_starts_again_at_any_moment_goes_on_from_its_log(
    script: list[tuple[str, str]], snapshot_entries_max: int
) -> None:
    limits = Limits(snapshot_entries_max=snapshot_entries_max)
    house = House(seats=2, limits=limits)
    people: dict[str, Person] = {}
    for what, name in script:
        person = people.get(name)
        if what == "restart":
            house = House(seats=2, limits=limits, log=house.log)
            people.clear()
        elif what == "enter":
            people[name] = house.enter(name)
        elif what == "mute":
            house.operator.ask(Mute("general", name, 9))
        elif what == "kick":
            house.operator.ask(Kick("general", name))
        elif what == "empty":
            house.operator.ask(Empty("general"))
        elif person is not None:
            person.ask({"say": Say("hi"), "quit": Quit()}.get(what, Leave("lost")))
        house.run()
        house.check()
        snapshot = house.log.snapshot("general")
        if snapshot is not None:
            restored = msgspec.json.decode(snapshot.state, type=ChannelState)
            assert len(restored.seated) <= 2
