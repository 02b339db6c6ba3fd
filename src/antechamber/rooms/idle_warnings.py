"""Idle warnings: a silent member is warned before it loses its seat, once for each silence.

A turn that the log did not keep has warned nobody. Its rollback makes the warnings due again.
"""

from antechamber.protocol.notices import Idling
from antechamber.rooms.room import Room
from antechamber.rooms.turn import Turn


def warn(room: Room, turn: Turn, name: str) -> None:
    """Warn a seated member that it loses its seat soon unless it gives a sign of life."""
    seat = room.channel.seated[name]
    turn.set(seat, "warned_of", seat.active_at)
    turn.part(room.name)  # so that the hub looks ahead here, though there is no event
    if (session := room.sessions.get(name)) is not None:
        seconds = round(room.channel.idle_seconds_left(name, turn.steady), 3)
        turn.tell(session, Idling(turn.time, room.name, seconds))


def warn_again(room: Room, turn: Turn, name: str) -> None:
    """Make the next turn warn a member who has come back by another connection, if it is still idle."""
    seat = room.channel.seated.get(name)
    if seat is not None and seat.warned_of is not None:
        turn.set(seat, "warned_of", None)
        turn.set(room, "due_at", min(room.due_at, turn.steady))
        turn.part(room.name)  # so that the hub looks ahead here, though there is no event
