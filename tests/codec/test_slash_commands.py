"""What is typed, by members and by the operator."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antechamber.codec.slash_commands import (
    OPERATOR_COMMANDS,
    operator_help,
    operator_problem,
    parse,
    parse_operator,
)
from antechamber.protocol.commands import (
    Announce,
    Empty,
    Invite,
    Kick,
    List,
    MemberCommand,
    Mute,
    OperatorCommand,
    Privileged,
    Quit,
    Say,
    Send,
    SetModes,
    SetTopic,
    Shutdown,
    Switch,
    Whisper,
    Who,
)
from antechamber.protocol.events import ModeChange
from antechamber.protocol.text import clean

# What a member types


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("hello there", Say("hello there")),
        ("  hello   there \t\r", Say("hello   there")),
        ("a\tb", Say("a b")),
        ("\x1b[2Jboo\u202e", Say("\ufffd[2Jboo\ufffd")),
        ("", None),
        (" \t \r", None),
        ("\u00a0\u2028", None),
        ("\u200b", None),
        (" \u2060 \u00ad\u3164 ", None),
        ("\u200b!", Say("\u200b!")),
        ("/whisper Bob \u200b", None),
        ("/whisper Bob \u200b hi", Whisper("Bob", "\u200b hi")),
        ("/quit", Quit()),
        ("   /quit  ", Quit()),
        ("/quit now", None),
        ("/list", List()),
        ("/list all", None),
        ("/switch games", Switch("games")),
        ("/switch    games  ", Switch("games")),
        ("/switch \t games", Switch("games")),
        ("/switch", None),
        ("/switch games now", None),
        ("/switch Ame\u0301lie", Switch("Amélie")),
        ("/whisper Bob hi", Whisper("Bob", "hi")),
        ("/whisper   Bob    hi   there  ", Whisper("Bob", "hi   there")),
        ("/whisper\tBob\thi", Whisper("Bob", "hi")),
        ("/whisper Zoe\u0308 hi", Whisper("Zoë", "hi")),
        ("/whisper Bob /quit", Whisper("Bob", "/quit")),
        ("/whisper Bob a\x07b", Whisper("Bob", "a\ufffdb")),
        ("/whisper Bob", None),
        ("/whisper", None),
        ("/send Bob a.txt", Send("Bob", "a.txt")),
        ("/send  Bob   ../a/b.txt ", Send("Bob", "../a/b.txt")),
        ("/send Zoe\u0308 a.txt", Send("Zoë", "a.txt")),
        ("/send Bob", None),
        ("/send", None),
        ("/send Bob a b.txt", None),
        ("/dance", Say("/dance")),
        ("/", Say("/")),
        ("/ quit", Say("/ quit")),
        ("/QUIT", Say("/QUIT")),
        ("/quitter", Say("/quitter")),
        ("/dance  with   me", Say("/dance  with   me")),
        ("//quit", Say("//quit")),
        ("/kick general:Bob", Say("/kick general:Bob")),
        ("/mute general:Bob 5", Say("/mute general:Bob 5")),
        ("/empty general", Say("/empty general")),
        ("/shutdown", Say("/shutdown")),
        ("say /quit", Say("say /quit")),
        ("/topic Tea  at 5 ", Privileged(SetTopic("Tea  at 5"), "/topic Tea  at 5")),
        ("/topic", Say("/topic")),
        ("/mode +m", Privileged(SetModes((ModeChange("+m"),)), "/mode +m")),
        ("/mode m", Privileged(SetModes((ModeChange("+m"),)), "/mode m")),
        (
            "/mode +ov-o Mary Zoe\u0308 Bob",
            Privileged(
                SetModes((ModeChange("+o", "Mary"), ModeChange("+v", "Zoë"), ModeChange("-o", "Bob"))),
                "/mode +ov-o Mary Zoe\u0308 Bob",
            ),
        ),
        ("/mode -lk", Privileged(SetModes((ModeChange("-l"), ModeChange("-k"))), "/mode -lk")),
        ("/mode +l 5", Privileged(SetModes((ModeChange("+l", "5"),)), "/mode +l 5")),
        ("/mode +q", Privileged(SetModes((ModeChange("+q"),)), "/mode +q")),
        ("/mode +o", Say("/mode +o")),
        ("/mode +m Mary", Say("/mode +m Mary")),
        ("/mode +", Say("/mode +")),
        ("/mode", Say("/mode")),
        ("/kick Bob", Privileged(Kick("", "Bob"), "/kick Bob")),
        ("/kick", Say("/kick")),
        ("/kick Bob now", Say("/kick Bob now")),
        ("/mute Bob 60", Privileged(Mute("", "Bob", 60), "/mute Bob 60")),
        ("/mute Bob soon", Privileged(Mute("", "Bob", 0), "/mute Bob soon")),
        ("/mute Bob", Say("/mute Bob")),
        ("/invite Zoe\u0308", Privileged(Invite("Zoë"), "/invite Zoe\u0308")),
        ("/invite", Say("/invite")),
        ("/empty", Privileged(Empty(""), "/empty")),
    ],
)
def test_a_line_that_a_member_typed_is_a_command_a_message_or_nothing(line: str, command: MemberCommand | None) -> None:
    assert parse(line) == command


# What the operator types


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("/kick general:Bob", Kick("general", "Bob")),
        ("  /kick    general:Bob  ", Kick("general", "Bob")),
        ("/kick\tgeneral:Zoe\u0308", Kick("general", "Zoë")),
        ("/kick general:a:b", Kick("general", "a:b")),
        ("/kick", None),
        ("/kick general", None),
        ("/kick general:", None),
        ("/kick :Bob", None),
        ("/kick general: Bob", None),
        ("/kick general:Bob now", None),
        ("/mute general:Bob 60", Mute("general", "Bob", 60)),
        ("/mute   general:Bob   60 ", Mute("general", "Bob", 60)),
        ("/mute general:Bob 007", Mute("general", "Bob", 7)),
        ("/mute general:Bob 31536000", Mute("general", "Bob", 31_536_000)),
        ("/mute general:Bob 99999999", Mute("general", "Bob", 99_999_999)),
        ("/mute general:Bob 100000000", Mute("general", "Bob", 0)),
        ("/mute general:Bob " + "9" * 5000, Mute("general", "Bob", 0)),
        ("/mute general:Bob 0", Mute("general", "Bob", 0)),
        ("/mute general:Bob -5", Mute("general", "Bob", 0)),
        ("/mute general:Bob +5", Mute("general", "Bob", 0)),
        ("/mute general:Bob 1.5", Mute("general", "Bob", 0)),
        ("/mute general:Bob 1e3", Mute("general", "Bob", 0)),
        ("/mute general:Bob 1_0", Mute("general", "Bob", 0)),
        ("/mute general:Bob ٣", Mute("general", "Bob", 0)),
        ("/mute general:Bob ²", Mute("general", "Bob", 0)),
        ("/mute general:Bob soon", Mute("general", "Bob", 0)),
        ("/mute general:Bob", None),
        ("/mute general:Bob 5 5", None),
        ("/mute general 5", None),
        ("/mute", None),
        ("/empty general", Empty("general")),
        (" /empty   general ", Empty("general")),
        ("/empty", None),
        ("/empty general games", None),
        ("/shutdown", Shutdown()),
        (" /shutdown ", Shutdown()),
        ("/shutdown now", None),
        ("/topic general Tea  at 5", SetTopic("Tea  at 5", "general")),
        ("/topic Ame\u0301lie Tea", SetTopic("Tea", "Amélie")),
        ("/topic general", SetTopic("", "general")),
        ("/topic", None),
        ("/mode general +m-t", SetModes((ModeChange("+m"), ModeChange("-t")), "general")),
        ("/mode general +b mary!*@*", SetModes((ModeChange("+b", "mary!*@*"),), "general")),
        ("/mode general +b", None),
        ("/mode general", None),
        ("/invite general:Bob", Invite("Bob", "general")),
        ("/invite Bob", None),
        ("/invite general", None),
        ("", None),
        ("   ", None),
        ("hello", None),
        ("/list", List()),
        ("/list all", None),
        ("/who", Who()),
        ("/who  general ", Who(channel="general")),
        ("/who general games", None),
        ("/say general Tea  at 5", Announce("Tea  at 5", "general")),
        ("/say general", None),
        ("/say general \u200b", None),
        ("/say", None),
        ("/quit", None),
        ("/SHUTDOWN", None),
    ],
)
def test_a_line_that_the_operator_typed_is_a_command_or_nothing(line: str, command: OperatorCommand | None) -> None:
    assert parse_operator(line) == command


def test_what_the_operator_types_is_made_safe() -> None:
    assert parse_operator("/kick gen\x1beral:B\u202eob") == Kick("gen\ufffderal", "B\ufffdob")
    assert parse_operator("/empty gen\x07eral") == Empty("gen\ufffderal")


@given(st.text() | st.text("/ \tkickmuteempty:5", max_size=30))
def test_whatever_is_typed_is_read_without_a_fault_and_safe(line: str) -> None:
    for command in (parse(line), parse_operator(line)):
        if command is not None:
            shown = str(command)
            assert clean(shown) == shown


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("/mute general:Bob", "Usage: /mute CHANNEL:NAME SECONDS"),
        (" /say  general", "Usage: /say CHANNEL TEXT"),
        ("/shutdown now", "Usage: /shutdown"),
        ("/kik general:Bob", "There is no command /kik; /help shows those there are."),
        ("hello", "To tell a channel something, write /say CHANNEL TEXT; /help shows the other commands."),
        ("  ", ""),
    ],
)
def test_a_line_that_is_ignored_is_told_how_it_is_written(line: str, problem: str) -> None:
    assert operator_problem(line) == problem


def test_help_has_every_command_of_the_console_and_no_other() -> None:
    shown = [line.split()[0] for line in operator_help()]
    assert shown == [info.name for info in OPERATOR_COMMANDS]
    written = {"/who": "/who", "/topic": "/topic general", "/mode": "/mode general +m"}
    for info in OPERATOR_COMMANDS:
        given = info.arguments.replace("CHANNEL", "general").replace("NAME", "Bob").replace("SECONDS", "5")
        line = written.get(info.name, f"{info.name} {given}")
        assert (parse_operator(line) is None) == (info.name == "/help"), line
