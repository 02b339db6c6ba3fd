"""Who is in a channel, by name, and how long one may have to wait there, as people are told."""

from collections.abc import Container
from itertools import islice

from antechamber.channel.channel import Channel
from antechamber.channel.wait_estimate import expected_wait, held_seconds
from antechamber.protocol.limits import MEMBERS_TOLD_MAX
from antechamber.protocol.notices import Members, Place, SeatedMember, WaitingMember, WaitRange


def roster(channel: Channel, present: Container[str], time: float, steady: float, topic: str = "") -> Members:
    """Return who sits and who waits in `channel`, which is about `topic`, at `time`, `steady` by the steady clock.

    Those who are not `present` are away. Of very many, the first of each are named, so that the answer fits into an
    outbox.
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
    """Return the letters of the modes in force, such as "+nt". What key there is, is nobody's business here."""
    modes = channel.modes
    letters = modes.flags | ({"k"} if modes.key else set()) | (set() if modes.limit is None else {"l"})
    return f"+{''.join(sorted(letters))}"


def place(channel: Channel, time: float, steady: float, name: str, command_id: str = "") -> Place:
    """Return the place in the queue of `name`, who waits, and the wait that it has to expect."""
    ahead = list(channel.waiting).index(name)
    expected = wait(channel, seat_times(channel, steady), channel.present_ahead(ahead))
    return Place(time, channel.name, ahead, expected, command_id)


def seat_times(channel: Channel, steady: float) -> list[float] | None:
    """Return how long seats are held in `channel`, as far as that can be told."""
    running = (steady - seat.seated_at for seat in channel.seated.values())
    return held_seconds(channel.seat_seconds, running)


def wait(channel: Channel, times: list[float] | None, ahead: int) -> WaitRange | None:
    """Return what wait one has to expect with so many `ahead` who are not away, as seats are held for the `times`."""
    seated = len(channel.seated)
    return expected_wait(times, seated, ahead + 1 + max(seated - channel.capacity, 0))
