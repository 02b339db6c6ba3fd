"""What the operators of a channel do there: members with that role, and operators of the server in any channel."""

from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import replace

from antechamber.handlers.carry_out import Executor
from antechamber.handlers.replies import refuse, tell_done
from antechamber.protocol.commands import (
    Announce,
    Command,
    Empty,
    Invite,
    Kick,
    Move,
    Mute,
    Privileged,
    Say,
    SetModes,
    SetTopic,
)
from antechamber.protocol.refusals import Refused
from antechamber.rooms.room import Room
from antechamber.rooms.turn import Turn
from antechamber.session.session import Session

ChannelCommand = Kick | Mute | Empty | Move | Announce | SetTopic | SetModes | Invite
_NOT_OPERATOR = ("operators-only", "Only the operator can do that.")


class ModerationHandlers:
    """Carry out what is asked of one channel; whether the role of a member allows it is the channel's decision."""

    def __init__(self, rooms: Mapping[str, Room], executor: Executor) -> None:
        self._rooms = rooms
        self._executor = executor
        commands = (Kick, Mute, Empty, Move, SetTopic, SetModes, Invite)
        self.member: Mapping[type[Command], Callable[[Turn, Session, Room, Any], None]] = {
            **dict.fromkeys((*commands, Announce), self._by_member),
            Privileged: self._privileged,
        }
        self.operator: Mapping[type[Command], Callable[[Turn, Session, Any], None]] = {
            **dict.fromkeys(commands, self._by_operator),
            Announce: self._announce,
        }

    def _by_member(self, turn: Turn, session: Session, room: Room, command: ChannelCommand) -> None:
        if command.channel in ("", room.name):
            self._answer(turn, session, command, self._executor.carry_out(turn, room, session, command))
        else:
            self._executor.show_life(turn, room, session, command)
            refuse(turn, session, command, *_NOT_OPERATOR)

    def _privileged(self, turn: Turn, session: Session, room: Room, command: Privileged) -> None:
        """Do what a member typed if its role allows that; otherwise say it, as everything else that is typed."""
        if room.channel.modes.is_operator(session.name):
            self._by_member(turn, session, room, replace(command.command, id=command.id))
            return
        said = Say(command.text, command.id)
        decision = self._executor.carry_out(turn, room, session, said)
        if isinstance(decision, Refused):
            refuse(turn, session, said, *decision)

    def _by_operator(self, turn: Turn, session: Session, command: ChannelCommand) -> None:
        room = self._rooms.get(command.channel)
        if room is not None and not room.stopped:
            self._answer(turn, session, command, self._executor.carry_out(turn, room, session, command, by=""))
        elif isinstance(command, Mute):
            refuse(turn, session, command, "not-here", f"{command.name} is not here.")
        else:
            refuse(turn, session, command, "no-such-channel", f"{command.channel} does not exist.")

    def _announce(self, turn: Turn, session: Session, command: Announce) -> None:
        """Announce something in one channel, or in all if none is named."""
        named = [self._rooms[command.channel]] if command.channel in self._rooms else []
        rooms = [room for room in (named if command.channel else self._rooms.values()) if not room.stopped]
        if command.channel and not rooms:
            refuse(turn, session, command, "no-such-channel", f"{command.channel} does not exist.")
            return
        for room in rooms:
            self._executor.carry_out(turn, room, session, command, by="")
        tell_done(turn, session, command)

    def _answer(self, turn: Turn, session: Session, command: Command, decision: object) -> None:
        if isinstance(decision, Refused):
            refuse(turn, session, command, *decision)
        else:
            tell_done(turn, session, command)
