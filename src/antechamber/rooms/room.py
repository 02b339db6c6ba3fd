"""A room: a channel and its place in the log, together with the sessions of its members, and those it holds."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, cast

from msgspec.structs import replace

from antechamber.channel.channel import Refused
from antechamber.channel.reset import forgotten
from antechamber.log import Log
from antechamber.protocol.commands import Leave, LeaveReason
from antechamber.protocol.events import (
    Announced,
    AnyEvent,
    Emptied,
    Event,
    Left,
    LeftReason,
    Moved,
    Muted,
    Queued,
    Renamed,
    Said,
    Seated,
)
from antechamber.protocol.limits import Limits, Retention
from antechamber.protocol.notices import GoodbyeReason, Members, Place, closed_by
from antechamber.rooms.channel_log import KEEP_ALL, LoggedChannel
from antechamber.rooms.holds import Endings, Hold
from antechamber.rooms.roster import place, roster, seat_times, wait
from antechamber.rooms.turn import Audience, Part, Turn
from antechamber.session.session import Session

_GOODBYES: dict[LeftReason, tuple[GoodbyeReason, str]] = {
    "kicked": ("kicked", closed_by()),
    "idle": ("idle", "You sent nothing for too long, so your seat went to the next in line."),
    "closed": ("closed", "The operator closed the channel."),
}
"""How a departure that the member did not ask for ends its session."""
_MOVES = (Left, Seated, Emptied, Moved)
"""The events after which places in the queue may have changed."""
_DIRECTORY_CHANGES = frozenset((Queued, Left, Emptied, Renamed))
"""The events that tell who is a member, and by what name."""
_SEAT_CHANGES = (Left, Muted, Emptied)
"""The events that end a seat or change its clocks."""


class Room(LoggedChannel):
    """One channel, its members' sessions by name, and what the hub keeps about it."""

    def __init__(
        self,
        name: str,
        port: int,
        capacity: int,
        limits: Limits,
        topic: str = "",
        retention: Retention = KEEP_ALL,
        *,
        is_open: bool = False,
    ) -> None:
        super().__init__(name, port, capacity, limits, topic, retention, is_open=is_open)
        self.sessions: dict[str, Session] = {}
        self.endings = Endings()
        self.audience = Audience()
        self._roster: tuple[tuple[float, ...], Members] | None = None
        """Who was here when that was asked last, and when that was."""
        self._routes: dict[type[Event], Callable[[Turn, Part, Any], None]] = {
            Seated: self._seat,
            Left: self._leave,
            Muted: self._mute,
            Emptied: self._empty,
            Announced: self._announce,
            Renamed: self._rename,
        }

    def read_log(self, log: Log, time: float, steady: float) -> None:
        """Take the channel's state from the log, as `LoggedChannel` has it."""
        super().read_log(log, time, steady)
        self._roster = None

    def members(self, time: float, steady: float, command_id: str = "") -> Members:
        """Return who is here, as `roster` has it. All who ask in one turn are told by one look."""
        moment = (time, steady, self.channel.sequence, len(self.sessions))
        if self._roster is None or self._roster[0] != moment:
            self._roster = moment, roster(self.channel, self.sessions, time, steady, self.topic_now)
        return replace(self._roster[1], id=command_id)

    @property
    def has_ended(self) -> bool:
        """Whether it is a room that is open, and nobody is here any more, or ever will be."""
        return self.is_open and (self.stopped or self.is_empty)

    def clashes(self, name: str) -> bool:
        """Say whether a member who reads by IRC has this name in another case, which IRC cannot tell apart."""
        for other in self.directory.alike(name):
            hold = self.held.get(other)
            session = hold.session if hold else self.sessions.get(other)
            membership = self.channel.membership(other)
            # Where an earlier process had the session: who came by IRC, and may come back, has left a proof.
            is_on_irc = session.outlet is not session if session else membership is not None and bool(membership.proof)
            if other != name and is_on_irc:
                return True
        return False

    @property
    def obituary(self) -> str:
        """What people are told of a room that was stopped."""
        return f"The {self.name} channel has stopped because of a fault in the server."

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
        memberships = session.outlet.memberships
        if memberships is not None:
            memberships[self.name] = session
        turn.undo.append(partial(self._take_back, session, name, before, wanted_presence))

    def _take_back(self, session: Session, name: str, before: str, wanted_presence: bool) -> None:
        """Let `session`, which was called `before`, not be the one of the member `name` after all."""
        del self.sessions[name]
        if session.outlet.memberships is not None:
            del session.outlet.memberships[self.name]
        session.channel, session.name, session.seated, session.wants_presence = "", before, False, wanted_presence

    def hold(self, turn: Turn, session: Session) -> None:
        """Let the member's seat or place wait for it, as its connection is no more."""
        name = session.name
        turn.away[self.name, name] = True
        read_up_to = session.behind - 1 if session.behind else self.channel.sequence
        self._exit(turn, name)
        self._hold(turn, name, Hold(turn.steady, session, read_up_to))

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
            why, in_line = "You went on in another connection.", name in self.channel.waiting
            turn.end(earlier, "resumed", why, self.name, in_line=in_line)
        self.sessions[name] = session
        session.channel, session.name, session.place = self.name, name, -1
        session.holds = session.has_stayed = True
        memberships = session.outlet.memberships
        if memberships is not None:
            memberships[self.name] = session
        if (seat := self.channel.seated.get(name)) is not None:
            session.behind = max(min(after, self.sequence) + 1, seat.since)

        def undo() -> None:
            del self.sessions[name]
            if memberships is not None:
                del memberships[self.name]
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
            if kind in _DIRECTORY_CHANGES:
                self.directory.follow(event, self.channel)
            if kind in _SEAT_CHANGES:
                self._note_seats(turn, event)
            self.channel.apply(event, turn.steady)
            if (route := self._routes.get(kind)) is not None:
                route(turn, part, event)
            turn.happened(part, event)
            moved = moved or kind in _MOVES
        if moved:
            self._tell_places(turn)
            if self.is_open and self.is_empty:
                self._forget_all(turn)

    def say(self, turn: Turn, session: Session, texts: Sequence[str], *, echoes: bool) -> Refused | None:
        """Let a member say several things in a row, which it reads itself if it `echoes`; return why, if it cannot.

        It is judged once, as nothing that is said changes what comes after it.
        """
        channel, name = self.channel, session.name
        channel.touch(name, turn.steady)
        if refused := channel.may_say(name, turn.steady):
            return refused
        count = len(texts)
        if session.seated and not echoes:
            turn.pass_over(session, count)
        channel.apply_said(name, count)
        turn.all_happened(turn.part(self.name), [Said(name, text) for text in texts])
        return None

    def admit(self, turn: Turn) -> None:
        """Let those who wait have the seats that are free, unless the log is not asked to keep it in this turn."""
        if turn.is_kept:
            self.record(turn, self.channel.admit())

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

        Of the latter the queue leaves first, so that nobody moves up.
        """
        members = [*reversed(self.channel.waiting), *reversed(self.channel.seated)]
        for name in members:
            if self.hold_seconds(name) > 0:
                self._hold(turn, name, Hold(turn.steady, None, self.channel.sequence))
        self.record(turn, self.channel.turned_away())
        for name in members:
            if name not in self.held:
                self.leave(turn, name, "lost")

    def found(self, turn: Turn) -> None:
        """Begin as a new channel that is open: nothing is left of an earlier one of this name, but its entries."""
        self.begin(turn)
        self._forget_all(turn)

    def leave(self, turn: Turn, name: str, reason: LeaveReason, text: str = "", otherwise: str = "") -> None:
        """Let a member leave, with a last word perhaps, as `Leave` has it, and the next in line move up."""
        decision = self.channel.decide(Leave(reason, text, otherwise), name, turn.steady)
        assert not isinstance(decision, Refused)
        self.record(turn, decision)

    def configure(self, turn: Turn, new: "Room") -> None:
        """Take the settings of `new`. Of more seats the line gets its share; for fewer nobody loses one."""
        old = self.port, self.capacity, self.limits, self.topic, self.retention, self.is_open
        self._set(new.port, new.capacity, new.limits, new.topic, new.retention, new.is_open)
        turn.undo.append(lambda: self._set(*old))
        self.admit(turn)

    def _set(self, port: int, capacity: int, limits: Limits, topic: str, retention: Retention, is_open: bool) -> None:
        self.port, self.topic, self.retention = port, topic, retention
        self.capacity = self.channel.capacity = capacity
        self.limits = self.channel.limits = limits
        self.is_open = self.channel.is_open = is_open
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
            turn.end(session, "broken", self.obituary, self.name)
            turn.unseat(session)
            session.channel, session.behind = "", 0
            if session.outlet.memberships is not None:
                session.outlet.memberships.pop(self.name, None)
        self.sessions.clear()
        self.held.clear()
        self.audience.groups.clear()  # where a turn was undone, those are in it who came in that turn

        def undo() -> None:
            self.sessions.update(members)
            self.held.update(held)
            for session in members.values():
                session.channel = self.name
                if session.outlet.memberships is not None:
                    session.outlet.memberships[self.name] = session

        turn.undo.append(undo)

    def regroup(self) -> None:
        """Put the sessions where the channel's state has their members, telling nobody, after a turn was undone."""
        self.audience.groups.clear()
        places = {name: ahead for ahead, name in enumerate(self.channel.waiting)}
        for name, session in self.sessions.items():
            session.seated = name in self.channel.seated and not session.is_over and not session.behind
            session.place = places.get(name, -1)
            if session.seated:
                self.audience.add(session)

    def _note_endings(self, event: AnyEvent) -> None:
        """Remember how the memberships end that `event` is about to end, for those who come back to them."""
        names = [event.name] if isinstance(event, Left) else list(self.channel.seated)
        for name in names:
            membership = self.channel.membership(name)
            if membership is not None and membership.holds:
                reason = event.reason if isinstance(event, Left) else "emptied"
                is_held = name in self.held
                self.endings.add(self.claim(name), "unheld" if reason == "lost" and not is_held else reason)

    def _note_seats(self, turn: Turn, event: AnyEvent) -> None:
        """Remember the seats and places that `event` is about to end or to mute, with their clocks, and the mutes."""
        seated, waiting, mutes = self.channel.seated, self.channel.waiting, self.channel.mutes
        names = [event.name] if isinstance(event, Left | Muted) else list(seated)
        among = [(name, seated[name]) for name in names if name in seated]
        seats = [(name, seat, seat.active_at, seat.muted_until) for name, seat in among]
        places = [(name, waiting[name]) for name in names if name in waiting]
        if not isinstance(event, Muted):
            gone = isinstance(event, Left) and event.reason in ("idle", "lost")
            turn.seats += [(self.name, turn.steady - seat.seated_at, gone and seat.is_unused) for _, seat, *_ in seats]

        def undo() -> None:
            self.channel.mutes = mutes
            waiting.update(places)
            for name, seat, active_at, muted_until in seats:
                seated[name] = seat
                seat.active_at, seat.muted_until = active_at, muted_until

        turn.undo.append(undo)

    def _hold(self, turn: Turn, name: str, hold: Hold) -> None:
        self.held[name] = hold
        turn.part(self.name)  # so that the turn looks ahead here, though nothing happened
        self.due_at = min(self.due_at, self.hold_over_at(name))
        turn.undo.append(partial(self.held.__delitem__, name))

    def _release(self, turn: Turn, name: str) -> None:
        """Hold nothing for `name` any more, who left."""
        if (hold := self.held.pop(name, None)) is not None:
            turn.undo.append(lambda: self.held.update({name: hold}))

    def _seat(self, turn: Turn, part: Part, event: Seated) -> None:
        self.due_at = min(self.due_at, turn.steady + self.channel.warning_seconds)
        turn.waits.append((self.name, turn.steady - self.channel.seated[event.name].membership.queued_at))
        if (session := self.sessions.get(event.name)) is not None:
            session.place = -1
            if not session.is_over:
                turn.seat(session, part)
                if session.outlet is not session:
                    turn.greet.append(session)

    def _leave(self, turn: Turn, _: Part, event: Left) -> None:
        self._release(turn, event.name)
        session = self._exit(turn, event.name)
        if session is not None and (goodbye := _GOODBYES.get(event.reason)) is not None:
            reason, text = goodbye
            if event.by:
                text = closed_by(event.by)
            turn.end(session, reason, event.text or text, self.name, event.by, in_line=not event.seated)

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
                turn.end(session, "emptied", "The operator emptied the channel.", self.name)

    def _announce(self, turn: Turn, _: Part, event: Announced) -> None:
        """Tell those who wait, too; those seated read the entry."""
        sequence = self.channel.sequence
        self.announcements.add(sequence, self.stamp(turn.time), event.text)
        (announcement,) = self.announcements.after(sequence - 1)
        for name in self.channel.waiting:
            if (session := self.sessions.get(name)) is not None:
                turn.tell(session, announcement)

    def _rename(self, turn: Turn, _: Part, event: Renamed) -> None:
        """Let the member's session, or what is held for it, be found by its new name."""
        self._call(event.name, event.to)
        turn.undo.append(lambda: self._call(event.to, event.name))

    def _call(self, name: str, to: str) -> None:
        if (session := self.sessions.get(name)) is not None:
            session.name = to
        # Where a turn is undone, the seat is called as before, too, as its clocks go on.
        for table in cast(tuple[dict[str, object], ...], (self.sessions, self.held, self.channel.seated)):
            if name in table:
                table[to] = table.pop(name)

    def _forget_all(self, turn: Turn) -> None:
        """Begin anew, as nobody is here: whoever comes next finds neither modes nor topic, nor what was said."""
        self.let_go(self.channel)
        if events := forgotten(self.channel):
            self.record(turn, events)
        begins_at, self.begins_at = self.begins_at, self.channel.sequence + 1
        turn.undo.append(lambda: setattr(self, "begins_at", begins_at))

    def _exit(self, turn: Turn, name: str) -> Session | None:
        session = self.sessions.pop(name, None)
        if session is not None:
            behind, was_seated = session.behind, session.seated
            turn.unseat(session)
            session.channel, session.place, session.behind = "", -1, 0
            memberships = session.outlet.memberships
            if memberships is not None:
                del memberships[self.name]

            def undo() -> None:
                self.sessions[name] = session
                session.channel, session.behind = self.name, behind
                if was_seated:  # where nothing else happened in the channel, nobody is put anywhere again
                    session.seated = True
                    self.audience.add(session)
                if memberships is not None:
                    memberships[self.name] = session

            turn.undo.append(undo)
        return session

    def _tell_places(self, turn: Turn) -> None:
        """Tell each of those who wait its place, where that has changed."""
        if not self.channel.waiting:
            return
        times = seat_times(self.channel, turn.steady)
        present = 0
        for ahead, name in enumerate(self.channel.waiting):
            session = self.sessions.get(name)
            if session is not None and session.place not in (ahead, -1):
                session.place = ahead
                turn.tell(session, Place(turn.time, self.name, ahead, wait(self.channel, times, present)))
            present += name not in self.held
