"""What the documentation says of IRC is so: its commands, its capabilities, its port and its times."""

from antechamber.codec.irc.capabilities import NAMES
from antechamber.config import IRC_PORT
from antechamber.gateway.irc_port import PING_SECONDS, SILENCE_SECONDS_MAX
from antechamber.irc.isupport import CHANNEL_MODES, CHANNEL_ROLES, USER_MODES
from antechamber.irc.verbs import VERBS
from antechamber.protocol.limits import IRC_TAGS_BYTES_MAX, TARGETS_MAX, Limits
from tests.markdown import DOCUMENTS, section, tables, unquoted

IRC = DOCUMENTS["docs/irc.md"]


def test_every_command_is_documented_and_no_other() -> None:
    told = [unquoted(name) for table in tables(section(IRC, "## Commands")) for name, what in table if what]
    assert sorted(told) == sorted(VERBS)


def test_every_capability_is_documented_and_no_other() -> None:
    (table,) = tables(section(IRC, "## Capabilities"))
    assert [unquoted(name) for name, what in table if what] == list(NAMES)


def test_every_mode_is_documented_and_no_other() -> None:
    operators = section(IRC, "## Operators")
    (table,) = tables(operators)
    told = {letter for modes, _ in table for letter in modes if letter.isalpha()} | {"e", "I"}
    assert told == set(CHANNEL_MODES.replace(",", "") + CHANNEL_ROLES)
    assert all(f"`{letter}`" in operators for letter in USER_MODES)


def test_the_numbers_are_those_of_the_code() -> None:
    text = " ".join(IRC.split())
    for words in (
        f"by port {IRC_PORT}",
        f"after {PING_SECONDS} seconds of silence it asks, after {SILENCE_SECONDS_MAX} it closes",
        f"in up to {TARGETS_MAX} at once",
        f"{IRC_TAGS_BYTES_MAX:,} more of tags",
        f"has {Limits().hello_seconds_max:g} seconds to register",
        f"at most {Limits().name_characters_max} characters long",
        f"too long ({Limits().idle_seconds_max:g} seconds",
    ):
        assert words in text
