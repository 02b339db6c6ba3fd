"""What the log says of one channel, kept plainly: who sits, who waits, and why everybody left who did.

It takes each entry as soon as the disk has it, so that a rule that the log itself breaks is seen in the turn that does
so. It shares nothing with `Channel`, and has clocks of its own.
"""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from fnmatch import fnmatchcase

from antechamber.channel.channel import Channel
from antechamber.protocol.events import (
    Announced,
    AnyEvent,
    Emptied,
    Entry,
    Left,
    ModesSet,
    Moved,
    Muted,
    Queued,
    Said,
    Seated,
    Tagged,
    TopicSet,
)
from antechamber.protocol.limits import Limits
from antechamber.protocol.text import likeness
from antechamber.rooms.holds import Hold
from antechamber.session.session import Session
from tests.simulation.clockwork import WorldClock
from tests.simulation.failing import RuleBroken

SLACK_SECONDS = 1e-6
"""What a sum of floating-point seconds may be off by."""
_MUTE_SECONDS = 1e-3
"""What the end of a mute may move by where it is told by the other clock."""


class Member:
    """A membership, from its entry to its end and for ever after."""

    __slots__ = (
        *("_quiet", "_read_at", "ended", "entered", "holds", "host", "muted_until", "name", "origins", "queued_at"),
        *("reason", "since", "stayed"),
    )

    def __init__(self, entered: int, queued: Queued, now: float) -> None:
        self.name = queued.name
        self.entered = entered
        self.holds = queued.holds
        self.origins = queued.origins
        self.host = queued.host
        self.queued_at = now
        self.stayed: bool | None = False if queued.holds and not queued.origins else None
        """Whether it was there before, by a switch after a while or by another connection; None where nobody knows."""
        self.since = 0
        """The entry that gave it its seat, 0 while it waits."""
        self._quiet = self._read_at = 0.0
        """How long it had been quiet when somebody last read its idle clock, and when that was."""
        self.muted_until = 0.0
        self.ended = 0
        """The entry that ended it, 0 while it lasts."""
        self.reason = ""

    def hear(self, now: float) -> None:
        """Know that it gives a sign of life, or gets its seat, or begins anew with the server's process."""
        self._quiet, self._read_at = 0.0, now

    def mute(self, now: float, until: float) -> None:
        """Mute it until then, be it muted already or not."""
        self.quiet(now)
        self.muted_until = until

    def quiet(self, now: float) -> float:
        """Return for how long it has given no sign of life. That clock stands still during a mute."""
        self._quiet += max(now - max(self._read_at, self.muted_until), 0.0)
        self._read_at = now
        return self._quiet


class Asked:
    """What the world has asked of the server, and what was said in it: all that may happen follows from these."""

    def __init__(self) -> None:
        self.of: Counter[Hashable] = Counter()
        """How often each departure was asked for that has not happened yet, by its kind and whose it is."""
        self.said: dict[str, str] = {}
        """Who says each text. No text is said twice."""
        self.kept: set[str] = set()
        """The texts that are in a log."""
        self.paced = False
        """Whether the server may pass over what was sent too fast."""

    def use(self, *key: Hashable) -> None:
        """Do what was asked for."""
        if not self.of[key]:
            raise RuleBroken(f"{key} happened, and nobody had asked for it")
        self.of[key] -= 1


class Ledger:
    """One channel."""

    def __init__(self, channel: str, clock: WorldClock, asked: Asked, ledgers: Mapping[str, "Ledger"]) -> None:
        self.channel = channel
        self._ledgers = ledgers
        self._clock = clock
        self._asked = asked
        self.sequence = 0
        self.seated: dict[str, Member] = {}
        self.waiting: dict[str, Member] = {}
        self.by_entered: dict[int, Member] = {}
        self.by_name: dict[str, list[Member]] = {}
        self.topic = ""
        self.is_moderated = False
        self.voices: set[str] = set()
        """Those who may talk though others may not."""
        self.masks: dict[str, set[str]] = {"b": set(), "e": set()}
        """Of bans, and of the exceptions from them."""
        self.sessions: dict[str, Session] = {}
        """The sessions of its members after the last turn."""
        self.passed: list[tuple[Member, Member]] = []
        """Of those seated since then, who was passed over for it, and who got the seat."""
        self.held: dict[str, tuple[Hold, float]] = {}
        """Whom the server holds a seat or a place for, and since when."""
        self.seats_least = self.seats_most = 0
        """How many seats there are now, which is not sure while a reload is under way."""
        self.limits = Limits()
        self.overdue_at: float | None = None
        """When a warning was first found to be due; a failed turn may have taken one back that was told in it."""
        self.is_open = False
        """Whether the server has the channel."""
        self.opened_at_step = 0
        self.looked_at = 0
        """The last entry after which the room was looked at."""
        self.moved_from = 0
        """The last entry that gave somebody another place in line."""
        self.closing = False
        """Whether the world is about to close the channel."""
        self.mutes: dict[tuple[str, str], float] = {}
        """Until when who is muted, by likeness and host: whoever comes again is muted still."""
        self.knows_mutes = True
        """Whether the steady clock is still the one by which it knows the ends of mutes."""
        self._trusts = False
        """Whether it takes entries that were justified long ago."""

    def take(self, entries: Sequence[Entry]) -> None:
        """Take what a turn has kept."""
        for entry in entries:
            if entry.channel != self.channel or entry.sequence != self.sequence + 1:
                raise RuleBroken(f"entry {self.sequence + 1} of {self.channel} is {entry}")
            self.sequence += 1
            self._take(entry.event, self._clock.time)

    def members(self) -> list[Member]:
        return [*self.seated.values(), *self.waiting.values()]

    def open(self, seats: int, limits: Limits, step: int) -> None:
        """Give the channel to the server from now on, with all its members away."""
        self.is_open, self.opened_at_step = True, step
        self.seats_least = self.seats_most = seats
        self.limits = limits
        for known in (self.held, self.sessions, self.passed):
            known.clear()
        for member in self.members():
            member.hear(self._clock.time)
            if not member.holds:
                self._asked.of["lost", member.name] += 1

    def rewind(self, entries: Sequence[Entry]) -> None:
        """Be what these entries say, as the log has lost those after them."""
        for lost in (self.seated, self.waiting, self.by_entered, self.by_name, self.held, self.voices, self.passed):
            lost.clear()
        for masks in self.masks.values():
            masks.clear()
        self.mutes.clear()
        self.topic, self.is_moderated = "", False
        self.sequence = self.looked_at = 0
        self._trusts = True
        self.take(entries)
        self._trusts = False

    def agree_on_mutes(self, channel: Channel, *, adopt: bool) -> None:
        """See that a server that has started knows the mutes; or `adopt` them from it, as clocks were set meanwhile."""
        now = self._clock.time
        kept = {(who, host): until for who, host, until in channel.snapshot(0.0).mutes or ()}
        kept |= {(likeness(name), seat.membership.host): seat.muted_until for name, seat in channel.seated.items()}
        for who, until in self.mutes.items():
            if abs(max(until, now) - max(kept.get(who, 0.0), now)) > _MUTE_SECONDS and self.knows_mutes and not adopt:
                raise RuleBroken(f"{who} was muted until {until}, and is until {kept.get(who, 0.0)}")
        self.mutes = kept
        for name, seat in channel.seated.items():
            member = self.seated[name]
            moved = abs(max(member.muted_until, now) - max(seat.muted_until, now))
            if moved > _MUTE_SECONDS and self.knows_mutes and not adopt:
                raise RuleBroken(f"{name} was muted until {member.muted_until}, and is until {seat.muted_until}")
            member.muted_until = seat.muted_until
        self.knows_mutes = True

    def _take(self, event: AnyEvent, now: float) -> None:
        match event:
            case Said():
                self._said(event, now)
            case Queued():
                self._queued(event, now)
            case Seated():
                self._seat(event, now)
            case Left():
                self._leave(event, now)
            case Muted(name=name, seconds=seconds):
                self._use("mute", self.channel, name)
                member = self._sitting(name)
                member.mute(now, now + seconds)
                self.mutes[likeness(name), member.host] = now + seconds
            case Moved():
                self._move(event)
            case Announced(text=text):
                self._use("announce", self.channel, text)
            case TopicSet(by=by, topic=topic):
                self._use("topic" + by, self.channel, topic)
                self.topic = topic
            case ModesSet():
                self._set_modes(event)
            case Tagged(name=name, tags=tags):
                self._use("tag", name, *tags.values())
                self._see_may_talk(name, now)
            case Emptied():
                self._use("empty", self.channel)
                for member in self.seated.values():
                    member.ended, member.reason = self.sequence, "emptied"
                    self.held.pop(member.name, None)
                self.voices -= self.seated.keys()
                self.seated.clear()

    def _set_modes(self, event: ModesSet) -> None:
        (change,) = event.changes
        self._use("modes" + event.by, self.channel, change)
        is_on = change.mode[0] == "+"
        if change.mode[1] == "m":
            self.is_moderated = is_on
        elif (masks := self.masks.get(change.mode[1])) is not None:
            masks.add(change.argument) if is_on else masks.remove(change.argument)
        elif is_on:
            self.voices.add(self._sitting(change.argument).name)
        else:
            self.voices.remove(change.argument)

    def _see_may_talk(self, name: str, now: float) -> None:
        member = self._sitting(name)
        if self._trusts:
            return
        if member.muted_until > now:
            raise RuleBroken(f"{name} is muted in {self.channel}, and talks")
        if self.is_moderated and name not in self.voices:
            raise RuleBroken(f"{name} has no voice in {self.channel}, and talks")
        if self.is_banned(member) and name not in self.voices:
            raise RuleBroken(f"{name} is banned in {self.channel}, and talks")

    def is_banned(self, member: Member) -> bool:
        """Say whether a ban is for a member, and no exception."""
        who = f"{member.name}!~u@{member.host or 'antechamber'}".lower()
        banned, spared = (any(fnmatchcase(who, mask.lower()) for mask in self.masks[letter]) for letter in "be")
        return banned and not spared

    def _move(self, event: Moved) -> None:
        self._use("move", self.channel, event.name)
        line = list(self.waiting)
        before = line.index(event.name)
        line.insert(event.ahead, line.pop(before))
        if line.index(event.name) != event.ahead or before == event.ahead:
            raise RuleBroken(f"{event}, where {[*self.waiting]} wait in {self.channel}")
        self.waiting = {name: self.waiting[name] for name in line}
        self.moved_from = self.sequence

    def _said(self, event: Said, now: float) -> None:
        if self._trusts:
            return
        if self._asked.said.get(event.text) != event.name:
            raise RuleBroken(f"{event.name} never said {event.text!r}")
        if event.text in self._asked.kept:
            raise RuleBroken(f"{event.text!r} is kept twice")
        self._asked.kept.add(event.text)
        self._see_may_talk(event.name, now)

    def _queued(self, event: Queued, now: float) -> None:
        name = event.name
        if name in self.seated or name in self.waiting:
            raise RuleBroken(f"{name} is in {self.channel} twice")
        is_full = len(self.seated) >= self.seats_most and len(self.waiting) >= self.limits.waiting_max
        if is_full and not self._trusts:
            raise RuleBroken(f"{len(self.waiting)} wait in {self.channel}, and {name} came to them")
        member = self.waiting[name] = self.by_entered[self.sequence] = Member(self.sequence, event, now)
        if self.is_banned(member) and not self._trusts:
            raise RuleBroken(f"{name} is banned in {self.channel}, and came in")
        if event.origins:
            channel, entered = event.origins[0]
            ledger = self._ledgers[channel]
            if (origin := ledger.by_entered.get(entered)) is not None:
                member.stayed = True if ledger.may_be_held(origin, now) else origin.stayed
        self.by_name.setdefault(name, []).append(member)

    def _seat(self, event: Seated, now: float) -> None:
        name = event.name
        if name not in self.waiting:
            raise RuleBroken(f"{name} got a seat in {self.channel}, and does not wait there")
        if len(self.seated) >= self.seats_most and not self._trusts:
            raise RuleBroken(f"{event.name} got a seat in {self.channel}, which has no more than {self.seats_most}")
        line = list(self.waiting.values())
        member = self.seated[name] = self.waiting.pop(name)
        member.since = self.sequence
        member.hear(now)
        if (until := self.mutes.get((likeness(name), member.host), 0.0)) > now:
            member.mute(now, until)
        if self._trusts:
            return
        if self.is_banned(member):
            raise RuleBroken(f"{name} got a seat in {self.channel}, and is banned there")
        self.passed += [(other, member) for other in line[: line.index(member)]] or [(member, member)]

    def _leave(self, event: Left, now: float) -> None:
        name = event.name
        members = self.seated if event.seated else self.waiting
        if name not in members:
            raise RuleBroken(f"{event} of one who is not there")
        if not self._trusts:
            self._justify(event, members[name], now)
        member = members.pop(name)
        self.voices.discard(name)
        member.ended, member.reason = self.sequence, event.reason
        self.held.pop(name, None)

    def _justify(self, event: Left, member: Member, now: float) -> None:
        match event.reason:
            case "quit" | "switched":
                self._use(event.reason, member.name)
            case "kicked" if event.text == f"Banned from the {self.channel} channel.":
                if event.seated or not self.is_banned(member):
                    raise RuleBroken(f"{event} from {self.channel}, where the bans are {self.masks}")
            case "kicked":
                self._use("kick", self.channel, member.name)
            case "closed":
                if not self.closing:
                    raise RuleBroken(f"{event} from {self.channel}, which nobody closes")
            case "idle":
                idle = member.quiet(now)
                if idle < self.limits.idle_seconds_max - SLACK_SECONDS and not self._asked.paced:
                    raise RuleBroken(f"{member.name} has lost a seat in {self.channel} after {idle} idle seconds")
                if member.muted_until > now + _MUTE_SECONDS:
                    raise RuleBroken(f"{member.name} is muted in {self.channel}, and is idle for too long all the same")
            case "lost":
                self._justify_loss(member, now)

    def _justify_loss(self, member: Member, now: float) -> None:
        held = self.held.get(member.name)
        if not member.holds:
            self._use("lost", member.name)
        elif held is None:
            if self.hold_seconds(member) > 0 and member.stayed is not None and self.may_be_held(member, now):
                raise RuleBroken(f"nothing was held for {member.name} in {self.channel}, who lost the connection")
        elif now < held[1] + self.hold_seconds(member) - SLACK_SECONDS:
            raise RuleBroken(f"{member.name} was held in {self.channel} for only {now - held[1]} seconds")

    def may_be_held(self, member: Member, now: float) -> bool:
        """Say whether a member was there for long enough, as far as is known."""
        return bool(member.stayed) or now - member.queued_at >= self.limits.held_visit_seconds_min

    def hold_seconds(self, member: Member) -> float:
        """Return how long the member is to be held."""
        return self.limits.seat_hold_seconds if member.since else self.limits.place_hold_seconds

    def _use(self, *key: Hashable) -> None:
        if not self._trusts:
            self._asked.use(*key)

    def _sitting(self, name: str) -> Member:
        if name not in self.seated:
            raise RuleBroken(f"{name} has no seat in {self.channel}")
        return self.seated[name]
