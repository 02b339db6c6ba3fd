"""The channel against a model so plain that it is plainly right, under any sequence of commands.

The model (`tests/channel_model.py`) keeps lists of names, and lets idle clocks tick second by second.
"""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from antechamber.channel.channel import Channel
from antechamber.channel.decide import admit, may_say, turned_away
from antechamber.channel.snapshot import ChannelState
from antechamber.protocol.commands import (
    Announce,
    Command,
    Empty,
    Expire,
    Invite,
    Join,
    Kick,
    Leave,
    Move,
    Mute,
    Rename,
    Say,
    Send,
    SetModes,
    SetTopic,
    Tag,
    Whisper,
)
from antechamber.protocol.events import (
    Announced,
    AnyEvent,
    Emptied,
    Invited,
    Left,
    ModeChange,
    ModesSet,
    Moved,
    Muted,
    Queued,
    Renamed,
    Said,
    Seated,
    Tagged,
    TopicSet,
    decode_entries,
    encode_lines,
)
from antechamber.protocol.events import Entry as LogEntry
from antechamber.protocol.refusals import Refused
from tests.channel_model import LIMITS, Model
from tests.fakes import NOON, KeptChannel

WORDED = ("+b", "+e", "+I", "+k")
"""The changes of modes that one who is muted cannot make."""
NAMES = [f"n{n}" for n in range(8)]

names = st.sampled_from(NAMES)
people = st.sampled_from(["seat 0", "seat 1", "seat 2", "seat 0", "seat 1", "line 0", "line 1", *NAMES[:3], "stranger"])
"""People by name, or by where they are."""
askers = st.just("") | people
"""Who asks for what needs a role: the operator often enough."""
hosts = st.sampled_from(["h0", "h1"])
hosts_of_some = st.lists(hosts, max_size=4)
keys = st.sampled_from(["", "sesame"])
masks = st.sampled_from(["n1!*@*", "*!*@h0", "n?!~u@h1", "n2!*@*", "*!*@antechamber", "stranger!*@*"])
signs = st.sampled_from("+-")
changes = st.one_of(
    st.builds(lambda sign, letter: ModeChange(sign + letter), signs, st.sampled_from("imnst")),
    st.builds(lambda sign, letter, mask: ModeChange(sign + letter, mask), signs, st.sampled_from("beI"), masks),
    st.builds(lambda sign, letter, name: ModeChange(sign + letter, name), signs, st.sampled_from("oovv"), names),
    st.sampled_from([ModeChange("+k", "sesame"), ModeChange("+k", "open"), ModeChange("-k", "*")]),
    st.sampled_from([ModeChange("+l", "0"), ModeChange("+l", "1"), ModeChange("+l", "2"), ModeChange("-l")]),
    st.sampled_from([ModeChange("+m"), ModeChange("+b", "*!*@h0"), ModeChange("+q", "n1")]),
)


class ChannelMachine(RuleBasedStateMachine):
    """Asks the channel and the model the same, and compares."""

    @initialize(
        seats=st.integers(1, 3), is_open=st.booleans(), members=hosts_of_some, changes=st.lists(changes, max_size=6)
    )
    def begin(self, seats: int, is_open: bool, members: list[str], changes: list[ModeChange]) -> None:
        self.kept = KeptChannel(seats, LIMITS, is_open=is_open)
        self.channel: Channel = self.kept.channel
        self.model = Model(seats, is_open)
        self.snapshots: list[tuple[ChannelState, int]] = []
        for name, host in zip(NAMES, members, strict=False):
            self.join(name, host, "")
        for change in changes:
            self.set_modes("", [change])

    def called(self, who: str) -> str:
        """Return the name of whom a rule is about, who is perhaps given by where they are."""
        where, _, number = who.partition(" ")
        if not number:
            return who
        there = (self.model.waiting if where == "line" else []) or self.model.seated or NAMES
        return there[int(number) % len(there)]

    def ask(self, command: Command, name: str = "") -> list[AnyEvent] | str:
        """Return the events, or the code of the refusal."""
        decision = self.kept.take(command, name, NOON + self.model.now)
        if isinstance(decision, Refused):
            return decision.code
        return list(decision)

    @rule(name=names, host=hosts, key=keys)
    def join(self, name: str, host: str, key: str) -> None:
        model = self.model
        expected: list[AnyEvent] | str
        is_first = model.is_open and not model.seated
        if name not in model.seated + model.waiting:  # who came last by this name is not held any more
            for away in (model.away, self.kept.away):
                away.discard(name)
        if name in model.seated + model.waiting:
            expected = "name-taken"
        elif not is_first and (why := model.closed_to(name, host, key)):
            expected = why
        elif not model.is_open and len(model.seated) == model.seats and len(model.waiting) == 3:
            expected = "queue-full"
        else:
            model.waiting.append(name)
            model.hosts[name] = host
            model.invited.discard(name)
            expected = [Queued(name, host=host), *model.fill()]
            if is_first:
                model.roles[name] = {"o"}
                expected.append(ModesSet("", (ModeChange("+o", name),)))
        assert self.ask(Join(host=host, key=key), name) == expected

    @rule(name=people)
    def lose(self, name: str) -> None:
        """Note that somebody lost the connection: nothing is decided because of it."""
        name = self.called(name)
        if name in self.model.seated + self.model.waiting:
            self.model.away.add(name)
            self.kept.away.add(name)

    @rule(data=st.data())
    def come_back(self, data: st.DataObject) -> None:
        """Bring somebody back, who gets a seat that is free."""
        if self.model.away:
            name = data.draw(st.sampled_from(sorted(self.model.away)))
            self.model.away.remove(name)
            self.kept.away.remove(name)
            admitted = admit(self.channel)
            self.kept.happen(admitted, NOON + self.model.now)
            assert list(admitted) == self.model.fill()

    def gone(self, name: str, reason: str, by: str = "", text: str = "") -> list[AnyEvent]:
        model = self.model
        if name in model.seated:
            model.stand_up(name)
            return [Left(name, reason, True, by, text), *model.fill()]  # type: ignore[arg-type]
        if name in model.waiting:
            model.waiting.remove(name)
            return [Left(name, reason, False, by, text)]  # type: ignore[arg-type]
        return []

    @rule(name=people, reason=st.sampled_from(("quit", "switched", "lost")))
    def leave(self, name: str, reason: str) -> None:
        name = self.called(name)
        is_mute = reason != "lost" and self.model.is_muted(name)
        expected = self.gone(name, reason, text="" if is_mute else "bye")
        assert self.ask(Leave(reason, "bye"), name) == expected  # type: ignore[arg-type]

    @rule(by=askers, name=people)
    def kick(self, by: str, name: str) -> None:
        by, name = self.called(by), self.called(name)
        expected: list[AnyEvent] | str = "not-operator"
        if self.model.rules(by):
            why = "" if self.model.is_muted(by) else "out"
            expected = self.gone(name, "kicked", by, why) or "not-in-channel"
        assert self.ask(Kick("general", name, text="out"), by) == expected

    @rule(by=askers)
    def empty(self, by: str) -> None:
        by = self.called(by)
        if not self.model.rules(by):
            assert self.ask(Empty("general"), by) == "not-operator"
            return
        for name in list(self.model.seated):
            self.model.stand_up(name)
        assert self.ask(Empty("general"), by) == [Emptied(), *self.model.fill()]

    @rule(by=askers, name=people, seconds=st.sampled_from([-1, 0, 1, 7, 60, 300, 301]))
    def mute(self, by: str, name: str, seconds: int) -> None:
        by, name = self.called(by), self.called(name)
        model = self.model
        expected: list[AnyEvent] | str
        if not model.rules(by):
            expected = "not-operator"
        elif name not in model.seated:
            expected = "not-here"
        elif not 1 <= seconds <= 300:
            expected = "invalid-mute-time"
        elif by == name and model.is_muted(by):
            expected = "muted"
        else:
            model.mute(name, seconds)
            expected = [Muted(name, seconds)]
        assert self.ask(Mute("general", name, seconds), by) == expected

    @rule(by=askers, name=people, ahead=st.integers(-1, 4))
    def move(self, by: str, name: str, ahead: int) -> None:
        by, name = self.called(by), self.called(name)
        line = self.model.waiting
        expected: list[AnyEvent] | str
        if not self.model.rules(by):
            expected = "not-operator"
        elif name not in line:
            expected = "not-waiting"
        elif ahead < 0:
            expected = "bad-place"
        else:
            before = list(line)
            line.remove(name)
            line.insert(ahead, name)
            expected = [] if line == before else [Moved(name, line.index(name))]
        assert self.ask(Move("general", name, ahead), by) == expected

    @rule(by=askers)
    def announce(self, by: str) -> None:
        by = self.called(by)
        expected = "muted" if self.model.is_muted(by) else [Announced("tea")]
        expected = expected if self.model.rules(by) else "not-operator"
        assert self.ask(Announce("tea"), by) == expected

    @rule(by=askers, changes=st.lists(changes, max_size=3))
    def set_modes(self, by: str, changes: list[ModeChange]) -> None:
        by = self.called(by)
        expected: list[AnyEvent] | str = "not-operator"
        if self.model.rules(by) and self.model.is_muted(by) and {mode for mode, _ in changes} & {*WORDED}:
            expected = "muted"
        elif self.model.rules(by):
            made = self.model.change(changes)
            expected = made if isinstance(made, str) else [ModesSet(by, tuple(made))] if made else []
            for name in self.model.clear_line() if made and not isinstance(made, str) else ():
                assert isinstance(expected, list)
                expected.append(Left(name, "kicked", False, by, "Banned from the general channel."))
        assert self.ask(SetModes(tuple(changes)), by) == expected

    @rule(by=askers, topic=st.sampled_from(["", "tea", "coffee"]))
    def set_topic(self, by: str, topic: str) -> None:
        by = self.called(by)
        model = self.model
        expected: list[AnyEvent] | str = []
        if not model.rules(by) and "t" in model.flags:
            expected = "not-operator"
        elif not model.rules(by) and (hushed := "waiting" if by not in model.seated else model.hushed(by)):
            expected = hushed
        elif model.is_muted(by):
            expected = "muted"
        elif topic != model.topic[0]:
            expected = [TopicSet(by, topic)]
            model.topic = (topic, by if topic else "")
        assert self.ask(SetTopic(topic), by) == expected

    @rule(by=askers, name=people)
    def invite(self, by: str, name: str) -> None:
        by, name = self.called(by), self.called(name)
        model = self.model
        expected: list[AnyEvent] | str = [Invited(by, name)]
        if not model.rules(by) and "i" in model.flags:
            expected = "not-operator"
        elif not model.rules(by) and by not in model.seated:
            expected = "waiting"
        elif not model.rules(by) and model.is_barred(by):
            expected = "banned-talk"
        elif model.is_muted(by):
            expected = "muted"
        elif name in model.seated + model.waiting:
            expected = "already-here"
        elif model.rules(by):
            model.invited.add(name)
        assert self.ask(Invite(name), by) == expected

    @rule(name=people, to=people)
    def rename(self, name: str, to: str) -> None:
        name, to = self.called(name), self.called(to)
        model = self.model
        expected: list[AnyEvent] | str = []
        if name not in model.seated + model.waiting:
            expected = "not-in-channel"
        elif to == name:
            expected = []
        elif model.is_muted(name):
            expected = "muted"
        elif to in model.seated + model.waiting:
            expected = "name-taken"
        elif model.is_barred(name) or (name in model.waiting and model.is_banned(to, model.hosts[name])):
            expected = "banned-rename"
        else:
            expected = [Renamed(name, to)]
            model.rename(name, to)
            self.kept.away.clear()
            self.kept.away.update(model.away)
        assert self.ask(Rename(to), name) == expected

    @rule(name=people)
    def tag(self, name: str) -> None:
        name = self.called(name)
        expected = self.model.hushed(name) or [Tagged(name, {"+react": "x"})]
        assert self.ask(Tag({"+react": "x"}), name) == expected

    @rule(name=people, text=st.sampled_from(["hi", "ho"]))
    def say(self, name: str, text: str) -> None:
        name = self.called(name)
        hushed = self.model.hushed(name)
        expected = hushed or [Said(name, text, "7", "action", {"+reply": "1"})]
        assert self.ask(Say(text, "7", "action", {"+reply": "1"}), name) == expected
        refused = may_say(self.channel, name, NOON + self.model.now)
        assert hushed == (refused.code if refused else "")

    @rule(name=people, to=people)
    def whisper(self, name: str, to: str) -> None:
        name, to = self.called(name), self.called(to)
        model = self.model
        expected: list[AnyEvent] | str = []
        if name not in model.seated:
            expected = "waiting"
        elif model.is_muted(name):
            expected = "muted"
        elif model.is_barred(name):
            expected = "banned-talk"
        elif to not in model.seated:
            expected = "not-here"
        assert self.ask(Whisper(to, "psst"), name) == expected

    @rule(name=people, to=people)
    def send(self, name: str, to: str) -> None:
        name, to = self.called(name), self.called(to)
        model = self.model
        expected: list[AnyEvent] | str = []
        if name not in model.seated:
            expected = "waiting"
        elif model.is_barred(name):
            expected = "banned-talk"
        elif to not in model.seated:
            expected = "not-here"
        assert self.ask(Send(to, "a.txt"), name) == expected

    @rule(seconds=st.sampled_from([5, 40, 100, 500]))
    def reload(self, seconds: int) -> None:
        self.model.idle_seconds_max = seconds
        self.channel.limits = LIMITS._replace(idle_seconds_max=seconds)

    @rule(name=people)
    def hear(self, name: str) -> None:
        name = self.called(name)
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
        name = self.called(name)
        expected = self.gone(name, "idle") if name in self.model.idle_for_too_long() else []
        assert self.ask(Expire(), name) == expected

    @rule()
    def expire_all(self) -> None:
        for name in self.model.idle_for_too_long():
            assert self.ask(Expire(), name) == self.gone(name, "idle")

    @precondition(lambda self: len(self.snapshots) < 3)
    @rule()
    def snapshot(self) -> None:
        self.snapshots.append((self.channel.snapshot(0.0), len(self.kept.kept)))

    @invariant()
    def the_channel_is_what_the_model_is(self) -> None:
        model, channel = self.model, self.channel
        assert list(channel.seated) == model.seated
        assert list(channel.waiting) == model.waiting
        assert list(channel.seat_seconds) == model.seat_seconds[-50:]
        now = NOON + model.now
        assert channel.idle_since(now) == model.idle_for_too_long()
        modes = channel.modes
        assert (channel.topic, channel.topic_by) == model.topic
        assert (modes.flags, modes.key, modes.limit) == (model.flags, model.key, model.limit)
        assert {letter: list(modes.masks(letter)) for letter in "beI"} == model.masks
        assert {name: set(roles) for name, roles in modes.roles.items()} == model.roles
        assert set(modes.invited) == model.invited
        assert {name for name, seat in channel.seated.items() if seat.muted_until > now} == {
            name for name in model.seated if model.is_muted(name)
        }

    @invariant()
    def seats_are_sacred(self) -> None:
        channel = self.channel
        seated, waiting = list(channel.seated), list(channel.waiting)
        assert len(seated) <= channel.capacity
        present = [name for name in waiting if name not in self.kept.away]
        assert not present or len(seated) == channel.capacity
        assert not (waiting and channel.is_open)
        assert len({*seated, *waiting}) == len(seated) + len(waiting)

    @invariant()
    def nobody_who_is_banned_waits(self) -> None:
        assert turned_away(self.channel) == ()

    @invariant()
    def the_line_is_in_the_order_of_coming_and_of_moves(self) -> None:
        line: list[str] = []
        for event, _ in self.kept.kept:
            match event:
                case Queued(name=name):
                    line.append(name)
                case Seated(name=name):
                    line.remove(name)
                case Left(name=name, seated=False):
                    line.remove(name)
                case Moved(name=name, ahead=ahead):
                    line.remove(name)
                    line.insert(ahead, name)
                case Renamed(name=name, to=to):
                    line = [to if each == name else each for each in line]
        assert line == list(self.channel.waiting)

    @invariant()
    def replaying_what_happened_gives_the_same_channel(self) -> None:
        state = self.channel.snapshot(0.0)
        assert self.kept.replayed().snapshot(0.0) == state
        for start, first in self.snapshots:
            assert self.kept.replayed(start, first).snapshot(0.0) == state

    def teardown(self) -> None:
        """Replay what a log would have kept, as bytes."""
        if not hasattr(self, "kept"):
            return
        entries = [LogEntry("general", n, time, event) for n, (event, time) in enumerate(self.kept.kept, 1)]
        replayed = Channel("general", self.kept.seats, LIMITS, is_open=self.kept.is_open)
        for entry in decode_entries(encode_lines(entries)):
            replayed.apply(entry.event, entry.time)
        assert replayed.snapshot(0.0) == self.channel.snapshot(0.0)


TestChannelMachine = ChannelMachine.TestCase
TestChannelMachine.settings = settings(max_examples=120, stateful_step_count=40)
