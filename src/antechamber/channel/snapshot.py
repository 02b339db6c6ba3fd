"""What a snapshot keeps of a channel.

What earlier versions kept stays readable: all that they did not tell has a default.
"""

import msgspec

from antechamber.channel.modes import ModesState
from antechamber.channel.mutes import Mute


class MemberState(msgspec.Struct, frozen=True, array_like=True):
    """What a snapshot keeps of a membership. Version 0.2 told no times, which are 0 then; 0.3 no host, no proof."""

    entered: int
    since: int = 0
    holds: bool = False
    origins: tuple[tuple[str, int], ...] = ()
    queued_at: float = 0.0
    seated_at: float = 0.0
    host: str = ""
    proof: str = ""


class TopicState(msgspec.Struct, frozen=True, array_like=True):
    """The topic that was set, who set it, and when; an empty one is the config's."""

    topic: str = ""
    by: str = ""
    at: float = 0.0


class ChannelState(msgspec.Struct, frozen=True):
    """What a snapshot keeps: the end of each seated member's mute (0: none) in order of seating, and the queue.

    `members` tells more of each; the snapshots of version 0.1 have none. `seat_seconds` tells how long the last seats
    were held, and `announcements` what was announced last, of which the channel itself knows nothing; before version
    0.3 there were none. `topic` and `modes` came with version 0.4, and after it `mutes`, of those who are not seated,
    left out where there are none.
    """

    seated: dict[str, float]
    waiting: list[str]
    members: dict[str, MemberState] = {}
    seat_seconds: list[float] = []
    announcements: list[tuple[int, float, str]] = []
    topic: TopicState = TopicState()
    modes: ModesState = ModesState()
    mutes: list[Mute] | msgspec.UnsetType = msgspec.UNSET
