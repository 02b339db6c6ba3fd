"""Watching: who reads how full the channels are, who is in them, and what no entry tells of their members.

All of that is told between two turns, when what the rooms say is in the log, and so seldom that a rush costs no more
than a trickle: whatever changes within one interval is told together. A notice is encoded once for each encoding of
its readers. One timer waits at most, and none while nobody reads or nothing has changed.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import partial

from antechamber.codec import Encoding
from antechamber.protocol.notices import AnyNotice, ChannelInfo, Channels, Presence
from antechamber.rooms.room import Room
from antechamber.rooms.turn import Audience, Turn
from antechamber.runtime.clock import Clock, Loop, TimerHandle
from antechamber.session.budgets import Budgets
from antechamber.session.session import Session

CHANGES_SECONDS = 0.5
"""Time between two notices of the channels' counts, or of one roster."""
WAITS_SECONDS = 30.0
"""Time after which a wait to expect that was told is measured again, while somebody waits."""
SIGNS_SECONDS = 5.0
"""Time between two rosters of a channel where members talk, and nobody comes or goes: idle clocks alone change."""
PRESENCE_SECONDS = 1.0
"""Time between two notices of the signs of life that are no entries, and of who is away."""


class _Pulse:
    """Something that is told at most every `seconds`, of the channels in `names`, once there are some."""

    __slots__ = ("due_at", "names", "seconds", "tell")

    def __init__(self, seconds: float, tell: Callable[[set[str]], None]) -> None:
        self.seconds = seconds
        self.tell = tell
        self.names: set[str] = set()
        self.due_at = 0.0
        """Before this, by the steady clock, nothing is told."""


class _News:
    """What no entry tells of a channel's members, since it was told last."""

    __slots__ = ("active", "away")

    def __init__(self) -> None:
        self.active: dict[str, None] = {}
        self.away: dict[str, bool] = {}
        """Whether they are away who were lost or came back."""


class Subscriptions:
    """The sessions that watch, whether they are members somewhere or not."""

    def __init__(self, rooms: Mapping[str, Room], clock: Clock, loop: Loop, budgets: Budgets) -> None:
        self._rooms = rooms
        self._clock = clock
        self._loop = loop
        self._rosters_of: dict[Session, tuple[str, ...]] = {}
        """Every session that watches or operates, with the channels whose rosters it reads."""
        self._budgets = budgets
        self.strangers: set[Session] = set()
        """Those who watch and are nobody yet, as many of an address as may."""
        self._watchers = Audience()
        self._rosters: dict[str, Audience] = {}
        self._asked: set[str] = set()
        """The channels where somebody has asked who is there, and may be there still."""
        self._news: dict[str, _News] = {}
        self._infos: dict[str, ChannelInfo] = {}
        """What was told of the channels last."""
        self._unsure = True
        """Whether not all watchers were told the same last."""
        self._changes = _Pulse(CHANGES_SECONDS, self._tell_channels)
        self._waits = _Pulse(WAITS_SECONDS, self._tell_channels)
        self._arrivals = _Pulse(CHANGES_SECONDS, self._tell_rosters)
        self._signs = _Pulse(SIGNS_SECONDS, self._tell_rosters)
        self._presence = _Pulse(PRESENCE_SECONDS, self._tell_presence)
        self._pulses = (self._changes, self._waits, self._arrivals, self._signs, self._presence)
        self._timer: TimerHandle | None = None
        self._timer_at = float("inf")

    # Who watches

    def watch(self, session: Session, *, channels: bool, rosters: Iterable[str] = ()) -> None:
        """Let `session` read the channels' counts or not, and the rosters of these, from the next change on.

        Both are in place of what it watched before.
        """
        self.forget(session)
        names = tuple(dict.fromkeys(rosters))
        if channels or names or session.operator:
            self._rosters_of[session] = names
            if not session.channel and not session.operator:
                self._join_strangers(session)
        if channels:
            if not any(self._watchers.groups.values()):
                self._infos.clear()  # nobody has looked since they were made
            self._watchers.add(session)
            self._unsure = True
        for name in names:
            self._rosters.setdefault(name, Audience()).add(session)

    def channels(self, session: Session, time: float, steady: float, command_id: str = "") -> Channels:
        """Return the channels' counts of now, as `session` may know them."""
        infos = [room.info(steady) for room in self._rooms.values() if not room.is_open]
        return Channels(time, infos if session.operator else [info.outside for info in infos], command_id)

    def may_watch(self, session: Session) -> bool:
        """Say whether a session may watch, as far as it is one of too many of its address that are nobody yet."""
        if session.channel or session.operator or session in self.strangers:
            return True
        return self._budgets.has_room("watchers", session.host)

    def named(self, session: Session) -> Callable[[], None]:
        """Know that one of the strangers is somebody now; return what undoes that."""
        self._leave_strangers(session)
        return partial(self._join_strangers, session)

    def told(self, session: Session) -> None:
        """Know that `session`, which may watch, was told of the channels apart from the others, as it had asked.

        What changes back before the next notice is news to it then.
        """
        self._unsure = self._unsure or session in self._rosters_of

    def visit(self, session: Session) -> None:
        """Know of a session that is no member's, though it watches nothing yet: an operator's."""
        self._rosters_of.setdefault(session, ())

    def watches(self, session: Session) -> bool:
        """Return whether `session` watches, or is an operator's: then it need not say hello."""
        return session in self._rosters_of

    def forget(self, session: Session) -> None:
        """Tell `session`, whose connection has ended, nothing more."""
        self._end_reading(session)
        self._rosters_of.pop(session, None)
        self._leave_strangers(session)

    def outside(self) -> list[Session]:
        """Return the sessions that watch or operate, and are members nowhere."""
        return [session for session in self._rosters_of if not session.channel]

    def _join_strangers(self, session: Session) -> None:
        self.strangers.add(session)
        self._budgets.take("watchers", session.host)

    def _leave_strangers(self, session: Session) -> None:
        if session in self.strangers:
            self.strangers.remove(session)
            self._budgets.give_back("watchers", session.host)

    def _end_reading(self, session: Session) -> None:
        self._watchers.discard(session)
        for name in self._rosters_of.get(session, ()):
            if (audience := self._rosters.get(name)) is not None:
                audience.discard(session)
                if not any(audience.groups.values()):
                    del self._rosters[name]

    # What changes

    def asked(self, channel: str) -> None:
        """Tell the members of `channel` who want it of the signs of life there from now on, as one has asked who is in.

        Each has `wants_presence` then.
        """
        self._asked.add(channel)

    def alive(self, channel: str, name: str) -> None:
        """Note that a member gave a sign of life that is no entry."""
        if channel in self._asked:
            self._news_of(channel).active[name] = None
        if channel in self._rosters:
            self._mark(self._signs, (channel,))

    def kept(self, turn: Turn, changed: Collection[str]) -> None:
        """Note what a turn changed that the log has kept; in the channels `changed` there was more than talk."""
        for (channel, name), away in turn.away.items():
            if channel in self._asked:
                self._news_of(channel).away[name] = away
        if not self._rosters_of:
            return
        if changed:
            self.changed(changed)
        if talk := [name for name in self._rosters if (part := turn.parts.get(name)) is not None and part.events]:
            self._mark(self._signs, talk)

    def changed(self, channels: Collection[str]) -> None:
        """Note that counts, topics or members of these have changed."""
        if any(self._watchers.groups.values()):
            self._mark(self._changes, channels)
        if self._rosters and (read := self._rosters.keys() & channels):
            self._mark(self._arrivals, read)

    def close(self) -> None:
        """Tell nobody anything more."""
        if self._timer is not None:
            self._timer.cancel()

    def _news_of(self, channel: str) -> _News:
        news = self._news.get(channel)
        if news is None:
            news = self._news[channel] = _News()
            self._mark(self._presence, (channel,))
        return news

    def _mark(self, pulse: _Pulse, channels: Collection[str]) -> None:
        idle = not pulse.names
        pulse.names.update(channels)
        if idle:
            self._wind()

    # Telling

    def _wind(self) -> None:
        """Have the timer ring when the next of what has changed may be told."""
        due_at = min((pulse.due_at for pulse in self._pulses if pulse.names), default=float("inf"))
        if due_at < self._timer_at:
            if self._timer is not None:
                self._timer.cancel()
            self._timer_at = due_at
            self._timer = self._loop.call_later(max(due_at - self._clock.steady(), 0.001), self._ring)

    def _ring(self) -> None:
        self._timer, self._timer_at = None, float("inf")
        now = self._clock.steady()
        for pulse in self._pulses:
            if pulse.names and pulse.due_at <= now:
                names, pulse.names = pulse.names, set()
                pulse.due_at = now + pulse.seconds
                pulse.tell(names)
        self._wind()

    def _tell_channels(self, names: set[str]) -> None:
        groups = self._watchers.groups
        if not any(groups.values()):
            return
        before, self._infos, steady = self._infos, {}, self._clock.steady()
        for name, room in self._rooms.items():
            if room.is_open:
                continue
            info = None if name in names else before.get(name)
            self._infos[name] = room.info(steady) if info is None else info
        self._waits.due_at = steady + WAITS_SECONDS
        self._waits.names.update(info.name for info in self._infos.values() if info.waiting)
        unsure, self._unsure = self._unsure, False
        for knows_all in (True, False):
            told, infos = (
                [info if knows_all else info.outside for info in each.values()] for each in (before, self._infos)
            )
            if unsure or infos != told:
                readers = {
                    encoding: [session for session in sessions if session.operator == knows_all]
                    for encoding, sessions in groups.items()
                }
                self._write(readers, Channels(self._clock.now(), infos))

    def _tell_rosters(self, names: set[str]) -> None:
        now, steady = self._clock.now(), self._clock.steady()
        for name in self._rosters.keys() & names:
            if (room := self._rooms.get(name)) is not None:
                self._write(self._rosters[name].groups, room.members(now, steady))
        self._arrivals.names -= names
        self._signs.names -= names

    def _tell_presence(self, names: set[str]) -> None:
        for name in names:
            news, room = self._news.pop(name), self._rooms.get(name)
            readers = [] if room is None else [one for one in room.sessions.values() if one.wants_presence]
            if room is None or not readers:
                self._asked.discard(name)
                continue
            seated, now = room.channel.seated, self._clock.steady()
            active = [one for one in news.active if one in seated and seated[one].muted_until <= now]
            away = {one: is_away for one, is_away in news.away.items() if room.channel.membership(one) is not None}
            lost = [one for one, is_away in away.items() if is_away]
            back = [one for one, is_away in away.items() if not is_away]
            if active or away:
                groups: dict[Encoding, list[Session]] = {}
                for session in readers:
                    if session.seated or session.behind:
                        groups.setdefault(session.encoding, []).append(session)
                self._write(groups, Presence(self._clock.now(), name, active, lost, back))

    def _write(self, groups: Mapping[Encoding, Iterable[Session]], notice: AnyNotice) -> None:
        """Write a notice to all of these, encoded once for each encoding in use."""
        clock = self._clock.text(notice.time)
        for encoding, sessions in groups.items():
            if (readers := [session for session in sessions if not session.closed]) and (
                data := encoding.one(notice, clock, "")
            ):
                for session in readers:
                    session.transport.write(data)
