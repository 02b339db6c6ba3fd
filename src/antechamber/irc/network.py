"""The IRC network: its users, its settings, and what it uses of the hub."""

from collections.abc import Callable
from itertools import count
from typing import NamedTuple

from antechamber.codec.irc.encoding import Encodings
from antechamber.hub.hub import Hub
from antechamber.irc.read_markers import ReadMarkers
from antechamber.irc.users import User, Users
from antechamber.protocol.limits import Limits
from antechamber.protocol.text import nick_of
from antechamber.rooms.room import Room
from antechamber.session.session import Session


class IrcSettings(NamedTuple):
    """What the config says about IRC."""

    open_channels: bool = False
    """Whether users may make channels by joining them."""
    motd: str = ""
    """The message of the day."""
    channels_per_user_max: int = 100


class Network:
    """The users on IRC, by nick, and the channels of the hub that they are in."""

    def __init__(self, hub: Hub, limits: Limits, settings: IrcSettings, rehash: Callable[[], object]) -> None:
        """Begin without users; the hub is open already. `rehash` has the config read again, once the turn is over."""
        self.rooms = hub.rooms
        self.users = Users()
        self.limits = limits
        self.settings = settings
        self.rehash = rehash
        self.clock = hub.clock
        self.encodings = Encodings(hub.hosts, self._realname)
        """How users read, by the capabilities that they have asked for."""
        self.executor = hub.executor
        self.budgets = hub.budgets
        self.tokens = hub.tokens
        self.login_attempts = hub.login_attempts
        self.history_queries = hub.history_queries
        self.files = hub.router.files
        self.open_room = hub.open_room
        """Opens a channel for a user from this host; returns why not where it may not."""
        self.replay = hub.replay
        self.created_at = hub.clock.now()
        """When the network began, in seconds since the epoch."""
        self.began_at = hub.clock.steady()
        """The same moment by the steady clock."""
        self.markers = ReadMarkers(hub.budgets)
        """The read markers of all nicks."""
        self.private_ids = count(1)
        """Numbers for the messages that no log keeps."""
        self._user_numbers = count(1)

    def configure(self, settings: IrcSettings, limits: Limits) -> None:
        """Adopt changed settings and limits, for what users do from now on."""
        self.settings, self.limits = settings, limits

    def room(self, channel: str) -> Room | None:
        """Return the room that IRC calls `channel`, in whatever case; None if there is none."""
        return self.rooms.called(channel[1:]) if channel.startswith("#") else None

    def membership(self, user: User, room: Room) -> Session | None:
        """Return the user's session in a room, whether seated or waiting; None if it is not a member."""
        assert user.memberships is not None
        return user.memberships.get(room.name)

    def invitation_marks(self, user: User) -> tuple[str, ...]:
        """Return the marks by which an invitation may know a user: one of its connection, one of each membership."""
        if not user.number:
            user.number = next(self._user_numbers)
        assert user.memberships is not None
        claims = [self.rooms[channel].claim(user.name) for channel in user.memberships]
        return (
            self.tokens.mark("user", self.created_at, user.number),
            *(self.tokens.mark(claim.channel, claim.entered) for claim in claims),
        )

    def _realname(self, channel: str, name: str) -> str:
        """Return the real name of a member of a channel, which for a member who is not on IRC is the nick."""
        user = self.users.get(name)
        if user is None or user.name != name or channel not in (user.memberships or {}):
            return nick_of(name)
        return user.realname
