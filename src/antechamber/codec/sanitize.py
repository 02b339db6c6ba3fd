"""Sanitising commands from JSON: safe texts, normalised names, and checked limits."""

import re

from msgspec.structs import replace

from antechamber.codec import CodecError
from antechamber.protocol.commands import (
    Announce,
    AskSamples,
    Empty,
    Hello,
    History,
    Invite,
    Kick,
    Move,
    Mute,
    Operate,
    PeerCommand,
    Privileged,
    Received,
    Rename,
    Resume,
    Say,
    Search,
    Send,
    SetModes,
    SetTopic,
    Switch,
    Tag,
    Watch,
    Whisper,
)
from antechamber.protocol.events import ModeChange
from antechamber.protocol.limits import (
    CHANNEL_KEY_CHARACTERS_MAX,
    HISTORY_ENTRIES_MAX,
    KEY_CHARACTERS_MAX,
    SEARCH_CHARACTERS_MAX,
    SEQUENCE_MAX,
    TAGS_CHARACTERS_MAX,
    Limits,
)
from antechamber.protocol.text import clean, clean_lines, normalise_name, shows

_TAG_NAME = re.compile(r"\+(?:[A-Za-z0-9.-]+/)?[A-Za-z0-9-]+")
"""The names of client-only tags, as on IRC: `+typing`, `+example.org/mood`."""


def tidy(command: PeerCommand, limits: Limits) -> PeerCommand:
    """Return a command with safe, stripped texts and normalised names.

    The text of a message may have several lines. Raises CodecError if a text is empty, an id, key or path is too long,
    or a history query makes no sense.
    """
    if len(command.id) > limits.id_characters_max:
        raise CodecError("id-too-long", f"An id has at most {limits.id_characters_max} characters.")
    if isinstance(command, Say):
        text = command.text.strip()
        if not shows(text):
            raise CodecError("empty", "An empty message is not sent.", clean(command.id))
        if text is command.text and text.isprintable() and command.id.isprintable() and command.tags is None:
            return command
        return Say(clean_lines(text), clean(command.id), command.form, _tags(command.tags, command.id))
    if not command.id.isprintable():
        command = replace(command, id=clean(command.id))
    return _tidy_rest(command, limits)


def _tidy_rest(command: PeerCommand, limits: Limits) -> PeerCommand:
    if isinstance(command, Whisper):
        return replace(command, to=_name(command.to), text=_text(command.text, "whisper", command.id))
    if isinstance(command, Announce):
        text = _text(command.text, "announcement", command.id)
        return replace(command, channel=_name(command.channel), text=text)
    if isinstance(command, Send):
        path = clean(command.path)
        if not 0 < len(path) <= limits.path_characters_max:
            text = f"A path has 1 to {limits.path_characters_max} characters."
            raise CodecError("bad-path", text, command.id)
        if command.size < 0:
            raise CodecError("bad-size", "A file's size is 0 or more bytes.", command.id)
        return replace(command, to=_name(command.to), path=path)
    if isinstance(command, Received):
        return replace(command, ticket=clean(command.ticket), problem=clean(command.problem))
    if isinstance(command, Resume | Operate):
        return replace(command, token=clean(command.token))
    if isinstance(command, Tag):
        if (tags := _tags(command.tags, command.id)) is None:
            raise CodecError("bad-tags", "There is no tag in it.", command.id)
        return replace(command, tags=tags)
    if isinstance(command, SetTopic | SetModes | Invite | Rename | Kick | Privileged):
        return _tidy_role(command, limits)
    if isinstance(command, Watch):
        return replace(command, rosters=tuple(map(_name, command.rosters)))
    if isinstance(command, History | Search):
        return _tidy_question(command)
    if isinstance(command, Hello) and command.key:
        if len(command.key) > KEY_CHARACTERS_MAX:
            raise CodecError("key-too-long", f"A key has at most {KEY_CHARACTERS_MAX} characters.", command.id)
        command = replace(command, key=clean(command.key))
    if isinstance(command, Hello | Switch) and command.channel_key:
        if len(command.channel_key) > CHANNEL_KEY_CHARACTERS_MAX:
            most = CHANNEL_KEY_CHARACTERS_MAX
            raise CodecError("key-too-long", f"The key of a channel has at most {most} characters.", command.id)
        command = replace(command, channel_key=_name(command.channel_key))
    if isinstance(command, Hello | Mute | Move):
        command = replace(command, name=_name(command.name))
    if isinstance(command, Hello | Switch | Mute | Empty | Move | AskSamples):
        command = replace(command, channel=_name(command.channel))
    return command


def _tidy_role(command: SetTopic | SetModes | Invite | Rename | Kick | Privileged, limits: Limits) -> PeerCommand:
    """Sanitise what a role allows. The channel checks the length of topics and reasons, and the modes."""
    if isinstance(command, Privileged):
        asked = _tidy_rest(command.command, limits)
        assert isinstance(asked, Kick | Mute | Empty | SetTopic | SetModes | Invite)
        return replace(command, command=asked, text=_text(command.text, "message", command.id))
    if isinstance(command, Rename):
        return replace(command, name=_name(command.name))
    if isinstance(command, Invite):
        return replace(command, channel=_name(command.channel), name=_name(command.name))
    if isinstance(command, Kick):
        text = clean(command.text.strip())
        return replace(command, channel=_name(command.channel), name=_name(command.name), text=text)
    if isinstance(command, SetTopic):
        return replace(command, channel=_name(command.channel), topic=clean(command.topic.strip()))
    changes = tuple(ModeChange(clean(mode), _name(argument)) for mode, argument in command.changes)
    return replace(command, channel=_name(command.channel), changes=changes)


def _tags(tags: dict[str, str] | None, command_id: str) -> dict[str, str] | None:
    """Return client-only tags, None if there are none."""
    if not tags:
        return None
    if any(_TAG_NAME.fullmatch(name) is None for name in tags):
        raise CodecError("bad-tags", "A tag has a name such as +draft/react.", command_id)
    if sum(len(name) + len(value) for name, value in tags.items()) > TAGS_CHARACTERS_MAX:
        raise CodecError("bad-tags", f"Tags have at most {TAGS_CHARACTERS_MAX} characters in all.", command_id)
    return {name: clean(value) for name, value in tags.items()}


def _tidy_question(command: History | Search) -> History | Search:
    """Check a history query."""
    if isinstance(command, Search):
        command = replace(command, words=clean(command.words.strip()))
        if problem := _search_problem(command):
            raise CodecError("bad-search", problem, command.id)
    elif problem := _history_problem(command):
        raise CodecError("bad-history", problem, command.id)
    return command


def _search_problem(command: Search) -> str | None:
    if not 0 < len(command.words) <= SEARCH_CHARACTERS_MAX:
        return f"One may search for 1 to {SEARCH_CHARACTERS_MAX} characters."
    return _page_problem(command.limit, command.before)


def _history_problem(command: History) -> str | None:
    if command.before and command.after:
        return "Ask for the entries before one, or for those after one, not for both."
    return _page_problem(command.limit, command.before, command.after)


def _page_problem(limit: int, *numbers: int) -> str | None:
    if not 0 < limit <= HISTORY_ENTRIES_MAX:
        return f"At a time one may ask for 1 to {HISTORY_ENTRIES_MAX} entries."
    if not all(0 <= number <= SEQUENCE_MAX for number in numbers):
        return f"The number of an entry is 1 to {SEQUENCE_MAX}."
    return None


def _text(text: str, what: str, command_id: str) -> str:
    text = text.strip()
    if not shows(text):
        raise CodecError("empty", f"An empty {what} is not sent.", command_id)
    return clean_lines(text)


def _name(name: str) -> str:
    return normalise_name(clean(name))
