"""Bans of users who wait in a channel, or sit there already."""

import pytest

from antechamber.protocol.commands import SetModes
from antechamber.protocol.events import ModeChange
from antechamber.protocol.notices import Goodbye, Whispered
from tests.fakes import NOON
from tests.irc.test_kick import general
from tests.irc.wire import Client, Net


def banned(*channels: str) -> tuple[Net, Client, Client]:
    """Return a network where Bob sits with Ann in these channels, and Ann has banned him in the general one."""
    net, ann = general()
    bob = net.joins("Bob", *(channels or ("#general",)))
    ann.sends("MODE #general +b Bob!*@*")
    ann.reads()
    bob.reads()
    return net, ann, bob


def test_who_is_banned_in_the_line_is_told_so_in_words_and_gets_no_seat() -> None:
    net, ann = general("Bob", seats=1)
    cid = net.joins("Cid")
    assert ann.asked("MODE #general +b *!*@cid.cloak") == [b":Ann!~u@ann.cloak MODE #general +b *!*@cid.cloak"]
    text = b"You have lost your place in the line. Banned from the general channel."
    assert cid.reads() == [b":irc.antechamber NOTICE Cid :#general: " + text]
    assert not cid.transport.closed
    assert list(net.rooms["general"].channel.waiting) == ["Bob"]
    assert cid.asked("JOIN #general") == [b":irc.antechamber 474 Cid #general :Cannot join channel (+b)"]


def test_a_member_from_a_page_is_told_by_a_goodbye() -> None:
    net, ann = general(seats=1)
    eve = net.enters("Eve")
    ann.sends("MODE #general +b Eve!*@*")
    assert eve.messages() == [Goodbye(NOON, "kicked", "Banned from the general channel.", by="Ann")]


def test_nobody_takes_a_banned_nick_in_the_line() -> None:
    net, ann = general(seats=1)
    bob = net.joins("Bob")
    ann.sends("MODE #general +b Eve!*@*")
    text = b"The name Eve is banned from the general channel."
    assert bob.asked("NICK Eve") == [b":irc.antechamber 435 Bob Eve #general :" + text]
    assert list(net.rooms["general"].channel.waiting) == ["Bob"]


def test_who_is_banned_and_sits_whispers_to_nobody_on_a_page() -> None:
    net, _, bob = banned()
    eve = net.enters("Eve")
    text = b"You are banned in the general channel, so you cannot whisper there."
    assert bob.asked("PRIVMSG Eve :psst") == [b":irc.antechamber 404 Bob Eve :" + text]
    assert bob.asked("NOTICE Eve :psst") == []
    assert eve.messages() == []


def test_who_is_banned_and_sits_whispers_to_nobody_who_sits_there_by_irc() -> None:
    net, ann, bob = banned()
    net.connects("Dan")
    text = b"You are banned in the general channel, so you cannot whisper there."
    assert (
        bob.asked("PRIVMSG Ann :psst", "PRIVMSG Ann :\x01VERSION\x01") == [b":irc.antechamber 404 Bob Ann :" + text] * 2
    )
    assert bob.asked("NOTICE Ann :psst", "PRIVMSG Dan :psst", "PRIVMSG Bob :note") == [
        b":Bob!~u@bob.cloak PRIVMSG Bob :note"
    ]
    assert ann.reads() == []
    bob.sends("PART #general", "PRIVMSG Ann :as anybody may")
    assert ann.reads()[-1] == b":Bob!~u@bob.cloak PRIVMSG Ann :as anybody may"


def test_who_is_banned_and_sits_says_nothing_in_tags_to_who_sits_there() -> None:
    net = Net()
    ann = net.joins("Ann", capabilities=("message-tags",))
    bob = net.joins("Bob", capabilities=("message-tags",))
    net.operator.ask(SetModes((ModeChange("+b", "Bob!*@*"),), "general"))
    net.run()
    ann.reads()
    (refused,) = bob.asked("@+typing=active TAGMSG Ann")
    assert b" 404 Bob Ann :" in refused
    assert ann.reads() == []


def test_who_is_banned_in_one_channel_whispers_by_irc_by_way_of_another_that_both_sit_in() -> None:
    _, ann, bob = banned("#general", "#games")
    ann.sends("JOIN #games")
    ann.reads()
    bob.sends("PRIVMSG Ann :psst")
    assert ann.reads() == [b":Bob!~u@bob.cloak PRIVMSG Ann :psst"]


def test_who_is_banned_in_one_channel_whispers_and_sends_by_another_that_both_sit_in() -> None:
    net, _, bob = banned("#general", "#games")
    net.hub.announce_front_desk(9876)
    eve = net.connection()
    eve.sends("NICK Eve", "USER eve 0 * :Eve", "JOIN #general,#games")
    assert len(bob.asked("SEND Eve a.txt")) == 1
    assert net.transfers.get("t1") is not None


def test_who_is_banned_and_sits_offers_no_file_and_invites_nobody() -> None:
    net, _, bob = banned()
    net.hub.announce_front_desk(9876)
    (refused,) = bob.asked("SEND Ann a.txt")
    assert refused.endswith(b":You are banned in the general channel, so you cannot send files there.")
    assert net.transfers.get("t1") is None
    dan = net.connects("Dan")
    (refused,) = bob.asked("INVITE Dan #general")
    assert b" 404 Bob #general :" in refused
    assert dan.reads() == []


@pytest.mark.parametrize(
    "line", ["PRIVMSG #general :hi", "NOTICE #general :hi", "TAGMSG #general", "PRIVMSG @#general :hi"]
)
def test_who_is_banned_and_sits_says_nothing_there(line: str) -> None:
    net = Net()
    ann = net.joins("Ann", capabilities=("message-tags",))
    bob = net.joins("Bob", capabilities=("message-tags",))
    net.operator.ask(SetModes((ModeChange("+o", "Ann"), ModeChange("+b", "Bob!*@*")), "general"))
    net.run()
    ann.reads()
    bob.sends(f"@+typing=active {line}")
    assert ann.reads() == []


def test_a_voice_makes_up_for_a_ban() -> None:
    net, ann, bob = banned()
    eve = net.enters("Eve")
    ann.sends("MODE #general +v Bob")
    eve.new()
    bob.sends("PRIVMSG Eve :psst")
    assert [message for message in eve.messages() if isinstance(message, Whispered)] == [
        Whispered(NOON, "general", "Bob", "Eve", "psst")
    ]
