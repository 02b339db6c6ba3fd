"""Presence: members who have asked who is there are told what no entry tells about the others."""

import pytest

from antechamber.codec.jsonl import JSON
from antechamber.feeds.subscriptions import PRESENCE_SECONDS
from antechamber.protocol.commands import Hello, Here, List, Mute, Ping, Quit, Resume, Say, Switch, Watch, Whisper, Who
from antechamber.protocol.limits import Limits
from antechamber.protocol.notices import Presence, Welcome
from tests.fakes import CountingEncoding, House, Person
from tests.watchers import HOLDING, SOON, timers


def asker(house: House, name: str) -> Person:
    """Return a member who has asked who is there."""
    person = house.enter(name)
    person.ask(Who())
    house.run()
    person.new()
    return person


def presences(person: Person) -> list[tuple[list[str], list[str], list[str]]]:
    """Return what this person was told of the others: who was active, away and back."""
    messages = [message for message in person.messages() if isinstance(message, Presence)]
    return [(message.active, message.away, message.back) for message in messages]


@pytest.mark.parametrize("sign", [Here(), Whisper("Mary", "psst"), List(), Whisper("Nobody", "psst")])
def test_a_sign_of_life_that_is_no_entry_is_told_to_those_who_asked_who_is_there(sign: Here | Whisper | List) -> None:
    house = House()
    mary, bob, eve = asker(house, "Mary"), house.enter("Bob"), house.enter("Eve")
    zoe = house.enter("Zoe", "games")
    zoe.ask(Who())
    house.run()
    house.loop.advance(2)
    house.quiet(mary, bob, eve, zoe)
    bob.ask(sign)
    house.loop.advance(SOON)
    assert presences(mary) == [(["Bob"], [], [])]
    assert presences(eve) == presences(zoe) == []


@pytest.mark.parametrize("no_sign", [Ping(), Watch(), Who(), Say("hi")])
def test_what_is_no_sign_of_life_or_an_entry_is_not_told(no_sign: Ping) -> None:
    house = House()
    mary, bob = asker(house, "Mary"), house.enter("Bob")
    house.loop.advance(2)
    mary.new()
    bob.ask(no_sign)
    house.loop.advance(2)
    assert presences(mary) == []


def test_anyone_who_switches_asks_anew_to_be_told_of_the_channel_there() -> None:
    house = House()
    mary, bob, eve = asker(house, "Mary"), asker(house, "Bob"), house.enter("Eve")
    for person in (mary, bob, eve):
        person.ask(Switch("games"))
    house.run()
    mary.ask(Who())
    house.loop.advance(2)
    house.quiet(mary, bob, eve)
    eve.ask(Here())
    house.loop.advance(2)
    assert presences(mary) == [(["Eve"], [], [])]
    assert presences(bob) == []


def test_signs_of_life_are_told_together_once_a_second() -> None:
    house = House()
    mary, bob, eve = asker(house, "Mary"), house.enter("Bob"), house.enter("Eve")
    house.loop.advance(2)
    mary.new()
    for _ in range(21):
        bob.ask(Here(), Here())
        eve.ask(Here())
        house.loop.advance(0.1)
    assert presences(mary) == [(["Bob", "Eve"], [], [])] * 3
    assert PRESENCE_SECONDS == 1.0


def test_a_member_who_is_muted_or_waits_or_has_left_is_not_told_as_active() -> None:
    house = House(seats=3)
    mary, bob, eve, joe = asker(house, "Mary"), house.enter("Bob"), house.enter("Eve"), house.enter("Joe")
    house.operator.ask(Mute("general", "Bob", 60))
    house.loop.advance(2)
    mary.new()
    for person in (bob, eve, joe):
        person.ask(Here())
    eve.ask(Quit())
    house.run()
    assert "Joe" in house.rooms["general"].channel.seated
    kim = house.enter("Kim")
    kim.ask(Here())
    house.loop.advance(1)
    assert presences(mary) == [(["Joe"], [], [])]


def test_a_lost_connection_and_a_return_are_told_and_the_last_of_them_counts() -> None:
    house = House(limits=HOLDING)
    mary = asker(house, "Mary")
    bob = house.knock()
    bob.ask(Hello("Bob"))
    house.run()
    token = next(message.token for message in bob.messages() if isinstance(message, Welcome))
    house.loop.advance(2)
    mary.new()
    bob.vanish()
    house.loop.advance(SOON)
    assert presences(mary) == [([], ["Bob"], [])]
    again = house.knock()
    again.ask(Resume(token))
    house.run()
    again.vanish()
    house.run()
    house.knock().ask(Resume(token))
    house.loop.advance(2)
    assert presences(mary) == [([], [], ["Bob"])]


def test_a_member_who_was_lost_and_is_no_member_any_more_is_told_by_the_entry_alone() -> None:
    house = House(limits=Limits(seat_hold_seconds=0.5))
    mary, bob = asker(house, "Mary"), house.enter("Bob")
    mary.ask(Here())
    house.loop.advance(SOON)
    mary.new()
    bob.vanish()
    house.loop.advance(2)
    assert presences(mary) == []


def test_a_member_who_waits_is_told_of_no_presence_until_it_sits() -> None:
    house = House(seats=2)
    mary, bob = house.enter("Mary"), house.enter("Bob")
    eve = asker(house, "Eve")
    bob.ask(Here())
    house.loop.advance(2)
    assert presences(eve) == []
    mary.ask(Quit())
    house.run()
    eve.new()
    bob.ask(Here())
    house.loop.advance(2)
    assert presences(eve) == [(["Bob"], [], [])]


def test_once_all_who_asked_have_gone_nothing_is_noted_any_more() -> None:
    house = House()
    mary, bob = asker(house, "Mary"), house.enter("Bob")
    mary.ask(Quit())
    bob.ask(Here())
    house.loop.advance(2)
    bob.ask(Here())
    house.run()
    assert timers(house) == []


def test_presence_is_encoded_once_for_all_who_read_alike() -> None:
    house = House()
    counting = CountingEncoding(JSON)
    people = [house.enter(name, encoding=counting) for name in ("Mary", "Bob", "Eve")]
    for person in people:
        person.ask(Who())
    house.run()
    house.quiet(*people)
    counting.single = 0
    house.enter("Joe").ask(Here())
    house.loop.advance(1)
    assert counting.single == 1
    assert [presences(person) for person in people] == [[(["Joe"], [], [])]] * 3


def test_a_file_on_its_way_up_is_told_as_a_sign_of_life() -> None:
    house = House()
    mary, bob = asker(house, "Mary"), house.enter("Bob")
    house.transfers.uploading = lambda session: session is bob.session  # type: ignore[method-assign]
    house.loop.advance(house.limits.idle_seconds_max - 5)
    assert presences(mary) == [(["Bob"], [], [])]
