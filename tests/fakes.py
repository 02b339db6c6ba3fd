"""A whole server without a machine under it: its clock, loop, transports and log are the test's own.

`House` is the hub with all of these. A test lets people in, has them ask, lets the hub take its turn, and looks at what
each of them reads:

    house = House(seats=1)
    mary = house.enter("Mary")
    mary.ask(Say("hello"))
    house.run()
    assert mary.lines() == [...]
"""

import itertools
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import pytest
from msgspec import UNSET, structs

from antechamber.channel import decide as deciding
from antechamber.channel.channel import Channel
from antechamber.channel.decide import decide
from antechamber.channel.snapshot import ChannelState
from antechamber.codec import Encoding
from antechamber.codec.jsonl import JSON, decode_message
from antechamber.codec.plain import OPERATOR, PLAIN
from antechamber.hub.hub import Hub
from antechamber.log import Batch, Log, LogError, Reader, Snapshot
from antechamber.log.memory import MemoryLog
from antechamber.protocol.commands import Command, Hello, Leave
from antechamber.protocol.events import AnyEvent, Entry, Queued
from antechamber.protocol.limits import CurrentLimits, Limits, Retention
from antechamber.protocol.notices import Message, Refusal
from antechamber.protocol.refusals import Decision, Refused
from antechamber.rooms.room import Room
from antechamber.rooms.transfers import Transfers
from antechamber.runtime.worker import Worker
from antechamber.session.budgets import Budgets
from antechamber.session.session import GONE, Session

NOON = 1_000_000.0
"""When every test begins, in seconds since the epoch; the fake clock calls it 12:00:00."""
CHANNELS = ("general", "games", "help")
SECRET = b"s" * 32
"""What signs the resume tokens of a fake log."""


class FakeClock:
    """A clock that stands still until the test moves it."""

    def __init__(self) -> None:
        self.time = NOON
        self.set_forward_seconds = 0.0
        """How far somebody has set the machine's clock."""

    def now(self) -> float:
        return self.time + self.set_forward_seconds

    def steady(self) -> float:
        return self.time

    def text(self, time: float) -> str:
        seconds = int(time - NOON)
        return f"{12 + seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"

    def utc_offset_seconds(self, _: float) -> int:
        return 3600


class FakeTimer:
    """What `FakeLoop.call_later` gives."""

    def __init__(self, at: float, call: Callable[[], Any]) -> None:
        self.at = at
        self.call = call
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class FakeLoop:
    """An event loop whose steps are the test's to take."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.soon: list[Callable[[], Any]] = []
        self.timers: list[FakeTimer] = []

    def call_soon(self, callback: Callable[[], Any], /) -> object:
        self.soon.append(callback)
        return None

    def call_later(self, delay: float, callback: Callable[..., Any], /, *args: Any) -> FakeTimer:
        timer = FakeTimer(self.clock.time + delay, lambda: callback(*args))
        self.timers.append(timer)
        return timer

    def pending(self) -> list[FakeTimer]:
        """Return the timers that are still to come."""
        return [timer for timer in self.timers if not timer.cancelled]

    def step(self) -> int:
        """Call what is to be called soon, but not what that asks for in its turn; return how many calls it were."""
        ready, self.soon = self.soon, []
        for call in ready:
            call()
        return len(ready)

    def run(self) -> None:
        """Call until nothing is left to be called soon."""
        while self.step():
            pass

    def advance(self, seconds: float) -> None:
        """Advance the clock, and do whatever is due meanwhile when it is due."""
        until = self.clock.time + seconds
        self.run()
        while due := [timer for timer in self.pending() if timer.at <= until]:
            timer = min(due, key=lambda timer: timer.at)
            self.timers.remove(timer)
            self.clock.time = max(self.clock.time, timer.at)
            timer.call()
            self.run()
        self.clock.time = until


class FakeTransport:
    """Keeps what it is told to do."""

    def __init__(self) -> None:
        self.writes: list[bytes] = []
        self.closed = False
        self.aborted = False
        self.paused = False
        self.unread_bytes = 0
        """What waits for the peer, as the test has it."""

    def write(self, data: bytes) -> None:
        assert data, "an empty write is a wasted one"
        self.writes.append(data)

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.aborted = True

    def pause_reading(self) -> None:
        self.paused = True

    def resume_reading(self) -> None:
        self.paused = False

    def get_write_buffer_size(self) -> int:
        return self.unread_bytes


class FailingLog:
    """A memory log that fails where the test says so: each append takes its turn of `failures`."""

    def __init__(self, failures: Iterable[bool] = ()) -> None:
        self.kept = MemoryLog(secret=SECRET)
        self.failures: Iterator[bool] = iter(failures)
        self.full = False
        """Whether every append fails."""
        self.unreadable = False
        self.no_snapshots = False
        self.no_ends = False
        """Whether it cannot take in that channels have ended."""

    def append(self, batches: Sequence[Batch]) -> None:
        if next(self.failures, False) or self.full:
            raise LogError("the disk is full.")
        self.kept.append(batches)

    def begins_after(self, channel: str) -> int:
        return self.kept.begins_after(channel)

    def begin(self, configs: Collection[str]) -> None:
        self.kept.begin(configs)

    def adopt(self, channel: str) -> None:
        self.kept.adopt(channel)

    def end(self, channels: Iterable[str]) -> None:
        if self.no_ends:
            raise LogError("the disk is full.")
        self.kept.end(channels)

    def last_sequence(self, channel: str) -> int:
        return self.kept.last_sequence(channel)

    def read_from(self, channel: str, sequence: int) -> Iterator[Entry]:
        if self.unreadable:
            raise LogError("the disk is gone")
        return self.kept.read_from(channel, sequence)

    def keep_snapshot(self, channel: str, snapshot: Snapshot) -> None:
        if self.no_snapshots:
            raise LogError("the disk is full.")
        self.kept.keep_snapshot(channel, snapshot)

    def snapshot(self, channel: str) -> Snapshot | None:
        return self.kept.snapshot(channel)

    def secret(self) -> bytes:
        return self.kept.secret()

    def proofs(self, channel: str) -> Mapping[int, str]:
        return self.kept.proofs(channel)

    def retain(self, channel: str, retention: Retention) -> None:
        self.kept.retain(channel, retention)

    def reader(self) -> Reader:
        return self.kept.reader()

    def close(self) -> None:
        self.kept.close()


class CountingEncoding:
    """An encoding that counts how many messages it has encoded."""

    def __init__(self, encoding: Encoding) -> None:
        self.encoding = encoding
        self.carries_files = encoding.carries_files
        self.joins_each = encoding.joins_each
        self.reads_lines = encoding.reads_lines
        self.entries = 0
        """How many entries were encoded for all who read them alike."""
        self.single = 0
        """How many messages were encoded for one reader."""

    def joined(self, entries: Sequence[Entry], lines: bytes, clock: str) -> bytes:
        self.entries += len(entries)
        return self.encoding.joined(entries, lines, clock)

    def one(self, message: Message, clock: str, reader: str) -> bytes:
        self.single += 1
        return self.encoding.one(message, clock, reader)


class Person:
    """Somebody with a connection, as the gateway would look after it."""

    def __init__(self, house: "House", encoding: Encoding, door: str, *, operator: bool = False) -> None:
        self.house = house
        self.transport = FakeTransport()
        self.session = Session(self.transport, encoding, door, operator=operator)
        self._read = 0

    def ask(self, *commands: Command) -> None:
        """Send commands; the hub takes them with its next turn."""
        self.house.hub.submit(self.session, commands)

    def vanish(self) -> None:
        """Break the connection."""
        self.session.transport = GONE
        self.ask(Leave("lost"))

    @property
    def data(self) -> bytes:
        """All that was ever written to it."""
        return b"".join(self.transport.writes)

    def new(self) -> bytes:
        """Return what was written to it since the last call."""
        data = b"".join(self.transport.writes[self._read :])
        self._read = len(self.transport.writes)
        return data

    def lines(self) -> list[str]:
        """Return the lines written since the last look."""
        *lines, rest = self.new().decode().split("\n")
        assert rest == ""
        return lines

    def messages(self) -> list[Message]:
        """Return the messages written, in JSON, since the last look."""
        return [decode_message(line) for line in self.new().splitlines()]

    def all_messages(self) -> list[Message]:
        """Return the messages ever written, in JSON."""
        return [decode_message(line) for line in self.data.splitlines()]

    def refusals(self) -> list[tuple[str, str]]:
        """Return the code and id of each refusal written since the last look, where nothing else was written."""
        refusals = []
        for message in self.messages():
            assert isinstance(message, Refusal), message
            refusals.append((message.code, message.id))
        return refusals


class House:
    """A hub with channels of `seats` seats, and an operator."""

    def __init__(
        self,
        seats: int = 5,
        limits: Limits | None = None,
        log: Log | None = None,
        channels: Iterable[str] = CHANNELS,
        clock: FakeClock | None = None,
        worker: Worker | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self.clock = clock or FakeClock()
        self.loop = FakeLoop(self.clock)
        self.log = log or MemoryLog(secret=SECRET)
        self.rooms = {name: Room(name, 9001 + n, seats, self.limits) for n, name in enumerate(channels)}
        tickets = itertools.count(1)
        self.transfers = Transfers(lambda: f"t{next(tickets)}", Budgets(CurrentLimits(self.limits), self.clock))
        self.hub = Hub(self.rooms.values(), self.log, self.transfers, self.clock, self.loop, worker)
        self.hub.open()
        self.operator = Person(self, OPERATOR, "", operator=True)
        self.hub.add_operator(self.operator.session)

    def run(self) -> None:
        """Run the hub's turns."""
        self.loop.run()

    def knock(self, door: str = "general", *, plain: bool = False, encoding: Encoding | None = None) -> Person:
        """Open a connection that has not said who it is."""
        return Person(self, encoding or (PLAIN if plain else JSON), door)

    def enter(
        self, name: str, door: str = "general", *, plain: bool = False, encoding: Encoding | None = None
    ) -> Person:
        """Open a connection, say hello, and read the answers away."""
        person = self.knock(door, plain=plain, encoding=encoding)
        person.ask(Hello(name))
        self.run()
        person.new()
        return person

    def quiet(self, *people: Person) -> None:
        """Read away what these were told so far."""
        for person in people:
            person.new()

    def entries(self, channel: str = "general") -> list[Entry]:
        """Return what the log has kept."""
        return list(self.log.read_from(channel, 1))

    def events(self, channel: str = "general") -> list[AnyEvent]:
        """Return the events that the log has kept."""
        return [entry.event for entry in self.entries(channel)]

    def state(self, channel: str = "general") -> ChannelState:
        """Return who sits and who waits."""
        return structs.replace(self.rooms[channel].channel.snapshot(0.0), members={}, seat_seconds=[], mutes=UNSET)

    def check(self) -> None:
        """Assert that every channel is what its log says, and its sessions are where the channel has their members."""
        for name, room in self.rooms.items():
            channel = room.channel
            replayed = Channel(name, room.capacity, self.limits)
            entries, proofs = self.entries(name), self.log.proofs(name)
            for entry in entries:
                replayed.apply(entry.event, entry.time)
                if isinstance(entry.event, Queued) and entry.sequence in proofs:
                    replayed.prove(entry.event.name, proofs[entry.sequence])
            assert channel.snapshot(0.0) == replayed.snapshot(0.0)
            assert [entry.sequence for entry in entries] == list(range(1, len(entries) + 1))
            assert room.log.sequence == len(entries)
            assert not room.sessions.keys() & room.held.keys()
            assert room.sessions.keys() | room.held.keys() == {*channel.seated, *channel.waiting}
            seated = {session for group in room.audience.groups.values() for session in group}
            reading = {name for name, one in room.sessions.items() if not one.is_over and not one.behind}
            assert seated == {room.sessions[name] for name in channel.seated if name in reading}
            for member, session in room.sessions.items():
                assert (session.channel, session.name) == (name, member)
                if member in reading:
                    assert session.seated == (member in channel.seated)
            for ahead, member in enumerate(channel.waiting):
                assert member in room.held or room.sessions[member].place == ahead


NOT_KEPT = "The server could not keep this, so nobody has read it: the disk is full. Try again in a moment."


class FailingHouse(House):
    """A house whose log can be full."""

    log: FailingLog

    def __init__(self, seats: int = 5) -> None:
        super().__init__(seats, log=FailingLog())

    def fail(self, full: bool = True) -> None:
        self.log.full = full


def failing_house(*names: str, seats: int = 5) -> tuple[FailingHouse, list[Person]]:
    """Return a house whose general channel these have joined, and who have read all that; its log is full."""
    house = FailingHouse(seats)
    people = [house.enter(name) for name in names]
    house.quiet(*people, house.operator)
    house.fail()
    return house, people


def not_kept(command_id: str = "") -> Refusal:
    """Return the refusal of a command at noon while the log fails."""
    return Refusal(NOON, "not-kept", NOT_KEPT, command_id)


def server(text: str) -> str:
    """Return a line of the server's at noon."""
    return f"[Server message (12:00:00)] {text}"


class KeptChannel:
    """A channel whose events are kept as they are applied."""

    def __init__(self, seats: int = 2, limits: Limits | None = None, *, is_open: bool = False) -> None:
        self.limits = limits or Limits()
        self.seats = seats
        self.is_open = is_open
        self.away: set[str] = set()
        """Whose connections are lost."""
        self.channel = self._new()
        self.kept: list[tuple[AnyEvent, float]] = []

    def _new(self) -> Channel:
        return Channel("general", self.seats, self.limits, is_open=self.is_open, away=self.away)

    def take(self, command: Command, name: str = "", time: float = NOON) -> Decision:
        """Decide, and let the events have happened."""
        decision = decide(self.channel, command, name, time)
        if not isinstance(decision, Refused):
            decision = list(decision)
            self.happen(decision, time)
        return decision

    def happen(self, events: Sequence[AnyEvent], time: float = NOON) -> None:
        """Apply events."""
        for event in events:
            self.channel.apply(event, time)
            self.kept.append((event, time))

    def replayed(self, start: ChannelState | None = None, first: int = 0) -> Channel:
        """Return a channel made of `start` and the events kept from index `first` on."""
        channel = self._new()
        if start is not None:
            channel.restore(start, first, NOON, 0.0)
        for event, time in self.kept[first:]:
            channel.apply(event, time)
        return channel


def break_deciding(monkeypatch: pytest.MonkeyPatch, channel: Channel) -> None:
    """Make every decision of a channel fail by a fault of the program."""

    def broken(handler: Callable[..., Decision], other: Channel, *asked: Any) -> Decision:
        if other is channel:
            raise RuntimeError("broken on purpose")
        return handler(other, *asked)

    handlers = {kind: partial(broken, handler) for kind, handler in deciding._HANDLERS.items()}
    monkeypatch.setattr(deciding, "_HANDLERS", handlers)
    monkeypatch.setattr(deciding, "_FOR_OPERATORS", frozenset())
