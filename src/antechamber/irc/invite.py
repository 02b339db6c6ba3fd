"""INVITE: letting somebody into a channel.

RFC 2812, section 3.2.7.
"""

from antechamber.codec.irc.decoding import message
from antechamber.codec.irc.numerics import (
    ERR_NEEDMOREPARAMS,
    ERR_NOSUCHNICK,
    ERR_USERONCHANNEL,
    RPL_AWAY,
    RPL_ENDOFINVITELIST,
    RPL_INVITELIST,
    RPL_INVITING,
)
from antechamber.irc.access import (
    acts_in,
    carry_out,
    channel_of,
    member_called,
)
from antechamber.irc.exchange import Exchange
from antechamber.irc.verbs import verb
from antechamber.protocol.commands import Invite
from antechamber.protocol.text import nick_of


@verb("INVITE <nick> <channel>", "Lets somebody into a channel once.", is_logged=True, names=slice(2))
def invite(exchange: Exchange) -> None:
    """Invite somebody into a channel; without parameters, list the channels that the user is invited into."""
    user, network = exchange.user, exchange.network
    if not exchange.params:
        _list_own(exchange)
        return
    if len(exchange.params) < 2:
        exchange.reply(ERR_NEEDMOREPARAMS, exchange.line.command)
        return
    nick, channel = exchange.params[:2]
    guest = network.users.get(nick)
    name = guest.name if guest is not None else _member_not_on_irc(exchange, nick)
    if name is None:
        exchange.reply(ERR_NOSUCHNICK, nick)
        return
    room = acts_in(exchange, channel)
    if room is None:
        return
    if member_called(room, nick) is not None:
        exchange.reply(ERR_USERONCHANNEL, nick, channel_of(room))
        return
    marks = network.invitation_marks(guest)[:1] if guest is not None else None
    if not carry_out(exchange, room, Invite(name, room.name), guests=marks):
        return
    exchange.reply(RPL_INVITING, nick_of(name), channel_of(room))
    if guest is not None:
        exchange.to(guest).send(message(user.source, "INVITE", guest.name, channel_of(room)))
        if guest.away is not None:
            exchange.reply(RPL_AWAY, guest.name, text=guest.away)


def _list_own(exchange: Exchange) -> None:
    user, network = exchange.user, exchange.network
    for room in list(network.rooms.values()):
        if room.channel.modes.is_invited(user.name, network.invitation_marks(user)):
            exchange.reply(RPL_INVITELIST, channel_of(room))
    exchange.reply(RPL_ENDOFINVITELIST)


def _member_not_on_irc(exchange: Exchange, nick: str) -> str | None:
    """Return the name of a member, on a page or at a terminal, whom IRC calls `nick`; None if there is none."""
    for room in exchange.network.rooms.values():
        name = member_called(room, nick)
        if name is not None and name in room.sessions:
            return name
    return None
