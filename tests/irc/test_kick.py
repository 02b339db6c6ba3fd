"""KICK, MUTE, EMPTY, MOVE and ANNOUNCE, by the bytes on the wire; and what users read who lose a seat."""

from antechamber.protocol.commands import Kick, SetModes
from antechamber.protocol.events import Left, ModeChange
from antechamber.protocol.limits import Limits
from antechamber.protocol.notices import Goodbye
from tests.irc.wire import OPEN, Client, Net, ruled


def general(*others: str, seats: int = 5) -> tuple[Net, Client]:
    """Return a network and Ann, who is an operator of the general channel; these others are in it or wait."""
    net = Net(seats=seats)
    ann = net.joins("Ann")
    net.operator.ask(SetModes((ModeChange("+o", "Ann"),), "general"))
    net.run()
    for name in others:
        net.joins(name)
    ann.reads()
    return net, ann


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
    net.sets_mode("+o", "Ann")
    ann.reads()
    bob.new()
    assert ann.asked("KICK #general bob :Not here") == [b":Ann!~u@ann.cloak KICK #general Bob :Not here"]
    goodbye = bob.messages()[-1]
    assert goodbye == Goodbye(net.clock.now(), "kicked", "Not here", by="Ann")


# MUTE, EMPTY, MOVE and ANNOUNCE


def test_a_mute_is_told_to_all_and_keeps_its_member_from_talking() -> None:
    net, ann = general()
    bob = net.joins("Bob")
    ann.reads()
    assert ann.asked("MUTE #general bob 60") == [
        b":irc.antechamber NOTICE #general :Bob has been muted for 60 seconds."
    ]
    assert bob.reads() == [b":irc.antechamber NOTICE #general :Bob has been muted for 60 seconds."]
    assert bob.asked("PRIVMSG #general :But I") == [
        b":irc.antechamber 404 Bob #general :You are still muted for 60 seconds."
    ]


def test_a_mute_that_cannot_be_is_refused() -> None:
    net, ann = general()
    bob = net.joins("Bob")
    ann.reads()
    invalid = [b":irc.antechamber FAIL MUTE INVALID_MUTE_TIME #general :Invalid mute time."]
    for seconds in ("0", "-1", "x", "31536001", "9" * 4000):
        assert ann.asked(f"MUTE #general Bob {seconds}"[:500]) == invalid
    assert len(ann.asked("MUTE #general Bob 31536000")) == 1
    assert ann.asked("MUTE #general Eve 5") == [b":irc.antechamber 441 Ann Eve #general :They aren't on that channel"]
    bob.reads()
    assert bob.asked("MUTE #general Ann 5") == [b":irc.antechamber 482 Bob #general :You're not channel operator"]
    assert bob.asked("MUTE #general Ann") == [b":irc.antechamber 461 Bob MUTE :Not enough parameters"]


def test_who_waits_cannot_be_muted() -> None:
    _, ann = general("Bob", seats=1)
    assert ann.asked("MUTE #general Bob 5") == [b":irc.antechamber 441 Ann Bob #general :They aren't on that channel"]


def test_emptying_takes_all_seats_and_the_line_moves_up() -> None:
    net, ann = general("Bob", seats=2)
    cid = net.joins("Cid")
    assert ann.asked("EMPTY #general") == [b":irc.antechamber KICK #general Ann :The operator emptied the channel."]
    assert cid.reads()[0] == b":Cid!~u@cid.cloak JOIN #general"
    assert not ann.transport.closed
    assert list(net.rooms["general"].channel.seated) == ["Cid"]


def test_a_place_in_the_line_is_the_operators_to_give() -> None:
    net, ann = general("Bob", seats=1)
    cid = net.joins("Cid")
    assert ann.asked("MOVE #general Cid 0") == [
        b":irc.antechamber NOTICE Ann :#general: Cid has 0 user(s) ahead in the waiting queue."
    ]
    assert cid.reads() == [
        b":irc.antechamber NOTICE Cid :#general: You are in the waiting queue and there are 0 user(s) ahead of you."
    ]
    assert ann.asked("MOVE #general Cid 99") == [
        b":irc.antechamber NOTICE Ann :#general: Cid has 1 user(s) ahead in the waiting queue."
    ]


def test_a_place_that_cannot_be_given_is_refused() -> None:
    _, ann = general("Bob", seats=1)
    assert ann.asked("MOVE #general Ann 0") == [
        b":irc.antechamber FAIL MOVE NOT_WAITING #general :Ann does not wait in general."
    ]
    assert ann.asked("MOVE #general Bob x") == [
        b":irc.antechamber FAIL MOVE BAD_PLACE #general "
        b":A place in the waiting queue has 0 or more members ahead of it."
    ]
    assert ann.asked("MOVE #general Eve 0") == [b":irc.antechamber 441 Ann Eve #general :They aren't on that channel"]


def test_an_announcement_reaches_those_seated_and_those_who_wait() -> None:
    net, ann = general(seats=2)
    bob, cid = net.joins("Bob"), net.joins("Cid")
    ann.reads()
    told = b":irc.antechamber NOTICE #general :We close at ten"
    assert ann.asked("ANNOUNCE #general :We close at ten") == [told]
    assert bob.reads() == [told]
    assert len(cid.reads()) == 1


def test_an_announcement_is_the_operators_to_make() -> None:
    bob = general()[0].joins("Bob")
    assert bob.asked("ANNOUNCE #general :Mine") == [b":irc.antechamber 482 Bob #general :You're not channel operator"]


def test_an_announcement_of_nothing_is_refused() -> None:
    _, ann = general()
    assert ann.asked("ANNOUNCE #general") == [b":irc.antechamber 461 Ann ANNOUNCE :Not enough parameters"]
    assert ann.asked("ANNOUNCE #general :  ") == [b":irc.antechamber 412 Ann :No text to send"]


# Losing a seat


def test_who_goes_afk_reads_a_kick_and_stays_connected() -> None:
    net = Net(limits=Limits(idle_seconds_max=100.0))
    mary, bob = net.joins("Mary"), net.joins("Bob")
    mary.reads()
    net.loop.advance(99)
    bob.sends("PRIVMSG #general :Here I am")
    mary.reads()
    net.loop.advance(1)
    assert bob.reads()[-1] == b":irc.antechamber KICK #general Mary :went AFK."
    text = b"You sent nothing for too long, so your seat went to the next in line."
    assert mary.reads()[-1] == b":irc.antechamber KICK #general Mary :" + text
    assert not mary.transport.closed
    assert mary.asked("JOIN #general")[0] == b":Mary!~u@mary.cloak JOIN #general"


def test_what_a_channels_operator_does_is_a_sign_of_life() -> None:
    net, ann = general("Bob")
    net.loop.advance(60)
    ann.sends("TOPIC #general :Still here")
    net.loop.advance(60)
    assert list(net.rooms["general"].channel.seated) == ["Ann"]


def test_who_is_thrown_out_of_the_line_is_told_so_in_words() -> None:
    net, ann = general("Bob", seats=1)
    cid = net.joins("Cid")
    assert ann.asked("KICK #general Cid :Not you") == []
    assert cid.reads() == [b":irc.antechamber NOTICE Cid :#general: You have lost your place in the line. Not you"]
    net.operator.ask(Kick("general", "Bob"))
    net.run()
    assert cid.asked("PART #general") == [b":irc.antechamber 442 Cid #general :You're not on that channel"]
    assert list(net.rooms["general"].channel.waiting) == []


def test_who_loses_its_place_in_line_to_the_operator_is_told_so() -> None:
    net = Net(seats=1)
    _, mary = net.joins("Bob"), net.joins("Mary")
    net.operator.ask(Kick("general", "Mary"))
    net.run()
    words = b"#general: You have lost your place in the line. The operator has taken it."
    assert mary.reads() == [b":irc.antechamber NOTICE Mary :" + words]


def test_who_is_kicked_by_a_member_of_the_page_reads_what_the_others_read() -> None:
    net = Net()
    mary, bob, tess = net.joins("Mary"), net.joins("Bob"), net.enters("Tess")
    net.sets_mode("+o", "Tess")
    net.reads_away(mary, bob)
    tess.ask(Kick("general", "Mary"))
    net.run()
    kicked = b":Tess!~u@antechamber KICK #general Mary :Tess"
    assert mary.reads() == bob.reads() == [kicked]


def test_who_is_kicked_by_the_operator_of_the_server_reads_so() -> None:
    net = Net()
    mary = net.joins("Mary")
    net.operator.ask(Kick("general", "Mary"))
    net.run()
    assert mary.reads() == [b":irc.antechamber KICK #general Mary :Kicked by the operator"]
    assert not mary.transport.closed
