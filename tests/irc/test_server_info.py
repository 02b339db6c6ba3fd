"""Questions about the server: MOTD, LUSERS, VERSION, TIME, INFO, ADMIN, STATS, LINKS and HELP."""

import pytest

from antechamber import __version__
from antechamber.irc.network import IrcSettings
from antechamber.irc.verbs import VERBS
from tests.irc.wire import Net

S = b":irc.antechamber "
VERSION = f"antechamber-{__version__}".encode()


def test_the_message_of_the_day_is_told_to_who_asks() -> None:
    mary = Net(settings=IrcSettings(motd="Be kind.")).connects("Mary")
    told = [
        S + b"375 Mary :- irc.antechamber Message of the day - ",
        S + b"372 Mary :- Be kind.",
        S + b"376 Mary :End of MOTD command.",
    ]
    assert mary.asked("MOTD") == told
    assert mary.asked("MOTD irc.antechamber") == told
    assert mary.asked("MOTD mary") == told


@pytest.mark.parametrize("command", ["MOTD", "VERSION", "TIME", "INFO", "ADMIN", "STATS u"])
def test_there_is_no_other_server_to_ask(command: str) -> None:
    assert Net().connects("Mary").asked(f"{command} irc.example.org") == [
        S + b"402 Mary irc.example.org :No such server"
    ]


def test_how_many_are_here_is_counted() -> None:
    network = Net()
    mary, john = network.connects("Mary"), network.connects("John")
    network.connects("Anna").sends("QUIT")
    john.sends("MODE John +i", f"OPER x {network.operator_token}")
    unknown = network.connection()
    unknown.sends("NICK New")
    assert mary.asked("LUSERS") == [
        S + b"251 Mary :There are 1 users and 1 invisible on 1 servers",
        S + b"252 Mary 1 :operator(s) online",
        S + b"253 Mary 1 :unknown connection(s)",
        S + b"254 Mary 3 :channels formed",
        S + b"255 Mary :I have 2 clients and 0 servers",
        S + b"265 Mary 2 3 :Current local users 2, max 3",
        S + b"266 Mary 2 3 :Current global users 2, max 3",
    ]
    unknown.vanishes()
    john.sends("QUIT")
    assert mary.asked("LUSERS")[:2] == [
        S + b"251 Mary :There are 1 users and 0 invisible on 1 servers",
        S + b"254 Mary 3 :channels formed",
    ]


def test_the_version_is_told_with_what_is_supported() -> None:
    told = Net().connects("Mary").asked("VERSION")
    assert told[0] == S + b"351 Mary " + VERSION + b" irc.antechamber :Channels with seats, and a fair waiting queue"
    assert [line.split()[1] for line in told[1:]] == [b"005"] * 3


def test_the_time_is_told_for_programs_and_for_people() -> None:
    assert Net().connects("Mary").asked("TIME") == [
        S + b"391 Mary irc.antechamber 1000000 0 :Monday January 12 1970 -- 13:46:40 UTC"
    ]


def test_what_the_server_is_is_told() -> None:
    assert Net().connects("Mary").asked("INFO") == [
        S + b"371 Mary :" + VERSION,
        S + b"371 Mary :Chat whose channels have seats, and a waiting queue that is fair.",
        S + b"371 Mary :Up since 1970-01-12 13:46:40 UTC",
        S + b"374 Mary :End of INFO list",
    ]


def test_there_is_nobody_to_ask() -> None:
    assert Net().connects("Mary").asked("ADMIN") == [S + b"423 Mary irc.antechamber :No administrative info available"]


def test_for_how_long_the_server_is_up_is_told() -> None:
    network = Net()
    network.loop.advance(2 * 86_400 + 3 * 3600 + 4 * 60 + 5)
    assert network.connects("Mary").asked("STATS u") == [
        S + b"242 Mary :Server Up 2 days 3:04:05",
        S + b"219 Mary u :End of STATS report",
    ]


@pytest.mark.parametrize(("command", "letter"), [("STATS", b"*"), ("STATS x", b"x"), ("STATS :", b"*")])
def test_other_figures_are_not_told(command: str, letter: bytes) -> None:
    assert Net().connects("Mary").asked(command) == [S + b"219 Mary " + letter + b" :End of STATS report"]


def test_the_network_is_one_server() -> None:
    assert Net().connects("Mary").asked("LINKS") == [
        S + b"364 Mary irc.antechamber irc.antechamber :0 Antechamber",
        S + b"365 Mary * :End of LINKS list",
    ]


def test_help_says_what_a_command_does() -> None:
    assert Net().connects("Mary").asked("HELP kill") == [
        S + b"704 Mary KILL :KILL <nick> [:<reason>]",
        S + b"705 Mary KILL :Closes somebody's connection. For operators of the server.",
        S + b"706 Mary KILL :End of /HELP",
    ]


@pytest.mark.parametrize("command", ["HELP", "HELP :", "HELP index", "HELPOP"])
def test_help_begins_with_all_there_is(command: str) -> None:
    first, *rows, last = Net().connects("Mary").asked(command)
    assert first == S + b"704 Mary INDEX :HELP <command> explains a command. The commands are:"
    assert last == S + b"706 Mary INDEX :End of /HELP"
    named = b" ".join(row.partition(b" :")[2] for row in rows).decode().split()
    assert {*named, "HELPOP"} == VERBS.keys()


def test_there_is_no_help_for_what_is_not_there() -> None:
    assert Net().connects("Mary").asked("HELP nonsense") == [S + b"524 Mary NONSENSE :No help available on this topic"]
