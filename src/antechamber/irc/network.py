"""The network: what IRC's commands work on, and how they answer."""

from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Final, NamedTuple

from antechamber.codec.irc.decoding import SERVER_NAME, message, nick_of
from antechamber.codec.irc.encoding import Encodings
from antechamber.codec.irc.numerics import Numeric
from antechamber.feeds.history_queries import HistoryQueries
from antechamber.handlers.files import FileCommands
from antechamber.handlers.replies import Replies
from antechamber.irc.read_markers import ReadMarkers
from antechamber.irc.users import User, Users
from antechamber.protocol.limits import Limits
from antechamber.rooms.registry import RoomRegistry
from antechamber.rooms.room import Room
from antechamber.rooms.turn import Turn
from antechamber.runtime.clock import Clock
from antechamber.session.login_attempts import LoginAttempts
from antechamber.session.session import Session
from antechamber.session.tokens import Tokens

LOOKED_AT_A_COMMAND: Final = 100
"""How many channels or people an answer may look at for each command that its own counts as."""


class IrcSettings(NamedTuple):
    """What the config says of IRC."""

    open_channels: bool = False
    motd: str = ""
    channels_per_user_max: int = 100


class Network:
    """The rooms and the users, and how a user is answered in the turn under way."""

    history_queries: HistoryQueries
    files: FileCommands
    tokens: Tokens
    login_attempts: LoginAttempts

    def __init__(
        self, rooms: RoomRegistry, replies: Replies, encodings: Encodings, limits: Limits, clock: Clock
    ) -> None:
        self.rooms = rooms
        self.replies = replies
        self.encodings = encodings
        self.limits = limits
        self.clock = clock
        self.users = Users()
        encodings.realnames = self._realname
        self.settings = IrcSettings()
        self.created_at = clock.now()
        """When the network began, in seconds since the epoch."""
        self.began_at = clock.steady()
        """The same by the steady clock."""
        self.marks = ReadMarkers(replies.budgets)
        """How far each nick has read."""
        self.to_self: list[bytes] = []
        """What a user has said to itself by the command in hand, to be read after the answer to that."""
        self._numbers = count(1)
        self.private_ids = count(1)
        """Numbers for the messages that no log keeps."""
        self.rehash: Callable[[], object] = lambda: None
        """Has the config read again, once the turn is over."""
        self.open_room: Callable[[str, str], Room | str] = lambda *_: ""
        """Opens a channel of the users' own, for one from this host; says why, where it does not."""
        self.replay: Callable[[Session], object] = lambda _: None
        """Lets a session that has missed something read it, once the turn is over."""

    @property
    def turn(self) -> Turn:
        """The turn under way."""
        return self.replies.turn

    def send(self, user: User, data: bytes) -> None:
        """Let a user read `data`, whole lines, in their place among what it reads."""
        if not user.closed:
            self.turn.write(user, data)

    def reply(self, user: User, numeric: Numeric, *params: str, text: str | None = None) -> None:
        """Answer with a numeric: its parameters, and its text, or `text` in its stead."""
        last = numeric.text if text is None else text
        words = (*params, last) if last is not None else params
        self.send(user, message(SERVER_NAME, numeric.code, user.name or "*", *words, trailing=last is not None))

    def affords(self, user: User, command: str, cost: int) -> bool:
        """Spend what a command costs beside what it has cost already; where that is too little, tell the user so.

        It is what an answer tells or looks at: as many commands as that would be worth.
        """
        if user.operator or not self.replies.budgets.afford(user.pace, user.host, cost):
            return True
        self.fail(user, command, "TOO_FAST", text="You are asking for too much, so this was not done. Wait a moment.")
        return False

    def fail(self, user: User, command: str, code: str, *context: str, text: str, kind: str = "FAIL") -> None:
        """Answer with a standard reply of IRCv3: FAIL, WARN or NOTE."""
        self.send(user, message(SERVER_NAME, kind, command, code, *context, text, trailing=True))

    def notice(self, user: User, text: str, target: str = "") -> None:
        """Let the server itself say something to a user."""
        self.send(user, message(SERVER_NAME, "NOTICE", target or user.name or "*", text, trailing=True))

    def room(self, channel: str) -> Room | None:
        """Return the room that IRC calls `channel`, in whatever case; None where there is none."""
        return self.rooms.called(channel[1:]) if channel.startswith("#") else None

    def change(self, user: User, attribute: str, value: object) -> None:
        """Let something of a user's be `value`; as before, should the log not keep the turn."""
        before = getattr(user, attribute)
        setattr(user, attribute, value)
        self.turn.undo.append(partial(setattr, user, attribute, before))

    def _realname(self, channel: str, name: str) -> str:
        """Return the real name of a channel's member; of one who does not come by IRC it is the nick."""
        user = self.users.get(name)
        if user is None or user.name != name or channel not in (user.memberships or {}):
            return nick_of(name)
        return user.realname

    def invitation_marks(self, user: User) -> tuple[str, ...]:
        """Return by what invitations may know a user: its connection, and where it is already."""
        if not user.number:
            user.number = next(self._numbers)
        assert user.memberships is not None
        claims = [self.rooms[channel].claim(user.name) for channel in user.memberships]
        return (
            self.tokens.mark("user", self.created_at, user.number),
            *(self.tokens.mark(claim.channel, claim.entered) for claim in claims),
        )

    def membership(self, user: User, room: Room) -> Session | None:
        """Return the user's session in a room, in its seat or in its line; None where it has neither."""
        assert user.memberships is not None
        return user.memberships.get(room.name)
