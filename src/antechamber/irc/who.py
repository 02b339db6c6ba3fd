"""WHO: everybody in a channel, or everybody whom a mask is for; with WHOX, in the fields that are asked for."""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from antechamber.channel.modes import pattern
from antechamber.codec.irc.capabilities import Capability
from antechamber.codec.irc.decoding import SERVER_NAME, USER_NAME, Line, fold
from antechamber.codec.irc.numerics import ERR_TOOMANYMATCHES, RPL_ENDOFWHO, RPL_WHOREPLY, RPL_WHOSPCRPL
from antechamber.irc.access import channel_of, sees, sits_in
from antechamber.irc.network import LOOKED_AT_A_COMMAND, Network
from antechamber.irc.people import Person, find, members, neighbours, person, rooms_of
from antechamber.irc.users import User
from antechamber.irc.verbs import verb
from antechamber.protocol.limits import WHO_REPLIES_MAX
from antechamber.rooms.room import Room

_FIELDS = "tcuihsnfdlaor"
"""The fields of WHOX, in the order in which they are told whatever the order of the question."""
_MATCHED = "nuhsr"
"""What a mask is compared with, where the question does not say: nick, user name, host, server and real name."""
_TOKEN = re.compile(r"[0-9]{1,3}")


class _Question(NamedTuple):
    """How people are asked about: what of them a mask is compared with, and the fields that are told."""

    matched: str
    fields: str
    token: str
    only_operators: bool


class _Answer(NamedTuple):
    """Somebody who is told of, in a room where the question was about one."""

    person: Person
    room: Room | None


@verb("WHO <channel or mask> [o][%<fields>[,<token>]]", "Lists people.", names=slice(1))
def _who(network: Network, user: User, line: Line) -> None:
    mask = line.params[0] if line.params and line.params[0] else "*"
    room = network.room(mask) if mask[0] == "#" else None
    looked_at = len(network.users) if room is None else len(room.channel.seated)
    if not network.affords(user, "WHO", looked_at // LOOKED_AT_A_COMMAND):
        return
    question = _read(line.params[1] if len(line.params) > 1 else "")
    found = _found(network, user, mask, question)
    if question.only_operators:
        found = (answer for answer in found if answer.person.is_operator)
    told = list(islice(found, WHO_REPLIES_MAX + 1))
    for answer in told[:WHO_REPLIES_MAX]:
        _tell(network, user, answer, question)
    if len(told) > WHO_REPLIES_MAX:
        network.reply(user, ERR_TOOMANYMATCHES, mask)
    network.reply(user, RPL_ENDOFWHO, mask)


def _read(words: str) -> _Question:
    flags, percent, asked = words.partition("%")
    fields, _, token = asked.partition(",")
    wanted = "".join(field for field in _FIELDS if field in fields) if percent else ""
    matched = "".join(field for field in _MATCHED if field in flags) or _MATCHED
    return _Question(matched, wanted, token if _TOKEN.fullmatch(token) else "0", "o" in flags)


def _found(network: Network, user: User, mask: str, question: _Question) -> Iterator[_Answer]:
    if mask[0] == "#":
        room = network.room(mask)
        if room is not None and not room.stopped and sees(user, room):
            yield from _in_room(network, user, room)
    elif "*" not in mask and "?" not in mask and (one := find(network, user, mask)) is not None:
        yield _Answer(one, None)
    else:
        yield from _matching(network, user, mask, question)


def _in_room(network: Network, user: User, room: Room) -> Iterator[_Answer]:
    """Return who sits in a room; to a stranger, of those on IRC whoever does not hide."""
    if user.operator or sits_in(user, room):
        yield from (_Answer(one, room) for one in members(room))
    else:
        yield from (_Answer(one, room) for one in members(room) if one.user is not None and "i" not in one.user.modes)


def _matching(network: Network, user: User, mask: str, question: _Question) -> Iterator[_Answer]:
    """Return everybody whom the mask is for and the user may see, each once."""
    is_meant = pattern(mask)
    for one in _visible(network, user):
        words = {"n": one.nick, "u": USER_NAME, "h": one.host, "s": SERVER_NAME, "r": one.realname}
        if any(is_meant.match(fold(words[field])) for field in question.matched):
            yield _Answer(one, None)


def _visible(network: Network, user: User) -> Iterable[Person]:
    near = {user, *neighbours(network, user)}
    for other in network.users:
        if "i" not in other.modes or user.operator or other in near:
            yield person(other)
    told: set[str] = set()
    for room in rooms_of(network, user):
        for one in members(room):
            if one.user is None and one.name not in told:
                told.add(one.name)
                yield one


def _tell(network: Network, user: User, answer: _Answer, question: _Question) -> None:
    one, room = answer
    channel = channel_of(room) if room is not None else "*"
    flags = _flags(user, one, room)
    if not question.fields:
        words = (channel, USER_NAME, one.host, SERVER_NAME, one.nick, flags)
        network.reply(user, RPL_WHOREPLY, *words, text=f"0 {one.realname}")
        return
    values = {
        "t": question.token,
        "c": channel,
        "u": USER_NAME,
        "i": "255.255.255.255",  # what everybody says who tells no address
        "h": one.host,
        "s": SERVER_NAME,
        "n": one.nick,
        "f": flags,
        "d": "0",
        "l": str(idle_seconds(network, one, room)),
        "a": "0",
        "o": "n/a",
    }
    told = [values[field] for field in question.fields if field != "r"]
    network.reply(user, RPL_WHOSPCRPL, *told, text=one.realname if "r" in question.fields else None)


def _flags(user: User, one: Person, room: Room | None) -> str:
    """Return who is here or gone, an operator of the server, of what role in the channel, and a program."""
    role = ""
    if room is not None:
        modes = room.channel.modes
        role = modes.prefixes(one.name) if user.has(Capability.MULTI_PREFIX) else modes.prefix(one.name)
    star, bot = "*" if one.is_operator else "", "B" if one.is_bot else ""
    return f"{'H' if one.away is None else 'G'}{star}{role}{bot}"


def idle_seconds(network: Network, one: Person, room: Room | None) -> int:
    """Return for how long somebody has said nothing; of a member from elsewhere, in a room."""
    steady = network.turn.steady
    if one.user is not None:
        return int(steady - one.user.active_at)
    seat = room.channel.seated.get(one.name) if room is not None else None
    return max(int(steady - seat.active_at), 0) if seat is not None else 0
