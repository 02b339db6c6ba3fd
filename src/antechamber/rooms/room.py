"""A room: a channel, its place in the log, the sessions of its members, and the members it holds.

What happens when a seat frees: `Room.leave` asks the channel, whose decision names the departure and, after it, the
`Seated` event of the next member in line. `Room.record` applies each event, and the handler of `Seated` (`_seat`) makes
that member's session read the channel from this event on. Then `_tell_places` tells everyone whose place has changed.
Nobody is told anything until the log has kept the turn (`rooms/turn.py`).
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast

from msgspec.structs import replace

from antechamber.channel.channel import Channel
from antechamber.channel.decide import admit, decide, may_say, reset, turned_away
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
from antechamber.protocol.notices import ChannelInfo, GoodbyeReason, Members, Place, closed_by
from antechamber.protocol.refusals import Refused
from antechamber.rooms.channel_log import ChannelLog, carry_clocks, clear_if_deserted
from antechamber.rooms.holds import Endings, Hold
from antechamber.rooms.roster import WaitEstimates, roster
from antechamber.rooms.turn import Audience, Part, Turn
from antechamber.session.session import Session
from antechamber.session.tokens import Claim

KEEP_ALL = Retention()
_GOODBYES: dict[LeftReason, tuple[GoodbyeReason, str]] = {
    "kicked": ("kicked", closed_by()),
    "idle": ("idle", "You sent nothing for too long, so your seat went to the next in line."),
    "closed": ("closed", "The operator closed the channel."),
}
"""The goodbye of a session whose member did not ask to leave, by the reason of the departure."""
_MOVES = (Left, Seated, Emptied, Moved)
"""The events after which places in the line may have changed."""
_DIRECTORY_CHANGES = frozenset((Queued, Left, Emptied, Renamed))
"""The events that tell who is a member, and by what name."""
_SEAT_CHANGES = (Left, Muted, Emptied, Renamed)
"""The events that end or rename a seat or change its clocks."""
_ORIGINS_MAX = 4
"""The number of switches in a row after which a client that has read none of the welcomes still finds its member."""


class Room:
    """A channel as the server runs it.

    `limits` are the server's, with the channel's own times and bounds in place of the general ones. A room that
    `is_open` was made by its members and ends with the last of them; the config does not know it.
    """

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
        self.name = name
        self.port = port
        self.capacity = capacity
        self.limits = limits
        self.topic = topic
        """The config's topic, which holds until the channel is given another one."""
        self.retention = retention
        self.is_open = is_open
        self.held: dict[str, Hold] = {}
        """The members whose connections were lost, by name. It stays the same object: the channel reads it to know who
        is away."""
        self.channel = self._new_channel()
        self.log = ChannelLog(name)
        self.hosts = self.log.directory.hosts
        """The cloaked hosts, by name, of the members and of those who left lately. It stays the same object."""
        self.sessions: dict[str, Session] = {}
        """The sessions of the members who are connected, by name."""
        self.audience = Audience()
        self.endings = Endings()
        self.due_at = float("inf")
        """The moment, by the steady clock, before which no idle time or hold ends and no warning is due."""
        self.stopped = False
        """Whether a fault of the program ended the room."""
        self._roster: tuple[tuple[float, ...], Members] | None = None
        """The last roster, with the moment that it describes."""
        self._handlers: dict[type[Event], Callable[[Turn, Part, Any], None]] = {
            Seated: self._seat,
            Left: self._leave,
            Muted: self._mute,
            Emptied: self._empty,
            Announced: self._announce,
            Renamed: self._rename,
        }

    def _new_channel(self) -> Channel:
        return Channel(self.name, self.capacity, self.limits, is_open=self.is_open, away=self.held)

    # Reading the log

    def read_log(self, log: Log, time: float, steady: float) -> None:
        """Restore the channel from the log; its idle clocks start now.

        Now is `time` in seconds since the epoch and `steady` by the steady clock. Raises LogError if the log cannot be
        read or its entries contradict each other.
        """
        channel = self._new_channel()
        self.log.read(log, channel, time, steady)
        self.channel = channel
        self.due_at = channel.next_due_at()
        self._roster = None

    def read_log_again(self, log: Log, time: float, steady: float) -> None:
        """Restore the channel from the log after a rollback; clocks go on, and sessions are where they were.

        Raises LogError as `read_log` does.
        """
        before = self.channel
        self.read_log(log, time, steady)
        carry_clocks(self.channel, before)
        self.regroup()

    def regroup(self) -> None:
        """Mark each session as seated or waiting as the channel's state has it, without telling anyone."""
        self.audience.groups.clear()
        places = {name: ahead for ahead, name in enumerate(self.channel.waiting)}
        for name, session in self.sessions.items():
            session.seated = name in self.channel.seated and not session.is_over and not session.behind
            session.place = places.get(name, -1)
            if session.seated:
                self.audience.add(session)

    # What others ask of it

    @property
    def topic_now(self) -> str:
        """The channel's topic."""
        return self.channel.topic or self.topic

    @property
    def topic_by(self) -> str:
        """The name of the member who set the topic; "" if the operator or the config did."""
        return self.channel.topic_by

    @property
    def topic_at(self) -> float:
        """The time at which the topic was set, in seconds since the epoch; 0 for the config's topic."""
        return self.channel.topic_at + self.log.epoch if self.channel.topic else 0.0

    @property
    def is_empty(self) -> bool:
        """Whether it has no members."""
        return not self.channel.seated and not self.channel.waiting

    @property
    def has_ended(self) -> bool:
        """Whether it is an open room that has no members or was stopped."""
        return self.is_open and (self.stopped or self.is_empty)

    @property
    def stopped_text(self) -> str:
        """What people are told of a room that was stopped."""
        return f"The {self.name} channel has stopped because of a fault in the server."

    def info(self, steady: float) -> ChannelInfo:
        """Return the counts, and the wait for anyone who joins now, at `steady` by the steady clock.

        The answer is for operators; `ChannelInfo.outside` is what others may know.
        """
        seated, waiting = len(self.channel.seated), len(self.channel.waiting)
        counts = (0, 0) if self.stopped else (seated, waiting)
        is_full = seated >= self.capacity and not self.stopped
        present = self.channel.present_ahead(waiting) if is_full else 0
        expected = WaitEstimates(self.channel, steady).behind(present) if is_full else None
        private = self.channel.modes.is_private
        return ChannelInfo(self.name, self.port, self.capacity, *counts, self.topic_now, expected, private)

    def members(self, time: float, steady: float, command_id: str = "") -> Members:
        """Return who is here, as `roster` has it. It is worked out once for everyone who asks in the same turn."""
        moment = (time, steady, self.channel.sequence, len(self.sessions))
        if self._roster is None or self._roster[0] != moment:
            self._roster = moment, roster(self.channel, self.sessions, time, steady, self.topic_now)
        return replace(self._roster[1], id=command_id)

    def clashes(self, name: str) -> bool:
        """Return whether a member on IRC has this name in another case, which IRC cannot tell apart."""
        for other in self.log.directory.alike(name):
            hold = self.held.get(other)
            session = hold.session if hold else self.sessions.get(other)
            membership = self.channel.membership(other)
            # The session may have been an earlier process's. A member on IRC who may come back has left a proof.
            is_on_irc = session.outlet is not session if session else membership is not None and bool(membership.proof)
            if other != name and is_on_irc:
                return True
        return False

    # Memberships

    def claim(self, name: str) -> Claim:
        """Return what the resume token of the member `name` stands for."""
        membership = self.channel.membership(name)
        assert membership is not None
        return Claim(self.name, name, membership.entered)

    def standing(self, claim: Claim) -> Claim | None:
        """Return `claim` with the name that its member has now; None if that membership is over."""
        now = claim._replace(name=self.log.directory.name_now(claim.name, claim.entered))
        membership = self.channel.membership(now.name)
        return now if membership is not None and membership.entered == now.entered else None

    def origins(self, name: str) -> tuple[tuple[str, int], ...]:
        """Return this membership and the earlier ones that it was switched from, for the channel that is next."""
        membership = self.channel.membership(name)
        assert membership is not None
        return ((self.name, membership.entered), *membership.origins)[:_ORIGINS_MAX]

    # Holds

    @property
    def holds_members(self) -> bool:
        """Whether seats or places are held here after a connection is lost."""
        return self.limits.seat_hold_seconds > 0 or self.limits.place_hold_seconds > 0

    def hold_seconds(self, name: str) -> float:
        """Return how long the member's seat or place is held after its connection is lost."""
        membership = self.channel.membership(name)
        if membership is None or not membership.holds:
            return 0.0
        return self.limits.seat_hold_seconds if name in self.channel.seated else self.limits.place_hold_seconds

    def hold_over_at(self, name: str) -> float:
        """Return when a held member loses its seat or place, by the steady clock."""
        return self.held[name].since + self.hold_seconds(name)

    def may_hold(self, session: Session) -> bool:
        """Return whether the membership that `session` is about to begin will be held once its connection is lost.

        It will not if too many members from the same address are held already. Those whose connections an earlier
        process had do not count: they are away because the server was.
        """
        if not (session.may_hold and self.holds_members):
            return False
        most = self.limits.address_held_max
        if len(self.held) < most:
            return True
        hosts = [hold.session.host for hold in self.held.values() if hold.session is not None]
        return hosts.count(session.host) < most

    def holds(self, session: Session, steady: float) -> bool:
        """Return whether a member whose connection is lost is held: not if it has only just come in."""
        return self.hold_seconds(session.name) > 0 and self.has_stayed(session, steady)

    def has_stayed(self, session: Session, steady: float) -> bool:
        """Return whether the session's member has been here for long enough to be held."""
        membership = self.channel.membership(session.name)
        assert membership is not None
        return session.has_stayed or steady - membership.queued_at >= self.limits.held_visit_seconds_min

    def look_ahead(self, turn: Turn) -> None:
        """Set `due_at` to the end of the first idle time or hold, or to the first warning."""
        holds = map(self.hold_over_at, self.held)
        turn.set(self, "due_at", min(self.channel.next_due_at(), min(holds, default=float("inf"))))

    # Coming and going

    def enter(self, turn: Turn, session: Session, name: str) -> None:
        """Make `session` that of the new member `name`."""
        self._attach(turn, session, name)
        turn.set(session, "wants_presence", False)

    def hold(self, turn: Turn, session: Session) -> None:
        """Hold the seat or place of a member whose connection was lost."""
        name = session.name
        turn.away[self.name, name] = True
        read_up_to = session.behind - 1 if session.behind else self.channel.sequence
        self._detach(turn, name)
        self._hold(turn, name, Hold(turn.steady, session, read_up_to))

    def resume(self, turn: Turn, session: Session, name: str, after: int) -> None:
        """Make `session` that of the member `name`, who has read up to entry `after`.

        If the member still has a session, it is ended: its connection has died unnoticed, or its person has left it for
        this one.
        """
        hold = turn.pop(self.held, name)
        earlier = hold.session if hold else self._detach(turn, name)
        if hold is not None:
            turn.part(self.name)  # so that subscribers are told, though there is no event
            turn.away[self.name, name] = False
        if earlier is not None:
            session.inherit(earlier)
            why, in_line = "You continued in another connection.", name in self.channel.waiting
            turn.end(earlier, "resumed", why, self.name, in_line=in_line)
        self._attach(turn, session, name)
        session.holds = session.has_stayed = True
        if (seat := self.channel.seated.get(name)) is not None:
            turn.set(session, "behind", max(min(after, self.log.sequence) + 1, seat.since))

    def leave(self, turn: Turn, name: str, reason: LeaveReason, text: str = "", otherwise: str = "") -> None:
        """Take a member out, and seat the next in line. `text` and `otherwise` are last words, as `Leave` has them."""
        decision = decide(self.channel, Leave(reason, text, otherwise), name, turn.steady)
        assert not isinstance(decision, Refused)
        self.record(turn, decision)

    def admit(self, turn: Turn) -> None:
        """Give free seats to those who wait, unless the turn's decisions are not kept."""
        if turn.is_kept:
            self.record(turn, admit(self.channel))

    # What happens

    def record(self, turn: Turn, events: Iterable[AnyEvent]) -> None:
        """Apply a decision's events, and add them to what the turn tells the members."""
        part = turn.part(self.name)
        moved = False
        for event in events:
            kind = type(event)
            if kind is Left or kind is Emptied:
                self._note_endings(event)
            if kind in _DIRECTORY_CHANGES:
                self.log.directory.follow(event, self.channel)
            if kind in _SEAT_CHANGES:
                self._save_seats(turn, event)
            self.channel.apply(event, turn.steady)
            if (handler := self._handlers.get(kind)) is not None:
                handler(turn, part, event)
            turn.happened(part, event)
            moved = moved or kind in _MOVES
        if moved:
            self._tell_places(turn)
            if self.is_open and self.is_empty:
                self._start_afresh(turn)

    def say(self, turn: Turn, session: Session, texts: Sequence[str], *, echoes: bool) -> Refused | None:
        """Record several messages of a member in a row, which it reads too if it `echoes`; or return a refusal.

        They are judged once, as a message changes nothing for the next one.
        """
        channel, name = self.channel, session.name
        channel.touch(name, turn.steady)
        if refused := may_say(channel, name, turn.steady):
            return refused
        count = len(texts)
        if session.seated and not echoes:
            turn.pass_over(session, count)
        channel.apply_said(name, count)
        turn.all_happened(turn.part(self.name), [Said(name, text) for text in texts])
        return None

    def tell_place(self, turn: Turn, session: Session, command_id: str = "") -> None:
        """Tell a waiting member its place."""
        ahead = list(self.channel.waiting).index(session.name)
        self._tell_place(
            turn,
            session,
            ahead,
            self.channel.present_ahead(ahead),
            WaitEstimates(self.channel, turn.steady),
            command_id,
        )

    def tell_announcements(self, turn: Turn, session: Session) -> None:
        """Tell a waiting member, who may have been away, what was announced since it came, oldest first."""
        for announcement in self.log.announcements.after(self.claim(session.name).entered):
            turn.tell(session, announcement)

    # The room as a whole

    def begin(self, turn: Turn) -> None:
        """Hold the members whose connections ended with an earlier process, or make them leave.

        The line leaves before the seats do, so that nobody moves up.
        """
        members = [*reversed(self.channel.waiting), *reversed(self.channel.seated)]
        for name in members:
            if self.hold_seconds(name) > 0:
                self._hold(turn, name, Hold(turn.steady, None, self.channel.sequence))
        self.record(turn, turned_away(self.channel))
        for name in members:
            if name not in self.held:
                self.leave(turn, name, "lost")

    def found(self, turn: Turn) -> None:
        """Begin as a new open channel. Of an earlier one with this name only its entries are left."""
        self.begin(turn)
        self._start_afresh(turn)

    def configure(self, turn: Turn, new: "Room") -> None:
        """Take the settings of `new`. Free seats go to the line; nobody loses a seat because there are fewer."""
        for attribute in ("port", "topic", "retention"):
            turn.set(self, attribute, getattr(new, attribute))
        for attribute in ("capacity", "limits", "is_open"):
            turn.set(self, attribute, getattr(new, attribute))
            turn.set(self.channel, attribute, getattr(new, attribute))
        self.look_ahead(turn)
        self.admit(turn)

    def close(self, turn: Turn) -> None:
        """Make everyone leave, as the config no longer has the channel: the line first, so that nobody moves up."""
        for name in [*reversed(self.channel.waiting), *reversed(self.channel.seated)]:
            self.leave(turn, name, "closed")

    def stop(self, turn: Turn) -> None:
        """End the room after a fault of the program: everyone is told, and nobody can join.

        A rollback of the turn brings the sessions back, but the room stays stopped.
        """
        self.stopped = True
        self.due_at = float("inf")
        for name, session in list(self.sessions.items()):
            turn.end(session, "broken", self.stopped_text, self.name)
            self._detach(turn, name)
        for name in list(self.held):
            turn.pop(self.held, name)
        self.audience.groups.clear()  # the fault may have left a session behind in it

    # How a turn's changes are made, so that they can be rolled back

    def _attach(self, turn: Turn, session: Session, name: str) -> None:
        """Make `session` that of the member `name`."""
        turn.put(self.sessions, name, session)
        turn.save(session, "channel", "name", "place")
        session.channel, session.name, session.place = self.name, name, -1
        if (memberships := session.outlet.memberships) is not None:
            turn.put(memberships, self.name, session)

    def _detach(self, turn: Turn, name: str) -> Session | None:
        """Take the member's session out of the room, and return it; None if there is none."""
        session = turn.pop(self.sessions, name)
        if session is not None:
            turn.unseat(session)
            turn.save(session, "channel", "place", "behind")
            session.channel, session.place, session.behind = "", -1, 0
            if (memberships := session.outlet.memberships) is not None:
                turn.pop(memberships, self.name)
        return session

    def _hold(self, turn: Turn, name: str, hold: Hold) -> None:
        turn.put(self.held, name, hold)
        turn.part(self.name)  # so that the hub looks ahead here, though there is no event
        self.due_at = min(self.due_at, self.hold_over_at(name))

    def _note_endings(self, event: AnyEvent) -> None:
        """Remember why the memberships end that `event` is about to end, for members who try to come back."""
        names = [event.name] if isinstance(event, Left) else list(self.channel.seated)
        for name in names:
            membership = self.channel.membership(name)
            if membership is not None and membership.holds:
                reason = event.reason if isinstance(event, Left) else "emptied"
                is_held = name in self.held
                self.endings.add(self.claim(name), "unheld" if reason == "lost" and not is_held else reason)

    def _save_seats(self, turn: Turn, event: AnyEvent) -> None:
        """Save the seats, places, clocks and mutes that `event` is about to change, and note the times of lost seats.

        A rollback reads the channel from the log, but the log does not have the clocks.
        """
        channel = self.channel
        if isinstance(event, Renamed):
            names = [event.name, event.to]
        else:
            names = [event.name] if isinstance(event, Left | Muted) else list(channel.seated)
        is_gone = isinstance(event, Left) and event.reason in ("idle", "lost")
        turn.save(channel, "mutes")
        for name in names:
            turn.save_item(channel.seated, name)
            turn.save_item(channel.waiting, name)
            if (seat := channel.seated.get(name)) is not None:
                turn.save(seat, "active_at", "muted_until")
                if isinstance(event, Left | Emptied):
                    turn.tally.seats.append((self.name, turn.steady - seat.seated_at, is_gone and seat.is_unused))

    # What an event does to the sessions

    def _seat(self, turn: Turn, part: Part, event: Seated) -> None:
        """Make the session of a member who got a seat read the channel from here on."""
        self.due_at = min(self.due_at, turn.steady + self.channel.warning_seconds)
        turn.tally.waits.append((self.name, turn.steady - self.channel.seated[event.name].membership.queued_at))
        if (session := self.sessions.get(event.name)) is not None:
            session.place = -1
            if not session.is_over:
                turn.seat(session, part)
                if session.outlet is not session:
                    turn.greet.append(session)

    def _leave(self, turn: Turn, _: Part, event: Left) -> None:
        """Take a member's session out, with a goodbye if the member did not ask to leave."""
        turn.pop(self.held, event.name)
        session = self._detach(turn, event.name)
        if session is not None and (goodbye := _GOODBYES.get(event.reason)) is not None:
            reason, text = goodbye
            if event.by:
                text = closed_by(event.by)
            turn.end(session, reason, event.text or text, self.name, event.by, in_line=not event.seated)

    def _mute(self, turn: Turn, part: Part, event: Muted) -> None:
        """Tell a muted member so in words of its own."""
        # A shorter mute in place of a longer one brings the end of the idle time nearer.
        self.due_at = min(self.due_at, self.channel.next_due_at())
        session = self.sessions.get(event.name)
        if session is not None and session.seated:
            turn.tell_own(session, part)

    def _empty(self, turn: Turn, _: Part, __: Emptied) -> None:
        """Take out the sessions of everyone who does not wait."""
        for name in [name for name in self.held if name not in self.channel.waiting]:
            turn.pop(self.held, name)
        for name in [name for name in self.sessions if name not in self.channel.waiting]:
            if (session := self._detach(turn, name)) is not None:
                turn.end(session, "emptied", "The operator emptied the channel.", self.name)

    def _announce(self, turn: Turn, _: Part, event: Announced) -> None:
        """Tell those who wait as well; those who are seated read the entry."""
        sequence = self.channel.sequence
        self.log.announcements.add(sequence, self.log.stamp(turn.time), event.text)
        (announcement,) = self.log.announcements.after(sequence - 1)
        for name in self.channel.waiting:
            if (session := self.sessions.get(name)) is not None:
                turn.tell(session, announcement)

    def _rename(self, turn: Turn, _: Part, event: Renamed) -> None:
        """File the member's session, or what is held for it, under its new name."""
        if (session := self.sessions.get(event.name)) is not None:
            turn.set(session, "name", event.to)
        for table in cast(tuple[dict[str, object], ...], (self.sessions, self.held)):
            if event.name in table:
                turn.put(table, event.to, turn.pop(table, event.name))

    def _start_afresh(self, turn: Turn) -> None:
        """Reset an open room without members: whoever comes next finds neither modes nor topic nor earlier messages."""
        clear_if_deserted(self.channel)
        if events := reset(self.channel):
            self.record(turn, events)
        turn.set(self.log, "begins_at", self.channel.sequence + 1)

    def _tell_places(self, turn: Turn) -> None:
        """Tell each waiting member whose place has changed its new place."""
        if not self.channel.waiting:
            return
        estimates = WaitEstimates(self.channel, turn.steady)
        present = 0
        for ahead, name in enumerate(self.channel.waiting):
            session = self.sessions.get(name)
            if session is not None and session.place not in (ahead, -1):
                self._tell_place(turn, session, ahead, present, estimates)
            present += name not in self.held

    def _tell_place(
        self, turn: Turn, session: Session, ahead: int, present: int, estimates: WaitEstimates, command_id: str = ""
    ) -> None:
        """Tell a waiting member that so many are `ahead`, of whom so many are `present`."""
        session.place = ahead
        turn.tell(session, Place(turn.time, self.name, ahead, estimates.behind(present), command_id))
