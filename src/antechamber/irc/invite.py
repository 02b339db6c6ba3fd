"""INVITE: asking somebody into a channel."""

from antechamber.codec.irc.decoding import Line, message, nick_of
from antechamber.codec.irc.numerics import (
    ERR_NEEDMOREPARAMS,
    ERR_NOSUCHNICK,
    ERR_USERONCHANNEL,
    RPL_AWAY,
    RPL_ENDOFINVITELIST,
    RPL_INVITELIST,
    RPL_INVITING,
)
from antechamber.handlers.invitations import guests, tell_guest
from antechamber.irc.access import (
    acts_in,
    carry_out,
    channel_of,
    member_called,
)
from antechamber.irc.network import Network
from antechamber.irc.users import User
from antechamber.irc.verbs import verb
from antechamber.protocol.commands import Invite


@verb("INVITE <nick> <channel>", "Lets somebody into a channel once.", is_logged=True, names=slice(2))
def invite(network: Network, user: User, line: Line) -> None:
    """Let somebody into a channel once, and tell them so; without parameters, tell where one is invited oneself."""
    if not line.params:
        for each in list(network.rooms.values()):
            if each.channel.modes.is_invited(user.name, network.invitation_marks(user)):
                network.reply(user, RPL_INVITELIST, channel_of(each))
        network.reply(user, RPL_ENDOFINVITELIST)
        return
    if len(line.params) < 2:
        network.reply(user, ERR_NEEDMOREPARAMS, line.command)
        return
    nick, channel = line.params[:2]
    friend = network.users.get(nick)
    name = friend.name if friend is not None else _member_somewhere(network, nick)
    if name is None:
        network.reply(user, ERR_NOSUCHNICK, nick)
        return
    room = acts_in(network, user, channel)
    if room is None:
        return
    if member_called(room, nick) is not None:
        network.reply(user, ERR_USERONCHANNEL, nick, channel_of(room))
        return
    marks = (
        network.invitation_marks(friend)[:1]
        if friend is not None
        else guests(network.rooms, room, name, network.tokens.mark)
    )
    if not carry_out(network, user, "INVITE", room, Invite(name, room.name), guests=marks):
        return
    network.reply(user, RPL_INVITING, nick_of(name), channel_of(room))
    if friend is None:
        tell_guest(network.turn, network.rooms, room, name, user.name)
    else:
        network.send(friend, message(user.source, "INVITE", friend.name, channel_of(room)))
        if friend.away is not None:
            network.reply(user, RPL_AWAY, friend.name, text=friend.away)


def _member_somewhere(network: Network, nick: str) -> str | None:
    """Return the name of the member, from a page or a terminal, whom IRC calls `nick`; None where there is none."""
    for room in network.rooms.values():
        name = member_called(room, nick)
        if name is not None and name in room.sessions:
            return name
    return None
