"""What a channel decides: whether a command is carried out, and by which events. Pure: no clock is read, no I/O done.

`decide` judges a command and changes nothing: it returns events, or a refusal. `Channel.apply` then takes the events.
So replaying a log through `apply` gives the same channel.

What holds after every decision's events (`tests/channel/test_channel_machine.py` checks it against a naive model):

* at most `capacity` members are seated, unless the capacity was lowered under them;
* nobody who is present waits while a seat is free, and seats go to those present in the order of the line: members who
  are `away` keep their place and are passed over;
* nobody who is banned waits, or gets a seat;
* a name is held once, in a seat or in the line, never both.

`decide` is told who asks: a member, or "" for the server's operator. What only an operator of the channel may do is
refused to all others here, so that no port can forget to check it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain, islice
from typing import Any

from antechamber.channel.channel import Channel
from antechamber.channel.modes import LISTS, Ground, Modes
from antechamber.protocol.commands import (
    Announce,
    Command,
    Empty,
    Expire,
    Invite,
    Join,
    Kick,
    Leave,
    Move,
    Mute,
    Rename,
    Say,
    Send,
    SetModes,
    SetTopic,
    Tag,
    Whisper,
)
from antechamber.protocol.events import (
    Announced,
    AnyEvent,
    Emptied,
    Invited,
    Left,
    LeftReason,
    ModeChange,
    ModesSet,
    Moved,
    Muted,
    Queued,
    Renamed,
    Said,
    Seated,
    Tagged,
    TopicSet,
)
from antechamber.protocol.limits import LAST_WORDS_CHARACTERS_MAX, MODE_CHANGES_MAX, TOPIC_CHARACTERS_MAX
from antechamber.protocol.refusals import NOT_OPERATOR, Decision, Refused
from antechamber.protocol.text import is_same_secret, member_name_problem

SENDING = "send files"
"""What a ban forbids even after a member was allowed to send a file."""
WHISPERING = "whisper"
"""What a ban forbids on IRC as well, where private messages belong to no channel."""
WAITING = Refused("waiting", "You are waiting for a seat: until then only /list, /switch and /quit work.")
"""The refusal of what only seated members may do."""

_NEW_MODES = Modes()
_Handler = Callable[[Channel, Any, str, float], Decision]
_WORDED = frozenset(("+b", "+e", "+I", "+k"))
"""The mode changes with a text that others read, besides names."""
_FOR_OPERATORS = frozenset((SetModes, Kick, Mute, Empty, Move, Announce))
"""The commands that only operators of the channel, or of the server, may give."""


def decide(channel: Channel, command: Command, name: str, time: float) -> Decision:
    """Judge a command by a member, or the operator if `name` is "": return the events that carry it out, or why not."""
    kind = type(command)
    if kind in _FOR_OPERATORS and name and not channel.modes.is_operator(name):
        return NOT_OPERATOR
    if command.needs_seat and name not in channel.seated:
        return WAITING
    return _HANDLERS[kind](channel, command, name, time)


def admit(channel: Channel) -> Sequence[Seated]:
    """Return the events that seat waiting members while seats are free: some were added, or a member came back."""
    return tuple(_promotions(channel, 0))


def turned_away(channel: Channel) -> Sequence[Left]:
    """Return the events by which banned members leave the line: a log of an earlier version may have some there."""
    return _banned_from_line(channel, channel.modes, "")


def may_speak(channel: Channel, name: str, time: float, host: str = "") -> Refused | None:
    """Return a refusal if nobody may read what somebody writes, because of a mute; None otherwise.

    Every text that others read passes this: messages in any form, to all or to one, topics, names, masks and last
    words. The `host` is needed only for somebody who is not a member.
    """
    until = channel.muted_until(name, host) if name else 0.0
    return Refused("muted", f"You are still muted for {int(until - time)} seconds.") if until > time else None


def last_words(channel: Channel, name: str, text: str, time: float) -> str:
    """Return what others read of somebody's last words, or reason for a kick; "" if they are muted."""
    return "" if may_speak(channel, name, time) else text[:LAST_WORDS_CHARACTERS_MAX]


def may_say(channel: Channel, name: str, time: float, host: str = "") -> Refused | None:
    """Return why somebody may not talk, None if they may. The `host` is needed for those who are not members."""
    seat = channel.seated.get(name)
    if seat is None:
        if not channel.is_open or "n" in channel.modes.flags or not name:
            return _seatless(channel, name)
        return may_speak(channel, name, time, host) or _restrained(channel, name, host)
    if seat.muted_until > time:
        return may_speak(channel, name, time)
    return _restrained(channel, name, seat.membership.host) if channel.modes.restrains else None


def barred(channel: Channel, name: str, deed: str) -> Refused | None:
    """Return a refusal of a deed, in words, if a ban on the member forbids it."""
    membership = channel.membership(name)
    return None if membership is None else _ban(channel, name, membership.host, deed)


def sift(
    channel: Channel, changes: Iterable[ModeChange], by: str, time: float
) -> tuple[list[ModeChange], list[tuple[ModeChange, Refused]]]:
    """Divide mode changes, made one after the other, into those that change something and those that are refused.

    The former are spelt as in events. Whether `by` may ask for them is not judged here.
    """
    modes = channel.modes.copy()
    ground = Ground(channel.is_open, channel.limits.capacity_max, channel.seated)
    accepted, declined = [], []
    for change in changes:
        judged = modes.judge(change, ground)
        if isinstance(judged, Refused):
            declined.append((change, judged))
        elif judged is not None:
            modes.apply(judged, by, time)
            accepted.append(judged)
    return accepted, declined


def reset(channel: Channel) -> list[AnyEvent]:
    """Return the events that restore the modes and topic of a new channel, for an open one whose last member has left.

    They are entries like any others, so that replaying the log gives a new channel as well.
    """
    modes = channel.modes
    changes = [ModeChange(f"-{letter}") for letter in sorted(modes.flags - _NEW_MODES.flags)]
    changes += [ModeChange(f"+{letter}") for letter in sorted(_NEW_MODES.flags - modes.flags)]
    if modes.key:
        changes.append(ModeChange("-k", "*"))
    if modes.limit is not None:
        changes.append(ModeChange("-l"))
    changes += [ModeChange(f"-{letter}", mask) for letter in LISTS for mask in modes.masks(letter)]
    events: list[AnyEvent] = [ModesSet("", tuple(changes))] if changes else []
    if channel.topic:
        events.append(TopicSet("", ""))
    return events


# Coming and going


def _join(channel: Channel, command: Join, name: str, _: float) -> Decision:
    if _is_member(channel, name):
        return Refused("name-taken", f"Cannot connect to the {channel.name} channel.")
    if problem := member_name_problem(name, channel.limits.name_characters_max):
        return Refused("bad-name", problem)
    queued = Queued(name, command.holds, command.origins, command.host)
    if channel.is_vacant:
        return (queued, Seated(name), ModesSet("", (ModeChange("+o", name),)))
    if closed := _closed(channel, command, name):
        return closed
    if channel.is_open:
        limit = channel.capacity if channel.modes.limit is None else min(channel.modes.limit, channel.capacity)
        if len(channel.seated) >= limit:
            return Refused("full", f"The {channel.name} channel is full.")
    promotions = tuple(_promotions(channel, 0, (name,)))
    if Seated(name) not in promotions and len(channel.waiting) >= channel.limits.waiting_max:
        return Refused("queue-full", f"The waiting queue of the {channel.name} channel is full.")
    return (queued, *promotions)


def _closed(channel: Channel, command: Join, name: str) -> Refused | None:
    modes = channel.modes
    if modes.matches(name, command.host):
        return Refused("banned", f"You are banned from the {channel.name} channel.")
    if "i" in modes.flags and not modes.admits(name, command.host, command.marks):
        return Refused("invite-only", f"Only the invited may enter the {channel.name} channel.")
    if modes.key and not is_same_secret(modes.key, command.key):
        return Refused("wrong-key", f"The {channel.name} channel opens to those who know its key.")
    return None


def _leave(channel: Channel, command: Leave, name: str, time: float) -> Decision:
    text = command.text[:LAST_WORDS_CHARACTERS_MAX]
    if command.reason != "lost":
        text = last_words(channel, name, text, time) or command.otherwise
    return _departure(channel, name, command.reason, text=text)


def _rename(channel: Channel, command: Rename, name: str, time: float) -> Decision:
    membership = channel.membership(name)
    if membership is None:
        return _stranger(channel, name)
    if command.name == name:
        return ()
    if muted := may_speak(channel, name, time):
        return muted
    if problem := member_name_problem(command.name, channel.limits.name_characters_max):
        return Refused("bad-name", problem)
    if _is_member(channel, command.name):
        return Refused("name-taken", f"Somebody called {command.name} is in the {channel.name} channel already.")
    if _is_barred(channel, name, membership.host):
        return Refused("banned-rename", f"You are banned in the {channel.name} channel, so you keep your name there.")
    if name in channel.waiting and _is_barred(channel, command.name, membership.host):
        return Refused("banned-rename", f"The name {command.name} is banned from the {channel.name} channel.")
    return (Renamed(name, command.name),)


def _expire(channel: Channel, _: Expire, name: str, time: float) -> Decision:
    seat = channel.seated.get(name)
    if seat is None or channel.idle_at(seat) > time:
        return ()
    return _departure(channel, name, "idle")


def _departure(channel: Channel, name: str, reason: LeftReason, by: str = "", text: str = "") -> Decision:
    if name in channel.seated:
        return (Left(name, reason, True, by, text), *_promotions(channel, 1))
    if name in channel.waiting:
        return (Left(name, reason, False, by, text),)
    return ()


def _promotions(channel: Channel, freed: int, newcomers: Sequence[str] = ()) -> Iterable[Seated]:
    """Return who gets a seat once `freed` more seats are free and the newcomers are at the end of the line.

    This is the only way to a seat, so members who are away or banned are passed over here and nowhere else.
    """
    free = channel.capacity - len(channel.seated) + freed
    line = channel.waiting.items()
    ready = (name for name, one in line if name not in channel.away and not _is_barred(channel, name, one.host))
    return map(Seated, islice(chain(ready, newcomers), max(free, 0)))


# Talking


def _say(channel: Channel, command: Say, name: str, time: float) -> Decision:
    return may_say(channel, name, time) or (Said(name, command.text, command.id, command.form, command.tags),)


def _tag(channel: Channel, command: Tag, name: str, time: float) -> Decision:
    return may_say(channel, name, time) or (Tagged(name, command.tags),)


def _whisper(channel: Channel, command: Whisper, name: str, time: float) -> Decision:
    return may_speak(channel, name, time) or barred(channel, name, WHISPERING) or _absent(channel, command.to) or ()


def _send(channel: Channel, command: Send, name: str, _: float) -> Decision:
    return barred(channel, name, SENDING) or _absent(channel, command.to) or ()


def _set_topic(channel: Channel, command: SetTopic, name: str, time: float) -> Decision:
    keeps_from = may_speak if channel.modes.is_operator(name) else _keeps_topic_from
    if name and (refused := keeps_from(channel, name, time)):
        return refused
    if len(command.topic) > TOPIC_CHARACTERS_MAX:
        return Refused("too-long", f"A topic has at most {TOPIC_CHARACTERS_MAX} characters.")
    return () if command.topic == channel.topic else (TopicSet(name, command.topic),)


def _keeps_topic_from(channel: Channel, name: str, time: float) -> Refused | None:
    """Return why a member who is not an operator may not set the topic: if any may, it has to be one who may talk."""
    return NOT_OPERATOR if "t" in channel.modes.flags else _seatless(channel, name) or may_say(channel, name, time)


def _invite(channel: Channel, command: Invite, name: str, time: float) -> Decision:
    if name and not channel.modes.is_operator(name):
        if "i" in channel.modes.flags:
            return NOT_OPERATOR
        if refused := _seatless(channel, name) or barred(channel, name, "invite anybody"):
            return refused
    if muted := may_speak(channel, name, time):
        return muted
    if _is_member(channel, command.name):
        return Refused("already-here", f"{command.name} is in {channel.name} already.")
    if problem := member_name_problem(command.name, channel.limits.name_characters_max):
        return Refused("bad-name", problem)
    return (Invited(name, command.name),)


# For operators


def _set_modes(channel: Channel, command: SetModes, name: str, time: float) -> Decision:
    if len(command.changes) > MODE_CHANGES_MAX:
        return Refused("too-many-modes", f"One command makes at most {MODE_CHANGES_MAX} changes.")
    has_words = any(change.mode in _WORDED for change in command.changes)
    if has_words and (muted := may_speak(channel, name, time)):
        return muted
    accepted, declined = sift(channel, command.changes, name, time)
    if declined:
        return declined[0][1]
    if not accepted:
        return ()
    modes = channel.modes.copy()
    for change in accepted:
        modes.apply(change, name, time)
    return (ModesSet(name, tuple(accepted)), *_banned_from_line(channel, modes, name))


def _banned_from_line(channel: Channel, modes: Modes, by: str) -> Sequence[Left]:
    """Return the departures of waiting members that these modes ban: they would wait for a seat they cannot get."""
    text = f"Banned from the {channel.name} channel."
    banned = [name for name, membership in channel.waiting.items() if modes.matches(name, membership.host)]
    return tuple(Left(name, "kicked", False, by, text) for name in banned)


def _kick(channel: Channel, command: Kick, name: str, time: float) -> Decision:
    if not _is_member(channel, command.name):
        return _stranger(channel, command.name)
    if len(command.text) > LAST_WORDS_CHARACTERS_MAX:
        return Refused("too-long", f"Why somebody is kicked is said in {LAST_WORDS_CHARACTERS_MAX} characters.")
    return _departure(channel, command.name, "kicked", name, last_words(channel, name, command.text, time))


def _mute(channel: Channel, command: Mute, name: str, time: float) -> Decision:
    if absent := _absent(channel, command.name):
        return absent
    if not 0 < command.seconds <= channel.limits.mute_seconds_max:
        return Refused("invalid-mute-time", "Invalid mute time.")
    if command.name == name and (muted := may_speak(channel, name, time)):
        return muted  # a shorter mute would end the one in force
    return (Muted(command.name, command.seconds),)


def _empty(channel: Channel, _: Empty, __: str, ___: float) -> Decision:
    return (Emptied(), *_promotions(channel, len(channel.seated)))


def _move(channel: Channel, command: Move, _: str, __: float) -> Decision:
    if command.name not in channel.waiting:
        return Refused("not-waiting", f"{command.name} does not wait in {channel.name}.")
    if command.ahead < 0:
        return Refused("bad-place", "A place in the waiting queue has 0 or more members ahead of it.")
    ahead = min(command.ahead, len(channel.waiting) - 1)
    if list(channel.waiting).index(command.name) == ahead:
        return ()
    return (Moved(command.name, ahead),)


def _announce(channel: Channel, command: Announce, name: str, time: float) -> Decision:
    return may_speak(channel, name, time) or (Announced(command.text),)


# What these functions ask


def _is_member(channel: Channel, name: str) -> bool:
    return name in channel.seated or name in channel.waiting


def _stranger(channel: Channel, name: str) -> Refused:
    return Refused("not-in-channel", f"{name} is not in {channel.name}.")


def _seatless(channel: Channel, name: str) -> Refused | None:
    return None if name in channel.seated else WAITING


def _restrained(channel: Channel, name: str, host: str) -> Refused | None:
    if "m" in channel.modes.flags and name not in channel.modes.roles:
        return Refused("moderated", f"Only those who have a voice may talk in the {channel.name} channel now.")
    return _ban(channel, name, host, "talk")


def _ban(channel: Channel, name: str, host: str, deed: str) -> Refused | None:
    if not _is_barred(channel, name, host):
        return None
    return Refused("banned-talk", f"You are banned in the {channel.name} channel, so you cannot {deed} there.")


def _is_barred(channel: Channel, name: str, host: str) -> bool:
    """Return whether a ban is for somebody without a role that outweighs it."""
    return name not in channel.modes.roles and channel.modes.matches(name, host)


def _absent(channel: Channel, name: str) -> Refused | None:
    return None if name in channel.seated else Refused("not-here", f"{name} is not here.")


_HANDLERS: Mapping[type[Command], _Handler] = {
    Join: _join,
    Leave: _leave,
    Say: _say,
    Tag: _tag,
    Whisper: _whisper,
    Send: _send,
    Rename: _rename,
    SetTopic: _set_topic,
    Invite: _invite,
    SetModes: _set_modes,
    Kick: _kick,
    Mute: _mute,
    Empty: _empty,
    Move: _move,
    Announce: _announce,
    Expire: _expire,
}
DECIDED = frozenset(_HANDLERS)
"""The commands that a channel decides."""
