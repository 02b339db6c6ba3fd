"""Users: the IRC connections, by nick."""

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from antechamber.codec import Encoding
from antechamber.codec.irc.decoding import fold, source_of
from antechamber.protocol.limits import WHOWAS_KEPT
from antechamber.session.session import Memberships, Session, Transport


class Registration(NamedTuple):
    """What a connection has said of itself before it is registered."""

    nick: str = ""
    """What it wants to be called."""
    has_user: bool = False
    """Whether it has said USER."""
    negotiates: bool = False
    """Whether it asks for capabilities, and is not registered before it has ended that."""


_NOTHING_SAID = Registration()


class OpenBatch:
    """A message of several lines that a user sends, as far as it has come."""

    __slots__ = ("bytes", "count", "label", "lines", "reference", "tags", "target")

    def __init__(self, reference: str, target: str, label: str, tags: dict[str, str] | None) -> None:
        self.reference = reference
        self.target = target
        self.label = label
        self.tags = tags
        self.lines: list[str] | None = []
        """Its lines, None once it was refused."""
        self.bytes = 0
        self.count = 0


class User(Session):
    """One IRC connection, registered or on its way there. It is the outlet of a session for each of its memberships.

    `name` is its nick once it is registered, "" before. It is never itself a member of a channel: its `memberships`
    are, by the channel's name in the core (no `#`).
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
        self.registration: Registration | None = _NOTHING_SAID
        """What it has said of itself so far, None once it is registered."""
        self.capabilities = 0
        """What it has asked for of what IRCv3 has, as `codec.irc_capabilities.Capability` bits."""
        self.cap_version = 0
        """The version of the negotiation that it speaks, 302 or more where it reads values and lists in pieces."""
        self.modes = ""
        """Its user modes' letters, in order."""
        self.away: str | None = None
        """Why it is away, None where it is here."""
        self.batch: OpenBatch | None = None
        """The message of several lines that it has begun to send."""
        self.reached_at = ""
        """The address by which it has reached the server, as it stands in a link; "" where that is not known."""
        self.password = ""
        """What it said by PASS: who comes back by the same nick and the same password goes on with what was held."""
        self.monitored: dict[str, str] | None = None
        """The nicks it monitors, as it wrote them, by their folded form."""
        self.number = 0
        """Which connection it is, where an invitation is to know it; 0 where none has asked."""
        self.signed_on_at = 0.0
        """When it was registered, in seconds since the epoch."""
        self.active_at = 0.0
        """When it last said something, by the steady clock."""

    @property
    def is_registered(self) -> bool:
        """Whether it has its nick."""
        return self.registration is None

    @property
    def source(self) -> str:
        """Who a line of it is from: `nick!~u@host`."""
        return source_of(self.name, self.host)

    def has(self, capability: int) -> bool:
        """Whether it has asked for this."""
        return bool(self.capabilities & capability)


class Former(NamedTuple):
    """Somebody who was called so, until `left_at` in seconds since the epoch."""

    nick: str
    host: str
    realname: str
    left_at: float


class Users:
    """Every registered user by nick, in whatever case, and those who were here lately."""

    def __init__(self) -> None:
        self._by_nick: dict[str, User] = {}
        self._watchers: dict[str, dict[User, None]] = {}
        self.former: deque[Former] = deque(maxlen=WHOWAS_KEPT)
        """Whoever had a nick lately, and has it no more, the last one last."""
        self.unknown: set[User] = set()
        """The connections that have said something, and are not registered yet."""
        self.most = 0
        """How many there were at once at most."""
        self._with_mode = dict.fromkeys("io", 0)

    def __len__(self) -> int:
        return len(self._by_nick)

    def __iter__(self) -> Iterator[User]:
        return iter(self._by_nick.values())

    def get(self, nick: str) -> User | None:
        """Return who has this nick, None where nobody has."""
        return self._by_nick.get(fold(nick))

    def add(self, user: User) -> None:
        """Let `user`, whose name is free, be found by it."""
        self._by_nick[fold(user.name)] = user
        self.most = max(self.most, len(self._by_nick))
        self._count(user, 1)

    def discard(self, user: User) -> None:
        """Let `user`, which is found by its name, be so no more."""
        del self._by_nick[fold(user.name)]
        self._count(user, -1)

    def remember_not(self, former: Former) -> None:
        """Let somebody not have been here lately after all, unless so many went since that it is forgotten."""
        if former in self.former:
            self.former.remove(former)

    def set_modes(self, user: User, modes: str) -> None:
        """Let a registered user have these modes, and no others."""
        self._count(user, -1)
        user.modes = modes
        self._count(user, 1)

    def with_mode(self, mode: str) -> int:
        """Return how many have a mode: `i` or `o`."""
        return self._with_mode[mode]

    def watchers(self, nick: str) -> list[User]:
        """Return who monitors this nick."""
        return list(self._watchers.get(fold(nick), ()))

    def watch(self, user: User, nick: str) -> None:
        """Let `user` monitor this nick."""
        if user.monitored is None:
            user.monitored = {}
        user.monitored[fold(nick)] = nick
        self._watchers.setdefault(fold(nick), {})[user] = None

    def unwatch(self, user: User, nick: str) -> None:
        """Let `user`, which monitors this nick, do so no more."""
        key = fold(nick)
        assert user.monitored is not None
        del user.monitored[key]
        del self._watchers[key][user]
        if not self._watchers[key]:
            del self._watchers[key]

    def _count(self, user: User, by: int) -> None:
        for mode in self._with_mode:
            if mode in user.modes:
                self._with_mode[mode] += by
