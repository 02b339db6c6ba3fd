"""The channel against a model so plain that it is plainly right, under any sequence of commands.

The model keeps two lists of names, and lets idle clocks tick second by second.
"""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from antechamber.channel import Channel, ChannelState, Refused
from antechamber.commands import Announce, Command, Empty, Expire, Join, Kick, Leave, Move, Mute, Say, Send, Whisper
from antechamber.events import (
    Announced,
    AnyEvent,
    Emptied,
    Left,
    Moved,
    Muted,
    Queued,
    Said,
    Seated,
    decode_entries,
    encode_lines,
)
from antechamber.events import Entry as LogEntry
from antechamber.limits import Limits
from tests.fakes import NOON, KeptChannel

NAMES = [f"n{n}" for n in range(8)]
LIMITS = Limits(idle_seconds_max=100.0, mute_seconds_max=300, waiting_max=3)

names = st.sampled_from(NAMES)
people = names | st.just("stranger")


class Model:
    """Seats and queue as lists, seconds as whole numbers from noon."""

    def __init__(self, seats: int) -> None:
        self.seats = seats
        self.seated: list[str] = []
        self.waiting: list[str] = []
        self.muted_until: dict[str, int] = {}
        self.idle: dict[str, int] = {}
        self.idle_seconds_max = LIMITS.idle_seconds_max
        self.warned: set[str] = set()
        self.seated_at: dict[str, int] = {}
        self.seat_seconds: list[int] = []
        """For how long each seat was held, of those that ended."""
        self.now = 0

    def tick(self, seconds: int) -> None:
        for _ in range(seconds):
            for name in self.seated:
                if self.muted_until[name] <= self.now:
                    self.idle[name] += 1
            self.now += 1

    def fill(self) -> list[AnyEvent]:
        """Seat the first in line while there is a seat for it."""
        moves: list[AnyEvent] = []
        while self.waiting and len(self.seated) < self.seats:
            name = self.waiting.pop(0)
            self.seated.append(name)
            self.muted_until[name] = self.idle[name] = 0
            self.seated_at[name] = self.now
            self.warned.discard(name)
            moves.append(Seated(name))
        return moves

    def stand_up(self, name: str) -> None:
        self.seated.remove(name)
        self.seat_seconds.append(self.now - self.seated_at[name])

    def hear(self, name: str) -> None:
        if name in self.seated and self.muted_until[name] <= self.now:
            self.warned -= {name} if self.idle[name] else set()  # at the same second, nothing has changed
            self.idle[name] = 0

    def is_muted(self, name: str) -> bool:
        return self.muted_until[name] > self.now

    def idle_for_too_long(self) -> list[str]:
        return [name for name in self.seated if self.idle[name] >= self.idle_seconds_max and not self.is_muted(name)]


class ChannelMachine(RuleBasedStateMachine):
    """Asks the channel and the model the same, and compares."""

    @initialize(seats=st.integers(1, 3))
    def begin(self, seats: int) -> None:
        self.kept = KeptChannel(seats, LIMITS)
        self.channel: Channel = self.kept.channel
        self.model = Model(seats)
        self.snapshots: list[tuple[ChannelState, int]] = []

    def ask(self, command: Command, name: str = "") -> list[AnyEvent] | str:
        """Return the events, or the code of the refusal."""
        decision = self.kept.take(command, name, NOON + self.model.now)
        if isinstance(decision, Refused):
            return decision.code
        return list(decision)

    @rule(name=names)
    def join(self, name: str) -> None:
        model = self.model
        expected: list[AnyEvent] | str
        if name in model.seated + model.waiting:
            expected = "name-taken"
        elif len(model.seated) == model.seats and len(model.waiting) == 3:
            expected = "queue-full"
        else:
            model.waiting.append(name)
            expected = [Queued(name), *model.fill()]
        assert self.ask(Join(), name) == expected

    def gone(self, name: str, reason: str) -> list[AnyEvent]:
        model = self.model
        if name in model.seated:
            model.stand_up(name)
            return [Left(name, reason), *model.fill()]  # type: ignore[arg-type]
        if name in model.waiting:
            model.waiting.remove(name)
            return [Left(name, reason, seated=False)]  # type: ignore[arg-type]
        return []

    @rule(name=people, reason=st.sampled_from(("quit", "switched", "lost")))
    def leave(self, name: str, reason: str) -> None:
        expected = self.gone(name, reason)
        assert self.ask(Leave(reason), name) == expected  # type: ignore[arg-type]

    @rule(name=people)
    def kick(self, name: str) -> None:
        expected = self.gone(name, "kicked") or "not-in-channel"
        assert self.ask(Kick("general", name)) == expected

    @rule()
    def empty(self) -> None:
        for name in list(self.model.seated):
            self.model.stand_up(name)
        assert self.ask(Empty("general")) == [Emptied(), *self.model.fill()]

    @rule(name=people, seconds=st.sampled_from([-1, 0, 1, 7, 60, 300, 301]))
    def mute(self, name: str, seconds: int) -> None:
        model = self.model
        expected: list[AnyEvent] | str
        if name not in model.seated:
            expected = "not-here"
        elif not 1 <= seconds <= 300:
            expected = "invalid-mute-time"
        else:
            model.muted_until[name] = model.now + seconds
            model.warned.discard(name)
            expected = [Muted(name, seconds)]
        assert self.ask(Mute("general", name, seconds)) == expected

    @rule(name=people, ahead=st.integers(-1, 4))
    def move(self, name: str, ahead: int) -> None:
        line = self.model.waiting
        expected: list[AnyEvent] | str
        if name not in line:
            expected = "not-waiting"
        elif ahead < 0:
            expected = "bad-place"
        else:
            before = list(line)
            line.remove(name)
            line.insert(ahead, name)
            expected = [] if line == before else [Moved(name, line.index(name))]
        assert self.ask(Move("general", name, ahead)) == expected

    @rule()
    def announce(self) -> None:
        assert self.ask(Announce("tea")) == [Announced("tea")]

    @rule(name=people, text=st.sampled_from(["hi", "ho"]))
    def say(self, name: str, text: str) -> None:
        model = self.model
        expected: list[AnyEvent] | str
        if name not in model.seated:
            expected = "waiting"
        elif model.is_muted(name):
            expected = "muted"
        else:
            expected = [Said(name, text, "7")]
        assert self.ask(Say(text, "7"), name) == expected

    @rule(name=people, to=people)
    def whisper(self, name: str, to: str) -> None:
        model = self.model
        expected: list[AnyEvent] | str = []
        if name not in model.seated:
            expected = "waiting"
        elif model.is_muted(name):
            expected = "muted"
        elif to not in model.seated:
            expected = "not-here"
        assert self.ask(Whisper(to, "psst"), name) == expected

    @rule(name=people, to=people)
    def send(self, name: str, to: str) -> None:
        model = self.model
        expected: list[AnyEvent] | str = []
        if name not in model.seated:
            expected = "waiting"
        elif to not in model.seated:
            expected = "not-here"
        assert self.ask(Send(to, "a.txt"), name) == expected

    @rule(seconds=st.sampled_from([5, 40, 100, 500]))
    def reload(self, seconds: int) -> None:
        self.model.idle_seconds_max = seconds
        self.channel.limits = LIMITS._replace(idle_seconds_max=seconds)

    @rule(name=people)
    def hear(self, name: str) -> None:
        self.model.hear(name)
        self.channel.touch(name, NOON + self.model.now)

    @rule(seconds=st.sampled_from([1, 5, 39, 60, 99, 100, 299, 300]))
    def wait(self, seconds: int) -> None:
        self.model.tick(seconds)

    @rule()
    def warn(self) -> None:
        """Warn whoever is silent for long, and lets no second warning follow before a sign of life."""
        model, now = self.model, NOON + self.model.now
        most = model.idle_seconds_max
        silent = [name for name in model.seated if max(most - 20, most / 2) <= model.idle[name] < most]
        expected = [name for name in silent if name not in model.warned and not model.is_muted(name)]
        assert self.channel.idling(now) == expected
        for name in expected:
            seat = self.channel.seated[name]
            seat.warned_of = seat.active_at
            model.warned.add(name)
        assert self.channel.idling(now) == []

    @rule(name=people)
    def expire(self, name: str) -> None:
        expected = self.gone(name, "idle") if name in self.model.idle_for_too_long() else []
        assert self.ask(Expire(), name) == expected

    @rule()
    def expire_all(self) -> None:
        for name in self.model.idle_for_too_long():
            assert self.ask(Expire(), name) == self.gone(name, "idle")

    @precondition(lambda self: len(self.snapshots) < 3)
    @rule()
    def snapshot(self) -> None:
        self.snapshots.append((self.channel.state(0.0), len(self.kept.kept)))

    @invariant()
    def the_channel_is_what_the_model_is(self) -> None:
        model, channel = self.model, self.channel
        assert list(channel.seated) == model.seated
        assert list(channel.waiting) == model.waiting
        assert list(channel.seat_seconds) == model.seat_seconds[-50:]
        now = NOON + model.now
        assert channel.idle_since(now) == model.idle_for_too_long()
        assert {name for name, seat in channel.seated.items() if seat.muted_until > now} == {
            name for name in model.seated if model.is_muted(name)
        }

    @invariant()
    def seats_are_sacred(self) -> None:
        channel = self.channel
        seated, waiting = list(channel.seated), list(channel.waiting)
        assert len(seated) <= channel.capacity
        assert not waiting or len(seated) == channel.capacity
        assert len({*seated, *waiting}) == len(seated) + len(waiting)

    @invariant()
    def seats_go_to_those_who_wait_in_the_order_of_the_line(self) -> None:
        line: list[str] = []
        for event, _ in self.kept.kept:
            match event:
                case Queued(name=name):
                    line.append(name)
                case Seated(name=name):
                    assert line.pop(0) == name
                case Left(name=name, seated=False):
                    line.remove(name)
                case Moved(name=name, ahead=ahead):
                    line.remove(name)
                    line.insert(ahead, name)
        assert line == list(self.channel.waiting)

    @invariant()
    def replaying_what_happened_gives_the_same_channel(self) -> None:
        state = self.channel.state(0.0)
        assert self.kept.replayed().state(0.0) == state
        for start, first in self.snapshots:
            assert self.kept.replayed(start, first).state(0.0) == state

    def teardown(self) -> None:
        """Replay what a log would have kept, as bytes."""
        if not hasattr(self, "kept"):
            return
        entries = [LogEntry("general", n, time, event) for n, (event, time) in enumerate(self.kept.kept, 1)]
        replayed = Channel("general", self.kept.seats, LIMITS)
        for entry in decode_entries(encode_lines(entries)):
            replayed.apply(entry.event, entry.time)
        assert replayed.state(0.0) == self.channel.state(0.0)


TestChannelMachine = ChannelMachine.TestCase
TestChannelMachine.settings = settings(max_examples=120, stateful_step_count=40)
