"""Answers: what a session is told about a command of its own."""

from typing import Any

from antechamber.commands import Malformed, Send, Whisper
from antechamber.events import Done, Refusal
from antechamber.fanout import Turn
from antechamber.room import Room
from antechamber.session import Session


class Answers:
    """Answers commands in the turn under way, which the hub sets before any is carried out."""

    turn: Turn

    def done(self, session: Session, command: Any) -> None:
        """Tell a session, where its command has an id, that it was carried out."""
        if command.id:
            self.turn.tell(session, Done(self.turn.time, command.id))

    def refuse(self, session: Session, command: Any, code: str, text: str, utc_offset_seconds: int = 0) -> None:
        """Tell a session that what it asked is not done."""
        command_id = getattr(command, "id", "")
        if type(command) is not Malformed:
            session.forget(command_id)  # it changed nothing, so a retry is judged anew
        self.turn.tell(session, Refusal(self.turn.time, code, text, command_id, utc_offset_seconds))

    def present(self, session: Session, room: Room, command: Whisper | Send) -> Session | None:
        """Return the session of the seated member whom `command` is for; refuse it where that one is away."""
        target = room.sessions.get(command.to)
        if target is None or target.closed:
            self.refuse(session, command, "away", f"{command.to} has lost the connection and may come back soon.")
            return None
        return target
