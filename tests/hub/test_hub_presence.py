"""No seat waits for somebody who is away: who is there gets it, and who is away keeps the place."""

import pytest

from antechamber.protocol.commands import Empty, Hello, Kick, Quit, Say, Switch
from antechamber.protocol.events import Left, Queued, Seated
from antechamber.protocol.limits import Limits
from antechamber.protocol.notices import Place, Resumed, Welcome
from antechamber.rooms.room import Room
from tests.fakes import FailingLog, House, Person
from tests.reconnecting_people import HOLDS, come_back, entries

DEFAULTS = Limits(seat_hold_seconds=60, place_hold_seconds=300, idle_seconds_max=1000)


def line_of(*names: str, log: FailingLog | None = None) -> tuple[House, list[Person]]:
    """Return a house with one seat, and those who came there one after the other: the first one sits."""
    house = House(seats=1, limits=HOLDS, log=log)
    people = [house.enter(name) for name in names]
    house.quiet(*people)
    return house, people


def standing(house: House, channel: str = "general") -> tuple[list[str], list[str]]:
    state = house.state(channel)
    return list(state.seated), state.waiting


# Seats


def test_the_next_who_is_present_gets_the_seat() -> None:
    house, (mary, bob, eve) = line_of("Mary", "Bob", "Eve")
    bob.vanish()
    mary.ask(Quit())
    house.run()
    assert standing(house) == (["Eve"], ["Bob"])
    assert eve.session.seated
    house.check()


@pytest.mark.parametrize("plain", [False, True])
def test_a_newcomer_gets_the_seat_where_only_those_wait_who_are_away(plain: bool) -> None:
    house, (mary, bob, eve) = line_of("Mary", "Bob", "Eve")
    for person in (bob, eve, mary):
        person.vanish()
    house.loop.advance(60)  # which is all that a seat is kept
    assert standing(house) == ([], ["Bob", "Eve"])
    joe = house.enter("Joe", plain=plain)
    assert joe.session.seated
    assert standing(house) == (["Joe"], ["Bob", "Eve"])
    house.check()


def test_who_comes_back_while_a_seat_is_free_gets_it_at_once() -> None:
    house, (mary, bob, eve) = line_of("Mary", "Bob", "Eve")
    bob.vanish()
    eve.vanish()
    mary.ask(Quit())
    house.run()
    back = come_back(house, eve)
    resumed, place, seated = back.messages()
    assert isinstance(resumed, Resumed)
    assert isinstance(place, Place)
    assert (resumed.seated, place.ahead) == (False, 1)
    assert seated == house.entries()[-1]
    assert house.events()[-1] == Seated("Eve")
    assert standing(house) == (["Eve"], ["Bob"])
    house.check()


def test_who_comes_back_before_the_seat_is_free_is_first() -> None:
    house, (mary, bob, _) = line_of("Mary", "Bob", "Eve")
    bob.vanish()
    house.loop.advance(100)
    back = come_back(house, bob)
    mary.ask(Quit())
    house.run()
    assert back.session.seated
    assert standing(house) == (["Bob"], ["Eve"])


def test_who_says_the_same_hello_again_gets_a_free_seat_too() -> None:
    house = House(seats=1, limits=HOLDS)
    mary, bob = house.enter("Mary"), house.knock()
    hello = Hello("Bob", key="k" * 40)
    bob.ask(hello)
    house.run()
    bob.vanish()
    mary.ask(Quit())
    house.run()
    again = house.knock()
    again.ask(hello)
    house.run()
    assert again.session.seated
    house.check()


def test_who_comes_back_and_whose_seat_the_log_did_not_keep_gets_it_later_and_before_any_newcomer() -> None:
    log = FailingLog()
    house, (mary, bob) = line_of("Mary", "Bob", log=log)
    bob.vanish()
    mary.ask(Quit())
    house.run()
    log.full = True
    back = come_back(house, bob)
    assert [type(message) for message in back.messages()] == [Resumed, Place]
    assert standing(house) == ([], ["Bob"])
    house.check()
    log.full = False
    house.loop.advance(1)
    assert [entry.event for entry in entries(back)] == [Seated("Bob")]
    house.check()


def test_a_newcomer_waits_behind_one_who_is_back_and_whose_seat_the_log_did_not_keep() -> None:
    log = FailingLog()
    house, (mary, bob) = line_of("Mary", "Bob", log=log)
    bob.vanish()
    mary.ask(Quit())
    house.run()
    log.full = True
    back = come_back(house, bob)
    log.full = False
    house.enter("Joe")
    assert back.session.seated
    assert standing(house) == (["Bob"], ["Joe"])
    house.check()


def test_more_seats_go_to_those_who_are_present_and_to_the_others_as_they_come_back() -> None:
    house, people = line_of("Mary", "Bob", "Eve", "Joe")
    bob = people[1]
    bob.vanish()
    house.run()
    house.hub.reload([Room(name, room.port, 4, HOLDS) for name, room in house.rooms.items()], HOLDS)
    assert standing(house) == (["Mary", "Eve", "Joe"], ["Bob"])
    come_back(house, bob)
    assert standing(house) == (["Mary", "Eve", "Joe", "Bob"], [])


def test_those_whom_a_restart_finds_in_line_are_away_until_they_are_back() -> None:
    house, (_, bob, eve) = line_of("Mary", "Bob", "Eve")
    again = House(seats=1, limits=HOLDS, log=house.log, clock=house.clock)
    again.operator.ask(Kick("general", "Mary"))
    again.run()
    assert standing(again) == ([], ["Bob", "Eve"])
    come_back(again, eve)
    come_back(again, bob)
    assert standing(again) == (["Eve"], ["Bob"])
    again.check()


def test_the_wait_to_expect_counts_those_who_are_present() -> None:
    house = House(seats=1, limits=HOLDS)
    for _ in range(3):
        mary = house.enter("Mary")
        house.loop.advance(10)
        mary.ask(Quit())
        house.run()
    house.enter("Mary")
    bob, eve, joe = house.enter("Bob"), house.enter("Eve"), house.enter("Joe")

    def wait_of(person: Person) -> tuple[int, tuple[float, float] | None]:
        (place,) = [message for message in come_back(house, person).messages() if isinstance(message, Place)]
        return place.ahead, place.wait_seconds

    assert wait_of(joe) == (2, (30, 30))
    bob.vanish()
    house.run()
    assert wait_of(joe) == (2, (20, 20))
    assert house.hub.channels()[0].wait_seconds == (30, 30)  # for a newcomer, behind Eve and Joe
    eve.ask(Quit())
    house.run()
    assert wait_of(joe) == (1, (10, 10))


# Visits that are hardly begun


@pytest.mark.parametrize(("seconds", "kept"), [(4.99, []), (5.0, ["Mary"])])
def test_a_seat_is_held_for_who_was_there_for_five_seconds(seconds: float, kept: list[str]) -> None:
    house = House(limits=DEFAULTS)
    mary = house.enter("Mary")
    house.loop.advance(seconds)
    mary.vanish()
    house.run()
    assert standing(house) == (kept, [])
    house.check()
    told = [getattr(message, "text", "") for message in come_back(house, mary).messages()]
    text = "You lost the connection, and nothing was kept for you in the general channel."
    assert (text in told) == (not kept)


@pytest.mark.parametrize(("seconds", "kept"), [(4.99, []), (5.0, ["Bob"])])
def test_a_place_is_held_for_who_was_there_for_five_seconds(seconds: float, kept: list[str]) -> None:
    house = House(seats=1, limits=DEFAULTS)
    house.enter("Mary")
    bob = house.enter("Bob")
    house.loop.advance(seconds)
    bob.vanish()
    house.run()
    assert standing(house) == (["Mary"], kept)
    assert kept or house.events()[-1] == Left("Bob", "lost", False)


def test_who_sits_after_waiting_was_there_all_the_time() -> None:
    house = House(seats=1, limits=DEFAULTS)
    mary, bob = house.enter("Mary"), house.enter("Bob")
    house.loop.advance(4)
    mary.ask(Quit())
    house.loop.advance(1)
    bob.vanish()
    house.run()
    assert standing(house) == (["Bob"], [])


def test_who_comes_back_is_held_at_once() -> None:
    house = House(limits=DEFAULTS)
    mary = house.enter("Mary")
    come_back(house, mary).vanish()
    house.run()
    assert standing(house) == (["Mary"], [])


@pytest.mark.parametrize(("before", "after", "kept"), [(5, 0, ["Mary"]), (4.9, 0, []), (4.9, 5, ["Mary"])])
def test_who_switches_takes_the_time_along(before: float, after: float, kept: list[str]) -> None:
    house = House(limits=DEFAULTS)
    mary = house.enter("Mary")
    house.loop.advance(before)
    mary.ask(Switch("games"))
    house.run()
    house.loop.advance(after)
    mary.vanish()
    house.run()
    assert standing(house, "games") == (kept, [])


def test_whom_a_restart_cuts_off_is_held_however_short_the_visit_was() -> None:
    house = House(seats=1, limits=DEFAULTS)
    mary, bob = house.enter("Mary"), house.enter("Bob")
    again = House(seats=1, limits=DEFAULTS, log=house.log, clock=house.clock)
    assert standing(again) == (["Mary"], ["Bob"])
    come_back(again, mary).vanish()
    come_back(again, bob).vanish()
    again.run()
    assert standing(again) == (["Mary"], ["Bob"])


def test_who_was_there_for_long_is_held_though_somebody_has_set_the_clock_back() -> None:
    log = FailingLog()
    house = House(seats=1, limits=DEFAULTS, log=log)
    mary, bob = house.enter("Mary"), house.enter("Bob")
    house.loop.advance(100)
    house.clock.set_forward_seconds = -86_400
    log.full = True
    mary.ask(Say("hi"))
    house.run()
    log.full = False
    for person in (mary, bob):
        person.vanish()
    house.run()
    assert standing(house) == (["Mary"], ["Bob"])


@pytest.mark.parametrize("command", [Kick("general", "Bob"), Empty("general")])
def test_whoever_was_put_out_by_a_turn_that_was_not_kept_has_been_there_for_long_still(command: Kick | Empty) -> None:
    log = FailingLog()
    house = House(seats=1, limits=DEFAULTS, log=log)
    mary, bob = house.enter("Mary"), house.enter("Bob")
    house.loop.advance(100)
    house.clock.set_forward_seconds = -86_400
    log.full = True
    house.operator.ask(command)
    house.run()
    log.full = False
    for person in (mary, bob):
        person.vanish()
    house.run()
    assert standing(house) == (["Mary"], ["Bob"])


def test_three_hundred_hellos_that_hang_up_at_once_keep_no_place() -> None:
    house = House(seats=1, limits=DEFAULTS)
    house.enter("Mary")
    for n in range(300):
        ghost = house.knock()
        ghost.ask(Hello(f"ghost{n}"))
        ghost.vanish()
    house.run()
    assert standing(house) == (["Mary"], [])
    house.check()


# Bounds


def crowd(house: House, count: int, host: str, start: int = 0) -> list[Person]:
    """Enter so many from one address, into the channel of one seat and its line."""
    people = []
    for n in range(start, start + count):
        person = house.knock()
        person.session.host = host
        person.ask(Hello(f"p{n}"))
        people.append(person)
    house.run()
    return people


def welcome(person: Person) -> Welcome:
    return next(message for message in person.all_messages() if isinstance(message, Welcome))


BOUNDED = HOLDS._replace(address_held_max=3)


def test_a_newcomer_is_not_held_where_so_many_are_away_who_came_from_its_address() -> None:
    house = House(seats=1, limits=BOUNDED)
    for person in crowd(house, 2, "a.cloak"):
        person.vanish()
    house.run()
    (third,) = crowd(house, 1, "a.cloak", 2)
    assert (welcome(third).seat_hold_seconds, welcome(third).place_hold_seconds) == (60, 300)
    third.vanish()
    house.run()
    (past,), (other,) = crowd(house, 1, "a.cloak", 3), crowd(house, 1, "b.cloak", 4)
    assert (welcome(past).seat_hold_seconds, welcome(past).place_hold_seconds) == (0, 0)
    assert welcome(other).place_hold_seconds == 300
    assert house.events()[-2:] == [Queued("p3", False, host="a.cloak"), Queued("p4", True, host="b.cloak")]
    for person in (past, other):
        person.vanish()
    house.run()
    assert standing(house) == (["p0"], ["p1", "p2", "p4"])
    house.check()


def test_those_who_are_in_are_held_however_many_are_away() -> None:
    house = House(seats=1, limits=BOUNDED)
    people = crowd(house, 5, "a.cloak")
    for person in people:
        person.vanish()
    house.run()
    assert len(house.rooms["general"].held) == 5
    come_back(house, people[4]).vanish()
    house.run()
    assert standing(house) == (["p0"], ["p1", "p2", "p3", "p4"])


def test_who_switches_is_held_there_though_many_from_its_address_are_away() -> None:
    house = House(seats=1, limits=BOUNDED)
    for person in crowd(house, 3, "a.cloak"):
        person.vanish()
    mary = house.knock("games")
    mary.session.host = "a.cloak"
    mary.ask(Hello("Mary"), Switch("general"))
    house.run()
    mary.vanish()
    house.run()
    assert standing(house) == (["p0"], ["p1", "p2", "Mary"])


def test_those_who_are_away_because_of_a_restart_count_for_nothing() -> None:
    house = House(seats=1, limits=BOUNDED)
    crowd(house, 5, "a.cloak")
    again = House(seats=1, limits=BOUNDED, log=house.log, clock=house.clock)
    (newcomer,) = crowd(again, 1, "a.cloak", 5)
    assert welcome(newcomer).place_hold_seconds == 300


def test_who_is_not_held_is_so_nowhere_and_reads_as_ever() -> None:
    house = House(limits=BOUNDED._replace(address_held_max=0))
    mary = house.enter("Mary")
    mary.ask(Switch("games"), Say("hi"))
    house.run()
    assert [message.place_hold_seconds for message in mary.messages() if isinstance(message, Welcome)] == [0]
    mary.vanish()
    house.run()
    assert standing(house, "games") == ([], [])


def test_a_newcomer_that_was_not_to_be_held_may_be_once_the_turn_is_taken_back() -> None:
    log = FailingLog()
    house = House(seats=1, limits=BOUNDED._replace(address_held_max=0), log=log)
    mary = house.knock("")
    log.full = True
    mary.ask(Hello("Mary", channel="general"))
    house.run()
    assert mary.session.may_hold


def test_who_cannot_come_back_is_not_counted() -> None:
    house = House(seats=1, limits=BOUNDED._replace(address_held_max=1))
    for hold in (False, True):
        person = house.knock()
        person.ask(Hello(f"hold {hold}".replace(" ", "-"), hold=hold))
        house.run()
        person.vanish()
        house.run()
    assert standing(house) == (["hold-True"], [])
