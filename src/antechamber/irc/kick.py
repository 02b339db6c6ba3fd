"""KICK, MUTE, EMPTY, MOVE and ANNOUNCE: what the operators of a channel may do.

KICK is in RFC 2812, section 3.2.8; the others are commands of this server alone.
"""

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
from antechamber.irc.exchange import Exchange
from antechamber.irc.verbs import targets_in, verb
from antechamber.protocol.commands import Announce, Empty, Kick, Move, Mute
from antechamber.protocol.limits import LAST_WORDS_CHARACTERS_MAX, TARGETS_MAX
from antechamber.protocol.text import nick_of
from antechamber.rooms.room import Room

_DIGITS_MAX = 9
"""How many digits a number of seconds or a place may have."""


@verb(
    "KICK <channel> <nick>[,<nick>…] [:<reason>]",
    "Removes somebody from a channel, or from its waiting line.",
    params_min=2,
    is_logged=True,
    names=slice(2),
    cost=targets_in(0, 1),
)
def kick(exchange: Exchange) -> None:
    """Remove members from a channel, or one member from each of several channels; they may come back."""
    channels = [channel for channel in exchange.params[0].split(",") if channel]
    nicks = [nick for nick in exchange.params[1].split(",") if nick]
    if not channels or not nicks or (len(channels) > 1 and len(channels) != len(nicks)):
        exchange.reply(ERR_NEEDMOREPARAMS, exchange.line.command)
        return
    text = exchange.param(2).strip()[:LAST_WORDS_CHARACTERS_MAX].rstrip()
    each_channel = channels if len(channels) > 1 else channels * len(nicks)
    for channel, nick in list(zip(each_channel, nicks, strict=True))[:TARGETS_MAX]:
        _kick_one(exchange, channel, nick, text)
    if len(nicks) > TARGETS_MAX:
        exchange.reply(ERR_TOOMANYTARGETS, nicks[TARGETS_MAX])


def _kick_one(exchange: Exchange, channel: str, nick: str, text: str) -> None:
    room = rules_in(exchange, channel)
    if room is not None and (name := _member(exchange, room, nick)) is not None:
        carry_out(exchange, room, Kick(room.name, name, text=text))


@verb("MUTE <channel> <nick> <seconds>", "Mutes somebody for a while.", params_min=3, is_logged=True, names=slice(2))
def mute(exchange: Exchange) -> None:
    """Mute a member for some seconds."""
    channel, nick, seconds = exchange.params[:3]
    room = rules_in(exchange, channel)
    if room is not None and (name := _member(exchange, room, nick)) is not None:
        carry_out(exchange, room, Mute(room.name, name, _number(seconds, 0)), nick)


@verb(
    "EMPTY <channel>",
    "Empties the seats of a channel, for those in the waiting line.",
    params_min=1,
    is_logged=True,
    names=slice(1),
)
def empty(exchange: Exchange) -> None:
    """Take the seats of all members who have one."""
    if (room := rules_in(exchange, exchange.param(0))) is not None:
        carry_out(exchange, room, Empty(room.name))


@verb(
    "MOVE <channel> <nick> <ahead>",
    "Moves somebody to another place in the waiting line.",
    params_min=3,
    is_logged=True,
    names=slice(2),
)
def move(exchange: Exchange) -> None:
    """Move a member who waits to another place, and tell the user which it is."""
    channel, nick, ahead = exchange.params[:3]
    room = rules_in(exchange, channel)
    if room is None or (name := _member(exchange, room, nick)) is None:
        return
    if carry_out(exchange, room, Move(room.name, name, _number(ahead, -1))):
        place = list(room.channel.waiting).index(name)
        exchange.notice(f"{channel_of(room)}: {nick_of(name)} has {place} user(s) ahead in the waiting queue.")


@verb(
    "ANNOUNCE <channel> :<text>",
    "Tells something to everybody in a channel and in its waiting line.",
    params_min=1,
    is_logged=True,
    names=slice(1),
)
def announce(exchange: Exchange) -> None:
    """Announce a text to all members of a channel, seated or waiting."""
    text = exchange.param(1).strip()
    if len(exchange.params) < 2:
        exchange.reply(ERR_NEEDMOREPARAMS, exchange.line.command)
    elif not text:
        exchange.reply(ERR_NOTEXTTOSEND)
    elif (room := rules_in(exchange, exchange.param(0))) is not None:
        carry_out(exchange, room, Announce(text, room.name))


def _member(exchange: Exchange, room: Room, nick: str) -> str | None:
    """Return the name of a member whom IRC calls `nick`; if there is none, tell the user so and return None."""
    name = member_called(room, nick)
    if name is None:
        exchange.reply(ERR_USERNOTINCHANNEL, nick, channel_of(room))
    return name


def _number(word: str, otherwise: int) -> int:
    """Return a word as a number, `otherwise` if it is not one, or too long."""
    return int(word) if word.isascii() and word.isdigit() and len(word) <= _DIGITS_MAX else otherwise
