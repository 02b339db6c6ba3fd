"""Events and notices as IRC messages: sources, commands and parameters, without tags."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from antechamber.codec.irc.capabilities import Capability
from antechamber.codec.irc.decoding import SERVER_NAME
from antechamber.protocol.events import (
    Announced,
    AnyEvent,
    Invited,
    Left,
    ModeChange,
    ModesSet,
    Muted,
    Renamed,
    Seated,
    TopicSet,
)
from antechamber.protocol.notices import (
    Announcement,
    Goodbye,
    Idling,
    Invitation,
    Message,
    Place,
    Refusal,
    Sent,
    TransferFailed,
    WaitRange,
    Whispered,
    closed_by,
)
from antechamber.protocol.text import nick_of

QUIT_MARK = "Quit: "
"""The mark at the beginning of the last words of a member who leaves all channels at once, which on IRC is a QUIT."""
_MODE_ARGUMENTS_MAX = 4
_MODE_ARGUMENTS_BYTES_MAX = 300
_ROLES = frozenset("ov")
_REMOVALS = ("idle", "emptied", "closed", "kicked", "resumed", "broken")
"""The goodbyes of members that somebody else removed from the channel."""


class Words(NamedTuple):
    """One line without its tags. Only a `text` may contain spaces; that of a message may be long, in several lines."""

    source: str
    command: str
    params: tuple[str, ...] = ()
    text: str | None = None


class People(NamedTuple):
    """What is known about the members of a channel, by name."""

    source: Callable[[str], str]
    """Return the source of a member's line."""
    realname: Callable[[str], str]


def event_words(event: AnyEvent, channel: str, people: People, capabilities: int) -> Iterator[Words]:
    """Return the message for an event, for all seated members; `Said` and `Tagged` are encoded elsewhere."""
    source = people.source
    match event:
        case Seated(name=name):
            if capabilities & Capability.EXTENDED_JOIN:
                yield Words(source(name), "JOIN", (channel, "*"), people.realname(name))
            else:
                yield Words(source(name), "JOIN", (channel,))
        case Left(seated=True):
            yield _left(event, channel, source)
        case Muted(name=name, seconds=seconds):
            yield Words(SERVER_NAME, "NOTICE", (channel,), f"{nick_of(name)} has been muted for {seconds} seconds.")
        case Announced(text=text):
            yield Words(SERVER_NAME, "NOTICE", (channel,), text)
        case TopicSet(by=by, topic=topic):
            yield Words(source(by), "TOPIC", (channel,), topic)
        case ModesSet(by=by, changes=changes):
            for modes, arguments in _modes(changes):
                yield Words(source(by), "MODE", (channel, modes, *arguments))
        case Invited(by=by, to=to) if capabilities & Capability.INVITE_NOTIFY:
            yield Words(source(by), "INVITE", (nick_of(to), channel))
        case Renamed(name=name, to=to):
            yield Words(source(name), "NICK", (nick_of(to),))


def _left(event: Left, channel: str, source: Callable[[str], str]) -> Words:
    name, text = event.name, event.text
    match event.reason:
        case "kicked":
            return Words(source(event.by), "KICK", (channel, nick_of(name)), text or _kicked_by(event.by))
        case "idle":
            return Words(SERVER_NAME, "KICK", (channel, nick_of(name)), text or "went AFK.")
        case "lost" if text:  # from an IRC user that leaves all its channels
            return Words(source(name), "QUIT", (), text)
        case "lost":
            return Words(source(name), "PART", (channel,), "Connection lost")
        case "quit" if text.startswith(QUIT_MARK):
            return Words(source(name), "QUIT", (), text)
        case _:
            return Words(source(name), "PART", (channel,), text or None)


def _kicked_by(by: str) -> str:
    return nick_of(by) if by else "Kicked by the operator"


def _modes(changes: Sequence[ModeChange]) -> Iterator[tuple[str, list[str]]]:
    """Join mode changes, with a sign before each row of letters, and a few arguments to a line."""
    modes, sign, arguments, size = "", "", list[str](), 0
    for mode, argument in changes:
        word = nick_of(argument) if mode[1:] in _ROLES else argument
        bytes_more = len(word.encode())
        if word and (len(arguments) == _MODE_ARGUMENTS_MAX or size + bytes_more > _MODE_ARGUMENTS_BYTES_MAX) and modes:
            yield modes, arguments
            modes, sign, arguments, size = "", "", [], 0
        modes += mode[1:] if mode[0] == sign else mode
        sign = mode[0]
        if word:
            arguments.append(word)
            size += bytes_more
    if modes:
        yield modes, arguments


def notice_words(notice: Message, nick: str, source: Callable[[str, str], str]) -> Words | None:
    """Return the message for a notice to the session of `nick`; None for none."""
    match notice:
        case Whispered(channel=channel, sender=sender, text=text):
            return Words(source(channel, sender), "PRIVMSG", (nick,), text)
        case Invitation(channel=channel, by=by):
            return Words(source(channel, by), "INVITE", (nick, f"#{channel}"))
        case Goodbye(channel="", text=text, reason=reason):
            return Words("", "ERROR", (), f"Closing Link: {nick or '*'} ({text or reason})")
        case Goodbye():
            return _goodbye(notice, nick, source)
        case Refusal(code=code, text=text):
            return Words(SERVER_NAME, "FAIL", ("*", code.upper().replace("-", "_")), text)
        case Place(channel=channel, ahead=ahead, wait_seconds=wait):
            said = f"#{channel}: You are in the waiting queue and there are {ahead} user(s) ahead of you.{_wait(wait)}"
        case Announcement(channel=channel, text=text):
            said = f"#{channel}: {text}"
        case Idling(channel=channel, seconds=seconds):
            said = f"#{channel}: You lose your seat in {round(seconds)} seconds, unless you say something."
        case Sent(to=to, path=path):
            said = f"You sent {path} to {nick_of(to)}."
        case TransferFailed(sender=sender, to=to, path=path, problem=problem):
            is_mine = nick_of(sender) == nick
            what = (
                f"{path} was not sent to {nick_of(to)}" if is_mine else f"A file from {nick_of(sender)} did not arrive"
            )
            said = f"{what}: {problem}"
        case _:
            return None
    return Words(SERVER_NAME, "NOTICE", (nick,), said)


def _goodbye(goodbye: Goodbye, nick: str, source: Callable[[str, str], str]) -> Words | None:
    """Return the message for the end of one membership of a connection that stays, or that ends in its own way."""
    channel = f"#{goodbye.channel}"
    if goodbye.reason == "quit":
        return Words(source(goodbye.channel, nick), "PART", (channel,), goodbye.text or None)
    if goodbye.reason in _REMOVALS:
        # The connection goes on, so nobody has closed it.
        text = _kicked_by(goodbye.by) if goodbye.text == closed_by(goodbye.by) else goodbye.text or goodbye.reason
        return Words(source(goodbye.channel, goodbye.by), "KICK", (channel, nick), text)
    return None


def _wait(wait: WaitRange | None) -> str:
    if wait is None:
        return ""
    at_least, at_most = (max(1, round(seconds / 60)) for seconds in wait)
    minutes = f"{at_least} to {at_most} minutes" if at_least < at_most else f"{at_most} minute{'s' * (at_most > 1)}"
    return f" The wait to expect is {minutes}."
