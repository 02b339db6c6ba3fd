"""The form of a channel's snapshot.

Snapshots of earlier versions stay readable: everything that they lack has a default.
"""

import msgspec

from antechamber.channel.modes import ModesState
from antechamber.channel.mutes import Mute


class MemberState(msgspec.Struct, frozen=True, array_like=True):
    """A membership in a snapshot. Version 0.2 had no times, which are 0 then; 0.3 had neither host nor proof."""

    entered: int
    since: int = 0
    holds: bool = False
    origins: tuple[tuple[str, int], ...] = ()
    queued_at: float = 0.0
    seated_at: float = 0.0
    host: str = ""
    proof: str = ""


class TopicState(msgspec.Struct, frozen=True, array_like=True):
    """The topic that was set, by whom and when; an empty one stands for the config's."""

    topic: str = ""
    by: str = ""
    at: float = 0.0


class ChannelState(msgspec.Struct, frozen=True):
    """A snapshot: the end of each seated member's mute (0: none) in order of seating, and the waiting line.

    `members` has more about each of them; snapshots of version 0.1 have none. `seat_seconds` is how long the last seats
    were held; `announcements` are the last ones, which the channel itself does not keep; both came with version 0.3.
    `topic` and `modes` came with version 0.4, and `mutes` of those who are not seated, left out if there are none,
    after it.
    """

    seated: dict[str, float]
    waiting: list[str]
    members: dict[str, MemberState] = {}
    seat_seconds: list[float] = []
    announcements: list[tuple[int, float, str]] = []
    topic: TopicState = TopicState()
    modes: ModesState = ModesState()
    mutes: list[Mute] | msgspec.UnsetType = msgspec.UNSET
