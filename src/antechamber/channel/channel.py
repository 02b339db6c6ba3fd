"""A channel: seats, a first-in-first-out waiting queue, mutes, modes and roles. Pure: no clock is read, no I/O done.

`decide` judges a command and changes nothing: it returns the events that carry it out, or a refusal. `apply` takes an
event, which is a fact and cannot fail, and changes the state. So replaying a log through `apply` gives the same
channel, with one exception told below.

What holds after every decision's events (`tests/channel/test_channel_machine.py` checks it against a naive model):

* at most `capacity` members are seated, unless the capacity was lowered under them;
* nobody who is present waits while a seat is free, and seats go to those present in the order of the line: who is
  `away` keeps the place and is passed over;
* nobody who is banned waits, or gets a seat;
* a name is held once, in a seat or in the queue, never both.

Idle clocks (`members.py`) are the exception: they run on every command, kept or not, and start afresh with each
process. So does who is away, which is told from outside and is in no log: what followed from it is.

`decide` is told who asks: a member, or "" where it is the operator. What only an operator of the channel may do is
refused to all others here, so that no way in can forget to ask.

Every `time` here is of a clock that nobody sets (`Clock.steady`), so that a machine's clock set back or forth neither
ends nor prolongs a mute or an idle time.
"""

from collections.abc import Callable, Container, Iterable, Sequence
from itertools import chain, islice
from typing import Any

from antechamber.channel.members import Membership, Seat
from antechamber.channel.modes import Ground, Modes
from antechamber.channel.snapshot import ChannelState, MemberState
from antechamber.channel.state import Standing
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
    Emptied,
    Invited,
    Left,
    LeftReason,
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
)
from antechamber.protocol.limits import LAST_WORDS_CHARACTERS_MAX, MODE_CHANGES_MAX, TOPIC_CHARACTERS_MAX, Limits
from antechamber.protocol.refusals import NOT_OPERATOR, Decision, Refused
from antechamber.protocol.text import is_same_secret, member_name_problem

__all__ = [
    "SENDING",
    "WHISPERING",
    "Channel",
    "ChannelState",
    "Decision",
    "MemberState",
    "Membership",
    "Refused",
    "Seat",
]

SENDING = "send files"
"""What a ban keeps one from, too, who was let bring a file before it."""
WHISPERING = "whisper"
"""What a ban keeps one from by IRC, too, where private messages are of no channel."""

_Decide = Callable[[Any, str, float], Decision]
_WORDED = frozenset(("+b", "+e", "+I", "+k"))
"""The changes of modes that have words of their own for others to read, save names."""


class Channel(Standing):
    """One channel's members. All that it has is for reading; only `apply` and `restore` change it.

    One that `is_open` was made by those who talk there: it has no line, and whoever comes first is its operator. `away`
    are the members whose connections are lost, as they are whenever something is decided.
    """

    def __init__(
        self, name: str, capacity: int, limits: Limits, *, is_open: bool = False, away: Container[str] = ()
    ) -> None:
        super().__init__(limits, is_open)
        self.name = name
        self.capacity = capacity
        self.away = away
        self._decide: dict[type[Command], _Decide] = {
            Join: self._join,
            Leave: self._leave,
            Say: self._say,
            Tag: self._tag,
            Whisper: self._whisper,
            Send: self._send,
            Rename: self._rename,
            SetTopic: self._set_topic,
            Invite: self._invite,
            SetModes: self._for_operators(self._set_modes),
            Kick: self._for_operators(self._kick),
            Mute: self._for_operators(self._mute),
            Empty: self._for_operators(self._empty),
            Move: self._for_operators(self._move),
            Announce: self._for_operators(self._announce),
            Expire: self._expire,
        }

    def decide(self, command: Command, name: str, time: float) -> Decision:
        """Judge what `name` asks at `time`, "" being the operator: the events that carry it out, perhaps none."""
        return self._decide[type(command)](command, name, time)

    def admit(self) -> Sequence[Seated]:
        """Return the events that seat those who wait while seats are free.

        They are once there are more seats, or once somebody comes back who was away.
        """
        return tuple(self._promotions(0))

    def turned_away(self) -> Sequence[Left]:
        """Return the events by which those leave the line who are banned, as the log of an earlier version has them."""
        return self._banned_from_line(self.modes, "")

    def present_ahead(self, ahead: int) -> int:
        """Return how many of the first `ahead` in line are not away: those who get a seat before the next one does."""
        return sum(name not in self.away for name in islice(self.waiting, ahead))

    @property
    def limit(self) -> int | None:
        """How many may be seated, None where nothing bounds it."""
        return self.modes.limit if self.is_open else self.capacity

    def may_speak(self, name: str, time: float, host: str = "") -> Refused | None:
        """Return why nobody is to read what `name` writes at `time`, None where it is.

        Every text that others read asks this: what is said, in whatever form, to all or to one, topics, names, masks,
        and last words. Only of who is no member the `host` is needed.
        """
        until = self.muted_until(name, host) if name else 0.0
        return Refused("muted", f"You are still muted for {int(until - time)} seconds.") if until > time else None

    def last_words(self, name: str, text: str, time: float) -> str:
        """Return what others read of the `text` with which `name` goes, or sends somebody out; "" where it is muted."""
        return "" if self.may_speak(name, time) else text[:LAST_WORDS_CHARACTERS_MAX]

    def may_say(self, name: str, time: float, host: str = "") -> Refused | None:
        """Return why `name` cannot talk at `time`, None where it can. Only of who is no member the `host` is needed."""
        seat = self.seated.get(name)
        if seat is None:
            if not self.is_open or "n" in self.modes.flags or not name:
                return self._seatless(name)
            return self.may_speak(name, time, host) or self._restrained(name, host)
        if seat.muted_until > time:
            return self.may_speak(name, time)
        return self._restrained(name, seat.membership.host) if self.modes.restrains else None

    def barred(self, name: str, deed: str) -> Refused | None:
        """Return why the member `name` cannot do a `deed` that others read of, where a ban keeps it from that."""
        membership = self.membership(name)
        return None if membership is None else self._ban(name, membership.host, deed)

    def sift(
        self, changes: Iterable[ModeChange], by: str, time: float
    ) -> tuple[list[ModeChange], list[tuple[ModeChange, Refused]]]:
        """Return which of `changes`, made one after the other, would change something, and which cannot be made.

        The former are spelt as events have them. Whether `by` may ask for them is not judged here.
        """
        modes = self.modes.copy()
        ground = Ground(self.is_open, self.limits.capacity_max, self.seated)
        accepted, declined = [], []
        for change in changes:
            judged = modes.judge(change, ground)
            if isinstance(judged, Refused):
                declined.append((change, judged))
            elif judged is not None:
                modes.apply(judged, by, time)
                accepted.append(judged)
        return accepted, declined

    # Deciding: coming and going

    def _join(self, command: Join, name: str, _: float) -> Decision:
        if self._is_member(name):
            return Refused("name-taken", f"Cannot connect to the {self.name} channel.")
        if problem := member_name_problem(name, self.limits.name_characters_max):
            return Refused("bad-name", problem)
        queued = Queued(name, command.holds, command.origins, command.host)
        if self.is_vacant:
            return (queued, Seated(name), ModesSet("", (ModeChange("+o", name),)))
        if closed := self._closed(command, name):
            return closed
        if self.is_open:
            limit = self.capacity if self.modes.limit is None else min(self.modes.limit, self.capacity)
            if len(self.seated) >= limit:
                return Refused("full", f"The {self.name} channel is full.")
        promotions = tuple(self._promotions(0, (name,)))
        if Seated(name) not in promotions and len(self.waiting) >= self.limits.waiting_max:
            return Refused("queue-full", f"The waiting queue of the {self.name} channel is full.")
        return (queued, *promotions)

    def _closed(self, command: Join, name: str) -> Refused | None:
        modes = self.modes
        if modes.matches(name, command.host):
            return Refused("banned", f"You are banned from the {self.name} channel.")
        if "i" in modes.flags and not modes.admits(name, command.host, command.marks):
            return Refused("invite-only", f"Only who is invited may enter the {self.name} channel.")
        if modes.key and not is_same_secret(modes.key, command.key):
            return Refused("wrong-key", f"The {self.name} channel opens to those who know its key.")
        return None

    def _leave(self, command: Leave, name: str, time: float) -> Decision:
        text = command.text[:LAST_WORDS_CHARACTERS_MAX]
        if command.reason != "lost":
            text = self.last_words(name, text, time) or command.otherwise
        return self._departure(name, command.reason, text=text)

    def _rename(self, command: Rename, name: str, time: float) -> Decision:
        membership = self.membership(name)
        if membership is None:
            return self._stranger(name)
        if command.name == name:
            return ()
        if muted := self.may_speak(name, time):
            return muted
        if problem := member_name_problem(command.name, self.limits.name_characters_max):
            return Refused("bad-name", problem)
        if self._is_member(command.name):
            return Refused("name-taken", f"Somebody called {command.name} is in the {self.name} channel already.")
        if self._is_barred(name, membership.host):
            return Refused("banned-rename", f"You are banned in the {self.name} channel, so you keep your name there.")
        if name in self.waiting and self._is_barred(command.name, membership.host):
            return Refused("banned-rename", f"Who is called {command.name} is banned from the {self.name} channel.")
        return (Renamed(name, command.name),)

    def _expire(self, _: Expire, name: str, time: float) -> Decision:
        seat = self.seated.get(name)
        if seat is None or self._idle_at(seat) > time:
            return ()
        return self._departure(name, "idle")

    def _departure(self, name: str, reason: LeftReason, by: str = "", text: str = "") -> Decision:
        if name in self.seated:
            return (Left(name, reason, True, by, text), *self._promotions(1))
        if name in self.waiting:
            return (Left(name, reason, False, by, text),)
        return ()

    def _promotions(self, freed: int, newcomers: Sequence[str] = ()) -> Iterable[Seated]:
        """Who moves up once `freed` more seats are free, and `newcomers` have come to the end of the line.

        This is the one way to a seat, so who is away, or banned, is passed over here and nowhere else.
        """
        free = self.capacity - len(self.seated) + freed
        line = self.waiting.items()
        ready = (name for name, one in line if name not in self.away and not self._is_barred(name, one.host))
        return map(Seated, islice(chain(ready, newcomers), max(free, 0)))

    # Deciding: talking

    def _say(self, command: Say, name: str, time: float) -> Decision:
        return self.may_say(name, time) or (Said(name, command.text, command.id, command.form, command.tags),)

    def _tag(self, command: Tag, name: str, time: float) -> Decision:
        return self.may_say(name, time) or (Tagged(name, command.tags),)

    def _whisper(self, command: Whisper, name: str, time: float) -> Decision:
        return (
            self._seatless(name)
            or self.may_speak(name, time)
            or self.barred(name, WHISPERING)
            or self._absent(command.to)
            or ()
        )

    def _send(self, command: Send, name: str, _: float) -> Decision:
        return self._seatless(name) or self.barred(name, SENDING) or self._absent(command.to) or ()

    def _set_topic(self, command: SetTopic, name: str, time: float) -> Decision:
        keeps_from = self.may_speak if self.modes.is_operator(name) else self._keeps_topic_from
        if name and (refused := keeps_from(name, time)):
            return refused
        if len(command.topic) > TOPIC_CHARACTERS_MAX:
            return Refused("too-long", f"A topic has at most {TOPIC_CHARACTERS_MAX} characters.")
        return () if command.topic == self.topic else (TopicSet(name, command.topic),)

    def _keeps_topic_from(self, name: str, time: float) -> Refused | None:
        """Why one who is no operator cannot set the topic: where any member can, it is to be one who may talk."""
        return NOT_OPERATOR if "t" in self.modes.flags else self._seatless(name) or self.may_say(name, time)

    def _invite(self, command: Invite, name: str, time: float) -> Decision:
        if name and not self.modes.is_operator(name):
            if "i" in self.modes.flags:
                return NOT_OPERATOR
            if refused := self._seatless(name) or self.barred(name, "invite anybody"):
                return refused
        if muted := self.may_speak(name, time):
            return muted
        if self._is_member(command.name):
            return Refused("already-here", f"{command.name} is in {self.name} already.")
        if problem := member_name_problem(command.name, self.limits.name_characters_max):
            return Refused("bad-name", problem)
        return (Invited(name, command.name),)

    # Deciding: for operators

    def _for_operators(self, decide: _Decide) -> _Decide:
        def judge(command: Command, name: str, time: float) -> Decision:
            return decide(command, name, time) if not name or self.modes.is_operator(name) else NOT_OPERATOR

        return judge

    def _set_modes(self, command: SetModes, name: str, time: float) -> Decision:
        if len(command.changes) > MODE_CHANGES_MAX:
            return Refused("too-many-modes", f"One command makes at most {MODE_CHANGES_MAX} changes.")
        has_words = any(change.mode in _WORDED for change in command.changes)
        if has_words and (muted := self.may_speak(name, time)):
            return muted
        accepted, declined = self.sift(command.changes, name, time)
        if declined:
            return declined[0][1]
        if not accepted:
            return ()
        modes = self.modes.copy()
        for change in accepted:
            modes.apply(change, name, time)
        return (ModesSet(name, tuple(accepted)), *self._banned_from_line(modes, name))

    def _banned_from_line(self, modes: Modes, by: str) -> Sequence[Left]:
        """Let those leave the line whom `by` bans with these modes: they would wait for what they cannot have."""
        text = f"Banned from the {self.name} channel."
        banned = [name for name, membership in self.waiting.items() if modes.matches(name, membership.host)]
        return tuple(Left(name, "kicked", False, by, text) for name in banned)

    def _kick(self, command: Kick, name: str, time: float) -> Decision:
        if not self._is_member(command.name):
            return self._stranger(command.name)
        if len(command.text) > LAST_WORDS_CHARACTERS_MAX:
            return Refused("too-long", f"Why somebody is kicked is said in {LAST_WORDS_CHARACTERS_MAX} characters.")
        return self._departure(command.name, "kicked", name, self.last_words(name, command.text, time))

    def _mute(self, command: Mute, name: str, time: float) -> Decision:
        if absent := self._absent(command.name):
            return absent
        if not 0 < command.seconds <= self.limits.mute_seconds_max:
            return Refused("invalid-mute-time", "Invalid mute time.")
        if command.name == name and (muted := self.may_speak(name, time)):
            return muted  # a shorter one in its place would end it
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

    def _announce(self, command: Announce, name: str, time: float) -> Decision:
        return self.may_speak(name, time) or (Announced(command.text),)

    # What decisions ask

    def _is_member(self, name: str) -> bool:
        return name in self.seated or name in self.waiting

    def _stranger(self, name: str) -> Refused:
        return Refused("not-in-channel", f"{name} is not in {self.name}.")

    def _seatless(self, name: str) -> Refused | None:
        if name in self.seated:
            return None
        return Refused("waiting", "You are waiting for a seat: until then only /list, /switch and /quit work.")

    def _restrained(self, name: str, host: str) -> Refused | None:
        if "m" in self.modes.flags and name not in self.modes.roles:
            return Refused("moderated", f"Only those who have a voice may talk in the {self.name} channel now.")
        return self._ban(name, host, "talk")

    def _ban(self, name: str, host: str, deed: str) -> Refused | None:
        if not self._is_barred(name, host):
            return None
        return Refused("banned-talk", f"You are banned in the {self.name} channel, so you cannot {deed} there.")

    def _is_barred(self, name: str, host: str) -> bool:
        """Whether a ban is for `name`, and no role of its own makes up for it."""
        return name not in self.modes.roles and self.modes.matches(name, host)

    def _absent(self, name: str) -> Refused | None:
        return None if name in self.seated else Refused("not-here", f"{name} is not here.")
