"""What is asked and changes nothing."""

import pytest

from antechamber.protocol.commands import AskPlace, Here, List, Move, Mute, Ping, Quit, Say, Who
from antechamber.protocol.limits import MEMBERS_TOLD_MAX, Limits
from antechamber.protocol.notices import (
    ChannelInfo,
    Channels,
    Done,
    Members,
    Place,
    Pong,
    Refusal,
    SeatedMember,
    WaitingMember,
)
from tests.fakes import NOON, FailingHouse, House, server

IDLE = Limits().idle_seconds_max


def busy_house() -> House:
    """Return a house where a lone seat was held three times, for ten, twenty and sixty seconds."""
    house = House(seats=1, channels=["general"])
    for seconds in (10, 20, 60):
        someone = house.enter("Someone")
        house.loop.advance(seconds)
        someone.ask(Quit())
        house.run()
    return house


# Who


def test_who_is_there_is_told_in_order_with_their_clocks() -> None:
    house = House(seats=2)
    mary, bob = house.enter("Mary"), house.enter("Bob")
    house.loop.advance(10)
    house.enter("Eve")
    house.operator.ask(Mute("general", "Mary", 60))
    bob.ask(Say("hi"))
    house.loop.advance(5.25)
    house.quiet(bob)
    bob.ask(Who("7"))
    house.run()
    now = NOON + 15.25
    seated = [
        SeatedMember("Mary", NOON, idle_seconds=0.0, muted_seconds=54.8, entered=1),
        SeatedMember("Bob", NOON, idle_seconds=5.2, entered=3),
    ]
    assert bob.messages() == [
        Members(now, "general", 7, seated, [WaitingMember("Eve", NOON + 10, entered=5)], "7", modes="+nt")
    ]
    assert mary.session.wants_presence is False
    assert bob.session.wants_presence is True
    house.check()


def test_times_are_told_by_the_machines_clock() -> None:
    house = House(seats=1)
    house.clock.set_forward_seconds = 500
    mary = house.enter("Mary")
    house.enter("Bob")
    house.loop.advance(3)
    house.quiet(mary)
    mary.ask(Who())
    house.run()
    since = NOON + 500
    mine = SeatedMember("Mary", since, idle_seconds=3.0, entered=1)
    assert mary.messages() == [
        Members(since + 3, "general", 3, [mine], [WaitingMember("Bob", since, entered=3)], modes="+nt")
    ]


def test_who_waits_may_ask_as_well() -> None:
    house = House(seats=1)
    house.enter("Mary")
    bob = house.enter("Bob")
    bob.ask(Who())
    house.run()
    assert [type(message) for message in bob.messages()] == [Members]


def test_those_whose_connections_were_lost_are_away() -> None:
    limits = Limits(seat_hold_seconds=60, place_hold_seconds=300, held_visit_seconds_min=0)
    house = House(seats=2, limits=limits)
    mary, bob, eve = house.enter("Mary"), house.enter("Bob"), house.enter("Eve")
    bob.vanish()
    eve.vanish()
    house.quiet(mary)
    mary.ask(Who())
    house.run()
    (members,) = mary.messages()
    assert isinstance(members, Members)
    assert [(one.name, one.away) for one in members.seated] == [("Mary", False), ("Bob", True)]
    assert [(one.name, one.away) for one in members.waiting] == [("Eve", True)]


def test_of_very_many_as_many_are_named_as_fit_into_an_outbox() -> None:
    limits = Limits(waiting_max=MEMBERS_TOLD_MAX + 1)
    house = House(seats=MEMBERS_TOLD_MAX, limits=limits, channels=["general"])
    mary = house.enter("Mary")
    long = "\N{MATHEMATICAL BOLD SMALL A}" * 27
    for n in range(2 * MEMBERS_TOLD_MAX - 1):
        house.enter(f"{long}{n:05}")
    (last,) = [house.enter(name) for name in ("Zoe",)]
    house.clock.time += 1 / 3
    mary.new()
    mary.ask(Who())
    house.run()
    data = mary.new()
    assert len(data) < limits.outbox_bytes_max
    assert data.count(b'"since"') == 2 * MEMBERS_TOLD_MAX
    assert b'"Zoe"' not in data
    assert not last.session.seated


# A place


def test_a_place_is_told_with_the_wait_to_expect() -> None:
    house = busy_house()
    mary, bob, eve = house.enter("Mary"), house.enter("Bob"), house.enter("Eve")
    house.loop.advance(5)
    house.quiet(mary)
    eve.ask(AskPlace("7"))
    bob.ask(AskPlace())
    mary.ask(AskPlace("8"))
    house.run()
    now = house.clock.time
    assert eve.messages() == [Place(now, "general", 1, (20.0, 120.0), "7")]
    assert bob.messages() == [Place(now, "general", 0, (10.0, 60.0))]
    assert mary.messages() == [Refusal(now, "not-waiting", "You have a seat, so you have no place in the line.", "8")]
    house.check()


def test_a_seat_that_is_held_for_long_makes_the_wait_longer() -> None:
    house = busy_house()
    mary, bob = house.enter("Mary"), house.enter("Bob")
    house.loop.advance(90)
    mary.ask(Say("still here"))
    house.loop.advance(90)
    bob.ask(AskPlace())
    house.run()
    assert bob.messages() == [Place(house.clock.time, "general", 0, (20.0, 180.0))]


def test_without_a_measure_a_place_is_told_without_a_wait() -> None:
    house = House(seats=1)
    house.enter("Mary")
    bob = house.enter("Bob")
    bob.ask(AskPlace())
    house.run()
    assert bob.messages() == [Place(NOON, "general", 0)]


def test_each_change_of_a_place_tells_the_wait_too() -> None:
    house = busy_house()
    house.enter("Mary")
    bob, eve = house.enter("Bob"), house.enter("Eve")
    bob.ask(Quit())
    house.run()
    assert eve.messages() == [Place(house.clock.time, "general", 0, (10.0, 60.0))]


def test_where_seats_were_taken_away_more_must_leave_before_one_is_free() -> None:
    house = busy_house()
    room = house.rooms["general"]
    room.capacity = room.channel.capacity = 3
    for name in ("Mary", "Joe", "Ann"):
        house.enter(name)
    room.capacity = room.channel.capacity = 1
    bob = house.enter("Bob")
    bob.ask(AskPlace())
    house.run()
    assert bob.messages() == [Place(house.clock.time, "general", 0, (10.0, 60.0))]


def test_the_wait_survives_a_restart() -> None:
    before = busy_house()
    before.enter("Mary").ask(Quit())
    before.run()
    house = House(seats=1, channels=["general"], log=before.log, clock=before.clock)
    house.enter("Mary")
    bob = house.enter("Bob")
    bob.ask(AskPlace())
    house.run()
    assert bob.messages() == [Place(house.clock.time, "general", 0, (10.0, 60.0))]
    assert before.rooms["general"].channel.seat_seconds == house.rooms["general"].channel.seat_seconds


def test_a_turn_that_was_not_kept_leaves_the_times_of_seats_as_they_are_though_somebody_has_set_the_clock() -> None:
    house = FailingHouse(seats=1)
    mary = house.enter("Mary")
    house.loop.advance(10)
    house.clock.set_forward_seconds = 3_600
    house.fail()
    mary.ask(Say("hi"))
    house.run()
    house.fail(False)
    mary.ask(Quit())
    house.run()
    assert list(house.rooms["general"].channel.seat_seconds) == [10]


# The channels


def test_a_channel_tells_the_wait_of_who_comes_now_where_no_seat_is_free() -> None:
    house = busy_house()
    nobody = house.knock("")
    nobody.ask(List("7"))
    house.run()
    now = house.clock.time
    assert nobody.messages() == [Channels(now, [ChannelInfo("general", 9001, 1, 0, 0)], "7")]
    house.enter("Mary")
    house.enter("Bob")
    nobody.ask(List())
    house.run()
    assert nobody.messages() == [Channels(now, [ChannelInfo("general", 9001, 1, 1, 1, "", (20.0, 120.0))])]
    assert house.hub.channels() == [ChannelInfo("general", 9001, 1, 1, 1, "", (20.0, 120.0))]


def test_a_channel_that_has_stopped_tells_no_wait() -> None:
    house = busy_house()
    house.enter("Mary")
    house.rooms["general"].stopped = True
    assert house.hub.channels() == [ChannelInfo("general", 9001, 1, 0, 0)]


def test_whoever_has_not_said_hello_may_ask_whether_the_server_is_there() -> None:
    house = House()
    nobody, plain = house.knock(), house.knock(plain=True)
    nobody.ask(Ping("7"))
    plain.ask(List())
    house.run()
    assert nobody.messages() == [Pong(NOON, "7")]
    assert plain.lines() == ["[Channel] general 0/5/0.", "[Channel] games 0/5/0.", "[Channel] help 0/5/0."]


# Signs of life, and retries


@pytest.mark.parametrize("command", [Who(), AskPlace(), Ping()])
def test_what_a_page_asks_by_itself_is_no_sign_of_life(command: Who) -> None:
    house = House()
    mary = house.enter("Mary")
    house.loop.advance(60)
    mary.ask(command)
    house.loop.advance(IDLE - 60)
    assert mary.transport.closed


def test_here_is_a_sign_of_life_and_nothing_else() -> None:
    house = House()
    mary, bob = house.enter("Mary"), house.enter("Bob", plain=True)
    house.loop.advance(60)
    house.quiet(mary, bob)
    mary.ask(Here("7"), Here())
    house.run()
    assert mary.messages() == [Done(NOON + 60, "7")]
    assert bob.new() == b""
    house.loop.advance(IDLE - 0.01)
    assert not mary.transport.closed
    house.loop.advance(0.01)
    assert mary.transport.closed


@pytest.mark.parametrize("command", [Who("7"), Ping("7"), List("7"), AskPlace("7")])
def test_a_question_that_came_before_is_answered_again(command: Who) -> None:
    house = House(seats=1)
    house.enter("Mary")
    bob = house.enter("Bob")
    bob.ask(command)
    house.run()
    first = bob.new()
    bob.ask(command)
    house.run()
    assert bob.new() == first
    assert b'"done"' not in first


def test_a_place_follows_from_where_the_operator_put_it() -> None:
    house = House(seats=1)
    house.enter("Mary")
    bob, eve, plain = house.enter("Bob"), house.enter("Eve"), house.enter("Joe", plain=True)
    house.quiet(house.operator)
    house.operator.ask(Move("general", "Joe", 0))
    house.run()
    assert bob.messages() == [Place(NOON, "general", 1)]
    assert eve.messages() == [Place(NOON, "general", 2)]
    assert plain.lines() == [server("You are in the waiting queue and there are 0 user(s) ahead of you.")]
    assert house.operator.new() == b""
    house.check()
