"""Departures while the log fails: nobody is kept from going, and the membership ends once that can be kept."""

import pytest

from antechamber.channel.snapshot import ChannelState
from antechamber.protocol.commands import (
    Empty,
    Kick,
    Leave,
    List,
    Mute,
    Quit,
    Say,
    Whisper,
)
from antechamber.protocol.events import Entry, Left, Said, Seated
from antechamber.protocol.limits import Limits
from antechamber.protocol.notices import Goodbye, Place
from tests.fakes import (
    NOON,
    FailingHouse,
    failing_house,
)

IDLE = Limits().idle_seconds_max


def test_a_connection_that_dies_while_the_log_fails_leaves_once_the_log_works() -> None:
    house, (mary, bob, eve) = failing_house("Mary", "Bob", "Eve", seats=2)
    mary.vanish()
    house.loop.advance(10.5)
    assert house.state() == ChannelState({"Mary": 0.0, "Bob": 0.0}, ["Eve"])
    assert bob.new() == eve.new() == b""
    house.check()
    house.fail(False)
    house.loop.advance(1)
    assert house.state() == ChannelState({"Bob": 0.0, "Eve": 0.0}, [])
    assert [message.event for message in bob.messages() if isinstance(message, Entry)] == [
        Left("Mary", "lost"),
        Seated("Eve"),
    ]
    assert [message.event for message in eve.messages() if isinstance(message, Entry)] == [Seated("Eve")]
    house.check()


def test_quitting_while_the_log_fails_ends_the_connection_at_once_and_the_membership_later() -> None:
    house, (mary, bob, _) = failing_house("Mary", "Bob", "Eve", seats=2)
    mary.ask(Quit("1"), Say("too late"), Quit("2"))
    house.run()
    assert mary.messages() == [Goodbye(NOON, "quit", "Goodbye.")]
    assert mary.transport.closed
    house.fail(False)
    bob.ask(Say("hi"))
    house.run()
    assert mary.new() == b"", "a goodbye is the last line"
    assert [message.event for message in bob.messages() if isinstance(message, Entry)] == [Said("Bob", "hi")]
    house.check()
    house.loop.advance(1)
    assert house.events()[-2:] == [Left("Mary", "quit"), Seated("Eve")]
    mary.vanish()
    house.loop.advance(5)
    assert house.events()[-2:] == [Left("Mary", "quit"), Seated("Eve")]
    assert mary.new() == b""
    house.check()


def test_quitting_from_the_queue_while_the_log_fails() -> None:
    house, (_, bob, eve) = failing_house("Mary", "Bob", "Eve", seats=1)
    bob.ask(Quit())
    house.run()
    bob.vanish()
    house.loop.advance(3)
    assert eve.new() == b""
    house.fail(False)
    house.loop.advance(1)
    assert eve.messages() == [Place(NOON + 4, "general", 0)]
    assert house.state() == ChannelState({"Mary": 0.0}, ["Eve"])
    house.check()


def test_a_connection_that_died_is_not_written_to_while_its_departure_waits_for_the_log() -> None:
    house, (mary, bob) = failing_house("Mary", "Bob")
    transport = mary.transport
    mary.ask(Leave("lost"))  # its transport still takes what is written
    house.run()
    house.fail(False)
    writes = len(transport.writes)
    bob.ask(Say("hi"))
    house.run()
    assert len(transport.writes) == writes
    house.check()


def test_an_idle_member_goes_once_the_log_works() -> None:
    house, (mary, bob, eve) = failing_house("Mary", "Bob", "Eve", seats=2)
    house.loop.advance(50)
    bob.ask(List())
    house.run()
    house.loop.advance(IDLE - 50 - 0.5)
    house.quiet(mary, bob)
    house.loop.advance(0.5 + 10.5)
    assert not mary.transport.closed
    assert mary.new() == bob.new() == eve.new() == b""
    house.check()
    house.fail(False)
    house.loop.advance(1)
    assert mary.transport.closed
    assert house.events()[-2:] == [Left("Mary", "idle"), Seated("Eve")]
    house.check()


def test_an_idle_member_who_says_something_meanwhile_stays() -> None:
    house, (mary,) = failing_house("Mary")
    house.loop.advance(IDLE + 0.5)
    mary.ask(List())
    house.run()
    house.fail(False)
    house.loop.advance(IDLE - 0.51)
    assert not mary.transport.closed
    house.loop.advance(1)
    assert mary.transport.closed


def test_an_idle_member_who_is_muted_meanwhile_stays_until_the_mute_is_over() -> None:
    house, (mary,) = failing_house("Mary")
    house.loop.advance(IDLE + 0.5)
    house.fail(False)
    house.operator.ask(Mute("general", "Mary", 60))
    house.loop.advance(59.99)
    assert not mary.transport.closed
    house.loop.advance(0.01)
    assert mary.transport.closed


@pytest.mark.parametrize("seconds", [5, 500])
def test_the_idle_clocks_go_on_as_if_the_turn_had_never_been(seconds: int) -> None:
    house, (mary, bob) = failing_house("Mary", "Bob")
    house.loop.advance(40)
    bob.ask(Say("hi"))
    house.operator.ask(Mute("general", "Mary", seconds))
    house.run()
    house.fail(False)
    house.loop.advance(IDLE - 40 - 0.01)
    assert not mary.transport.closed
    house.loop.advance(0.01)
    assert mary.transport.closed
    house.loop.advance(39.98)
    assert not bob.transport.closed
    house.loop.advance(0.02)
    assert bob.transport.closed


@pytest.mark.parametrize("seconds", [5, 500])
def test_a_mute_goes_on_as_if_the_turn_had_never_been(seconds: int) -> None:
    house = FailingHouse()
    mary = house.enter("Mary")
    house.loop.advance(30)
    house.operator.ask(Mute("general", "Mary", 200))
    house.loop.advance(50)
    house.fail()
    house.operator.ask(Mute("general", "Mary", seconds))
    house.run()
    house.fail(False)
    house.check()
    house.loop.advance(149)
    house.quiet(mary)
    mary.ask(Say("hi"))
    house.run()
    assert mary.refusals() == [("muted", "")]
    house.loop.advance(1 + IDLE - 30 - 0.01)
    assert not mary.transport.closed
    house.loop.advance(0.01)
    assert mary.transport.closed


def test_the_idle_time_of_another_channel_is_over_when_it_is() -> None:
    house = FailingHouse()
    house.loop.advance(0.5)
    ann = house.enter("Ann", "games")
    house.loop.advance(IDLE - 0.7)
    mary = house.enter("Mary")
    house.fail()
    mary.ask(Say("hi"))
    house.run()
    house.fail(False)
    house.loop.advance(0.69)
    assert not ann.transport.closed
    house.loop.advance(0.01)
    assert ann.transport.closed


@pytest.mark.parametrize("gone", ["quit", "lost"])
def test_who_has_gone_reads_nothing_more_whatever_happens_to_its_place_meanwhile(gone: str) -> None:
    house, (mary, bob, eve, ann) = failing_house("Mary", "Bob", "Eve", "Ann", seats=2)
    leavers = [bob, eve]
    for person in leavers:
        person.ask(Quit() if gone == "quit" else Leave("lost"))
    house.run()
    house.quiet(*leavers)
    house.fail(False)
    mary.ask(Whisper("Bob", "psst"), Say("hi"), Quit())
    house.run()
    assert house.state() == ChannelState({"Bob": 0.0, "Eve": 0.0}, ["Ann"]), "the seats are theirs until it is kept"
    house.operator.ask(Mute("general", "Bob", 5), Mute("general", "Eve", 5))
    house.run()
    house.check()
    house.loop.advance(1)
    assert bob.new() == eve.new() == b""
    first, *_ = [message.event for message in ann.messages() if isinstance(message, Entry)]
    assert first == Seated("Ann")
    assert house.state() == ChannelState({"Ann": 0.0}, [])
    house.check()


@pytest.mark.parametrize("how", ["kick", "empty", "close"])
def test_who_has_gone_is_told_goodbye_once(how: str) -> None:
    house, (mary, bob) = failing_house("Mary", "Bob")
    mary.ask(Quit())
    house.run()
    house.fail(False)
    if how == "close":
        house.hub.close()
    else:
        house.operator.ask(Kick("general", "Mary") if how == "kick" else Empty("general"))
        house.run()
        house.check()
        assert "Mary" not in house.state().seated
    assert mary.messages() == [Goodbye(NOON, "quit", "Goodbye.")]
    assert bob.transport.closed == (how != "kick")
    house.loop.advance(1)


def test_whoever_was_on_its_way_out_in_a_turn_that_failed_is_back() -> None:
    house, (mary, bob, eve) = failing_house("Mary", "Bob", "Eve", seats=2)
    house.operator.ask(Kick("general", "Mary"), Empty("general"), Kick("general", "Eve"))
    house.run()
    assert mary.new() == bob.new() == eve.new() == b""
    house.check()
    house.fail(False)
    eve.ask(Quit())
    mary.ask(Whisper("Bob", "psst"), Say("hi"))
    house.run()
    assert eve.transport.closed
    assert [type(message) for message in mary.messages()] == [Entry, Entry]
    assert [type(message).__name__ for message in bob.messages()] == ["Entry", "Whispered", "Entry"]
    house.check()
