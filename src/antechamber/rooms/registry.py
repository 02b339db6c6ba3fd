"""The rooms of the server by name: those of the config, in its order, and after them those that are open."""

from collections.abc import Iterable, Iterator, Mapping

from antechamber.log import Log, LogError
from antechamber.protocol.limits import Limits
from antechamber.protocol.text import fold
from antechamber.rooms.room import Room
from antechamber.rooms.turn import Audience, Turn


class RoomRegistry(dict[str, Room]):
    """Every room by its name, with the audiences and the hosts of each in step."""

    def __init__(self, rooms: Iterable[Room]) -> None:
        super().__init__({room.name: room for room in rooms})
        self.audiences: dict[str, Audience] = {}
        self._folded: dict[str, dict[str, None]] = {}
        """The names that are the same in another case, by how they are folded."""
        self.hosts: dict[str, Mapping[str, str]] = {}
        """What each channel knows of its members' hosts, cloaked, by name."""
        for room in self.values():
            self._note(room)

    def put(self, room: Room) -> None:
        """Let there be a room more."""
        self[room.name] = room
        self._note(room)

    def discard(self, name: str) -> None:
        """Let there be a room no more."""
        if self.pop(name, None) is not None:
            del self._folded[fold(name)][name]
            if not self._folded[fold(name)]:
                del self._folded[fold(name)]
        self.audiences.pop(name, None)
        self.hosts.pop(name, None)

    def set(self, rooms: Iterable[Room]) -> None:
        """Let these be the rooms, in their order."""
        wanted = list(rooms)
        for whole in (self, self.audiences, self.hosts, self._folded):
            whole.clear()
        for room in wanted:
            self.put(room)

    def called(self, name: str) -> Room | None:
        """Return the room of this name, in whatever case; None where there is none."""
        return self.get(name) or self.get(next(iter(self._folded.get(fold(name), ())), ""))

    def of_config(self) -> Iterator[Room]:
        """Return the rooms that the config has."""
        return (room for room in self.values() if not room.is_open)

    def are_full(self, limits: Limits) -> bool:
        """Say whether there are as many rooms as there may be."""
        most = limits.channels_max
        return len(self) >= most and sum(not room.has_ended for room in self.values()) >= most

    def open(self, name: str, turn: Turn, log: Log, limits: Limits) -> Room | None:
        """Found a room that is open, where there is none of this name, in this turn.

        Return None where the log of an earlier one cannot be read.
        """
        room = Room(name, 0, limits.capacity_max, open_limits(limits), is_open=True)
        try:
            room.read_log(log, turn.time, turn.steady)
        except LogError:
            return None
        self.put(room)
        turn.undo.append(lambda: self.discard(name))
        room.found(turn)
        return room

    def ended(self, names: Iterable[str]) -> list[str]:
        """Let those of `names` be no more that are open, and have nobody in them; return which those are."""
        over = [name for name in names if (room := self.get(name)) is not None and room.has_ended]
        for name in over:
            self.discard(name)
        return over

    def _note(self, room: Room) -> None:
        self._folded.setdefault(fold(room.name), {})[room.name] = None
        self.audiences[room.name] = room.audience
        self.hosts[room.name] = room.hosts


def open_limits(limits: Limits) -> Limits:
    """Return the limits of a room that is open: nobody goes AFK there, and nothing is held."""
    return limits._replace(idle_seconds_max=float("inf"), seat_hold_seconds=0.0, place_hold_seconds=0.0)
