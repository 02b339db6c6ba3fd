"""WHOIS, WHOWAS, USERHOST and ISON: who somebody is."""

import pytest

from antechamber.protocol.limits import WHOWAS_KEPT, Limits
from tests.irc.wire import Net

S = b":irc.antechamber "


def test_a_user_is_described() -> None:
    network = Net()
    mary, john = network.joins("Mary", "#general", "#games"), network.joins("John", "#general", "#games", "#help")
    network.sets_mode("+o", "John")
    network.sets_mode("+v", "John")
    john.sends("AWAY :at lunch", "MODE John +B")
    network.loop.advance(90)
    assert mary.asked("WHOIS john") == [
        S + b"311 Mary John ~u john.cloak * :John Doe",
        S + b"319 Mary John :@#general #games #help",
        S + b"312 Mary John irc.antechamber :Antechamber",
        S + b"335 Mary John :is a bot",
        S + b"301 Mary John :at lunch",
        S + b"317 Mary John 90 1000000 :seconds idle, signon time",
        S + b"318 Mary John :End of WHOIS list",
    ]


def test_all_roles_are_told_to_who_has_asked_for_that() -> None:
    network = Net()
    mary = network.joins("Mary", capabilities=("multi-prefix",))
    network.sets_mode("+o", "Mary")
    network.sets_mode("+v", "Mary")
    assert mary.asked("WHOIS Mary")[1] == S + b"319 Mary Mary :@+#general"


def test_one_reads_of_oneself_where_one_waits_and_ones_modes() -> None:
    network = Net(seats=1)
    network.joins("John")
    anna, mary = network.joins("Anna"), network.joins("Mary")
    mary.sends("MODE Mary +iw")
    assert mary.asked("WHOIS Mary") == [
        S + b"311 Mary Mary ~u mary.cloak * :Mary Doe",
        S + b"312 Mary Mary irc.antechamber :Antechamber",
        S + b"320 Mary Mary :waits for a seat in #general, with 1 user(s) ahead",
        S + b"379 Mary Mary :is using modes +iw",
        S + b"317 Mary Mary 0 1000000 :seconds idle, signon time",
        S + b"318 Mary Mary :End of WHOIS list",
    ]
    assert not any(b" 320 " in line or b" 379 " in line for line in anna.asked("WHOIS Mary"))


def test_a_member_from_a_page_is_described_to_who_shares_its_channel() -> None:
    network = Net()
    network.enters("Page", "games")
    mary, john = network.joins("Mary", "#games"), network.joins("John")
    network.loop.advance(40)
    assert mary.asked("WHOIS page") == [
        S + b"311 Mary Page ~u antechamber * :Page",
        S + b"319 Mary Page :#games",
        S + b"312 Mary Page irc.antechamber :Antechamber",
        S + b"317 Mary Page 40 1000000 :seconds idle, signon time",
        S + b"318 Mary Page :End of WHOIS list",
    ]
    assert john.asked("WHOIS Page") == [
        S + b"401 John Page :No such nick/channel",
        S + b"318 John Page :End of WHOIS list",
    ]


def test_a_name_with_a_plus_in_front_is_found_by_its_nick() -> None:
    network = Net()
    network.enters("+Page")
    mary = network.joins("Mary")
    assert mary.asked("WHOIS _page")[:2] == [
        S + b"311 Mary _Page ~u antechamber * :+Page",
        S + b"319 Mary _Page :#general",
    ]


def test_of_one_who_hides_channels_are_told_to_who_shares_one() -> None:
    network = Net()
    network.joins("John", "#general", "#games").sends("MODE John +i")
    mary, anna = network.joins("Mary"), network.connects("Anna")
    assert mary.asked("WHOIS John")[1] == S + b"319 Mary John :#general #games"
    assert not any(b" 319 " in line for line in anna.asked("WHOIS John"))


def test_a_secret_channel_is_told_of_to_its_members() -> None:
    network = Net()
    network.joins("John", "#general", "#games")
    mary, anna = network.joins("Mary"), network.connects("Anna")
    network.sets_mode("+s", channel="general")
    assert mary.asked("WHOIS John")[1] == S + b"319 Mary John :#general #games"
    assert anna.asked("WHOIS John")[1] == S + b"319 Anna John :#games"


def test_an_operator_of_the_server_is_known_as_one_and_reads_modes() -> None:
    network = Net()
    mary, john = network.connects("Mary"), network.connects("John")
    mary.sends("OPER mary " + network.operator_token)
    assert S + b"313 John Mary :is an IRC operator" in john.asked("WHOIS Mary")
    assert S + b"379 Mary John :is using modes +" in mary.asked("WHOIS John")


@pytest.mark.parametrize("command", ["WHOIS irc.antechamber Mary", "WHOIS IRC.Antechamber Mary", "WHOIS Mary Mary"])
def test_a_server_may_be_named_that_is_this_one(command: str) -> None:
    assert Net().connects("Mary").asked(command)[0] == S + b"311 Mary Mary ~u mary.cloak * :Mary Doe"


def test_there_is_no_other_server() -> None:
    assert Net().connects("Mary").asked("WHOIS irc.example.org Mary") == [
        S + b"402 Mary irc.example.org :No such server"
    ]


@pytest.mark.parametrize("command", ["WHOIS", "WHOIS :", "WHOWAS", "WHOWAS :"])
def test_a_nick_is_asked_for_where_there_is_none(command: str) -> None:
    assert Net().connects("Mary").asked(command) == [S + b"431 Mary :No nickname given"]


def test_many_channels_are_told_on_several_lines() -> None:
    channels = tuple(f"a-channel-with-quite-a-long-name{n}"[-32:] for n in range(20))
    network = Net(channels=channels)
    mary = network.connects("Mary")
    mary.sends(*(f"JOIN #{name}" for name in channels))
    told = [line for line in mary.asked("WHOIS Mary") if b" 319 " in line]
    assert len(told) == 2
    assert all(len(line) <= 510 for line in told)
    names = b" ".join(line.partition(b" :")[2] for line in told).split()
    assert names == [f"#{name}".encode() for name in channels]


# WHOWAS


def test_who_had_a_nick_is_told_the_last_first() -> None:
    network = Net()
    network.connects("John").sends("QUIT")
    network.loop.advance(60)
    network.connects("John").sends("NICK Jon")
    mary = network.connects("Mary")
    assert mary.asked("WHOWAS john") == [
        S + b"314 Mary John ~u john.cloak * :John Doe",
        S + b"312 Mary John irc.antechamber :Mon Jan 12 13:47:40 1970 UTC",
        S + b"314 Mary John ~u john.cloak * :John Doe",
        S + b"312 Mary John irc.antechamber :Mon Jan 12 13:46:40 1970 UTC",
        S + b"369 Mary john :End of WHOWAS",
    ]


@pytest.mark.parametrize(("count", "told"), [("1", 1), ("2", 2), ("9", 3), ("0", 3), ("-1", 3), ("x", 3)])
def test_so_many_are_told_of_as_are_asked_for(count: str, told: int) -> None:
    network = Net()
    for _ in range(3):
        network.connects("John").sends("QUIT")
    assert len(network.connects("Mary").asked(f"WHOWAS John {count}")) == 2 * told + 1


def test_a_nick_that_nobody_had_was_not_there() -> None:
    assert Net().connects("Mary").asked("WHOWAS John") == [
        S + b"406 Mary John :There was no such nickname",
        S + b"369 Mary John :End of WHOWAS",
    ]


@pytest.mark.parametrize("over", [0, 1])
def test_so_many_are_remembered(over: int) -> None:
    network = Net()
    mary, john = network.connects("Mary"), network.connects("John")
    john.sends("NICK n0")
    for number in range(1, WHOWAS_KEPT + over):
        john.sends(f"NICK n{number % 2}x{number}")
    assert (b" 314 " in mary.asked("WHOWAS John")[0]) is (over == 0)


# USERHOST and ISON


def test_where_people_are_from_is_told_cloaked() -> None:
    network = Net()
    mary, john = network.joins("Mary"), network.connects("John")
    network.enters("Page")
    john.sends("AWAY :out")
    mary.sends("OPER mary " + network.operator_token)
    assert mary.asked("USERHOST mary john nobody Page") == [
        S + b"302 Mary :Mary*=+~u@mary.cloak John=-~u@john.cloak Page=+~u@antechamber"
    ]
    assert mary.asked("USERHOST nobody") == [S + b"302 Mary :"]


def test_where_five_are_from_is_told_and_no_more() -> None:
    network = Net()
    mary = network.connects("Mary")
    for number in range(6):
        network.connects(f"N{number}")
    (told,) = mary.asked("USERHOST N0 N1 N2 N3 N4 N5")
    assert b"N4=" in told
    assert b"N5=" not in told


def test_who_is_on_is_told() -> None:
    network = Net()
    mary = network.joins("Mary")
    network.connects("John")
    network.enters("Page")
    network.enters("Hidden", "games")
    assert mary.asked("ISON john :mary nobody page hidden") == [S + b"303 Mary :John Mary Page"]
    assert mary.asked("ISON nobody") == [S + b"303 Mary :"]


def test_one_who_is_held_may_be_asked_about() -> None:
    network = Net(limits=Limits(seat_hold_seconds=60, held_visit_seconds_min=0))
    mary, john = network.joins("Mary"), network.connects("John", password="secret")
    john.sends("JOIN #general")
    john.vanishes()
    told = mary.asked("WHOIS John")
    assert told[0] == S + b"311 Mary John ~u john.cloak * :John"
    assert S + b"301 Mary John :The connection was lost" in told
