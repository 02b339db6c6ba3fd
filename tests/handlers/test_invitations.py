"""Inviting: who was asked in is let in, and no stranger who took the name meanwhile."""

import pytest

from antechamber.protocol.commands import Hello, Invite, Quit, Resume, SetModes, Switch
from antechamber.protocol.events import Invited, ModeChange
from antechamber.protocol.limits import Limits
from antechamber.protocol.notices import Welcome
from tests.fakes import House, Person

HOLDING = Limits(seat_hold_seconds=60, place_hold_seconds=60)


def ruled_by_mary() -> tuple[House, Person]:
    """Return a house where Mary is an operator of the general channel."""
    house = House()
    mary = house.enter("Mary")
    house.operator.ask(SetModes((ModeChange("+o", "Mary"),), "general"))
    house.run()
    house.quiet(mary, house.operator)
    return house, mary


@pytest.mark.parametrize("by_role", [True, False])
def test_an_invitation_lets_in_nobody_who_took_the_name_of_whom_it_meant(by_role: bool) -> None:
    house, mary = ruled_by_mary()
    eve = house.enter("Eve", "games")
    asker = mary if by_role else house.operator
    asker.ask(SetModes((ModeChange("+i"),), "general"), Invite("Eve", "general"))
    eve.ask(Quit())
    house.run()
    stranger = house.enter("Eve", "games")
    stranger.ask(Switch("general", "1"))
    by_hello = house.knock()
    by_hello.ask(Hello("Eve"))
    house.run()
    for person in (stranger, by_hello):
        assert person.messages()[0].code == "invite-only"  # type: ignore[union-attr]
    asker.ask(Invite("Eve", "general"))
    stranger.ask(Switch("general", "2"))
    house.run()
    assert "Eve" in house.state().seated
    house.check()


def test_an_invitation_of_one_who_is_nowhere_yet_is_for_whoever_comes_by_the_name() -> None:
    house, mary = ruled_by_mary()
    mary.ask(SetModes((ModeChange("+i"),)), Invite("Eve"))
    house.run()
    assert house.events()[-1] == Invited("Mary", "Eve")
    house.enter("Eve")
    assert "Eve" in house.state().seated


def test_whom_an_invitation_means_is_known_after_a_restart_too() -> None:
    limits = HOLDING._replace(snapshot_entries_max=1)
    first = House(limits=limits)
    eve = first.knock("games")
    eve.ask(Hello("Eve"))
    first.enter("Mary")
    first.operator.ask(SetModes((ModeChange("+i"),), "general"), Invite("Eve", "general"))
    first.run()
    (token,) = [message.token for message in eve.all_messages() if isinstance(message, Welcome)]
    second = House(limits=limits, log=first.log)
    stranger = second.knock()
    stranger.ask(Hello("Eve"))
    again = second.knock("games")
    again.ask(Resume(token), Switch("general", "1"))
    second.run()
    assert stranger.messages()[0].code == "invite-only"  # type: ignore[union-attr]
    assert "Eve" in second.state().seated
