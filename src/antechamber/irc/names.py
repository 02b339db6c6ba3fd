"""NAMES: who sits in a channel.

RFC 2812, section 3.2.5; https://ircv3.net/specs/extensions/multi-prefix,
https://ircv3.net/specs/extensions/userhost-in-names and https://ircv3.net/specs/extensions/no-implicit-names
"""

from antechamber.codec.irc.capabilities import Capability
from antechamber.codec.irc.decoding import SERVER_NAME, source_of
from antechamber.codec.irc.numerics import (
    ERR_TOOMANYTARGETS,
    RPL_ENDOFNAMES,
    RPL_NAMREPLY,
)
from antechamber.irc.access import (
    channel_of,
    sees,
    sits_in,
)
from antechamber.irc.exchange import EXAMINED_PER_COMMAND, Exchange
from antechamber.irc.message_text import packed
from antechamber.irc.verbs import targets_in, verb
from antechamber.protocol.limits import IRC_BODY_BYTES_MAX, TARGETS_MAX
from antechamber.protocol.text import nick_of
from antechamber.rooms.room import Room


def tell_names(exchange: Exchange, room: Room) -> None:
    """Tell who sits in a channel, as far as the user may know: a stranger is not told of members who are invisible."""
    user, users = exchange.user, exchange.network.users
    channel, modes, inside = channel_of(room), room.channel.modes, sits_in(user, room)
    if sees(user, room):
        marks = modes.prefixes if user.has(Capability.MULTI_PREFIX) else modes.prefix
        with_hosts = user.has(Capability.USERHOST_IN_NAMES)
        words = [
            marks(name) + (source_of(name, room.hosts.get(name, "")) if with_hosts else nick_of(name))
            for name in room.channel.seated
            if inside or (found := users.get(name)) is None or "i" not in found.modes
        ]
        symbol = "@" if "s" in modes.flags else "="
        head = f":{SERVER_NAME} {RPL_NAMREPLY.code} {user.name} {symbol} {channel} :"
        for line in packed(words, IRC_BODY_BYTES_MAX - len(head.encode())):
            exchange.send(f"{head}{line}\r\n".encode())
    exchange.reply(RPL_ENDOFNAMES, channel)


@verb("NAMES <channel>[,<channel>…]", "Lists who sits in a channel.", names=slice(1), cost=targets_in(0))
def names(exchange: Exchange) -> None:
    """Tell who sits in some channels."""
    channels = [channel for channel in exchange.param(0).split(",") if channel]
    if not channels:
        exchange.reply(RPL_ENDOFNAMES, "*")
    rooms = [(channel, exchange.network.room(channel)) for channel in channels[:TARGETS_MAX]]
    told = sum(len(room.channel.seated) for _, room in rooms if room is not None)
    if not exchange.affords(told // EXAMINED_PER_COMMAND):
        return
    for channel, room in rooms:
        if room is None or room.stopped:
            exchange.reply(RPL_ENDOFNAMES, channel)
        else:
            tell_names(exchange, room)
    if len(channels) > TARGETS_MAX:
        exchange.reply(ERR_TOOMANYTARGETS, channels[TARGETS_MAX])
