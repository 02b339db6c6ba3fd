"""What members do whose role in their channel allows it; whether it does is the channel's to judge."""

from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import replace

from antechamber.channel.channel import Refused
from antechamber.handlers.invitations import guests, meaning, tell_guest
from antechamber.handlers.replies import Replies
from antechamber.handlers.targets import aim
from antechamber.protocol.commands import (
    Announce,
    Command,
    Empty,
    Invite,
    Kick,
    Move,
    Mute,
    Privileged,
    Rename,
    Say,
    SetModes,
    SetTopic,
)
from antechamber.protocol.notices import Named
from antechamber.rooms.room import Room
from antechamber.session.session import Session
from antechamber.session.tokens import Tokens

_MODERATION = (Kick, Mute, Empty, Move)
"""What is kept in any case: it stops those who say too much, from the same address perhaps."""
ChannelCommand = Kick | Mute | Empty | Move | Announce | SetTopic | SetModes | Invite


class RoleCommands:
    """Carries them out in the turn under way. The hub sets `tokens` before there is one."""

    tokens: Tokens

    def __init__(self, rooms: Mapping[str, Room], replies: Replies) -> None:
        self.table: dict[type[Command], Callable[[Session, Room, Any], None]] = {
            **dict.fromkeys((Kick, Mute, Empty, Move, Announce, SetTopic, SetModes, Invite), self.take),
            Privileged: self.privileged,
            Rename: self.rename,
        }
        self._rooms = rooms
        self._replies = replies

    def take(self, session: Session, room: Room, command: ChannelCommand | Say) -> None:
        """Carry out, or refuse, what a member asks of its own channel."""
        replies = self._replies
        if not isinstance(command, Say) and command.channel not in ("", room.name):
            replies.refuse(session, command, "operators-only", "Only the operator can do that.")
            return
        aimed = aim(room, command)
        if not isinstance(aimed, Refused) and not isinstance(command, _MODERATION):
            aimed = replies.too_much(session) or aimed
        steady = replies.turn.steady
        decision = aimed if isinstance(aimed, Refused) else room.channel.decide(aimed, session.name, steady)
        if isinstance(decision, Refused):
            replies.refuse(session, command, *decision)
        else:
            if isinstance(command, Invite):
                decision = meaning(decision, guests(self._rooms, room, command.name, self.tokens.mark))
            room.record(replies.turn, decision)
            if isinstance(command, Invite):
                tell_guest(replies.turn, self._rooms, room, command.name, session.name)
            if not isinstance(command, Say):
                replies.done(session, command)

    def privileged(self, session: Session, room: Room, command: Privileged) -> None:
        """Do what a member typed where its role allows that; otherwise it is said, as everything else is."""
        if room.channel.modes.is_operator(session.name):
            self.take(session, room, replace(command.command, id=command.id))
        else:
            self.take(session, room, Say(command.text, command.id))

    def rename(self, session: Session, room: Room, command: Rename) -> None:
        """Let a member have another name, and the token that goes with it."""
        replies, turn = self._replies, self._replies.turn
        decision = replies.too_much(session) or room.channel.decide(command, session.name, turn.steady)
        if not isinstance(decision, Refused) and decision and room.clashes(command.name):
            text = f"Somebody called {command.name} is in the {room.name} channel already."
            decision = Refused("name-taken", text)
        if isinstance(decision, Refused):
            replies.refuse(session, command, *decision)
            return
        if decision:
            room.record(turn, decision)
            token = self.tokens.make(room.claim(session.name)) if session.holds else ""
            turn.tell(session, Named(turn.time, room.name, session.name, token))
        replies.done(session, command)
