"""AWAY and SETNAME: whether a user is away, and its real name.

RFC 2812, section 4.1; https://ircv3.net/specs/extensions/away-notify,
https://ircv3.net/specs/extensions/setname and https://ircv3.net/specs/extensions/extended-monitor
"""

from antechamber.channel.decide import may_speak
from antechamber.codec.irc.capabilities import Capability
from antechamber.codec.irc.decoding import message
from antechamber.codec.irc.numerics import (
    RPL_NOWAWAY,
    RPL_UNAWAY,
)
from antechamber.irc.access import silenced
from antechamber.irc.exchange import Exchange
from antechamber.irc.people import neighbours
from antechamber.irc.users import User
from antechamber.irc.verbs import verb
from antechamber.protocol.limits import AWAY_CHARACTERS_MAX, REALNAME_CHARACTERS_MAX
from antechamber.protocol.text import nick_of, shows
from antechamber.rooms.room import Room

_AWAY = "Away"
"""The reason that others read in place of that of a user who may not speak."""


@verb("AWAY [:<reason>]", "Marks you as away, and says why; without a reason, as back.")
def away(exchange: Exchange) -> None:
    """Mark the user as away, or as back."""
    reason = exchange.param(0).strip()[:AWAY_CHARACTERS_MAX]
    now = _AWAY if reason and silenced(exchange) else reason or None
    if now != exchange.user.away:
        exchange.set("away", now)
        _notify(exchange, Capability.AWAY_NOTIFY, _away_line(exchange.user))
    exchange.reply(RPL_UNAWAY if now is None else RPL_NOWAWAY)


def _away_line(user: User) -> bytes:
    return message(user.source, "AWAY", *([] if user.away is None else [user.away]), trailing=user.away is not None)


def tell_away(exchange: Exchange, room: Room) -> None:
    """Tell the members of a room, where their clients ask for that, that the user who has come in is away."""
    if exchange.user.away is None:
        return
    for sessions in room.audience.groups.values():
        for session in list(sessions):
            reader = session.outlet
            if isinstance(reader, User) and reader is not exchange.user and reader.has(Capability.AWAY_NOTIFY):
                exchange.to(reader).send(_away_line(exchange.user))


def drop_own_words(exchange: Exchange, room: Room) -> None:
    """Replace the real name and the away reason of a user who is about to enter a room where it may not speak."""
    user = exchange.user
    if may_speak(room.channel, user.name, exchange.turn.steady, user.host) is None:
        return
    exchange.set("realname", nick_of(user.name))
    if user.away is not None:
        exchange.set("away", _AWAY)


@verb("SETNAME :<real name>", "Changes your real name.", params_min=1, names=slice(1))
def setname(exchange: Exchange) -> None:
    """Change the user's real name."""
    realname = exchange.param(0).strip()
    if not shows(realname):
        exchange.fail("INVALID_REALNAME", text="A real name has at least one character")
    elif len(realname) > REALNAME_CHARACTERS_MAX:
        text = f"A real name has at most {REALNAME_CHARACTERS_MAX} characters"
        exchange.fail("INVALID_REALNAME", text=text)
    elif (refused := silenced(exchange)) is not None:
        exchange.fail("CANNOT_CHANGE_REALNAME", text=refused.text)
    else:
        exchange.set("realname", realname)
        line = message(exchange.user.source, "SETNAME", realname, trailing=True)
        if exchange.user.has(Capability.SETNAME):
            exchange.send(line)
        _notify(exchange, Capability.SETNAME, line)


def _notify(exchange: Exchange, capability: Capability, line: bytes) -> None:
    """Send a line to all who have a capability, and share a channel with the user or monitor it."""
    readers = {reader for reader in neighbours(exchange) if reader.has(capability)}
    for watcher in exchange.network.users.watchers(exchange.user.name):
        if watcher.has(capability) and watcher.has(Capability.EXTENDED_MONITOR):
            readers.add(watcher)
    readers.discard(exchange.user)
    for reader in readers:
        exchange.to(reader).send(line)
