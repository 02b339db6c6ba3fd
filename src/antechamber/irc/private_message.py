"""Private messages: what a user says to one person alone. They are delivered, never logged.

Users of IRC may write to each other wherever they sit. A member who is not on IRC is reached by a whisper, and so
only in a channel where both sit.
"""

from antechamber.codec.irc.capabilities import Capability
from antechamber.codec.irc.numerics import ERR_NOSUCHNICK, REFUSALS, RPL_AWAY
from antechamber.irc.access import member_called, silenced_towards
from antechamber.irc.exchange import Exchange
from antechamber.irc.message_text import MessageText, private_id, private_lines
from antechamber.irc.users import User
from antechamber.protocol.commands import Whisper
from antechamber.protocol.notices import Whispered
from antechamber.protocol.refusals import Refused
from antechamber.protocol.text import nick_of
from antechamber.rooms.room import Room
from antechamber.session.session import Session


def send_privately(exchange: Exchange, nick: str, said: MessageText) -> None:
    """Send a message to one person, or tell the user why not."""
    show_life_everywhere(exchange)
    other = exchange.network.users.get(nick)
    if other is not None:
        _tell_user(exchange, other, said)
        return
    refused: Refused | None = None
    for room, session, name in shared_rooms(exchange, nick):
        if said.ctcp:
            return  # as the member's program does not know CTCP
        refused = _whisper_in(exchange, room, session, name, said)
        if refused is None:
            return
    if said.form == "notice":
        return
    if refused is None:
        exchange.reply(ERR_NOSUCHNICK, nick)
    else:
        exchange.reply(REFUSALS.get(refused.code, ERR_NOSUCHNICK), nick, text=refused.text)


def show_life_everywhere(exchange: Exchange) -> None:
    """Restart the user's idle clocks in all its channels."""
    assert exchange.user.memberships is not None
    for session in exchange.user.memberships.values():
        exchange.show_life(exchange.network.rooms[session.channel])


def shared_rooms(exchange: Exchange, nick: str) -> list[tuple[Room, Session, str]]:
    """Return the rooms where the user and a member whom IRC calls `nick` are.

    Each comes with the user's session there, and the member's name.
    """
    assert exchange.user.memberships is not None
    found = []
    for session in exchange.user.memberships.values():
        room = exchange.network.rooms[session.channel]
        name = member_called(room, nick)
        if name is not None and name in room.channel.seated:
            found.append((room, session, name))
    return found


def tell_member(exchange: Exchange, room: Room, session: Session, said: MessageText) -> None:
    """Send a member who is not on IRC a whisper from the user."""
    user, turn = exchange.user, exchange.turn
    text = f"* {user.name} {said.text}" if said.form == "action" else said.text
    whispered = Whispered(turn.time, room.name, user.name, session.name, text)
    turn.observe(whispered)
    turn.tell(session, whispered)


def _tell_user(exchange: Exchange, other: User, said: MessageText) -> None:
    user = exchange.user
    if (refused := silenced_towards(exchange, other)) is not None:
        if said.form != "notice":
            exchange.reply(REFUSALS[refused.code], nick_of(other.name), text=refused.text)
        return
    msgid, nick, to_other = private_id(exchange), nick_of(other.name), exchange.to(other)
    if user.has(Capability.ECHO_MESSAGE):
        exchange.send(private_lines(exchange, user.source, nick, said, msgid))
    data = private_lines(to_other, user.source, nick, said, msgid)
    if other is user:
        exchange.to_self.append(data)
    else:
        to_other.send(data)
    if other.away is not None and said.form != "notice":
        exchange.reply(RPL_AWAY, nick, text=other.away)


def _whisper_in(exchange: Exchange, room: Room, session: Session, name: str, said: MessageText) -> Refused | None:
    """Whisper to a member in a room; return a refusal if that is not possible."""
    decision = exchange.network.executor.carry_out(exchange.turn, room, exchange.user, Whisper(name, said.text))
    if isinstance(decision, Refused):
        return decision
    target = room.sessions.get(name)
    if target is None or target.closed:
        return Refused("away", f"{name} has lost the connection and may come back soon")
    tell_member(exchange, room, target, said)
    if exchange.user.has(Capability.ECHO_MESSAGE):
        exchange.send(private_lines(exchange, exchange.user.source, nick_of(name), said, private_id(exchange)))
    return None
