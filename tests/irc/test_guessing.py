"""Guessing on IRC a nick's password, that of a held place, a channel's key or the operator token: it slows down."""

import logging

import pytest

from antechamber.protocol.commands import Hello, Operate
from antechamber.protocol.limits import Limits
from antechamber.protocol.notices import Refusal, Resumed
from tests.irc.wire import Client, Net

S = b":irc.antechamber "
HOLDING = Limits(seat_hold_seconds=60.0, place_hold_seconds=60.0, held_visit_seconds_min=0)
FREE = HOLDING.failures_burst_max
TAKEN = S + b"433 * Mary :Nickname is already in use"
WAITS = b"Too many wrong tries came from your address, so this one was not judged: wait 1 second"


def guesses(net: Net, nick: str, password: str, host: str = "eve.cloak") -> list[bytes]:
    """Try a password for a nick on a new connection, and return what that reads."""
    return net.connection(host).asked(f"PASS {password}", f"NICK {nick}")


def test_the_password_of_a_nick_cannot_be_guessed() -> None:
    net = Net()
    net.connects("Mary", password="sesame")
    for number in range(FREE + 1):
        assert guesses(net, "Mary", f"guess{number}") == [TAKEN]
    assert guesses(net, "mary", "sesame") == [S + b"433 * mary :" + WAITS + b", or take another nick."]
    assert guesses(net, "Mary", "sesame", "mary.cloak") == []
    net.loop.advance(1)
    assert guesses(net, "Mary", "sesame") == []


def test_many_guesses_of_one_connection_are_as_many() -> None:
    net = Net()
    mary = net.connects("Mary", password="sesame")
    eve = net.connection("eve.cloak")
    read = eve.asked("USER e 0 * :Eve", *(f"PASS {each}\r\nNICK Mary" for each in ("a", "b", "c", "d", "sesame")))
    assert read[:4] == [TAKEN] * 4
    assert read[4:] == [S + b"433 * Mary :" + WAITS + b", or take another nick."]
    assert not mary.user.closed


def test_a_password_that_is_said_after_the_nick_is_judged_too() -> None:
    net = Net()
    net.connects("Mary", password="sesame")
    for _ in range(FREE + 1):
        eve = net.connection("eve.cloak")
        eve.sends("PASS sesame", "NICK Mary", "PASS guess")
        assert eve.asked("USER e 0 * :Eve") == [TAKEN]
    assert guesses(net, "Mary", "sesame")[0].startswith(S + b"433 * Mary :Too many wrong tries")


def test_a_clash_of_nicks_without_passwords_is_no_failure() -> None:
    net = Net()
    net.connects("Mary", password="sesame")
    net.connects("Bob")
    for _ in range(20):
        assert net.connection("eve.cloak").asked("NICK Mary") == [TAKEN]
        assert guesses(net, "Bob", "x") == [S + b"433 * Bob :Nickname is already in use"]
    eve = net.connects("Eve", password="x")
    for _ in range(20):
        assert eve.asked("NICK Mary") == [S + b"433 Eve Mary :Nickname is already in use"]
    assert guesses(net, "Mary", "sesame") == []


@pytest.mark.parametrize("restarted", [False, True])
def test_the_password_of_a_place_that_is_held_cannot_be_guessed(restarted: bool) -> None:
    net = Net(limits=HOLDING)
    net.joins("Mary", password="sesame").vanishes()
    if restarted:
        net = Net(limits=HOLDING, log=net.log)

    def joins(password: str, host: str) -> bytes:
        client = Client(net, host)
        client.sends(f"PASS {password}", "NICK Mary", "USER m 0 * :Mary")
        last = client.asked("JOIN #general")[0]
        if last.startswith(S):
            client.sends("QUIT")
        return last

    for number in range(FREE + 1):
        assert joins(f"guess{number}", "eve.cloak").startswith(S + b"437 Mary #general :A place of Mary is held")
    assert joins("sesame", "eve.cloak") == S + b"437 Mary #general :" + WAITS + b", or come as another nick."
    assert joins("sesame", "mary.cloak") == b":Mary!~u@mary.cloak JOIN #general"


def test_the_operator_token_cannot_be_guessed_by_any_name_or_door() -> None:
    net = Net()
    eve = net.connects("Eve")
    for number in range(FREE):
        assert eve.asked(f"OPER name{number} guess") == [S + b"464 Eve :Password incorrect"]
    page = net.knock("")
    page.session.host = "eve.cloak"
    page.ask(Operate("guess"))
    net.run()
    assert eve.asked(f"OPER Eve {net.operator_token}") == [S + b"464 Eve :" + WAITS + b"."]
    assert not eve.user.operator
    assert net.connects("Bob").asked(f"OPER Bob {net.operator_token}")[-1].split()[1] == b"381"
    again = net.knock("")
    again.session.host = "eve.cloak"
    again.ask(Operate(net.operator_token))
    net.run()
    refused = again.messages()[0]
    assert isinstance(refused, Refusal)
    assert refused.code == "too-many-failures"
    net.loop.advance(1)
    assert eve.asked(f"OPER Eve {net.operator_token}")[-1].split()[1] == b"381"


def test_the_key_of_a_channel_cannot_be_guessed() -> None:
    net = Net()
    net.sets_mode("+k", "sesame")
    eve = net.connects("Eve")
    assert [line.split()[1] for line in eve.asked("JOIN #general,#general,#general,#general a,b,c,d")] == [b"475"] * 4
    assert eve.asked("JOIN #general sesame") == [S + b"475 Eve #general :" + WAITS + b"."]
    assert eve.asked("JOIN #general")[0].split()[1] == b"475"
    assert eve.asked("JOIN #games")[0] == b":Eve!~u@eve.cloak JOIN #games"
    assert net.connects("Ann").asked("JOIN #general sesame")[0] == b":Ann!~u@ann.cloak JOIN #general"
    net.loop.advance(1)
    assert eve.asked("JOIN #general sesame")[0] == b":Eve!~u@eve.cloak JOIN #general"


def test_a_name_counts_for_all_doors_together() -> None:
    net = Net(limits=HOLDING)
    net.connects("Mary", password="sesame")
    page = net.knock("games")
    page.ask(Hello("Mary", key="key of a page"))
    net.run()
    for _ in range(FREE + 1):
        guesses(net, "Mary", "guess")
    again = net.knock("games")
    again.session.host = "eve.cloak"
    again.ask(Hello("Mary", key="key of a page"))
    net.run()
    assert [message.code for message in again.messages() if isinstance(message, Refusal)] == ["too-many-failures"]
    other = net.knock("games")
    other.session.host = "elsewhere.cloak"
    other.ask(Hello("Mary", key="key of a page"))
    net.run()
    assert isinstance(other.messages()[0], Resumed)


def test_what_failed_is_told_with_its_door_and_never_what_was_tried(caplog: pytest.LogCaptureFixture) -> None:
    net = Net(limits=HOLDING)
    net.sets_mode("+k", "sesame", "games")
    net.connects("Mary", password="sesame")
    guesses(net, "Mary", "hunter2")
    eve = net.connects("Eve")
    eve.sends("OPER hunter2 hunter2", "JOIN #games hunter2")
    records = [record for record in caplog.records if record.levelno >= logging.WARNING]
    told = [(vars(one)["kind"], vars(one)["about"], vars(one)["door"], vars(one)["host"]) for one in records]
    assert told == [
        ("password", "Mary", "IRC", "eve.cloak"),
        ("operator token", "the operator", "IRC", "eve.cloak"),
        ("channel key", "games Eve", "IRC", "eve.cloak"),
    ]
    assert "hunter2" not in str([vars(record) for record in records])
