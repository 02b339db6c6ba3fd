"""CAP: which capabilities a client asks for, and what it reads then."""

from functools import reduce
from operator import or_

import pytest

from antechamber.codec.irc.capabilities import NAMES, Capability
from antechamber.irc import cap as capabilities
from tests.irc.wire import Net

S = b":irc.antechamber "
ALL = " ".join(NAMES)


def test_a_client_that_knows_302_is_told_values_and_is_not_registered_before_the_end() -> None:
    mary = Net().connection()
    (told,) = mary.asked("CAP LS 302", "NICK Mary", "USER mary 0 * :Mary")
    assert told.startswith(S + b"CAP * LS :account-notify account-tag away-notify batch cap-notify chghost ")
    words = told.partition(b" :")[2].decode().split()
    assert [word.partition("=")[0] for word in words] == list(NAMES)
    assert "draft/multiline=max-bytes=4096,max-lines=32" in words
    assert not any(word.startswith("sasl") for word in words)
    assert mary.asked("CAP END")[0].startswith(S + b"001 Mary ")


def test_a_list_that_is_too_long_for_a_line_comes_in_several(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capabilities, "LIST_BYTES_MAX", 40)
    mary = Net().connects("Mary", *list(NAMES)[:6])
    assert mary.asked("CAP LIST") == [S + b"CAP Mary LIST :" + " ".join(list(NAMES)[:6]).encode()]
    mary.sends("CAP LS 302")
    *first, last = mary.asked("CAP LIST")
    assert all(line.startswith(S + b"CAP Mary LIST * :") for line in first)
    assert first
    assert last.startswith(S + b"CAP Mary LIST :")
    told = b" ".join(line.partition(b" :")[2] for line in (*first, last))
    assert told.decode().split() == list(NAMES)[:6]


def test_a_client_of_the_first_version_is_told_names_on_one_line() -> None:
    (told,) = Net().connection().asked("CAP LS")
    assert told == S + b"CAP * LS :" + ALL.encode()
    assert len(told) <= 510


def test_302_asks_for_cap_notify_by_itself() -> None:
    mary = Net().connection()
    mary.sends("CAP LS 302")
    assert mary.asked("CAP LIST") == [S + b"CAP * LIST :cap-notify"]
    assert mary.asked("CAP REQ -cap-notify") == [S + b"CAP * NAK :-cap-notify"]


def test_cap_notify_may_be_given_back_by_a_client_that_knows_no_302() -> None:
    mary = Net().connects("Mary", "cap-notify")
    assert mary.asked("CAP REQ :-cap-notify", "CAP LIST") == [S + b"CAP Mary ACK :-cap-notify", S + b"CAP Mary LIST :"]


@pytest.mark.parametrize(("version", "known"), [("302", 302), ("307", 307), ("301", 301), ("x", 0), ("99999", 0)])
def test_a_version_is_a_number(version: str, known: int) -> None:
    mary = Net().connection()
    mary.sends(f"CAP LS {version}")
    assert mary.user.cap_version == known


def test_a_later_list_is_of_the_highest_version_said() -> None:
    mary = Net().connection()
    mary.sends("CAP LS 302", "CAP LS")
    assert mary.user.cap_version == 302


def test_several_are_asked_for_and_given_back_at_once() -> None:
    mary = Net().connection()
    assert mary.asked("CAP REQ :server-time echo-message batch") == [
        S + b"CAP * ACK :server-time echo-message batch",
    ]
    assert mary.asked("CAP REQ :-echo-message  setname ") == [S + b"CAP * ACK :-echo-message setname"]
    assert mary.asked("CAP LIST") == [S + b"CAP * LIST :batch server-time setname"]


def test_a_request_with_something_unknown_in_it_is_refused_whole() -> None:
    mary = Net().connection()
    assert mary.asked("CAP REQ :server-time sasl", "CAP LIST") == [
        S + b"CAP * NAK :server-time sasl",
        S + b"CAP * LIST :",
    ]


def test_an_empty_request_is_granted() -> None:
    assert Net().connection().asked("CAP REQ", "CAP REQ :") == [S + b"CAP * ACK :", S + b"CAP * ACK :"]


def test_a_request_holds_up_registration_too() -> None:
    mary = Net().connection()
    assert mary.asked("CAP REQ :batch", "NICK Mary", "USER mary 0 * :Mary") == [S + b"CAP * ACK :batch"]
    assert mary.asked("CAP END")[0].startswith(S + b"001 Mary ")


def test_the_end_without_a_nick_registers_nobody() -> None:
    mary = Net().connection()
    assert mary.asked("CAP LS", "CAP END", "USER x 0 * :x")[1:] == []
    assert mary.asked("NICK Mary")[0].startswith(S + b"001 Mary ")


def test_capabilities_may_be_asked_for_later_and_hold_up_nothing() -> None:
    mary = Net().connects("Mary")
    assert mary.asked("CAP REQ :batch", "CAP END", "PING x") == [
        S + b"CAP Mary ACK :batch",
        S + b"PONG irc.antechamber :x",
    ]


def test_a_subcommand_that_is_none_is_refused() -> None:
    assert Net().connects("Mary").asked("CAP XX", "CAP", "CAP ls 301")[:2] == [
        S + b"410 Mary XX :Invalid CAP command",
        S + b"461 Mary CAP :Not enough parameters",
    ]


def test_everything_that_is_listed_may_be_had() -> None:
    mary = Net().connection()
    half = len(NAMES) // 2
    names = list(NAMES)
    mary.sends(f"CAP REQ :{' '.join(names[:half])}", f"CAP REQ :{' '.join(names[half:])}")
    assert mary.user.capabilities == reduce(or_, NAMES.values())


# Those who sit read by what they have asked for


def test_who_asks_for_times_reads_them_from_then_on() -> None:
    network = Net()
    mary, john = network.joins("Mary"), network.joins("John")
    mary.reads()
    john.sends("PRIVMSG #general :before")
    mary.sends("CAP REQ :server-time")
    john.sends("PRIVMSG #general :after")
    mary.sends("CAP REQ :-server-time")
    john.sends("PRIVMSG #general :again")
    assert mary.reads() == [
        b":John!~u@john.cloak PRIVMSG #general :before",
        S + b"CAP Mary ACK :server-time",
        b"@time=1970-01-12T13:46:40.000Z :John!~u@john.cloak PRIVMSG #general :after",
        S + b"CAP Mary ACK :-server-time",
        b":John!~u@john.cloak PRIVMSG #general :again",
    ]
    network.check()


def test_all_who_need_the_same_share_one_encoding() -> None:
    network = Net()
    network.joins("Mary")
    network.joins("John")
    anna = network.joins("Anna", capabilities=("server-time", "setname"))
    network.joins("Ben", capabilities=("away-notify", "server-time"))
    groups = network.rooms["general"].audience.groups
    assert sorted(len(sessions) for sessions in groups.values()) == [2, 2]
    anna.sends("CAP REQ :-server-time")
    assert sorted(len(sessions) for sessions in groups.values() if sessions) == [1, 3]
    assert not anna.user.has(Capability.SERVER_TIME)
    network.check()


def test_who_waits_reads_by_what_it_has_asked_for_meanwhile() -> None:
    network = Net(seats=1)
    john, mary = network.joins("John"), network.joins("Mary")
    mary.sends("CAP REQ :extended-join server-time")
    mary.reads()
    john.sends("PART #general")
    assert b"@time=1970-01-12T13:46:40.000Z :Mary!~u@mary.cloak JOIN #general * :Mary Doe" in mary.reads()
    network.check()
