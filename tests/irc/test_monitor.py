"""MONITOR: who is told when somebody takes or frees a nick."""

import pytest

from antechamber.protocol.limits import MONITORED_MAX
from tests.irc.wire import Net

S = b":irc.antechamber "


def test_a_nick_is_told_of_at_once_and_when_it_comes_and_goes() -> None:
    network = Net()
    mary = network.connects("Mary")
    network.connects("John")
    assert mary.asked("MONITOR + john,Anna,nobody") == [
        S + b"730 Mary :John!~u@john.cloak",
        S + b"731 Mary :Anna,nobody",
    ]
    anna = network.connects("anna")
    assert mary.reads() == [S + b"730 Mary :anna!~u@anna.cloak"]
    anna.sends("QUIT")
    assert mary.reads() == [S + b"731 Mary :anna"]
    network.connects("Ben").sends("NICK Anna")
    assert mary.reads() == [S + b"730 Mary :Anna!~u@ben.cloak"]
    network.network.users.get("Anna")


def test_a_change_of_nick_is_a_going_and_a_coming() -> None:
    network = Net()
    mary, john = network.connects("Mary"), network.connects("John")
    mary.sends("MONITOR + John,Jon")
    mary.reads()
    john.sends("NICK Jon")
    assert mary.reads() == [S + b"731 Mary :John", S + b"730 Mary :Jon!~u@john.cloak"]


def test_a_lost_connection_is_told_of() -> None:
    network = Net()
    mary, john = network.connects("Mary"), network.connects("John")
    mary.sends("MONITOR + John")
    mary.reads()
    john.vanishes()
    assert mary.reads() == [S + b"731 Mary :John"]


def test_what_is_monitored_is_listed_and_asked_for_and_ended() -> None:
    network = Net()
    mary = network.connects("Mary")
    network.connects("John")
    mary.sends("MONITOR + john,Anna")
    assert mary.asked("MONITOR L", "MONITOR s") == [
        S + b"732 Mary :john,Anna",
        S + b"733 Mary :End of MONITOR list",
        S + b"730 Mary :John!~u@john.cloak",
        S + b"731 Mary :Anna",
    ]
    assert mary.asked("MONITOR - JOHN,never", "MONITOR L") == [
        S + b"732 Mary :Anna",
        S + b"733 Mary :End of MONITOR list",
    ]
    assert mary.asked("MONITOR C", "MONITOR L", "MONITOR S") == [S + b"733 Mary :End of MONITOR list"]
    network.connects("Anna")
    assert mary.reads() == []


def test_a_nick_that_is_monitored_already_is_not_told_of_again() -> None:
    mary = Net().connects("Mary")
    mary.sends("MONITOR + John")
    assert mary.asked("MONITOR + john,JOHN") == []


@pytest.mark.parametrize("command", ["MONITOR +", "MONITOR -", "MONITOR + ,", "MONITOR X"])
def test_what_asks_for_nothing_gets_nothing(command: str) -> None:
    assert Net().connects("Mary").asked(command) == []


def test_so_many_are_monitored_and_no_more() -> None:
    mary = Net().connects("Mary")
    for first in range(0, MONITORED_MAX, 50):
        mary.sends(f"MONITOR + {','.join(f'n{n}' for n in range(first, first + 50))}")
    assert len(mary.user.monitored or {}) == MONITORED_MAX
    assert mary.asked("MONITOR + n1,more,most") == [S + b"734 Mary 100 more,most :Monitor list is full."]
    assert mary.asked("MONITOR - n1", "MONITOR + more,most") == [
        S + b"734 Mary 100 most :Monitor list is full.",
        S + b"731 Mary :more",
    ]


def test_a_long_list_comes_on_several_lines() -> None:
    mary = Net().connects("Mary")
    for first in range(0, 60, 12):
        mary.sends(f"MONITOR + {','.join(f'a-nick-of-some-length-{n:02}' for n in range(first, first + 12))}")
    *told, end = mary.asked("MONITOR L")
    assert len(told) > 1
    assert all(len(line) <= 510 for line in told)
    assert len(b",".join(line.partition(b" :")[2] for line in told).split(b",")) == 60
    assert end == S + b"733 Mary :End of MONITOR list"


def test_who_has_gone_monitors_nobody() -> None:
    network = Net()
    mary = network.connects("Mary")
    mary.sends("MONITOR + John")
    mary.sends("QUIT")
    assert network.network.users.watchers("John") == []


def test_those_who_ask_for_more_read_of_absences_and_names_of_whom_they_monitor() -> None:
    network = Net()
    mary = network.connects("Mary", "extended-monitor", "away-notify", "setname")
    anna = network.connects("Anna", "away-notify", "setname")
    john = network.connects("John")
    mary.sends("MONITOR + John")
    anna.sends("MONITOR + John")
    network.reads_away(mary, anna)
    john.sends("AWAY :out", "SETNAME :Johnny")
    assert mary.reads() == [b":John!~u@john.cloak AWAY :out", b":John!~u@john.cloak SETNAME :Johnny"]
    assert anna.reads() == []


def test_who_monitors_itself_is_told_of_itself_once() -> None:
    network = Net()
    mary = network.connects("Mary", "extended-monitor", "away-notify")
    assert mary.asked("MONITOR + Mary") == [S + b"730 Mary :Mary!~u@mary.cloak"]
    assert mary.asked("AWAY :out") == [S + b"306 Mary :You have been marked as being away"]


def test_a_nick_in_another_case_is_the_same_nick() -> None:
    net = Net()
    ann, mary = net.connects("Ann"), net.connects("Mary")
    ann.sends("MONITOR + Mary")
    ann.reads()
    mary.sends("NICK MARY")
    assert ann.reads() == []
