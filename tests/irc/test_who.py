"""WHO and WHOX: the members of a channel, and the people who match a mask."""

import pytest

from antechamber.irc import who
from antechamber.protocol.limits import Limits
from tests.irc.wire import Net

S = b":irc.antechamber "
END = S + b"315 Mary #general :End of WHO list"


def test_everybody_in_a_channel_is_told_of_in_order_of_seating() -> None:
    network = Net()
    mary, john = network.joins("Mary"), network.joins("John")
    network.enters("Page")
    john.sends("AWAY :out", "MODE John +B")
    network.sets_mode("+o", "John")
    network.sets_mode("+v", "John")
    network.sets_mode("+v", "Page")
    assert mary.asked("WHO #general") == [
        S + b"352 Mary #general ~u mary.cloak irc.antechamber Mary H :0 Mary Doe",
        S + b"352 Mary #general ~u john.cloak irc.antechamber John G@B :0 John Doe",
        S + b"352 Mary #general ~u antechamber irc.antechamber Page H+ :0 Page",
        END,
    ]


def test_who_has_asked_for_several_prefixes_reads_all_roles() -> None:
    network = Net()
    mary = network.joins("Mary", capabilities=("multi-prefix",))
    network.sets_mode("+o", "Mary")
    network.sets_mode("+v", "Mary")
    assert mary.asked("WHO #GENERAL")[0] == S + b"352 Mary #general ~u mary.cloak irc.antechamber Mary H@+ :0 Mary Doe"


def test_who_waits_for_a_seat_is_not_in_the_channel() -> None:
    network = Net(seats=1)
    network.joins("John")
    mary = network.joins("Mary")
    assert mary.asked("WHO #general") == [
        S + b"352 Mary #general ~u john.cloak irc.antechamber John H :0 John Doe",
        END,
    ]


def test_a_stranger_to_a_channel_reads_of_those_on_irc_who_do_not_hide() -> None:
    network = Net()
    network.joins("John")
    network.joins("Anna").sends("MODE Anna +i")
    network.enters("Page")
    mary = network.connects("Mary")
    assert mary.asked("WHO #general") == [
        S + b"352 Mary #general ~u john.cloak irc.antechamber John H :0 John Doe",
        END,
    ]


def test_a_secret_channel_is_its_members_to_know() -> None:
    network = Net()
    john, mary = network.joins("John"), network.connects("Mary")
    network.sets_mode("+s")
    assert mary.asked("WHO #general") == [END]
    assert len(john.asked("WHO #general")) == 2


def test_a_channel_that_is_not_there_has_nobody() -> None:
    assert Net().connects("Mary").asked("WHO #nowhere") == [S + b"315 Mary #nowhere :End of WHO list"]


def test_a_nick_is_found_whoever_hides() -> None:
    network = Net()
    network.connects("John").sends("MODE John +i")
    mary = network.connects("Mary")
    assert mary.asked("WHO john") == [
        S + b"352 Mary * ~u john.cloak irc.antechamber John H :0 John Doe",
        S + b"315 Mary john :End of WHO list",
    ]


def test_a_member_from_a_page_is_found_by_who_shares_its_channel() -> None:
    network = Net()
    network.enters("Page")
    mary, john = network.joins("Mary"), network.connects("John")
    assert mary.asked("WHO page")[0] == S + b"352 Mary * ~u antechamber irc.antechamber Page H :0 Page"
    assert john.asked("WHO page") == [S + b"315 John page :End of WHO list"]


@pytest.mark.parametrize(
    ("mask", "nicks"),
    [
        ("*", ["Anna", "John", "Mary", "Page"]),
        ("", ["Anna", "John", "Mary", "Page"]),
        ("j*", ["John"]),
        ("J?hn", ["John"]),
        ("*.CLOAK", ["Anna", "John", "Mary"]),
        ("*doe", ["Anna", "John", "Mary"]),
        ("*doe n", []),
        ("*doe r", ["Anna", "John", "Mary"]),
        ("john* h", ["John"]),
        ("irc.* s", ["Anna", "John", "Mary", "Page"]),
        ("~u u%n", ["Anna", "John", "Mary", "Page"]),
        ("nobody*", []),
    ],
)
def test_a_mask_is_for_nicks_hosts_servers_and_real_names(mask: str, nicks: list[str]) -> None:
    network = Net()
    mary = network.joins("Mary")
    network.connects("John")
    network.joins("Anna").sends("MODE Anna +i")
    network.connects("Hidden").sends("MODE Hidden +i")
    network.enters("Page")
    *told, _ = mary.asked(f"WHO {mask}")
    at = 3 if "%" in mask else 7
    assert sorted(line.split()[at].decode() for line in told) == nicks


def test_an_operator_of_the_server_sees_everybody() -> None:
    network = Net()
    network.joins("John").sends("MODE John +i")
    network.enters("Page", "games")
    mary = network.connects("Mary")
    mary.sends("OPER mary " + network.operator_token)
    assert len(mary.asked("WHO *")) == 4
    assert len(mary.asked("WHO #general")) == 2
    assert mary.asked("WHO * o") == [
        S + b"352 Mary * ~u mary.cloak irc.antechamber Mary H* :0 Mary Doe",
        S + b"315 Mary * :End of WHO list",
    ]


def test_the_fields_that_are_asked_for_are_told_in_their_one_order() -> None:
    network = Net()
    mary, john = network.joins("Mary"), network.joins("John")
    network.enters("Page")
    network.loop.advance(7)
    john.sends("PRIVMSG #general :hi")
    network.loop.advance(5)
    assert mary.asked("WHO #general %rolafdnshiuct,42") == [
        S + b"354 Mary 42 #general ~u 255.255.255.255 mary.cloak irc.antechamber Mary H 0 12 0 n/a :Mary Doe",
        S + b"354 Mary 42 #general ~u 255.255.255.255 john.cloak irc.antechamber John H 0 5 0 n/a :John Doe",
        S + b"354 Mary 42 #general ~u 255.255.255.255 antechamber irc.antechamber Page H 0 12 0 n/a :Page",
        END,
    ]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("%n", b"Mary"),
        ("%tn", b"0 Mary"),
        ("%tn,7", b"7 Mary"),
        ("%tn,1234", b"0 Mary"),
        ("%tn,x", b"0 Mary"),
        ("%nn", b"Mary"),
        ("%hnfl", b"mary.cloak Mary H 0"),
        ("%r", b":Mary Doe"),
        ("%cuhsnf", b"#general ~u mary.cloak irc.antechamber Mary H"),
    ],
)
def test_any_fields_may_be_asked_for(asked: str, told: bytes) -> None:
    mary = Net().joins("Mary")
    assert mary.asked(f"WHO #general {asked}") == [S + b"354 Mary " + told, END]


def test_fields_that_are_none_are_an_ordinary_question() -> None:
    mary = Net().joins("Mary")
    assert (
        mary.asked("WHO #general %zzz")[0] == S + b"352 Mary #general ~u mary.cloak irc.antechamber Mary H :0 Mary Doe"
    )


@pytest.mark.parametrize("over", [0, 1])
def test_so_many_are_told_of_and_no_more(over: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(who, "WHO_REPLIES_MAX", 3)
    network = Net()
    mary = network.joins("Mary")
    for number in range(2 + over):
        network.joins(f"Bot{number}")
    told = mary.asked("WHO #general")
    assert len([line for line in told if b" 352 " in line]) == 3
    more = [S + b"416 Mary #general :Too many match: only the first of them are told"]
    assert told[3:] == [*(more if over else []), END]


def test_who_lost_the_connection_and_is_held_is_gone() -> None:
    network = Net(limits=Limits(seat_hold_seconds=60, held_visit_seconds_min=0))
    mary, john = network.joins("Mary"), network.connects("John", password="secret")
    john.sends("JOIN #general")
    john.vanishes()
    assert mary.asked("WHO #general")[1] == S + b"352 Mary #general ~u john.cloak irc.antechamber John G :0 John"
