"""What people are told of a channel's members: who is there, who waits at which place, and for how long."""

from collections.abc import Container
from itertools import islice

from antechamber.channel.channel import Channel
from antechamber.channel.wait_estimate import expected_wait, held_seconds
from antechamber.protocol.limits import MEMBERS_TOLD_MAX
from antechamber.protocol.notices import Members, SeatedMember, WaitingMember, WaitRange


def roster(channel: Channel, present: Container[str], time: float, steady: float, topic: str = "") -> Members:
    """Return who sits and who waits in `channel`, with its `topic`.

    Now is `time` in seconds since the epoch and `steady` by the steady clock. Members who are not `present` are away.
    At most `MEMBERS_TOLD_MAX` of each are named, so that the answer fits into an outbox.
    """
    epoch = time - steady
    seated = [
        SeatedMember(
            name,
            round(seat.seated_at + epoch, 3),
            round(max(steady - seat.active_at, 0.0), 1),
            round(max(seat.muted_until - steady, 0.0), 1),
            name not in present,
            channel.modes.roles.get(name, ""),
            seat.membership.entered,
        )
        for name, seat in islice(channel.seated.items(), MEMBERS_TOLD_MAX)
    ]
    waiting = [
        WaitingMember(name, round(membership.queued_at + epoch, 3), name not in present, membership.entered)
        for name, membership in islice(channel.waiting.items(), MEMBERS_TOLD_MAX)
    ]
    return Members(time, channel.name, channel.sequence, seated, waiting, topic=topic, modes=_modes(channel))


def _modes(channel: Channel) -> str:
    """Return the letters of the modes in force, such as "+nt". The key itself is not told."""
    modes = channel.modes
    letters = modes.flags | ({"k"} if modes.key else set()) | (set() if modes.limit is None else {"l"})
    return f"+{''.join(sorted(letters))}"


class WaitEstimates:
    """The waits to expect in a channel's line, measured at the moment `steady` by the steady clock."""

    __slots__ = ("_channel", "_times")

    def __init__(self, channel: Channel, steady: float) -> None:
        self._channel = channel
        self._times = held_seconds(channel.seat_seconds, (steady - seat.seated_at for seat in channel.seated.values()))

    def behind(self, present: int) -> WaitRange | None:
        """Return the wait behind so many waiting members who are `present`; None if it cannot be told.

        Members who are away do not count, as no seat waits for them.
        """
        seated = len(self._channel.seated)
        return expected_wait(self._times, seated, present + 1 + max(seated - self._channel.capacity, 0))
