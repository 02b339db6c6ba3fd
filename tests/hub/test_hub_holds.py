"""Holds: the time of each, and what is told meanwhile, is its own."""

from antechamber.protocol.commands import Kick, Quit, Say, Switch
from antechamber.protocol.notices import Place
from tests.fakes import FailingLog, House
from tests.reconnecting_people import HOLDS, come_back


def test_the_end_of_a_hold_ends_no_other_that_is_over_a_little_later() -> None:
    house = House(limits=HOLDS)
    mary, bob = house.enter("Mary"), house.enter("Bob")
    mary.vanish()
    house.loop.advance(0.01)
    bob.vanish()
    house.loop.advance(60 - 0.005)
    assert list(house.state().seated) == ["Bob"]
    house.loop.advance(0.005)
    assert list(house.state().seated) == []


def test_a_hold_of_less_than_a_second_is_one_over_a_restart_too() -> None:
    limits = HOLDS._replace(seat_hold_seconds=0.1)
    house = House(limits=limits)
    house.enter("Mary")
    again = House(limits=limits, log=house.log, clock=house.clock)
    again.loop.advance(0.09)
    assert list(again.state().seated) == ["Mary"]
    again.loop.advance(0.01)
    assert list(again.state().seated) == []


def test_who_is_away_is_held_as_before_where_the_seat_that_came_was_not_kept() -> None:
    log = FailingLog()
    house = House(seats=1, limits=HOLDS, log=log)
    _, bob = house.enter("Mary"), house.enter("Bob")
    bob.vanish()
    house.run()
    hold = house.rooms["general"].held["Bob"]
    log.full = True
    house.operator.ask(Kick("general", "Mary"))
    house.run()
    assert house.rooms["general"].held == {"Bob": hold}


def test_those_who_wait_are_told_their_places_though_others_are_away() -> None:
    house = House(seats=1, limits=HOLDS)
    people = [house.enter(name) for name in ("Mary", "Bob", "Eve", "Ann")]
    mary, bob, _, ann = people
    house.quiet(*people)
    mary.vanish()
    bob.ask(Quit())
    house.run()
    assert [message.ahead for message in ann.messages() if isinstance(message, Place)] == [1]
    house.check()


def test_who_has_come_back_and_switches_is_held_there_too() -> None:
    house = House(limits=HOLDS)
    mary = house.enter("Mary")
    mary.vanish()
    back = come_back(house, mary)
    back.ask(Switch("games"))
    house.run()
    back.vanish()
    house.loop.advance(59.9)
    assert list(house.state("games").seated) == ["Mary"]


def test_who_is_away_and_who_is_not_is_as_if_the_turn_had_never_been() -> None:
    log = FailingLog()
    house = House(limits=HOLDS, log=log)
    mary, bob = house.enter("Mary"), house.enter("Bob")
    log.full = True
    mary.vanish()
    bob.ask(Say("hi"))
    house.run()
    assert [*house.rooms["general"].held] == []
    house.check()
    log.full = False
    house.loop.advance(1)
    assert [*house.rooms["general"].held] == ["Mary"]
    log.full = True
    house.operator.ask(Kick("general", "Mary"))
    house.run()
    assert [*house.rooms["general"].held] == ["Mary"]
    house.check()
