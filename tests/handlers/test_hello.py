"""A hello that names its channel, and the sessions that came by no channel's door."""

import pytest

from antechamber.protocol.commands import Hello, Leave, Malformed, Resume, Say, Switch
from antechamber.protocol.events import Entry, Queued, Said, Seated
from antechamber.protocol.limits import Limits
from antechamber.protocol.notices import Goodbye, Place, Refusal, Welcome
from tests.fakes import NOON, FailingHouse, House, Person, not_kept

HELD = Limits(seat_hold_seconds=60, place_hold_seconds=300, held_visit_seconds_min=0)


def knock_unheld(house: House, door: str = "general") -> Person:
    """Open a connection by a door where nothing is held."""
    person = house.knock(door)
    person.session.may_hold = False
    return person


def test_a_hello_by_no_door_names_its_channel() -> None:
    house = House()
    mary = house.knock("")
    mary.ask(Hello("Mary", channel="games"), Say("hi"))
    house.run()
    welcome, *entries = mary.messages()
    assert isinstance(welcome, Welcome)
    assert welcome.channel == "games"
    assert entries == [Entry("games", 2, NOON, Seated("Mary")), Entry("games", 3, NOON, Said("Mary", "hi"))]
    house.check()


def test_a_hello_by_a_door_may_name_another_channel() -> None:
    house = House()
    mary = house.knock("general")
    mary.ask(Hello("Mary", channel="games"))
    house.run()
    assert house.events("games") == [Queued("Mary"), Seated("Mary")]
    assert house.events("general") == []
    house.check()


@pytest.mark.parametrize(
    ("hello", "code", "text"),
    [
        (Hello("Mary", channel="general"), "name-taken", "Cannot connect to the general channel."),
        (Hello("Eve", channel="general"), "queue-full", "The waiting queue of the general channel is full."),
        (Hello("E v e", channel="general"), "bad-name", "A name has only letters, digits, marks and . _ - + ~ '"),
        (Hello("Eve", channel="nowhere"), "no-such-channel", "nowhere does not exist."),
        (Hello("Eve"), "no-such-channel", "Say which channel you want to enter."),
        (Hello("Eve", channel="help"), "stopped", "The help channel has stopped."),
        (Hello("Eve", 2, channel="games"), "protocol", "This server speaks version 1 of the protocol, not 2."),
        (Malformed("no-json", "Not a line of JSON."), "no-json", "Not a line of JSON."),
    ],
)
def test_by_no_door_a_hello_that_is_refused_may_be_followed_by_another(
    hello: Hello | Malformed, code: str, text: str
) -> None:
    house = House(seats=1, limits=Limits(waiting_max=1))
    house.enter("Mary")
    house.enter("Bob")
    house.rooms["help"].stopped = True
    eve = house.knock("")
    eve.ask(hello)
    house.run()
    assert eve.messages() == [Refusal(NOON, code, text, "", 3600)]
    assert not eve.transport.closed
    eve.ask(Hello("Eve", channel="games"))
    house.run()
    assert eve.session.seated
    house.check()


@pytest.mark.parametrize("door", ["general", ""])
def test_by_a_door_a_hello_to_no_channel_ends_the_session(door: str) -> None:
    house = House()
    mary = house.knock(door)
    mary.ask(Hello("Mary", id="1", channel="nowhere"))
    house.run()
    refusal = Refusal(NOON, "no-such-channel", "nowhere does not exist.", "1", 3600)
    goodbye = [Goodbye(NOON, "refused", "nowhere does not exist.")] if door else []
    assert mary.messages() == [refusal, *goodbye]
    assert mary.transport.closed == bool(door)


def test_a_refused_hello_is_judged_anew_under_its_id() -> None:
    house = House()
    first, second = house.enter("Mary"), house.knock("")
    second.ask(Hello("Mary", id="1", channel="general"))
    house.run()
    first.ask(Leave("lost"))
    second.ask(Hello("Mary", id="1", channel="general"))
    house.run()
    assert second.session.seated
    house.check()


def test_a_resume_that_is_refused_ends_the_session_by_whatever_way_it_came() -> None:
    house = House()
    nobody = house.knock("")
    nobody.ask(Resume("no token"))
    house.run()
    assert [type(message) for message in nobody.messages()] == [Refusal, Goodbye]
    assert nobody.transport.closed


def test_by_no_door_a_hello_that_was_not_kept_may_be_said_again() -> None:
    house = FailingHouse()
    mary = house.knock("")
    house.fail()
    mary.ask(Hello("Mary", id="1", channel="general"))
    house.run()
    assert mary.messages() == [not_kept("1")]
    house.fail(False)
    mary.ask(Hello("Mary", id="1", channel="general"))
    house.run()
    assert mary.session.seated
    house.check()


def test_where_nothing_may_be_held_a_lost_connection_frees_the_seat_at_once() -> None:
    house = House(limits=HELD)
    mary = knock_unheld(house)
    mary.ask(Hello("Mary"))
    house.run()
    (welcome, _) = mary.messages()
    assert isinstance(welcome, Welcome)
    assert (welcome.seat_hold_seconds, welcome.place_hold_seconds) == (0, 0)
    mary.vanish()
    house.run()
    assert house.state().seated == {}
    assert house.rooms["general"].held == {}
    house.check()


def test_where_nothing_may_be_held_the_token_still_takes_over_a_connection_that_seems_alive() -> None:
    house = House(limits=HELD)
    mary = knock_unheld(house)
    mary.ask(Hello("Mary"))
    house.run()
    (welcome, _) = mary.messages()
    assert isinstance(welcome, Welcome)
    again = knock_unheld(house)
    again.ask(Resume(welcome.token, 2))
    house.run()
    assert again.session.seated
    assert [type(message) for message in mary.messages()] == [Goodbye]
    again.vanish()
    house.run()
    assert house.state().seated == {}
    house.check()


def test_in_the_same_channel_others_are_held() -> None:
    house = House(limits=HELD)
    bob = house.knock("")
    bob.ask(Hello("Bob", channel="general"))
    house.run()
    (welcome, _) = bob.messages()
    assert isinstance(welcome, Welcome)
    assert welcome.token
    assert (welcome.seat_hold_seconds, welcome.place_hold_seconds) == (60, 300)
    bob.vanish()
    house.run()
    assert list(house.state().seated) == ["Bob"]
    house.check()


def test_a_switch_holds_no_more_than_the_hello_did() -> None:
    house = House(seats=1, limits=HELD)
    house.enter("Bob", "games")
    mary = knock_unheld(house)
    mary.ask(Hello("Mary"))
    house.run()
    mary.new()
    mary.ask(Switch("games"))
    house.run()
    welcome, place = mary.messages()
    assert isinstance(welcome, Welcome)
    assert isinstance(place, Place)
    assert (welcome.seat_hold_seconds, welcome.place_hold_seconds) == (0, 0)
    mary.vanish()
    house.run()
    assert house.state("games").waiting == []
    house.check()


def test_without_an_idle_time_the_welcome_tells_none() -> None:
    house = House(limits=Limits(idle_seconds_max=float("inf"), line_bytes_max=5_000, file_bytes_max=7))
    mary = house.knock()
    mary.ask(Hello("Mary"))
    house.run()
    welcome, _ = mary.messages()
    assert isinstance(welcome, Welcome)
    assert (welcome.idle_seconds_max, welcome.line_bytes_max, welcome.file_bytes_max) == (0, 5_000, 7)
