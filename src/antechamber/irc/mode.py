"""MODE of a channel: what holds in it, its lists, and changes, each refused on its own."""

from collections.abc import Iterator
from typing import NamedTuple

from antechamber.channel.modes import FLAGS, LISTS, ROLES
from antechamber.codec.irc.decoding import SERVER_NAME, Line, source_of
from antechamber.codec.irc.numerics import (
    ERR_BANLISTFULL,
    ERR_CHANOPRIVSNEEDED,
    ERR_INVALIDKEY,
    ERR_INVALIDMODEPARAM,
    ERR_NOSUCHNICK,
    ERR_NOTONCHANNEL,
    ERR_UNKNOWNMODE,
    ERR_USERNOTINCHANNEL,
    RPL_BANLIST,
    RPL_CHANNELMODEIS,
    RPL_CREATIONTIME,
    RPL_ENDOFBANLIST,
    RPL_ENDOFEXCEPTLIST,
    RPL_ENDOFINVEXLIST,
    RPL_EXCEPTLIST,
    RPL_INVEXLIST,
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
from antechamber.irc.network import Network
from antechamber.irc.users import User
from antechamber.protocol.commands import SetModes
from antechamber.protocol.events import ModeChange
from antechamber.protocol.limits import MODE_CHANGES_MAX
from antechamber.protocol.refusals import Refused
from antechamber.rooms.room import Room

_LISTS: dict[str, tuple[Numeric, Numeric]] = {
    "b": (RPL_BANLIST, RPL_ENDOFBANLIST),
    "e": (RPL_EXCEPTLIST, RPL_ENDOFEXCEPTLIST),
    "I": (RPL_INVEXLIST, RPL_ENDOFINVEXLIST),
}
"""How each list is told, and how its end."""


class _Unknown(NamedTuple):
    """A letter that is no mode."""

    letter: str


class _Lacking(NamedTuple):
    """A change that lacks what it is of."""

    letter: str


class _Asked(NamedTuple):
    """A list that is asked for."""

    letter: str


def channel_mode(network: Network, user: User, line: Line) -> None:
    """Tell what holds in a channel, tell one of its lists, or change something."""
    channel, *words = line.params
    room = room_called(network, user, channel)
    if room is None:
        return
    if not words:
        _tell(network, user, room)
        return
    wanted = list(_read(words))
    for letter in dict.fromkeys(one.letter for one in wanted if isinstance(one, _Asked)):
        _tell_list(network, user, room, letter)
    rest = [one for one in wanted if not isinstance(one, _Asked)]
    if rest:
        _change(network, user, room, rest)


def _tell(network: Network, user: User, room: Room) -> None:
    channel, modes = room.channel, room.channel.modes
    if not sees(user, room):
        network.reply(user, ERR_NOTONCHANNEL, channel_of(room))
        return
    letters, arguments = set(modes.flags), []
    if modes.key:
        letters.add("k")
        arguments.append(modes.key if sits_in(user, room) else "*")
    if channel.limit is not None:
        letters.add("l")
        arguments.append(str(channel.limit))
    network.reply(user, RPL_CHANNELMODEIS, channel_of(room), "+" + "".join(sorted(letters)), *arguments)
    network.reply(user, RPL_CREATIONTIME, channel_of(room), str(int(room.log.opened_at)))


def _tell_list(network: Network, user: User, room: Room, letter: str) -> None:
    """Tell who is banned to anybody, and the other lists to the channel's operators."""
    if letter != "b" and not rules(user, room):
        network.reply(user, ERR_CHANOPRIVSNEEDED, channel_of(room))
        return
    if not sees(user, room):
        network.reply(user, ERR_NOTONCHANNEL, channel_of(room))
        return
    each, end = _LISTS[letter]
    epoch = network.turn.time - network.turn.steady
    for mask, (by, since) in room.channel.modes.masks(letter).items():
        setter = source_of(by, room.hosts.get(by, "")) if by else SERVER_NAME
        network.reply(user, each, channel_of(room), mask, setter, str(int(since + epoch)))
    network.reply(user, end, channel_of(room))


def _read(words: list[str]) -> Iterator[ModeChange | _Unknown | _Lacking | _Asked]:
    """Read changes of modes, such as `+o-v Mary Bob`."""
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


def _change(network: Network, user: User, room: Room, wanted: list[ModeChange | _Unknown | _Lacking]) -> None:
    if acts_in(network, user, channel_of(room)) is None:
        return
    if not rules(user, room):
        network.reply(user, ERR_CHANOPRIVSNEEDED, channel_of(room))
        return
    if len(wanted) > MODE_CHANGES_MAX:
        refused = Refused("too-many-modes", f"One command makes at most {MODE_CHANGES_MAX} changes.")
        refuse(network, user, "MODE", room, refused)
        return
    for letter in [one.letter for one in wanted if isinstance(one, _Unknown)]:
        network.reply(user, ERR_UNKNOWNMODE, letter)
    for letter in [one.letter for one in wanted if isinstance(one, _Lacking)]:
        network.reply(
            user, ERR_INVALIDMODEPARAM, channel_of(room), letter, "*", text=f"Mode {letter} needs a parameter."
        )
    changes = [one for one in wanted if isinstance(one, ModeChange)]
    accepted, declined = room.channel.sift(changes, user.name, network.turn.steady)
    for change, refused in declined:
        _refuse_change(network, user, room, change, refused)
    if accepted:
        carry_out(network, user, "MODE", room, SetModes(tuple(accepted), room.name))


def _refuse_change(network: Network, user: User, room: Room, change: ModeChange, refused: Refused) -> None:
    """Tell a user why one of its changes is not made."""
    channel, letter, argument = channel_of(room), change.mode[1], change.argument or "*"
    if refused.code == "not-here":
        is_somewhere = network.users.get(argument) is not None or member_called(room, argument) is not None
        if is_somewhere:
            network.reply(user, ERR_USERNOTINCHANNEL, argument, channel)
        else:
            network.reply(user, ERR_NOSUCHNICK, argument)
    elif refused.code == "list-full":
        network.reply(user, ERR_BANLISTFULL, channel, letter)
    elif refused.code == "bad-key":
        network.reply(user, ERR_INVALIDKEY, channel)
    else:
        # A parameter that has a space, or begins with a colon, would be another one on the line.
        shown = argument if " " not in argument and argument[0] != ":" else "*"
        network.reply(user, ERR_INVALIDMODEPARAM, channel, letter, shown, text=refused.text)
