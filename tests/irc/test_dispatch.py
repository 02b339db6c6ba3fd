"""How each command is judged before it is carried out, and what happens if the log cannot keep it."""

import re

import pytest

from antechamber.irc.verbs import VERBS, Verb, verb
from antechamber.protocol.limits import IRC_BODY_BYTES_MAX
from tests.fakes import NOT_KEPT
from tests.irc.wire import FullNet, Net

S = b":irc.antechamber "


@pytest.mark.parametrize(("name", "row"), VERBS.items())
def test_every_command_has_a_name_a_handler_a_usage_and_help(name: str, row: Verb) -> None:
    assert re.fullmatch("[A-Z]+", name)
    assert callable(row.handler)
    assert row.usage.split()[0] == name
    assert row.help.endswith(".")
    required = row.usage.partition("[")[0].replace("user name", "user").replace("real name", "name").split()[1:]
    assert len(required) >= row.params_min


def test_a_command_has_one_handler() -> None:
    with pytest.raises(AssertionError, match="KICK has two handlers"):
        verb("KICK", "Kicks.")(VERBS["KICK"].handler)


def test_registration_needs_no_nick() -> None:
    early = {name for name, row in VERBS.items() if row.before_registration}
    assert early == {"CAP", "PASS", "NICK", "USER", "PING", "PONG", "QUIT"}


@pytest.mark.parametrize(("command", "parameters"), [(name, verb.params_min) for name, verb in VERBS.items()])
def test_a_command_with_too_few_parameters_says_so(command: str, parameters: int) -> None:
    mary = Net().connects("Mary")
    told = mary.asked(f"{command}{' x' * (parameters - 1)}") if parameters else []
    assert told == ([S + f"461 Mary {command} :Not enough parameters".encode()] if parameters else [])


@pytest.mark.parametrize("command", [name for name, verb in VERBS.items() if not verb.before_registration])
def test_a_command_for_users_is_for_those_who_are_registered(command: str) -> None:
    assert Net().connection().asked(f"{command} a b c d") == [S + b"451 * :You have not registered"]


def test_a_command_that_is_none_is_unknown() -> None:
    mary = Net().connects("Mary")
    assert mary.asked("NONSENSE a b", "authenticate PLAIN", "x") == [
        S + b"421 Mary NONSENSE :Unknown command",
        S + b"421 Mary AUTHENTICATE :Unknown command",
        S + b"421 Mary X :Unknown command",
    ]


def test_commands_are_the_same_in_small_letters() -> None:
    assert Net().connects("Mary").asked("ping x", "Ping y") == [
        S + b"PONG irc.antechamber :x",
        S + b"PONG irc.antechamber :y",
    ]


def test_what_one_claims_to_be_from_does_not_matter() -> None:
    assert Net().connects("Mary").asked(":John PING x") == [S + b"PONG irc.antechamber :x"]


def test_an_empty_line_is_nothing() -> None:
    assert Net().connects("Mary").asked("", " ", "PING x") == [S + b"PONG irc.antechamber :x"]


@pytest.mark.parametrize("over", [0, 1])
def test_a_line_is_as_long_as_its_bound_and_no_longer(over: int) -> None:
    mary = Net().connects("Mary")
    line = "PING ".ljust(IRC_BODY_BYTES_MAX + over, "x")
    (told,) = mary.asked(line)
    if over:
        assert told == S + b"417 Mary :Input line was too long"
    else:
        assert told.startswith(S + b"PONG irc.antechamber :xxx")


def test_what_is_no_utf_8_is_refused() -> None:
    text = b"Message rejected, your IRC software MUST use UTF-8 encoding on this network"
    assert Net().connects("Mary").asked(b"PRIVMSG #general :caf\xe9", "PING x") == [
        S + b"FAIL * INVALID_UTF8 :" + text,
        S + b"PONG irc.antechamber :x",
    ]


def test_an_answer_is_labelled_as_its_command_was() -> None:
    mary = Net().connects("Mary", "labeled-response", "batch")
    assert mary.asked("@label=1 PING x", "@label=2 NONSENSE", "@label=3 PONG x", "@label=4 PING") == [
        b"@label=1 :irc.antechamber PONG irc.antechamber :x",
        b"@label=2 :irc.antechamber 421 Mary NONSENSE :Unknown command",
        b"@label=3 :irc.antechamber ACK",
        b"@label=4 :irc.antechamber 461 Mary PING :Not enough parameters",
    ]


def test_nothing_is_done_after_a_quit() -> None:
    mary = Net().connects("Mary")
    assert mary.asked("QUIT", "PING x", b"caf\xe9", "PRIVMSG #general :a", "PRIVMSG #general :b") == [
        b"ERROR :Closing Link: Mary (Quit: Leaving)"
    ]


# The log is full


@pytest.mark.parametrize(
    "command",
    ["PRIVMSG #general :hi", "NOTICE #general :hi", "TOPIC #general :x", "NICK Maria", "PART #general", "JOIN #games"],
)
def test_what_could_not_be_kept_is_told_of_and_not_done(command: str) -> None:
    network = FullNet()
    john, mary = network.joins("John"), network.joins("Mary")
    network.sets_mode("+o", "Mary")
    network.reads_away(john, mary)
    network.log.full = True
    verb, about = command.split()[:2]
    assert mary.asked(command) == [S + f"FAIL {verb} NOT_KEPT {about} :{NOT_KEPT}".encode()]
    assert john.reads() == []
    network.log.full = False
    assert mary.user.name == "Mary"
    assert network.network.users.get("Mary") is mary.user
    assert network.network.users.get("Maria") is None
    mary.sends("PRIVMSG #general :here still")
    assert john.reads() == [b":Mary!~u@mary.cloak PRIVMSG #general :here still"]
    network.check()


def test_several_messages_in_a_row_that_could_not_be_kept_are_told_of() -> None:
    network = FullNet()
    mary = network.joins("Mary")
    network.log.full = True
    (told, *_) = mary.asked("PRIVMSG #general :a", "PRIVMSG #general :b")
    assert told == S + f"FAIL PRIVMSG NOT_KEPT #general :{NOT_KEPT}".encode()


def test_what_no_log_keeps_is_done_though_the_turn_was_not_kept() -> None:
    network = FullNet()
    john, mary = network.joins("John"), network.joins("Mary")
    anna = network.connection("anna.cloak")
    network.reads_away(john, mary)
    network.log.full = True
    john.asks(b"PRIVMSG #general :hi\r\n")
    mary.asks(b"AWAY :out\r\nMODE Mary\r\nCAP REQ :server-time\r\nMONITOR + Anna\r\nSETNAME :M\r\n")
    anna.asks(b"NICK Anna\r\nUSER anna 0 * :Anna\r\n")
    network.run()
    assert mary.reads() == [
        S + b"306 Mary :You have been marked as being away",
        S + b"FAIL MODE NOT_KEPT Mary :" + NOT_KEPT.encode(),
        S + b"CAP Mary ACK :server-time",
        S + b"731 Mary :Anna",
        S + b"730 Mary :Anna!~u@anna.cloak",
    ]
    told = anna.reads()
    assert told[0].startswith(S + b"001 Anna ")
    assert len([line for line in told if b" 001 " in line]) == 1
    assert len(network.network.users) == 3
    assert list(network.network.users.watchers("anna")) == [mary.user]
    network.log.full = False
    john.sends("PRIVMSG #general :now")
    assert mary.reads() == [b"@time=1970-01-12T13:46:40.000Z :John!~u@john.cloak PRIVMSG #general :now"]
    network.check()


def test_what_is_monitored_is_so_still_where_a_departure_was_undone() -> None:
    network = FullNet()
    john, mary = network.joins("John"), network.joins("Mary")
    mary.sends("MONITOR + Anna,Ben")
    network.reads_away(john, mary)
    network.log.full = True
    john.asks(b"PRIVMSG #general :hi\r\n")
    mary.asks(b"MONITOR - Anna\r\n")
    network.run()
    assert mary.asked("MONITOR L")[0] == S + b"732 Mary :Ben"
    mary.vanishes()
    assert network.network.users.watchers("Ben") == [mary.user]
    network.log.full = False
    network.loop.advance(1)
    assert network.network.users.watchers("Ben") == []
    network.check()


def test_who_quits_goes_though_the_log_cannot_keep_it_and_has_left_once_it_can() -> None:
    network = FullNet()
    john, mary = network.joins("John"), network.joins("Mary")
    network.reads_away(john, mary)
    network.log.full = True
    mary.sends("QUIT :bye")
    assert mary.reads() == [b"ERROR :Closing Link: Mary (Quit: Leaving)"]
    assert mary.transport.closed
    mary.vanishes()
    network.loop.advance(3)
    assert john.reads() == []
    network.log.full = False
    network.loop.advance(1)
    assert john.reads() == [b":Mary!~u@mary.cloak QUIT :Quit: Leaving"]
    assert network.network.users.get("Mary") is None
    network.check()


def test_a_connection_that_is_lost_while_the_log_is_full_has_left_once_it_is_not() -> None:
    network = FullNet()
    john, mary = network.joins("John"), network.joins("Mary")
    network.reads_away(john, mary)
    network.log.full = True
    mary.vanishes("Ping timeout: 240 seconds")
    assert john.reads() == []
    network.log.full = False
    network.loop.advance(1)
    assert john.reads() == [b":Mary!~u@mary.cloak QUIT :Ping timeout: 240 seconds"]
    assert network.network.users.get("Mary") is None
    network.check()


def test_the_members_of_a_channel_that_stops_are_taken_out_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    net = Net()
    mary, bob = net.joins("Mary"), net.joins("Bob")
    net.reads_away(mary, bob)
    monkeypatch.setattr("antechamber.rooms.room.may_say", None)
    bob.sends("PRIVMSG #general :hello")
    out = b":irc.antechamber KICK #general %b :The general channel has stopped because of a fault in the server."
    assert mary.reads() == [out % b"Mary"]
    assert bob.reads()[0] == out % b"Bob"
