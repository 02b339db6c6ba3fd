"""KICK, MUTE, EMPTY, MOVE and ANNOUNCE: what the operators of a channel may do. All but KICK only this server has."""

from antechamber.codec.irc.decoding import Line, nick_of
from antechamber.codec.irc.numerics import (
    ERR_NEEDMOREPARAMS,
    ERR_NOTEXTTOSEND,
    ERR_TOOMANYTARGETS,
    ERR_USERNOTINCHANNEL,
)
from antechamber.irc.access import (
    carry_out,
    channel_of,
    member_called,
    rules_in,
)
from antechamber.irc.network import Network
from antechamber.irc.users import User
from antechamber.irc.verbs import targets_in, verb
from antechamber.protocol.commands import Announce, Empty, Kick, Move, Mute
from antechamber.protocol.limits import LAST_WORDS_CHARACTERS_MAX, TARGETS_MAX
from antechamber.rooms.room import Room

_DIGITS_MAX = 9
"""A number of more digits than this is none that a mute or a place can have."""


@verb(
    "KICK <channel> <nick>[,<nick>…] [:<reason>]",
    "Removes somebody from a channel, or from its waiting line.",
    params_min=2,
    is_logged=True,
    names=slice(2),
    cost=targets_in(0, 1),
)
def kick(network: Network, user: User, line: Line) -> None:
    """Throw members out of a channel, or one out of each of several; it stays theirs to come back."""
    channels = [channel for channel in line.params[0].split(",") if channel]
    nicks = [nick for nick in line.params[1].split(",") if nick]
    if not channels or not nicks or (len(channels) > 1 and len(channels) != len(nicks)):
        network.reply(user, ERR_NEEDMOREPARAMS, line.command)
        return
    comment = line.params[2].strip() if len(line.params) > 2 else ""
    text = comment[:LAST_WORDS_CHARACTERS_MAX].rstrip()
    each_channel = channels if len(channels) > 1 else channels * len(nicks)
    for channel, nick in list(zip(each_channel, nicks, strict=True))[:TARGETS_MAX]:
        _kick_one(network, user, channel, nick, text)
    if len(nicks) > TARGETS_MAX:
        network.reply(user, ERR_TOOMANYTARGETS, nicks[TARGETS_MAX])


def _kick_one(network: Network, user: User, channel: str, nick: str, text: str) -> None:
    room = rules_in(network, user, channel)
    if room is None:
        return
    name = member_called(room, nick)
    if name is None:
        network.reply(user, ERR_USERNOTINCHANNEL, nick, channel_of(room))
        return
    carry_out(network, user, "KICK", room, Kick(room.name, name, text=text))


@verb("MUTE <channel> <nick> <seconds>", "Mutes somebody for a while.", params_min=3, is_logged=True, names=slice(2))
def mute(network: Network, user: User, line: Line) -> None:
    """Keep a member from talking for some seconds."""
    channel, nick, seconds = line.params[:3]
    room = rules_in(network, user, channel)
    if room is not None and (name := _member(network, user, room, nick)) is not None:
        carry_out(network, user, "MUTE", room, Mute(room.name, name, _number(seconds, 0)), nick)


@verb(
    "EMPTY <channel>",
    "Empties the seats of a channel, for those in the waiting line.",
    params_min=1,
    is_logged=True,
    names=slice(1),
)
def empty(network: Network, user: User, line: Line) -> None:
    """Take the seats of all who have one."""
    if (room := rules_in(network, user, line.params[0])) is not None:
        carry_out(network, user, "EMPTY", room, Empty(room.name))


@verb(
    "MOVE <channel> <nick> <ahead>",
    "Moves somebody to another place in the waiting line.",
    params_min=3,
    is_logged=True,
    names=slice(2),
)
def move(network: Network, user: User, line: Line) -> None:
    """Give one who waits another place, and tell who asked which it is."""
    channel, nick, ahead = line.params[:3]
    room = rules_in(network, user, channel)
    if room is None or (name := _member(network, user, room, nick)) is None:
        return
    if carry_out(network, user, "MOVE", room, Move(room.name, name, _number(ahead, -1))):
        place = list(room.channel.waiting).index(name)
        network.notice(user, f"{channel_of(room)}: {nick_of(name)} has {place} user(s) ahead in the waiting queue.")


@verb(
    "ANNOUNCE <channel> :<text>",
    "Tells something to everybody in a channel and in its waiting line.",
    params_min=1,
    is_logged=True,
    names=slice(1),
)
def announce(network: Network, user: User, line: Line) -> None:
    """Tell everyone in the channel something."""
    text = line.params[1].strip() if len(line.params) > 1 else ""
    if len(line.params) < 2:
        network.reply(user, ERR_NEEDMOREPARAMS, "ANNOUNCE")
    elif not text:
        network.reply(user, ERR_NOTEXTTOSEND)
    elif (room := rules_in(network, user, line.params[0])) is not None:
        carry_out(network, user, "ANNOUNCE", room, Announce(text, room.name))


def _member(network: Network, user: User, room: Room, nick: str) -> str | None:
    name = member_called(room, nick)
    if name is None:
        network.reply(user, ERR_USERNOTINCHANNEL, nick, channel_of(room))
    return name


def _number(word: str, otherwise: int) -> int:
    """Return the number that a word is; `otherwise` where it is none that would do."""
    return int(word) if word.isascii() and word.isdigit() and len(word) <= _DIGITS_MAX else otherwise
