"""Parsing what people type: the commands of members and of the operator, as lines of plain text."""

from collections.abc import Sequence
from typing import NamedTuple

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
    RoleCommand,
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
from antechamber.protocol.limits import Limits
from antechamber.protocol.text import clean, normalise_name, shows

_WITH_ARGUMENT = "beIkov"
"""The modes with an argument; `l` has one only when it is set."""


class OperatorCommandInfo(NamedTuple):
    """A command of the server's console, as `/help` and completion have it."""

    name: str
    arguments: str
    meaning: str

    @property
    def form(self) -> str:
        """How it is written."""
        return f"{self.name} {self.arguments}".rstrip()


OPERATOR_COMMANDS = (
    OperatorCommandInfo("/list", "", "shows how many sit and wait in each channel"),
    OperatorCommandInfo("/who", "[CHANNEL]", "shows who sits and who waits"),
    OperatorCommandInfo("/say", "CHANNEL TEXT", "tells everyone in a channel something, as the operator"),
    OperatorCommandInfo("/kick", "CHANNEL:NAME", "closes a member's connection"),
    OperatorCommandInfo("/mute", "CHANNEL:NAME SECONDS", "keeps a seated member from writing for a time"),
    OperatorCommandInfo("/empty", "CHANNEL", "disconnects everyone seated there"),
    OperatorCommandInfo("/topic", "CHANNEL [TEXT]", "sets the topic, or takes it back"),
    OperatorCommandInfo("/mode", "CHANNEL CHANGES", "sets modes and roles, such as +m or +o Mary"),
    OperatorCommandInfo("/invite", "CHANNEL:NAME", "lets somebody enter once"),
    OperatorCommandInfo("/shutdown", "", "closes every connection and ends the server"),
    OperatorCommandInfo("/help", "", "shows these commands"),
)


def parse(line: str) -> MemberCommand | None:
    """Parse a member's line; None if it is empty, or a command with too few or too many words."""
    line = line.strip()
    if not line.startswith("/"):
        return Say(clean(line)) if shows(line) else None
    line = clean(line)
    words = line.split()
    match words:
        case ["/whisper", to, _, *_] if shows(text := line.split(None, 2)[2]):
            return Whisper(normalise_name(to), text)
        case ["/quit"]:
            return Quit()
        case ["/list"]:
            return List()
        case ["/switch", channel]:
            return Switch(normalise_name(channel))
        case ["/send", to, path]:
            return Send(normalise_name(to), path)
        case ["/whisper" | "/quit" | "/list" | "/switch" | "/send", *_]:
            return None
        case _:
            command = _parse_privileged(line, words)
            return Say(line) if command is None else Privileged(command, line)


def _parse_privileged(line: str, words: list[str]) -> Kick | Mute | Empty | RoleCommand | None:
    """Parse a command for members with a role; from anyone else it is a message, like an unknown command."""
    match words:
        case ["/topic", _, *_]:
            return SetTopic(line.split(None, 1)[1])
        case ["/mode", modes, *arguments] if changes := mode_changes(modes, arguments):
            return SetModes(changes)
        case ["/kick", name] if ":" not in name:
            return Kick("", normalise_name(name))
        case ["/mute", name, seconds] if ":" not in name:
            return Mute("", normalise_name(name), _whole_seconds(seconds))
        case ["/invite", name]:
            return Invite(normalise_name(name))
        case ["/empty"]:
            return Empty("")
        case _:
            return None


def parse_operator(line: str) -> OperatorCommand | RoleCommand | List | Who | None:
    """Parse the operator's line; None, which is ignored, for anything else."""
    line = clean(line.strip())
    match line.split():
        case ["/list"]:
            return List()
        case ["/who"]:
            return Who()
        case ["/who", channel]:
            return Who(channel=normalise_name(channel))
        case ["/say", channel, _, *_] if shows(text := line.split(None, 2)[2]):
            return Announce(text, normalise_name(channel))
        case ["/kick", member] if target := _target(member):
            return Kick(*target)
        case ["/mute", member, seconds] if target := _target(member):
            return Mute(*target, _whole_seconds(seconds))
        case ["/empty", channel]:
            return Empty(normalise_name(channel))
        case ["/topic", channel]:
            return SetTopic("", normalise_name(channel))
        case ["/topic", channel, _, *_]:
            return SetTopic(line.split(None, 2)[2], normalise_name(channel))
        case ["/mode", channel, modes, *arguments] if changes := mode_changes(modes, arguments):
            return SetModes(changes, normalise_name(channel))
        case ["/invite", member] if target := _target(member):
            return Invite(target[1], target[0])
        case ["/shutdown"]:
            return Shutdown()
        case _:
            return None


def operator_help() -> list[str]:
    """Return what can be typed at the server's console, a command a line."""
    column = max(len(info.form) for info in OPERATOR_COMMANDS) + 2
    return [f"{info.form:{column}}{info.meaning}" for info in OPERATOR_COMMANDS]


def operator_problem(line: str) -> str:
    """Return in words what is wrong with a line that `parse_operator` ignores; "" if it is empty."""
    line = clean(line.strip())
    word = line.partition(" ")[0]
    for info in OPERATOR_COMMANDS:
        if info.name == word:
            return f"Usage: {info.form}"
    if not word:
        return ""
    if word.startswith("/"):
        return f"There is no command {word}; /help shows those there are."
    return "To tell a channel something, write /say CHANNEL TEXT; /help shows the other commands."


def mode_changes(modes: str, arguments: Sequence[str]) -> tuple[ModeChange, ...]:
    """Parse mode changes such as `+o-v Mary Bob`; return none if an argument is missing or left over.

    The channel checks whether the modes exist.
    """
    sign, left = "+", list(arguments)
    changes = []
    for letter in modes:
        if letter in "+-":
            sign = letter
            continue
        argument = ""
        if letter in _WITH_ARGUMENT or (letter == "l" and sign == "+"):
            if left:
                argument = normalise_name(left.pop(0))
            elif (sign, letter) != ("-", "k"):
                return ()
        changes.append(ModeChange(sign + letter, argument))
    return () if left else tuple(changes)


def _target(word: str) -> tuple[str, str] | None:
    channel, _, name = word.partition(":")
    return (normalise_name(channel), normalise_name(name)) if channel and name else None


def _whole_seconds(word: str) -> int:
    """Return the number, or 0 if the word is not a whole number in the range of a mute."""
    return int(word) if word.isascii() and word.isdigit() and len(word) <= len(str(Limits().mute_seconds_max)) else 0
