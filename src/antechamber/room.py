"""A room: a channel together with the sessions of its members, and its place in the log."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from antechamber.channel import Channel, ChannelState, Seat
from antechamber.commands import Leave
from antechamber.events import (
    AnyEvent,
    ChannelInfo,
    Emptied,
    Event,
    GoodbyeReason,
    Left,
    LeftReason,
    Muted,
    Place,
    Seated,
)
from antechamber.fanout import Audience, Part, Turn
from antechamber.limits import Limits
from antechamber.log import Log, LogError, Snapshot
from antechamber.session import Session

_GOODBYES: dict[LeftReason, tuple[GoodbyeReason, str]] = {
    "kicked": ("kicked", "The operator closed your connection."),
    "idle": ("idle", "You sent nothing for too long, so your seat went to the next in line."),
}
"""How a departure that the member did not ask for ends its session."""
_MOVES = (Left, Seated, Emptied)
"""The events after which places in the queue may have changed."""


class Room:
    """One channel, its members' sessions by name, and what the hub keeps about it."""

    def __init__(self, name: str, port: int, capacity: int, limits: Limits) -> None:
        self.name = name
        self.port = port
        self.capacity = capacity
        self.limits = limits
        self.channel = Channel(name, capacity, limits)
        self.sessions: dict[str, Session] = {}
        self.audience = Audience()
        self.sequence = 0
        """The sequence number of the last entry that the log has kept."""
        self.unsnapshotted = 0
        """How many entries the log has kept since the last snapshot."""
        self.idle_at = float("inf")
        """No member's idle time is over before this."""
        self.stopped = False
        """Whether a fault of the program ended it."""
        self._routes: dict[type[Event], Callable[[Turn, Part, Any], None]] = {
            Seated: self._seat,
            Left: self._leave,
            Muted: self._mute,
            Emptied: self._empty,
        }

    def info(self) -> ChannelInfo:
        """Return the room's counts."""
        seated, waiting = len(self.channel.seated), len(self.channel.waiting)
        return ChannelInfo(self.name, self.port, self.capacity, *((0, 0) if self.stopped else (seated, waiting)))

    @property
    def obituary(self) -> str:
        """What people are told of a room that was stopped."""
        return f"The {self.name} channel has stopped because of a fault in the server."

    def read_log(self, log: Log, time: float) -> None:
        """Take the channel's state from its snapshot and the entries after it; idle clocks start at `time`.

        Raises LogError where the log cannot be read or its entries contradict each other.
        """
        channel = Channel(self.name, self.capacity, self.limits)
        snapshot = log.snapshot(self.name)
        sequence = start = snapshot.sequence if snapshot else 0
        try:
            if snapshot:
                channel.restore(msgspec.json.decode(snapshot.state, type=ChannelState), time)
            for entry in log.read_from(self.name, start + 1):
                channel.apply(entry.event, entry.time)
                sequence = entry.sequence
        except (KeyError, msgspec.DecodeError) as error:
            raise LogError(f"the log of {self.name} is damaged after entry {sequence}: {error}") from error
        for seat in channel.seated.values():
            seat.active_at = max(time, seat.muted_until)
        self.channel = channel
        self.sequence = sequence
        self.unsnapshotted = sequence - start
        self.idle_at = channel.next_idle_at()

    def wind_clocks(self, time: float, before: Mapping[str, Seat], undone: Iterable[AnyEvent]) -> None:
        """Let the idle clocks, set to `time` by `read_log`, stand as they stood on the seats `before` it.

        Those whose idle time was found to be over in what was undone have used it up still.
        """
        over = {event.name for event in undone if isinstance(event, Left) and event.reason == "idle"}
        for name, seat in self.channel.seated.items():
            if (old := before.get(name)) is not None:
                # How long it has been idle is the same whatever mute is in force, so the mutes' ends cancel out.
                seat.active_at -= max(time, old.muted_until) - old.active_at
            elif name in over:
                seat.active_at -= self.limits.idle_seconds_max

    def snapshot(self) -> Snapshot:
        """Return the channel's state as of the last kept entry."""
        return Snapshot(self.sequence, msgspec.json.encode(self.channel.state()))

    def enter(self, turn: Turn, session: Session, name: str) -> None:
        """Make `session` the one of the member `name`."""
        self.sessions[name] = session
        session.channel, session.name, session.place = self.name, name, -1

        def undo() -> None:
            del self.sessions[name]
            session.channel, session.seated = "", False

        turn.undo.append(undo)

    def record(self, turn: Turn, events: Iterable[AnyEvent]) -> None:
        """Let a decision's events have happened, and let those who are to read of them do so."""
        part = turn.part(self.name)
        moved = False
        for event in events:
            kind = type(event)
            self.channel.apply(event, turn.time)
            if (route := self._routes.get(kind)) is not None:
                route(turn, part, event)
            turn.happened(part, event)
            moved = moved or kind in _MOVES
        if moved:
            self._tell_places(turn)

    def tell_last_place(self, turn: Turn, session: Session) -> None:
        """Tell the newest in the queue its place."""
        session.place = len(self.channel.waiting) - 1
        turn.tell(session, Place(turn.time, self.name, session.place))

    def drop_all(self, turn: Turn) -> None:
        """Let all leave whose connections ended with an earlier process; the queue first, so that nobody moves up."""
        for name in [*reversed(self.channel.waiting), *reversed(self.channel.seated)]:
            decision = self.channel.decide(Leave("lost"), name, turn.time)
            assert not isinstance(decision, msgspec.Struct)
            self.record(turn, decision)

    def stop(self, turn: Turn) -> None:
        """End the room after a fault of the program: everyone is told, nobody comes in."""
        self.stopped = True
        self.idle_at = float("inf")
        members = dict(self.sessions)
        for session in members.values():
            turn.end(session, "broken", self.obituary)
            turn.unseat(session)
            session.channel = ""
        self.sessions.clear()

        def undo() -> None:
            self.sessions.update(members)
            for session in members.values():
                session.channel = self.name

        turn.undo.append(undo)

    def regroup(self) -> None:
        """Put the sessions where the channel's state has their members, telling nobody, after a turn was undone."""
        self.audience.groups.clear()
        places = {name: ahead for ahead, name in enumerate(self.channel.waiting)}
        for name, session in self.sessions.items():
            session.seated = name in self.channel.seated and not session.closed
            session.place = places.get(name, -1)
            if session.seated:
                self.audience.add(session)

    def _seat(self, turn: Turn, part: Part, event: Seated) -> None:
        self.idle_at = min(self.idle_at, turn.time + self.limits.idle_seconds_max)
        if (session := self.sessions.get(event.name)) is not None:
            session.place = -1
            if not session.closed:
                turn.seat(session, part)

    def _leave(self, turn: Turn, _: Part, event: Left) -> None:
        session = self._exit(turn, event.name)
        if session is not None and (goodbye := _GOODBYES.get(event.reason)) is not None:
            turn.end(session, *goodbye)

    def _mute(self, turn: Turn, part: Part, event: Muted) -> None:
        # A shorter mute in place of a longer one brings the end of the idle time nearer.
        self.idle_at = min(self.idle_at, self.channel.next_idle_at())
        session = self.sessions.get(event.name)
        if session is not None and session.seated:
            turn.tell_own(session, part)

    def _empty(self, turn: Turn, _: Part, __: Emptied) -> None:
        for name in [name for name in self.sessions if name not in self.channel.waiting]:
            if (session := self._exit(turn, name)) is not None:
                turn.end(session, "emptied", "The operator emptied the channel.")

    def _exit(self, turn: Turn, name: str) -> Session | None:
        session = self.sessions.pop(name, None)
        if session is not None:
            turn.unseat(session)
            session.channel, session.place = "", -1

            def undo() -> None:
                self.sessions[name] = session
                session.channel = self.name

            turn.undo.append(undo)
        return session

    def _tell_places(self, turn: Turn) -> None:
        """Tell each of those who wait its place, where that has changed."""
        for ahead, name in enumerate(self.channel.waiting):
            session = self.sessions.get(name)
            if session is not None and session.place not in (ahead, -1):
                session.place = ahead
                turn.tell(session, Place(turn.time, self.name, ahead))
