"""Access: which channels a user may know of, what it may do there, and how it is told that it may not.

The numerics of refusals: RFC 2812, section 5.2.
"""

from antechamber.channel.decide import WHISPERING, barred, may_speak
from antechamber.codec.irc.numerics import (
    ERR_CHANOPRIVSNEEDED,
    ERR_NOSUCHCHANNEL,
    ERR_NOTONCHANNEL,
    ERR_USERNOTINCHANNEL,
    REFUSALS,
)
from antechamber.irc.exchange import Exchange
from antechamber.irc.users import User
from antechamber.protocol.commands import Command
from antechamber.protocol.refusals import Refused
from antechamber.protocol.text import fold, nick_of
from antechamber.rooms.room import Room


def channel_of(room: Room) -> str:
    """Return the name of a room on IRC."""
    return f"#{room.name}"


def room_called(exchange: Exchange, channel: str) -> Room | None:
    """Return the room of this name; if there is none, tell the user so and return None."""
    room = exchange.network.room(channel)
    if room is None or room.stopped:
        exchange.reply(ERR_NOSUCHCHANNEL, channel)
        return None
    exchange.turn.at = room.name
    return room


def sits_in(user: User, room: Room) -> bool:
    """Return whether a user has a seat in a room; a user who waits for one has not."""
    assert user.memberships is not None
    return room.name in user.memberships and user.name in room.channel.seated


def sees(user: User, room: Room) -> bool:
    """Return whether a user may know of a room: secret ones are for their members and operators of the server alone."""
    return "s" not in room.channel.modes.flags or sits_in(user, room) or user.operator


def reads_topic(user: User, room: Room) -> bool:
    """Return whether a user may know the topic of a room: that of a private room is for its members, also waiting."""
    assert user.memberships is not None
    return not room.channel.modes.is_private or room.name in user.memberships or user.operator


def acts_in(exchange: Exchange, channel: str) -> Room | None:
    """Return the room if the user may do what members with a seat may; otherwise tell it why not and return None."""
    room = room_called(exchange, channel)
    if room is not None and not sits_in(exchange.user, room) and not exchange.user.operator:
        exchange.reply(ERR_NOTONCHANNEL, channel_of(room))
        return None
    return room


def rules_in(exchange: Exchange, channel: str) -> Room | None:
    """Return the room if the user may do what its operators may; otherwise tell it why not and return None."""
    room = acts_in(exchange, channel)
    if room is not None and not rules(exchange.user, room):
        exchange.reply(ERR_CHANOPRIVSNEEDED, channel_of(room))
        return None
    return room


def rules(user: User, room: Room) -> bool:
    """Return whether a user may do in a room what its operators may."""
    return user.operator or (sits_in(user, room) and room.channel.modes.is_operator(user.name))


def silenced(exchange: Exchange) -> Refused | None:
    """Return why nobody is to read what the user writes about itself: it may not speak in one of its channels.

    Return None if it may speak in all of them.
    """
    user = exchange.user
    assert user.memberships is not None
    for channel in user.memberships:
        refused = may_speak(exchange.network.rooms[channel].channel, user.name, exchange.turn.steady)
        if refused is not None:
            return refused
    return None


def silenced_towards(exchange: Exchange, other: User) -> Refused | None:
    """Return why `other` is not to read private messages of the user, None if it is.

    In a channel where the user may not speak, or sits and is banned, it may not whisper to the members either, even
    after it has left. It reaches them only if they sit in another channel where it may do both.
    """
    user = exchange.user
    assert other.memberships is not None
    found: Refused | None = None
    for channel in other.memberships if other is not user else ():
        room = exchange.network.rooms[channel]
        if other.name not in room.channel.seated:
            continue
        refused = may_speak(room.channel, user.name, exchange.turn.steady, user.host)
        if refused is None and sits_in(user, room) and (refused := barred(room.channel, user.name, WHISPERING)) is None:
            return None
        found = found or refused
    return found


def member_called(room: Room, nick: str) -> str | None:
    """Return the name of the member, seated or waiting, whom IRC calls `nick` in whatever case, or None."""
    if nick in room.channel.seated or nick in room.channel.waiting:
        return nick  # members who are not on IRC may have the same name in another case
    names = (*room.log.directory.alike(nick), *(room.log.directory.alike(f"+{nick[1:]}") if nick[:1] == "_" else ()))
    return next((name for name in names if fold(nick_of(name)) == fold(nick)), None)


def carry_out(
    exchange: Exchange, room: Room, command: Command, *about: str, guests: tuple[str, ...] | None = None
) -> bool:
    """Carry out what the user asks of a room, and return whether that was done; if it is refused, tell the user why.

    `about` is the member whom the command is about, who has to be seated; `guests` are the marks of a user on IRC who
    is invited.
    """
    user, executor = exchange.user, exchange.network.executor
    decision = executor.carry_out(exchange.turn, room, user, command, _by(user, room), guests)
    if isinstance(decision, Refused):
        refuse(exchange, room, decision, *about)
        return False
    return True


def _by(user: User, room: Room) -> str:
    """Return the name that a user acts under; "" for the server, as which an operator of it acts without a role."""
    return user.name if sits_in(user, room) and (room.channel.modes.is_operator(user.name) or not user.operator) else ""


def refuse(exchange: Exchange, room: Room, refused: Refused, *about: str) -> None:
    """Tell the user why a room refuses what it has asked: by a numeric if there is one, or by a standard reply."""
    numeric = ERR_USERNOTINCHANNEL if about and refused.code == "not-here" else REFUSALS.get(refused.code)
    if numeric is None:
        code = refused.code.upper().replace("-", "_")
        exchange.fail(code, channel_of(room), text=refused.text)
    else:
        words = (*about, channel_of(room)) if numeric is ERR_USERNOTINCHANNEL else (channel_of(room),)
        is_fixed = numeric.text is not None and refused.code != "muted"
        exchange.reply(numeric, *words, text=numeric.text if is_fixed else refused.text)
