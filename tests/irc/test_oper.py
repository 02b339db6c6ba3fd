"""OPER, KILL, REHASH and WALLOPS: what operators of the server may do."""

import pytest

from antechamber.protocol.limits import LAST_WORDS_CHARACTERS_MAX
from tests.irc.wire import Client, Net

S = b":irc.antechamber "
REFUSED = S + b"481 Mary :Permission Denied- You're not an IRC operator"


def operator(network: Net, nick: str = "Mary", *capabilities: str) -> Client:
    """Return a client that is an operator of the server."""
    client = network.connects(nick, *capabilities)
    client.sends(f"OPER {nick} {network.operator_token}")
    client.reads()
    return client


def test_the_operator_token_makes_an_operator() -> None:
    network = Net()
    mary = network.connects("Mary")
    assert mary.asked(f"OPER whoever {network.operator_token}") == [
        b":Mary!~u@mary.cloak MODE Mary :+o",
        S + b"381 Mary :You are now an IRC operator",
    ]
    assert mary.user.operator
    assert mary.asked("LUSERS")[1] == S + b"252 Mary 1 :operator(s) online"
    assert mary.asked(f"OPER whoever {network.operator_token}") == [S + b"381 Mary :You are now an IRC operator"]


def test_any_other_word_makes_none() -> None:
    mary = Net().connects("Mary")
    assert mary.asked("OPER Mary secret") == [S + b"464 Mary :Password incorrect"]
    assert not mary.user.operator


def test_an_operator_may_be_one_no_more() -> None:
    network = Net()
    mary = operator(network)
    assert mary.asked("MODE Mary -o", "KILL Mary :x") == [b":Mary!~u@mary.cloak MODE Mary :-o", REFUSED]
    assert not mary.user.operator


@pytest.mark.parametrize("command", ["KILL John :x", "REHASH", "WALLOPS :hi"])
def test_others_may_not(command: str) -> None:
    asked: list[bool] = []
    network = Net(rehash=lambda: asked.append(True))
    john = network.connects("John")
    assert network.connects("Mary").asked(command) == [REFUSED]
    assert (john.reads(), asked) == ([], [])


def test_a_kill_closes_a_users_connection() -> None:
    network = Net()
    mary, john = operator(network), network.joins("John", "#general", "#games")
    anna = network.joins("Anna", "#general", "#games")
    network.reads_away(john, anna)
    assert mary.asked("KILL john :spam") == []
    assert john.reads() == [
        b":Mary!~u@mary.cloak KILL John :spam",
        b"ERROR :Closing Link: John (Killed (Mary (spam)))",
    ]
    assert john.transport.closed
    assert anna.reads() == [b":John!~u@john.cloak QUIT :Killed (Mary (spam))"]
    assert network.connection().asked("NICK John") == []
    john.vanishes()
    assert anna.reads() == []
    network.check()


def test_a_kill_without_a_word_gives_no_reason() -> None:
    network = Net()
    mary, john = operator(network), network.connects("John")
    mary.sends("KILL John")
    assert john.reads()[-1] == b"ERROR :Closing Link: John (Killed (Mary (No reason given)))"


def test_nothing_is_held_for_who_was_killed() -> None:
    network = Net(limits=Net().limits._replace(seat_hold_seconds=60, held_visit_seconds_min=0))
    mary, john = operator(network), network.connects("John", password="secret")
    john.sends("JOIN #general")
    mary.sends("KILL John :x")
    john.vanishes()
    assert not network.rooms["general"].channel.seated
    network.check()


@pytest.mark.parametrize("over", [0, 1])
def test_why_one_was_killed_is_cut_to_its_bound(over: int) -> None:
    network = Net()
    mary, john, anna = operator(network), network.joins("John"), network.joins("Anna")
    words = "x" * (LAST_WORDS_CHARACTERS_MAX - len("Killed (Mary ())") + over)
    anna.reads()
    network.reads_away(john)
    mary.sends(f"KILL John :{words}")
    told = f"Killed (Mary ({words}))"[:LAST_WORDS_CHARACTERS_MAX].encode()
    assert anna.reads() == [b":John!~u@john.cloak QUIT :" + told]


def test_a_kill_of_a_member_from_a_page_throws_it_out() -> None:
    network = Net()
    page = network.enters("Page", "games")
    anna, mary = network.joins("Anna", "#games"), operator(network)
    network.reads_away(anna)
    mary.sends("KILL page :spam")
    assert page.transport.closed
    assert anna.reads() == [S + b"KICK #games Page :Killed (Mary (spam))"]
    network.check()


def test_there_is_nobody_to_kill_and_no_server() -> None:
    network = Net()
    assert operator(network).asked("KILL nobody :x", "KILL irc.antechamber :x") == [
        S + b"401 Mary nobody :No such nick/channel",
        S + b"483 Mary :You can't kill a server!",
    ]


def test_an_operator_may_kill_itself() -> None:
    network = Net()
    mary = operator(network)
    assert mary.asked("KILL Mary :enough")[-1] == b"ERROR :Closing Link: Mary (Killed (Mary (enough)))"


def test_a_rehash_has_the_config_read_again() -> None:
    asked: list[bool] = []
    network = Net(rehash=lambda: asked.append(True))
    assert operator(network).asked("REHASH") == [S + b"382 Mary irc.antechamber :Rehashing"]
    assert asked == [True]


def test_wallops_go_to_those_who_want_to_read_them() -> None:
    network = Net()
    mary, john, anna = operator(network), network.connects("John"), network.connects("Anna")
    john.sends("MODE John +w")
    network.reads_away(john)
    assert mary.asked("WALLOPS :all is well") == []
    assert john.reads() == [b":Mary!~u@mary.cloak WALLOPS :all is well"]
    assert anna.reads() == []
