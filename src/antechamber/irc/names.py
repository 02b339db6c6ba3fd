"""NAMES: who sits in a channel."""

from collections.abc import Iterable, Iterator

from antechamber.codec.irc.capabilities import Capability
from antechamber.codec.irc.decoding import SERVER_NAME, Line, nick_of, source_of
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
from antechamber.irc.network import LOOKED_AT_A_COMMAND, Network
from antechamber.irc.users import User
from antechamber.irc.verbs import targets_in, verb
from antechamber.protocol.limits import IRC_BODY_BYTES_MAX, TARGETS_MAX
from antechamber.rooms.room import Room


def tell_names(network: Network, user: User, room: Room) -> None:
    """Tell who sits in a channel, as a user may see it: of strangers, nobody who wants to be invisible."""
    channel, modes, inside = channel_of(room), room.channel.modes, sits_in(user, room)
    if sees(user, room):
        marks = modes.prefixes if user.has(Capability.MULTI_PREFIX) else modes.prefix
        with_hosts = user.has(Capability.USERHOST_IN_NAMES)
        words = [
            marks(name) + (source_of(name, room.hosts.get(name, "")) if with_hosts else nick_of(name))
            for name in room.channel.seated
            if inside or not _hides(network, name)
        ]
        symbol = "@" if "s" in modes.flags else "="
        head = f":{SERVER_NAME} {RPL_NAMREPLY.code} {user.name} {symbol} {channel} :"
        for some in packed(words, IRC_BODY_BYTES_MAX - len(head.encode())):
            network.send(user, f"{head}{some}\r\n".encode())
    network.reply(user, RPL_ENDOFNAMES, channel)


def packed(words: Iterable[str], bytes_max: int) -> Iterator[str]:
    """Put words, with a space between two, into as few texts of at most so many bytes as their order allows."""
    line: list[str] = []
    taken = 0
    for word in words:
        size = len(word) if word.isascii() else len(word.encode())
        if line and taken + size > bytes_max:
            yield " ".join(line)
            line, taken = [], 0
        line.append(word)
        taken += size + 1
    if line:
        yield " ".join(line)


@verb("NAMES <channel>[,<channel>…]", "Lists who sits in a channel.", names=slice(1), cost=targets_in(0))
def names(network: Network, user: User, line: Line) -> None:
    """Tell who sits in some channels."""
    channels = [channel for channel in (line.params[0].split(",") if line.params else []) if channel]
    if not channels:
        network.reply(user, RPL_ENDOFNAMES, "*")
    rooms = [(channel, network.room(channel)) for channel in channels[:TARGETS_MAX]]
    told = sum(len(room.channel.seated) for _, room in rooms if room is not None)
    if not network.affords(user, "NAMES", told // LOOKED_AT_A_COMMAND):
        return
    for channel, room in rooms:
        if room is None or room.stopped:
            network.reply(user, RPL_ENDOFNAMES, channel)
        else:
            tell_names(network, user, room)
    if len(channels) > TARGETS_MAX:
        network.reply(user, ERR_TOOMANYTARGETS, channels[TARGETS_MAX])


def _hides(network: Network, name: str) -> bool:
    found = network.users.get(name)
    return found is not None and "i" in found.modes
