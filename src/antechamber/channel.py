"""A channel: seats, a first-in-first-out waiting queue, mutes and idle clocks. Pure: it reads no clock and does no I/O.

`decide` judges a command and changes nothing: it returns the events that carry it out, or a refusal. `apply` takes an
event, which is a fact and cannot fail, and changes the state. So replaying a log through `apply` gives the same
channel, with one exception told below.

What holds after every decision's events (`tests/test_channel_machine.py` checks it against a naive model):

* at most `capacity` members are seated, unless the capacity was lowered under them;
* nobody waits while a seat is free, and seats go to those who wait in the order they came;
* a name is held once, in a seat or in the queue, never both.

Idle clocks are the exception: they run on every command, kept or not, and start afresh with each process.

Every `time` here is of a clock that nobody sets (`Clock.steady`), so that a machine's clock set back or forth neither
ends nor prolongs a mute or an idle time.
"""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any, NamedTuple

import msgspec

from antechamber.commands import (
    Announce,
    Command,
    Empty,
    Expire,
    Join,
    Kick,
    Leave,
    Move,
    Mute,
    Say,
    Send,
    Whisper,
)
from antechamber.events import (
    Announced,
    AnyEvent,
    Emptied,
    Event,
    Left,
    LeftReason,
    Moved,
    Muted,
    Queued,
    Said,
    Seated,
)
from antechamber.limits import IDLE_WARNING_SECONDS, Limits
from antechamber.waits import SEATS_REMEMBERED


class Refused(NamedTuple):
    """A command that the channel declines: `code` is for programs, `text` for people."""

    code: str
    text: str


Decision = Sequence[AnyEvent] | Refused
_MOMENT_SECONDS = 0.001
"""Less than this between two times is no time, as the log keeps them to the microsecond."""


class Membership(NamedTuple):
    """A member's time in the channel, from its entering the queue on.

    `entered` is the sequence number of that entry, which no other membership has; where it `holds`, the member may
    come back from a lost connection. `origins` are those it has switched from, as `Queued` has them. It has waited
    since `queued_at`.
    """

    entered: int
    holds: bool = False
    origins: tuple[tuple[str, int], ...] = ()
    queued_at: float = 0.0


class Seat:
    """A seated member's membership, the sequence number `since` of its seating at `seated_at`, and its clocks.

    A mute in force moves `active_at` into the future.
    """

    __slots__ = ("active_at", "membership", "muted_until", "seated_at", "since", "warned_of")

    def __init__(self, membership: Membership, since: int, seated_at: float) -> None:
        self.membership = membership
        self.since = since
        self.seated_at = self.active_at = seated_at
        self.muted_until = 0.0
        self.warned_of: float | None = None
        """The `active_at` that its member was last warned of: another one since is worth another warning."""

    @property
    def is_unused(self) -> bool:
        """Whether its member has waited for it, and has given no sign of life in it."""
        return self.active_at - self.seated_at < _MOMENT_SECONDS and self.membership.queued_at < self.seated_at


class MemberState(msgspec.Struct, frozen=True, array_like=True):
    """What a snapshot keeps of a membership. Version 0.2 told no times, which are 0 then."""

    entered: int
    since: int = 0
    holds: bool = False
    origins: tuple[tuple[str, int], ...] = ()
    queued_at: float = 0.0
    seated_at: float = 0.0


class ChannelState(msgspec.Struct, frozen=True):
    """What a snapshot keeps: the end of each seated member's mute (0: none) in order of seating, and the queue.

    `members` tells more of each; the snapshots of version 0.1 have none. `seat_seconds` tells how long the last seats
    were held, and `announcements` what was announced last, of which the channel itself knows nothing; before version
    0.3 there were none.
    """

    seated: dict[str, float]
    waiting: list[str]
    members: dict[str, MemberState] = {}
    seat_seconds: list[float] = []
    announcements: list[tuple[int, float, str]] = []


class Channel:
    """One channel's members. `seated` and `waiting` are for reading; only `apply` and `restore` change them."""

    def __init__(self, name: str, capacity: int, limits: Limits) -> None:
        self.name = name
        self.capacity = capacity
        self.seated: dict[str, Seat] = {}
        self.waiting: dict[str, Membership] = {}
        self.limits = limits
        self.seat_seconds: deque[float] = deque(maxlen=SEATS_REMEMBERED)
        """For how long the seats were held that ended last."""
        self.sequence = 0
        """How many events were applied: the sequence number of the last one's entry, once that is kept."""
        self._decide: dict[type[Command], Callable[[Any, str, float], Decision]] = {
            Join: self._join,
            Leave: self._leave,
            Say: self._say,
            Whisper: self._whisper,
            Send: self._send,
            Kick: self._kick,
            Mute: self._mute,
            Empty: self._empty,
            Move: self._move,
            Announce: self._announce,
            Expire: self._expire,
        }
        self._apply: dict[type[Event], Callable[[Any, float], None]] = {
            Queued: self._queued,
            Seated: self._seated,
            Left: self._left,
            Said: self._said,
            Muted: self._muted,
            Emptied: self._emptied,
            Moved: self._moved,
            Announced: self._announced,
        }

    def decide(self, command: Command, name: str, time: float) -> Decision:
        """Judge what `name` asks at `time`: the events that carry it out, none where there is nothing to do."""
        return self._decide[type(command)](command, name, time)

    def apply(self, event: Event, time: float) -> None:
        """Let `event`, of an entry of `time`, have happened.

        Raises KeyError where it could not have, which is a fault of the program or of the log.
        """
        self.sequence += 1
        self._apply[type(event)](event, time)

    def admit(self) -> Sequence[Seated]:
        """Return the events that seat those who wait while seats are free, as they are once there are more of them."""
        return tuple(self._promotions(0))

    def membership(self, name: str) -> Membership | None:
        """Return the membership of `name`, None where it is no member."""
        seat = self.seated.get(name)
        return self.waiting.get(name) if seat is None else seat.membership

    # Deciding

    def _join(self, command: Join, name: str, _: float) -> Decision:
        if name in self.seated or name in self.waiting:
            return Refused("name-taken", f"Cannot connect to the {self.name} channel.")
        queued = Queued(name, command.holds, command.origins)
        if len(self.seated) < self.capacity:
            return (queued, Seated(name))
        if len(self.waiting) >= self.limits.waiting_max:
            return Refused("queue-full", f"The waiting queue of the {self.name} channel is full.")
        return (queued,)

    def _leave(self, command: Leave, name: str, _: float) -> Decision:
        return self._departure(name, command.reason)

    def _say(self, command: Say, name: str, time: float) -> Decision:
        return self._silenced(name, time) or (Said(name, command.text, command.id),)

    def _whisper(self, command: Whisper, name: str, time: float) -> Decision:
        return self._silenced(name, time) or self._absent(command.to) or ()

    def _send(self, command: Send, name: str, _: float) -> Decision:
        return self._seatless(name) or self._absent(command.to) or ()

    def _kick(self, command: Kick, _: str, __: float) -> Decision:
        if command.name not in self.seated and command.name not in self.waiting:
            return Refused("not-in-channel", f"{command.name} is not in {self.name}.")
        return self._departure(command.name, "kicked")

    def _mute(self, command: Mute, _: str, __: float) -> Decision:
        if absent := self._absent(command.name):
            return absent
        if not 0 < command.seconds <= self.limits.mute_seconds_max:
            return Refused("invalid-mute-time", "Invalid mute time.")
        return (Muted(command.name, command.seconds),)

    def _empty(self, _: Empty, __: str, ___: float) -> Decision:
        return (Emptied(), *self._promotions(len(self.seated)))

    def _move(self, command: Move, _: str, __: float) -> Decision:
        if command.name not in self.waiting:
            return Refused("not-waiting", f"{command.name} does not wait in {self.name}.")
        if command.ahead < 0:
            return Refused("bad-place", "A place in the waiting queue has 0 or more members ahead of it.")
        ahead = min(command.ahead, len(self.waiting) - 1)
        if list(self.waiting).index(command.name) == ahead:
            return ()
        return (Moved(command.name, ahead),)

    def _announce(self, command: Announce, _: str, __: float) -> Decision:
        return (Announced(command.text),)

    def _expire(self, _: Expire, name: str, time: float) -> Decision:
        seat = self.seated.get(name)
        if seat is None or self._idle_at(seat) > time:
            return ()
        return self._departure(name, "idle")

    def _departure(self, name: str, reason: LeftReason) -> Decision:
        if name in self.seated:
            return (Left(name, reason), *self._promotions(1))
        if name in self.waiting:
            return (Left(name, reason, seated=False),)
        return ()

    def _promotions(self, freed: int) -> Iterable[Seated]:
        """Who moves up once `freed` more seats are free."""
        free = self.capacity - len(self.seated) + freed
        return map(Seated, islice(self.waiting, max(free, 0)))

    def _seatless(self, name: str) -> Refused | None:
        if name in self.seated:
            return None
        return Refused("waiting", "You are waiting for a seat: until then only /list, /switch and /quit work.")

    def _silenced(self, name: str, time: float) -> Refused | None:
        seat = self.seated.get(name)
        if seat is None:
            return self._seatless(name)
        if seat.muted_until > time:
            return Refused("muted", f"You are still muted for {int(seat.muted_until - time)} seconds.")
        return None

    def _absent(self, name: str) -> Refused | None:
        return None if name in self.seated else Refused("not-here", f"{name} is not here.")

    # Applying

    def _queued(self, event: Queued, time: float) -> None:
        if event.name in self.seated or event.name in self.waiting:
            raise KeyError(event.name)
        self.waiting[event.name] = Membership(self.sequence, event.holds, event.origins, time)

    def _seated(self, event: Seated, time: float) -> None:
        self.seated[event.name] = Seat(self.waiting.pop(event.name), self.sequence, time)

    def _left(self, event: Left, time: float) -> None:
        if event.seated:
            self._seat_ended(self.seated.pop(event.name), time)
        else:
            del self.waiting[event.name]

    def _said(self, event: Said, _: float) -> None:
        if event.name not in self.seated:
            raise KeyError(event.name)

    def _muted(self, event: Muted, time: float) -> None:
        seat = self.seated[event.name]
        until = time + event.seconds
        # The idle clock stands still during a mute; a mute in place of another moves it by the difference alone.
        seat.active_at += until - max(seat.muted_until, time)
        seat.muted_until = until

    def _emptied(self, _: Emptied, time: float) -> None:
        for seat in self.seated.values():
            self._seat_ended(seat, time)
        self.seated.clear()

    def _moved(self, event: Moved, _: float) -> None:
        membership = self.waiting.pop(event.name)
        behind = list(islice(self.waiting.items(), event.ahead, None))
        for name, _membership in behind:
            del self.waiting[name]
        self.waiting[event.name] = membership
        self.waiting.update(behind)

    def _announced(self, _: Announced, __: float) -> None:
        """Change nothing: it was told."""

    def _seat_ended(self, seat: Seat, time: float) -> None:
        self.seat_seconds.append(max(time - seat.seated_at, 0.0))

    # Idle clocks

    def touch(self, name: str, time: float) -> None:
        """Restart the idle clock of `name`, unless it waits or a mute makes the clock stand still."""
        seat = self.seated.get(name)
        if seat is not None and seat.muted_until <= time:
            seat.active_at = time

    def idle_since(self, time: float) -> list[str]:
        """Return the seated members whose idle time is over at `time`, in order of seating."""
        return [name for name, seat in self.seated.items() if self._idle_at(seat) <= time]

    def idling(self, time: float) -> list[str]:
        """Return those whose seats go soon, unless they give a sign of life, and who were not warned of it yet."""
        return [name for name, seat in self.seated.items() if self._due_at(seat) <= time < self._idle_at(seat)]

    def idle_seconds_left(self, name: str, time: float) -> float:
        """Return for how long the seated member `name` may be silent still."""
        return self._idle_at(self.seated[name]) - time

    def next_due_at(self) -> float:
        """Return when the first warning or end of an idle time would be due if nobody sent anything more.

        That is infinity where nobody sits.
        """
        return min(map(self._due_at, self.seated.values()), default=float("inf"))

    @property
    def warning_seconds(self) -> float:
        """For how long a member is silent before it is warned."""
        return max(self.limits.idle_seconds_max - IDLE_WARNING_SECONDS, self.limits.idle_seconds_max / 2)

    def _due_at(self, seat: Seat) -> float:
        if seat.warned_of == seat.active_at:
            return self._idle_at(seat)
        return max(seat.active_at + self.warning_seconds, seat.muted_until)

    def _idle_at(self, seat: Seat) -> float:
        # Where the bound was lowered, the clock of one who is muted may stand past it, and no idle time is over then.
        return max(seat.active_at + self.limits.idle_seconds_max, seat.muted_until)

    # Snapshots

    def state(self, epoch: float) -> ChannelState:
        """Return what a snapshot keeps; idle clocks are not in it.

        `epoch` is what to add to a time here to have the seconds since the epoch, in which a snapshot tells it.
        """
        seated = {name: seat.muted_until and seat.muted_until + epoch for name, seat in self.seated.items()}
        members = {name: _kept(membership, epoch) for name, membership in self.waiting.items()}
        for name, seat in self.seated.items():
            members[name] = _kept(seat.membership, epoch, seat.since, seat.seated_at + epoch)
        return ChannelState(seated, list(self.waiting), members, list(self.seat_seconds))

    def restore(self, state: ChannelState, sequence: int, time: float, epoch: float) -> None:
        """Take the state of a snapshot after the entry `sequence`; the idle clocks start at `time`."""
        members = {name: state.members.get(name, MemberState(0)) for name in (*state.seated, *state.waiting)}
        memberships = {
            name: Membership(kept.entered, kept.holds, kept.origins, _told(kept.queued_at, epoch, time))
            for name, kept in members.items()
        }
        self.sequence = sequence
        self.seat_seconds = deque(state.seat_seconds, SEATS_REMEMBERED)
        self.seated = {}
        for name, ends in state.seated.items():
            kept = members[name]
            seat = self.seated[name] = Seat(memberships[name], kept.since, _told(kept.seated_at, epoch, time))
            seat.muted_until = ends - epoch if ends else 0.0
            seat.active_at = max(time, seat.muted_until)
        self.waiting = {name: memberships[name] for name in state.waiting}


def _kept(membership: Membership, epoch: float, since: int = 0, seated_at: float = 0.0) -> MemberState:
    entered, holds, origins, queued_at = membership
    return MemberState(entered, since, holds, origins, queued_at + epoch, seated_at)


def _told(kept: float, epoch: float, time: float) -> float:
    """Return a time that a snapshot tells by the clock of `time`; `time` itself where it tells none."""
    return kept - epoch if kept else time
