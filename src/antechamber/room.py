"""A room: a channel together with the sessions of its members, those it holds a seat for, and its place in the log."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from antechamber.announcements import Announcements
from antechamber.channel import Channel, ChannelState, Refused, Seat
from antechamber.commands import Leave
from antechamber.events import (
    Announced,
    AnyEvent,
    ChannelInfo,
    Emptied,
    Event,
    GoodbyeReason,
    Left,
    LeftReason,
    Members,
    Moved,
    Muted,
    Place,
    Seated,
)
from antechamber.fanout import Audience, Part, Turn
from antechamber.holds import Endings, Hold
from antechamber.limits import Limits, Retention
from antechamber.log import Log, LogError, Snapshot
from antechamber.roster import place, roster, seat_times, wait
from antechamber.session import Session
from antechamber.tokens import Claim

_GOODBYES: dict[LeftReason, tuple[GoodbyeReason, str]] = {
    "kicked": ("kicked", "The operator closed your connection."),
    "idle": ("idle", "You sent nothing for too long, so your seat went to the next in line."),
    "closed": ("closed", "The operator closed the channel."),
}
"""How a departure that the member did not ask for ends its session."""
_KEEP_ALL = Retention()
_ORIGINS_MAX = 4
"""How many switches in a row may be carried out whose welcomes are all lost, and one still finds back."""
_MOVES = (Left, Seated, Emptied, Moved)
"""The events after which places in the queue may have changed."""
_SEAT_CHANGES = (Left, Muted, Emptied)
"""The events that end a seat or change its clocks."""


class Room:
    """One channel, its members' sessions by name, and what the hub keeps about it.

    `limits` are the server's, with the channel's own times and bounds among them.
    """

    def __init__(
        self,
        name: str,
        port: int,
        capacity: int,
        limits: Limits,
        topic: str = "",
        retention: Retention = _KEEP_ALL,
    ) -> None:
        self.name = name
        self.port = port
        self.capacity = capacity
        self.limits = limits
        self.topic = topic
        self.retention = retention
        self.channel = Channel(name, capacity, limits)
        self.sessions: dict[str, Session] = {}
        self.held: dict[str, Hold] = {}
        """The members whose connections were lost, and whose seats and places wait for them."""
        self.endings = Endings()
        self.announcements = Announcements(name)
        self.audience = Audience()
        self.sequence = 0
        """The sequence number of the last entry that the log has kept."""
        self.unsnapshotted = 0
        """How many entries the log has kept since the last snapshot."""
        self.due_at = float("inf")
        """No member's idle time or hold is over, and no warning is due, before this, by the steady clock."""
        self._roster: tuple[tuple[float, ...], Members] | None = None
        """Who was here when that was asked last, and when that was."""
        self.stopped = False
        """Whether a fault of the program ended it."""
        self._routes: dict[type[Event], Callable[[Turn, Part, Any], None]] = {
            Seated: self._seat,
            Left: self._leave,
            Muted: self._mute,
            Emptied: self._empty,
            Announced: self._announce,
        }

    def info(self, steady: float) -> ChannelInfo:
        """Return the room's counts, and what wait one has to expect who comes now, which is `steady`."""
        seated, waiting = len(self.channel.seated), len(self.channel.waiting)
        counts = (0, 0) if self.stopped else (seated, waiting)
        full = seated >= self.capacity and not self.stopped
        expected = wait(self.channel, seat_times(self.channel, steady), waiting) if full else None
        return ChannelInfo(self.name, self.port, self.capacity, *counts, self.topic, expected)

    def members(self, time: float, steady: float, command_id: str = "") -> Members:
        """Return who is here, as `roster` has it. All who ask in one turn are told by one look."""
        moment = (time, steady, self.channel.sequence, len(self.sessions))
        if self._roster is None or self._roster[0] != moment:
            self._roster = moment, roster(self.channel, self.sessions, time, steady)
        return replace(self._roster[1], id=command_id)

    @property
    def obituary(self) -> str:
        """What people are told of a room that was stopped."""
        return f"The {self.name} channel has stopped because of a fault in the server."

    def read_log(self, log: Log, time: float, steady: float) -> None:
        """Take the channel's state from its snapshot and the entries after it; idle clocks start now.

        Now is `time` in seconds since the epoch, `steady` by the steady clock. Raises LogError where the log cannot be
        read or its entries contradict each other.
        """
        epoch = time - steady
        channel = Channel(self.name, self.capacity, self.limits)
        snapshot = log.snapshot(self.name)
        sequence = start = snapshot.sequence if snapshot else 0
        announcements = Announcements(self.name)
        try:
            if snapshot:
                state = msgspec.json.decode(snapshot.state, type=ChannelState)
                channel.restore(state, start, steady, epoch)
                announcements = Announcements(self.name, state.announcements)
            for entry in log.read_from(self.name, start + 1):
                if entry.sequence != channel.sequence + 1:
                    raise KeyError(f"the next is entry {entry.sequence}")
                # What was kept later than now was kept before somebody set the machine's clock back.
                channel.apply(entry.event, min(entry.time - epoch, steady))
                sequence = entry.sequence
                if type(entry.event) is Announced:
                    announcements.add(sequence, entry.time, entry.event.text)
        except (KeyError, msgspec.DecodeError) as error:
            raise LogError(f"the log of {self.name} is damaged after entry {sequence}: {error}") from error
        for seat in channel.seated.values():
            seat.active_at = max(steady, seat.muted_until)
        self.channel, self.announcements = channel, announcements
        self._roster = None
        self.sequence = sequence
        self.unsnapshotted = sequence - start
        self.due_at = channel.next_due_at()

    def wind_clocks(self, before: Mapping[str, Seat]) -> None:
        """Let the clocks stand as they stand on the seats `before` it, of which `read_log` knows nothing.

        So a mute ends when it was to end, too, though somebody has set the clock by which the log tells of it.
        """
        for name, seat in self.channel.seated.items():
            if (old := before.get(name)) is not None:
                seat.active_at, seat.muted_until, seat.warned_of = old.active_at, old.muted_until, old.warned_of
                seat.seated_at = old.seated_at

    def snapshot(self, epoch: float) -> Snapshot:
        """Return the channel's state as of the last kept entry; `epoch` as `Channel.state` has it."""
        state = replace(self.channel.state(epoch), announcements=self.announcements.kept())
        return Snapshot(self.sequence, msgspec.json.encode(state))

    def claim(self, name: str) -> Claim:
        """Return what the resume token of the member `name` is for."""
        membership = self.channel.membership(name)
        assert membership is not None
        return Claim(self.name, name, membership.entered)

    def origins(self, name: str) -> tuple[tuple[str, int], ...]:
        """Return what the member takes with it when it switches: this membership, and those it switched from before."""
        membership = self.channel.membership(name)
        assert membership is not None
        return ((self.name, membership.entered), *membership.origins)[:_ORIGINS_MAX]

    @property
    def holds_members(self) -> bool:
        """Whether a lost connection costs no seat, or no place, at once."""
        return self.limits.seat_hold_seconds > 0 or self.limits.place_hold_seconds > 0

    def hold_seconds(self, name: str) -> float:
        """Return how long the member's seat or place waits for it after its connection was lost."""
        membership = self.channel.membership(name)
        if membership is None or not membership.holds:
            return 0.0
        return self.limits.seat_hold_seconds if name in self.channel.seated else self.limits.place_hold_seconds

    def hold_over_at(self, name: str) -> float:
        """Return when the member that is held loses its seat or place."""
        return self.held[name].since + self.hold_seconds(name)

    def look_ahead(self) -> None:
        """Find out when the first idle time or hold is over, or the first warning due."""
        holds = map(self.hold_over_at, self.held)
        self.due_at = min(self.channel.next_due_at(), min(holds, default=float("inf")))

    def enter(self, turn: Turn, session: Session, name: str) -> None:
        """Make `session` the one of the member `name`."""
        before, wanted_presence = session.name, session.wants_presence
        self.sessions[name] = session
        session.channel, session.name, session.place, session.wants_presence = self.name, name, -1, False

        def undo() -> None:
            del self.sessions[name]
            session.channel, session.name, session.seated = "", before, False
            session.wants_presence = wanted_presence

        turn.undo.append(undo)

    def hold(self, turn: Turn, session: Session) -> None:
        """Let the member's seat or place wait for it, as its connection is no more."""
        name = session.name
        turn.away[self.name, name] = True
        self._exit(turn, name)
        self._hold(turn, name, Hold(turn.steady, session))

    def resume(self, turn: Turn, session: Session, name: str, after: int) -> None:
        """Let `session` be the one of the member `name`, who has read up to entry `after`.

        One that is the member's still is ended: its connection is dead and does not know, or is to be left.
        """
        hold = self.held.pop(name, None)
        earlier = hold.session if hold else self._exit(turn, name)
        if hold is not None:
            turn.part(self.name)  # so that those who watch are told, though nothing happened
            turn.away[self.name, name] = False
        if earlier is not None:
            session.inherit(earlier)
            turn.end(earlier, "resumed", "You went on in another connection.")
        self.sessions[name] = session
        session.channel, session.name, session.place = self.name, name, -1
        session.holds = True
        if (seat := self.channel.seated.get(name)) is not None:
            session.behind = max(min(after, self.sequence) + 1, seat.since)

        def undo() -> None:
            del self.sessions[name]
            session.channel, session.behind, session.seated = "", 0, False
            if hold is not None:
                self.held[name] = hold

        turn.undo.append(undo)

    def record(self, turn: Turn, events: Iterable[AnyEvent]) -> None:
        """Let a decision's events have happened, and let those who are to read of them do so."""
        part = turn.part(self.name)
        moved = False
        for event in events:
            kind = type(event)
            if kind is Left or kind is Emptied:
                self._note_endings(event)
            if kind in _SEAT_CHANGES:
                self._note_seats(turn, event)
            self.channel.apply(event, turn.steady)
            if (route := self._routes.get(kind)) is not None:
                route(turn, part, event)
            turn.happened(part, event)
            moved = moved or kind in _MOVES
        if moved:
            self._tell_places(turn)

    def tell_place(self, turn: Turn, session: Session) -> None:
        """Tell one that waits its place."""
        told = place(self.channel, turn.time, turn.steady, session.name)
        session.place = told.ahead
        turn.tell(session, told)

    def tell_announcements(self, turn: Turn, session: Session) -> None:
        """Tell one that waits, and was away perhaps, what was announced since it came, the oldest first."""
        for announcement in self.announcements.after(self.claim(session.name).entered):
            turn.tell(session, announcement)

    def begin(self, turn: Turn) -> None:
        """Hold those whose connections ended with an earlier process, or let them leave.

        Of the latter the queue leaves first, so that only those move up who are held.
        """
        members = [*reversed(self.channel.waiting), *reversed(self.channel.seated)]
        for name in members:
            if self.hold_seconds(name) > 0:
                self._hold(turn, name, Hold(turn.steady))
        for name in members:
            if name not in self.held:
                self.leave(turn, name, "lost")
        self.record(turn, self.channel.admit())

    def leave(self, turn: Turn, name: str, reason: Literal["quit", "switched", "lost", "closed"]) -> None:
        """Let a member leave, and the next in line move up."""
        decision = self.channel.decide(Leave(reason), name, turn.steady)
        assert not isinstance(decision, Refused)
        self.record(turn, decision)

    def configure(self, turn: Turn, new: "Room") -> None:
        """Take the settings of `new`. Of more seats the line gets its share; for fewer nobody loses one."""
        old = self.port, self.capacity, self.limits, self.topic, self.retention
        self._set(new.port, new.capacity, new.limits, new.topic, new.retention)
        turn.undo.append(lambda: self._set(*old))
        self.record(turn, self.channel.admit())

    def _set(self, port: int, capacity: int, limits: Limits, topic: str, retention: Retention) -> None:
        self.port, self.topic, self.retention = port, topic, retention
        self.capacity = self.channel.capacity = capacity
        self.limits = self.channel.limits = limits
        self.look_ahead()

    def close(self, turn: Turn) -> None:
        """Let everyone leave, as the config has the channel no more; the queue first, so that nobody moves up."""
        for name in [*reversed(self.channel.waiting), *reversed(self.channel.seated)]:
            self.leave(turn, name, "closed")

    def stop(self, turn: Turn) -> None:
        """End the room after a fault of the program: everyone is told, nobody comes in."""
        self.stopped = True
        self.due_at = float("inf")
        members, held = dict(self.sessions), dict(self.held)
        for session in members.values():
            turn.end(session, "broken", self.obituary)
            turn.unseat(session)
            session.channel, session.behind = "", 0
        self.sessions.clear()
        self.held.clear()
        self.audience.groups.clear()  # where a turn was undone, those are in it who came in that turn

        def undo() -> None:
            self.sessions.update(members)
            self.held.update(held)
            for session in members.values():
                session.channel = self.name

        turn.undo.append(undo)

    def regroup(self) -> None:
        """Put the sessions where the channel's state has their members, telling nobody, after a turn was undone."""
        self.audience.groups.clear()
        places = {name: ahead for ahead, name in enumerate(self.channel.waiting)}
        for name, session in self.sessions.items():
            session.seated = name in self.channel.seated and not session.closed and not session.behind
            session.place = places.get(name, -1)
            if session.seated:
                self.audience.add(session)

    def _note_endings(self, event: AnyEvent) -> None:
        """Remember how the memberships end that `event` is about to end, for those who come back to them."""
        names = [event.name] if isinstance(event, Left) else list(self.channel.seated)
        for name in names:
            membership = self.channel.membership(name)
            if membership is not None and membership.holds:
                self.endings.add(self.claim(name), event.reason if isinstance(event, Left) else "emptied")

    def _note_seats(self, turn: Turn, event: AnyEvent) -> None:
        """Remember the seats that `event` is about to end or to mute, and their clocks."""
        seated = self.channel.seated
        names = [event.name] if isinstance(event, Left | Muted) else list(seated)
        among = [(name, seated[name]) for name in names if name in seated]
        seats = [(name, seat, seat.active_at, seat.muted_until) for name, seat in among]
        if not isinstance(event, Muted):
            gone = isinstance(event, Left) and event.reason in ("idle", "lost")
            turn.seats += [(self.name, turn.steady - seat.seated_at, gone and seat.is_unused) for _, seat, *_ in seats]

        def undo() -> None:
            for name, seat, active_at, muted_until in seats:
                seated[name] = seat
                seat.active_at, seat.muted_until = active_at, muted_until

        turn.undo.append(undo)

    def _hold(self, turn: Turn, name: str, hold: Hold) -> None:
        before = self.held.get(name)
        self.held[name] = hold
        turn.part(self.name)  # so that the turn looks ahead here, though nothing happened
        self.due_at = min(self.due_at, self.hold_over_at(name))

        def undo() -> None:
            del self.held[name]
            if before is not None:
                self.held[name] = before

        turn.undo.append(undo)

    def _release(self, turn: Turn, name: str) -> None:
        """Hold nothing for `name` any more, who left."""
        if (hold := self.held.pop(name, None)) is not None:
            turn.undo.append(lambda: self.held.update({name: hold}))

    def _seat(self, turn: Turn, part: Part, event: Seated) -> None:
        self.due_at = min(self.due_at, turn.steady + self.channel.warning_seconds)
        turn.waits.append((self.name, turn.steady - self.channel.seated[event.name].membership.queued_at))
        if (hold := self.held.get(event.name)) is not None:
            self._hold(turn, event.name, Hold(turn.steady, hold.session))  # the time that a seat is kept begins
        if (session := self.sessions.get(event.name)) is not None:
            session.place = -1
            if not session.closed:
                turn.seat(session, part)

    def _leave(self, turn: Turn, _: Part, event: Left) -> None:
        self._release(turn, event.name)
        session = self._exit(turn, event.name)
        if session is not None and (goodbye := _GOODBYES.get(event.reason)) is not None:
            turn.end(session, *goodbye)

    def _mute(self, turn: Turn, part: Part, event: Muted) -> None:
        # A shorter mute in place of a longer one brings the end of the idle time nearer.
        self.due_at = min(self.due_at, self.channel.next_due_at())
        session = self.sessions.get(event.name)
        if session is not None and session.seated:
            turn.tell_own(session, part)

    def _empty(self, turn: Turn, _: Part, __: Emptied) -> None:
        for name in [name for name in self.held if name not in self.channel.waiting]:
            self._release(turn, name)
        for name in [name for name in self.sessions if name not in self.channel.waiting]:
            if (session := self._exit(turn, name)) is not None:
                turn.end(session, "emptied", "The operator emptied the channel.")

    def _announce(self, turn: Turn, _: Part, event: Announced) -> None:
        """Tell those who wait, too; those seated read the entry."""
        sequence = self.channel.sequence
        self.announcements.add(sequence, turn.time, event.text)
        (announcement,) = self.announcements.after(sequence - 1)
        for name in self.channel.waiting:
            if (session := self.sessions.get(name)) is not None:
                turn.tell(session, announcement)

    def _exit(self, turn: Turn, name: str) -> Session | None:
        session = self.sessions.pop(name, None)
        if session is not None:
            turn.unseat(session)
            behind = session.behind
            session.channel, session.place, session.behind = "", -1, 0

            def undo() -> None:
                self.sessions[name] = session
                session.channel, session.behind = self.name, behind

            turn.undo.append(undo)
        return session

    def _tell_places(self, turn: Turn) -> None:
        """Tell each of those who wait its place, where that has changed."""
        if not self.channel.waiting:
            return
        times = seat_times(self.channel, turn.steady)
        for ahead, name in enumerate(self.channel.waiting):
            session = self.sessions.get(name)
            if session is not None and session.place not in (ahead, -1):
                session.place = ahead
                turn.tell(session, Place(turn.time, self.name, ahead, wait(self.channel, times, ahead)))
