"""The line of a channel: places that the operator changes, and how long seats are held; and warnings of idle times."""

import msgspec
import pytest

from antechamber.channel.channel import Channel
from antechamber.channel.decide import admit
from antechamber.channel.snapshot import ChannelState
from antechamber.channel.wait_estimate import SEATS_REMEMBERED
from antechamber.protocol.commands import Announce, Empty, Join, Leave, Move, Mute
from antechamber.protocol.events import Announced, AnyEvent, Left, Moved, Seated
from antechamber.protocol.limits import IDLE_WARNING_SECONDS, Limits
from antechamber.protocol.refusals import Refused
from tests.fakes import NOON, KeptChannel

IDLE = Limits().idle_seconds_max


def line_of(*names: str) -> KeptChannel:
    """Return a channel with Mary in its one seat, and these in line."""
    kept = KeptChannel(seats=1)
    for name in ("Mary", *names):
        kept.take(Join(), name)
    return kept


def test_those_who_wait_are_seated_once_there_are_more_seats() -> None:
    kept = line_of("Bob", "Eve", "Joe")
    assert list(admit(kept.channel)) == []
    kept.channel.capacity = 3
    assert list(admit(kept.channel)) == [Seated("Bob"), Seated("Eve")]


def test_a_seat_that_came_to_somebody_is_unused_until_it_is_touched() -> None:
    kept = line_of("Bob")
    kept.take(Leave("quit"), "Mary", NOON + 5)
    assert kept.channel.seated["Bob"].is_unused
    kept.channel.touch("Bob", NOON + 6)
    assert not kept.channel.seated["Bob"].is_unused


def test_a_seat_that_was_free_is_not_unused() -> None:
    assert not line_of().channel.seated["Mary"].is_unused


# Moving


@pytest.mark.parametrize(
    ("name", "ahead", "event", "line"),
    [
        ("Joe", 0, Moved("Joe", 0), ["Joe", "Bob", "Eve"]),
        ("Joe", 1, Moved("Joe", 1), ["Bob", "Joe", "Eve"]),
        ("Bob", 1, Moved("Bob", 1), ["Eve", "Bob", "Joe"]),
        ("Bob", 2, Moved("Bob", 2), ["Eve", "Joe", "Bob"]),
        ("Bob", 3, Moved("Bob", 2), ["Eve", "Joe", "Bob"]),
        ("Bob", 2**70, Moved("Bob", 2), ["Eve", "Joe", "Bob"]),
    ],
)
def test_one_who_waits_is_given_another_place(name: str, ahead: int, event: AnyEvent, line: list[str]) -> None:
    kept = line_of("Bob", "Eve", "Joe")
    assert kept.take(Move("general", name, ahead)) == [event]
    assert list(kept.channel.waiting) == line
    assert kept.replayed().snapshot(0.0) == kept.channel.snapshot(0.0)


def test_the_seat_goes_to_the_first_of_the_changed_line() -> None:
    kept = line_of("Bob", "Eve")
    kept.take(Move("general", "Eve", 0))
    assert kept.take(Leave("quit"), "Mary") == [Left("Mary", "quit"), Seated("Eve")]


@pytest.mark.parametrize(("name", "ahead"), [("Bob", 0), ("Joe", 2), ("Joe", 9)])
def test_one_who_has_that_place_already_is_not_moved(name: str, ahead: int) -> None:
    assert line_of("Bob", "Eve", "Joe").take(Move("general", name, ahead)) == []


@pytest.mark.parametrize("name", ["Mary", "Zoe"])
def test_who_does_not_wait_cannot_be_moved(name: str) -> None:
    expected = Refused("not-waiting", f"{name} does not wait in general.")
    assert line_of("Bob").take(Move("general", name, 0)) == expected


def test_a_place_has_no_fewer_than_none_ahead() -> None:
    expected = Refused("bad-place", "A place in the waiting queue has 0 or more members ahead of it.")
    assert line_of("Bob", "Eve").take(Move("general", "Eve", -1)) == expected


def test_a_move_of_one_who_does_not_wait_is_a_fault_and_changes_nothing() -> None:
    kept = line_of("Bob")
    before = kept.channel.snapshot(0.0)
    with pytest.raises(KeyError):
        kept.channel.apply(Moved("Mary", 0), NOON)
    assert kept.channel.snapshot(0.0) == before


def test_an_announcement_changes_nothing() -> None:
    kept = line_of("Bob")
    before = kept.channel.snapshot(0.0)
    assert kept.take(Announce("Tea")) == [Announced("Tea")]
    assert kept.channel.snapshot(0.0) == before


# How long seats are held


def test_a_seat_that_ends_is_remembered_with_its_time() -> None:
    kept = line_of("Bob", "Eve")
    kept.take(Leave("quit"), "Mary", NOON + 7)
    kept.take(Empty("general"), "", NOON + 17.5)
    kept.take(Leave("quit"), "Zoe", NOON + 20)
    assert list(kept.channel.seat_seconds) == [7, 10.5]
    kept.channel.apply(Left("Eve", "quit"), NOON)  # as somebody has set the clock by which a log is replayed
    assert list(kept.channel.seat_seconds) == [7, 10.5, 0]


def test_the_last_seats_are_remembered_and_no_more() -> None:
    kept = KeptChannel(seats=1)
    for n in range(SEATS_REMEMBERED + 1):
        kept.take(Join(), "Mary", NOON)
        kept.take(Leave("quit"), "Mary", NOON + n)
    assert list(kept.channel.seat_seconds) == list(range(1, SEATS_REMEMBERED + 1))


def test_a_snapshot_keeps_since_when_members_wait_and_sit_and_how_long_seats_were_held() -> None:
    kept = line_of("Bob", "Eve")
    kept.take(Leave("quit"), "Mary", NOON + 7)
    restored = Channel("general", 1, Limits())
    restored.restore(kept.channel.snapshot(500.0), kept.channel.sequence, NOON - 500 + 60, 1000.0)
    assert restored.waiting["Eve"].queued_at == restored.seated["Bob"].membership.queued_at == NOON - 500
    assert restored.seated["Bob"].seated_at == NOON - 500 + 7
    assert list(restored.seat_seconds) == [7]
    assert restored.snapshot(1000.0) == kept.channel.snapshot(500.0)


@pytest.mark.parametrize(
    "state",
    [
        b'{"seated":{"Mary":0.0},"waiting":["Bob"]}',
        b'{"seated":{"Mary":0.0},"waiting":["Bob"],"members":{"Bob":[3,0,false,[]],"Mary":[1,2,false,[]]}}',
    ],
)
def test_a_snapshot_of_an_older_version_is_read_with_times_from_now_on(state: bytes) -> None:
    restored = Channel("general", 1, Limits())
    restored.restore(msgspec.json.decode(state, type=ChannelState), 3, NOON, 0.0)
    assert restored.seated["Mary"].seated_at == restored.waiting["Bob"].queued_at == NOON
    assert list(restored.seat_seconds) == []


# Warnings


def test_a_silent_member_is_warned_in_time_and_once() -> None:
    kept = line_of()
    due = NOON + IDLE - IDLE_WARNING_SECONDS
    assert kept.channel.next_due_at() == due
    assert kept.channel.idling(due - 0.001) == []
    assert kept.channel.idling(due) == ["Mary"]
    assert kept.channel.idle_seconds_left("Mary", due) == IDLE_WARNING_SECONDS
    warn(kept)
    assert kept.channel.idling(due) == []
    assert kept.channel.next_due_at() == NOON + IDLE


def test_who_was_not_warned_in_time_is_not_warned_any_more() -> None:
    kept = line_of()
    assert kept.channel.idling(NOON + IDLE - 0.001) == ["Mary"]
    assert kept.channel.idling(NOON + IDLE) == []


def test_a_sign_of_life_is_worth_another_warning() -> None:
    kept = line_of()
    warn(kept)
    kept.channel.touch("Mary", NOON + 90)
    assert kept.channel.idling(NOON + 90 + IDLE - IDLE_WARNING_SECONDS) == ["Mary"]


def test_a_mute_is_worth_another_warning() -> None:
    kept = line_of()
    warn(kept)
    kept.take(Mute("general", "Mary", 60), time=NOON + 90)
    assert kept.channel.next_due_at() == NOON + 90 + 60


@pytest.mark.parametrize(
    ("idle", "silent"), [(IDLE_WARNING_SECONDS * 2 + 1, 21.0), (IDLE_WARNING_SECONDS * 2, 20.0), (39.0, 19.5), (1, 0.5)]
)
def test_where_little_time_is_given_the_warning_comes_at_half_of_it(idle: float, silent: float) -> None:
    kept = KeptChannel(limits=Limits(idle_seconds_max=idle))
    kept.take(Join(), "Mary")
    assert kept.channel.next_due_at() == NOON + silent


def test_where_nobody_goes_idle_nobody_is_warned() -> None:
    kept = KeptChannel(limits=Limits(idle_seconds_max=float("inf")))
    kept.take(Join(), "Mary")
    assert kept.channel.next_due_at() == float("inf")
    assert kept.channel.idling(NOON + 1e9) == []


def warn(kept: KeptChannel) -> None:
    """Warn Mary."""
    seat = kept.channel.seated["Mary"]
    seat.warned_of = seat.active_at
