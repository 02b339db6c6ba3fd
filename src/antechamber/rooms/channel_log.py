"""A channel and its place in the log: what it is now, as the entries that the log has kept give it."""

from collections.abc import Iterable, Mapping

import msgspec
from msgspec.structs import replace

from antechamber.channel.channel import Channel, ChannelState, Membership
from antechamber.channel.mutes import Mutes
from antechamber.log import Log, LogError, Snapshot
from antechamber.protocol.events import Announced, Queued
from antechamber.protocol.limits import Limits, Retention
from antechamber.protocol.notices import ChannelInfo
from antechamber.rooms.announcements import Announcements
from antechamber.rooms.directory import Directory
from antechamber.rooms.holds import Hold
from antechamber.rooms.roster import seat_times, wait
from antechamber.session.session import Session
from antechamber.session.tokens import Claim

KEEP_ALL = Retention()
_BEHIND_SECONDS = 0.001
"""Time between two turns while the machine's clock is behind the last: the least that IRC tells of."""
_ORIGINS_MAX = 4
"""How many switches in a row may be carried out whose welcomes are all lost, and one still finds back."""


class LoggedChannel:
    """One channel, its settings, and what is known of it beside its state.

    `limits` are the server's, with the channel's own times and bounds among them. One that `is_open` was made by its
    members, and ends with the last of them; the config knows nothing of it.
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
        """The config's, which holds until another one is set."""
        self.retention = retention
        self.is_open = is_open
        self.held: dict[str, Hold] = {}
        """The members whose connections were lost, and whose seats and places wait for them. It stays the same object,
        as the channel asks it who is away."""
        self.channel = self._new_channel()
        self.directory = Directory()
        self.announcements = Announcements(name)
        self.sequence = 0
        """The sequence number of the last entry that the log has kept."""
        self.last_at = 0.0
        """The time of that entry, in seconds since the epoch."""
        self.begins_at = 1
        """The sequence number of the first entry that its members may read: of one that is open, what was before its
        latest founding is not theirs."""
        self.unsnapshotted = 0
        """How many entries the log has kept since the last snapshot."""
        self.due_at = float("inf")
        """No member's idle time or hold is over, and no warning is due, before this, by the steady clock."""
        self.opened_at = 0.0
        """When this process opened it, in seconds since the epoch."""
        self.stopped = False
        """Whether a fault of the program ended it."""
        self._epoch = 0.0
        """What to add to a time by the steady clock to have the seconds since the epoch."""

    @property
    def hosts(self) -> Mapping[str, str]:
        """The cloaked hosts, by name, of the members and of those who left lately. It stays the same object."""
        return self.directory.hosts

    @property
    def topic_now(self) -> str:
        """What the channel is about."""
        return self.channel.topic or self.topic

    @property
    def topic_by(self) -> str:
        """Who said so; "" where it was the operator, or the config."""
        return self.channel.topic_by

    @property
    def topic_at(self) -> float:
        """When that was, in seconds since the epoch; 0 where it is the config's topic."""
        return self.channel.topic_at + self._epoch if self.channel.topic else 0.0

    @property
    def is_empty(self) -> bool:
        """Whether nobody is in it, neither in a seat nor in the line."""
        return not self.channel.seated and not self.channel.waiting

    def info(self, steady: float) -> ChannelInfo:
        """Return the room's counts, and what wait one has to expect who comes now, which is `steady`.

        It is for operators; anybody else may know it as it is `outside`.
        """
        seated, waiting = len(self.channel.seated), len(self.channel.waiting)
        counts = (0, 0) if self.stopped else (seated, waiting)
        full = seated >= self.capacity and not self.stopped
        times = seat_times(self.channel, steady) if full else None
        expected = wait(self.channel, times, self.channel.present_ahead(waiting)) if full else None
        private = self.channel.modes.is_private
        return ChannelInfo(self.name, self.port, self.capacity, *counts, self.topic_now, expected, private)

    def read_log(self, log: Log, time: float, steady: float) -> None:
        """Take the channel's state from its snapshot and the entries after it; idle clocks start now.

        Now is `time` in seconds since the epoch, `steady` by the steady clock. Raises LogError where the log cannot be
        read or its entries contradict each other.
        """
        self._epoch = epoch = time - steady
        self.opened_at = self.opened_at or time
        channel = self._new_channel()
        snapshot = log.snapshot(self.name)
        sequence = start = snapshot.sequence if snapshot else log.begins_after(self.name)
        last_at: float | None = None
        announcements = Announcements(self.name)
        try:
            if snapshot:
                state = msgspec.json.decode(snapshot.state, type=ChannelState)
                channel.restore(state, start, steady, epoch)
                announcements = Announcements(self.name, state.announcements)
            else:
                channel.sequence = start
            self.directory.put_right(_hosts(channel))
            proofs = log.proofs(self.name)
            for entry in log.read_from(self.name, start + 1):
                if entry.sequence != channel.sequence + 1:
                    raise KeyError(f"the next is entry {entry.sequence}")
                self.directory.follow(entry.event, channel)
                # What was kept later than now was kept before somebody set the machine's clock back.
                channel.apply(entry.event, min(entry.time - epoch, steady))
                self.let_go(channel)
                sequence, last_at = entry.sequence, entry.time
                if type(entry.event) is Queued and (proof := proofs.get(sequence)):
                    channel.prove(entry.event.name, proof)
                elif type(entry.event) is Announced:
                    announcements.add(sequence, entry.time, entry.event.text)
        except (KeyError, msgspec.DecodeError) as error:
            raise LogError(f"the log of {self.name} is damaged after entry {sequence}: {error}") from error
        for seat in channel.seated.values():
            seat.active_at = max(steady, seat.muted_until)
        self.channel, self.announcements = channel, announcements
        self.sequence = sequence
        self.last_at = _time_of(log, self.name, sequence) if last_at is None else last_at
        self.unsnapshotted = sequence - start
        self.due_at = channel.next_due_at()

    def stamp(self, time: float) -> float:
        """Return the time of the entries that are to be kept at `time`: none is earlier than the one before it.

        While the machine's clock, which was set back, has not caught up, each turn is a little later than the last, so
        that who pages through the past by time gets past them.
        """
        return time if time >= self.last_at else round(self.last_at + _BEHIND_SECONDS, 6)

    def wind_clocks(self, before: Channel) -> None:
        """Let the clocks stand as they stand in the channel `before` it, of which `read_log` knows nothing.

        So a mute ends when it was to end, too, though somebody has set the clock by which the log tells of it.
        """
        for name, seat in self.channel.seated.items():
            if (old := before.seated.get(name)) is not None:
                seat.active_at, seat.muted_until, seat.warned_of = old.active_at, old.muted_until, old.warned_of
                seat.seated_at = old.seated_at
                seat.membership = _since(seat.membership, before.membership(name))
        for name, membership in self.channel.waiting.items():
            self.channel.waiting[name] = _since(membership, before.membership(name))
        self.channel.mutes = self.channel.mutes.wound(before.mutes)

    def snapshot(self, epoch: float) -> Snapshot:
        """Return the channel's state as of the last kept entry; `epoch` as `Channel.state` has it."""
        state = replace(self.channel.state(epoch), announcements=self.announcements.kept())
        return Snapshot(self.sequence, msgspec.json.encode(state))

    def claim(self, name: str) -> Claim:
        """Return what the resume token of the member `name` is for."""
        membership = self.channel.membership(name)
        assert membership is not None
        return Claim(self.name, name, membership.entered)

    def standing(self, claim: Claim) -> Claim | None:
        """Return what `claim` is by now, whose member may have another name since; None where it is over."""
        now = claim._replace(name=self.directory.name_now(claim.name, claim.entered))
        membership = self.channel.membership(now.name)
        return now if membership is not None and membership.entered == now.entered else None

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

    def may_hold(self, session: Session) -> bool:
        """Whether what `session` is about to come in for is held once its connection is lost.

        It is not where so many are away already who came from its address. Those of an earlier process do not count:
        they are away because the server was.
        """
        if not (session.may_hold and self.holds_members):
            return False
        most = self.limits.address_held_max
        if len(self.held) < most:
            return True
        hosts = [hold.session.host for hold in self.held.values() if hold.session is not None]
        return hosts.count(session.host) < most

    def holds(self, session: Session, steady: float) -> bool:
        """Whether the seat or the place of a member is held, whose connection is lost: not if it has hardly come in."""
        return self.hold_seconds(session.name) > 0 and self.has_stayed(session, steady)

    def has_stayed(self, session: Session, steady: float) -> bool:
        """Whether the member of this session has been here for long enough to be held."""
        membership = self.channel.membership(session.name)
        assert membership is not None
        return session.has_stayed or steady - membership.queued_at >= self.limits.held_visit_seconds_min

    def let_go(self, channel: Channel) -> None:
        """Let nobody's invitation or mute outlive a channel that is open, and whose last member has left."""
        if self.is_open and not channel.seated and not channel.waiting:
            channel.modes.invited.clear()
            channel.mutes = Mutes()

    def _new_channel(self) -> Channel:
        return Channel(self.name, self.capacity, self.limits, is_open=self.is_open, away=self.held)


def _since(membership: Membership, before: Membership | None) -> Membership:
    """Return a membership that began when it is known to have done, where it is the one that was known `before`."""
    if before is None or before.entered != membership.entered:
        return membership
    return membership._replace(queued_at=before.queued_at)


def _time_of(log: Log, channel: str, sequence: int) -> float:
    """Return the time of an entry, which is the last one that a snapshot has; 0 where it is forgotten, or damaged.

    Nothing else needs that entry, so damage to it keeps no server from starting.
    """
    try:
        entry = next(log.read_from(channel, sequence), None) if sequence else None
    except LogError:
        return 0.0
    return 0.0 if entry is None else entry.time


def _hosts(channel: Channel) -> Iterable[tuple[str, str]]:
    seats = ((name, seat.membership.host) for name, seat in channel.seated.items())
    return (*seats, *((name, membership.host) for name, membership in channel.waiting.items()))
