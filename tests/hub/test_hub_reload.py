"""A reload takes up changed settings in one turn, whole or not at all."""

from collections.abc import Iterable

import pytest

from antechamber.log import LogError
from antechamber.log.memory import MemoryLog
from antechamber.protocol.commands import Hello, Mute, Quit, Resume, Say, Send, Switch
from antechamber.protocol.events import Entry, Left, Seated
from antechamber.protocol.limits import Limits, Retention
from antechamber.protocol.notices import Channels, Goodbye, Place, Refusal, Resumed, Welcome
from antechamber.rooms.room import Room
from tests.fakes import FailingHouse, House, Person

HOLDS = Limits(seat_hold_seconds=60, place_hold_seconds=300, held_visit_seconds_min=0)


def settings(
    house: House, limits: Limits | None = None, seats: int = 1, names: Iterable[str] = ("general", "games", "help")
) -> list[Room]:
    """Return fresh rooms: general with `seats` seats, the others as they are, all with `limits`."""
    limits = limits or house.limits
    return [Room(name, 9001 + n, seats if name == "general" else 1, limits) for n, name in enumerate(names)]


def goodbyes(person: Person) -> list[str]:
    return [message.reason for message in person.messages() if isinstance(message, Goodbye)]


def check(house: House) -> None:
    """Assert that the fakes' view of the rooms is the hub's, and that all is well in them."""
    names = [info.name for info in house.hub.channels()]
    house.rooms = {name: room for name, room in house.rooms.items() if name in names}
    house.check()


def test_of_more_seats_the_line_gets_its_share_at_once() -> None:
    house = House(seats=1)
    people = [house.enter(name) for name in ("Ann", "Bob", "Eve", "Joe")]
    house.quiet(*people)
    house.hub.reload(settings(house, seats=3), house.limits)
    assert list(house.state().seated) == ["Ann", "Bob", "Eve"]
    assert house.events()[-2:] == [Seated("Bob"), Seated("Eve")]
    ann, bob, eve, joe = (person.messages() for person in people)
    assert ann == bob == house.entries()[-2:]
    assert eve == house.entries()[-1:]
    assert [message.ahead for message in joe if isinstance(message, Place)] == [0]
    assert house.hub.channels()[0].seats == 3
    check(house)


def test_fewer_seats_throw_nobody_out_and_let_nobody_in() -> None:
    house = House(seats=3)
    ann, bob, eve, joe = (house.enter(name) for name in ("Ann", "Bob", "Eve", "Joe"))
    house.hub.reload(settings(house, seats=1), house.limits)
    assert list(house.state().seated) == ["Ann", "Bob", "Eve"]
    for leaver in (ann, bob):
        leaver.ask(Quit())
    house.run()
    assert (list(house.state().seated), house.state().waiting) == (["Eve"], ["Joe"])
    eve.ask(Quit())
    house.run()
    assert list(house.state().seated) == ["Joe"]
    assert joe.session.seated
    check(house)


def test_a_channel_that_is_new_opens() -> None:
    house = House(seats=1)
    house.enter("Ann")
    rooms = settings(house, names=["new", "general", "games", "help"])
    house.hub.reload(rooms, house.limits)
    house.rooms["new"] = rooms[0]
    assert [info.name for info in house.hub.channels()] == ["new", "general", "games", "help"]
    bob = house.enter("Bob", "new")
    bob.ask(Say("hi"))
    house.run()
    assert [type(message) for message in bob.messages()] == [Entry]
    check(house)


def test_a_channel_that_is_gone_says_goodbye_to_everyone() -> None:
    house = House(seats=1)
    ann, bob, joe = (house.enter(name, "games") for name in ("Ann", "Bob", "Joe"))
    eve = house.enter("Eve")
    house.hub.reload(settings(house, names=["general", "help"]), house.limits)
    assert [type(message) for message in joe.messages()] == [Goodbye], "the end of the line goes first"
    assert goodbyes(ann) == goodbyes(bob) == ["closed"]
    assert ann.transport.closed
    assert goodbyes(eve) == []
    gone = [Left(name, "closed", seated=name == "Ann") for name in ("Joe", "Bob", "Ann")]
    assert house.events("games")[-3:] == gone
    ann.vanish()
    eve.ask(Switch("games", "1"))
    house.run()
    assert eve.refusals() == [("no-such-channel", "1")]
    late = house.knock("games")
    late.ask(Hello("Late"))
    house.run()
    assert [message.code for message in late.messages() if isinstance(message, Refusal)] == ["stopped"]
    check(house)


def test_a_channel_that_was_gone_comes_back_with_its_history() -> None:
    house = House(seats=1)
    house.enter("Ann", "games")
    house.hub.reload(settings(house, names=["general", "help"]), house.limits)
    kept = house.entries("games")
    rooms = settings(house)
    house.hub.reload(rooms, house.limits)
    house.rooms["games"] = rooms[1]
    house.enter("Bob", "games")
    assert house.entries("games")[: len(kept)] == kept
    assert list(house.state("games").seated) == ["Bob"]
    check(house)


def test_a_token_of_a_channel_that_is_gone_is_over() -> None:
    house = House(limits=HOLDS)
    ann = house.enter("Ann", "games")
    ann.vanish()
    house.run()
    token = next(message.token for message in ann.all_messages() if isinstance(message, Welcome))
    house.hub.reload(settings(house, names=["general", "help"]), house.limits)
    back = house.knock("general")
    back.ask(Resume(token))
    house.run()
    assert [message.code for message in back.messages() if isinstance(message, Refusal)] == ["resume-over"]


def test_new_holds_and_idle_times_hold_from_now_on() -> None:
    house = House(seats=1)
    ann = house.enter("Ann")
    house.loop.advance(30)
    limits = HOLDS._replace(idle_seconds_max=50)
    house.hub.reload(settings(house, limits), limits)
    house.loop.advance(19.9)
    assert list(house.state().seated) == ["Ann"]
    house.loop.advance(0.2)
    assert goodbyes(ann) == ["idle"]
    bob = house.enter("Bob")
    token = next(message.token for message in bob.all_messages() if isinstance(message, Welcome))
    bob.vanish()
    house.run()
    back = house.knock()
    back.ask(Resume(token))
    house.run()
    assert isinstance(back.messages()[0], Resumed)


def take_idle_time(house: House, seconds: float) -> None:
    """Take an idle time up, and change nothing else."""
    limits = house.limits._replace(idle_seconds_max=seconds)
    house.hub.reload(settings(house, limits, seats=5), limits)


def test_a_new_idle_time_lets_nobody_go_during_a_mute() -> None:
    house = House()
    ann, bob = house.enter("Ann"), house.enter("Bob")
    house.loop.advance(30)
    bob.ask(Say("still here"))
    house.operator.ask(Mute("general", "Ann", 60), Mute("general", "Bob", 60))
    house.loop.advance(20)
    take_idle_time(house, 5)
    house.loop.advance(40 - 0.01)
    assert list(house.state().seated) == ["Ann", "Bob"]
    house.loop.advance(0.01)
    assert goodbyes(ann) == ["idle"]
    house.loop.advance(5 - 0.01)
    assert list(house.state().seated) == ["Bob"]
    house.loop.advance(0.01)
    assert goodbyes(bob) == ["idle"]


@pytest.mark.parametrize("seconds", [1, 40, 100])
@pytest.mark.parametrize("is_lowered_first", [True, False])
def test_nobody_goes_in_the_moment_in_which_a_mute_takes_the_place_of_another(
    seconds: int, is_lowered_first: bool
) -> None:
    house = House()
    ann = house.enter("Ann")
    house.loop.advance(30)
    house.operator.ask(Mute("general", "Ann", 60))
    house.loop.advance(20)
    if is_lowered_first:
        take_idle_time(house, 5)
    house.operator.ask(Mute("general", "Ann", seconds))
    house.run()
    take_idle_time(house, 5)
    assert house.rooms["general"].due_at == house.clock.time + seconds
    house.loop.advance(seconds - 0.01)
    assert list(house.state().seated) == ["Ann"]
    house.loop.advance(0.01)
    assert goodbyes(ann) == ["idle"]


def test_a_file_under_way_from_one_who_is_muted_keeps_the_hub_from_nothing() -> None:
    house = House()
    house.hub.announce_front_desk(9876)
    house.enter("Bob")
    ann = house.enter("Ann")
    ann.ask(Send("Bob", "a", 5))
    house.run()
    next(iter(house.transfers._by_ticket.values())).state = "uploading"
    house.loop.advance(10)
    house.operator.ask(Mute("general", "Ann", 15), Mute("general", "Bob", 1000))
    house.run()
    take_idle_time(house, 5)
    assert house.rooms["general"].due_at == house.clock.time + 15
    house.loop.advance(15)
    assert list(house.state().seated) == ["Bob", "Ann"]
    assert house.rooms["general"].due_at > house.clock.time


def test_new_limits_hold_for_everyone() -> None:
    house = House()
    house.hub.announce_front_desk(9876)
    ann = house.enter("Ann")
    house.enter("Bob")
    house.quiet(ann)
    limits = house.limits._replace(file_bytes_max=5, mute_seconds_max=5, waiting_max=1)
    house.hub.reload(settings(house, limits), limits)
    ann.ask(Send("Bob", "a", 5, id="1"), Send("Bob", "a", 6, id="2"))
    house.operator.new()
    house.operator.ask(Mute("general", "Bob", 5), Mute("general", "Bob", 6))
    house.run()
    assert [message.id for message in ann.messages() if isinstance(message, Refusal)] == ["2"]
    assert b"Invalid mute time" in house.operator.new()


def test_a_hold_is_over_when_it_is_after_a_reload_too() -> None:
    house = House(seats=5, limits=HOLDS)
    ann, bob = house.enter("Ann"), house.enter("Bob")
    ann.vanish()
    house.loop.advance(10)
    bob.vanish()
    house.loop.advance(20)
    house.hub.reload(settings(house, seats=5), house.limits)
    house.loop.advance(30 - 0.01)
    assert list(house.state().seated) == ["Ann", "Bob"]
    house.loop.advance(0.01)
    assert list(house.state().seated) == ["Bob"]
    house.loop.advance(10)
    assert list(house.state().seated) == []


def test_a_file_ends_with_the_channel() -> None:
    house = House()
    house.hub.announce_front_desk(9876)
    ann = house.enter("Ann", "games")
    house.enter("Bob", "games")
    ann.ask(Send("Bob", "a", 5))
    house.run()
    assert len(house.transfers._by_ticket) == 1
    house.hub.reload(settings(house, names=["general", "help"]), house.limits)
    assert len(house.transfers._by_ticket) == 0


def test_a_topic_is_told_with_the_channels_and_the_welcome() -> None:
    house = House()
    rooms = settings(house, seats=5)
    rooms[0].topic = "Homework 3"
    house.hub.reload(rooms, house.limits)
    ann = house.knock()
    ann.ask(Hello("Ann"))
    house.run()
    assert [message.topic for message in ann.messages() if isinstance(message, Welcome)] == ["Homework 3"]
    assert [info.topic for info in house.hub.channels()] == ["Homework 3", "", ""]
    assert Channels(1.0, house.hub.channels()).channels[0].topic == "Homework 3"


def test_idle_times_are_the_old_ones_after_a_reload_that_was_not_kept() -> None:
    house = FailingHouse(seats=1)
    ann = house.enter("Ann", "help")
    for name in ("Bob", "Eve"):
        house.enter(name)
    limits = house.limits._replace(idle_seconds_max=1000)
    house.fail()
    with pytest.raises(LogError):
        house.hub.reload(settings(house, limits, seats=2), limits)
    house.fail(False)
    house.loop.advance(100.1)
    assert goodbyes(ann) == ["idle"]


@pytest.mark.parametrize("what", ["full", "unreadable"])
def test_a_reload_that_the_log_does_not_keep_changes_nothing(what: str) -> None:
    house = FailingHouse(seats=1)
    people = [house.enter(name) for name in ("Ann", "Bob", "Eve")]
    games = house.enter("Joe", "games")
    house.quiet(*people, games)
    before = house.hub.channels()
    limits = house.limits._replace(idle_seconds_max=1)
    rooms = settings(house, limits, seats=2, names=["new", "general", "help"])
    setattr(house.log, what, True)
    with pytest.raises(LogError):
        house.hub.reload(rooms, limits)
    setattr(house.log, what, False)
    assert house.hub.channels() == before
    house.loop.advance(2)
    assert all(person.messages() == [] for person in [*people, games])
    check(house)
    games.ask(Say("still here"))
    house.run()
    assert [type(message) for message in games.messages()] == [Entry]
    house.hub.reload(rooms, limits)
    assert list(house.state().seated) == ["Ann", "Bob"]
    assert goodbyes(games) == ["closed"]


def test_a_channel_that_cannot_be_read_after_a_reload_that_was_not_kept_tells_so() -> None:
    house = FailingHouse(seats=1)
    ann, bob = house.enter("Ann"), house.enter("Bob")
    joe = house.enter("Joe", "games")
    house.fail()
    house.log.unreadable = True
    with pytest.raises(LogError):
        house.hub.reload(settings(house, seats=2), house.limits)
    assert goodbyes(ann) == goodbyes(bob) == ["broken"]
    assert ann.transport.closed
    assert bob.transport.closed
    assert goodbyes(joe) == []


def test_the_log_is_told_how_much_to_keep_at_the_start_and_by_a_reload(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, Retention]] = []
    monkeypatch.setattr(MemoryLog, "retain", lambda _, channel, retention: told.append((channel, retention)))
    house = House()
    assert told == [("general", Retention()), ("games", Retention()), ("help", Retention())]
    told.clear()
    rooms = settings(house)
    rooms[1].retention = Retention(entries_max=5)
    house.hub.reload(rooms, house.limits)
    assert told == [("general", Retention()), ("games", Retention(entries_max=5)), ("help", Retention())]


def test_what_was_asked_before_a_reload_is_done_before_it() -> None:
    house = House(seats=1)
    ann = house.enter("Ann", "games")
    ann.ask(Say("last words"))
    house.hub.reload(settings(house, names=["general", "help"]), house.limits)
    assert [message.event for message in ann.messages() if isinstance(message, Entry)][-1].text == "last words"  # type: ignore[union-attr]


def test_a_channel_that_forgets_is_snapshotted_now_and_again() -> None:
    house = House(seats=1)
    ann = house.enter("Ann")
    rooms = settings(house)
    rooms[0].retention = Retention(age_seconds_max=86_400)
    house.hub.reload(rooms, house.limits)
    snapshot = house.log.snapshot("general")
    assert snapshot is not None
    assert snapshot.sequence == 2
    ann.ask(Say("hi"))
    house.loop.advance(60.1)
    snapshot = house.log.snapshot("general")
    assert snapshot is not None
    assert snapshot.sequence == 3
    assert house.log.snapshot("games") is None
    house.hub.reload(settings(house), house.limits)
    ann.ask(Say("hi"))
    house.loop.advance(300)
    snapshot = house.log.snapshot("general")
    assert snapshot is not None
    assert snapshot.sequence == 3
