"""NICK: choosing a nick before registration, and changing it in all channels at once.

RFC 2812, section 3.1.2.
"""

from antechamber.codec.irc.decoding import message
from antechamber.codec.irc.numerics import ERR_BANNICKCHANGE, ERR_NICKNAMEINUSE, ERR_NONICKNAMEGIVEN
from antechamber.irc.access import channel_of, member_called
from antechamber.irc.exchange import Exchange
from antechamber.irc.monitor import tell_offline, tell_online
from antechamber.irc.registration import advance_registration, refuse_bad, refuse_taken
from antechamber.irc.shared_channels import SharedChannels
from antechamber.irc.verbs import verb
from antechamber.protocol.commands import Rename
from antechamber.protocol.refusals import Refused
from antechamber.protocol.text import fold


@verb(
    "NICK <nick>", "Changes your nick, in all your channels.", before_registration=True, is_logged=True, names=slice(1)
)
def nick(exchange: Exchange) -> None:
    """Choose a nick, or change it."""
    wanted = exchange.param(0)
    if not wanted:
        exchange.reply(ERR_NONICKNAMEGIVEN)
    elif refuse_bad(exchange, wanted) or refuse_taken(exchange, wanted):
        pass
    elif exchange.user.registration is not None:
        advance_registration(exchange, exchange.user.registration._replace(nick=wanted))
    elif wanted != exchange.user.name:
        _rename(exchange, wanted)


def _rename(exchange: Exchange, wanted: str) -> None:
    """Change the user's nick in all its channels, or in none."""
    user = exchange.user
    turn, before, source = exchange.turn, user.name, user.source
    assert user.memberships is not None
    rooms = [exchange.network.rooms[channel] for channel in user.memberships]
    if rooms and (too_much := exchange.network.executor.too_much(user)):
        exchange.fail("TOO_FAST", wanted, text=too_much.text)
        return
    decisions = []
    for room in rooms:
        exchange.turn.at = room.name
        if member_called(room, wanted) not in (None, before):
            text = f"Somebody has this nick in {channel_of(room)}"
            exchange.reply(ERR_NICKNAMEINUSE, wanted, text=text)
            return
        decision = exchange.network.executor.judge(turn, room, user, Rename(wanted))
        if isinstance(decision, Refused):
            exchange.reply(ERR_BANNICKCHANGE, wanted, channel_of(room), text=decision.text)
            return
        decisions.append(decision)
    shared_channels = SharedChannels(turn, len(rooms))
    for room, decision in zip(rooms, decisions, strict=True):
        exchange.turn.at = room.name
        shared_channels.pass_over(room)
        room.record(turn, decision)
    shared_channels.end()
    exchange.turn.at = ""
    if not any(session.seated for session in user.memberships.values()):
        exchange.send(message(source, "NICK", wanted))
    exchange.network.users.discard(turn, user)
    exchange.set("name", wanted)
    exchange.network.users.add(turn, user)
    if fold(wanted) != fold(before):
        tell_offline(exchange, before)
        tell_online(exchange)
