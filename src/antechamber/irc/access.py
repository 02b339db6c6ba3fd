"""Rights: whether a channel is there for a user, what the user may do in it, and how it is told where it may not."""

from antechamber.channel.channel import WHISPERING
from antechamber.codec.irc.decoding import fold, nick_of
from antechamber.codec.irc.numerics import (
    ERR_CHANOPRIVSNEEDED,
    ERR_NOSUCHCHANNEL,
    ERR_NOTONCHANNEL,
    ERR_USERNOTINCHANNEL,
    REFUSALS,
)
from antechamber.handlers.invitations import meaning
from antechamber.irc.network import Network
from antechamber.irc.users import User
from antechamber.protocol.commands import Command, Empty, Kick, Move, Mute
from antechamber.protocol.refusals import Refused
from antechamber.rooms.room import Room

_MODERATION = (Kick, Mute, Empty, Move)
"""What is kept in any case: it stops those who say too much, from the same address perhaps."""


def channel_of(room: Room) -> str:
    """Return what IRC calls a room."""
    return f"#{room.name}"


def room_called(network: Network, user: User, channel: str) -> Room | None:
    """Return the room of this name; None where there is none, and the user is told so."""
    room = network.room(channel)
    if room is None or room.stopped:
        network.reply(user, ERR_NOSUCHCHANNEL, channel)
        return None
    network.replies.at = room
    return room


def sits_in(user: User, room: Room) -> bool:
    """Whether a user has a seat in a room; one that waits for one is outside still."""
    assert user.memberships is not None
    return room.name in user.memberships and user.name in room.channel.seated


def sees(user: User, room: Room) -> bool:
    """Whether a room may be told of to a user: those that are secret are so to their members and to operators alone."""
    return "s" not in room.channel.modes.flags or sits_in(user, room) or user.operator


def reads_topic(user: User, room: Room) -> bool:
    """Whether a user may know what a room is about: of a private one, who is in it or in its line, and operators."""
    assert user.memberships is not None
    return not room.channel.modes.is_private or room.name in user.memberships or user.operator


def acts_in(network: Network, user: User, channel: str) -> Room | None:
    """Return the room where a user asks for something that only those seated may; None where it is refused."""
    room = room_called(network, user, channel)
    if room is not None and not sits_in(user, room) and not user.operator:
        network.reply(user, ERR_NOTONCHANNEL, channel_of(room))
        return None
    return room


def rules_in(network: Network, user: User, channel: str) -> Room | None:
    """Return the room where a user asks for what only its operators may; None where it is refused."""
    room = acts_in(network, user, channel)
    if room is not None and not rules(user, room):
        network.reply(user, ERR_CHANOPRIVSNEEDED, channel_of(room))
        return None
    return room


def rules(user: User, room: Room) -> bool:
    """Whether a user may do in a room what only its operators may."""
    return user.operator or (sits_in(user, room) and room.channel.modes.is_operator(user.name))


def silenced(network: Network, user: User) -> Refused | None:
    """Return why nobody is to read what a user writes of itself, as it may not speak in a channel that it is in.

    It is None where they are to.
    """
    assert user.memberships is not None
    for channel in user.memberships:
        if (refused := network.rooms[channel].channel.may_speak(user.name, network.turn.steady)) is not None:
            return refused
    return None


def silenced_towards(network: Network, user: User, other: User) -> Refused | None:
    """Return why `other` is not to read what a user writes to it alone, None where it is.

    Where a user may not speak to a channel, it may not whisper there either, be it gone from there meanwhile or not;
    nor where it sits and is banned. So it writes to those who sit there only by way of another channel where both sit.
    """
    assert other.memberships is not None
    found: Refused | None = None
    for channel in other.memberships if other is not user else ():
        room = network.rooms[channel]
        if other.name not in room.channel.seated:
            continue
        refused = room.channel.may_speak(user.name, network.turn.steady, user.host)
        if refused is None and sits_in(user, room) and (refused := room.channel.barred(user.name, WHISPERING)) is None:
            return None
        found = found or refused
    return found


def member_called(room: Room, nick: str) -> str | None:
    """Return the name of the member whom IRC calls `nick`, in whatever case, in a seat or in the line."""
    if nick in room.channel.seated or nick in room.channel.waiting:
        return nick  # others may have the name in another case, who came by a page
    names = (*room.log.directory.alike(nick), *(room.log.directory.alike(f"+{nick[1:]}") if nick[:1] == "_" else ()))
    return next((name for name in names if fold(nick_of(name)) == fold(nick)), None)


def carry_out(
    network: Network, user: User, verb: str, room: Room, command: Command, *about: str, guests: tuple[str, ...] = ()
) -> bool:
    """Carry out what a user asks of a room by `verb`, as a sign of its life; return whether that was done.

    Where it is refused, the user is told why: by the refusal's numeric, whose words are always the same or the
    refusal's, or by a standard reply. `about` is who is asked for something that only those seated can be;
    `guests` are the marks of whom an invitation means.
    """
    room.channel.touch(user.name, network.turn.steady)
    too_much = None if isinstance(command, _MODERATION) else network.replies.too_much(user)
    decision = too_much or room.channel.decide(command, _by(user, room), network.turn.steady)
    if isinstance(decision, Refused):
        refuse(network, user, verb, room, decision, *about)
        return False
    room.record(network.turn, meaning(decision, guests))
    return True


def _by(user: User, room: Room) -> str:
    """Return as whom a user asks: an operator of the server asks as the server where it has no role."""
    return user.name if sits_in(user, room) and (room.channel.modes.is_operator(user.name) or not user.operator) else ""


def refuse(network: Network, user: User, verb: str, room: Room, refused: Refused, *about: str) -> None:
    """Tell a user why what it asks of a room is refused, as `carry_out` has it."""
    numeric = ERR_USERNOTINCHANNEL if about and refused.code == "not-here" else REFUSALS.get(refused.code)
    if numeric is None:
        code = refused.code.upper().replace("-", "_")
        network.fail(user, verb, code, channel_of(room), text=refused.text)
    else:
        words = (*about, channel_of(room)) if numeric is ERR_USERNOTINCHANNEL else (channel_of(room),)
        is_fixed = numeric.text is not None and refused.code != "muted"
        network.reply(user, numeric, *words, text=numeric.text if is_fixed else refused.text)
