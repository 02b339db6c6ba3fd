"""What each command costs, how many channels it asks to enter, and which secrets it may carry."""

import pytest

from antechamber.codec.irc.decoding import IrcDecoder, parse
from antechamber.irc.dispatch import PARAMETERS


@pytest.mark.parametrize(
    ("line", "cost", "entrances"),
    [
        (b"PING x", 1, 0),
        (b"PRIVMSG #a :a,b,c", 1, 0),
        (b"@+x=1 PRIVMSG #a,#b :a,b,c", 2, 0),
        (b"@+x=1 TAGMSG #a,#b,c", 3, 0),
        (b"NOTICE", 1, 0),
        (b"JOIN", 1, 0),
        (b"JOIN 0", 1, 0),
        (b"JOIN #a", 1, 1),
        (b"JOIN #a,#b,#c k", 3, 3),
        (b"PART #a,#b :x,y,z", 2, 0),
        (b"KICK #a x,y,z :w,w,w,w", 3, 0),
        (b"KICK #a,#b x,y", 2, 0),
        (b"WHOIS a,b", 2, 0),
        (b"WHOIS a a,b,c", 3, 0),
        (b"MONITOR + a,b,c", 3, 0),
        (b"MONITOR C", 1, 0),
        (b"MODE #a", 1, 0),
        (b"MODE #a b", 1, 0),
        (b"MODE #a +ov-m x y", 3, 0),
        (b"MODE #a +", 1, 0),
        (b"ISON a b :c d", 4, 0),
        (b"USERHOST a b", 2, 0),
    ],
)
def test_a_line_costs_as_much_as_it_is_about(line: bytes, cost: int, entrances: int) -> None:
    (command,) = IrcDecoder(PARAMETERS).receive(line + b"\r\n")
    assert (command.cost, command.entrances) == (cost, entrances)


@pytest.mark.parametrize("command", ["PASS", "OPER", "JOIN", "MODE"])
def test_no_secret_of_a_command_stands_in_a_log(command: str) -> None:
    assert "sesame" not in repr(parse(f"{command} #a sesame".encode(), PARAMETERS))
    assert "sesame" in repr(parse(b"TOPIC #a sesame", PARAMETERS))
