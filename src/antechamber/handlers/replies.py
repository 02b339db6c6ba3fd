"""Answers: what a session is told about a command of its own."""

from math import ceil
from typing import Any

from antechamber import __version__
from antechamber.protocol.commands import Hello, Malformed, Operate, Resume, Send, Whisper
from antechamber.protocol.limits import Limits
from antechamber.protocol.notices import Done, Refusal
from antechamber.protocol.refusals import Refused
from antechamber.rooms.room import Room
from antechamber.rooms.turn import Turn
from antechamber.runtime.clock import Clock
from antechamber.session.budgets import Budgets
from antechamber.session.session import Session

SERVER = f"antechamber/{__version__}"
"""What the server calls itself to who comes in."""


class Replies:
    """Answers commands in the turn under way, which the hub sets before any is carried out."""

    turn: Turn

    def __init__(self, limits: Limits, clock: Clock, budgets: Budgets) -> None:
        self.limits = limits
        self.budgets = budgets
        self.at: Room | None = None
        """The room in hand: a fault of the program is its."""
        self._clock = clock

    @property
    def utc_offset_seconds(self) -> int:
        """The server's local time less UTC."""
        return self._clock.utc_offset_seconds(self.turn.time)

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

    def too_much(self, session: Session) -> Refused | None:
        """Return why nothing of a session's is kept for now, None where it is.

        Its address has said more than the log takes in of one. What operators of the server do is kept in any case.
        """
        if session.operator or not self.budgets.owes("logged_bytes", session.host):
            return None
        seconds = ceil(self.budgets.seconds_until("logged_bytes", session.host))
        text = f"More is said from your address than the server keeps of one, so this was not done: wait {seconds} s."
        return Refused("too-fast", text)

    def turn_away(self, session: Session, command: Hello | Resume | Operate | Malformed, code: str, text: str) -> None:
        """Refuse what a session came in with, and let it end. One of no door may say another hello instead."""
        self.refuse(session, command, code, text, self.utc_offset_seconds)
        if session.door or not isinstance(command, Hello | Malformed):
            self.turn.end(session, "refused", text)

    def present(self, session: Session, room: Room, command: Whisper | Send) -> Session | None:
        """Return the session of the seated member whom `command` is for; refuse it where that one is away."""
        target = room.sessions.get(command.to)
        if target is None or target.closed:
            self.refuse(session, command, "away", f"{command.to} has lost the connection and may come back soon.")
            return None
        return target
