"""The world: a server, its disk, and the people who come and go, one step after the other."""

from collections import Counter
from collections.abc import Mapping, Sequence

from antechamber.protocol.events import Entry
from antechamber.protocol.limits import Limits
from antechamber.rooms.room import Room
from antechamber.session.session import Session
from antechamber.session.tokens import Tokens
from tests.simulation import rules
from tests.simulation.clockwork import WorldClock
from tests.simulation.dice import Dice
from tests.simulation.disk import Disk, Failure
from tests.simulation.failing import Fuse, RuleBroken
from tests.simulation.json_visits import JsonVisit
from tests.simulation.ledger import Asked, Ledger
from tests.simulation.plan import CHANNELS, Plan
from tests.simulation.server import Server
from tests.simulation.visits import Visit
from tests.simulation.whispers import Whispers
from tests.simulation.wire import Wire

_SECRET = b"a secret of thirty-two bytes...."
_LOST_MAX = 24
"""How many are remembered who may come back."""
_FULL_LOOK_TURNS = 16
"""After so many turns every room is looked at, changed or not."""


class World:
    """All there is in one run. What happens in it is in `people`, `faults` and `upheavals`."""

    def __init__(self, seed: int, weights: Mapping[str, int]) -> None:
        self.dice = Dice(seed)
        self.plan = Plan(self.dice, weights)
        self.step = 0
        self.clock = WorldClock()
        self.fuse = Fuse()
        self.asked = Asked()
        self.asked.paced = self.plan.is_paced
        self.whispers = Whispers()
        self.fetched: set[str] = set()
        """The files that those have whom they are for."""
        self.tokens = Tokens(_SECRET)
        self.disk = Disk(_SECRET, self.fuse, self._kept)
        self.ledgers: dict[str, Ledger] = {}
        for name in CHANNELS:
            self.ledgers[name] = Ledger(name, self.clock, self.asked, self.ledgers)
        self.counts: Counter[str] = Counter()
        self.power_failures = 0
        self.visits: list[Visit] = []
        """Those whose visitors are there."""
        self.wires: dict[Wire, None] = {}
        """The connections of this process."""
        self.lost: list[JsonVisit] = []
        """Those that may be gone on with."""
        self.sending: dict[Visit, None] = {}
        self.readable: list[Visit] = []
        self.story: list[str] | None = None
        """What is sent and read, where somebody is to read of it."""
        self.shutdown_asked = False
        self.quitters: set[Session] = set()
        """Those whom this process has told goodbye as they quit."""
        self.heard: list[Session] = []
        """Those who have given a sign of life before the turn that comes."""
        self.reloaded_at = float("-inf")
        self._numbers = 0
        self._failed_at = float("-inf")
        self._failures = 0
        self._unread_before = 0
        """How many readings had failed when this process began."""
        self._seen_turns = 0
        limits = self.plan.limits(self.dice)
        self.server = self._start(self.plan.rooms(self.dice, limits), limits)

    # The server's process

    def start(self, *, as_before: bool = False) -> None:
        """Start a server, with the settings that the last one had, or perhaps others."""
        dice, server = self.dice, self.server
        limits = self.plan.limits(dice) if dice.chance(200) and not as_before else server.limits
        if dice.chance(300) and not as_before:
            rooms = self.plan.rooms(dice, limits)
        else:
            if as_before:
                limits = limits._replace(sessions_max=10_000, sessions_per_address_max=10_000)
            rooms = [fresh(room) for room in server.rooms.values()]
        self.server = self._start(rooms, limits)

    def _start(self, rooms: Sequence[Room], limits: Limits) -> Server:
        self.fuse.clear()
        self.sending.clear()
        self.wires.clear()
        self.quitters.clear()
        self.heard.clear()
        self.shutdown_asked = False
        self._unread_before = self.disk.unread
        for ledger in self.ledgers.values():
            ledger.is_open = ledger.closing = False
        for room in rooms:
            self.ledgers[room.name].open(room.capacity, room.limits, self.step)
        try:
            server = Server(self, rooms, limits)
        except Failure:
            self.counts["failed starts"] += 1
            self.disk.heal()
            server = Server(self, [fresh(room) for room in rooms], limits)
        for name, room in server.rooms.items():
            rules.note_presence(room, self.ledgers[name], self.clock.time)
            self.ledgers[name].agree_on_mutes(room.channel, adopt=self.clock.was_set)
        self.server = server
        self.after_turn(whole=True)
        return server

    def die(self) -> None:
        """Kill the process, wherever it is."""
        for wire in self.wires:
            if not wire.lost:
                if wire.vanished:
                    wire.reader.lose()
                wire.die(with_pipe=self.dice.chance(300))
        self.read_all()
        self.counts["kills"] += 1

    def cut_power(self) -> None:
        """End everything at once, what is under way in the network too. The steady clock begins anew."""
        for wire in self.wires:
            if wire.vanished:
                wire.reader.lose()
            wire.die(with_pipe=True)
        for visit in self.visits:
            visit.wire.pipe.clear()
        for ledger in self.ledgers.values():
            ledger.knows_mutes = False
        self.read_all()
        self.power_failures += 1
        self.counts["power failures"] += 1
        earlier, self.clock.time = self.clock.time, 1_000.0 * self.dice.below(100)
        self.clock.offset += earlier - self.clock.time
        self._failed_at = self.reloaded_at = float("-inf")

    def ask_for_shutdown(self) -> None:
        """Know that the server shuts down, and answers nothing more."""
        self.shutdown_asked = True
        for visit in self.visits:
            if isinstance(visit, JsonVisit):
                visit.talk.strict = False

    # What others tell it

    def next_number(self) -> int:
        self._numbers += 1
        return self._numbers

    def new_ticket(self) -> str:
        return f"t{self.next_number()}"

    def connect(self, visit: Visit, door: str) -> Wire:
        """Open a connection to a channel's door."""
        wire = Wire(self.server.loop, self.fuse, self.dice.pick(self.plan.pipes), visit)
        self.wires[wire] = None
        self.visits.append(visit)
        self.server.knock(wire, door, self.dice.pick(self.plan.addresses))
        return wire

    def _kept(self, channel: str, entries: Sequence[Entry]) -> None:
        self.ledgers[channel].take(entries)

    def has_quit(self, visit: JsonVisit) -> None:
        """Know that nothing is to be held for this visit."""
        if visit.wire in self.wires:
            self.quitters.add(visit.wire.protocol._session)

    def ended(self, visit: Visit) -> None:
        """Forget a visit, or remember it as one that may be gone on with."""
        self.visits.remove(visit)
        self.whispers.last_lost_at_step[visit.name] = self.step
        if isinstance(visit, JsonVisit) and visit.token and visit.goodbye in ("", "shutdown", "slow"):
            origin = visit if visit.channel or visit.origin is None else visit.origin
            if origin.claim is not None:
                self.lost.append(origin)
                if len(self.lost) > _LOST_MAX:
                    del self.lost[0]

    # Turns

    def settle(self) -> None:
        """Deliver what was sent, run the server's turns, and read as everybody."""
        dice, delays, sending = self.dice, self.plan.delays, self.sending
        paused = []
        for visit in list(sending):
            if delays and dice.chance(delays):
                if dice.chance(500):
                    continue
                done = visit.deliver(1)
            else:
                done = visit.deliver()
                if not done:
                    paused.append(visit)
            if done:
                del sending[visit]
        self._take_turns()
        while paused := [visit for visit in paused if visit.wire.reading and visit in sending]:
            for visit in paused:
                if visit.deliver():
                    del sending[visit]
            self._take_turns()
        self.read_all()

    def _take_turns(self) -> None:
        loop = self.server.loop
        while loop.soon:
            loop.step()

    def read_all(self) -> None:
        """Read as everybody who has something to read."""
        readable, self.readable = self.readable, []
        for visit in readable:
            if visit.slow and not visit.left and self.dice.chance(900):
                self.readable.append(visit)
            else:
                visit.attend()

    def after_turn(self, *, whole: bool = False) -> None:
        """See that the rules of the house hold."""
        if self.server.down:
            return
        self.counts["turns"] += 1
        self._seen_turns += 1
        whole = whole or self._seen_turns % _FULL_LOOK_TURNS == 0
        now, server = self.clock.time, self.server
        if self.disk.failures != self._failures:
            self._failures, self._failed_at = self.disk.failures, now
            self.heard.clear()  # who knows in what order with what was undone
        if not server.busy():
            self._note_heard(now)
        for name, room in server.rooms.items():
            ledger = self.ledgers[name]
            held_before = len(ledger.held)
            rules.check_bans(room, ledger)
            rules.check_passed(room, ledger)
            rules.note_presence(room, ledger, now)
            if whole or ledger.sequence != ledger.looked_at or held_before != len(ledger.held):
                ledger.looked_at = ledger.sequence
                rules.check_room(room, ledger)
                if self._failed_at < now - rules.RETRY_SECONDS:
                    rules.check_line(room)
            if room.stopped:
                if self.disk.unread == self._unread_before:
                    raise RuleBroken(f"{name} has stopped, and the disk could be read")
            elif server.operator.read[name] != ledger.sequence:
                raise RuleBroken(f"the operator was told of {name} up to {server.operator.read[name]}")
            elif whole:
                rules.check_places(room)
                rules.check_memberships(room, ledger)
                rules.check_settings(room, ledger)

    def _note_heard(self, now: float) -> None:
        for session in self.heard:
            if session.channel and not session.closed:
                ledger = self.ledgers[session.channel]
                member = ledger.seated.get(session.name)
                if member is None or member.muted_until > now:
                    continue
                if member.quiet(now) < ledger.limits.idle_seconds_max:
                    member.hear(now)
        self.heard.clear()

    def look_around(self) -> None:
        """See that nothing is late and nothing is left over. Called when the server has nothing to do."""
        now, server = self.clock.time, self.server
        if self._failed_at < now - rules.RETRY_SECONDS and self.reloaded_at < now - rules.LATE_SECONDS:
            for name, room in server.rooms.items():
                if not room.stopped:
                    rules.check_waits(room, self.ledgers[name], now)
            rules.check_transfers(server.hub.transfers)
        rules.check_wires(self.wires, server.limits)
        for room in server.rooms.values():
            rules.check_quitters(room, self.quitters)
        if (inside := sum(wire.is_counted for wire in self.wires)) != server.admission.sessions:
            raise RuleBroken(f"{server.admission.sessions} sessions are counted, and {inside} are there")


def fresh(room: Room) -> Room:
    """Return a room with nobody in it, as from the same config."""
    return Room(room.name, room.port, room.capacity, room.limits, room.topic, room.retention)
