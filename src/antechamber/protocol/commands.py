"""The commands: what may be asked of the server, one frozen struct each, with the facts that hold for it.

The JSON lines protocol carries these structs as they are (docs/protocol.md). `id` is the client's own name for a
command and makes a retry harmless. A command may be refused; what it leads to is an event.

A command about a member names it, and may give the sequence number of the entry by which the member `entered`. Then it
means that membership alone, whatever its name is now; 0 means whoever has the name.
"""

from typing import ClassVar, Literal

from msgspec import Struct

from antechamber.protocol.events import Form, ModeChange

PROTOCOL = 1
"""The version of the JSON lines protocol that this server speaks."""


class Command(Struct, frozen=True, gc=False, omit_defaults=True, tag_field="type"):
    """The base of every command. Its fields are what the peer sent; the hub adds the session and the time."""

    comes_in: ClassVar[bool] = False
    """Whether it may ask to enter a channel."""
    only_asks: ClassVar[bool] = False
    """Whether it changes nothing, so that a repetition under the same id is answered again."""
    is_decided: ClassVar[bool] = False
    """Whether a channel decides it, and handlers/carry_out.py carries it out."""
    needs_seat: ClassVar[bool] = False
    """Whether it is refused to everyone in the waiting line; in an open channel others may talk without a seat."""
    is_sign_of_life: ClassVar[bool] = True
    """Whether it shows that a person is there, and so restarts the member's idle clock."""
    is_metered: ClassVar[bool] = False
    """Whether it is refused while its address has used more of the log than its budget allows."""
    names_member: ClassVar[bool] = False
    """Whether it is about a member, and so one of `Targeted`."""
    needs_log: ClassVar[bool] = True
    """Whether it may lead to something that has to be kept; others are carried out again after a rollback."""

    @property
    def characters(self) -> int:
        """The number of characters of a command with a text of any length; 0 for others."""
        return 0

    @property
    def cost(self) -> int:
        """The number of commands that it counts as: one for each thing that it is about."""
        return 1

    @property
    def entrances(self) -> int:
        """The number of channels that it asks to enter."""
        return 0


class Hello(Command, frozen=True, tag="hello"):
    """Say who a session is, and enter the waiting line of `channel`, or of the port's channel if that is empty."""

    name: str
    protocol: int = PROTOCOL
    id: str = ""
    hold: bool = True
    """Whether the client may resume after a lost connection: then it gets a token, and its seat or place is held."""
    channel: str = ""
    key: str = ""
    """A secret of the client's own, with which it may repeat a hello whose answer was lost. It needs `hold`."""
    channel_key: str = ""
    """The key of the channel, if it has one."""

    comes_in = True

    @property
    def entrances(self) -> int:
        """The number of channels that it asks to enter."""
        return 1

    def __repr__(self) -> str:
        """Return a form for log files, without the key."""
        return f"Hello(name={self.name!r}, channel={self.channel!r})"


class Resume(Command, frozen=True, tag="resume"):
    """Resume a membership, as a session's first line: with its token, and the last entry that the client has read."""

    needs_log = False

    token: str
    after: int = 0
    protocol: int = PROTOCOL
    id: str = ""

    def __repr__(self) -> str:
        """Return a form for log files, without the token."""
        return f"Resume(after={self.after})"


class Operate(Command, frozen=True, tag="operate"):
    """Begin an operator's session, as its first line: with the operator token."""

    needs_log = False

    token: str
    protocol: int = PROTOCOL
    id: str = ""

    def __repr__(self) -> str:
        """Return a form for log files, without the token."""
        return "Operate()"


class Watch(Command, frozen=True, tag="watch"):
    """Ask for every channel's counts now and after each change, until the next `watch`; also before a hello.

    An operator may name channels in `rosters`, and is told who is in them as well.
    """

    only_asks = True
    needs_log = False

    channels: bool = True
    rosters: tuple[str, ...] = ()
    id: str = ""


class Say(Command, frozen=True, tag="say"):
    """Say something to everyone seated in the channel. The text may have several lines."""

    is_decided = True
    is_metered = True

    text: str
    id: str = ""
    form: Form = "message"
    tags: dict[str, str] | None = None

    @property
    def characters(self) -> int:
        """The number of characters of its text."""
        return len(self.text)


class Whisper(Command, frozen=True, tag="whisper"):
    """Say something to one seated member alone. It is delivered and never kept."""

    is_decided = True
    names_member = True
    needs_seat = True

    to: str
    text: str
    id: str = ""
    entered: int = 0

    @property
    def characters(self) -> int:
        """The number of characters of its text."""
        return len(self.text)


class List(Command, frozen=True, tag="list"):
    """Ask how many are seated and waiting in every channel."""

    only_asks = True
    needs_log = False

    id: str = ""


class Switch(Command, frozen=True, tag="switch"):
    """Leave this channel and enter another one's waiting line; if it is refused, nothing changes.

    `channel_key` is the other channel's key, if it has one.
    """

    channel: str
    id: str = ""
    channel_key: str = ""

    comes_in = True

    def __repr__(self) -> str:
        """Return a form for log files, without the key."""
        return f"Switch(channel={self.channel!r})"

    @property
    def entrances(self) -> int:
        """The number of channels that it asks to enter."""
        return 1


class Send(Command, frozen=True, tag="send"):
    """Ask to send a file. `path` is as the person typed it; `size` is in bytes.

    A client without such a file says so in `problem`, and is answered as in the plain transcripts.
    """

    is_decided = True
    names_member = True
    needs_seat = True

    to: str
    path: str
    size: int = 0
    problem: Literal["", "missing", "folder", "unreadable"] = ""
    id: str = ""
    entered: int = 0


class Received(Command, frozen=True, tag="received"):
    """Report that an offered file has arrived, or in `problem` why it has not.

    A sender uses it to stop its own file, and says why in `problem`.
    """

    is_sign_of_life = False

    ticket: str
    problem: str = ""
    id: str = ""


class Quit(Command, frozen=True, tag="quit"):
    """Leave the seat or the waiting line."""

    id: str = ""


class Ping(Command, frozen=True, tag="ping"):
    """Ask whether the server is there. It is not a sign of life of the person, so the idle clock goes on."""

    only_asks = True
    needs_log = False
    is_sign_of_life = False

    id: str = ""


class AskPlace(Command, frozen=True, tag="place"):
    """Ask, as a waiting member, for the place in the line and the expected wait. It is not a sign of life."""

    only_asks = True
    needs_log = False
    is_sign_of_life = False

    id: str = ""


class Who(Command, frozen=True, tag="who"):
    """Ask who is in the channel, and to be told of later signs of life that are not entries. It is none itself.

    Operators of the server name the channel, or none for all of them, and are told of no signs of life.
    """

    only_asks = True
    needs_log = False
    is_sign_of_life = False

    id: str = ""
    channel: str = ""


class Here(Command, frozen=True, tag="here"):
    """Give a sign of life, which restarts the idle clock, and nothing else."""

    needs_log = False

    id: str = ""


class History(Command, frozen=True, tag="history"):
    """Ask for `limit` of the channel's entries: the last before entry `before`, the first after `after`, or the last.

    It is not a sign of life.
    """

    only_asks = True
    needs_log = False
    is_sign_of_life = False

    before: int = 0
    after: int = 0
    limit: int = 50
    id: str = ""


class Search(Command, frozen=True, tag="search"):
    """Ask for the last `limit` chat messages that contain these words, before entry `before` unless that is 0."""

    only_asks = True
    needs_log = False

    words: str
    before: int = 0
    limit: int = 20
    id: str = ""


class Kick(Command, frozen=True, tag="kick"):
    """Close a member's connection, seated or waiting; `text` says why. For operators of the channel or server."""

    is_decided = True
    names_member = True

    channel: str
    name: str
    id: str = ""
    text: str = ""
    entered: int = 0


class Mute(Command, frozen=True, tag="mute"):
    """Mute a seated member. `seconds` is 0 if no valid number was given. For operators."""

    is_decided = True
    names_member = True

    channel: str
    name: str
    seconds: int
    id: str = ""
    entered: int = 0


class Empty(Command, frozen=True, tag="empty"):
    """Disconnect everyone seated, so that the line moves up. For operators."""

    is_decided = True

    channel: str
    id: str = ""


class Move(Command, frozen=True, tag="move"):
    """Move a waiting member to another place, with `ahead` (or all) others before it. For operators."""

    is_decided = True
    names_member = True

    channel: str
    name: str
    ahead: int
    id: str = ""
    entered: int = 0


class Announce(Command, frozen=True, tag="announce"):
    """Tell everyone seated or waiting in the channel something, in every channel if none is named. For operators."""

    is_decided = True
    is_metered = True

    text: str
    channel: str = ""
    id: str = ""


class AskSamples(Command, frozen=True, tag="samples"):
    """Ask how full a channel was over the last hours. For operators of the server."""

    only_asks = True
    needs_log = False

    channel: str
    id: str = ""


class SetTopic(Command, frozen=True, tag="set-topic"):
    """Set the topic; an empty one restores the config's. Operators of the server name the channel."""

    is_decided = True
    is_metered = True

    topic: str
    channel: str = ""
    id: str = ""


class SetModes(Command, frozen=True, tag="set-modes"):
    """Change modes or roles of the channel, all of them or none. Operators of the server name the channel.

    `entered` belongs to the member whose roles are changed.
    """

    is_decided = True
    names_member = True
    is_metered = True

    changes: tuple[ModeChange, ...]
    channel: str = ""
    id: str = ""
    entered: int = 0

    @property
    def cost(self) -> int:
        """The number of commands that it counts as: its changes, and at least one."""
        return max(len(self.changes), 1)


class Invite(Command, frozen=True, tag="invite"):
    """Invite somebody to enter a closed channel once. Operators of the server name the channel."""

    is_decided = True
    is_metered = True

    name: str
    channel: str = ""
    id: str = ""


class Rename(Command, frozen=True, tag="rename"):
    """Take another name."""

    is_decided = True
    is_metered = True

    name: str
    id: str = ""


class Tag(Command, frozen=True, tag="tag"):
    """Say something in tags alone, such as a reaction to a message."""

    is_decided = True
    is_metered = True

    tags: dict[str, str]
    id: str = ""


class Privileged(Command, frozen=True, tag="privileged"):
    """Carry out a typed command if the member's role allows it; otherwise say it, as the chat message `text`."""

    is_decided = True
    is_metered = True

    command: Kick | Mute | Empty | SetTopic | SetModes | Invite
    text: str
    id: str = ""

    @property
    def characters(self) -> int:
        """The number of characters of its text."""
        return len(self.text)

    @property
    def cost(self) -> int:
        """The number of commands that it counts as: those of the command in it."""
        return self.command.cost


Targeted = Whisper | Send | Kick | Mute | Move | SetModes
"""The commands about a member, who is named."""


class Shutdown(Command, frozen=True, tag="shutdown"):
    """Close every connection and end the server. For the operator at the server's own console."""

    id: str = ""


class Join(Command, frozen=True, tag=False):
    """Enter a channel's waiting line. It comes from the hub, for a hello or a switch.

    `host` is the cloaked address; `key` is for a channel that has one; an invitation recognises the member by `marks`.
    """

    holds: bool = False
    origins: tuple[tuple[str, int], ...] = ()
    host: str = ""
    key: str = ""
    marks: tuple[str, ...] = ()


LeaveReason = Literal["quit", "switched", "lost", "closed"]


class Leave(Command, frozen=True, tag=False):
    """Leave a channel. It comes from the hub: the member said so, switches, or its connection has ended.

    `text` is the member's last words, or why the connection ended; `otherwise` replaces last words that nobody may
    read.
    """

    reason: LeaveReason
    text: str = ""
    otherwise: str = ""


class Expire(Command, frozen=True, tag=False):
    """End a seated member's idle time. It comes from the hub's clock."""


MemberCommand = (
    Say
    | Whisper
    | List
    | Switch
    | Send
    | Received
    | Quit
    | Ping
    | AskPlace
    | Who
    | Here
    | History
    | Search
    | Rename
    | Tag
    | Privileged
)
OperatorCommand = Kick | Mute | Empty | Move | Announce | AskSamples | Shutdown
RoleCommand = SetTopic | SetModes | Invite
"""What members with the right role may ask for in their channel, and operators of the server in any channel."""
PeerCommand = Hello | Resume | Operate | Watch | MemberCommand | RoleCommand | OperatorCommand
"""Every command that a peer may send; the hub judges whether this peer may."""


class Malformed(Command, frozen=True, tag=False):
    """Report a line that is not a command. It comes from a codec, and is refused in its place among the commands.

    `id` is the command's id if it could be read.
    """

    code: str
    text: str
    id: str = ""
