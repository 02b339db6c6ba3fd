"""IRC's tables: numerics and capabilities."""

import re
from collections import Counter
from pathlib import Path

import pytest

from antechamber.codec.irc import numerics as irc_numerics
from antechamber.codec.irc.capabilities import NAMES, SHARED, VALUES, Capability, listed, names_of, requested
from antechamber.codec.irc.numerics import REFUSALS, Numeric

NUMERICS = {name: value for name, value in vars(irc_numerics).items() if isinstance(value, Numeric)}


def test_every_numeric_has_three_digits_and_a_name_and_number_of_its_own() -> None:
    assert all(re.fullmatch("(RPL|ERR)_[A-Z0-9]+", name) for name in NUMERICS)
    codes = [numeric.code for numeric in NUMERICS.values()]
    assert all(re.fullmatch("[0-9]{3}", code) for code in codes)
    assert len(set(codes)) == len(codes)


def test_every_numeric_is_told_by_somebody() -> None:
    package = Path(irc_numerics.__file__).parents[2]
    told = Counter(word for path in package.rglob("*.py") for word in re.findall("[A-Z_0-9]+", path.read_text("utf-8")))
    assert [name for name in NUMERICS if told[name] < 2] == []


@pytest.mark.parametrize(
    ("name", "code"),
    [
        *(("RPL_WELCOME", "001"), ("RPL_ISUPPORT", "005"), ("RPL_AWAY", "301"), ("RPL_NAMREPLY", "353")),
        *(("RPL_BANLIST", "367"), ("RPL_WHOSPCRPL", "354"), ("RPL_MONONLINE", "730"), ("ERR_NOSUCHNICK", "401")),
        *(("ERR_INPUTTOOLONG", "417"), ("ERR_UNKNOWNCOMMAND", "421"), ("ERR_NICKNAMEINUSE", "433")),
        *(("ERR_NOTREGISTERED", "451"), ("ERR_NEEDMOREPARAMS", "461"), ("ERR_CHANNELISFULL", "471")),
        *(("ERR_CHANOPRIVSNEEDED", "482"), ("ERR_MONLISTFULL", "734")),
    ],
)
def test_a_numeric_has_the_number_that_everybody_knows(name: str, code: str) -> None:
    assert NUMERICS[name].code == code


def test_what_the_core_refuses_is_told_by_an_error() -> None:
    assert all(numeric.code[0] == "4" and re.fullmatch("[a-z-]+", code) for code, numeric in REFUSALS.items())


def test_every_capability_has_a_name_and_a_bit_of_its_own() -> None:
    assert set(NAMES.values()) == set(Capability)
    assert all(bit & (bit - 1) == 0 for bit in Capability)
    assert set(VALUES) <= set(NAMES)
    assert SHARED & Capability.ECHO_MESSAGE == 0


def test_capabilities_are_listed_with_values_from_302_on() -> None:
    assert "draft/multiline" in listed(301)
    assert "draft/multiline=max-bytes=4096,max-lines=32" in listed(302)
    assert [name.partition("=")[0] for name in listed(302)] == listed(0) == list(NAMES)
    assert not [name for name in NAMES if name.startswith("sasl")]


def test_a_request_is_granted_whole_or_not_at_all() -> None:
    granted = requested(["batch", "server-time"], 0)
    assert granted == Capability.BATCH | Capability.SERVER_TIME
    assert names_of(granted) == ["batch", "server-time"]
    assert requested(["-batch", "setname"], granted) == Capability.SERVER_TIME | Capability.SETNAME
    assert requested(["-batch", "sasl"], granted) is None
    assert requested([], 5) == 5
