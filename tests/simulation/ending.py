"""The end of a run: all is well again, everybody reads to the end, comes back, and goes. Nothing may be left over."""

from typing import TYPE_CHECKING

from tests.simulation.failing import RuleBroken
from tests.simulation.faults import pass_time
from tests.simulation.json_visits import JsonVisit

if TYPE_CHECKING:
    from tests.simulation.world import World

_ALARMS_MAX = 2
"""The alarms of a server with nobody in it: for the next snapshot, and for a wait that is over by then."""
_PATIENCE = 60
"""How many half seconds those may take who have much to catch up with."""


def see_all_end(world: "World") -> None:
    """Bring the world to its end, and check that it is as it should be."""
    world.disk.heal()
    world.fuse.clear()
    world.plan.delays = 0
    for visit in world.visits:
        visit.slow = False
    world.readable += [visit for visit in world.visits if visit not in world.readable]
    pass_time(world, 12.0)
    _see_all_there(world)
    world.die()
    world.start(as_before=True)
    _see_all_come_back(world)
    world.whispers.see_all_heard()
    _see_all_go(world)


def _see_all_there(world: "World") -> None:
    """See that everybody has read everything, and is where it believes to be."""
    for _ in range(_PATIENCE):
        pass_time(world, 0.5)
        if not any(session.behind for visit in world.visits if (session := visit.wire.session) is not None):
            break
    world.look_around()
    for visit in list(world.visits):
        session = visit.wire.session
        if session is not None and session.behind:
            raise RuleBroken(f"{visit!r} has not caught up")
        visit.look_around()


def _see_all_come_back(world: "World") -> None:
    """See that each of those who were lost comes back to where it was, where that is kept."""
    server = world.server
    origins = {}
    for origin in world.lost:
        claim = origin.claim
        ledger = None if claim is None else world.ledgers[claim.channel]
        if claim is None or ledger is None or not server.has(claim.channel):
            continue
        member = ledger.by_entered.get(claim.entered)
        if member is not None and member.name == claim.name and not member.ended and ledger.hold_seconds(member) > 0:
            origins[claim] = origin
    backs = []
    for claim, origin in origins.items():
        back = JsonVisit(world, claim.name, claim.channel)
        back.come_back(origin, origin.token)
        backs.append(back)
    world.settle()
    for back in backs:
        if back.claim is None or back.claim not in origins or back.goodbye not in ("", "slow"):
            raise RuleBroken(f"{back!r} could not come back: {back.goodbye}")
    _see_all_there(world)


def _see_all_go(world: "World") -> None:
    """See that nobody and nothing is left once all have gone."""
    server = world.server
    for visit in list(world.visits):
        visit.hang_up(reads_on=False)
    world.settle()
    pass_time(world, 400.0)
    world.look_around()
    for room in server.rooms.values():
        if room.channel.seated or room.channel.waiting or room.sessions or room.held:
            raise RuleBroken(f"everybody has gone, and {room.name} has {room.members(0.0, 0.0)}")
    if server.guests() or server.admission.sessions:
        raise RuleBroken(f"everybody has gone, and {server.admission.sessions} sessions are left")
    if server.hub.transfers._by_ticket:
        raise RuleBroken("everybody has gone, and files are on their way")
    if server.loop.alarms > _ALARMS_MAX:
        raise RuleBroken(f"everybody has gone, and {server.loop.alarms} alarms are set")
