"""Warnings: who is silent for long is told before its seat goes.

Each is told once for one silence. A turn that the log did not keep has told nobody, so its warnings are due again.
"""

from antechamber.channel.channel import Seat
from antechamber.protocol.notices import Idling
from antechamber.rooms.room import Room
from antechamber.rooms.turn import Turn


def warn(room: Room, turn: Turn, name: str) -> None:
    """Tell a seated member that it loses its seat soon, unless it gives a sign of life."""
    seat = room.channel.seated[name]
    before, seat.warned_of = seat.warned_of, seat.active_at
    if (session := room.sessions.get(name)) is not None:
        seconds = round(room.channel.idle_seconds_left(name, turn.steady), 3)
        turn.tell(session, Idling(turn.time, room.name, seconds))
    _undo_with(room, turn, seat, before)


def warn_again(room: Room, turn: Turn, name: str) -> None:
    """Let a member that comes back by another connection be warned there too, by the next turn, if it is idle still."""
    seat = room.channel.seated.get(name)
    if seat is not None and seat.warned_of is not None:
        before, seat.warned_of = seat.warned_of, None
        room.due_at = min(room.due_at, turn.steady)
        _undo_with(room, turn, seat, before)


def _undo_with(room: Room, turn: Turn, seat: Seat, before: float | None) -> None:
    turn.part(room.name)  # so that the hub looks ahead here, though nothing happened

    def undo() -> None:
        seat.warned_of = before
        room.due_at = min(room.due_at, turn.steady)

    turn.undo.append(undo)
