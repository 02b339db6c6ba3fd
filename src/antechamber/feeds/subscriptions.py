"""Subscriptions: sessions that read the channels' counts, their rosters, or presence, which no entry tells.

Subscribers are told between two turns, when what the rooms say is in the log. Changes within one interval are told
together, so a rush costs no more than a trickle. A notice is encoded once for each encoding of its readers. At most one
timer runs, and none while nobody subscribes or nothing has changed.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import partial

from antechamber.codec import Encoding
from antechamber.protocol.notices import AnyNotice, ChannelInfo, Channels, Presence
from antechamber.rooms.room import Room
from antechamber.rooms.turn import Audience, Turn
from antechamber.runtime.clock import Clock, Loop
from antechamber.runtime.timer import Timer
from antechamber.session.budgets import Budgets
from antechamber.session.session import Session

CHANGES_SECONDS = 0.5
"""Time between two notices of the channels' counts, or of one roster."""
WAITS_SECONDS = 30.0
"""Time after which the waits to expect are measured again, while somebody waits."""
SIGNS_SECONDS = 5.0
"""Time between two rosters of a channel where members talk but nobody comes or goes: only idle clocks change."""
PRESENCE_SECONDS = 1.0
"""Time between two notices of presence: signs of life that are no entries, and who is away."""


class _ThrottledNotice:
    """A kind of notice that `tell` writes at most every `seconds`, about the channels in `names` that have changed."""

    __slots__ = ("due_at", "names", "seconds", "tell")

    def __init__(self, seconds: float, tell: Callable[[set[str]], None]) -> None:
        self.seconds = seconds
        self.tell = tell
        self.names: set[str] = set()
        self.due_at = 0.0
        """The moment, by the steady clock, before which nothing is told."""


class _PresenceChanges:
    """The changes of presence in a channel since they were told last."""

    __slots__ = ("active", "away")

    def __init__(self) -> None:
        self.active: dict[str, None] = {}
        self.away: dict[str, bool] = {}
        """Whether a member is away, for those whose connections were lost or came back."""


class Subscriptions:
    """The sessions that subscribe, whether they are members somewhere or not."""

    def __init__(self, rooms: Mapping[str, Room], clock: Clock, loop: Loop, budgets: Budgets) -> None:
        self._rooms = rooms
        self._clock = clock
        self._loop = loop
        self._rosters_of: dict[Session, tuple[str, ...]] = {}
        """Every session that subscribes or operates, with the channels whose rosters it reads."""
        self._budgets = budgets
        self._strangers: set[Session] = set()
        """The subscribers that have not said who they are, whose number is bounded for each address."""
        self._watchers = Audience()
        self._rosters: dict[str, Audience] = {}
        self._asked: set[str] = set()
        """The channels where a member has asked who is there, and may still be one."""
        self._presence_changes: dict[str, _PresenceChanges] = {}
        self._infos: dict[str, ChannelInfo] = {}
        """The counts that were told last."""
        self._unsure = True
        """Whether some subscribers may have been told other counts than the rest."""
        self._changes = _ThrottledNotice(CHANGES_SECONDS, self._tell_channels)
        self._waits = _ThrottledNotice(WAITS_SECONDS, self._tell_channels)
        self._arrivals = _ThrottledNotice(CHANGES_SECONDS, self._tell_rosters)
        self._signs = _ThrottledNotice(SIGNS_SECONDS, self._tell_rosters)
        self._presence = _ThrottledNotice(PRESENCE_SECONDS, self._tell_presence)
        self._notices = (self._changes, self._waits, self._arrivals, self._signs, self._presence)
        self._timer = Timer(clock, loop, self._tell_due)

    # Who subscribes

    def watch(self, session: Session, *, channels: bool, rosters: Iterable[str] = ()) -> None:
        """Subscribe `session` to the channels' counts or not, and to these rosters, from the next change on.

        Both replace what it subscribed to before.
        """
        self.forget(session)
        names = tuple(dict.fromkeys(rosters))
        if channels or names or session.operator:
            self._rosters_of[session] = names
            if not session.channel and not session.operator:
                self._join_strangers(session)
        if channels:
            if not any(self._watchers.groups.values()):
                self._infos.clear()  # they are old, as nobody has read them since
            self._watchers.add(session)
            self._unsure = True
        for name in names:
            self._rosters.setdefault(name, Audience()).add(session)

    def channels(self, session: Session, time: float, steady: float, command_id: str = "") -> Channels:
        """Return the channels' present counts, as `session` may know them."""
        infos = [room.info(steady) for room in self._rooms.values() if not room.is_open]
        return Channels(time, infos if session.operator else [info.outside for info in infos], command_id)

    def may_watch(self, session: Session) -> bool:
        """Return whether a session may subscribe, or too many strangers from its address have."""
        if session.channel or session.operator or session in self._strangers:
            return True
        return self._budgets.has_room("watchers", session.host)

    def named(self, turn: Turn, session: Session) -> None:
        """Take a session out of the strangers, as it has said who it is."""
        if session in self._strangers:
            self._leave_strangers(session)
            turn.undo.append(partial(self._join_strangers, session))

    def told(self, session: Session) -> None:
        """Note that `session` was told the counts apart from other subscribers, as it had asked.

        If they change back before the next notice, that is news to this session alone.
        """
        self._unsure = self._unsure or session in self._rosters_of

    def visit(self, session: Session) -> None:
        """Add an operator's session, which is no member's and subscribes to nothing yet."""
        self._rosters_of.setdefault(session, ())

    def watches(self, session: Session) -> bool:
        """Return whether `session` subscribes, or is an operator's: then it need not say hello."""
        return session in self._rosters_of

    def forget(self, session: Session) -> None:
        """Remove `session` from everything it subscribes to."""
        self._end_reading(session)
        self._rosters_of.pop(session, None)
        self._leave_strangers(session)

    def outside(self) -> list[Session]:
        """Return the sessions that subscribe or operate, and are members nowhere."""
        return [session for session in self._rosters_of if not session.channel]

    def _join_strangers(self, session: Session) -> None:
        self._strangers.add(session)
        self._budgets.take("watchers", session.host)

    def _leave_strangers(self, session: Session) -> None:
        if session in self._strangers:
            self._strangers.remove(session)
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
        """Tell presence in `channel` from now on, as a member has asked who is there.

        Its readers are the sessions that have `wants_presence`.
        """
        self._asked.add(channel)

    def alive(self, channel: str, name: str) -> None:
        """Note a member's sign of life that is no entry."""
        if channel in self._asked:
            self._changes_in(channel).active[name] = None
        if channel in self._rosters:
            self._mark(self._signs, (channel,))

    def kept(self, turn: Turn, changed: Collection[str]) -> None:
        """Note what a turn changed, which the log has kept; the channels `changed` had more than messages."""
        for (channel, name), away in turn.away.items():
            if channel in self._asked:
                self._changes_in(channel).away[name] = away
        if not self._rosters_of:
            return
        if changed:
            self.changed(changed)
        if talk := [name for name in self._rosters if (part := turn.parts.get(name)) is not None and part.events]:
            self._mark(self._signs, talk)

    def changed(self, channels: Collection[str]) -> None:
        """Note that counts, topics or members of these channels have changed."""
        if any(self._watchers.groups.values()):
            self._mark(self._changes, channels)
        if self._rosters and (read := self._rosters.keys() & channels):
            self._mark(self._arrivals, read)

    def close(self) -> None:
        """Tell nothing more."""
        self._timer.stop()

    def _changes_in(self, channel: str) -> _PresenceChanges:
        changes = self._presence_changes.get(channel)
        if changes is None:
            changes = self._presence_changes[channel] = _PresenceChanges()
            self._mark(self._presence, (channel,))
        return changes

    def _mark(self, notice: _ThrottledNotice, channels: Collection[str]) -> None:
        """Note that a kind of notice has something to tell about these channels."""
        is_new = not notice.names
        notice.names.update(channels)
        if is_new and notice.names:
            self._timer.expect(notice.due_at)
            self._timer.start()

    # Telling

    def _tell_due(self) -> None:
        """Write the notices that are due, and start the timer for the next one."""
        now = self._clock.steady()
        for notice in self._notices:
            if notice.names and notice.due_at <= now:
                names, notice.names = notice.names, set()
                notice.due_at = now + notice.seconds
                notice.tell(names)
        self._timer.at = min((notice.due_at for notice in self._notices if notice.names), default=float("inf"))
        self._timer.start()

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
            changes, room = self._presence_changes.pop(name), self._rooms.get(name)
            readers = [] if room is None else [one for one in room.sessions.values() if one.wants_presence]
            if room is None or not readers:
                self._asked.discard(name)
                continue
            seated, now = room.channel.seated, self._clock.steady()
            active = [one for one in changes.active if one in seated and seated[one].muted_until <= now]
            away = {one: is_away for one, is_away in changes.away.items() if room.channel.membership(one) is not None}
            lost = [one for one, is_away in away.items() if is_away]
            back = [one for one, is_away in away.items() if not is_away]
            if active or away:
                groups: dict[Encoding, list[Session]] = {}
                for session in readers:
                    if session.seated or session.behind:
                        groups.setdefault(session.encoding, []).append(session)
                self._write(groups, Presence(self._clock.now(), name, active, lost, back))

    def _write(self, groups: Mapping[Encoding, Iterable[Session]], notice: AnyNotice) -> None:
        """Write a notice to all these sessions, encoded once for each encoding."""
        clock = self._clock.text(notice.time)
        for encoding, sessions in groups.items():
            if (readers := [session for session in sessions if not session.closed]) and (
                data := encoding.one(notice, clock, "")
            ):
                for session in readers:
                    session.transport.write(data)
