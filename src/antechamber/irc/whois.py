"""Questions about people: WHOIS, WHOWAS, USERHOST and ISON."""

from datetime import UTC, datetime

from antechamber.codec.irc.capabilities import Capability
from antechamber.codec.irc.decoding import SERVER_NAME, USER_NAME, Line, fold
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
from antechamber.irc.isupport import NETWORK_NAME
from antechamber.irc.names import packed
from antechamber.irc.network import Network
from antechamber.irc.people import Person, find, rooms_of, shares_channel
from antechamber.irc.users import User
from antechamber.irc.verbs import targets_in, verb, words
from antechamber.irc.who import idle_seconds
from antechamber.rooms.room import Room

_USERHOSTS_MAX = 5
_LIST_BYTES_MAX = 400
"""Length of the channels, or nicks, in one line of an answer."""


def human_time(time: float) -> str:
    """Return seconds since the epoch as people read them."""
    return datetime.fromtimestamp(time, UTC).strftime("%a %b %d %H:%M:%S %Y UTC")


# WHOIS


@verb("WHOIS <nick>", "Shows who somebody is.", names=slice(2), cost=targets_in(0, 1))
def _whois(network: Network, user: User, line: Line) -> None:
    if not line.params or not line.params[-1]:
        network.reply(user, ERR_NONICKNAMEGIVEN)
        return
    nick = line.params[min(len(line.params), 2) - 1]
    if len(line.params) > 1 and not _is_server(network, user, line.params[0]):
        network.reply(user, ERR_NOSUCHSERVER, line.params[0])
        return
    one = find(network, user, nick)
    if one is None:
        network.reply(user, ERR_NOSUCHNICK, nick)
    else:
        _describe(network, user, one)
    network.reply(user, RPL_ENDOFWHOIS, nick if one is None else one.nick)


def _is_server(network: Network, user: User, target: str) -> bool:
    """Whether a question for a server is for this one, be it by its name or by that of somebody who is here."""
    return fold(target) == SERVER_NAME or find(network, user, target) is not None


def _describe(network: Network, user: User, one: Person) -> None:
    network.reply(user, RPL_WHOISUSER, one.nick, USER_NAME, one.host, "*", text=one.realname)
    rooms = _rooms_told(network, user, one)
    is_multiple = user.has(Capability.MULTI_PREFIX)
    words = [
        (room.channel.modes.prefixes if is_multiple else room.channel.modes.prefix)(one.name) + channel_of(room)
        for room in rooms
    ]
    for some in packed(words, _LIST_BYTES_MAX):
        network.reply(user, RPL_WHOISCHANNELS, one.nick, text=some)
    network.reply(user, RPL_WHOISSERVER, one.nick, SERVER_NAME, text=NETWORK_NAME)
    if one.is_operator:
        network.reply(user, RPL_WHOISOPERATOR, one.nick)
    if one.is_bot:
        network.reply(user, RPL_WHOISBOT, one.nick)
    if one.user is user:
        _tell_lines(network, user)
    if one.user is not None and (one.user is user or user.operator):
        network.reply(user, RPL_WHOISMODES, one.nick, text=f"is using modes +{one.user.modes}")
    if one.away is not None:
        network.reply(user, RPL_AWAY, one.nick, text=one.away)
    _tell_idle(network, user, one, rooms)


def _rooms_told(network: Network, user: User, one: Person) -> list[Room]:
    """Return the rooms in which somebody sits, and the user may know so."""
    if one.user is None:
        return [room for room in rooms_of(network, user) if one.name in room.channel.seated]
    assert one.user.memberships is not None
    rooms = [network.rooms[channel] for channel in one.user.memberships]
    seated = [room for room in rooms if one.name in room.channel.seated and sees(user, room)]
    hides = "i" in one.user.modes and one.user is not user and not user.operator
    return seated if not hides or shares_channel(network, user, one.user) else []


def _tell_lines(network: Network, user: User) -> None:
    """Tell a user, who asks about itself, where it waits for a seat."""
    assert user.memberships is not None
    for channel in user.memberships:
        room = network.rooms[channel]
        if user.name in room.channel.waiting:
            ahead = list(room.channel.waiting).index(user.name)
            text = f"waits for a seat in {channel_of(room)}, with {ahead} user(s) ahead"
            network.reply(user, RPL_WHOISSPECIAL, user.name, text=text)


def _tell_idle(network: Network, user: User, one: Person, rooms: list[Room]) -> None:
    if one.user is not None:
        signed_on_at, idle = one.user.signed_on_at, idle_seconds(network, one, None)
    else:
        turn = network.turn
        signed_on_at = min(room.channel.seated[one.name].seated_at for room in rooms) + turn.time - turn.steady
        idle = min(idle_seconds(network, one, room) for room in rooms)
    network.reply(user, RPL_WHOISIDLE, one.nick, str(idle), str(int(signed_on_at)))


# WHOWAS, USERHOST, ISON


@verb("WHOWAS <nick> [<count>]", "Shows who had a nick.", names=slice(1), cost=targets_in(0))
def _whowas(network: Network, user: User, line: Line) -> None:
    if not line.params or not line.params[0]:
        network.reply(user, ERR_NONICKNAMEGIVEN)
        return
    nick, count = line.params[0], line.params[1] if len(line.params) > 1 else ""
    found = [former for former in reversed(network.users.former) if fold(former.nick) == fold(nick)]
    if count.isascii() and count.isdigit() and int(count[:9]) > 0:
        found = found[: int(count[:9])]
    for former in found:
        network.reply(user, RPL_WHOWASUSER, former.nick, USER_NAME, former.host, "*", text=former.realname)
        network.reply(user, RPL_WHOISSERVER, former.nick, SERVER_NAME, text=human_time(former.left_at))
    if not found:
        network.reply(user, ERR_WASNOSUCHNICK, nick)
    network.reply(user, RPL_ENDOFWHOWAS, nick)


@verb(
    "USERHOST <nick> …", "Shows where up to five people are from, cloaked.", params_min=1, names=slice(None), cost=words
)
def _userhost(network: Network, user: User, line: Line) -> None:
    found = [find(network, user, nick) for nick in line.params[:_USERHOSTS_MAX]]
    words = [
        f"{one.nick}{'*' if one.is_operator else ''}={'+' if one.away is None else '-'}{USER_NAME}@{one.host}"
        for one in found
        if one is not None
    ]
    network.reply(user, RPL_USERHOST, text=" ".join(words))


@verb("ISON <nick> …", "Shows which of these people are here.", params_min=1, names=slice(None), cost=words)
def _ison(network: Network, user: User, line: Line) -> None:
    nicks = " ".join(line.params).split()
    found = [find(network, user, nick) for nick in dict.fromkeys(nicks)]
    told = list(packed((one.nick for one in found if one is not None), _LIST_BYTES_MAX)) or [""]
    for some in told:
        network.reply(user, RPL_ISON, text=some)
