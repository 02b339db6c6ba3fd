"""The one path by which commands are carried out in a room: what the structs say of them, signs of life and budgets."""

from typing import get_args

import pytest

from antechamber.channel.decide import DECIDED
from antechamber.feeds.subscriptions import PRESENCE_SECONDS
from antechamber.protocol.commands import Command, Kick, PeerCommand, Privileged, Rename, Say, SetModes, Tag, Who
from antechamber.protocol.events import ModeChange
from antechamber.protocol.notices import Presence, Refusal
from tests.fakes import House, Person


def test_the_commands_that_a_channel_decides_say_so() -> None:
    decided = {kind for kind in get_args(PeerCommand) if kind.is_decided}
    assert decided == (DECIDED & set(get_args(PeerCommand))) | {Privileged}


def test_what_only_asks_needs_no_log() -> None:
    assert not any(kind.needs_log for kind in get_args(PeerCommand) if kind.only_asks)


def watched() -> tuple[House, Person, Person]:
    """Return a house where Mary sits, and Bob, who has asked who is there; the channel is moderated."""
    house = House()
    mary, bob = house.enter("Mary"), house.enter("Bob")
    house.operator.ask(SetModes((ModeChange("+m"),), "general"))
    bob.ask(Who())
    house.loop.advance(2 * PRESENCE_SECONDS)
    house.quiet(mary, bob)
    return house, mary, bob


def told_active(house: House, person: Person) -> list[str]:
    house.loop.advance(2 * PRESENCE_SECONDS)
    return [name for message in person.messages() if isinstance(message, Presence) for name in message.active]


@pytest.mark.parametrize("command", [Say("hi"), Tag({"+draft/react": "x"}), Kick("general", "Bob"), Rename("Bob")])
def test_a_command_that_is_refused_is_a_sign_of_life_and_told_as_one(command: Command) -> None:
    house, mary, bob = watched()
    mary.ask(command)
    house.run()
    assert any(isinstance(message, Refusal) for message in mary.messages())
    assert house.rooms["general"].channel.seated["Mary"].active_at == house.clock.steady()
    assert told_active(house, bob) == ["Mary"]


def test_a_message_that_is_said_tells_of_itself() -> None:
    house, mary, bob = watched()
    house.operator.ask(SetModes((ModeChange("-m"),), "general"))
    house.run()
    house.quiet(bob)
    mary.ask(Say("hi"))
    house.run()
    assert told_active(house, bob) == []
