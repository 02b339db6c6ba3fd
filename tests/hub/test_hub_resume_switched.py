"""A switch that was carried out, while its welcome was lost on the way, is where one comes back to."""

import pytest

from antechamber.protocol.commands import Resume, Say, Switch
from antechamber.protocol.notices import Resumed
from tests.fakes import House
from tests.reconnecting_people import HOLDS, last_read, token_of


def test_a_switch_whose_welcome_was_lost_is_resumed_where_it_went() -> None:
    house = House(limits=HOLDS)
    mary, bob = house.enter("Mary"), house.enter("Bob", "games")
    token, after = token_of(mary), last_read(mary)
    mary.ask(Switch("games"), Switch("help"))
    mary.vanish()
    bob.ask(Say("not hers"))
    house.run()
    back = house.knock()
    back.ask(Resume(token, after))
    house.run()
    resumed = back.messages()[0]
    assert isinstance(resumed, Resumed)
    assert (resumed.channel, resumed.first) == ("help", 2)
    assert resumed.token != token
    house.check()


@pytest.mark.parametrize("snapshot_entries_max", [1, 1000])
def test_a_switch_whose_welcome_was_lost_is_resumed_after_a_restart_too(snapshot_entries_max: int) -> None:
    limits = HOLDS._replace(snapshot_entries_max=snapshot_entries_max)
    house = House(limits=limits)
    mary = house.enter("Mary")
    token, after = token_of(mary), last_read(mary)
    house.enter("Bob", "games")
    mary.ask(Switch("games"))
    house.run()
    again = House(limits=limits, log=house.log, clock=house.clock)
    back = again.knock()
    back.ask(Resume(token, after))
    again.run()
    resumed, *missed = back.messages()
    assert isinstance(resumed, Resumed)
    assert (resumed.channel, resumed.name, resumed.seated) == ("games", "Mary", True)
    assert missed == again.entries("games")[3:]
    again.check()


@pytest.mark.parametrize("restart", [False, True])
@pytest.mark.parametrize(("switches", "found"), [(4, True), (5, False)])
def test_several_switches_that_nobody_read_of_are_followed(switches: int, found: bool, restart: bool) -> None:
    house = House(limits=HOLDS)
    mary = house.enter("Mary")
    token = token_of(mary)
    way = ["games", "help", "games", "help", "games"][:switches]
    for channel in way:
        mary.ask(Switch(channel))
        house.run()
    if restart:
        house = House(limits=HOLDS, log=house.log, clock=house.clock)
    else:
        mary.vanish()
        house.run()
    back = house.knock()
    back.ask(Resume(token, 2))
    house.run()
    first = back.messages()[0]
    assert isinstance(first, Resumed) == found
    if isinstance(first, Resumed):
        assert first.channel == way[-1]
    house.check()
