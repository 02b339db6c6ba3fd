"""What happens to the server as a whole: reloads, restarts, kills and power failures."""

from typing import TYPE_CHECKING

from antechamber.protocol.commands import Shutdown
from antechamber.protocol.events import Said
from antechamber.protocol.limits import Limits
from antechamber.rooms.room import Room
from tests.simulation.disk import Failure
from tests.simulation.failing import Killed, RuleBroken
from tests.simulation.faults import ring_next

if TYPE_CHECKING:
    from tests.simulation.world import World

_DRAIN_SECONDS = 1.8


def reload(world: "World") -> bool:
    """Take up another config: most of it as it was, or all of it new."""
    dice, server = world.dice, world.server
    limits = world.plan.limits(dice) if dice.chance(300) else server.limits
    rooms = world.plan.rooms(dice, limits)
    if dice.chance(600):
        kept = {room.name: room for room in server.rooms.values()}
        rooms = [_mixed(room, kept.get(room.name), limits) for room in rooms]
        rooms += [_mixed(room, room, limits) for room in kept.values() if room.name not in {r.name for r in rooms}]
    if dice.chance(500):
        world.settle()
    _reload(world, rooms, limits)
    return True


def _mixed(room: Room, old: Room | None, limits: Limits) -> Room:
    """Return a room with the seats of `room`, and the other settings of `old`, where there is one."""
    other = old or room
    own = limits._replace(
        waiting_max=other.limits.waiting_max,
        idle_seconds_max=other.limits.idle_seconds_max,
        seat_hold_seconds=other.limits.seat_hold_seconds,
        place_hold_seconds=other.limits.place_hold_seconds,
    )
    return Room(room.name, room.port, room.capacity, own, other.topic, other.retention)


def _reload(world: "World", rooms: list[Room], limits: Limits) -> None:
    server, ledgers = world.server, world.ledgers
    unread = world.disk.unread
    picture = None if server.busy() or server.loop.soon else server.picture()
    for room in rooms:
        ledger = ledgers[room.name]
        if not ledger.is_open:
            ledger.open(room.capacity, room.limits, world.step)
            ledger.is_open = False  # which it is once that is done
        elif not server.room(room.name).stopped:
            ledger.seats_least = min(ledger.seats_least, room.capacity)
            ledger.seats_most = max(ledger.seats_most, room.capacity)
    names = {room.name for room in rooms}
    for name, ledger in ledgers.items():
        ledger.closing = ledger.is_open and name not in names
    try:
        server.reload(rooms, limits)
        world.counts["reloads"] += 1
    except Failure:
        world.counts["failed reloads"] += 1
        if picture is not None and world.disk.unread == unread:
            changed = [(old, new) for old, new in zip(picture, server.picture(), strict=True) if old != new]
            if changed:
                raise RuleBroken(f"a reload failed, and something has changed: {changed}") from None
    for name, ledger in ledgers.items():
        if server.has(name) and not ledger.is_open and not server.room(name).stopped:
            ledger.agree_on_mutes(server.room(name).channel, adopt=world.clock.was_set)
        ledger.closing = False
        ledger.is_open = server.has(name)
        if ledger.is_open and not server.room(name).stopped:
            room = server.room(name)
            ledger.seats_least = ledger.seats_most = room.capacity
            ledger.limits = room.limits
    world.reloaded_at = world.clock.time
    world.after_turn(whole=True)


def kill(world: "World") -> bool:
    """Kill the process now, or in the middle of what it does next."""
    dice, fuse = world.dice, world.fuse
    way = dice.below(4)
    if way == 0:
        fuse.before_append = True
    elif way == 1:
        fuse.after_append = True
    elif way == 2:
        fuse.writes_left = 1 + dice.below(8)
    if way < 3:
        world.settle()
    raise Killed


def shut_down(world: "World") -> bool:
    """End the process as it should, and start another."""
    server = world.server
    if world.dice.chance(500):
        server.hub.submit(server.operator.session, [Shutdown()])
    world.settle()
    doors = server.shut_down()
    until = world.clock.time + _DRAIN_SECONDS
    world.settle()
    told = [visit for visit in world.visits if visit.channel and not visit.slow and not visit.wire.outbox]
    while ring_next(server.loop, until):
        world.settle()
    world.settle()
    world.clock.time = until
    for visit in told:
        if not visit.over and not visit.wire.lost and not visit.wire.outbox:
            raise RuleBroken(f"the server shuts down, and {visit!r} was not told goodbye")
    for door in doors:
        door.abort()
    world.settle()
    for wire in world.wires:
        if not wire.lost:
            raise RuleBroken(f"the server has ended, and not the connection of {wire.reader!r}")
    world.counts["shutdowns"] += 1
    world.start()
    return True


def fail_power(world: "World") -> bool:
    """Cut the machine's power, and lose the last writes to the disk."""
    world.cut_power()
    lost = world.disk.lose_power(world.dice.below(12))
    for channel in sorted({*lost}):
        world.ledgers[channel].rewind(world.disk.shelf(channel).entries)
    events = [entry.event for shelf in world.disk.shelves.values() for entry in shelf.entries]
    world.asked.kept = {event.text for event in events if isinstance(event, Said)}
    world.start()
    return True
