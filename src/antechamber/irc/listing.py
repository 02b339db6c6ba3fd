"""LIST: the channels, how many sit in each and how many wait, and what each is about."""

from collections.abc import Callable, Mapping

from antechamber.codec.irc import Line
from antechamber.codec.irc_numerics import RPL_LIST, RPL_LISTEND, RPL_LISTSTART
from antechamber.irc.network import LOOKED_AT_A_COMMAND, Handler, Network
from antechamber.irc.rights import channel_of, sees
from antechamber.irc.users import User
from antechamber.modes import pattern
from antechamber.room import Room
from antechamber.text import fold

_DIGITS_MAX = 9
_MINUTE_SECONDS = 60.0


def listing(network: Network, user: User, line: Line) -> None:
    """Tell of the channels that are asked for, by name or by what they are; of all where nothing is asked."""
    if not network.affords(user, "LIST", len(network.rooms) // LOOKED_AT_A_COMMAND):
        return
    network.reply(user, RPL_LISTSTART, "Channel")
    words = [word for word in (line.params[0].split(",") if line.params else []) if word]
    now = network.turn.time
    conditions = [found for word in words if (found := _condition(word, now)) is not None]
    named = [word for word in words if _condition(word, now) is None]
    wanted = {fold(word) for word in named}
    for room in list(network.rooms.values()):
        is_named = not named or fold(channel_of(room)) in wanted
        if not room.stopped and is_named and sees(user, room) and all(holds(room) for holds in conditions):
            network.reply(user, RPL_LIST, channel_of(room), str(len(room.channel.seated)), text=_about(room))
    network.reply(user, RPL_LISTEND)


def _about(room: Room) -> str:
    """Return how full a channel is, where that is bounded, and what it is about."""
    channel = room.channel
    if channel.limit is None:
        return room.topic_now
    line = "" if room.is_open else f", {len(channel.waiting)} waiting"
    return f"[{len(channel.seated)}/{channel.limit}{line}] {room.topic_now}".rstrip()


def _condition(word: str, now: float) -> Callable[[Room], bool] | None:
    """Return what a word asks of a channel; None where it is a channel's name.

    `>5` and `<5` are how many sit in it, `T>5` and `T<5` how many minutes ago its topic was set; a word with `*` or `?`
    is a mask of names, and what begins with `!` one of names that are not asked for. ISUPPORT tells it as `ELIST=MNTU`.
    """
    of_topic, measure = word[0] in "Tt", word[1:] if word[0] in "Tt" else word
    sign, digits = measure[:1], measure[1:]
    if sign in ("<", ">") and digits.isascii() and digits.isdigit() and len(digits) <= _DIGITS_MAX:
        return _topic_of_age(sign, int(digits), now) if of_topic else _of_size(sign, int(digits))
    if word[0] == "!" and len(word) > 1:
        unwanted = pattern(word[1:])
        return lambda room: unwanted.match(fold(channel_of(room))) is None
    if "*" in word or "?" in word:
        mask = pattern(word)
        return lambda room: mask.match(fold(channel_of(room))) is not None
    return None


def _of_size(sign: str, members: int) -> Callable[[Room], bool]:
    if sign == ">":
        return lambda room: len(room.channel.seated) > members
    return lambda room: len(room.channel.seated) < members


def _topic_of_age(sign: str, minutes: int, now: float) -> Callable[[Room], bool]:
    """Compare how old a topic is. Of one that stands in the config nobody knows."""
    since = now - minutes * _MINUTE_SECONDS
    if sign == ">":
        return lambda room: 0 < room.topic_at < since
    return lambda room: room.topic_at > since


VERBS: Mapping[str, Handler] = {"LIST": listing}
