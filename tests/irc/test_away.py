"""AWAY and SETNAME."""

import pytest

from antechamber.protocol.limits import AWAY_CHARACTERS_MAX, REALNAME_CHARACTERS_MAX
from tests.irc.wire import Net

S = b":irc.antechamber "


# Away


def test_who_is_away_is_told_so_and_who_writes_to_it_reads_why() -> None:
    network = Net()
    mary, john = network.connects("Mary"), network.connects("John")
    assert mary.asked("AWAY :at lunch") == [S + b"306 Mary :You have been marked as being away"]
    assert john.asked("PRIVMSG Mary :hi") == [S + b"301 John Mary :at lunch"]
    assert mary.asked("AWAY") == [S + b"305 Mary :You are no longer marked as being away"]
    assert mary.asked("AWAY :") == [S + b"305 Mary :You are no longer marked as being away"]
    assert john.asked("PRIVMSG Mary :hi") == []


def test_those_who_want_to_know_read_once_of_who_goes_away_and_comes_back() -> None:
    network = Net()
    mary = network.joins("Mary", "#general", "#games", capabilities=("away-notify",))
    john = network.joins("John", "#general", "#games", capabilities=("away-notify",))
    anna = network.joins("Anna", "#general")
    stranger = network.connects("Stranger", "away-notify")
    network.reads_away(mary, john, anna)
    mary.sends("AWAY :out", "AWAY :out", "AWAY :still out", "AWAY", "AWAY")
    assert john.reads() == [
        b":Mary!~u@mary.cloak AWAY :out",
        b":Mary!~u@mary.cloak AWAY :still out",
        b":Mary!~u@mary.cloak AWAY",
    ]
    assert len(mary.reads()) == 5
    assert anna.reads() == stranger.reads() == []


def test_who_waits_in_line_is_nobodys_neighbour() -> None:
    network = Net(seats=1)
    john = network.joins("John", capabilities=("away-notify",))
    mary = network.joins("Mary", capabilities=("away-notify",))
    mary.sends("AWAY :out")
    assert john.reads() == []
    mary.reads()
    john.sends("AWAY :out")
    assert mary.reads() == []


def test_one_who_comes_in_away_is_told_of_as_away() -> None:
    network = Net()
    john, anna = network.joins("John", capabilities=("away-notify",)), network.joins("Anna")
    mary = network.connects("Mary", "away-notify")
    mary.sends("AWAY :out")
    network.reads_away(john, anna)
    mary.sends("JOIN #general")
    assert john.reads() == [b":Mary!~u@mary.cloak JOIN #general", b":Mary!~u@mary.cloak AWAY :out"]
    assert anna.reads() == [b":Mary!~u@mary.cloak JOIN #general"]
    assert not any(b" AWAY" in line for line in mary.reads())


@pytest.mark.parametrize("over", [0, 1])
def test_why_one_is_away_is_cut_to_its_bound(over: int) -> None:
    network = Net()
    mary, john = network.connects("Mary"), network.connects("John")
    mary.sends(f"AWAY :{'x' * (AWAY_CHARACTERS_MAX + over)}")
    assert john.asked("PRIVMSG Mary :hi") == [S + b"301 John Mary :" + b"x" * AWAY_CHARACTERS_MAX]


# Real names


def test_another_real_name_is_read_by_those_who_know_of_such() -> None:
    network = Net()
    mary = network.joins("Mary", capabilities=("setname",))
    john, anna = network.joins("John", capabilities=("setname",)), network.joins("Anna")
    network.reads_away(mary, john, anna)
    mary.sends("SETNAME :Mary Jane")
    told = [b":Mary!~u@mary.cloak SETNAME :Mary Jane"]
    assert mary.reads() == john.reads() == told
    assert anna.reads() == []
    assert S + b"311 Anna Mary ~u mary.cloak * :Mary Jane" in anna.asked("WHOIS Mary")


def test_who_does_not_know_of_it_reads_nothing_of_its_own_new_name() -> None:
    network = Net()
    mary = network.joins("Mary")
    assert mary.asked("SETNAME Mary2") == []
    assert mary.user.realname == "Mary2"


@pytest.mark.parametrize("over", [0, 1])
def test_a_real_name_has_a_bound(over: int) -> None:
    mary = Net().connects("Mary", "setname")
    name = "x" * (REALNAME_CHARACTERS_MAX + over)
    told = mary.asked(f"SETNAME :{name}")
    if over:
        assert told == [S + b"FAIL SETNAME INVALID_REALNAME :A real name has at most 100 characters"]
        assert mary.user.realname == "Mary Doe"
    else:
        assert told == [b":Mary!~u@mary.cloak SETNAME :" + name.encode()]


@pytest.mark.parametrize("name", ["", " ", "\N{ZERO WIDTH SPACE}"])
def test_a_real_name_shows_something(name: str) -> None:
    assert Net().connects("Mary").asked(f"SETNAME :{name}") == [
        S + b"FAIL SETNAME INVALID_REALNAME :A real name has at least one character"
    ]
