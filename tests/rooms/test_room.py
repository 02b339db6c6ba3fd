"""A room: where its members' sessions are, what they are told of their places, and what a rollback restores."""

import msgspec

from antechamber.channel.channel import Channel
from antechamber.channel.decide import decide
from antechamber.channel.snapshot import ChannelState
from antechamber.codec.plain import PLAIN
from antechamber.log import Snapshot
from antechamber.protocol.commands import Join, Leave
from antechamber.protocol.events import AnyEvent, Emptied, Left, Muted, Queued, Renamed, Said, Seated
from antechamber.protocol.limits import IDLE_WARNING_SECONDS, Limits, Retention
from antechamber.protocol.notices import ChannelInfo
from antechamber.protocol.refusals import Refused
from antechamber.rooms.channel_log import carry_clocks
from antechamber.rooms.room import Room
from antechamber.rooms.turn import Turn
from antechamber.session.session import Session
from tests.fakes import NOON, FakeTransport

IDLE = Limits().idle_seconds_max


class Scene:
    """A room of one seat, and one turn after another in it."""

    def __init__(self, seats: int = 1) -> None:
        self.room = Room("general", 9001, seats, Limits())
        self.sessions: dict[str, Session] = {}
        self.begin()

    def begin(self) -> None:
        self.turn = Turn(NOON, NOON, "12:00:00", {"general": self.room.audience}, [])

    def enter(self, *names: str) -> None:
        for name in names:
            session = self.sessions[name] = Session(FakeTransport(), PLAIN, "general")
            decision = decide(self.room.channel, Join(), name, NOON)
            assert not isinstance(decision, Refused)
            self.room.enter(self.turn, session, name)
            self.room.record(self.turn, decision)
            if not session.seated:
                self.room.tell_place(self.turn, session)
        self.deliver()

    def deliver(self) -> dict[str, list[str]]:
        """End the turn, and return what each session read of it, without those that read nothing."""
        for part in self.turn.parts.values():
            part.number(self.room.log.sequence + 1, NOON)
            self.room.log.sequence += len(part.events)
        self.turn.deliver()
        self.begin()
        read = {}
        for name, session in self.sessions.items():
            assert isinstance(session.transport, FakeTransport)
            if session.transport.writes:
                data = b"".join(session.transport.writes).decode()
                read[name] = [line.removeprefix("[Server message (12:00:00)] ") for line in data.splitlines()]
            session.transport.writes.clear()
        return read

    def leave(self, name: str) -> None:
        decision = decide(self.room.channel, Leave("quit"), name, NOON)
        assert not isinstance(decision, Refused)
        self.room.record(self.turn, decision)


def place(ahead: int) -> str:
    return f"You are in the waiting queue and there are {ahead} user(s) ahead of you."


def test_counts_are_the_channels() -> None:
    scene = Scene()
    scene.enter("Mary", "Bob", "Eve")
    assert scene.room.info(NOON) == ChannelInfo("general", 9001, 1, 1, 2)


def test_those_whose_place_changes_are_told_it_and_no_others() -> None:
    scene = Scene()
    scene.enter("Mary", "Bob", "Eve", "Ann")
    scene.leave("Eve")
    assert scene.deliver() == {"Ann": [place(1)]}
    scene.leave("Ann")
    assert scene.deliver() == {}


def test_places_are_told_at_each_change_even_within_a_turn() -> None:
    scene = Scene()
    scene.enter("Mary", "Bob", "Eve", "Ann")
    scene.leave("Bob")
    scene.leave("Eve")
    assert scene.deliver() == {"Eve": [place(0)], "Ann": [place(1), place(0)]}


def test_whoever_moves_up_to_a_seat_is_told_no_place() -> None:
    scene = Scene(seats=2)
    scene.enter("Mary", "Joe", "Bob", "Eve", "Ann")
    scene.room.record(scene.turn, [Emptied(), Seated("Bob"), Seated("Eve")])
    assert scene.deliver() == {
        "Bob": ["Bob has joined the channel.", "Eve has joined the channel."],
        "Eve": ["Eve has joined the channel."],
        "Ann": [place(0)],
    }
    assert [scene.sessions[name].place for name in ("Bob", "Eve", "Ann")] == [-1, -1, 0]
    assert [scene.sessions[name].channel for name in ("Mary", "Joe", "Bob")] == ["", "", "general"]


def test_chat_tells_nobody_a_place() -> None:
    scene = Scene()
    scene.enter("Mary", "Bob")
    scene.sessions["Bob"].place = 5
    scene.room.record(scene.turn, [Said("Mary", "hi"), Muted("Mary", 5)])
    assert list(scene.deliver()) == ["Mary"]


def test_events_of_members_without_a_session_are_recorded_all_the_same() -> None:
    scene = Scene(seats=2)
    scene.enter("Mary")
    scene.room.record(scene.turn, [Queued("Ghost"), Seated("Ghost"), Muted("Ghost", 5), Left("Ghost", "idle")])
    assert scene.deliver() == {
        "Mary": ["Ghost has joined the channel.", "Ghost has been muted for 5 seconds.", "Ghost went AFK."]
    }


def test_the_first_warning_of_an_idle_time_is_known() -> None:
    scene = Scene()
    assert scene.room.due_at == float("inf")
    scene.enter("Mary")
    assert scene.room.due_at == NOON + IDLE - IDLE_WARNING_SECONDS
    scene.room.due_at = NOON + 900
    scene.room.record(scene.turn, [Muted("Mary", 5)])
    assert scene.room.due_at == NOON + 5 + IDLE - IDLE_WARNING_SECONDS


def test_a_snapshot_is_of_the_last_kept_entry() -> None:
    scene = Scene()
    scene.enter("Mary", "Bob")
    snapshot = scene.room.log.snapshot(scene.room.channel, 0.0)
    assert snapshot == Snapshot(
        3,
        b'{"seated":{"Mary":0.0},"waiting":["Bob"],"members":{"Bob":[3,0,false,[],1000000.0,0.0,"",""],'
        b'"Mary":[1,2,false,[],1000000.0,1000000.0,"",""]},"seat_seconds":[],"announcements":[],'
        b'"topic":["","",0.0],"modes":{"flags":"nt"}}',
    )
    assert msgspec.json.decode(snapshot.state, type=ChannelState) == scene.room.channel.snapshot(0.0)


def test_an_undone_turn_leaves_everybody_where_they_were() -> None:
    scene = Scene()
    scene.enter("Mary", "Bob")
    before = scene.room.channel.snapshot(0.0)
    late = scene.sessions["Late"] = Session(FakeTransport(), PLAIN, "general")
    scene.leave("Mary")
    scene.leave("Bob")
    scene.room.enter(scene.turn, late, "Late")
    scene.room.record(scene.turn, [Queued("Late"), Seated("Late")])
    scene.turn.roll_back()
    scene.begin()
    scene.room.channel.restore(before, 0, NOON, 0.0)
    scene.room.regroup()
    where = {name: (one.channel, one.seated, one.place) for name, one in scene.sessions.items()}
    assert where == {"Mary": ("general", True, -1), "Bob": ("general", False, 0), "Late": ("", False, -1)}
    scene.room.record(scene.turn, [Said("Mary", "still here")])
    assert scene.deliver() == {"Mary": ["[Mary (12:00:00)] still here"]}


def test_a_stopped_room_tells_everyone_and_is_empty_until_that_is_undone() -> None:
    scene = Scene()
    scene.enter("Mary", "Bob")
    scene.room.stop(scene.turn)
    assert scene.room.stopped
    assert scene.room.sessions == {}
    assert scene.room.due_at == float("inf")
    assert scene.turn.ending == [scene.sessions["Mary"], scene.sessions["Bob"]]
    assert not any(scene.room.audience.groups.values())
    assert not scene.sessions["Mary"].seated
    stopping = scene.turn
    assert scene.deliver() == {name: [scene.room.stopped_text] for name in ("Mary", "Bob")}
    stopping.roll_back()
    assert scene.room.sessions == scene.sessions
    assert [session.channel for session in scene.sessions.values()] == ["general", "general"]


def test_the_clocks_stand_as_before_whatever_was_undone() -> None:
    scene = Scene(seats=9)
    channel = scene.room.channel
    names = ["left", "emptied", "muted", "muted and left", "came back", "talked"]
    channel.restore(ChannelState(dict.fromkeys(names, 60.0), ["waits"]), 0, NOON, 0.0)
    for name in names:
        channel.seated[name].active_at, channel.seated[name].muted_until = NOON - 40, NOON - 50
    undone: list[AnyEvent] = [
        Left("left", "idle"),
        Muted("muted", 60),
        Muted("muted", 600),
        Muted("muted and left", 60),
        Left("muted and left", "kicked"),
        Left("came back", "quit"),
        Queued("came back"),
        Seated("waits"),
        Seated("came back"),
        Left("waits", "quit"),
        Emptied(),
    ]
    scene.room.record(scene.turn, undone)
    scene.turn.roll_back()
    before = channel
    assert before.mutes.until("muted and left", "") == 60.0
    before.seated["talked"].active_at = NOON
    scene.room.channel = Channel("general", 9, scene.room.limits)
    scene.room.channel.restore(ChannelState(dict.fromkeys(names, 60.0), ["waits"]), 0, NOON, 0.0)
    carry_clocks(scene.room.channel, before)
    seats = scene.room.channel.seated
    assert {name: seat.active_at for name, seat in seats.items()} == {
        **dict.fromkeys(names, NOON - 40),
        "talked": NOON,
    }
    assert {seat.muted_until for seat in seats.values()} == {NOON - 50}


def test_a_rollback_restores_the_settings_of_a_room_and_of_its_channel() -> None:
    scene = Scene()
    scene.enter("Mary", "Bob")
    room = scene.room
    before = {name: getattr(room, name) for name in vars(room)}
    of_channel = room.channel.capacity, room.channel.limits, room.channel.is_open
    room.configure(
        scene.turn, Room("general", 9002, 1, Limits(idle_seconds_max=99.0), "Tea", Retention(7), is_open=True)
    )
    assert (room.port, room.topic, room.channel.limits.idle_seconds_max) == (9002, "Tea", 99.0)
    scene.turn.roll_back()
    assert {name: getattr(room, name) for name in vars(room)} == before
    assert (room.channel.capacity, room.channel.limits, room.channel.is_open) == of_channel


def test_a_rollback_restores_holds_names_and_sessions() -> None:
    scene = Scene(seats=2)
    scene.enter("Mary", "Bob")
    room, mary = scene.room, scene.sessions["Mary"]
    kept = [(one.channel, one.name, one.seated, one.place, one.behind) for one in scene.sessions.values()]
    room.hold(scene.turn, mary)
    room.resume(scene.turn, again := Session(FakeTransport(), PLAIN, "general"), "Mary", 1)
    room.record(scene.turn, [Renamed("Bob", "Rob")])
    assert (room.sessions["Mary"], again.name) == (again, "Mary")
    assert room.sessions["Rob"].name == "Rob"
    scene.turn.roll_back()
    assert room.sessions == scene.sessions
    assert (room.held, again.channel, again.name, again.behind) == ({}, "", "", 0)
    assert [(one.channel, one.name, one.seated, one.place, one.behind) for one in scene.sessions.values()] == kept
    assert set(room.channel.seated) == {"Mary", "Bob"}
