"""Who lost the connection before its welcome came says the same hello again, and is no stranger to itself."""

import pytest
from msgspec.structs import replace

from antechamber.protocol.commands import Hello, Leave, Ping, Resume, Say, Switch
from antechamber.protocol.events import Left, Queued, Said, Seated
from antechamber.protocol.limits import Limits
from antechamber.protocol.notices import Goodbye, Place, Pong, Refusal, Resumed, Welcome
from tests.fakes import NOON, FailingHouse, House, Person, not_kept
from tests.reconnecting_people import HOLDS, entries, token_of

KEY = "k" * 32
HELLO = Hello("Mary", channel="general", key=KEY)


def hello(house: House, command: Hello = HELLO, door: str = "") -> Person:
    """Open a connection that says this, and let the hub take its turn."""
    person = house.knock(door)
    person.ask(command)
    house.run()
    return person


def assert_taken(person: Person) -> None:
    taken = Refusal(NOON, "name-taken", "Cannot connect to the general channel.", "", 3600)
    assert person.messages() == [taken]


@pytest.mark.parametrize("lost", [True, False])
def test_a_hello_with_the_same_key_goes_on_in_the_seat(lost: bool) -> None:
    house = House(limits=HOLDS)
    bob = house.enter("Bob")
    first = hello(house)
    if lost:
        first.vanish()
    bob.ask(Say("hello"))
    house.run()
    bob.new()
    again = hello(house)
    resumed, *missed = again.messages()
    assert isinstance(resumed, Resumed)
    assert (resumed.channel, resumed.name, resumed.seated, resumed.first, resumed.last) == (
        "general",
        "Mary",
        True,
        4,
        5,
    )
    assert resumed.token == token_of(first)
    assert missed == house.entries()[3:]
    told = first.all_messages()[-1]
    assert isinstance(told, Goodbye) == (not lost)
    if isinstance(told, Goodbye):
        assert told.reason == "resumed"
    assert bob.messages() == []
    again.ask(Say("here"))
    house.run()
    assert [entry.event for entry in entries(again)] == [Said("Mary", "here")]
    house.check()


def test_it_goes_on_in_the_line_too_and_by_a_door() -> None:
    house = House(seats=1, limits=HOLDS)
    house.enter("Bob")
    hello(house).vanish()
    house.run()
    again = hello(house, Hello("Mary", key=KEY), "general")
    resumed, place = again.messages()
    assert isinstance(resumed, Resumed)
    assert isinstance(place, Place)
    assert (resumed.seated, place.ahead) == (False, 0)
    house.check()


def test_the_answer_to_a_hello_that_is_said_again_in_the_same_turn_comes_once() -> None:
    house = House(limits=HOLDS)
    first, again = house.knock(""), house.knock("")
    first.ask(HELLO)
    again.ask(HELLO)
    house.run()
    assert house.events() == [Queued("Mary", True), Seated("Mary")]
    assert isinstance(first.messages()[-1], Goodbye)
    assert isinstance(again.messages()[0], Resumed)
    assert again.session.seated
    house.check()


@pytest.mark.parametrize(
    "other",
    [replace(HELLO, key=""), replace(HELLO, key="K" * 32), replace(HELLO, key=f"{KEY}k"), replace(HELLO, hold=False)],
)
def test_by_another_key_or_none_the_name_is_taken(other: Hello) -> None:
    house = House(limits=HOLDS)
    first = hello(house)
    assert_taken(hello(house, other))
    first.vanish()
    assert_taken(hello(house, other))
    house.check()


@pytest.mark.parametrize("first", [replace(HELLO, key=""), replace(HELLO, hold=False)])
def test_where_a_hello_had_no_key_or_cannot_come_back_the_name_is_taken(first: Hello) -> None:
    house = House(limits=HOLDS)
    hello(house, first)
    assert_taken(hello(house, replace(first, hold=True)))


def test_the_key_is_for_its_own_name_and_channel_alone() -> None:
    house = House(limits=HOLDS)
    hello(house)
    (welcome, _) = hello(house, replace(HELLO, name="Bob")).messages()
    assert isinstance(welcome, Welcome)
    (welcome, _) = hello(house, replace(HELLO, channel="games")).messages()
    assert isinstance(welcome, Welcome)
    house.check()


def test_the_key_is_the_members_over_a_resume_and_a_switch() -> None:
    house = House(limits=HOLDS)
    first = hello(house)
    back = house.knock("")
    back.ask(Resume(token_of(first), 2), Switch("games"))
    house.run()
    back.vanish()
    house.run()
    (resumed, *_) = hello(house, replace(HELLO, channel="games")).messages()
    assert isinstance(resumed, Resumed)
    (welcome, _) = hello(house).messages()
    assert isinstance(welcome, Welcome)
    house.check()


def test_who_has_left_begins_anew_by_the_same_key() -> None:
    house = House(limits=HOLDS)
    hello(house).vanish()
    house.loop.advance(61)
    assert house.events()[-1] == Left("Mary", "lost")
    (welcome, _) = hello(house).messages()
    assert isinstance(welcome, Welcome)
    house.check()


def test_a_restarted_server_knows_no_key() -> None:
    house = House(limits=HOLDS)
    hello(house)
    again = House(limits=HOLDS, log=house.log, clock=house.clock)
    assert_taken(hello(again))


def test_where_nothing_is_held_it_still_takes_over_a_connection_that_seems_alive() -> None:
    house = House()
    first = hello(house)
    again = hello(house)
    assert isinstance(again.messages()[0], Resumed)
    assert first.transport.closed
    again.ask(Leave("lost"))
    house.run()
    assert house.state().seated == {}
    house.check()


def held_where_the_log_fails() -> FailingHouse:
    house = FailingHouse()
    for room in house.rooms.values():
        room.limits = room.channel.limits = HOLDS
    return house


@pytest.mark.parametrize("lost", [True, False])
def test_a_turn_that_could_not_be_kept_keeps_nobody_from_going_on(lost: bool) -> None:
    house = held_where_the_log_fails()
    bob, first = house.enter("Bob"), hello(house)
    if lost:
        first.vanish()
        house.run()
    house.fail()
    bob.ask(Say("hello"))
    again = hello(house)
    assert isinstance(again.messages()[0], Resumed)
    assert first.transport.closed == (not lost)
    house.fail(False)
    house.check()


def test_two_hellos_of_a_turn_that_could_not_be_kept_are_both_undone() -> None:
    house = held_where_the_log_fails()
    house.fail()
    first, again = house.knock(""), house.knock("")
    first.ask(HELLO)
    again.ask(HELLO, Ping())
    house.run()
    assert first.messages() == [not_kept()]
    assert again.messages() == [not_kept(), Pong(NOON)]
    assert not first.transport.closed
    house.fail(False)
    (welcome, _) = hello(house).messages()
    assert isinstance(welcome, Welcome)
    house.check()


def test_a_key_stands_in_nothing_that_a_log_may_tell_of_a_command() -> None:
    assert KEY not in repr(HELLO)


def test_a_full_line_is_no_hindrance() -> None:
    house = House(seats=1, limits=Limits(waiting_max=1, place_hold_seconds=300, held_visit_seconds_min=0))
    house.enter("Bob")
    hello(house).vanish()
    (resumed, _) = hello(house).messages()
    assert isinstance(resumed, Resumed)
