"""The rooms of the server by name: those of the config in its order, and after them the open ones."""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial

from antechamber.log import Log, LogError
from antechamber.protocol.limits import Limits
from antechamber.protocol.text import fold
from antechamber.rooms.room import Room
from antechamber.rooms.turn import Audience, Turn


class RoomRegistry(dict[str, Room]):
    """Every room by its name, with the audience and the hosts of each."""

    def __init__(self, rooms: Iterable[Room]) -> None:
        super().__init__({room.name: room for room in rooms})
        self.audiences: dict[str, Audience] = {}
        self._folded: dict[str, dict[str, None]] = {}
        """The names that differ in case alone, by their folded form."""
        self.hosts: dict[str, Mapping[str, str]] = {}
        """The cloaked hosts that each channel knows, by channel and member."""
        for room in self.values():
            self._note(room)

    def put(self, room: Room) -> None:
        """Add a room."""
        self[room.name] = room
        self._note(room)

    def discard(self, name: str) -> None:
        """Remove a room, if it is there."""
        if self.pop(name, None) is not None:
            del self._folded[fold(name)][name]
            if not self._folded[fold(name)]:
                del self._folded[fold(name)]
        self.audiences.pop(name, None)
        self.hosts.pop(name, None)

    def set(self, rooms: Iterable[Room]) -> None:
        """Make these the rooms, in this order."""
        wanted = list(rooms)
        for whole in (self, self.audiences, self.hosts, self._folded):
            whole.clear()
        for room in wanted:
            self.put(room)

    def called(self, name: str) -> Room | None:
        """Return the room with this name, in any case; None if there is none."""
        return self.get(name) or self.get(next(iter(self._folded.get(fold(name), ())), ""))

    def of_config(self) -> Iterator[Room]:
        """Return the rooms of the config."""
        return (room for room in self.values() if not room.is_open)

    def are_full(self, limits: Limits) -> bool:
        """Return whether there are as many rooms as there may be."""
        most = limits.channels_max
        return len(self) >= most and sum(not room.has_ended for room in self.values()) >= most

    def open(self, name: str, turn: Turn, log: Log, limits: Limits) -> Room | None:
        """Found an open room in this turn, and return it. There must be no room with this name.

        Return None if the log of an earlier room with this name cannot be read.
        """
        room = Room(name, 0, limits.capacity_max, open_limits(limits), is_open=True)
        try:
            room.read_log(log, turn.time, turn.steady)
        except LogError:
            return None
        self.put(room)
        turn.undo.append(partial(self.discard, name))
        room.found(turn)
        return room

    def ended(self, names: Iterable[str]) -> list[str]:
        """Remove the rooms among `names` that have ended, and return their names."""
        over = [name for name in names if (room := self.get(name)) is not None and room.has_ended]
        for name in over:
            self.discard(name)
        return over

    def _note(self, room: Room) -> None:
        self._folded.setdefault(fold(room.name), {})[room.name] = None
        self.audiences[room.name] = room.audience
        self.hosts[room.name] = room.hosts


def open_limits(limits: Limits) -> Limits:
    """Return the limits of an open room: nobody loses a seat for idling there, and nothing is held."""
    return limits._replace(idle_seconds_max=float("inf"), seat_hold_seconds=0.0, place_hold_seconds=0.0)
