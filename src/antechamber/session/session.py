"""A session: one live connection that has shown how it reads, and what the server keeps about it."""

from collections.abc import Iterator, MutableMapping
from typing import Protocol

from antechamber.codec import Encoding
from antechamber.protocol.text import is_same_secret
from antechamber.session.rate_limit import RateLimit


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
        """Discard the data."""

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


class Flag:
    """Something that is so or not so of a session: a bit, as a whole slot for each would be a third of a session."""

    __slots__ = ("_bit",)

    def __init__(self, number: int) -> None:
        self._bit = 1 << number

    def __get__(self, session: "Session", _: object) -> bool:
        """Say whether it is so."""
        return session._flags & self._bit != 0

    def __set__(self, session: "Session", value: bool) -> None:
        """Set or clear the flag."""
        session._flags = session._flags | self._bit if value else session._flags & ~self._bit


class Memberships(MutableMapping[str, "Session"]):
    """The sessions of one connection, by channel. Most have one, which takes a quarter of what a dict does."""

    __slots__ = ("_all", "_channel", "_session")

    def __init__(self) -> None:
        self._channel = ""
        self._session: Session | None = None
        """The only one, in the channel `_channel`; None where there is none, or where there are several."""
        self._all: dict[str, Session] | None = None
        """All of them, once there were several."""

    def __getitem__(self, channel: str) -> "Session":
        """Return the session in a channel."""
        if self._all is not None:
            return self._all[channel]
        if self._session is None or channel != self._channel:
            raise KeyError(channel)
        return self._session

    def __setitem__(self, channel: str, session: "Session") -> None:
        """Set the session of a channel."""
        if self._all is not None:
            self._all[channel] = session
        elif self._session is None or channel == self._channel:
            self._channel, self._session = channel, session
        else:
            self._all = {self._channel: self._session, channel: session}
            self._session = None

    def __delitem__(self, channel: str) -> None:
        """Remove the session of a channel."""
        if self._all is not None:
            del self._all[channel]
        elif self._session is None or channel != self._channel:
            raise KeyError(channel)
        else:
            self._session = None

    def __iter__(self) -> Iterator[str]:
        """Return the channels, in the order of joining."""
        if self._all is not None:
            return iter(self._all)
        return iter(() if self._session is None else (self._channel,))

    def __len__(self) -> int:
        """Return how many there are."""
        return int(self._session is not None) if self._all is None else len(self._all)


class Session:
    """One live connection: its encoding, who it is, and where.

    `channel` is the channel it is a member of, "" before its hello and after it left; `seated` whether it has a seat
    there and reads what happens; `place` how many ahead it was last told of, -1 where it was told of none.

    `behind` is the sequence number of the next entry to catch up with after a resume, 0 where there is none: such a
    session has a seat, but is not `seated` yet, and reads what happens once it has caught up.
    """

    __slots__ = (
        "_flags",
        "_recent_ids",
        "behind",
        "channel",
        "door",
        "encoding",
        "host",
        "key",
        "memberships",
        "name",
        "outlet",
        "pace",
        "place",
        "transport",
    )

    seated = Flag(0)
    closed = Flag(1)
    may_hold = Flag(2)
    """Whether anything may be held for its member once its connection is lost, where it comes in by a hello."""
    holds = Flag(3)
    """Whether it may come back after its connection was lost."""
    quits = Flag(4)
    """Whether it has quit and the log is yet to keep that, so that nothing is held for it meanwhile."""
    wants_presence = Flag(5)
    """Whether it has asked who is there, and is told of signs of life that are no entries as long as it sits."""
    operator = Flag(6)
    """Whether it is an operator's, and may ask what only they may."""
    observes = Flag(7)
    """Whether it reads what happens in every channel: the server's own console does, no operator's page."""
    has_stayed = Flag(8)
    """Whether its member was here before its membership began: it has come back, or switched after some time."""

    def __init__(
        self,
        transport: Transport,
        encoding: Encoding,
        door: str,
        *,
        operator: bool = False,
        may_hold: bool = True,
        outlet: "Session | None" = None,
    ) -> None:
        self.transport = transport
        self.encoding = encoding
        self.outlet = outlet or self
        """The session by whose connection it is told things, in one order: itself, but where one connection has a
        session for each of its memberships."""
        self.memberships: MutableMapping[str, Session] | None = None
        """The sessions whose outlet this is, by channel; None where it is the only one of its connection."""
        self._flags = 0
        self.may_hold, self.operator, self.observes = may_hold, operator, operator
        self.host = ""
        """Where it comes from, cloaked; "" where that is nobody's business."""
        self.door = door
        """The channel whose port it came by; "" where it came by none, as from a page: then its hello names one."""
        self.channel = ""
        self.name = ""
        self.place = -1
        self.behind = 0
        self.key = ""
        """The secret of its hello, by which another hello may take its place; "" where there is none. A member on
        IRC has none: it has a password, which is something else, and no key opens what is its."""
        self.pace: RateLimit | None = None
        """How fast it may send, None where there is no bound. It is the member's: it goes on after a resume."""
        self._recent_ids: dict[str, None] | None = None

    @property
    def is_over(self) -> bool:
        """Whether it reads nothing any more: it is closed, or its connection is."""
        return self.closed or self.outlet.closed

    @property
    def is_known(self) -> bool:
        """Whether it has said who it is, be it gone from its channel since."""
        return bool(self.name) or self.operator

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
        return bool(self.key) and is_same_secret(self.key, key)

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
