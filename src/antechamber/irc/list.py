"""LIST: the channels, how many sit in each, how many wait, and their topics.

RFC 2812, section 3.2.6; the conditions (ELIST) are at https://modern.ircdocs.horse/#list-message
"""

from collections.abc import Callable

from antechamber.channel.modes import pattern
from antechamber.codec.irc.numerics import RPL_LIST, RPL_LISTEND, RPL_LISTSTART
from antechamber.irc.access import channel_of, reads_topic, sees
from antechamber.irc.exchange import EXAMINED_PER_COMMAND, Exchange
from antechamber.irc.users import User
from antechamber.irc.verbs import targets_in, verb
from antechamber.protocol.limits import LIST_CONDITIONS_MAX
from antechamber.protocol.text import fold
from antechamber.rooms.room import Room

_DIGITS_MAX = 9
"""How many digits the number in a condition may have."""
_MINUTE_SECONDS = 60.0


@verb(
    "LIST [<channel>…]",
    "Lists the channels, with their seats and waiting lines.",
    names=slice(None),
    cost=targets_in(0),
)
def list_channels(exchange: Exchange) -> None:
    """List the channels, or those of them that have one of the names and meet all of the conditions."""
    if not exchange.affords(len(exchange.network.rooms) // EXAMINED_PER_COMMAND):
        return
    exchange.reply(RPL_LISTSTART, "Channel")
    user, now = exchange.user, exchange.turn.time
    words = dict.fromkeys(word for word in exchange.param(0).split(",") if word)
    read = [(word, _condition(word, now, user)) for word in words]
    conditions = [holds for _, holds in read if holds is not None][:LIST_CONDITIONS_MAX]
    named = {fold(word) for word, holds in read if holds is None}
    for room in list(exchange.network.rooms.values()):
        is_named = not named or fold(channel_of(room)) in named
        if not room.stopped and is_named and sees(user, room) and all(holds(room) for holds in conditions):
            exchange.reply(RPL_LIST, channel_of(room), str(len(room.channel.seated)), text=_about(user, room))
    exchange.reply(RPL_LISTEND)


def _about(user: User, room: Room) -> str:
    """Return how full a channel is, if its seats are limited, and its topic, if the user may know that."""
    channel, topic = room.channel, room.topic_now if reads_topic(user, room) else ""
    if channel.limit is None:
        return topic
    line = "" if room.is_open else f", {len(channel.waiting)} waiting"
    return f"[{len(channel.seated)}/{channel.limit}{line}] {topic}".rstrip()


def _condition(word: str, now: float, user: User) -> Callable[[Room], bool] | None:
    """Return the condition that a word puts on a channel, None if the word is a channel's name.

    `>5` and `<5` compare how many sit in it, `T>5` and `T<5` how many minutes ago its topic was set. A word with `*` or
    `?` is a mask of names; after `!` it is a mask of names to leave out. ISUPPORT calls this `ELIST=MNTU`.
    """
    of_topic, measure = word[0] in "Tt", word[1:] if word[0] in "Tt" else word
    sign, digits = measure[:1], measure[1:]
    if sign in ("<", ">") and digits.isascii() and digits.isdigit() and len(digits) <= _DIGITS_MAX:
        return _topic_of_age(sign, int(digits), now, user) if of_topic else _of_size(sign, int(digits))
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


def _topic_of_age(sign: str, minutes: int, now: float, user: User) -> Callable[[Room], bool]:
    """Compare the age of a topic that the user may know. A topic from the config has no age."""
    since = now - minutes * _MINUTE_SECONDS
    if sign == ">":
        return lambda room: reads_topic(user, room) and 0 < room.topic_at < since
    return lambda room: reads_topic(user, room) and room.topic_at > since
