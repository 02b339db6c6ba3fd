"""WHOIS, WHOWAS, USERHOST and ISON: questions about people.

RFC 2812, sections 3.6.2, 3.6.3, 4.8 and 4.9.
"""

from datetime import UTC, datetime

from antechamber.codec.irc.capabilities import Capability
from antechamber.codec.irc.decoding import SERVER_NAME, USER_NAME
from antechamber.codec.irc.numerics import (
    ERR_NONICKNAMEGIVEN,
    ERR_NOSUCHNICK,
    ERR_NOSUCHSERVER,
    ERR_WASNOSUCHNICK,
    RPL_AWAY,
    RPL_ENDOFWHOIS,
    RPL_ENDOFWHOWAS,
    RPL_ISON,
    RPL_USERHOST,
    RPL_WHOISBOT,
    RPL_WHOISCHANNELS,
    RPL_WHOISIDLE,
    RPL_WHOISMODES,
    RPL_WHOISOPERATOR,
    RPL_WHOISSERVER,
    RPL_WHOISSPECIAL,
    RPL_WHOISUSER,
    RPL_WHOWASUSER,
)
from antechamber.irc.access import channel_of, sees
from antechamber.irc.exchange import Exchange
from antechamber.irc.isupport import NETWORK_NAME
from antechamber.irc.message_text import LIST_BYTES_MAX, packed
from antechamber.irc.people import Person, find, rooms_of, shares_channel
from antechamber.irc.verbs import targets_in, verb, words
from antechamber.irc.who import idle_seconds
from antechamber.protocol.text import fold
from antechamber.rooms.room import Room

_USERHOSTS_MAX = 5


def _readable(time: float) -> str:
    """Return a time, in seconds since the epoch, as people read it."""
    return datetime.fromtimestamp(time, UTC).strftime("%a %b %d %H:%M:%S %Y UTC")


# WHOIS


@verb("WHOIS <nick>", "Shows who somebody is.", names=slice(2), cost=targets_in(0, 1))
def whois(exchange: Exchange) -> None:
    """Tell who somebody is."""
    if not exchange.params or not exchange.params[-1]:
        exchange.reply(ERR_NONICKNAMEGIVEN)
        return
    nick = exchange.params[min(len(exchange.params), 2) - 1]
    if len(exchange.params) > 1 and not _is_server(exchange, exchange.params[0]):
        exchange.reply(ERR_NOSUCHSERVER, exchange.params[0])
        return
    one = find(exchange, nick)
    if one is None:
        exchange.reply(ERR_NOSUCHNICK, nick)
    else:
        _describe(exchange, one)
    exchange.reply(RPL_ENDOFWHOIS, nick if one is None else one.nick)


def _is_server(exchange: Exchange, target: str) -> bool:
    """Return whether a target means this server: by the server's name, or by that of somebody on it."""
    return fold(target) == SERVER_NAME or find(exchange, target) is not None


def _describe(exchange: Exchange, one: Person) -> None:
    user = exchange.user
    exchange.reply(RPL_WHOISUSER, one.nick, USER_NAME, one.host, "*", text=one.realname)
    rooms = _rooms_told(exchange, one)
    is_multiple = user.has(Capability.MULTI_PREFIX)
    words = [
        (room.channel.modes.prefixes if is_multiple else room.channel.modes.prefix)(one.name) + channel_of(room)
        for room in rooms
    ]
    for line in packed(words, LIST_BYTES_MAX):
        exchange.reply(RPL_WHOISCHANNELS, one.nick, text=line)
    exchange.reply(RPL_WHOISSERVER, one.nick, SERVER_NAME, text=NETWORK_NAME)
    if one.is_operator:
        exchange.reply(RPL_WHOISOPERATOR, one.nick)
    if one.is_bot:
        exchange.reply(RPL_WHOISBOT, one.nick)
    if one.user is user:
        _tell_places(exchange)
    if one.user is not None and (one.user is user or user.operator):
        exchange.reply(RPL_WHOISMODES, one.nick, text=f"is using modes +{one.user.modes}")
    if one.away is not None:
        exchange.reply(RPL_AWAY, one.nick, text=one.away)
    _tell_idle(exchange, one, rooms)


def _rooms_told(exchange: Exchange, one: Person) -> list[Room]:
    """Return the rooms where somebody sits, as far as the user may know that."""
    if one.user is None:
        return [room for room in rooms_of(exchange) if one.name in room.channel.seated]
    assert one.user.memberships is not None
    rooms = [exchange.network.rooms[channel] for channel in one.user.memberships]
    seated = [room for room in rooms if one.name in room.channel.seated and sees(exchange.user, room)]
    hides = "i" in one.user.modes and one.user is not exchange.user and not exchange.user.operator
    return seated if not hides or shares_channel(exchange, one.user) else []


def _tell_places(exchange: Exchange) -> None:
    """Tell the user, who asks about itself, in which channels it waits for a seat."""
    user = exchange.user
    assert user.memberships is not None
    for channel in user.memberships:
        room = exchange.network.rooms[channel]
        if user.name in room.channel.waiting:
            ahead = list(room.channel.waiting).index(user.name)
            text = f"waits for a seat in {channel_of(room)}, with {ahead} user(s) ahead"
            exchange.reply(RPL_WHOISSPECIAL, user.name, text=text)


def _tell_idle(exchange: Exchange, one: Person, rooms: list[Room]) -> None:
    if one.user is not None:
        signed_on_at, idle = one.user.signed_on_at, idle_seconds(exchange, one, None)
    else:
        turn = exchange.turn
        signed_on_at = min(room.channel.seated[one.name].seated_at for room in rooms) + turn.time - turn.steady
        idle = min(idle_seconds(exchange, one, room) for room in rooms)
    exchange.reply(RPL_WHOISIDLE, one.nick, str(idle), str(int(signed_on_at)))


# WHOWAS, USERHOST, ISON


@verb("WHOWAS <nick> [<count>]", "Shows who had a nick.", names=slice(1), cost=targets_in(0))
def whowas(exchange: Exchange) -> None:
    """Tell who had a nick, the latest first."""
    nick, count = exchange.param(0), exchange.param(1)
    if not nick:
        exchange.reply(ERR_NONICKNAMEGIVEN)
        return
    found = [former for former in reversed(exchange.network.users.former) if fold(former.nick) == fold(nick)]
    if count.isascii() and count.isdigit() and int(count[:9]) > 0:
        found = found[: int(count[:9])]
    for former in found:
        exchange.reply(RPL_WHOWASUSER, former.nick, USER_NAME, former.host, "*", text=former.realname)
        exchange.reply(RPL_WHOISSERVER, former.nick, SERVER_NAME, text=_readable(former.left_at))
    if not found:
        exchange.reply(ERR_WASNOSUCHNICK, nick)
    exchange.reply(RPL_ENDOFWHOWAS, nick)


@verb(
    "USERHOST <nick> …", "Shows where up to five people are from, cloaked.", params_min=1, names=slice(None), cost=words
)
def userhost(exchange: Exchange) -> None:
    """Tell the hosts of some people."""
    found = [find(exchange, nick) for nick in exchange.params[:_USERHOSTS_MAX]]
    hosts = [
        f"{one.nick}{'*' if one.is_operator else ''}={'+' if one.away is None else '-'}{USER_NAME}@{one.host}"
        for one in found
        if one is not None
    ]
    exchange.reply(RPL_USERHOST, text=" ".join(hosts))


@verb("ISON <nick> …", "Shows which of these people are here.", params_min=1, names=slice(None), cost=words)
def ison(exchange: Exchange) -> None:
    """Tell which of some people are here."""
    nicks = " ".join(exchange.params).split()
    found = [find(exchange, nick) for nick in dict.fromkeys(nicks)]
    told = list(packed((one.nick for one in found if one is not None), LIST_BYTES_MAX)) or [""]
    for line in told:
        exchange.reply(RPL_ISON, text=line)
