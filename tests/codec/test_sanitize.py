"""Commands from JSON about topics, modes, names and tags: made safe, and kept to their bounds."""

import pytest

from antechamber.codec import CodecError
from antechamber.codec.jsonl import JsonDecoder, parse
from antechamber.codec.sanitize import tidy
from antechamber.protocol.commands import (
    Hello,
    Invite,
    Kick,
    Malformed,
    PeerCommand,
    Privileged,
    Rename,
    Say,
    SetModes,
    SetTopic,
    Switch,
    Tag,
)
from antechamber.protocol.events import ModeChange
from antechamber.protocol.limits import CHANNEL_KEY_CHARACTERS_MAX, TAGS_CHARACTERS_MAX, Limits

LIMITS = Limits()
ZOE = "Zoe\N{COMBINING DIAERESIS}"
UNSAFE = "a\N{RIGHT-TO-LEFT OVERRIDE}b"
SAFE = "a\N{REPLACEMENT CHARACTER}b"


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ('{"type":"set-topic","topic":" Tea ","channel":"games","id":"1"}', SetTopic("Tea", "games", "1")),
        ('{"type":"set-topic","topic":""}', SetTopic("")),
        ('{"type":"set-topic","topic":"a\\nb"}', SetTopic("a\N{REPLACEMENT CHARACTER}b")),
        ('{"type":"set-modes","changes":[["+m"],["+o","Bob"]]}', SetModes((ModeChange("+m"), ModeChange("+o", "Bob")))),
        ('{"type":"invite","name":"Bob","channel":"games"}', Invite("Bob", "games")),
        ('{"type":"rename","name":"Bob","id":"1"}', Rename("Bob", "1")),
        ('{"type":"tag","tags":{"+draft/react":"x"},"id":"1"}', Tag({"+draft/react": "x"}, "1")),
        ('{"type":"say","text":"hi","form":"action"}', Say("hi", form="action")),
        ('{"type":"say","text":"hi","tags":{"+reply":"7"}}', Say("hi", tags={"+reply": "7"})),
        ('{"type":"say","text":" hi ","tags":{},"form":"notice"}', Say("hi", form="notice")),
        ('{"type":"kick","channel":"","name":"Bob","text":" Spam "}', Kick("", "Bob", text="Spam")),
        (
            '{"type":"privileged","command":{"type":"kick","channel":"","name":"Bob"},"text":"/kick Bob","id":"1"}',
            Privileged(Kick("", "Bob"), "/kick Bob", "1"),
        ),
        ('{"type":"hello","name":"Bob","channel_key":"secret"}', Hello("Bob", channel_key="secret")),
        ('{"type":"switch","channel":"games","channel_key":"secret"}', Switch("games", channel_key="secret")),
    ],
)
def test_a_command_is_read_from_its_line(line: str, command: PeerCommand) -> None:
    assert parse(line.encode(), LIMITS) == command


@pytest.mark.parametrize(
    ("command", "tidied"),
    [
        (SetTopic(UNSAFE, UNSAFE), SetTopic(SAFE, SAFE)),
        (SetModes((ModeChange(UNSAFE, UNSAFE),), ZOE), SetModes((ModeChange(SAFE, SAFE),), "Zoë")),
        (SetModes((ModeChange("+o", ZOE),)), SetModes((ModeChange("+o", "Zoë"),))),
        (Invite(ZOE, UNSAFE), Invite("Zoë", SAFE)),
        (Rename(ZOE), Rename("Zoë")),
        (Kick(ZOE, ZOE, text=UNSAFE), Kick("Zoë", "Zoë", text=SAFE)),
        (Tag({"+a": UNSAFE}), Tag({"+a": SAFE})),
        (Say("a", tags={"+a": UNSAFE}), Say("a", tags={"+a": SAFE})),
        (Say(UNSAFE, form="action"), Say(SAFE, form="action")),
        (Privileged(Kick("", ZOE), UNSAFE), Privileged(Kick("", "Zoë"), SAFE)),
        (Hello("Bob", channel_key=UNSAFE), Hello("Bob", channel_key=SAFE)),
        (Switch("games", channel_key=UNSAFE), Switch("games", channel_key=SAFE)),
    ],
)
def test_what_it_carries_is_made_safe(command: PeerCommand, tidied: PeerCommand) -> None:
    assert tidy(command, LIMITS) == tidied


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ('{"type":"say","text":"hi","form":"shout"}', "invalid"),
        ('{"type":"set-modes","changes":[["+m","a","b"]]}', "invalid"),
        ('{"type":"set-modes","changes":[[]]}', "invalid"),
        ('{"type":"privileged","command":{"type":"say","text":"hi"},"text":"hi"}', "invalid"),
        ('{"type":"privileged","command":{"type":"empty","channel":""},"text":" "}', "empty"),
        ('{"type":"tag","tags":{}}', "bad-tags"),
        ('{"type":"tag","tags":{"react":"x"}}', "bad-tags"),
        ('{"type":"tag","tags":{"+":"x"}}', "bad-tags"),
        ('{"type":"tag","tags":{"+a b":"x"}}', "bad-tags"),
        ('{"type":"tag","tags":{"+a/b/c":"x"}}', "bad-tags"),
        ('{"type":"tag","tags":{"+a\\n":"x"}}', "bad-tags"),
        ('{"type":"say","text":"hi","tags":{"msgid":"x"}}', "bad-tags"),
    ],
)
def test_what_makes_no_sense_is_refused(line: str, code: str) -> None:
    (malformed,) = JsonDecoder(LIMITS).receive(f"{line}\n".encode())
    assert isinstance(malformed, Malformed)
    assert malformed.code == code


@pytest.mark.parametrize("command", [Tag({"+a": "x" * (TAGS_CHARACTERS_MAX - 2)}), Say("hi", tags={"+a": "é" * 998})])
def test_tags_are_as_long_as_their_bound_and_no_longer(command: Tag | Say) -> None:
    assert tidy(command, LIMITS) == command
    longer = {**(command.tags or {}), "+b": ""}
    with pytest.raises(CodecError) as caught:
        tidy(Tag(longer) if isinstance(command, Tag) else Say("hi", tags=longer), LIMITS)
    assert caught.value.code == "bad-tags"


def test_the_key_of_a_channel_is_one_in_whatever_form_it_is_typed() -> None:
    for command in (Hello("Mary", channel_key="cle\u0301"), Switch("games", channel_key="cle\u0301")):
        tidied = tidy(command, LIMITS)
        assert isinstance(tidied, Hello | Switch)
        assert tidied.channel_key == "clé"


def test_the_key_of_a_channel_is_as_long_as_its_bound_and_no_longer() -> None:
    longest = "k" * CHANNEL_KEY_CHARACTERS_MAX
    assert tidy(Hello("Bob", channel_key=longest), LIMITS) == Hello("Bob", channel_key=longest)
    for command in (Hello("Bob", channel_key=longest + "k"), Switch("games", channel_key=longest + "k")):
        with pytest.raises(CodecError) as caught:
            tidy(command, LIMITS)
        assert caught.value.code == "key-too-long"
