"""A session: one live connection that has shown how it reads, and what the server keeps about it."""

import hmac
from typing import Protocol

from antechamber.codec import Encoding
from antechamber.pace import Pace


class Transport(Protocol):
    """What carries a session's bytes. Any asyncio transport does."""

    def write(self, data: bytes) -> None:
        """Send `data`, without waiting."""

    def close(self) -> None:
        """Send what is under way, then close."""

    def abort(self) -> None:
        """Close at once."""

    def pause_reading(self) -> None:
        """Take nothing more from the peer for now."""

    def resume_reading(self) -> None:
        """Take from the peer again."""

    def get_write_buffer_size(self) -> int:
        """Return how many bytes wait for the peer to read them."""


class Gone:
    """The transport of a session whose connection has ended: what is still on its way to it goes nowhere."""

    def write(self, data: bytes) -> None:
        """Let `data` go."""

    def close(self) -> None:
        """Do nothing more."""

    def abort(self) -> None:
        """Do nothing more."""

    def pause_reading(self) -> None:
        """Do nothing more."""

    def resume_reading(self) -> None:
        """Do nothing more."""

    def get_write_buffer_size(self) -> int:
        """Return that nothing waits."""
        return 0


GONE = Gone()


class Session:
    """One live connection: its encoding, who it is, and where.

    `channel` is the channel it is a member of, "" before its hello and after it left; `seated` whether it has a seat
    there and reads what happens; `place` how many ahead it was last told of, -1 where it was told of none.

    `behind` is the sequence number of the next entry to catch up with after a resume, 0 where there is none: such a
    session has a seat, but is not `seated` yet, and reads what happens once it has caught up.
    """

    __slots__ = (
        "_recent_ids",
        "behind",
        "channel",
        "closed",
        "door",
        "encoding",
        "holds",
        "key",
        "may_hold",
        "name",
        "observes",
        "operator",
        "pace",
        "place",
        "quits",
        "seated",
        "transport",
        "wants_presence",
    )

    def __init__(
        self, transport: Transport, encoding: Encoding, door: str, *, operator: bool = False, may_hold: bool = True
    ) -> None:
        self.transport = transport
        self.encoding = encoding
        self.door = door
        """The channel whose port it came by; "" where it came by none, as from a page: then its hello names one."""
        self.operator = operator
        """Whether it is an operator's, and may ask what only they may."""
        self.observes = operator
        """Whether it reads what happens in every channel: the server's own console does, no operator's page."""
        self.may_hold = may_hold
        """Whether anything may be held for its member once its connection is lost, where it comes in by a hello."""
        self.channel = ""
        self.name = ""
        self.seated = False
        self.place = -1
        self.behind = 0
        self.holds = False
        """Whether it may come back after its connection was lost."""
        self.key = ""
        """The secret of its hello, by which another hello may take its place; "" where there is none."""
        self.quits = False
        """Whether it has quit and the log is yet to keep that, so that nothing is held for it meanwhile."""
        self.wants_presence = False
        """Whether it has asked who is there, and is told of signs of life that are no entries as long as it sits."""
        self.closed = False
        self.pace: Pace | None = None
        """How fast it may send, None where there is no bound. It is the member's: it goes on after a resume."""
        self._recent_ids: dict[str, None] | None = None

    def repeats(self, command_id: str, recent_ids_max: int) -> bool:
        """Remember the id of a command, and say whether it came before."""
        if self._recent_ids is None:
            self._recent_ids = {}
        elif command_id in self._recent_ids:
            return True
        elif len(self._recent_ids) >= recent_ids_max:
            del self._recent_ids[next(iter(self._recent_ids))]
        self._recent_ids[command_id] = None
        return False

    def has_key(self, key: str) -> bool:
        """Say whether it has a key, and that is `key`, in a time that does not tell how much of it is right."""
        mine, other = (text.encode("utf-8", "surrogatepass") for text in (self.key, key))
        return bool(mine) and hmac.compare_digest(mine, other)

    def inherit(self, earlier: "Session") -> None:
        """Go on with the key and at the pace of an earlier connection of this member, and know its commands' ids."""
        self._recent_ids = earlier._recent_ids
        self.key = earlier.key
        if self.pace is not None and earlier.pace is not None:
            self.pace = self.pace.following(earlier.pace)

    def forget(self, command_id: str) -> None:
        """Forget the id of a command that was not carried out after all, so that a retry of it is judged anew."""
        if self._recent_ids is not None:
            self._recent_ids.pop(command_id, None)
