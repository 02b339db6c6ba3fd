"""INVITE, by the bytes on the wire."""

from antechamber.protocol.commands import Invite
from antechamber.protocol.events import Invited
from antechamber.protocol.notices import Invitation
from tests.irc.wire import ruled


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
