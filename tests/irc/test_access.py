"""What an operator of the server may do in channels, by the bytes on the wire."""

from tests.irc.wire import OPEN, Client, Net


def watched() -> tuple[Net, Client, Client]:
    """Return a channel whose operator is Ann, and an operator of the server who is not in it."""
    net = Net(settings=OPEN)
    ann, oper = net.joins("Ann", "#den"), net.connects("Oper")
    ann.sends("MODE #den +s")
    ann.reads()
    oper.user.operator = True
    return net, ann, oper


def test_an_operator_acts_as_the_server_where_it_is_not() -> None:
    _, ann, oper = watched()
    oper.sends("TOPIC #den :Mind your words", "MODE #den +m", "ANNOUNCE #den :Now", "KICK #den Ann :Out")
    assert oper.reads() == []
    assert ann.reads() == [
        b":irc.antechamber TOPIC #den :Mind your words",
        b":irc.antechamber MODE #den +m",
        b":irc.antechamber NOTICE #den :Now",
        b":irc.antechamber KICK #den Ann :Out",
    ]


def test_an_operator_acts_as_the_server_where_it_has_no_role() -> None:
    _, ann, oper = watched()
    oper.sends("JOIN #den", "MODE #den +o Oper", "TOPIC #den :Now mine")
    assert ann.reads()[1:] == [
        b":irc.antechamber MODE #den +o Oper",
        b":Oper!~u@oper.cloak TOPIC #den :Now mine",
    ]


def test_an_operator_sees_what_is_secret() -> None:
    _, _, oper = watched()
    assert oper.asked("NAMES #den")[0] == b":irc.antechamber 353 Oper @ #den :@Ann"
    assert oper.asked("MODE #den")[0] == b":irc.antechamber 324 Oper #den +nst"
    assert len(oper.asked("LIST #den")) == 3


def test_a_channel_operator_rules_its_own_channel_alone() -> None:
    net, ann, _ = watched()
    net.joins("Bob", "#general")
    assert ann.asked("MODE #general +m", "KICK #general Bob", "MUTE #general Bob 5", "EMPTY #general") == 4 * [
        b":irc.antechamber 442 Ann #general :You're not on that channel"
    ]
    ann.sends("JOIN #general")
    ann.reads()
    assert ann.asked("MODE #general +m", "KICK #general Bob", "MUTE #general Bob 5", "EMPTY #general") == 4 * [
        b":irc.antechamber 482 Ann #general :You're not channel operator"
    ]
