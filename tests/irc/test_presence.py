"""Presence: members on a page, who count the idle clocks of others down, are told of the signs of life of IRC users."""

import pytest

from antechamber.feeds.subscriptions import PRESENCE_SECONDS
from antechamber.protocol.commands import Who
from antechamber.protocol.notices import Presence
from tests.fakes import Person
from tests.irc.wire import Client, Net

CAPABILITIES = ("message-tags",)


def watched() -> tuple[Net, Client, Person]:
    """Return a network where Mary sits with Bob, on IRC too, and with Page, who has asked who is there."""
    net = Net()
    net.hub.announce_front_desk(9876)
    mary, _, page = net.joins("Mary", capabilities=CAPABILITIES), net.joins("Bob"), net.enters("Page")
    net.sets_mode("+o", "Mary")
    page.ask(Who())
    net.run()
    net.loop.advance(2 * PRESENCE_SECONDS)
    page.new()
    return net, mary, page


def idle_seconds(net: Net) -> float:
    return net.hub.clock.steady() - net.rooms["general"].channel.seated["Mary"].active_at


def active(net: Net, page: Person) -> list[str]:
    """Return the members of whose signs of life Page has been told."""
    net.loop.advance(2 * PRESENCE_SECONDS)
    return [name for message in page.messages() if isinstance(message, Presence) for name in message.active]


@pytest.mark.parametrize(
    "command",
    [
        *("PRIVMSG Bob :psst", "PRIVMSG Page :psst", "NOTICE Bob :psst", "PRIVMSG Nobody :psst"),
        *("PRIVMSG @#general :psst", "SEND Page plan.txt", "@+typing=active TAGMSG #general"),
        *("@+draft/react=x TAGMSG #general", "@+draft/react=x TAGMSG Bob"),
        *("TOPIC #general :tea", "INVITE Eve #general", "KICK #general Bob", "MODE #general +m", "MUTE #general Bob 5"),
        *("ANNOUNCE #general :tea", "MOVE #general Bob 0"),
    ],
)
def test_a_sign_of_life_that_is_not_a_message_to_the_channel_is_told(command: str) -> None:
    net, mary, page = watched()
    net.connects("Eve")
    mary.sends(command)
    assert idle_seconds(net) == 0
    assert active(net, page) == ["Mary"]


@pytest.mark.parametrize("command", ["PRIVMSG #general :hi", "@+draft/react=x PRIVMSG #general :hi"])
def test_a_message_to_the_channel_tells_of_itself(command: str) -> None:
    net, mary, page = watched()
    mary.sends(command)
    assert idle_seconds(net) == 0
    assert active(net, page) == []


@pytest.mark.parametrize(
    "command",
    [
        *("PRIVMSG #general :hi", "@+draft/react=x PRIVMSG #general :hi", "NOTICE #general :hi"),
        *("@+draft/react=x TAGMSG #general", "PRIVMSG @#general :hi"),
    ],
)
def test_a_message_that_is_refused_is_told_as_the_sign_of_life_that_it_is(command: str) -> None:
    net, mary, page = watched()
    net.sets_mode("+m")
    net.sets_mode("-o", "Mary")
    net.loop.advance(3)
    page.new()
    mary.sends(command)
    assert idle_seconds(net) == 0
    assert active(net, page) == ["Mary"]


@pytest.mark.parametrize(
    "command", ["AWAY :out", "NAMES #general", "PING x", "WHO #general", "MODE Mary +i", "NICK Mary"]
)
def test_what_leaves_the_idle_clock_alone_is_not_told(command: str) -> None:
    net, mary, page = watched()
    mary.sends(command)
    assert idle_seconds(net) > 0
    assert active(net, page) == []


def test_an_operator_of_the_server_shows_no_life_in_a_channel_where_another_has_its_name() -> None:
    net = Net()
    page = net.enters("Mary")
    page.ask(Who())
    mary = net.connects("Mary")
    mary.sends(f"OPER x {net.operator_token}")
    net.loop.advance(2 * PRESENCE_SECONDS)
    page.new()
    mary.sends("TOPIC #general :tea")
    assert idle_seconds(net) > 0
    assert active(net, page) == []
