"""The channel, rule by rule."""

from collections.abc import Callable

import pytest

from antechamber.channel.channel import Channel
from antechamber.channel.decide import decide
from antechamber.channel.snapshot import ChannelState, MemberState
from antechamber.protocol.commands import Command, Empty, Expire, Join, Kick, Leave, Mute, Say, Send, Whisper
from antechamber.protocol.events import AnyEvent, Emptied, Left, LeftReason, Muted, Queued, Said, Seated
from antechamber.protocol.limits import IDLE_WARNING_SECONDS, Limits
from antechamber.protocol.refusals import Refused
from tests.fakes import NOON, KeptChannel

IDLE = Limits().idle_seconds_max
WARNED = IDLE - IDLE_WARNING_SECONDS


def channel_of(*names: str, seats: int = 2, limits: Limits | None = None) -> KeptChannel:
    """Return a channel that these have joined, in this order."""
    kept = KeptChannel(seats, limits)
    for name in names:
        kept.take(Join(), name)
    return kept


def state(kept: KeptChannel) -> tuple[list[str], list[str]]:
    return list(kept.channel.seated), list(kept.channel.waiting)


# Joining


def test_joining_enters_the_queue_and_leaves_it_at_once_where_a_seat_is_free() -> None:
    kept = KeptChannel(seats=2)
    assert kept.take(Join(), "Mary") == [Queued("Mary"), Seated("Mary")]
    assert state(kept) == (["Mary"], [])


def test_a_name_that_is_the_servers_own_joins_nothing() -> None:
    kept = KeptChannel()
    decision = kept.take(Join(), "Server")
    assert isinstance(decision, Refused)
    assert decision.code == "bad-name"
    assert state(kept) == ([], [])


def test_what_a_members_password_is_known_by_stays_with_its_membership() -> None:
    kept = channel_of("Mary", "Bob", "Eve")
    for name in ("Mary", "Eve"):
        kept.channel.prove(name, f"{name}'s")
    assert kept.channel.membership("Mary") == kept.channel.seated["Mary"].membership
    kept.take(Leave("quit"), "Bob")
    found = {name: kept.channel.membership(name) for name in ("Mary", "Eve")}
    assert {name: membership and membership.proof for name, membership in found.items()} == {
        "Mary": "Mary's",
        "Eve": "Eve's",
    }


def test_joining_a_full_channel_waits_in_line() -> None:
    kept = channel_of("Mary", "Bob")
    assert kept.take(Join(), "Eve") == [Queued("Eve")]
    assert kept.take(Join(), "Ann") == [Queued("Ann")]
    assert state(kept) == (["Mary", "Bob"], ["Eve", "Ann"])


@pytest.mark.parametrize("name", ["Mary", "Eve"])
def test_joining_under_a_name_that_sits_or_waits_there_is_refused(name: str) -> None:
    kept = channel_of("Mary", "Bob", "Eve")
    refusal = Refused("name-taken", "Cannot connect to the general channel.")
    assert kept.take(Join(), name) == refusal
    assert state(kept) == (["Mary", "Bob"], ["Eve"])


def test_a_name_is_free_again_once_its_member_has_left() -> None:
    kept = channel_of("Mary", "Bob", "Eve")
    kept.take(Leave("quit"), "Eve")
    assert kept.take(Join(), "Eve") == [Queued("Eve")]
    kept.take(Leave("quit"), "Mary")
    assert kept.take(Join(), "Mary") == [Queued("Mary")]


def test_names_that_differ_in_case_are_different_names() -> None:
    assert channel_of("Mary").take(Join(), "mary") == [Queued("mary"), Seated("mary")]


def test_the_waiting_queue_holds_as_many_as_its_bound_and_no_more() -> None:
    kept = channel_of("Mary", "Bob", limits=Limits(waiting_max=2))
    assert kept.take(Join(), "Eve") == [Queued("Eve")]
    assert kept.take(Join(), "Ann") == [Queued("Ann")]
    refusal = Refused("queue-full", "The waiting queue of the general channel is full.")
    assert kept.take(Join(), "Joe") == refusal
    kept.take(Leave("quit"), "Mary")
    assert kept.take(Join(), "Joe") == [Queued("Joe")]


def test_a_taken_name_is_said_to_be_so_even_where_the_queue_is_full() -> None:
    decision = channel_of("Mary", "Bob", limits=Limits(waiting_max=0)).take(Join(), "Mary")
    assert isinstance(decision, Refused)
    assert decision.code == "name-taken"


# Leaving


@pytest.mark.parametrize("reason", ["quit", "switched", "lost"])
def test_leaving_a_seat_gives_it_to_the_first_in_line(reason: LeftReason) -> None:
    kept = channel_of("Mary", "Bob", "Eve", "Ann")
    assert reason in ("quit", "switched", "lost")
    assert kept.take(Leave(reason), "Mary") == [Left("Mary", reason), Seated("Eve")]
    assert state(kept) == (["Bob", "Eve"], ["Ann"])


def test_leaving_a_seat_that_nobody_waits_for_leaves_it_free() -> None:
    kept = channel_of("Mary", "Bob")
    assert kept.take(Leave("quit"), "Mary") == [Left("Mary", "quit")]
    assert kept.take(Join(), "Eve") == [Queued("Eve"), Seated("Eve")]


def test_leaving_the_queue_moves_those_behind_up() -> None:
    kept = channel_of("Mary", "Bob", "Eve", "Ann")
    assert kept.take(Leave("quit"), "Eve") == [Left("Eve", "quit", seated=False)]
    assert kept.take(Leave("lost"), "Bob") == [Left("Bob", "lost"), Seated("Ann")]


def test_somebody_who_is_not_there_leaves_without_a_trace() -> None:
    kept = channel_of("Mary")
    assert kept.take(Leave("lost"), "Bob") == []
    assert kept.take(Leave("quit"), "Bob") == []


def test_a_channel_whose_capacity_was_lowered_seats_nobody_until_it_is_below_it() -> None:
    kept = channel_of(seats=2)
    kept.channel.restore(ChannelState({"Mary": 0.0, "Bob": 0.0, "Ann": 0.0}, ["Eve"]), 0, NOON, 0.0)
    assert kept.take(Join(), "Joe") == [Queued("Joe")]
    assert kept.take(Leave("quit"), "Mary") == [Left("Mary", "quit")]
    assert kept.take(Leave("quit"), "Bob") == [Left("Bob", "quit"), Seated("Eve")]


# Talking


def test_what_a_seated_member_says_is_said_with_its_id() -> None:
    assert channel_of("Mary").take(Say("hi", "7"), "Mary") == [Said("Mary", "hi", "7")]


def test_a_whisper_between_seated_members_is_no_event() -> None:
    kept = channel_of("Mary", "Bob")
    assert kept.take(Whisper("Bob", "hi"), "Mary") == []
    assert kept.take(Whisper("Mary", "hi"), "Mary") == []


@pytest.mark.parametrize("command", [Whisper("Eve", "hi"), Send("Eve", "a.txt")])
@pytest.mark.parametrize("others", [(), ("Bob", "Eve")])
def test_whispering_or_sending_to_somebody_not_seated_here_is_refused(
    command: Command, others: tuple[str, ...]
) -> None:
    kept = channel_of("Mary", *others)  # Eve is not there at all, or waits
    assert kept.take(command, "Mary") == Refused("not-here", "Eve is not here.")


def test_sending_to_a_seated_member_is_allowed() -> None:
    kept = channel_of("Mary", "Bob")
    assert kept.take(Send("Bob", "a.txt"), "Mary") == []


@pytest.mark.parametrize("command", [Say("hi"), Whisper("Mary", "hi"), Whisper("Joe", "hi"), Send("Mary", "a.txt")])
def test_those_who_wait_reach_nobody(command: Command) -> None:
    kept = channel_of("Mary", "Bob", "Eve")
    text = "You are waiting for a seat: until then only /list, /switch and /quit work."
    assert kept.take(command, "Eve") == Refused("waiting", text)


# Kicking


def test_kicking_from_a_seat_gives_it_to_the_first_in_line() -> None:
    kept = channel_of("Mary", "Bob", "Eve")
    assert kept.take(Kick("general", "Mary")) == [Left("Mary", "kicked"), Seated("Eve")]


def test_kicking_from_the_queue_frees_the_place() -> None:
    kept = channel_of("Mary", "Bob", "Eve", "Ann")
    assert kept.take(Kick("general", "Eve")) == [Left("Eve", "kicked", seated=False)]
    assert state(kept) == (["Mary", "Bob"], ["Ann"])


def test_kicking_somebody_who_is_not_there_is_refused() -> None:
    refusal = Refused("not-in-channel", "Bob is not in general.")
    assert channel_of("Mary").take(Kick("general", "Bob")) == refusal


# Muting


def test_muting_a_seated_member_silences_it_and_tells_it_the_whole_seconds_left() -> None:
    kept = channel_of("Mary", "Bob")
    assert kept.take(Mute("general", "Mary", 60)) == [Muted("Mary", 60)]
    for command in (Say("hi"), Whisper("Bob", "hi"), Whisper("Joe", "hi")):
        for after, left in ((0.0, 60), (0.5, 59), (1.0, 59), (59.0, 1), (59.5, 0)):
            refusal = Refused("muted", f"You are still muted for {left} seconds.")
            assert kept.take(command, "Mary", NOON + after) == refusal
    assert kept.take(Say("hi"), "Bob") == [Said("Bob", "hi")]


def test_a_mute_is_over_when_its_time_is() -> None:
    kept = channel_of("Mary")
    kept.take(Mute("general", "Mary", 60))
    assert isinstance(kept.take(Say("hi"), "Mary", NOON + 59.999), Refused)
    assert kept.take(Say("hi"), "Mary", NOON + 60) == [Said("Mary", "hi")]


def test_other_commands_of_a_muted_member_work() -> None:
    kept = channel_of("Mary", "Bob")
    kept.take(Mute("general", "Mary", 60))
    assert kept.take(Send("Bob", "a.txt"), "Mary") == []
    assert kept.take(Leave("switched"), "Mary") == [Left("Mary", "switched")]


def test_a_muted_member_can_be_whispered_to() -> None:
    kept = channel_of("Mary", "Bob")
    kept.take(Mute("general", "Mary", 60))
    assert kept.take(Whisper("Mary", "hi"), "Bob") == []


@pytest.mark.parametrize(("seconds", "left"), [(10, 10), (90, 90)])
def test_muting_a_muted_member_counts_from_now(seconds: int, left: int) -> None:
    kept = channel_of("Mary")
    kept.take(Mute("general", "Mary", 60))
    assert kept.take(Mute("general", "Mary", seconds), time=NOON + 30) == [Muted("Mary", seconds)]
    refusal = Refused("muted", f"You are still muted for {left} seconds.")
    assert kept.take(Say("hi"), "Mary", NOON + 30) == refusal
    assert kept.take(Say("hi"), "Mary", NOON + 30 + seconds) == [Said("Mary", "hi")]


@pytest.mark.parametrize("name", ["Eve", "Joe"])
@pytest.mark.parametrize("seconds", [60, 0])
def test_muting_somebody_not_seated_here_is_refused(name: str, seconds: int) -> None:
    kept = channel_of("Mary", "Bob", "Eve")
    refusal = Refused("not-here", f"{name} is not here.")
    assert kept.take(Mute("general", name, seconds)) == refusal


@pytest.mark.parametrize("seconds", [0, -1, -(2**63)])
def test_muting_for_no_time_is_refused(seconds: int) -> None:
    refusal = Refused("invalid-mute-time", "Invalid mute time.")
    assert channel_of("Mary").take(Mute("general", "Mary", seconds)) == refusal


def test_muting_for_one_second_is_the_shortest() -> None:
    assert channel_of("Mary").take(Mute("general", "Mary", 1)) == [Muted("Mary", 1)]


def test_a_mute_is_as_long_as_its_bound_and_no_longer() -> None:
    kept = channel_of("Mary", limits=Limits(mute_seconds_max=300))
    assert kept.take(Mute("general", "Mary", 300)) == [Muted("Mary", 300)]
    refusal = Refused("invalid-mute-time", "Invalid mute time.")
    assert kept.take(Mute("general", "Mary", 301)) == refusal


# Emptying


def test_emptying_lets_all_who_sit_go_and_the_queue_move_up() -> None:
    kept = channel_of("Mary", "Bob", "Eve")
    assert kept.take(Empty("general")) == [Emptied(), Seated("Eve")]
    assert state(kept) == (["Eve"], [])


def test_emptying_before_a_queue_longer_than_the_seats_fills_them_in_order() -> None:
    kept = channel_of("Mary", "Bob", "Eve", "Ann", "Joe")
    assert kept.take(Empty("general")) == [Emptied(), Seated("Eve"), Seated("Ann")]
    assert state(kept) == (["Eve", "Ann"], ["Joe"])


def test_emptying_an_empty_channel_is_done_too() -> None:
    assert KeptChannel().take(Empty("general")) == [Emptied()]


# Idle clocks


def test_a_member_who_sends_nothing_for_the_bound_goes_and_not_before() -> None:
    kept = channel_of("Mary", "Bob", "Eve")
    just_before = NOON + IDLE - 0.001
    assert kept.channel.idle_since(just_before) == []
    assert kept.take(Expire(), "Mary", just_before) == []
    assert kept.channel.idle_since(NOON + IDLE) == ["Mary", "Bob"]
    assert kept.take(Expire(), "Mary", NOON + IDLE) == [Left("Mary", "idle"), Seated("Eve")]


def test_sending_something_starts_the_idle_clock_afresh() -> None:
    kept = channel_of("Mary")
    kept.channel.touch("Mary", NOON + 40)
    assert kept.channel.next_due_at() == NOON + 40 + WARNED
    assert kept.take(Expire(), "Mary", NOON + 40 + IDLE - 0.001) == []
    assert kept.take(Expire(), "Mary", NOON + 40 + IDLE) == [Left("Mary", "idle")]


def test_the_idle_clock_starts_with_the_seat() -> None:
    kept = channel_of("Mary", "Bob", "Eve")
    kept.channel.touch("Eve", NOON + 10)
    kept.take(Leave("quit"), "Mary", NOON + 70)
    assert kept.channel.idle_since(NOON + 70 + IDLE - 0.001) == ["Bob"]
    assert kept.channel.idle_since(NOON + 70 + IDLE) == ["Bob", "Eve"]


def test_those_who_wait_never_go_idle() -> None:
    kept = channel_of("Mary", "Bob", "Eve")
    assert kept.take(Expire(), "Eve", NOON + 10 * IDLE) == []
    assert kept.take(Expire(), "Joe", NOON + 10 * IDLE) == []


def test_the_next_warning_is_the_first_of_all_seats() -> None:
    kept = channel_of("Mary", "Bob")
    kept.channel.touch("Mary", NOON + 50)
    assert kept.channel.next_due_at() == NOON + WARNED
    kept.channel.touch("Bob", NOON + 60)
    assert kept.channel.next_due_at() == NOON + 50 + WARNED
    assert KeptChannel().channel.next_due_at() == float("inf")


def idle_at(kept: KeptChannel) -> float:
    """Return when Mary's idle time is over, in seconds from noon."""
    at = kept.channel.next_due_at() + IDLE_WARNING_SECONDS
    assert kept.channel.idle_since(at - 0.001) == []
    assert kept.channel.idle_since(at) == ["Mary"]
    return at - NOON


def test_the_idle_clock_stands_still_during_a_mute() -> None:
    kept = channel_of("Mary")
    kept.take(Mute("general", "Mary", 1000), time=NOON + 30)
    assert idle_at(kept) == 1000 + IDLE


def test_what_a_muted_member_tries_does_not_start_its_idle_clock_afresh() -> None:
    kept = channel_of("Mary")
    kept.take(Mute("general", "Mary", 60), time=NOON + 30)
    for after in (30, 31, 89.999):
        kept.channel.touch("Mary", NOON + after)
        assert idle_at(kept) == 60 + IDLE
    kept.channel.touch("Mary", NOON + 90)
    assert idle_at(kept) == 90 + IDLE


def test_a_longer_mute_lets_the_idle_clock_stand_still_for_longer() -> None:
    kept = channel_of("Mary")
    kept.take(Mute("general", "Mary", 60), time=NOON + 30)
    kept.take(Mute("general", "Mary", 100), time=NOON + 50)
    assert idle_at(kept) == (150 - 30) + IDLE


def test_a_shorter_mute_lets_the_idle_clock_go_on_sooner() -> None:
    kept = channel_of("Mary")
    kept.take(Mute("general", "Mary", 600), time=NOON + 30)
    kept.take(Mute("general", "Mary", 10), time=NOON + 50)
    assert idle_at(kept) == (60 - 30) + IDLE


def test_the_idle_clock_goes_on_between_two_mutes() -> None:
    kept = channel_of("Mary")
    kept.take(Mute("general", "Mary", 20), time=NOON + 30)
    kept.take(Mute("general", "Mary", 20), time=NOON + 60)
    assert idle_at(kept) == 20 + 20 + IDLE


# Replay


def test_replaying_what_happened_gives_the_same_channel() -> None:
    kept = channel_of("Mary", "Bob", "Eve", "Ann")
    kept.take(Mute("general", "Bob", 60), time=NOON + 5)
    kept.take(Say("hi"), "Mary")
    kept.take(Leave("quit"), "Mary", time=NOON + 7)
    members = {
        "Bob": MemberState(3, 4, queued_at=NOON, seated_at=NOON),
        "Eve": MemberState(5, 10, queued_at=NOON, seated_at=NOON + 7),
        "Ann": MemberState(6, queued_at=NOON),
    }
    state = ChannelState({"Bob": NOON + 65, "Eve": 0.0}, ["Ann"], members, [7.0])
    assert kept.replayed().snapshot(0.0) == kept.channel.snapshot(0.0) == state


def test_a_restored_channel_goes_on_where_its_snapshot_was_taken() -> None:
    kept = channel_of("Mary", "Bob", "Eve", "Ann")
    kept.take(Mute("general", "Bob", 60))
    restored = Channel("general", 2, Limits())
    restored.restore(kept.channel.snapshot(0.0), kept.channel.sequence, NOON + 10, 0.0)
    assert restored.snapshot(0.0) == kept.channel.snapshot(0.0)
    assert decide(restored, Leave("quit"), "Mary", NOON) == (Left("Mary", "quit"), Seated("Eve"))
    assert isinstance(decide(restored, Say("hi"), "Bob", NOON + 59.9), Refused)
    assert decide(restored, Say("hi"), "Bob", NOON + 60) == (Said("Bob", "hi"),)


def test_the_idle_clocks_of_a_restored_channel_start_afresh() -> None:
    restored = Channel("general", 5, Limits())
    restored.restore(ChannelState({"Mary": 0.0, "Bob": NOON + 60, "Eve": NOON - 60}, []), 0, NOON, 0.0)
    assert restored.idle_since(NOON + IDLE - 0.001) == []
    assert restored.idle_since(NOON + IDLE) == ["Mary", "Eve"]
    assert restored.idle_since(NOON + 60 + IDLE - 0.001) == ["Mary", "Eve"]
    assert restored.idle_since(NOON + 60 + IDLE) == ["Mary", "Bob", "Eve"]


def test_a_restored_channel_forgets_what_it_was() -> None:
    kept = channel_of("Mary", "Bob", "Eve")
    kept.channel.restore(ChannelState({"Ann": 0.0}, []), 0, NOON, 0.0)
    assert state(kept) == (["Ann"], [])


@pytest.mark.parametrize(
    "event",
    [
        Queued("Mary"),
        Queued("Eve"),
        Seated("Mary"),
        Seated("Joe"),
        Left("Joe", "quit"),
        Left("Eve", "quit"),
        Left("Mary", "quit", seated=False),
        Said("Eve", "hi"),
        Said("Joe", "hi"),
        Muted("Eve", 60),
        Muted("Joe", 60),
    ],
)
def test_what_cannot_have_happened_is_a_fault_and_changes_nothing(event: AnyEvent) -> None:
    kept = channel_of("Mary", "Bob", "Eve")
    before = kept.channel.snapshot(0.0)
    with pytest.raises(KeyError):
        kept.channel.apply(event, NOON)
    assert kept.channel.snapshot(0.0) == before


@pytest.mark.parametrize(
    "ask",
    [
        lambda channel: decide(channel, Join(), "Joe", NOON),
        lambda channel: decide(channel, Leave("quit"), "Mary", NOON),
        lambda channel: decide(channel, Kick("general", "Eve"), "", NOON),
        lambda channel: decide(channel, Mute("general", "Mary", 9), "", NOON),
        lambda channel: decide(channel, Empty("general"), "", NOON),
        lambda channel: decide(channel, Expire(), "Mary", NOON + IDLE),
        lambda channel: decide(channel, Say("hi"), "Mary", NOON),
    ],
)
def test_deciding_changes_nothing(ask: Callable[[Channel], object]) -> None:
    kept = channel_of("Mary", "Bob", "Eve")
    before, idle = kept.channel.snapshot(0.0), kept.channel.next_due_at()
    ask(kept.channel)
    assert kept.channel.snapshot(0.0) == before
    assert kept.channel.next_due_at() == idle
