"""TOPIC, NAMES, INVITE and KICK, by the bytes on the wire."""

import pytest

from antechamber.irc.network import IrcSettings
from antechamber.protocol.commands import Invite, SetModes
from antechamber.protocol.events import Invited, Left, ModeChange, TopicSet
from antechamber.protocol.limits import TOPIC_CHARACTERS_MAX
from antechamber.protocol.notices import Goodbye, Invitation
from tests.irc.wire import Client, Net

OPEN = IrcSettings(open_channels=True)


def ruled(*others: str, channel: str = "#den") -> tuple[Net, Client]:
    """Return an open channel that Ann rules, with these others in it."""
    net = Net(settings=OPEN)
    ann = net.joins("Ann", channel)
    for name in others:
        net.joins(name, channel)
    ann.reads()
    return net, ann


def give_role(net: Net, name: str, mode: str = "+o", channel: str = "general") -> None:
    """Let the operator of the server give a role."""
    net.operator.ask(SetModes((ModeChange(mode, name),), channel))
    net.run()


# TOPIC


def test_a_channel_without_a_topic_says_so() -> None:
    _, ann = ruled()
    assert ann.asked("TOPIC #den") == [b":irc.antechamber 331 Ann #den :No topic is set"]


def test_a_topic_is_set_and_read_by_all() -> None:
    net, ann = ruled()
    bob = net.joins("Bob", "#den")
    assert ann.asked("TOPIC #den :What we read") == [b":Ann!~u@ann.cloak TOPIC #den :What we read"]
    assert bob.reads() == [b":Ann!~u@ann.cloak TOPIC #den :What we read"]
    told = [
        b":irc.antechamber 332 Bob #den :What we read",
        b":irc.antechamber 333 Bob #den Ann!~u@ann.cloak 1000000",
    ]
    assert bob.asked("TOPIC #den") == told
    assert net.events("den")[-1] == TopicSet("Ann", "What we read")


def test_the_topic_of_the_config_has_nobody_who_set_it() -> None:
    net = Net()
    net.rooms["general"].topic = "All and sundry"
    mary = net.connects("Mary")
    assert mary.asked("TOPIC #general") == [b":irc.antechamber 332 Mary #general :All and sundry"]


def test_who_does_not_rule_sets_no_topic_unless_anybody_may() -> None:
    net, ann = ruled()
    bob = net.joins("Bob", "#den")
    assert bob.asked("TOPIC #den :Mine") == [b":irc.antechamber 482 Bob #den :You're not channel operator"]
    ann.sends("MODE #den -t")
    bob.reads()
    assert bob.asked("TOPIC #den :Mine") == [b":Bob!~u@bob.cloak TOPIC #den :Mine"]


def test_who_is_not_there_sets_no_topic() -> None:
    net, _ = ruled()
    bob = net.connects("Bob")
    assert bob.asked("TOPIC #den :Mine") == [b":irc.antechamber 442 Bob #den :You're not on that channel"]
    assert bob.asked("TOPIC #nowhere") == [b":irc.antechamber 403 Bob #nowhere :No such channel"]
    assert bob.asked("TOPIC #nowhere :Mine") == [b":irc.antechamber 403 Bob #nowhere :No such channel"]


def test_who_waits_is_not_there_yet() -> None:
    net = Net(seats=1)
    net.joins("Ann")
    bob = net.joins("Bob")
    assert bob.asked("TOPIC #general :Mine") == [b":irc.antechamber 442 Bob #general :You're not on that channel"]


def test_a_topic_is_cut_at_its_bound() -> None:
    net, ann = ruled()
    ann.sends(f"TOPIC #den :{'x' * TOPIC_CHARACTERS_MAX}")
    ann.sends(f"TOPIC #den :{'y' * (TOPIC_CHARACTERS_MAX + 1)}")
    assert [event.topic for event in net.events("den") if isinstance(event, TopicSet)] == [
        "x" * TOPIC_CHARACTERS_MAX,
        "y" * TOPIC_CHARACTERS_MAX,
    ]


def test_the_same_topic_again_changes_nothing() -> None:
    _, ann = ruled()
    ann.sends("TOPIC #den :Ours")
    assert ann.asked("TOPIC #den :Ours") == []


@pytest.mark.parametrize("mode", ["+s", "+k key", "+sk key"])
def test_the_topic_of_a_secret_or_locked_channel_is_its_members(mode: str) -> None:
    net, ann = ruled()
    ann.sends("TOPIC #den :Ours", f"MODE #den {mode}")
    ann.reads()
    bob = net.connects("Bob")
    assert bob.asked("TOPIC #den") == [b":irc.antechamber 442 Bob #den :You're not on that channel"]
    assert ann.asked("TOPIC #den")[0] == b":irc.antechamber 332 Ann #den :Ours"
    bob.sends(f"OPER operator {net.operator_token}")
    assert bob.asked("TOPIC #den")[-2] == b":irc.antechamber 332 Bob #den :Ours"


def test_who_waits_in_the_line_of_a_locked_channel_reads_its_topic() -> None:
    net = Net(seats=1)
    net.rooms["general"].topic = "Ours"
    net.joins("Ann")
    net.sets_mode("+k", "key")
    bob = net.connects("Bob")
    assert bob.asked("TOPIC #general") == [b":irc.antechamber 442 Bob #general :You're not on that channel"]
    bob.sends("JOIN #general key")
    assert bob.asked("TOPIC #general") == [b":irc.antechamber 332 Bob #general :Ours"]


# NAMES


def test_names_have_the_highest_role_or_all_of_them() -> None:
    net, ann = ruled()
    net.joins("Bob", "#den")
    ann.sends("MODE #den +vv Ann Bob")
    ann.reads()
    assert ann.asked("NAMES #den")[0] == b":irc.antechamber 353 Ann = #den :@Ann +Bob"
    many = net.connects("Cid", "multi-prefix")
    assert many.asked("NAMES #den")[0] == b":irc.antechamber 353 Cid = #den :@+Ann +Bob"


def test_names_come_with_hosts_where_they_are_asked_for() -> None:
    net, _ = ruled()
    bob = net.connects("Bob", "userhost-in-names")
    assert bob.asked("NAMES #den")[0] == b":irc.antechamber 353 Bob = #den :@Ann!~u@ann.cloak"


def test_many_names_take_several_lines_that_are_not_too_long() -> None:
    net = Net(seats=200)
    for number in range(100):
        net.enters(f"somebody-{number:03}")
    mary = net.connects("Mary")
    *lines, end = mary.asked("NAMES #general")
    assert end == b":irc.antechamber 366 Mary #general :End of NAMES list"
    assert max(map(len, lines)) <= 510
    assert max(map(len, lines)) > 495
    names = b" ".join(line.split(b" :", 1)[1] for line in lines).split()
    assert names == [f"somebody-{number:03}".encode() for number in range(100)]


def test_the_names_of_a_secret_channel_are_its_members() -> None:
    net, ann = ruled()
    ann.sends("MODE #den +s")
    ann.reads()
    assert ann.asked("NAMES #den")[0] == b":irc.antechamber 353 Ann @ #den :@Ann"
    assert net.connects("Bob").asked("NAMES #den") == [b":irc.antechamber 366 Bob #den :End of NAMES list"]


def test_who_wants_to_be_invisible_is_seen_by_members_alone() -> None:
    net, ann = ruled()
    bob = net.joins("Bob", "#den")
    bob.sends("MODE Bob +i")
    assert net.connects("Cid").asked("NAMES #den")[0] == b":irc.antechamber 353 Cid = #den :@Ann"
    assert ann.asked("NAMES #den")[-2] == b":irc.antechamber 353 Ann = #den :@Ann Bob"


def test_names_of_nothing_end_at_once() -> None:
    mary = Net().connects("Mary")
    assert mary.asked("NAMES") == [b":irc.antechamber 366 Mary * :End of NAMES list"]
    assert mary.asked("NAMES #help") == [b":irc.antechamber 366 Mary #help :End of NAMES list"]
    assert mary.asked("NAMES #nowhere") == [b":irc.antechamber 366 Mary #nowhere :End of NAMES list"]


def test_names_of_so_many_channels_are_told_and_of_no_more() -> None:
    mary = Net().connects("Mary")
    assert len(mary.asked("NAMES #a,#b,#c,#d")) == 4
    assert mary.asked("NAMES #a,#b,#c,#d,#e")[4:] == [b":irc.antechamber 407 Mary #e :Too many targets"]


def test_a_member_whose_name_has_a_plus_in_front_is_shown_without() -> None:
    net = Net()
    net.enters("+one")
    assert net.connects("Mary").asked("NAMES #general")[0] == b":irc.antechamber 353 Mary = #general :_one"


# INVITE


def test_an_invitation_lets_somebody_in_once() -> None:
    net, ann = ruled()
    ann.sends("MODE #den +i")
    ann.reads()
    bob = net.connects("Bob")
    assert ann.asked("INVITE Bob #den") == [b":irc.antechamber 341 Ann Bob #den"]
    assert bob.reads() == [b":Ann!~u@ann.cloak INVITE Bob #den"]
    assert bob.asked("INVITE") == [
        b":irc.antechamber 336 Bob #den",
        b":irc.antechamber 337 Bob :End of INVITE list",
    ]
    assert bob.asked("JOIN #den")[0] == b":Bob!~u@bob.cloak JOIN #den"
    bob.sends("PART #den")
    bob.reads()
    assert bob.asked("JOIN #den") == [b":irc.antechamber 473 Bob #den :Cannot join channel (+i)"]


def test_an_invitation_lets_in_nobody_who_takes_the_nick() -> None:
    net, ann = ruled()
    ann.sends("MODE #den +i")
    bob = net.connects("Bob")
    ann.sends("INVITE Bob #den")
    bob.sends("QUIT")
    stranger = net.connects("Bob")
    assert stranger.asked("INVITE") == [b":irc.antechamber 337 Bob :End of INVITE list"]
    assert stranger.asked("JOIN #den") == [b":irc.antechamber 473 Bob #den :Cannot join channel (+i)"]
    ann.sends("INVITE Bob #den")
    stranger.reads()
    assert stranger.asked("JOIN #den")[0] == b":Bob!~u@bob.cloak JOIN #den"


def test_an_invitation_lets_in_nobody_who_is_called_so_since_its_guest_took_another_nick() -> None:
    net, ann = ruled()
    ann.sends("MODE #den +i")
    bob, eve = net.connects("Bob"), net.connects("Eve")
    ann.sends("INVITE Bob #den")
    bob.sends("NICK Rob")
    eve.sends("NICK Bob")
    eve.reads()
    assert eve.asked("JOIN #den") == [b":irc.antechamber 473 Bob #den :Cannot join channel (+i)"]


def test_a_member_of_another_channel_whom_the_page_asks_in_comes_by_irc_too() -> None:
    net, ann = ruled()
    ann.sends("MODE #den +i")
    bob = net.joins("Bob", "#general")
    net.operator.ask(Invite("Bob", "den"))
    net.run()
    bob.reads()
    assert bob.asked("JOIN #den")[0] == b":Bob!~u@bob.cloak JOIN #den"


def test_members_who_ask_for_it_read_of_invitations() -> None:
    net, ann = ruled()
    cid = net.joins("Cid", "#den", capabilities=("invite-notify",))
    dan = net.joins("Dan", "#den")
    net.connects("Bob")
    cid.reads()
    ann.sends("INVITE Bob #den")
    assert cid.reads() == [b":Ann!~u@ann.cloak INVITE Bob #den"]
    assert dan.reads() == []
    (invited,) = [event for event in net.events("den") if isinstance(event, Invited)]
    assert (invited.by, invited.to, len(invited.guests)) == ("Ann", "Bob", 1)


def test_who_invites_somebody_away_is_told_so() -> None:
    net, ann = ruled()
    net.connects("Bob").sends("AWAY :Asleep")
    assert ann.asked("INVITE Bob #den") == [
        b":irc.antechamber 341 Ann Bob #den",
        b":irc.antechamber 301 Ann Bob :Asleep",
    ]


def test_an_invitation_that_cannot_be_is_refused() -> None:
    net, ann = ruled()
    bob = net.joins("Bob", "#den")
    net.connects("Cid")
    ann.sends("MODE #den +i")
    ann.reads()
    bob.reads()
    assert ann.asked("INVITE Nobody #den") == [b":irc.antechamber 401 Ann Nobody :No such nick/channel"]
    assert ann.asked("INVITE Bob #den") == [b":irc.antechamber 443 Ann Bob #den :is already on channel"]
    assert ann.asked("INVITE Cid #nowhere") == [b":irc.antechamber 403 Ann #nowhere :No such channel"]
    assert ann.asked("INVITE Cid #general") == [b":irc.antechamber 442 Ann #general :You're not on that channel"]
    assert ann.asked("INVITE Cid") == [b":irc.antechamber 461 Ann INVITE :Not enough parameters"]
    assert bob.asked("INVITE Cid #den") == [b":irc.antechamber 482 Bob #den :You're not channel operator"]


def test_a_member_of_the_page_is_told_of_an_invitation() -> None:
    net, ann = ruled()
    bob = net.enters("Bob", "games")
    assert ann.asked("INVITE Bob #den") == [b":irc.antechamber 341 Ann Bob #den"]
    assert bob.messages() == [Invitation(net.clock.now(), "den", "Ann")]


# KICK


def test_a_kick_is_told_to_all_and_leaves_the_connection() -> None:
    net, ann = ruled()
    bob, cid = net.joins("Bob", "#den"), net.joins("Cid", "#den")
    bob.reads()
    kicked = b":Ann!~u@ann.cloak KICK #den Bob :Not here"
    assert ann.asked("KICK #den Bob :Not here")[-1] == kicked
    assert bob.reads() == [kicked]
    assert cid.reads() == [kicked]
    assert not bob.transport.closed
    assert bob.asked("JOIN #den")[0] == b":Bob!~u@bob.cloak JOIN #den"
    assert Left("Bob", "kicked", by="Ann", text="Not here") in net.events("den")


def test_a_kick_of_several_members() -> None:
    net, ann = ruled("Bob", "Cid")
    assert ann.asked("KICK #den Bob,cid :Out")[-2:] == [
        b":Ann!~u@ann.cloak KICK #den Bob :Out",
        b":Ann!~u@ann.cloak KICK #den Cid :Out",
    ]
    assert list(net.hub.rooms["den"].channel.seated) == ["Ann"]


def test_a_kick_out_of_several_channels() -> None:
    net = Net(settings=OPEN)
    ann = net.joins("Ann", "#den", "#lair")
    net.joins("Bob", "#den", "#lair")
    ann.reads()
    assert ann.asked("KICK #den,#lair Bob,Bob :Out") == [
        b":Ann!~u@ann.cloak KICK #den Bob :Out",
        b":Ann!~u@ann.cloak KICK #lair Bob :Out",
    ]
    assert ann.asked("KICK #den,#lair Bob") == [b":irc.antechamber 461 Ann KICK :Not enough parameters"]


def test_a_kick_that_cannot_be_is_refused() -> None:
    net, ann = ruled()
    bob, cid = net.joins("Bob", "#den"), net.connects("Cid")
    ann.reads()
    assert ann.asked("KICK #den Nobody") == [b":irc.antechamber 441 Ann Nobody #den :They aren't on that channel"]
    assert ann.asked("KICK #nowhere Bob") == [b":irc.antechamber 403 Ann #nowhere :No such channel"]
    assert bob.asked("KICK #den Ann") == [b":irc.antechamber 482 Bob #den :You're not channel operator"]
    assert cid.asked("KICK #den Ann") == [b":irc.antechamber 442 Cid #den :You're not on that channel"]


def test_so_many_are_kicked_at_once_and_no_more() -> None:
    names = ["Bob", "Cid", "Dan", "Eve", "Fay"]
    net, ann = ruled(*names)
    assert ann.asked(f"KICK #den {','.join(names)}")[-1] == b":irc.antechamber 407 Ann Fay :Too many targets"
    assert list(net.hub.rooms["den"].channel.seated) == ["Ann", "Fay"]


def test_why_somebody_is_kicked_is_cut_at_its_bound() -> None:
    net, ann = ruled("Bob")
    ann.sends(f"KICK #den Bob :{'x' * 201}")
    assert Left("Bob", "kicked", by="Ann", text="x" * 200) in net.events("den")


def test_a_member_of_the_page_is_kicked_too() -> None:
    net = Net()
    ann, bob = net.joins("Ann"), net.enters("Bob")
    give_role(net, "Ann")
    ann.reads()
    bob.new()
    assert ann.asked("KICK #general bob :Not here") == [b":Ann!~u@ann.cloak KICK #general Bob :Not here"]
    goodbye = bob.messages()[-1]
    assert goodbye == Goodbye(net.clock.now(), "kicked", "Not here", by="Ann")
