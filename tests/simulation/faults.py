"""What the operator, the clocks and the disk do. Each returns whether it did anything."""

from typing import TYPE_CHECKING

from antechamber.protocol.commands import Announce, Command, Empty, Kick, Move, Mute, SetModes, SetTopic
from antechamber.protocol.events import ModeChange
from antechamber.rooms.transfers import Abandon, Uploaded
from tests.simulation.clockwork import WorldLoop
from tests.simulation.plan import CHANNELS

if TYPE_CHECKING:
    from tests.simulation.world import World


def _ask(world: "World", command: Command) -> bool:
    world.server.hub.submit(world.server.operator.session, [command])
    return True


def _somebody(world: "World") -> tuple[str, str]:
    """Return a channel and the name of somebody, who is mostly there."""
    channel = world.dice.pick(CHANNELS)
    members = [member.name for member in world.ledgers[channel].members()]
    return channel, world.dice.pick(members if members and world.dice.chance(800) else world.plan.names)


def kick(world: "World") -> bool:
    channel, name = _somebody(world)
    world.asked.of["kick", channel, name] += 1
    return _ask(world, Kick(channel, name))


def mute(world: "World") -> bool:
    channel, name = _somebody(world)
    world.asked.of["mute", channel, name] += 1
    return _ask(world, Mute(channel, name, world.dice.pick((0, 1, 5, 60, 1_000))))


def empty(world: "World") -> bool:
    channel = world.dice.pick(CHANNELS)
    world.asked.of["empty", channel] += 1
    return _ask(world, Empty(channel))


def move(world: "World") -> bool:
    """Give somebody who waits another place."""
    channel = world.dice.pick(CHANNELS)
    waiting = list(world.ledgers[channel].waiting)
    name = world.dice.pick(waiting if waiting and world.dice.chance(800) else world.plan.names)
    world.asked.of["move", channel, name] += 1
    return _ask(world, Move(channel, name, world.dice.below(6) - 1))


def announce(world: "World") -> bool:
    """Tell everyone in one channel, or in all, something in a line or two."""
    text = f"tea {world.next_number()}" + world.dice.pick(("", "\nat five"))
    channel = world.dice.pick(("", *CHANNELS))
    for name in [channel] if channel else CHANNELS:
        world.asked.of["announce", name, text] += 1
    return _ask(world, Announce(text, channel))


def set_topic(world: "World") -> bool:
    """Say what a channel is about, or let it be the config's business again."""
    channel, topic = world.dice.pick(CHANNELS), world.dice.pick(("", "tea", "coffee"))
    world.asked.of["topic", channel, topic] += 1
    return _ask(world, SetTopic(topic, channel))


def set_modes(world: "World") -> bool:
    """Moderate a channel, or end that; give somebody a voice, or take it."""
    channel, name = _somebody(world)
    sign = world.dice.pick("+-")
    change = ModeChange(f"{sign}v", name) if world.dice.chance(500) else ModeChange(f"{sign}m")
    world.asked.of["modes", channel, change] += 1
    return _ask(world, SetModes((change,), channel))


def ban(world: "World") -> bool:
    """Ban somebody, by name or by where it comes from, or all; make an exception, or take such back."""
    dice, (channel, name) = world.dice, _somebody(world)
    ledger = world.ledgers[channel]
    member = ledger.seated.get(name) or ledger.waiting.get(name)
    letter = "e" if dice.chance(300) else "b"
    present = sorted(ledger.masks[letter])
    if present and dice.chance(600):
        change = ModeChange(f"-{letter}", dice.pick(present))
    else:
        host = member.host if member is not None and dice.chance(200) else ""
        change = ModeChange(f"+{letter}", f"*!*@{host}" if host else "*!*@*" if dice.chance(50) else f"{name}!*@*")
    world.asked.of["modes", channel, change] += 1
    return _ask(world, SetModes((change,), channel))


def move_file(world: "World") -> bool:
    """Give the front desk a whole file, or give it up."""
    server = world.server
    transfers = list(server.hub.transfers._by_ticket.values())
    if not transfers:
        return False
    transfer = world.dice.pick(transfers)
    way = world.dice.below(4)
    if way == 0 and transfer.state == "asked":
        transfer.state = "uploading"
        transfer.moved_at = world.clock.time
    elif way < 3 and transfer.state in ("asked", "uploading"):
        server.hub.submit(transfer.sender, [Uploaded(transfer.ticket)])
    else:
        server.hub.submit(transfer.sender, [Abandon(transfer.ticket, "it broke.")])
    return True


# Time


def pass_moment(world: "World") -> bool:
    return pass_time(world, (1 + world.dice.below(1_000)) / 1_000)


def pass_seconds(world: "World") -> bool:
    return pass_time(world, 1.0 + world.dice.below(20))


def pass_minutes(world: "World") -> bool:
    return pass_time(world, 60.0 + world.dice.below(300))


def pass_time(world: "World", seconds: float) -> bool:
    """Advance the clock, and do whatever is due meanwhile when it is due."""
    clock, server = world.clock, world.server
    until = clock.time + seconds
    world.settle()
    while world.server is server and ring_next(server.loop, until):
        world.settle()
    clock.time = max(clock.time, until)
    return True


def ring_next(loop: WorldLoop, until: float) -> bool:
    """Ring the next alarm, if one is due by then."""
    if loop.next_alarm_at() > until:
        return False
    loop.ring()
    return True


def set_clock(world: "World") -> bool:
    """Set the machine's clock back or forth."""
    world.clock.was_set = True
    world.clock.offset += world.dice.pick((-86_400.0, -5.0, 5.0, 86_400.0))
    return True


# The disk


def fail_appends(world: "World") -> bool:
    world.disk.failing_appends = 1 + world.dice.below(4)
    return True


def fill_disk(world: "World") -> bool:
    """Fill the disk for a while."""
    world.disk.failing_appends = world.disk.failing_snapshots = 5 + world.dice.below(30)
    return True


def fail_snapshots(world: "World") -> bool:
    world.disk.failing_snapshots = 1 + world.dice.below(10)
    return True


def fail_reads(world: "World") -> bool:
    world.disk.failing_reads = 1 + world.dice.below(4)
    return True


def heal_disk(world: "World") -> bool:
    if not world.disk.ill:
        return False
    world.disk.heal()
    return True


def forget(world: "World") -> bool:
    """Delete from the disk what is not to be kept any more."""
    world.disk.forget(world.clock.now())
    return True
