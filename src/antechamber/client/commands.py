"""The commands that a person types at a terminal: those of the page, under the same names; and their completion.

Unlike in the transcripts, an unknown `/word` is refused, so that a mistyped whisper is never read by everyone, and `//`
says a text that begins with a slash.
"""

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

from antechamber.codec.slash_commands import mode_changes
from antechamber.protocol.commands import (
    Invite,
    Kick,
    List,
    Mute,
    PeerCommand,
    Quit,
    Rename,
    Say,
    Search,
    Send,
    SetModes,
    SetTopic,
    Switch,
    Whisper,
)
from antechamber.protocol.events import ModeChange
from antechamber.protocol.text import clean, clean_lines, normalise_name, shows

OPTIONS_MAX = 50
_SHORT_NAME = 3
"""A name with fewer characters is mentioned only with an `@`: it may be a word."""


class CommandInfo(NamedTuple):
    """A command as `/help` shows it. `operators` are the modes under which only they may give it; "*" is always."""

    name: str
    arguments: str
    meaning: str
    operators: str = ""

    @property
    def form(self) -> str:
        """How it is written."""
        return f"{self.name} {self.arguments}".rstrip()


COMMANDS = (
    CommandInfo("/whisper", "NAME TEXT", "writes to one person only"),
    CommandInfo("/send", "NAME FILE", "sends someone a file"),
    CommandInfo("/accept", "[NAME]", "takes a file that someone sends you"),
    CommandInfo("/decline", "[NAME]", "does not take it"),
    CommandInfo("/search", "WORDS", "looks for words in the channel"),
    CommandInfo("/list", "", "shows how full each channel is"),
    CommandInfo("/who", "", "shows who sits and who waits"),
    CommandInfo("/switch", "CHANNEL [KEY]", "leaves for another channel, with its key if it has one"),
    CommandInfo("/me", "TEXT", "says what you do"),
    CommandInfo("/nick", "NAME", "changes your name"),
    CommandInfo("/topic", "TEXT", "sets the topic", "t"),
    CommandInfo("/mute", "NAME TIME", "mutes someone for a time: 90s, 5m, 2h", "*"),
    CommandInfo("/kick", "NAME WHY", "removes someone from the channel", "*"),
    CommandInfo("/ban", "NAME", "bans someone, by name or mask", "*"),
    CommandInfo("/unban", "NAME", "lifts a ban", "*"),
    CommandInfo("/invite", "NAME", "invites someone", "i"),
    CommandInfo("/voice", "NAME", "lets someone talk where not everyone may", "*"),
    CommandInfo("/devoice", "NAME", "takes the voice away", "*"),
    CommandInfo("/op", "NAME", "makes someone an operator", "*"),
    CommandInfo("/deop", "NAME", "takes that role away", "*"),
    CommandInfo("/mode", "CHANGES", "sets modes as on IRC, such as +m or -t", "*"),
    CommandInfo("/theme", "NAME", "changes the colours: light, dark or terminal"),
    CommandInfo("/quit", "", "leaves"),
    CommandInfo("/help", "", "shows what you can type"),
)
_CHANGES = {"/op": "+o", "/deop": "-o", "/voice": "+v", "/devoice": "-v", "/ban": "+b", "/unban": "-b"}
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3_600, "d": 86_400}
_PERSON_FIRST = frozenset(info.name for info in COMMANDS if info.arguments.strip("[]").startswith("NAME")) - {
    "/nick",
    "/theme",
    "/unban",
}
"""The commands whose first argument is the name of somebody here."""


class Local(NamedTuple):
    """Something that the client does by itself."""

    name: Literal["help", "who", "theme", "accept", "decline"]
    argument: str = ""


class Wrong(NamedTuple):
    """Something that means nothing; `problem` says why, and how it is written."""

    problem: str


class Aim(NamedTuple):
    """What a command is aimed at: the channel, and by name the entry by which each member here entered."""

    channel: str = ""
    entered: Mapping[str, int] = {}


def may(info: CommandInfo, operates: bool, modes: Iterable[str]) -> bool:
    """Return whether a member may give a command, in a channel with these modes."""
    return operates or not (info.operators == "*" or info.operators in set(modes))


def read(typed: str, aim: Aim) -> PeerCommand | Local | Wrong | None:
    """Return what a typed text means; None if it is empty."""
    text = typed.strip()
    if not shows(text):
        return None
    if not text.startswith("/"):
        return Say(clean_lines(text))
    if text.startswith("//"):
        return Say(clean_lines(text[1:]))
    word, _, rest = _split(text)
    info = next((info for info in COMMANDS if info.name == word), None)
    if info is None:
        return Wrong(f"There is no command {_clipped(word)}. To send it as a message, write / twice.")
    return _meaning(word, rest, aim) or Wrong(f"Write it as {info.form}.")


def _meaning(word: str, rest: str, aim: Aim) -> PeerCommand | Local | Wrong | None:
    """Return what a known command with these arguments means; None if it is not written like that."""
    match word[1:]:
        case "list" | "quit" | "help" | "who" if rest:
            return Wrong(f"Write {word} alone. Nothing was sent.")
        case "list":
            return List()
        case "quit":
            return Quit()
        case "help" | "who" as name:
            return Local(name)
        case "theme" | "accept" | "decline" as name:
            return None if " " in rest else Local(name, normalise_name(rest))
        case "search":
            return Search(clean(rest)) if rest else None
        case "me":
            return Say(clean_lines(rest), form="action") if shows(rest) else None
        case "switch":
            channel, _, key = _split(rest)
            return Switch(normalise_name(channel), channel_key=key) if channel and " " not in key else None
        case "nick":
            return Rename(normalise_name(rest)) if rest and not re.search(r"\s", rest) else None
        case "topic":
            return SetTopic(clean(rest), aim.channel) if rest else None
        case "mode":
            modes, *arguments = rest.split() or [""]
            changes = mode_changes(modes, arguments)
            return SetModes(changes, aim.channel) if changes else None
    return _about_somebody(word, rest, aim)


def _about_somebody(word: str, rest: str, aim: Aim) -> PeerCommand | None:
    first, _, more = _split(rest)
    if not first:
        return None
    name = meant(first, aim.entered)
    entered = aim.entered.get(name, 0)
    match word[1:]:
        case "whisper":
            return Whisper(name, clean_lines(more), entered=entered) if shows(more) else None
        case "send":
            return Send(name, more, entered=entered) if more else None
        case "kick":
            return Kick(aim.channel, name, text=clean(more), entered=entered)
        case "mute":
            time = re.fullmatch("([0-9]{1,9})([smhd]?)", more)
            return time and Mute(aim.channel, name, int(time[1]) * _SECONDS[time[2]], entered=entered)
        case "invite":
            return None if more else Invite(name, aim.channel)
    if more:
        return None
    change = _CHANGES[word]
    mask = f"{name}!*@*" if change[1] == "b" and not re.search(r"[!@*?]", name) else name
    return SetModes((ModeChange(change, mask),), aim.channel, entered=0 if change[1] == "b" else entered)


def meant(typed: str, names: Iterable[str]) -> str:
    """Return which of `names` was meant: itself, or the only one that differs only in case; else what was typed."""
    name = normalise_name(typed)
    alike = [each for each in names if each == name or each.lower() == name.lower()]
    if name in alike:
        return name
    return alike[0] if len(alike) == 1 else name


def calls(name: str, text: str) -> bool:
    """Return whether a text mentions somebody: by name as a word of its own, with an `@` if the name is short."""
    at = "@" if len(name) < _SHORT_NAME else "@?"
    return re.search(rf"(?<![\w@]){at}{re.escape(name)}(?!\w)", text, re.IGNORECASE) is not None


def _split(text: str) -> tuple[str, str, str]:
    """Return the first word, the white space after it, and the rest."""
    found = re.match(r"(\S*)(\s*)(.*)", text, re.DOTALL)
    assert found is not None
    return found[1], found[2], found[3]


def _clipped(word: str) -> str:
    return clean(word if len(word) <= 24 else f"{word[:23]}…")


# Completion at the cursor


class Option(NamedTuple):
    """What may be inserted, how it is shown, and what it means."""

    value: str
    label: str
    detail: str = ""


class Suggestions(NamedTuple):
    """What may take the place of the last `length` characters before the cursor; `title` says what it is."""

    title: str
    length: int
    options: Sequence[Option]


class Known(NamedTuple):
    """What can be completed: the names of those here, the channels with their topics, and the commands."""

    names: Sequence[str] = ()
    channels: Sequence[tuple[str, str]] = ()
    commands: Sequence[CommandInfo] = COMMANDS


def suggest(before: str, known: Known) -> Suggestions | None:
    """Return what is suggested while a command, an argument of one, or an `@` is typed; None for nothing."""
    if found := re.fullmatch(r"(/[^/\s]*)", before):
        options = [Option(info.name, info.form, info.meaning) for info in known.commands]
        return _offered("Commands", found[1], options)
    if found := re.fullmatch(r"(/\S+)\s+(\S*)", before):
        word, argument = found.groups()
        if word in _PERSON_FIRST:
            return _offered("People", argument, _people(known.names, argument))
        if word == "/switch":
            return _offered("Channels", argument, [Option(name, name, topic) for name, topic in known.channels])
        if word == "/theme":
            return _offered("Themes", argument, [Option(name, name) for name in ("light", "dark", "terminal")])
    if found := re.fullmatch(r"/send\s+\S+\s+(.*)", before):
        return _offered_paths(found[1])
    if found := re.search(r"(?:^|\s)@(\S*)$", before):
        return _offered("People", f"@{found[1]}", _people(known.names, found[1], "@"))
    return None


def names_at(before: str, names: Sequence[str]) -> Suggestions | None:
    """Return the names to which Tab may complete the word before the cursor; None if there are none."""
    found = re.search(r"\S+$", before)
    return _offered("People", found[0], _people(names, found[0])) if found else None


def _offered(title: str, word: str, options: Iterable[Option]) -> Suggestions | None:
    matching = [option for option in options if _begins(option.value, word)][:OPTIONS_MAX]
    return Suggestions(title, len(word), matching) if matching else None


def _offered_paths(typed: str) -> Suggestions | None:
    """Suggest the files and folders whose path begins as typed; hidden ones only if a dot was typed."""
    folder, start = os.path.split(typed)
    try:
        with os.scandir(os.path.expanduser(folder) or os.curdir) as found:
            entries = sorted((each.name, each.is_dir()) for each in found)
    except (OSError, ValueError):
        return None
    options = [
        Option(f"{name}/" if is_folder else name, clean(f"{name}/" if is_folder else name))
        for name, is_folder in entries
        if name.startswith(start) and (start or not name.startswith(".")) and clean(name) == name
    ]
    return Suggestions("Files", len(start), options[:OPTIONS_MAX]) if options else None


def _people(names: Sequence[str], word: str, before: str = "") -> list[Option]:
    """Return the names: an exact match first, then shorter ones if something is typed."""
    if word:
        exact = meant(word, names)
        names = sorted(names, key=lambda name: (name != exact, len(name)))
    return [Option(before + name, name) for name in names]


def _begins(whole: str, word: str) -> bool:
    return whole.lower().startswith(normalise_name(word).lower())
