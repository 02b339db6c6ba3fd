"""Whose command is carried out next: as they came, and where turns cannot keep up by address and session."""

import pytest

from antechamber.codec.jsonl import JSON
from antechamber.hub import hub as hubs
from antechamber.hub.inbox import COMMANDS_LEFT_MAX, Inbox
from antechamber.protocol.commands import Hello, List, Ping, Say, Whisper
from antechamber.protocol.limits import Limits
from antechamber.protocol.notices import Pong, Welcome
from antechamber.session.fair_share import FADING_SECONDS, FairShare
from antechamber.session.session import Session
from tests.fakes import FakeTransport, House, Person

NARROW = Limits(turn_characters_max=1_000)
"""Of tiny commands a turn carries ten."""


def from_address(person: Person, host: str) -> Person:
    person.session.host = host
    return person


def pongs(person: Person) -> list[str]:
    return [message.id for message in person.messages() if isinstance(message, Pong)]


def pings(count: int, first: int = 0) -> list[Ping]:
    return [Ping(str(number)) for number in range(first, first + count)]


@pytest.mark.parametrize("host", ["here", "there"])
def test_a_newcomers_command_is_carried_out_in_the_next_turn_whatever_others_have_queued(host: str) -> None:
    house = House(limits=NARROW)
    crowd = [from_address(house.enter(f"Flood{number}"), "here") for number in range(4)]
    mary = from_address(house.enter("Mary"), host)
    for one in crowd:
        one.ask(*pings(1_000))
    for _ in range(3):
        house.loop.step()
        house.quiet(mary)
        mary.ask(Ping("now"))
        house.loop.step()
        assert pongs(mary) == ["now"]


@pytest.mark.parametrize("plain", [False, True])
def test_a_stream_of_newcomers_from_its_own_address_does_not_hold_up_who_is_there(plain: bool) -> None:
    house = House(limits=NARROW)
    mary = from_address(house.enter("Mary"), "here")
    numbers = iter(range(10_000))

    def more_come() -> None:
        for _ in range(20):  # of whom a turn takes ten at most
            stranger = from_address(house.knock(plain=plain), "here")
            stranger.ask(Ping() if next(numbers) % 2 else Hello(f"new{next(numbers)}"))

    for number in range(20):  # it has used more than any of them
        more_come()
        mary.ask(*pings(2, 2 * number))
        house.loop.step()
    for number in range(20):
        house.quiet(mary)
        more_come()
        mary.ask(Ping(f"now {number}"))
        house.loop.step()
        house.loop.step()
        assert f"now {number}" in pongs(mary)


def test_those_who_have_not_said_who_they_are_have_their_turns_one_after_the_other() -> None:
    house = House(limits=NARROW)
    flood, late = house.knock(), house.knock()
    flood.ask(*pings(60))
    house.loop.step()
    late.ask(*pings(3))
    house.loop.step()
    assert len(late.messages()) == 3


def test_who_says_its_name_in_the_midst_has_its_own_turn_from_then_on_and_keeps_its_order() -> None:
    house = House(limits=NARROW)
    strangers = [house.knock() for _ in range(5)]
    mary = house.knock()
    for one in strangers:
        one.ask(*pings(60))
    mary.ask(Ping("first"), Hello("Mary"), *pings(8))
    for _ in range(5):
        house.loop.step()
    told = [getattr(message, "id", "") for message in mary.messages() if isinstance(message, Pong | Welcome)]
    assert told == ["first", "", *map(str, range(8))]
    house.run()
    assert all(pongs(one) == [str(number) for number in range(60)] for one in strangers)
    assert not house.hub._inbox._lines
    assert not house.hub._inbox._left
    assert not house.hub._inbox._grown
    house.check()


def test_a_command_in_the_midst_of_a_flood_waits_for_no_more_than_the_turn_after() -> None:
    house = House(limits=NARROW)
    flood, mary = house.enter("Flood"), house.enter("Mary")
    flood.ask(*pings(500))
    mary.ask(Ping("now"))
    house.quiet(mary)
    house.loop.step()
    house.loop.step()
    assert pongs(mary) == ["now"]


def test_each_connections_commands_keep_their_order() -> None:
    house = House(limits=NARROW)
    people = [house.enter(f"P{number}") for number in range(3)]
    house.quiet(*people)
    for start in (0, 50, 100):
        for one in people:
            one.ask(*pings(50, start))
        house.loop.step()
    house.run()
    for one in people:
        assert pongs(one) == [str(number) for number in range(150)]


def test_as_long_as_a_turn_takes_all_it_goes_in_the_order_of_arrival() -> None:
    house = House()
    people = [house.enter(f"P{number}") for number in range(3)]
    reader = people[0]
    house.quiet(reader)
    for number in range(30):
        people[number % 3].ask(Say(str(number)))
    house.loop.step()
    assert [message.event.text for message in reader.messages()] == [str(number) for number in range(30)]  # type: ignore[union-attr]


def test_addresses_share_a_turn_however_many_sessions_each_has() -> None:
    house = House(limits=NARROW)
    many = [from_address(house.enter(f"Many{number}"), "many") for number in range(9)]
    one = from_address(house.enter("One"), "one")
    for each in (*many, one):
        each.ask(*pings(400))
    house.quiet(*many, one)
    for _ in range(40):
        house.loop.step()
    of_one = len(one.messages())
    assert of_one / (of_one + sum(len(each.messages()) for each in many)) == pytest.approx(0.5, abs=0.1)


def test_who_asks_for_much_comes_after_who_asks_for_little() -> None:
    house = House(limits=NARROW, channels=[f"c{number}" for number in range(20)])
    dear, cheap = house.enter("Dear", "c0"), house.enter("Cheap", "c0")
    for _ in range(6):
        dear.ask(*[List() for _ in range(40)])
        cheap.ask(*pings(4))
        house.quiet(cheap)
        house.loop.step()
    house.quiet(cheap)
    cheap.ask(*pings(4))
    house.loop.step()
    assert len(cheap.messages()) >= 4


def test_a_turn_ends_once_its_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    house = House()
    mary = house.enter("Mary")
    mary.ask(*pings(5))
    house.quiet(mary)
    take = house.hub.router.take

    def slowly(*asked: object) -> None:
        house.clock.time += hubs.TURN_SECONDS_MAX * 0.6
        take(*asked)  # type: ignore[arg-type]

    monkeypatch.setattr(house.hub.router, "take", slowly)
    counts = []
    while house.loop.step():
        counts.append(len(mary.messages()))
    assert counts == [2, 2, 1]


@pytest.mark.parametrize("left", [COMMANDS_LEFT_MAX, COMMANDS_LEFT_MAX + 1])
def test_one_of_whom_a_turn_leaves_much_is_not_read_from_until_that_is_done(left: int) -> None:
    house = House(limits=NARROW)
    mary, bob = house.enter("Mary"), house.enter("Bob")
    mary.ask(*pings(10 + left))
    bob.ask()
    house.loop.step()
    assert mary.transport.paused == (left > COMMANDS_LEFT_MAX)
    assert not bob.transport.paused
    house.run()
    assert not mary.transport.paused


def test_a_bystander_is_read_from_again_with_its_own_command_though_the_inbox_is_full() -> None:
    house = House(limits=Limits(inbox_commands_max=50, turn_characters_max=1_000))
    flood, mary = house.enter("Flood"), house.enter("Mary")
    flood.ask(*pings(500))
    house.loop.step()
    mary.ask(Ping("now"))
    assert mary.transport.paused
    house.loop.step()
    assert not mary.transport.paused
    assert flood.transport.paused


def test_a_lost_connections_last_words_come_before_its_leaving() -> None:
    house = House(limits=NARROW)
    mary, bob = house.enter("Mary"), house.enter("Bob")
    house.quiet(bob)
    mary.ask(*[Say(f"{number}") for number in range(30)])
    mary.vanish()
    bob.ask(Whisper("Bob", "me"))
    house.run()
    kinds = [type(getattr(message, "event", message)).__name__ for message in bob.messages()]
    assert kinds.count("Said") == 30
    assert kinds[-1] == "Left"
    house.check()


def test_what_is_used_counts_less_and_less() -> None:
    shares = FairShare()
    shares.fade(100.0)
    shares.count("one", "here", 8.0)
    shares.count("two", "here", 2.0)
    assert (shares.of("one"), shares.of("two"), shares.of("here"), shares.of("three")) == (8.0, 2.0, 10.0, 0.0)
    shares.fade(100.0 + FADING_SECONDS * 0.9)
    assert shares.of("one") == 8.0
    shares.fade(100.0 + FADING_SECONDS)
    assert (shares.of("one"), shares.of("here")) == (4.0, 5.0)
    shares.clear()
    assert shares.of("here") == 0.0


def test_nothing_is_kept_of_who_uses_next_to_nothing() -> None:
    shares = FairShare()
    shares.fade(0.0)
    shares.count("much", "a", 1_000_000.0)
    shares.count("little", "b", 1.0)
    shares.fade(FADING_SECONDS)
    assert shares._used.keys() == {"much", "a"}


def test_a_session_with_an_outlet_has_its_place_in_the_line_of_that() -> None:
    inbox = Inbox()
    outlet = Session(FakeTransport(), JSON, "")
    member = Session(FakeTransport(), JSON, "", outlet=outlet)
    other = Session(FakeTransport(), JSON, "")
    for session, commands in ((outlet, pings(2)), (member, pings(2, 2)), (outlet, pings(1, 4)), (other, pings(1, 9))):
        inbox.put(session, commands)
    inbox.end()
    inbox.begin(0.0)
    order = [inbox.next() for _ in range(len(inbox))]
    assert [command.id for session, command in order if session is not other] == ["0", "1", "2", "3", "4"]  # type: ignore[attr-defined]


@pytest.mark.parametrize("turns_behind", [False, True])
def test_what_is_put_first_comes_before_all_that_waits_of_its_connection(turns_behind: bool) -> None:
    inbox = Inbox()
    mary, bob = Session(FakeTransport(), JSON, "general"), Session(FakeTransport(), JSON, "general")
    inbox.put(mary, pings(2, first=2))
    inbox.put(bob, pings(1))
    if turns_behind:
        inbox.end()
    inbox.put_first(mary, pings(2))
    assert len(inbox) == 5
    inbox.begin(0.0)
    asked = [inbox.next() for _ in range(5)]
    assert not inbox
    assert [command.id for session, command in asked if session is mary] == ["0", "1", "2", "3"]  # type: ignore[attr-defined]
