"""What a channel knows about each member: its membership, and its seat with the idle clock."""

from typing import NamedTuple

_MOMENT_SECONDS = 0.001
"""Times that differ by less are the same, as the log keeps microseconds."""


class Membership(NamedTuple):
    """A member's time in the channel, from entering the waiting line to leaving.

    `entered` is the sequence number of the entry by which it entered, which identifies the membership. If it `holds`,
    the member may resume after a lost connection. `origins` are as in `Queued`. It has waited since `queued_at`. `host`
    is its cloaked address. `proof` is the proof of its password on IRC, which no event tells.
    """

    entered: int
    holds: bool = False
    origins: tuple[tuple[str, int], ...] = ()
    queued_at: float = 0.0
    host: str = ""
    proof: str = ""


class Seat:
    """A seated member's membership, the sequence number `since` of its seating at `seated_at`, and its idle clock.

    A mute in force moves `active_at` into the future.
    """

    __slots__ = ("active_at", "membership", "muted_until", "seated_at", "since", "warned_of")

    def __init__(self, membership: Membership, since: int, seated_at: float) -> None:
        self.membership = membership
        self.since = since
        self.seated_at = self.active_at = seated_at
        self.muted_until = 0.0
        self.warned_of: float | None = None
        """The `active_at` of the last warning; if it has changed since, another warning may follow."""

    @property
    def is_unused(self) -> bool:
        """Whether its member waited for it and has given no sign of life in it."""
        return self.active_at - self.seated_at < _MOMENT_SECONDS and self.membership.queued_at < self.seated_at
