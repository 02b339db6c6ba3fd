"""Inviting: who is asked into a channel is told so in the channels where it is already."""

from collections.abc import Mapping

from antechamber.fanout import Turn
from antechamber.notices import Invitation
from antechamber.room import Room


def tell_guest(turn: Turn, rooms: Mapping[str, Room], room: Room, name: str, by: str) -> None:
    """Tell those who are called `name` in other channels that `by`, "" for the operator, asks them into `room`.

    A connection that has several memberships is told once.
    """
    told = set()
    for other in rooms.values():
        session = other.sessions.get(name)
        if session is None or session.closed or other is room or session.outlet in told:
            continue
        told.add(session.outlet)
        turn.tell(session, Invitation(turn.time, room.name, by))
