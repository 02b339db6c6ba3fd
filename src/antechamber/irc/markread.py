"""MARKREAD: how far a user has read, for its other clients and for when it comes back.

https://ircv3.net/specs/extensions/read-marker
"""

from antechamber.codec.irc.capabilities import Capability
from antechamber.codec.irc.decoding import SERVER_NAME, message
from antechamber.codec.irc.encoding import timestamp
from antechamber.irc.chathistory import parse_timestamp
from antechamber.irc.exchange import Exchange
from antechamber.irc.verbs import verb
from antechamber.protocol.text import fold


def tell_marker(exchange: Exchange, target: str) -> None:
    """Tell the user how far it has read in a channel that it has entered, if its client has asked for read markers."""
    if exchange.user.has(Capability.READ_MARKER):
        _tell(exchange, target)


@verb("MARKREAD <target> [timestamp=<time>]", "Shows or sets how far you have read.", names=slice(1))
def markread(exchange: Exchange) -> None:
    """Tell how far the user has read in a target, or move the marker forward."""
    target, stamp = exchange.param(0), exchange.param(1)
    if not target:
        exchange.fail("NEED_MORE_PARAMS", text="Missing parameters")
        return
    if len(target) > exchange.network.limits.name_characters_max + 1:
        exchange.fail("INVALID_PARAMS", target, text="This is not a valid target")
        return
    if stamp:
        milliseconds = parse_timestamp(stamp)
        if milliseconds is None:
            exchange.fail("INVALID_PARAMS", target, stamp, text="This is not a valid timestamp")
            return
        read_until = min(milliseconds, _latest(exchange, target))
        exchange.network.markers.set(fold(exchange.user.name), fold(target), read_until, exchange.user.host)
    _tell(exchange, target)


def _latest(exchange: Exchange, target: str) -> int:
    """Return the latest time that a marker may have: now, or the last entry if the clock has been set back since."""
    room = exchange.network.room(target)
    return int(exchange.turn.time * 1000) if room is None else round(max(exchange.turn.time, room.log.last_at) * 1000)


def _tell(exchange: Exchange, target: str) -> None:
    milliseconds = exchange.network.markers.get(fold(exchange.user.name), fold(target))
    stamp = "*" if milliseconds is None else f"timestamp={timestamp(milliseconds / 1000)}"
    exchange.send(message(SERVER_NAME, "MARKREAD", target, stamp))
