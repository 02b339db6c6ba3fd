"""Nicknames: what a user is called, and its change in all its channels at once."""

from antechamber.channel.channel import Refused
from antechamber.codec.irc.decoding import Line, fold, message
from antechamber.codec.irc.numerics import ERR_BANNICKCHANGE, ERR_NICKNAMEINUSE, ERR_NONICKNAMEGIVEN
from antechamber.irc.access import channel_of, member_called
from antechamber.irc.monitor import tell_offline, tell_online
from antechamber.irc.network import Network
from antechamber.irc.registration import advance_registration, refuse_bad, refuse_taken
from antechamber.irc.shared_channels import Once
from antechamber.irc.users import Former, User
from antechamber.irc.verbs import verb
from antechamber.protocol.commands import Rename


@verb(
    "NICK <nick>", "Changes your nick, in all your channels.", before_registration=True, is_logged=True, names=slice(1)
)
def _nick(network: Network, user: User, line: Line) -> None:
    nick = line.params[0] if line.params else ""
    if not nick:
        network.reply(user, ERR_NONICKNAMEGIVEN)
    elif refuse_bad(network, user, nick) or refuse_taken(network, user, nick):
        pass
    elif user.registration is not None:
        advance_registration(network, user, user.registration._replace(nick=nick))
    elif nick != user.name:
        _rename(network, user, nick)


def _rename(network: Network, user: User, nick: str) -> None:
    """Let a user be called `nick` in all its channels, or in none."""
    turn, before, source = network.turn, user.name, user.source
    assert user.memberships is not None
    rooms = [network.rooms[channel] for channel in user.memberships]
    if rooms and (too_much := network.replies.too_much(user)):
        network.fail(user, "NICK", "TOO_FAST", nick, text=too_much.text)
        return
    decisions = []
    for room in rooms:
        network.replies.at = room
        if member_called(room, nick) not in (None, before):
            text = f"Somebody is called so in {channel_of(room)}"
            network.reply(user, ERR_NICKNAMEINUSE, nick, text=text)
            return
        decision = room.channel.decide(Rename(nick), before, turn.steady)
        if isinstance(decision, Refused):
            network.reply(user, ERR_BANNICKCHANGE, nick, channel_of(room), text=decision.text)
            return
        decisions.append(decision)
    once = Once(turn, len(rooms))
    for room, decision in zip(rooms, decisions, strict=True):
        network.replies.at = room
        once.pass_over(room)
        room.record(turn, decision)
    once.end()
    network.replies.at = None
    if not any(session.seated for session in user.memberships.values()):
        network.send(user, message(source, "NICK", nick))
    _call(network, user, nick)
    if fold(nick) != fold(before):
        tell_offline(network, before)
        tell_online(network, user)


def _call(network: Network, user: User, nick: str) -> None:
    """Let a user be found by another nick."""
    users, before = network.users, user.name
    former = Former(before, user.host, user.realname, network.turn.time)
    users.discard(user)
    user.name = nick
    users.add(user)
    users.former.append(former)

    def undo() -> None:
        users.discard(user)
        user.name = before
        users.add(user)
        users.remember_not(former)

    network.turn.undo.append(undo)
