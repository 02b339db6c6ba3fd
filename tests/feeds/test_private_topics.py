"""The topic of a secret or locked channel is told to nobody outside it, by any list."""

import pytest

from antechamber.feeds.subscriptions import CHANGES_SECONDS
from antechamber.protocol.commands import Hello, List, Operate, SetModes, SetTopic, Watch
from antechamber.protocol.events import ModeChange
from antechamber.protocol.notices import ChannelInfo, Channels, Welcome
from antechamber.session.tokens import operator_token
from tests.fakes import SECRET, House, Person

MODES = [ModeChange("+k", "key"), ModeChange("+s")]


def house_with(mode: ModeChange | None, seats: int = 5) -> House:
    """Return a house whose general channel has a topic from its config, and this mode."""
    house = House(seats)
    house.rooms["general"].topic = "Ours"
    if mode is not None:
        sets(house, mode)
    return house


def sets(house: House, mode: ModeChange) -> None:
    house.operator.ask(SetModes((mode,), "general"))
    house.run()


def told(person: Person) -> list[tuple[str, bool]]:
    """Return the general channel's topic, and whether it is private, from each list told since the last look."""
    lists = [message.channels for message in person.messages() if isinstance(message, Channels)]
    return [(info.topic, info.private) for infos in lists for info in infos if info.name == "general"]


def operators(house: House) -> Person:
    person = house.knock("")
    person.ask(Operate(operator_token(SECRET)))
    house.run()
    person.new()
    return person


@pytest.mark.parametrize("mode", MODES)
def test_a_list_tells_it_to_operators_alone(mode: ModeChange) -> None:
    house = house_with(mode)
    for stranger in (house.knock(""), house.enter("Mary", "games")):
        stranger.ask(List(), Watch())
        house.run()
        assert told(stranger) == [("", True)] * 2
    operator = operators(house)
    operator.ask(List(), Watch())
    house.run()
    assert told(operator) == [("Ours", True)] * 2


@pytest.mark.parametrize("mode", MODES)
def test_the_front_desk_does_not_tell_it(mode: ModeChange) -> None:
    house = house_with(mode)
    assert house.hub.channels()[0] == ChannelInfo("general", 9001, 5, 0, 0, private=True)
    sets(house, ModeChange(f"-{mode.mode[1]}", "*" if mode.argument else ""))
    assert house.hub.channels()[0] == ChannelInfo("general", 9001, 5, 0, 0, "Ours")


@pytest.mark.parametrize("mode", MODES)
def test_those_who_watch_are_told_when_it_becomes_private_and_of_no_change_of_it(mode: ModeChange) -> None:
    house = house_with(None)
    stranger, operator = house.knock(""), operators(house)
    for person in (stranger, operator):
        person.ask(Watch())
    house.run()
    assert told(stranger) == told(operator) == [("Ours", False)]
    sets(house, mode)
    house.loop.advance(CHANGES_SECONDS)
    assert told(stranger) == [("", True)]
    assert told(operator) == [("Ours", True)]
    house.operator.ask(SetTopic("Ours still", "general"))
    house.run()
    house.loop.advance(CHANGES_SECONDS)
    assert told(stranger) == []
    assert told(operator) == [("Ours still", True)]
    house.enter("Ann", "games")
    house.loop.advance(CHANGES_SECONDS)
    assert told(stranger) == [("", True)]
    assert told(operator) == [("Ours still", True)]


def test_anyone_who_knows_the_key_is_told_it_be_it_for_a_seat_or_for_the_line() -> None:
    house = house_with(MODES[0], seats=1)
    for name in ("Mary", "Bob"):
        person = house.knock()
        person.ask(Hello(name, channel_key="key"))
        house.run()
        (welcome,) = [message for message in person.messages() if isinstance(message, Welcome)]
        assert welcome.topic == "Ours"


def test_anyone_who_does_not_know_the_key_is_told_nothing() -> None:
    house = house_with(MODES[0])
    stranger = house.knock()
    stranger.ask(Hello("Mary", channel_key="another"))
    house.run()
    assert b"Ours" not in stranger.data
