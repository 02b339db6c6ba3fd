"""WHO: the members of a channel, or all people who match a mask; WHOX chooses the fields.

RFC 2812, section 3.6.1; https://ircv3.net/specs/extensions/whox
"""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from antechamber.channel.modes import pattern
from antechamber.codec.irc.capabilities import Capability
from antechamber.codec.irc.decoding import SERVER_NAME, USER_NAME
from antechamber.codec.irc.numerics import ERR_TOOMANYMATCHES, RPL_ENDOFWHO, RPL_WHOREPLY, RPL_WHOSPCRPL
from antechamber.irc.access import channel_of, sees, sits_in
from antechamber.irc.exchange import EXAMINED_PER_COMMAND, Exchange
from antechamber.irc.people import Person, find, members, neighbours, person_of, rooms_of
from antechamber.irc.users import User
from antechamber.irc.verbs import verb
from antechamber.protocol.limits import WHO_REPLIES_MAX
from antechamber.protocol.text import fold
from antechamber.rooms.room import Room

_FIELDS = "tcuihsnfdlaor"
"""The fields of WHOX, in the order in which they are told, whatever the order in the question."""
_MATCHED = "nuhsr"
"""The fields that a mask is compared with by default: nick, user name, host, server and real name."""
_TOKEN = re.compile(r"[0-9]{1,3}")


class _Question(NamedTuple):
    """A question: the fields that the mask is compared with, and those that are told."""

    matched: str
    fields: str
    token: str
    only_operators: bool


class _Answer(NamedTuple):
    """Somebody in the answer, and the room that the question was about, if it was about one."""

    person: Person
    room: Room | None


@verb("WHO <channel or mask> [o][%<fields>[,<token>]]", "Lists people.", names=slice(1))
def who(exchange: Exchange) -> None:
    """List the members of a channel, or the people who match a mask."""
    mask = exchange.param(0) or "*"
    room = exchange.network.room(mask) if mask[0] == "#" else None
    examined = len(exchange.network.users) if room is None else len(room.channel.seated)
    if not exchange.affords(examined // EXAMINED_PER_COMMAND):
        return
    question = _read(exchange.param(1))
    found = _found(exchange, mask, question)
    if question.only_operators:
        found = (answer for answer in found if answer.person.is_operator)
    told = list(islice(found, WHO_REPLIES_MAX + 1))
    for answer in told[:WHO_REPLIES_MAX]:
        _tell(exchange, answer, question)
    if len(told) > WHO_REPLIES_MAX:
        exchange.reply(ERR_TOOMANYMATCHES, mask)
    exchange.reply(RPL_ENDOFWHO, mask)


def _read(words: str) -> _Question:
    flags, percent, asked = words.partition("%")
    fields, _, token = asked.partition(",")
    wanted = "".join(field for field in _FIELDS if field in fields) if percent else ""
    matched = "".join(field for field in _MATCHED if field in flags) or _MATCHED
    return _Question(matched, wanted, token if _TOKEN.fullmatch(token) else "0", "o" in flags)


def _found(exchange: Exchange, mask: str, question: _Question) -> Iterator[_Answer]:
    if mask[0] == "#":
        room = exchange.network.room(mask)
        if room is not None and not room.stopped and sees(exchange.user, room):
            yield from _in_room(exchange, room)
    elif "*" not in mask and "?" not in mask and (one := find(exchange, mask)) is not None:
        yield _Answer(one, None)
    else:
        yield from _matching(exchange, mask, question)


def _in_room(exchange: Exchange, room: Room) -> Iterator[_Answer]:
    """Yield the members of a room; to a stranger only those on IRC who are not invisible."""
    if exchange.user.operator or sits_in(exchange.user, room):
        yield from (_Answer(one, room) for one in members(room))
    else:
        yield from (_Answer(one, room) for one in members(room) if one.user is not None and "i" not in one.user.modes)


def _matching(exchange: Exchange, mask: str, question: _Question) -> Iterator[_Answer]:
    """Yield everybody who matches a mask and whom the user may see, each once."""
    compiled = pattern(mask)
    for one in _visible(exchange):
        words = {"n": one.nick, "u": USER_NAME, "h": one.host, "s": SERVER_NAME, "r": one.realname}
        if any(compiled.match(fold(words[field])) for field in question.matched):
            yield _Answer(one, None)


def _visible(exchange: Exchange) -> Iterable[Person]:
    near = {exchange.user, *neighbours(exchange)}
    for other in exchange.network.users:
        if "i" not in other.modes or exchange.user.operator or other in near:
            yield person_of(other)
    told: set[str] = set()
    for room in rooms_of(exchange):
        for one in members(room):
            if one.user is None and one.name not in told:
                told.add(one.name)
                yield one


def _tell(exchange: Exchange, answer: _Answer, question: _Question) -> None:
    one, room = answer
    channel = channel_of(room) if room is not None else "*"
    flags = _flags(exchange.user, one, room)
    if not question.fields:
        words = (channel, USER_NAME, one.host, SERVER_NAME, one.nick, flags)
        exchange.reply(RPL_WHOREPLY, *words, text=f"0 {one.realname}")
        return
    values = {
        "t": question.token,
        "c": channel,
        "u": USER_NAME,
        "i": "255.255.255.255",  # which means that the address is not told
        "h": one.host,
        "s": SERVER_NAME,
        "n": one.nick,
        "f": flags,
        "d": "0",
        "l": str(idle_seconds(exchange, one, room)),
        "a": "0",
        "o": "n/a",
    }
    told = [values[field] for field in question.fields if field != "r"]
    exchange.reply(RPL_WHOSPCRPL, *told, text=one.realname if "r" in question.fields else None)


def _flags(user: User, one: Person, room: Room | None) -> str:
    """Return the flags of somebody: here or gone, operator of the server, role in the channel, bot."""
    role = ""
    if room is not None:
        modes = room.channel.modes
        role = modes.prefixes(one.name) if user.has(Capability.MULTI_PREFIX) else modes.prefix(one.name)
    star, bot = "*" if one.is_operator else "", "B" if one.is_bot else ""
    return f"{'H' if one.away is None else 'G'}{star}{role}{bot}"


def idle_seconds(exchange: Exchange, one: Person, room: Room | None) -> int:
    """Return how long ago somebody last said something; for a member who is not on IRC, in a room."""
    steady = exchange.turn.steady
    if one.user is not None:
        return int(steady - one.user.active_at)
    seat = room.channel.seated.get(one.name) if room is not None else None
    return max(int(steady - seat.active_at), 0) if seat is not None else 0
