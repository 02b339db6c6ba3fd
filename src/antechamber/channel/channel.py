"""A channel: what it is, and how events change it. Pure: no clock is read, no I/O done.

`apply` takes an event, which is a fact and cannot fail, and changes the state; a snapshot keeps the state and restores
it. What a channel allows is in `decide.py`.

Idle clocks are not in the log: every command restarts them, kept or not, and they start afresh with each process. Nor
is it in the log who is away; what follows from either is.

Every `time` here is of the steady clock, so setting the machine's clock neither ends nor prolongs a mute or an idle
time.
"""

from collections import deque
from collections.abc import Callable, Container
from itertools import islice
from typing import Any

import msgspec

from antechamber.channel.members import Membership, Seat
from antechamber.channel.modes import ROLES, Modes
from antechamber.channel.mutes import Mute, Mutes
from antechamber.channel.snapshot import ChannelState, MemberState, TopicState
from antechamber.channel.wait_estimate import SEATS_REMEMBERED
from antechamber.protocol.events import (
    Announced,
    Emptied,
    Event,
    Invited,
    Left,
    ModesSet,
    Moved,
    Muted,
    Queued,
    Renamed,
    Said,
    Seated,
    Tagged,
    TopicSet,
)
from antechamber.protocol.limits import IDLE_WARNING_SECONDS, Limits


class Channel:
    """One channel: its members, line, topic, modes and mutes. All attributes are for reading.

    Only `apply`, `restore` and the idle clocks change it. A channel that `is_open` was made by those who talk there: it
    has no line, and its first member is its operator. `away` contains the members whose connections are lost.
    """

    def __init__(
        self, name: str, capacity: int, limits: Limits, *, is_open: bool = False, away: Container[str] = ()
    ) -> None:
        self.name = name
        self.capacity = capacity
        self.limits = limits
        self.is_open = is_open
        self.away = away
        self.seated: dict[str, Seat] = {}
        """The seated members by name, in the order of seating."""
        self.waiting: dict[str, Membership] = {}
        """The waiting members by name, in the order of the line."""
        self.topic = ""
        """The topic that `topic_by` set at `topic_at`; "" stands for the config's."""
        self.topic_by = ""
        self.topic_at = 0.0
        self.modes = Modes()
        self.mutes = Mutes()
        """The mutes in force, including those of former members."""
        self.seat_seconds: deque[float] = deque(maxlen=SEATS_REMEMBERED)
        """How many seconds the last seats were held."""
        self.sequence = 0
        """The number of events applied, which is the sequence number of the last one's entry."""
        self._apply: dict[type[Event], Callable[[Any, float], None]] = {
            Queued: self._queued,
            Seated: self._seated,
            Left: self._left,
            Said: self._said,
            Tagged: self._said,
            Muted: self._muted,
            Emptied: self._emptied,
            Moved: self._moved,
            Announced: self._announced,
            TopicSet: self._topic_set,
            ModesSet: self._modes_set,
            Invited: self._invited,
            Renamed: self._renamed,
        }

    def apply(self, event: Event, time: float) -> None:
        """Apply an event of an entry at a time.

        Raises KeyError if it cannot have happened, which is a fault of the program or of the log.
        """
        self.sequence += 1
        self._apply[type(event)](event, time)

    def apply_said(self, name: str, count: int) -> None:
        """Apply several messages by one member at once."""
        self.sequence += count
        if name not in self.seated and "n" in self.modes.flags:
            raise KeyError(name)

    def membership(self, name: str) -> Membership | None:
        """Return the membership of somebody, None if they are not a member."""
        seat = self.seated.get(name)
        return self.waiting.get(name) if seat is None else seat.membership

    def muted_until(self, name: str, host: str = "") -> float:
        """Return when somebody's mute ends, 0 if there is none. The `host` is needed for those who are not members."""
        seat = self.seated.get(name)
        if seat is not None:
            return seat.muted_until
        membership = self.waiting.get(name)
        return self.mutes.until(name, host if membership is None else membership.host)

    def prove(self, name: str, proof: str) -> None:
        """Set the proof of a member's password. It is not an event, as nobody but the server may read it."""
        if (seat := self.seated.get(name)) is not None:
            seat.membership = seat.membership._replace(proof=proof)
        else:
            self.waiting[name] = self.waiting[name]._replace(proof=proof)

    @property
    def is_vacant(self) -> bool:
        """Whether this is an open channel without members, which begins afresh with the next one."""
        return self.is_open and not self.seated and not self.waiting

    def present_ahead(self, ahead: int) -> int:
        """Return how many of the first `ahead` members in line are present, and so get a seat before the next one."""
        return sum(name not in self.away for name in islice(self.waiting, ahead))

    @property
    def limit(self) -> int | None:
        """The number of members that may be seated; None if it is not bounded."""
        return self.modes.limit if self.is_open else self.capacity

    # Idle clocks

    def touch(self, name: str, time: float) -> None:
        """Restart a member's idle clock, unless it waits, or a mute stops the clock."""
        seat = self.seated.get(name)
        if seat is not None and seat.muted_until <= time:
            seat.active_at = time

    def idle_since(self, time: float) -> list[str]:
        """Return the seated members whose idle time is over, in order of seating."""
        return [name for name, seat in self.seated.items() if self.idle_at(seat) <= time]

    def idling(self, time: float) -> list[str]:
        """Return the members that are to be warned: they will soon lose the seat, and have not been warned yet."""
        return [name for name, seat in self.seated.items() if self._due_at(seat) <= time < self.idle_at(seat)]

    def idle_seconds_left(self, name: str, time: float) -> float:
        """Return how many more seconds a seated member may be silent."""
        return self.idle_at(self.seated[name]) - time

    def next_due_at(self) -> float:
        """Return when the next warning or end of an idle time is due if nobody sends anything; infinity if none is."""
        return min(map(self._due_at, self.seated.values()), default=float("inf"))

    @property
    def warning_seconds(self) -> float:
        """How many seconds a member is silent before it is warned."""
        return max(self.limits.idle_seconds_max - IDLE_WARNING_SECONDS, self.limits.idle_seconds_max / 2)

    def _due_at(self, seat: Seat) -> float:
        if seat.warned_of == seat.active_at:
            return self.idle_at(seat)
        return max(seat.active_at + self.warning_seconds, seat.muted_until)

    def idle_at(self, seat: Seat) -> float:
        """Return when the idle time of a seat is over if its member gives no sign of life."""
        # If the limit was lowered, a muted member's clock may stand beyond it; its idle time is not over then.
        return max(seat.active_at + self.limits.idle_seconds_max, seat.muted_until)

    # Applying

    def _queued(self, event: Queued, time: float) -> None:
        name = event.name
        if name in self.seated or name in self.waiting:
            raise KeyError(name)
        self.waiting[name] = Membership(self.sequence, event.holds, event.origins, time, event.host)
        self.modes.came(name)

    def _seated(self, event: Seated, time: float) -> None:
        until = self.muted_until(event.name)
        seat = self.seated[event.name] = Seat(self.waiting.pop(event.name), self.sequence, time)
        if until > time:  # the idle clock stands still until then
            seat.active_at = seat.muted_until = until

    def _left(self, event: Left, time: float) -> None:
        if event.seated:
            self._seat_ended(event.name, self.seated.pop(event.name), time)
        else:
            del self.waiting[event.name]

    def _said(self, event: Said | Tagged, _: float) -> None:
        if event.name not in self.seated and "n" in self.modes.flags:
            raise KeyError(event.name)

    def _muted(self, event: Muted, time: float) -> None:
        seat = self.seated[event.name]
        until = time + event.seconds
        # The idle clock stands still during a mute; a mute that replaces another moves it by the difference only.
        seat.active_at += until - max(seat.muted_until, time)
        seat.muted_until = until
        self.mutes = self.mutes.with_one(event.name, seat.membership.host, until, time)

    def _emptied(self, _: Emptied, time: float) -> None:
        for name, seat in self.seated.items():
            self._seat_ended(name, seat, time)
        self.seated.clear()

    def _moved(self, event: Moved, _: float) -> None:
        membership = self.waiting.pop(event.name)
        behind = list(islice(self.waiting.items(), event.ahead, None))
        for name, _membership in behind:
            del self.waiting[name]
        self.waiting[event.name] = membership
        self.waiting.update(behind)

    def _announced(self, _: Announced, __: float) -> None:
        """Change nothing: an announcement is only told."""

    def _topic_set(self, event: TopicSet, time: float) -> None:
        self.topic = event.topic
        self.topic_by, self.topic_at = (event.by, time) if event.topic else ("", 0.0)

    def _modes_set(self, event: ModesSet, time: float) -> None:
        modes = self.modes.copy()  # so that impossible changes leave the old modes
        for change in event.changes:
            if change.mode[1:] in ROLES and change.argument not in self.seated:
                raise KeyError(change.argument)
            modes.apply(change, event.by, time)
        self.modes = modes

    def _invited(self, event: Invited, _: float) -> None:
        # An invitation by an ordinary member admits nobody: the channel may be closed by the time the guest comes.
        if not event.by or self.modes.is_operator(event.by):
            self.modes.invite(event.to, event.guests)

    def _renamed(self, event: Renamed, time: float) -> None:
        name, to = event.name, event.to
        if to in self.seated or to in self.waiting:
            raise KeyError(to)
        until, membership = self.muted_until(name), self.membership(name)
        if name in self.seated:
            _rename_key(self.seated, name, to)
        elif name in self.waiting:
            _rename_key(self.waiting, name, to)
        else:
            raise KeyError(name)
        if until > time and membership is not None:
            self.mutes = self.mutes.with_one(to, membership.host, until, time)
        self.modes.rename(name, to)

    def _seat_ended(self, name: str, seat: Seat, time: float) -> None:
        self.seat_seconds.append(max(time - seat.seated_at, 0.0))
        self.modes.set_roles(name, "")

    # Snapshots

    def snapshot(self, epoch: float) -> ChannelState:
        """Return the state for a snapshot, without idle clocks.

        `epoch` converts a time here, when added to it, to seconds since the epoch, which a snapshot has.
        """
        seated = {name: seat.muted_until and seat.muted_until + epoch for name, seat in self.seated.items()}
        members = {name: _kept(membership, epoch) for name, membership in self.waiting.items()}
        for name, seat in self.seated.items():
            members[name] = _kept(seat.membership, epoch, seat.since, seat.seated_at + epoch)
        topic = TopicState(self.topic, self.topic_by, self.topic_at + epoch) if self.topic else TopicState()
        times, modes = list(self.seat_seconds), self.modes.state(epoch)
        mutes = self.mutes.kept(self._muted_seats(), epoch) or msgspec.UNSET
        return ChannelState(seated, list(self.waiting), members, times, topic=topic, modes=modes, mutes=mutes)

    def _muted_seats(self) -> list[Mute]:
        return [
            (name, seat.membership.host, seat.muted_until) for name, seat in self.seated.items() if seat.muted_until
        ]

    def restore(self, state: ChannelState, sequence: int, time: float, epoch: float) -> None:
        """Restore the state of a snapshot after the entry `sequence`; the idle clocks start at `time`."""
        members = {name: state.members.get(name, MemberState(0)) for name in (*state.seated, *state.waiting)}
        memberships = {name: _membership(kept, epoch, time) for name, kept in members.items()}
        self.sequence = sequence
        self.seat_seconds = deque(state.seat_seconds, SEATS_REMEMBERED)
        self.mutes = Mutes.of(state.mutes or (), epoch)
        self.seated = {}
        for name, ends in state.seated.items():
            kept = members[name]
            seat = self.seated[name] = Seat(memberships[name], kept.since, _told(kept.seated_at, epoch, time))
            seat.muted_until = ends - epoch if ends else 0.0
            seat.active_at = max(time, seat.muted_until)
        self.mutes = self.mutes.with_all(self._muted_seats())
        self.waiting = {name: memberships[name] for name in state.waiting}
        self.topic, self.topic_by = state.topic.topic, state.topic.by
        self.topic_at = state.topic.at - epoch if self.topic else 0.0
        self.modes = Modes(state.modes, epoch)


def _kept(membership: Membership, epoch: float, since: int = 0, seated_at: float = 0.0) -> MemberState:
    entered, holds, origins, queued_at, host, proof = membership
    return MemberState(entered, since, holds, origins, queued_at + epoch, seated_at, host, proof)


def _membership(kept: MemberState, epoch: float, time: float) -> Membership:
    queued_at = _told(kept.queued_at, epoch, time)
    return Membership(kept.entered, kept.holds, kept.origins, queued_at, kept.host, kept.proof)


def _told(kept: float, epoch: float, time: float) -> float:
    """Return a snapshot's time by the steady clock; `time` if the snapshot has none."""
    return kept - epoch if kept else time


def _rename_key(members: dict[str, Any], name: str, to: str) -> None:
    """Rename a key, which keeps its place among the others."""
    items = [(to if each == name else each, value) for each, value in members.items()]
    members.clear()
    members.update(items)
