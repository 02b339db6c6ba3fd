"""A session: one live connection, or one membership of an IRC connection, and what the server keeps about it.

A JSON or plain connection is one session with at most one membership. An IRC connection is in several channels at once:
it has a session of its own that is never a member (its `memberships` lists the others), and one more session for each
membership. The `outlet` of each of these is the connection's own session, so that the connection gets one write a
turn."""

from collections.abc import Iterator, MutableMapping
from typing import Protocol

from antechamber.codec import Encoding
from antechamber.protocol.text import is_same_secret
from antechamber.session.rate_limit import RateLimit


class Transport(Protocol):
    """The transport of a session's bytes; any asyncio transport is one."""

    def write(self, data: bytes) -> None:
        """Send data without waiting."""

    def close(self) -> None:
        """Send the rest, then close."""

    def abort(self) -> None:
        """Close at once."""

    def pause_reading(self) -> None:
        """Stop reading from the peer."""

    def resume_reading(self) -> None:
        """Resume reading from the peer."""

    def get_write_buffer_size(self) -> int:
        """Return the bytes that the peer has not read yet."""


class Gone:
    """The transport of a session whose connection has ended; it discards everything."""

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
        """Return 0."""
        return 0


GONE = Gone()


class Flag:
    """A yes-or-no attribute of a session, stored as one bit: a slot for each would take a third of a session."""

    __slots__ = ("_bit",)

    def __init__(self, number: int) -> None:
        self._bit = 1 << number

    def __get__(self, session: "Session", _: object) -> bool:
        """Return whether the flag is set."""
        return session._flags & self._bit != 0

    def __set__(self, session: "Session", value: bool) -> None:
        """Set or clear the flag."""
        session._flags = session._flags | self._bit if value else session._flags & ~self._bit


class Memberships(MutableMapping[str, "Session"]):
    """The sessions of an IRC connection by channel. Most have one, which takes a quarter of a dict's memory."""

    __slots__ = ("_all", "_channel", "_session")

    def __init__(self) -> None:
        self._channel = ""
        self._session: Session | None = None
        """The only session, in the channel `_channel`; None if there is none, or several."""
        self._all: dict[str, Session] | None = None
        """All sessions, once there have been several."""

    def __getitem__(self, channel: str) -> "Session":
        """Return the session of a channel."""
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
        """Return the number of channels."""
        return int(self._session is not None) if self._all is None else len(self._all)


class Session:
    """One live connection, or one membership of it: its encoding, its member and its channel.

    `channel` is the member's channel, "" before the hello and after leaving; `seated` is whether it has a seat there
    and reads what happens; `place` is the place in line that it was last told, -1 for none.

    `behind` is the sequence number of the next entry of a replay after a resume, 0 without a replay. Such a session has
    a seat but is not `seated` until the replay is complete.
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
    """Whether its port allows a hold after a lost connection."""
    holds = Flag(3)
    """Whether its seat or place is held after a lost connection."""
    quits = Flag(4)
    """Whether it has quit although the log has not kept that yet, so nothing is held for it."""
    wants_presence = Flag(5)
    """Whether it has asked who is in the channel, and is told of signs of life that are not entries."""
    operator = Flag(6)
    """Whether it is an operator's of the server."""
    observes = Flag(7)
    """Whether it is the server's own console, which reads everything in every channel."""
    has_stayed = Flag(8)
    """Whether its member has been here for a while: it has resumed, or switched after some time."""

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
        """The session that stands for the connection: itself, except for a membership of an IRC connection."""
        self.memberships: MutableMapping[str, Session] | None = None
        """The sessions whose outlet this is, by channel, for an IRC connection; None for others."""
        self._flags = 0
        self.may_hold, self.operator, self.observes = may_hold, operator, operator
        self.host = ""
        """The cloaked address; "" for the console."""
        self.door = door
        """The channel whose port it came by; "" for the front desk, where the hello names a channel."""
        self.channel = ""
        self.name = ""
        self.place = -1
        self.behind = 0
        self.key = ""
        """The secret of its hello, with which the hello may be repeated; "" if there is none. Members on IRC have a
        password instead, and no key opens their seats."""
        self.pace: RateLimit | None = None
        """The rate limit, None if there is none. It belongs to the member, and goes on after a resume."""
        self._recent_ids: dict[str, None] | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing can be sent to it any more: it, or its connection, is closed."""
        return self.closed or self.outlet.closed

    @property
    def is_known(self) -> bool:
        """Whether it has said who it is, even if it has left its channel since."""
        return bool(self.name) or self.operator

    def repeats(self, command_id: str, recent_ids_max: int) -> bool:
        """Remember the id of a command, and return whether it has come before."""
        if self._recent_ids is None:
            self._recent_ids = {}
        elif command_id in self._recent_ids:
            return True
        elif len(self._recent_ids) >= recent_ids_max:
            del self._recent_ids[next(iter(self._recent_ids))]
        self._recent_ids[command_id] = None
        return False

    def has_key(self, key: str) -> bool:
        """Return whether the key is right, in constant time; without a key of its own it never is."""
        return bool(self.key) and is_same_secret(self.key, key)

    def inherit(self, earlier: "Session") -> None:
        """Take over the key, rate limit and command ids of this member's earlier connection."""
        self._recent_ids = earlier._recent_ids
        self.key = earlier.key
        if self.pace is not None and earlier.pace is not None:
            self.pace = self.pace.following(earlier.pace)

    def forget(self, command_id: str) -> None:
        """Forget the id of a command that was not carried out, so that a retry is judged again."""
        if self._recent_ids is not None:
            self._recent_ids.pop(command_id, None)
