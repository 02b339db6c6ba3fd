"""Seats: what is known of each seated member, and the clocks by which who is silent for too long loses its seat.

Every `time` here is of a clock that nobody sets (`Clock.steady`). Idle clocks run on every command, kept in the log or
not, and start afresh with each process.
"""

from typing import NamedTuple

from antechamber.protocol.limits import IDLE_WARNING_SECONDS, Limits

_MOMENT_SECONDS = 0.001
"""Less than this between two times is no time, as the log keeps them to the microsecond."""


class Membership(NamedTuple):
    """A member's time in the channel, from its entering the queue on.

    `entered` is the sequence number of that entry, which no other membership has; where it `holds`, the member may
    come back from a lost connection. `origins` are those it has switched from, as `Queued` has them. It has waited
    since `queued_at`. `host` is where it comes from, cloaked. `proof` is what its password on IRC is known by, which no
    event tells.
    """

    entered: int
    holds: bool = False
    origins: tuple[tuple[str, int], ...] = ()
    queued_at: float = 0.0
    host: str = ""
    proof: str = ""


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


class Seats:
    """A channel's seats, by their members' names in the order of seating, and whose idle time is over."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.seated: dict[str, Seat] = {}

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
