"""What the operator's commands do: one short method each."""

from collections.abc import Callable, Mapping
from typing import Any

from antechamber.channel.channel import Refused
from antechamber.handlers.invitations import guests, meaning, tell_guest
from antechamber.handlers.replies import SERVER, Replies
from antechamber.handlers.targets import aim
from antechamber.protocol.commands import (
    PROTOCOL,
    Announce,
    Command,
    Empty,
    Invite,
    Kick,
    Move,
    Mute,
    Operate,
    SetModes,
    SetTopic,
    Shutdown,
)
from antechamber.protocol.notices import Operating
from antechamber.rooms.room import Room
from antechamber.rooms.turn import Turn
from antechamber.session.login_attempts import OPERATOR, LoginAttempts
from antechamber.session.session import Session
from antechamber.session.tokens import Tokens

InChannel = Kick | Mute | Empty | Move | SetTopic | SetModes | Invite


class OperatorCommands:
    """Carries them out in the turn under way, for the server's own console and for the operators' pages."""

    tokens: Tokens

    def __init__(self, rooms: Mapping[str, Room], replies: Replies, login_attempts: LoginAttempts) -> None:
        self.shutdown_asked = False
        self.table: dict[type[Command], Callable[[Session, Any], None]] = {
            Kick: self._in_channel,
            Mute: self._in_channel,
            Empty: self._in_channel,
            Move: self._in_channel,
            SetTopic: self._in_channel,
            SetModes: self._in_channel,
            Invite: self._in_channel,
            Announce: self._announce,
            Shutdown: self._shutdown,
        }
        self._rooms = rooms
        self._replies = replies
        self._login_attempts = login_attempts

    @property
    def turn(self) -> Turn:
        """The turn under way."""
        return self._replies.turn

    def take(self, session: Session, command: Command) -> None:
        """Carry out a command of the operator's, or refuse it to whoever is none."""
        if not session.operator:
            self._replies.refuse(session, command, "operators-only", "Only the operator can do that.")
        else:
            self.table[type(command)](session, command)

    def operate(self, session: Session, command: Operate, tokens: Tokens) -> None:
        """Make an operator's session of one that shows the token; one that shows another ends."""
        replies, turn = self._replies, self.turn
        if (refused := self._login_attempts.waits(session, OPERATOR)) is not None:
            replies.turn_away(session, command, *refused)
            return
        if not tokens.operates(command.token):
            self._login_attempts.failed(session, OPERATOR, "operator token")
            replies.turn_away(session, command, "bad-token", "That is not the operator's token of this server.")
            return
        self._login_attempts.succeeded(session, OPERATOR)
        session.operator = True

        def undo() -> None:
            session.operator = False

        turn.undo.append(undo)
        offset, mute_seconds_max = replies.utc_offset_seconds, replies.limits.mute_seconds_max
        turn.tell(session, Operating(turn.time, SERVER, PROTOCOL, offset, mute_seconds_max, command.id))

    def _in_channel(self, session: Session, command: InChannel) -> None:
        room = self._replies.at = self._rooms.get(command.channel)
        if room is not None and not room.stopped:
            aimed = aim(room, command)
            decision = aimed if isinstance(aimed, Refused) else room.channel.decide(aimed, "", self.turn.steady)
            if isinstance(decision, Refused):
                self._replies.refuse(session, command, *decision)
            else:
                if isinstance(command, Invite):
                    decision = meaning(decision, guests(self._rooms, room, command.name, self.tokens.mark))
                room.record(self.turn, decision)
                if isinstance(command, Invite):
                    tell_guest(self.turn, self._rooms, room, command.name, "")
                self._replies.done(session, command)
        elif isinstance(command, Mute):
            self._replies.refuse(session, command, "not-here", f"{command.name} is not here.")
        else:
            self._no_such_channel(session, command)

    def _announce(self, session: Session, command: Announce) -> None:
        named = [self._rooms[command.channel]] if command.channel in self._rooms else []
        rooms = [room for room in (named if command.channel else self._rooms.values()) if not room.stopped]
        if command.channel and not rooms:
            self._no_such_channel(session, command)
            return
        for room in rooms:
            self._replies.at = room
            decision = room.channel.decide(command, "", self.turn.steady)
            assert not isinstance(decision, Refused)
            room.record(self.turn, decision)
        self._replies.done(session, command)

    def _no_such_channel(self, session: Session, command: InChannel | Announce) -> None:
        self._replies.refuse(session, command, "no-such-channel", f"{command.channel} does not exist.")

    def _shutdown(self, session: Session, command: Shutdown) -> None:
        if session.observes:
            self.shutdown_asked = True
        else:
            text = "The server is shut down only at the server's own terminal."
            self._replies.refuse(session, command, "operators-only", text)
