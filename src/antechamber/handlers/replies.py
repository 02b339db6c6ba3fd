"""What a JSON or plain session is told about its own command: that it was done, or why not."""

from typing import Any

from antechamber import __version__
from antechamber.protocol.commands import Hello, Malformed, Operate, Resume
from antechamber.protocol.notices import Done, Refusal
from antechamber.rooms.turn import Turn
from antechamber.session.session import Session

SERVER = f"antechamber/{__version__}"
"""The server's name and version, as a welcome has them."""


def tell_done(turn: Turn, session: Session, command: Any) -> None:
    """Tell a session that its command was carried out, if the command has an id."""
    if command.id:
        turn.tell(session, Done(turn.time, command.id))


def refuse(turn: Turn, session: Session, command: Any, code: str, text: str, *, utc_offset_seconds: int = 0) -> None:
    """Tell a session that its command was not carried out, and why."""
    command_id = getattr(command, "id", "")
    if type(command) is not Malformed:
        session.forget(command_id)  # it changed nothing, so a retry is judged anew
    turn.tell(session, Refusal(turn.time, code, text, command_id, utc_offset_seconds))


def turn_away(
    turn: Turn, session: Session, command: Hello | Resume | Operate | Malformed, code: str, text: str
) -> None:
    """Refuse the command that a session came in with, and end the session.

    A session of the front desk, which belongs to no channel, may say another hello instead.
    """
    refuse(turn, session, command, code, text, utc_offset_seconds=turn.utc_offset_seconds)
    if session.door or not isinstance(command, Hello | Malformed):
        turn.end(session, "refused", text)
