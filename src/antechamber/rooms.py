"""The rooms of the server by name: those of the config, in its order, and after them those that are open."""

from collections.abc import Iterable, Iterator, Mapping

from antechamber.fanout import Audience, Turn
from antechamber.limits import Limits
from antechamber.log import Log, LogError
from antechamber.room import Room


class Rooms(dict[str, Room]):
    """Every room by its name, with the audiences and the hosts of each in step."""

    def __init__(self, rooms: Iterable[Room]) -> None:
        super().__init__({room.name: room for room in rooms})
        self.audiences: dict[str, Audience] = {}
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
        self.pop(name, None)
        self.audiences.pop(name, None)
        self.hosts.pop(name, None)

    def set(self, rooms: Iterable[Room]) -> None:
        """Let these be the rooms, in their order."""
        wanted = list(rooms)
        for whole in (self, self.audiences, self.hosts):
            whole.clear()
        for room in wanted:
            self.put(room)

    def of_config(self) -> Iterator[Room]:
        """Return the rooms that the config has."""
        return (room for room in self.values() if not room.is_open)

    def open(self, name: str, turn: Turn, log: Log, limits: Limits) -> Room | None:
        """Found a room that is open, where there is none of this name, in this turn.

        Return None where there are as many rooms as there may be, or the log of an earlier one cannot be read.
        """
        most = limits.channels_max
        if len(self) >= most and sum(not room.has_ended for room in self.values()) >= most:
            return None
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
        self.audiences[room.name] = room.audience
        self.hosts[room.name] = room.hosts


def open_limits(limits: Limits) -> Limits:
    """Return the limits of a room that is open: nobody goes AFK there, and nothing is held."""
    return limits._replace(idle_seconds_max=float("inf"), seat_hold_seconds=0.0, place_hold_seconds=0.0)
