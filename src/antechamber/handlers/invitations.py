"""Inviting: who is asked into a channel is told so in the channels where it is already, and is known by these."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from msgspec.structs import replace

from antechamber.protocol.events import AnyEvent, Invited
from antechamber.protocol.notices import Invitation
from antechamber.rooms.room import Room
from antechamber.rooms.turn import Turn


def guests(rooms: Mapping[str, Room], room: Room, name: str, mark: Callable[..., str]) -> tuple[str, ...]:
    """Return the marks of those who are called `name` in other channels than `room`."""
    found = [(other.name, other.channel.membership(name)) for other in rooms.values() if other is not room]
    return tuple(mark(channel, one.entered) for channel, one in found if one is not None)


def meaning(events: Iterable[AnyEvent], marks: tuple[str, ...]) -> Sequence[AnyEvent]:
    """Return a decision's events, with an invitation among them meaning those who have these marks."""
    return [replace(event, guests=marks) if marks and type(event) is Invited else event for event in events]


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
