"""Idle times: over when they are, and not before."""

import pytest

from antechamber.protocol.commands import Hello, List, Mute, Ping, Quit, Say, Send, Switch, Whisper
from antechamber.protocol.events import Left
from antechamber.protocol.limits import IDLE_WARNING_SECONDS, Limits
from antechamber.protocol.notices import Goodbye, Idling
from tests.fakes import NOON, House

IDLE = Limits().idle_seconds_max


def test_a_member_who_sends_nothing_goes_when_its_time_is_over_and_not_before() -> None:
    house = House()
    mary, bob = house.enter("Mary", plain=True), house.enter("Bob", plain=True)
    house.loop.advance(50)
    bob.ask(Say("still here"))
    house.run()
    house.quiet(mary, bob, house.operator)
    house.loop.advance(49.9)
    assert bob.new() == b""
    assert not mary.transport.closed
    house.loop.advance(0.1)
    went = ["[Server message (12:01:40)] Mary went AFK."]
    assert bob.lines() == went
    assert house.operator.lines() == went
    assert mary.new() == b""
    assert mary.transport.closed
    assert not mary.transport.aborted
    house.loop.advance(49.9)
    assert not bob.transport.closed
    house.loop.advance(0.1)
    assert bob.transport.closed
    assert house.operator.lines() == ["[Server message (12:02:30)] Bob went AFK."]
    assert house.events()[-2:] == [Left("Mary", "idle"), Left("Bob", "idle")]
    house.check()


def test_an_idle_session_that_reads_json_is_told_why_it_ends() -> None:
    house = House()
    mary = house.enter("Mary")
    house.loop.advance(IDLE)
    text = "You sent nothing for too long, so your seat went to the next in line."
    assert mary.messages() == [
        Idling(NOON + IDLE - 20, "general", 20),
        Goodbye(NOON + IDLE, "idle", text),
    ]


def test_the_seat_of_an_idle_member_goes_to_the_first_in_line_whose_time_starts_then() -> None:
    house = House(seats=1)
    house.enter("Mary")
    bob = house.enter("Bob", plain=True)
    house.loop.advance(IDLE)
    assert bob.lines() == ["[Server message (12:01:40)] Bob has joined the channel."]
    house.loop.advance(IDLE - 0.01)
    assert not bob.transport.closed
    house.loop.advance(0.01)
    assert bob.transport.closed


def test_an_idle_time_that_is_over_just_after_another_is_over_in_time() -> None:
    house = House()
    house.enter("Mary")
    house.loop.advance(0.5)
    bob = house.enter("Bob")
    house.loop.advance(IDLE - 0.01)
    assert not bob.transport.closed
    house.loop.advance(0.01)
    assert bob.transport.closed


def test_those_who_wait_stay_however_long_it_takes() -> None:
    house = House(seats=1)
    mary, bob = house.enter("Mary"), house.enter("Bob")
    for _ in range(10):
        house.loop.advance(60)
        mary.ask(List())
    assert not bob.transport.closed


def test_a_ping_is_no_sign_of_life_of_the_person() -> None:
    house = House()
    mary, bob = house.enter("Mary"), house.enter("Bob")
    house.loop.advance(60)
    mary.ask(Ping())
    bob.ask(List())
    house.loop.advance(IDLE - 60)
    assert mary.transport.closed
    assert not bob.transport.closed


@pytest.mark.parametrize(
    "command", [Say("hi"), Whisper("Joe", "hi"), List(), Switch("nowhere"), Send("Joe", "a.txt"), Hello("Joe")]
)
def test_whatever_else_a_member_sends_is_a_sign_of_life_even_if_it_is_refused(command: Say) -> None:
    house = House()
    mary = house.enter("Mary")
    house.loop.advance(60)
    mary.ask(command)
    house.loop.advance(IDLE - 0.01)
    assert mary.transport.closed == isinstance(command, Hello)
    house.loop.advance(0.01)
    assert mary.transport.closed


def test_the_idle_time_stands_still_during_a_mute() -> None:
    house = House()
    mary = house.enter("Mary")
    house.loop.advance(30)
    house.operator.ask(Mute("general", "Mary", 1000))
    house.loop.advance(500)
    mary.ask(Say("let me"))
    house.loop.advance(1000 - 500 + IDLE - 30 - 0.01)
    assert not mary.transport.closed
    house.loop.advance(0.01)
    assert mary.transport.closed


def test_a_shorter_mute_brings_the_end_of_the_idle_time_nearer_in_time() -> None:
    house = House()
    mary = house.enter("Mary")
    house.operator.ask(Mute("general", "Mary", 1000))
    house.loop.advance(300)  # the timer is set to the end of the long mute by now
    house.operator.ask(Mute("general", "Mary", 10))
    house.run()
    assert [timer.at for timer in house.loop.pending()] == [NOON + 310 + IDLE - IDLE_WARNING_SECONDS]
    house.loop.advance(10 + IDLE - 0.01)
    assert not mary.transport.closed
    house.loop.advance(0.01)
    assert mary.transport.closed


def test_idle_times_of_several_channels_are_kept_apart() -> None:
    house = House()
    mary = house.enter("Mary", "games")
    house.loop.advance(10)
    bob = house.enter("Bob", "general")
    house.loop.advance(10)
    ann = house.enter("Ann", "help")
    for person in (mary, bob, ann):
        house.loop.advance(IDLE - 20 if person is mary else 9.99)
        assert person.transport.closed == (person is mary)
        house.loop.advance(0 if person is mary else 0.01)
        assert person.transport.closed


def test_an_empty_house_waits_for_nothing() -> None:
    house = House()
    house.enter("Mary").ask(Quit())
    house.loop.advance(1000)
    assert house.loop.pending() == []


def test_a_closed_session_has_a_while_to_read_what_is_left() -> None:
    house = House()
    mary = house.enter("Mary")
    mary.ask(Quit())
    house.run()
    assert mary.transport.closed
    house.loop.advance(4.99)
    assert not mary.transport.aborted
    house.loop.advance(0.01)
    assert mary.transport.aborted
