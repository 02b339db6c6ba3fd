"""The server's process: hub, doors and operator, made anew with each start and gone without a trace when killed."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from antechamber.codec.jsonl import JSON
from antechamber.gateway.admission import Admission
from antechamber.gateway.channel_port import ChannelPort
from antechamber.gateway.connection import AnyConnection
from antechamber.hub.hub import Hub
from antechamber.protocol.limits import CurrentLimits, Limits
from antechamber.rooms.room import Room
from antechamber.rooms.transfers import Transfers
from antechamber.session.budgets import Budgets
from antechamber.session.session import Session
from tests.simulation.clockwork import WorldLoop
from tests.simulation.failing import RuleBroken
from tests.simulation.wire import Wire

if TYPE_CHECKING:
    from tests.simulation.world import World

_ENTRY = b'{"type":"entry","channel":"'


class CheckedHub(Hub):
    """The hub itself; the world looks at it after every turn."""

    world: "World"

    def _take_turn(self) -> None:
        super()._take_turn()
        self.world.after_turn()


class WorldDoor(ChannelPort):
    """A channel's door, without a listening socket."""

    def __init__(self, room: Room, hub: Hub, admission: Admission, loop: WorldLoop) -> None:
        super().__init__(room.name, [], hub, room.limits, admission)
        self.loop = cast(Any, loop)


class Operator:
    """The operator's session, which reads what happens everywhere as the log has it."""

    def __init__(self, world: "World") -> None:
        self.session = Session(self, JSON, "", operator=True)
        self._world = world
        self.read: dict[str, int] = {}
        """The last entry of each channel that it was told of in this process."""

    def write(self, data: bytes) -> None:
        for line in data[:-1].split(b"\n"):
            if line.startswith(_ENTRY):
                channel = line[len(_ENTRY) :].split(b'"', 1)[0].decode()
                read = self.read[channel]
                lines = self._world.disk.shelves[channel].lines
                if read >= len(lines) or lines[read] != line:
                    raise RuleBroken(f"the operator, who has read up to {read}, was told {line!r}")
                self.read[channel] = read + 1

    def close(self) -> None:
        raise RuleBroken("the operator's session was closed")

    def abort(self) -> None:
        raise RuleBroken("the operator's session was cut off")

    def pause_reading(self) -> None:
        """Wait."""

    def resume_reading(self) -> None:
        """Go on."""

    def get_write_buffer_size(self) -> int:
        return 0


class Server:
    """One process, from its start on. Raises LogError where the log cannot be opened."""

    def __init__(self, world: "World", rooms: Sequence[Room], limits: Limits) -> None:
        self._world = world
        self.loop = WorldLoop(world.clock)
        transfers = Transfers(world.new_ticket, Budgets(CurrentLimits(limits), world.clock))
        self.hub = CheckedHub(rooms, world.disk, transfers, world.clock, self.loop)
        self.admission = Admission(limits, self.hub.budgets)
        self.hub.world = world
        self.limits = limits
        self.down = False
        self.hub.open()
        self.hub.announce_front_desk(9876)
        self.hub.on_shutdown(world.ask_for_shutdown)
        self.operator = Operator(world)
        self.hub.add_operator(self.operator.session)
        self.doors: dict[str, WorldDoor] = {}
        self._closed_doors: list[WorldDoor] = []
        self._open_doors()

    @property
    def rooms(self) -> Mapping[str, Room]:
        return self.hub.rooms

    def room(self, channel: str) -> Room:
        return self.hub.rooms[channel]

    def has(self, channel: str) -> bool:
        return channel in self.hub.rooms

    def busy(self) -> bool:
        """Return whether something waits in the inbox."""
        return bool(self.hub._inbox)

    def _open_doors(self) -> None:
        for name, room in self.rooms.items():
            if name not in self.doors:
                self.doors[name] = WorldDoor(room, self.hub, self.admission, self.loop)
            self.doors[name].limits = room.limits
        for name in self.rooms:
            self.operator.read.setdefault(name, self._world.disk.last_sequence(name))

    def knock(self, wire: Wire, channel: str, address: str) -> None:
        """Accept a connection at a channel's port, or make it wait outside."""
        guest = self.doors[channel].admit(address)
        assert guest is not None, "there is room on the doorstep"
        wire.protocol = guest
        guest.connection_made(cast(Any, wire))

    def reload(self, rooms: Sequence[Room], limits: Limits) -> None:
        """Take up other settings, as the composition root does. Raises LogError, and then nothing has changed."""
        for room in rooms:
            if room.name not in self.rooms:
                self.operator.read[room.name] = self._world.disk.last_sequence(room.name)
        self.hub.reload(rooms, limits)
        self.limits = self.admission.limits = limits
        for name in [name for name in self.doors if name not in self.rooms]:
            door = self.doors.pop(name)
            door.close()
            self._closed_doors.append(door)
        self._open_doors()

    def shut_down(self) -> list[WorldDoor]:
        """Say goodbye to everybody, and let nobody in any more."""
        self.down = True
        doors = [*self.doors.values(), *self._closed_doors]
        for door in doors:
            door.close()
        self.hub.close()
        return doors

    def guests(self) -> list[AnyConnection]:
        """Return all who are in, or wait outside."""
        return [guest for door in (*self.doors.values(), *self._closed_doors) for guest in door.connections]

    def picture(self) -> list[object]:
        """Return all that a reload that fails must leave as it is."""
        return [
            (
                room,
                room.capacity,
                room.limits,
                room.topic,
                room.retention,
                room.log.sequence,
                dict(room.sessions),
                dict(room.held),
                list(room.channel.seated),
                list(room.channel.waiting),
            )
            for room in self.rooms.values()
            if not room.stopped
        ]
