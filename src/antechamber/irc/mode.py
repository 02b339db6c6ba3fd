"""MODE: the modes, roles and lists of a channel, and a user's own modes.

RFC 2812, sections 3.2.3 and 3.1.5.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from antechamber.channel.decide import sift
from antechamber.channel.modes import FLAGS, LISTS, ROLES
from antechamber.codec.irc.decoding import SERVER_NAME, message, source_of
from antechamber.codec.irc.numerics import (
    ERR_BANLISTFULL,
    ERR_CHANOPRIVSNEEDED,
    ERR_INVALIDKEY,
    ERR_INVALIDMODEPARAM,
    ERR_NOSUCHNICK,
    ERR_NOTONCHANNEL,
    ERR_UMODEUNKNOWNFLAG,
    ERR_UNKNOWNMODE,
    ERR_USERNOTINCHANNEL,
    ERR_USERSDONTMATCH,
    RPL_BANLIST,
    RPL_CHANNELMODEIS,
    RPL_CREATIONTIME,
    RPL_ENDOFBANLIST,
    RPL_ENDOFEXCEPTLIST,
    RPL_ENDOFINVEXLIST,
    RPL_EXCEPTLIST,
    RPL_INVEXLIST,
    RPL_UMODEIS,
    Numeric,
)
from antechamber.irc.access import (
    acts_in,
    carry_out,
    channel_of,
    member_called,
    refuse,
    room_called,
    rules,
    sees,
    sits_in,
)
from antechamber.irc.exchange import Exchange
from antechamber.irc.isupport import USER_MODES
from antechamber.irc.people import find
from antechamber.irc.verbs import verb
from antechamber.protocol.commands import SetModes
from antechamber.protocol.events import ModeChange
from antechamber.protocol.limits import MODE_CHANGES_MAX
from antechamber.protocol.refusals import Refused
from antechamber.protocol.text import fold
from antechamber.rooms.room import Room

_LISTS: dict[str, tuple[Numeric, Numeric]] = {
    "b": (RPL_BANLIST, RPL_ENDOFBANLIST),
    "e": (RPL_EXCEPTLIST, RPL_ENDOFEXCEPTLIST),
    "I": (RPL_INVEXLIST, RPL_ENDOFINVEXLIST),
}
"""The numeric of each entry of a list, and of its end."""


class _Unknown(NamedTuple):
    """A letter that is not a mode."""

    letter: str


class _Lacking(NamedTuple):
    """A change that lacks its parameter."""

    letter: str


class _Asked(NamedTuple):
    """A list that the user wants to see."""

    letter: str


def _changes(params: Sequence[str]) -> int:
    """Return how many changes a MODE makes, at least 1."""
    return max(sum(letter not in "+-" for letter in params[1]), 1) if len(params) > 1 else 1


@verb(
    "MODE <channel or nick> [<modes> [<parameter>…]]",
    "Shows or changes modes.",
    params_min=1,
    is_logged=True,
    names=slice(None),
    cost=_changes,
    are_secret=True,
)
def mode(exchange: Exchange) -> None:
    """Tell or change the modes of a channel, or those of the user itself."""
    target = exchange.param(0)
    if target[:1] == "#":
        _channel_mode(exchange)
    elif fold(target) != fold(exchange.user.name):
        known = find(exchange, target) is not None
        exchange.reply(*((ERR_USERSDONTMATCH,) if known else (ERR_NOSUCHNICK, target)))
    elif len(exchange.params) == 1:
        exchange.reply(RPL_UMODEIS, f"+{exchange.user.modes}")
    else:
        _change_own(exchange, exchange.param(1))


# A channel's modes


def _channel_mode(exchange: Exchange) -> None:
    """Tell the modes of a channel or one of its lists, or change some."""
    channel, *words = exchange.params
    room = room_called(exchange, channel)
    if room is None:
        return
    if not words:
        _tell(exchange, room)
        return
    wanted = list(_read(words))
    for letter in dict.fromkeys(one.letter for one in wanted if isinstance(one, _Asked)):
        _tell_list(exchange, room, letter)
    rest = [one for one in wanted if not isinstance(one, _Asked)]
    if rest:
        _change(exchange, room, rest)


def _tell(exchange: Exchange, room: Room) -> None:
    channel, modes = room.channel, room.channel.modes
    if not sees(exchange.user, room):
        exchange.reply(ERR_NOTONCHANNEL, channel_of(room))
        return
    letters, arguments = set(modes.flags), []
    if modes.key:
        letters.add("k")
        arguments.append(modes.key if sits_in(exchange.user, room) else "*")
    if channel.limit is not None:
        letters.add("l")
        arguments.append(str(channel.limit))
    exchange.reply(RPL_CHANNELMODEIS, channel_of(room), "+" + "".join(sorted(letters)), *arguments)
    exchange.reply(RPL_CREATIONTIME, channel_of(room), str(int(room.log.opened_at)))


def _tell_list(exchange: Exchange, room: Room, letter: str) -> None:
    """Tell one of a channel's lists. Anybody may see who is banned; the other lists are for the channel's operators."""
    if letter != "b" and not rules(exchange.user, room):
        exchange.reply(ERR_CHANOPRIVSNEEDED, channel_of(room))
        return
    if not sees(exchange.user, room):
        exchange.reply(ERR_NOTONCHANNEL, channel_of(room))
        return
    each, end = _LISTS[letter]
    epoch = exchange.turn.time - exchange.turn.steady
    for mask, (by, since) in room.channel.modes.masks(letter).items():
        setter = source_of(by, room.hosts.get(by, "")) if by else SERVER_NAME
        exchange.reply(each, channel_of(room), mask, setter, str(int(since + epoch)))
    exchange.reply(end, channel_of(room))


def _read(words: list[str]) -> Iterator[ModeChange | _Unknown | _Lacking | _Asked]:
    """Read changes of modes, such as `+o-v Mary Bob`, one after the other."""
    letters, *arguments = words
    left = iter(arguments)
    sign = "+"
    for letter in letters:
        if letter in "+-":
            sign = letter
        elif letter in FLAGS or (letter == "l" and sign == "-"):
            yield ModeChange(sign + letter)
        elif letter == "k" and sign == "-":
            yield ModeChange("-k", next(left, "*"))
        elif letter in (*LISTS, *ROLES, "k", "l"):
            argument = next(left, "")
            if argument:
                yield ModeChange(sign + letter, argument)
            else:
                yield _Asked(letter) if letter in LISTS else _Lacking(letter)
        else:
            yield _Unknown(letter)


def _change(exchange: Exchange, room: Room, wanted: list[ModeChange | _Unknown | _Lacking]) -> None:
    if acts_in(exchange, channel_of(room)) is None:
        return
    if not rules(exchange.user, room):
        exchange.reply(ERR_CHANOPRIVSNEEDED, channel_of(room))
        return
    if len(wanted) > MODE_CHANGES_MAX:
        refused = Refused("too-many-modes", f"One command makes at most {MODE_CHANGES_MAX} changes.")
        refuse(exchange, room, refused)
        return
    for letter in [one.letter for one in wanted if isinstance(one, _Unknown)]:
        exchange.reply(ERR_UNKNOWNMODE, letter)
    for letter in [one.letter for one in wanted if isinstance(one, _Lacking)]:
        text = f"Mode {letter} needs a parameter."
        exchange.reply(ERR_INVALIDMODEPARAM, channel_of(room), letter, "*", text=text)
    changes = [one for one in wanted if isinstance(one, ModeChange)]
    accepted, declined = sift(room.channel, changes, exchange.user.name, exchange.turn.steady)
    for change, refused in declined:
        _refuse_change(exchange, room, change, refused)
    if accepted:
        carry_out(exchange, room, SetModes(tuple(accepted), room.name))


def _refuse_change(exchange: Exchange, room: Room, change: ModeChange, refused: Refused) -> None:
    """Tell the user why one of its changes was not made."""
    channel, letter, argument = channel_of(room), change.mode[1], change.argument or "*"
    if refused.code == "not-here":
        is_somewhere = exchange.network.users.get(argument) is not None or member_called(room, argument) is not None
        if is_somewhere:
            exchange.reply(ERR_USERNOTINCHANNEL, argument, channel)
        else:
            exchange.reply(ERR_NOSUCHNICK, argument)
    elif refused.code == "list-full":
        exchange.reply(ERR_BANLISTFULL, channel, letter)
    elif refused.code == "bad-key":
        exchange.reply(ERR_INVALIDKEY, channel)
    else:
        # On the line, a parameter that has a space or begins with a colon would be read as another one.
        shown = argument if " " not in argument and argument[0] != ":" else "*"
        exchange.reply(ERR_INVALIDMODEPARAM, channel, letter, shown, text=refused.text)


# A user's own modes


def _change_own(exchange: Exchange, asked: str) -> None:
    """Change the user's modes. MODE makes nobody an operator, but an operator may give that up."""
    modes, sign, is_unknown = set(exchange.user.modes), "+", False
    for letter in asked:
        if letter in "+-":
            sign = letter
        elif letter not in USER_MODES:
            is_unknown = True
        elif sign == "-":
            modes.discard(letter)
        elif letter != "o":
            modes.add(letter)
    if is_unknown:
        exchange.reply(ERR_UMODEUNKNOWNFLAG)
    set_modes(exchange, "".join(sorted(modes)))


def set_modes(exchange: Exchange, modes: str) -> None:
    """Replace all modes of the user, whom mode `o` makes an operator, and tell it what has changed."""
    user, before = exchange.user, exchange.user.modes
    if modes == before:
        return
    exchange.network.users.set_modes(exchange.turn, user, modes)
    removed, added = sorted(set(before) - set(modes)), sorted(set(modes) - set(before))
    change = ("+" + "".join(added) if added else "") + ("-" + "".join(removed) if removed else "")
    exchange.send(message(user.source, "MODE", user.name, change, trailing=True))
