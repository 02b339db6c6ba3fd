"""AWAY and SETNAME: whether a user is away, and its real name."""

from antechamber.codec.irc.capabilities import Capability
from antechamber.codec.irc.decoding import Line, message, nick_of
from antechamber.codec.irc.numerics import (
    RPL_NOWAWAY,
    RPL_UNAWAY,
)
from antechamber.irc.access import silenced
from antechamber.irc.network import Network
from antechamber.irc.people import neighbours
from antechamber.irc.users import User
from antechamber.irc.verbs import verb
from antechamber.protocol.limits import AWAY_CHARACTERS_MAX, REALNAME_CHARACTERS_MAX
from antechamber.protocol.text import shows
from antechamber.rooms.room import Room

_GONE = "Away"
"""Why one is away whose own words nobody is to read."""


@verb("AWAY [:<reason>]", "Marks you as away, and says why; without a reason, as back.")
def _away(network: Network, user: User, line: Line) -> None:
    why = line.params[0].strip()[:AWAY_CHARACTERS_MAX] if line.params else ""
    away = _GONE if why and silenced(network, user) else why or None
    if away != user.away:
        network.change(user, "away", away)
        _tell_watchful(network, user, Capability.AWAY_NOTIFY, _away_line(user))
    network.reply(user, RPL_UNAWAY if away is None else RPL_NOWAWAY)


def _away_line(user: User) -> bytes:
    return message(user.source, "AWAY", *([] if user.away is None else [user.away]), trailing=user.away is not None)


def hush(network: Network, user: User, room: Room) -> None:
    """Let a user, who is about to come into a room where it may not speak, bring no words of its own along."""
    if room.channel.may_speak(user.name, network.turn.steady, user.host) is None:
        return
    network.change(user, "realname", nick_of(user.name))
    if user.away is not None:
        network.change(user, "away", _GONE)


def tell_away(network: Network, user: User, room: Room) -> None:
    """Let those in a room know that one who comes in is away, where they want to."""
    if user.away is None:
        return
    for sessions in room.audience.groups.values():
        for session in list(sessions):
            reader = session.outlet
            if isinstance(reader, User) and reader is not user and reader.has(Capability.AWAY_NOTIFY):
                network.send(reader, _away_line(user))


def _tell_watchful(network: Network, user: User, capability: Capability, line: bytes) -> None:
    """Let those know of a change who want to: who sits where the user sits, or monitors it."""
    readers = {reader for reader in neighbours(network, user) if reader.has(capability)}
    for watcher in network.users.watchers(user.name):
        if watcher.has(capability) and watcher.has(Capability.EXTENDED_MONITOR):
            readers.add(watcher)
    readers.discard(user)
    for reader in readers:
        network.send(reader, line)


# The real name


@verb("SETNAME :<real name>", "Changes your real name.", params_min=1, names=slice(1))
def _setname(network: Network, user: User, line: Line) -> None:
    realname = line.params[0].strip()
    if not shows(realname):
        network.fail(user, "SETNAME", "INVALID_REALNAME", text="A real name has at least one character")
    elif len(realname) > REALNAME_CHARACTERS_MAX:
        text = f"A real name has at most {REALNAME_CHARACTERS_MAX} characters"
        network.fail(user, "SETNAME", "INVALID_REALNAME", text=text)
    elif (refused := silenced(network, user)) is not None:
        network.fail(user, "SETNAME", "CANNOT_CHANGE_REALNAME", text=refused.text)
    else:
        network.change(user, "realname", realname)
        told = message(user.source, "SETNAME", realname, trailing=True)
        if user.has(Capability.SETNAME):
            network.send(user, told)
        _tell_watchful(network, user, Capability.SETNAME, told)
