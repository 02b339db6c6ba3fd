"""A channel's place in the log: how far it is kept, how it is read back, and what its entries tell beside its state."""

from collections.abc import Iterable

import msgspec
from msgspec.structs import replace

from antechamber.channel.channel import Channel
from antechamber.channel.members import Membership
from antechamber.channel.mutes import Mutes
from antechamber.channel.snapshot import ChannelState
from antechamber.log import Log, LogError, Snapshot
from antechamber.protocol.events import Announced, Queued
from antechamber.rooms.announcements import Announcements
from antechamber.rooms.directory import Directory

_BEHIND_SECONDS = 0.001
"""Time between two turns while the machine's clock is behind the last entry: the smallest step that IRC can show."""


class ChannelLog:
    """What a room knows of its channel's entries in the log. The channel's own state is the `Channel`'s."""

    def __init__(self, channel: str) -> None:
        self._channel = channel
        self.directory = Directory()
        self.announcements = Announcements(channel)
        self.sequence = 0
        """The sequence number of the last entry that the log has kept."""
        self.last_at = 0.0
        """The time of that entry, in seconds since the epoch."""
        self.begins_at = 1
        """The sequence number of the first entry that members may read. In an open channel, what came before its latest
        founding is not theirs."""
        self.unsnapshotted = 0
        """The number of entries that the log has kept since the last snapshot."""
        self.opened_at = 0.0
        """The time at which this process opened the channel, in seconds since the epoch."""
        self.epoch = 0.0
        """What to add to a time by the steady clock to get seconds since the epoch."""

    def read(self, log: Log, channel: Channel, time: float, steady: float) -> None:
        """Restore a fresh `channel` from its snapshot and the entries after it, and start its idle clocks now.

        Now is `time` in seconds since the epoch and `steady` by the steady clock. Raises LogError if the log cannot be
        read or its entries contradict each other.
        """
        self.epoch = epoch = time - steady
        self.opened_at = self.opened_at or time
        snapshot = log.snapshot(self._channel)
        sequence = start = snapshot.sequence if snapshot else log.begins_after(self._channel)
        last_at: float | None = None
        announcements = Announcements(self._channel)
        try:
            if snapshot:
                state = msgspec.json.decode(snapshot.state, type=ChannelState)
                channel.restore(state, start, steady, epoch)
                announcements = Announcements(self._channel, state.announcements)
            else:
                channel.sequence = start
            self.directory.reset(_hosts(channel))
            proofs = log.proofs(self._channel)
            for entry in log.read_from(self._channel, start + 1):
                if entry.sequence != channel.sequence + 1:
                    raise KeyError(f"the next is entry {entry.sequence}")
                self.directory.follow(entry.event, channel)
                # An entry later than now was kept before somebody set the machine's clock back.
                channel.apply(entry.event, min(entry.time - epoch, steady))
                clear_if_deserted(channel)
                sequence, last_at = entry.sequence, entry.time
                if type(entry.event) is Queued and (proof := proofs.get(sequence)):
                    channel.prove(entry.event.name, proof)
                elif type(entry.event) is Announced:
                    announcements.add(sequence, entry.time, entry.event.text)
        except (KeyError, msgspec.DecodeError) as error:
            raise LogError(f"the log of {self._channel} is damaged after entry {sequence}: {error}") from error
        for seat in channel.seated.values():
            seat.active_at = max(steady, seat.muted_until)
        self.announcements = announcements
        self.sequence = sequence
        self.last_at = _time_of(log, self._channel, sequence) if last_at is None else last_at
        self.unsnapshotted = sequence - start

    def stamp(self, time: float) -> float:
        """Return the time for entries kept at `time`, which is never earlier than that of the entry before them.

        After the machine's clock was set back, and until it has caught up, each turn is stamped a little later than
        the last. So a client that pages through history by time makes progress.
        """
        return time if time >= self.last_at else round(self.last_at + _BEHIND_SECONDS, 6)

    def snapshot(self, channel: Channel, epoch: float) -> Snapshot:
        """Return the channel's state as of the last kept entry; `epoch` is what `Channel.state` takes."""
        state = replace(channel.snapshot(epoch), announcements=self.announcements.kept())
        return Snapshot(self.sequence, msgspec.json.encode(state))


def clear_if_deserted(channel: Channel) -> None:
    """Drop the invitations and mutes of an open channel that has no member left."""
    if channel.is_open and not channel.seated and not channel.waiting:
        channel.modes.invited.clear()
        channel.mutes = Mutes()


def carry_clocks(channel: Channel, before: Channel) -> None:
    """Copy the clocks of the channel as it was `before` to one that was read from the log, which has none of them.

    A mute then ends when it was meant to, even if somebody has set the clock that stamps the log.
    """
    for name, seat in channel.seated.items():
        if (old := before.seated.get(name)) is not None:
            seat.active_at, seat.muted_until, seat.warned_of = old.active_at, old.muted_until, old.warned_of
            seat.seated_at = old.seated_at
            seat.membership = _since(seat.membership, before.membership(name))
    for name, membership in channel.waiting.items():
        channel.waiting[name] = _since(membership, before.membership(name))
    channel.mutes = before.mutes


def _since(membership: Membership, before: Membership | None) -> Membership:
    """Return a membership with the start time that it had `before`, if it is the same membership."""
    if before is None or before.entered != membership.entered:
        return membership
    return membership._replace(queued_at=before.queued_at)


def _time_of(log: Log, channel: str, sequence: int) -> float:
    """Return the time of the last entry that a snapshot covers; 0 if the entry is deleted or damaged.

    Nothing else needs that entry, so damage to it does not keep the server from starting.
    """
    try:
        entry = next(log.read_from(channel, sequence), None) if sequence else None
    except LogError:
        return 0.0
    return 0.0 if entry is None else entry.time


def _hosts(channel: Channel) -> Iterable[tuple[str, str]]:
    seats = ((name, seat.membership.host) for name, seat in channel.seated.items())
    return (*seats, *((name, membership.host) for name, membership in channel.waiting.items()))
