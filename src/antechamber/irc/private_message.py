"""Whispering: what one says to somebody alone. It is delivered, never kept.

Between IRC users that is an ordinary private message, wherever they sit. A member from a page or a terminal is reached
by a whisper, and so only in a channel that both sit in.
"""

from antechamber.channel.channel import Refused
from antechamber.codec.irc.capabilities import Capability
from antechamber.codec.irc.decoding import nick_of
from antechamber.codec.irc.numerics import ERR_NOSUCHNICK, REFUSALS, RPL_AWAY
from antechamber.irc.access import member_called, silenced_towards
from antechamber.irc.message_text import Words, private_id, told
from antechamber.irc.network import Network
from antechamber.irc.users import User
from antechamber.protocol.commands import Whisper
from antechamber.protocol.notices import Whispered
from antechamber.rooms.room import Room
from antechamber.session.session import Session


def whisper(network: Network, user: User, nick: str, words: Words) -> None:
    """Let somebody alone read what a user says, or tell the user why not."""
    show_life(network, user)
    other = network.users.get(nick)
    if other is not None:
        _tell_user(network, user, other, words)
        return
    refused: Refused | None = None
    for room, session, name in shared(network, user, nick):
        if words.ctcp:
            return  # it is for a program that is none
        refused = _whisper_in(network, user, room, session, name, words)
        if refused is None:
            return
    if words.form == "notice":
        return
    if refused is None:
        network.reply(user, ERR_NOSUCHNICK, nick)
    else:
        network.reply(user, REFUSALS.get(refused.code, ERR_NOSUCHNICK), nick, text=refused.text)


def show_life(network: Network, user: User) -> None:
    """Restart a user's idle clocks wherever it sits: it is here, though it says nothing there."""
    assert user.memberships is not None
    for session in user.memberships.values():
        network.rooms[session.channel].channel.touch(session.name, network.turn.steady)


def shares_a_channel(network: Network, user: User, nick: str) -> bool:
    """Say whether there is a member whom IRC calls `nick` where the user sits."""
    return bool(shared(network, user, nick))


def tell_member(network: Network, user: User, room: Room, session: Session, words: Words) -> None:
    """Let a member from a page or a terminal read a whisper of a user's."""
    text = f"* {user.name} {words.text}" if words.form == "action" else words.text
    whispered = Whispered(network.turn.time, room.name, user.name, session.name, text)
    network.turn.observe(whispered)
    network.turn.tell(session, whispered)


def _tell_user(network: Network, user: User, other: User, words: Words) -> None:
    if (refused := silenced_towards(network, user, other)) is not None:
        if words.form != "notice":
            network.reply(user, REFUSALS[refused.code], nick_of(other.name), text=refused.text)
        return
    msgid = private_id(network)
    nick = nick_of(other.name)
    if user.has(Capability.ECHO_MESSAGE):
        network.send(user, told(network, user, user.source, nick, words, msgid))
    data = told(network, other, user.source, nick, words, msgid)
    if other is user:
        network.to_self.append(data)
    else:
        network.send(other, data)
    if other.away is not None and words.form != "notice":
        network.reply(user, RPL_AWAY, nick, text=other.away)


def shared(network: Network, user: User, nick: str) -> list[tuple[Room, Session, str]]:
    """Return the rooms where both sit, each with the user's session, and the name of whom IRC calls `nick`."""
    assert user.memberships is not None
    found = []
    for session in user.memberships.values():
        room = network.rooms[session.channel]
        name = member_called(room, nick)
        if name is not None and name in room.channel.seated:
            found.append((room, session, name))
    return found


def _whisper_in(network: Network, user: User, room: Room, session: Session, name: str, words: Words) -> Refused | None:
    """Let a member read a whisper; return why, where it cannot."""
    network.replies.at = room
    decision = room.channel.decide(Whisper(name, words.text), session.name, network.turn.steady)
    if isinstance(decision, Refused):
        return decision
    target = room.sessions.get(name)
    if target is None or target.closed:
        return Refused("away", f"{name} has lost the connection and may come back soon")
    tell_member(network, user, room, target, words)
    if user.has(Capability.ECHO_MESSAGE):
        network.send(user, told(network, user, user.source, nick_of(name), words, private_id(network)))
    return None
