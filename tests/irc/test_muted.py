"""Users who are muted in a channel: others read nothing from them, whichever command they send it by."""

import pytest

from antechamber.irc.network import IrcSettings
from antechamber.protocol.commands import Mute, Quit
from antechamber.protocol.limits import Limits
from tests.irc.wire import Client, Net

STILL = b"You are still muted for 300 seconds."
READS = ("away-notify", "setname", "extended-join", "invite-notify")
TAGS = "message-tags"


def muted(*channels: str, seats: int = 5, more: tuple[str, ...] = ()) -> tuple[Net, Client, Client]:
    """Return a network where Mary is muted in the general channel, and Bob has all capabilities."""
    net = Net(seats, Limits(idle_seconds_max=1_000.0))
    bob, mary = (net.joins(nick, *channels, capabilities=(*READS, *more)) for nick in ("Bob", "Mary"))
    net.sets_mode("-t")
    mute(net)
    net.reads_away(bob, mary)
    return net, mary, bob


def mute(net: Net, name: str = "Mary", channel: str = "general") -> None:
    net.operator.ask(Mute(channel, name, 300))
    net.run()


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("PRIVMSG #general :rude", b":irc.antechamber 404 Mary #general :" + STILL),
        ("PRIVMSG #general :\x01ACTION is rude\x01", b":irc.antechamber 404 Mary #general :" + STILL),
        ("PRIVMSG @#general :rude", b":irc.antechamber 404 Mary @#general :" + STILL),
        ("@+typing=active TAGMSG #general", b":irc.antechamber 404 Mary #general :" + STILL),
        ("@+draft/react=rude TAGMSG #general", b":irc.antechamber 404 Mary #general :" + STILL),
        ("PRIVMSG Bob :rude", b":irc.antechamber 404 Mary Bob :" + STILL),
        ("PRIVMSG bob :\x01VERSION\x01", b":irc.antechamber 404 Mary Bob :" + STILL),
        ("@+draft/react=rude TAGMSG Bob", b":irc.antechamber 404 Mary Bob :" + STILL),
        ("TOPIC #general :rude", b":irc.antechamber 404 Mary #general :" + STILL),
        ("NICK Rude", b":irc.antechamber 435 Mary Rude #general :" + STILL),
        ("SETNAME :rude", b":irc.antechamber FAIL SETNAME CANNOT_CHANGE_REALNAME :" + STILL),
        ("INVITE Carl #general", b":irc.antechamber 404 Mary #general :" + STILL),
    ],
)
def test_nobody_reads_what_a_muted_user_writes(line: str, answer: bytes) -> None:
    net, mary, bob = muted(more=(TAGS,))
    net.connects("Carl")
    assert mary.asked(line) == [answer]
    assert bob.reads() == []


def test_a_notice_of_a_muted_user_is_dropped_without_an_answer() -> None:
    _, mary, bob = muted()
    assert mary.asked("NOTICE #general :rude", "NOTICE Bob :rude") == []
    assert bob.reads() == []


def test_a_muted_user_who_goes_away_is_away_in_the_servers_word() -> None:
    _, mary, bob = muted()
    mary.sends("AWAY :rude")
    assert bob.reads() == [b":Mary!~u@mary.cloak AWAY :Away"]
    assert b":irc.antechamber 301 Bob Mary :Away" in bob.asked("WHOIS Mary")
    mary.sends("AWAY")
    assert bob.reads() == [b":Mary!~u@mary.cloak AWAY"]


def test_a_muted_user_parts_without_a_word_for_itself_and_for_the_others() -> None:
    _, mary, bob = muted()
    assert mary.asked("PART #general :rude") == [b":Mary!~u@mary.cloak PART #general"]
    assert bob.reads() == [b":Mary!~u@mary.cloak PART #general"]


def test_a_muted_user_quits_without_a_word() -> None:
    _, mary, bob = muted()
    mary.sends("QUIT :rude")
    assert bob.reads() == [b":Mary!~u@mary.cloak QUIT :Quit: Leaving"]


def test_where_a_user_is_muted_in_one_channel_its_last_words_are_read_in_the_others_alone() -> None:
    net, mary, bob = muted("#general", "#games")
    eve = net.joins("Eve", "#games")
    net.reads_away(bob)
    mary.sends("QUIT :bye")
    assert bob.reads() == [b":Mary!~u@mary.cloak QUIT :Quit: Leaving"]
    assert eve.reads() == [b":Mary!~u@mary.cloak QUIT :Quit: bye"]


def test_a_muted_user_whose_connection_is_lost_is_told_of_as_ever() -> None:
    _, mary, bob = muted()
    mary.vanishes("Ping timeout: 120 seconds")
    assert bob.reads() == [b":Mary!~u@mary.cloak QUIT :Ping timeout: 120 seconds"]


def test_a_muted_operator_kicks_without_a_reason() -> None:
    net, mary, bob = muted()
    eve = net.joins("Eve")
    net.sets_mode("+o", "Mary")
    net.reads_away(bob)
    mary.sends("KICK #general Eve :rude")
    assert bob.reads() == [b":Mary!~u@mary.cloak KICK #general Eve :Mary"]
    assert eve.reads()[-1] == b":Mary!~u@mary.cloak KICK #general Eve :Mary"
    assert mary.asked("MODE #general +b rude!*@*") == [b":irc.antechamber 404 Mary #general :" + STILL]
    assert mary.asked("ANNOUNCE #general :rude") == [b":irc.antechamber 404 Mary #general :" + STILL]


@pytest.mark.parametrize("departure", ["PART #general", "QUIT", ""])
def test_one_who_comes_again_is_muted_still(departure: str) -> None:
    net, mary, bob = muted()
    if departure:
        mary.sends(departure)
    else:
        mary.vanishes()
    again = mary if "PART" in departure else net.connects("Mary")
    again.sends("JOIN #general")
    net.reads_away(bob)
    assert again.asked("PRIVMSG #general :rude") == [b":irc.antechamber 404 Mary #general :" + STILL]
    net.loop.advance(300)
    assert again.asked("PRIVMSG #general :hello") == []
    assert bob.reads() == [b":Mary!~u@mary.cloak PRIVMSG #general :hello"]


def test_one_who_comes_again_brings_no_words_along() -> None:
    _, mary, bob = muted()
    mary.sends("PART #general", "AWAY :rude", "SETNAME :rude")
    bob.reads()
    mary.sends("JOIN #general")
    assert bob.reads() == [b":Mary!~u@mary.cloak JOIN #general * :Mary", b":Mary!~u@mary.cloak AWAY :Away"]
    assert bob.asked("PRIVMSG Mary :hello") == [b":irc.antechamber 301 Bob Mary :Away"]
    assert not [line for line in bob.asked("WHOIS Mary", "WHO #general") if b"rude" in line]


def test_one_who_comes_back_to_a_seat_that_was_held_brings_no_words_along() -> None:
    net = Net(limits=Limits(seat_hold_seconds=60))
    bob, mary = net.joins("Bob"), net.joins("Mary", password="sesame")
    mute(net)
    mary.vanishes()
    again = net.connection("mary.cloak")
    again.sends("PASS sesame", "NICK Mary", "USER mary 0 * :rude", "AWAY :rude", "JOIN #general")
    net.run()
    assert not [line for line in bob.asked("PRIVMSG Mary :hello", "WHOIS Mary", "WHO #general") if b"rude" in line]


def test_one_who_is_muted_and_gone_cannot_whisper_to_those_who_are_there() -> None:
    net, mary, bob = muted()
    mary.sends("PART #general")
    bob.reads()
    assert mary.asked("PRIVMSG Bob :rude") == [b":irc.antechamber 404 Mary Bob :" + STILL]
    net.connects("Carl")
    assert mary.asked("PRIVMSG Carl :hello") == []
    bob.sends("PART #general")
    assert mary.asked("PRIVMSG Bob :hello") == []


def test_one_who_is_muted_in_one_channel_whispers_by_way_of_another() -> None:
    _, mary, bob = muted("#general", "#games")
    assert mary.asked("PRIVMSG Bob :hello") == []
    assert bob.reads() == [b":Mary!~u@mary.cloak PRIVMSG Bob :hello"]


def test_one_who_is_muted_may_write_to_itself() -> None:
    _, mary, _ = muted()
    assert len(mary.asked("PRIVMSG Mary :note")) == 1


def test_one_who_is_muted_and_waits_takes_no_other_name() -> None:
    net, mary, _ = muted(seats=2)
    mary.sends("PART #general")
    net.enters("Eve")
    mary.sends("JOIN #general")
    assert mary.asked("NICK Rude") == [b":irc.antechamber 435 Mary Rude #general :" + STILL]


def test_a_member_of_a_page_is_muted_still_when_it_comes_by_irc_from_the_same_address() -> None:
    net = Net()
    page = net.enters("Mary")
    mute(net)
    page.ask(Quit())
    net.run()
    mary = net.connection("")
    mary.sends("NICK mary", "USER mary 0 * :Mary", "JOIN #general")
    assert mary.asked("PRIVMSG #general :rude") == [b":irc.antechamber 404 mary #general :" + STILL]


def test_a_channel_that_is_founded_anew_knows_nothing_of_the_mutes_of_the_one_before() -> None:
    net = Net(settings=IrcSettings(open_channels=True))
    ann, mary = net.joins("Ann", "#den"), net.joins("Mary", "#den")
    ann.sends("MUTE #den Mary 300")
    mary.sends("PART #den")
    ann.sends("PART #den")
    mary.sends("JOIN #den")
    net.joins("Bob", "#den")
    assert mary.asked("PRIVMSG #den :hello") == []
    again = Net(log=net.log, settings=IrcSettings(open_channels=True))
    assert again.joins("Mary", "#den").asked("PRIVMSG #den :hello") == []
