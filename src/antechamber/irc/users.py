"""The users of IRC: one connection each, and all of them by nick.

What a command changes here is taken back if its turn is rolled back, so what changes it has the turn passed.
"""

from collections import deque
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from antechamber.codec import Encoding
from antechamber.codec.irc.decoding import source_of
from antechamber.protocol.limits import WHOWAS_KEPT
from antechamber.protocol.text import fold
from antechamber.rooms.turn import Turn
from antechamber.session.session import Memberships, Session, Transport


class Registration(NamedTuple):
    """What a connection has sent so far in order to register."""

    nick: str = ""
    """The nick that it has asked for; "" before NICK."""
    has_user: bool = False
    """Whether it has sent USER."""
    negotiates: bool = False
    """Whether it negotiates capabilities, which puts registration off until CAP END."""


_NOTHING_SENT = Registration()


class OpenBatch:
    """A message of several lines that a user is sending, as far as it has arrived."""

    __slots__ = ("bytes", "count", "label", "lines", "reference", "tags", "target")

    def __init__(self, reference: str, target: str, label: str, tags: dict[str, str] | None) -> None:
        self.reference = reference
        self.target = target
        self.label = label
        self.tags = tags
        self.lines: list[str] | None = []
        """Its lines; None once the batch has been refused."""
        self.bytes = 0
        self.count = 0
        """How many lines of IRC have arrived."""


class User(Session):
    """One IRC connection. It is the outlet of the sessions of all its memberships.

    `name` is its nick, "" before it is registered. A user is never itself a member of a channel; its `memberships` are,
    by the channel's name without the `#`.
    """

    __slots__ = (
        "active_at",
        "away",
        "batch",
        "cap_version",
        "capabilities",
        "modes",
        "monitored",
        "number",
        "password",
        "reached_at",
        "realname",
        "registration",
        "signed_on_at",
    )

    def __init__(self, transport: Transport, encoding: Encoding, host: str) -> None:
        super().__init__(transport, encoding, "", may_hold=False)
        self.memberships = Memberships()
        self.host = host
        self.realname = ""
        self.registration: Registration | None = _NOTHING_SENT
        """What it has sent in order to register; None once it is registered."""
        self.capabilities = 0
        """The IRCv3 capabilities that it has, as `Capability` bits."""
        self.cap_version = 0
        """The version of capability negotiation that it speaks; from 302 on it reads values and lists in pieces."""
        self.modes = ""
        """The letters of its user modes, sorted."""
        self.away: str | None = None
        """Why it is away; None while it is not."""
        self.batch: OpenBatch | None = None
        """The message of several lines that it is sending."""
        self.reached_at = ""
        """The server's address that it has connected to, as it stands in a link; "" if that is not known."""
        self.password = ""
        """What it sent by PASS: with the same nick and password it may come back to its held seats."""
        self.monitored: dict[str, str] | None = None
        """The nicks that it monitors, as it wrote them, by their folded form."""
        self.number = 0
        """Its number, by which an invitation knows it; 0 before it needs one."""
        self.signed_on_at = 0.0
        """When it was registered, in seconds since the epoch."""
        self.active_at = 0.0
        """When it last sent a message, by the steady clock."""

    @property
    def is_registered(self) -> bool:
        """Whether it has its nick."""
        return self.registration is None

    @property
    def source(self) -> str:
        """The source of the lines that others read from it: `nick!~u@host`."""
        return source_of(self.name, self.host)

    def has(self, capability: int) -> bool:
        """Return whether it has an IRCv3 capability."""
        return bool(self.capabilities & capability)


class Former(NamedTuple):
    """Somebody who had a nick until `left_at`, in seconds since the epoch."""

    nick: str
    host: str
    realname: str
    left_at: float


class Users:
    """All registered users by nick, in whatever case, who monitors whom, and who had which nick lately."""

    def __init__(self) -> None:
        self._by_nick: dict[str, User] = {}
        self._watchers: dict[str, dict[User, None]] = {}
        self.former: deque[Former] = deque(maxlen=WHOWAS_KEPT)
        """Those who had a nick lately and no longer have it, the latest last."""
        self.unregistered: dict[User, None] = {}
        """The connections that have sent something and are not registered yet."""
        self.most = 0
        """The most users that there have been at once."""
        self._with_mode = dict.fromkeys("io", 0)

    def __len__(self) -> int:
        return len(self._by_nick)

    def __iter__(self) -> Iterator[User]:
        return iter(self._by_nick.values())

    def get(self, nick: str) -> User | None:
        """Return the user who has this nick, None if nobody has."""
        return self._by_nick.get(fold(nick))

    def add(self, turn: Turn, user: User) -> None:
        """Add a user under its name, which is free."""
        turn.put(self._by_nick, fold(user.name), user)
        self.most = max(self.most, len(self._by_nick))
        self._count(turn, user.modes, 1)

    def discard(self, turn: Turn, user: User) -> None:
        """Remove a user, which is here under its name, and remember that it had this nick."""
        turn.pop(self._by_nick, fold(user.name))
        self._count(turn, user.modes, -1)
        former = Former(user.name, user.host, user.realname, turn.time)
        self.former.append(former)
        turn.undo.append(partial(self._forget, former))

    def set_modes(self, turn: Turn, user: User, modes: str) -> None:
        """Replace all modes of a registered user."""
        self._count(turn, user.modes, -1)
        turn.set(user, "modes", modes)
        turn.set(user, "operator", "o" in modes)
        self._count(turn, modes, 1)

    def with_mode(self, mode: str) -> int:
        """Return how many users have a mode, `i` or `o`."""
        return self._with_mode[mode]

    def watchers(self, nick: str) -> list[User]:
        """Return the users who monitor this nick."""
        return list(self._watchers.get(fold(nick), ()))

    def watch(self, turn: Turn, user: User, nick: str) -> None:
        """Begin to monitor a nick for a user."""
        key = fold(nick)
        if user.monitored is None:
            turn.set(user, "monitored", {})
            assert user.monitored is not None
        turn.put(user.monitored, key, nick)
        if key not in self._watchers:
            turn.put(self._watchers, key, {})
        turn.put(self._watchers[key], user, None)

    def unwatch(self, turn: Turn, user: User, nick: str) -> None:
        """Stop monitoring a nick, which the user monitors."""
        key = fold(nick)
        assert user.monitored is not None
        turn.pop(user.monitored, key)
        turn.pop(self._watchers[key], user)
        if not self._watchers[key]:
            turn.pop(self._watchers, key)

    def _count(self, turn: Turn, modes: str, by: int) -> None:
        for mode, count in list(self._with_mode.items()):
            if mode in modes:
                turn.put(self._with_mode, mode, count + by)

    def _forget(self, former: Former) -> None:
        if former in self.former:  # so many may have come after it that it has been dropped
            self.former.remove(former)
