"""Markers: how far somebody has read, for its other clients and for when it comes back (`draft/read-marker`)."""

from collections.abc import Mapping

from antechamber.codec.irc.capabilities import Capability
from antechamber.codec.irc.decoding import SERVER_NAME, Line, fold, message
from antechamber.codec.irc.encoding import timestamp
from antechamber.irc.chathistory import parse_timestamp
from antechamber.irc.network import Handler, Network
from antechamber.irc.users import User


def tell_marker(network: Network, user: User, target: str) -> None:
    """Tell a user how far it has read, if its client wants to know; called where it has entered a channel."""
    if user.has(Capability.READ_MARKER):
        _tell(network, user, target)


def _markread(network: Network, user: User, line: Line) -> None:
    """Tell how far a user has read in a target, or take up that it is further now."""
    target, stamp = (*line.params[:2], "", "")[:2]
    if not target:
        network.fail(user, "MARKREAD", "NEED_MORE_PARAMS", text="Missing parameters")
        return
    if len(target) > network.limits.name_characters_max + 1:
        network.fail(user, "MARKREAD", "INVALID_PARAMS", target, text="There can be no such target")
        return
    if stamp:
        milliseconds = parse_timestamp(stamp)
        if milliseconds is None:
            network.fail(user, "MARKREAD", "INVALID_PARAMS", target, stamp, text="That is no timestamp")
            return
        read_until = min(milliseconds, _latest(network, target))
        network.marks.set(fold(user.name), fold(target), read_until, user.host)
    _tell(network, user, target)


def _latest(network: Network, target: str) -> int:
    """Return up to where there can be something to read: to now, or to an entry of before the clock was set back."""
    room = network.room(target)
    return int(network.turn.time * 1000) if room is None else round(max(network.turn.time, room.log.last_at) * 1000)


def _tell(network: Network, user: User, target: str) -> None:
    milliseconds = network.marks.get(fold(user.name), fold(target))
    stamp = "*" if milliseconds is None else f"timestamp={timestamp(milliseconds / 1000)}"
    network.send(user, message(SERVER_NAME, "MARKREAD", target, stamp))


VERBS: Mapping[str, Handler] = {"MARKREAD": _markread}
