"""A visit: one connection as the person at its other end has it, who believes nothing unchecked."""

from typing import TYPE_CHECKING, NoReturn

from antechamber.gateway.connection import Connection
from tests.simulation.failing import RuleBroken
from tests.simulation.ledger import Ledger
from tests.simulation.wire import Wire

if TYPE_CHECKING:
    from tests.simulation.world import World


class Visit:
    """What every visit has, however it speaks."""

    def __init__(self, world: "World", name: str, door: str) -> None:
        self.world = world
        self.number = world.next_number()
        self.born_at_step = world.step
        self.name = name
        self.door = door
        self.wire: Wire = world.connect(self, door)
        self.channel = ""
        """Where it was told that it is a member."""
        self.seated = False
        self.place = -1
        self.read = 0
        """The last entry that it has read there."""
        self.slow = False
        """Whether it reads but now and then."""
        self.left = False
        """Whether it has hung up, and reads nothing more."""
        self.over = False
        """Whether there is nothing more to read."""
        self.goodbye = ""
        self.has_spoken = False
        self._rest = b""
        self._awake = False

    def __repr__(self) -> str:
        return f"{self.name}#{self.number}"

    def fail(self, problem: str) -> NoReturn:
        raise RuleBroken(f"{self!r} in {self.channel or 'no channel'}, read up to {self.read}: {problem}")

    @property
    def ledger(self) -> Ledger:
        return self.world.ledgers[self.channel]

    # Speaking

    def send(self, data: bytes, *, lively: bool = False) -> None:
        """Send bytes, in pieces as it happens; `lively` where they are a sign of life."""
        wire, dice = self.wire, self.world.dice
        if self.world.story is not None:
            self.world.story.append(f"  {self!r} sends {data.decode(errors='replace').rstrip()}")
        self.has_spoken = True
        if dice.chance(100) and (cut := dice.below(len(data))):
            wire.uplink.append((data[:cut], False))
            data = data[cut:]
        wire.uplink.append((data, lively))
        self.world.sending[self] = None

    def deliver(self, pieces: int = 1000) -> bool:
        """Make the server read; return whether there is nothing more for it."""
        wire = self.wire
        delivered = wire.deliver(pieces)
        if wire.heard:
            wire.heard = False
            session = wire.session
            if session is not None:
                self.world.heard.append(session)
        return delivered

    @property
    def speaks(self) -> bool:
        """Whether what it sends may reach somebody."""
        return not (self.left or self.over or self.goodbye or self.wire.lost or self.wire.hung_up)

    def hang_up(self, *, reads_on: bool) -> None:
        """End its side once the server has read what is under way; it may read what comes still."""
        self.wire.hung_up = True
        self.world.sending[self] = None
        if not reads_on:
            self._leave()

    def break_off(self) -> None:
        """End the connection; what is under way is lost both ways."""
        self.wire.uplink.clear()
        self.wire.reset("the peer has gone")
        self._leave()

    def vanish(self) -> None:
        """Be gone, so that the server does not know."""
        self.wire.uplink.clear()
        self.wire.vanished = True
        self._leave()

    def _leave(self) -> None:
        self.left = True
        self.awake()
        self.end()

    # Reading

    def awake(self) -> None:
        """Have something to read."""
        if not self._awake:
            self._awake = True
            self.world.readable.append(self)

    def lose(self) -> None:
        """Be lost to the server, which notices now."""
        self.world.asked.of["lost", self.name] += 1
        self.world.whispers.last_lost_at_step[self.name] = self.world.step

    def attend(self) -> None:
        """Read what there is."""
        wire = self.wire
        self._awake = False
        if self.left:
            while wire.pipe and not wire.vanished:
                wire.take()
            return
        while wire.pipe:
            *lines, self._rest = (self._rest + wire.take()).split(b"\n")
            if self.world.story is not None:
                self.world.story += [f"  {self!r} reads {line.decode()}" for line in lines]
            self.hear(lines)
        if wire.lost:
            self.end()
        elif not wire.outbox:
            self.look_around()

    def end(self) -> None:
        """Have come to the end of the connection."""
        if not self.over:
            self.over = True
            self.world.ended(self)

    def look_around(self) -> None:
        """See that it is where it believes to be, now that it has read all there is."""
        wire = self.wire
        if type(wire.protocol) is not Connection:
            return
        session = wire.session
        if session is None or session.closed:
            if self.goodbye == "" and session is not None and not wire.closing:
                self.fail("the server has closed the session and not the connection")
            return
        if self.goodbye:
            self.fail(f"goodbye was said ({self.goodbye}) and the session goes on")
        if session.channel != self.channel:
            self.fail(f"the server has it in {session.channel or 'no channel'}")
        if not self.channel or session.behind:
            return
        room = self.world.server.room(self.channel)
        if session.name != self.name or room.sessions.get(self.name) is not session:
            self.fail(f"the server has it as {session.name}")
        if self.seated != (self.name in room.channel.seated):
            self.fail(f"it believes that it {'has a seat' if self.seated else 'waits'}")
        if not self.seated and (ahead := list(room.channel.waiting).index(self.name)) != self.place:
            self.fail(f"{ahead} are ahead, and it was told {self.place}")
        self.up_to_date()

    # What the ways of speaking differ in

    def hear(self, lines: list[bytes]) -> None:
        """Read whole lines."""

    def up_to_date(self) -> None:
        """See that nothing is missing, where everything was read that there is."""
