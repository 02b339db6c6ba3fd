"""What may be asked of the server: one frozen struct a command.

The tagged structs are also the form in which JSON lines carry them (docs/protocol.md); `id` is the client's own name
for a command, and makes a retry of it harmless. A command may be refused; what it leads to is an event.

Those that are for a member name it, and may tell the sequence number by which that membership `entered`: then they are
for it alone, by whatever name it is called by now. 0 is whoever has the name.
"""

from typing import ClassVar, Literal

from msgspec import Struct

from antechamber.protocol.events import Form, ModeChange

PROTOCOL = 1
"""The version of the JSON lines protocol that this server speaks."""


class Command(Struct, frozen=True, gc=False, omit_defaults=True, tag_field="type"):
    """The base of every command: its fields are what the peer sent, its session and time are the hub's to add."""

    comes_in: ClassVar[bool] = False
    """Whether it may ask to enter a channel."""
    only_asks: ClassVar[bool] = False
    """Whether it changes nothing, so that a repetition under the same id is answered again."""
    is_decided: ClassVar[bool] = False
    """Whether a channel decides it, and handlers/carry_out.py carries it out."""
    is_sign_of_life: ClassVar[bool] = True
    """Whether it shows that a person is there, and so restarts the member's idle clock."""
    is_metered: ClassVar[bool] = False
    """Whether it is refused while its address has used more of the log than its budget allows."""
    needs_log: ClassVar[bool] = True
    """Whether it may lead to something that has to be kept; others are carried out again after a rollback."""

    @property
    def characters(self) -> int:
        """How much text it carries, of those commands that carry text of any length."""
        return 0

    @property
    def cost(self) -> int:
        """How many commands it counts as: as many as there are things that it is about."""
        return 1

    @property
    def entrances(self) -> int:
        """How often it asks to come in somewhere."""
        return 0


class Hello(Command, frozen=True, tag="hello"):
    """Who a session is. It enters the waiting queue of `channel`, or of the one whose door it came by."""

    name: str
    protocol: int = PROTOCOL
    id: str = ""
    hold: bool = True
    """Whether it may come back after its connection was lost: then it gets a token, and its seat or place is held."""
    channel: str = ""
    key: str = ""
    """A secret of the client's own, by which a hello whose answer was lost may be said again; worth something only
    where it may hold."""
    channel_key: str = ""
    """What one has to know to enter, where the channel has a key."""

    comes_in = True

    @property
    def entrances(self) -> int:
        """How often it asks to come in somewhere."""
        return 1

    def __repr__(self) -> str:
        """Return what may stand in a log: the key may not."""
        return f"Hello(name={self.name!r}, channel={self.channel!r})"


class Resume(Command, frozen=True, tag="resume"):
    """The first line of a session that comes back: the token of its last welcome, and the last entry it has read."""

    needs_log = False

    token: str
    after: int = 0
    protocol: int = PROTOCOL
    id: str = ""

    def __repr__(self) -> str:
        """Return what may stand in a log: the token may not."""
        return f"Resume(after={self.after})"


class Operate(Command, frozen=True, tag="operate"):
    """The first line of an operator's session, which is no member's: the operator token."""

    needs_log = False

    token: str
    protocol: int = PROTOCOL
    id: str = ""

    def __repr__(self) -> str:
        """Return what may stand in a log: the token may not."""
        return "Operate()"


class Watch(Command, frozen=True, tag="watch"):
    """Ask for every channel's counts, now and after each change, until it is asked again; before a hello as well.

    An operator may name channels in `rosters`, and reads who is in them as well.
    """

    only_asks = True
    needs_log = False

    channels: bool = True
    rosters: tuple[str, ...] = ()
    id: str = ""


class Say(Command, frozen=True, tag="say"):
    """A chat message to everyone seated in the channel. Its text may have several lines."""

    is_decided = True
    is_metered = True

    text: str
    id: str = ""
    form: Form = "message"
    tags: dict[str, str] | None = None

    @property
    def characters(self) -> int:
        """How much text it carries."""
        return len(self.text)


class Whisper(Command, frozen=True, tag="whisper"):
    """A message to one seated member alone; delivered, never kept."""

    is_decided = True

    to: str
    text: str
    id: str = ""
    entered: int = 0

    @property
    def characters(self) -> int:
        """How much text it carries."""
        return len(self.text)


class List(Command, frozen=True, tag="list"):
    """Ask for every channel's seats and waiting queue."""

    only_asks = True
    needs_log = False

    id: str = ""


class Switch(Command, frozen=True, tag="switch"):
    """Leave this channel and enter another one's waiting queue; refused, it changes nothing.

    `channel_key` is what one has to know to enter, where that one has a key.
    """

    channel: str
    id: str = ""
    channel_key: str = ""

    comes_in = True

    def __repr__(self) -> str:
        """Return what may stand in a log: the key may not."""
        return f"Switch(channel={self.channel!r})"

    @property
    def entrances(self) -> int:
        """How often it asks to come in somewhere."""
        return 1


class Send(Command, frozen=True, tag="send"):
    """Ask to send a file. `path` is as the person typed it; `size` is in bytes.

    A sender that has no such file says so in `problem`, and is answered as the plain transcripts have it.
    """

    is_decided = True

    to: str
    path: str
    size: int = 0
    problem: Literal["", "missing", "folder", "unreadable"] = ""
    id: str = ""
    entered: int = 0


class Received(Command, frozen=True, tag="received"):
    """The target's last word on a file it was offered: it has it whole, or in `problem` why it has nothing of it.

    A sender stops its file by it, and says why in `problem`.
    """

    is_sign_of_life = False

    ticket: str
    problem: str = ""
    id: str = ""


class Quit(Command, frozen=True, tag="quit"):
    """Leave, from the seat or from the queue."""

    id: str = ""


class Ping(Command, frozen=True, tag="ping"):
    """Ask whether the server is there. It is no sign of life of the person, so it leaves the idle clock alone."""

    only_asks = True
    needs_log = False

    id: str = ""


class AskPlace(Command, frozen=True, tag="place"):
    """Ask, from the waiting queue, for the place there and the wait to expect. It is no sign of life."""

    only_asks = True
    needs_log = False
    is_sign_of_life = False

    id: str = ""


class Who(Command, frozen=True, tag="who"):
    """Ask who is in the channel; from then on signs of life that are no entries are told too. It is none itself."""

    only_asks = True
    needs_log = False
    is_sign_of_life = False

    id: str = ""


class Here(Command, frozen=True, tag="here"):
    """A sign of life, and nothing else: it restarts the idle clock."""

    needs_log = False

    id: str = ""


class History(Command, frozen=True, tag="history"):
    """Ask for `limit` of the channel's entries: the last before entry `before`, the first after `after`, or the last.

    It is no sign of life.
    """

    only_asks = True
    needs_log = False
    is_sign_of_life = False

    before: int = 0
    after: int = 0
    limit: int = 50
    id: str = ""


class Search(Command, frozen=True, tag="search"):
    """Ask for the last `limit` chat messages with these words, before entry `before` where that is not 0."""

    only_asks = True
    needs_log = False

    words: str
    before: int = 0
    limit: int = 20
    id: str = ""


class Kick(Command, frozen=True, tag="kick"):
    """Operator: close a member's connection, seated or waiting. `text` says why."""

    is_decided = True

    channel: str
    name: str
    id: str = ""
    text: str = ""
    entered: int = 0


class Mute(Command, frozen=True, tag="mute"):
    """Operator: keep a seated member from chatting and whispering. `seconds` is 0 where no valid number was given."""

    is_decided = True

    channel: str
    name: str
    seconds: int
    id: str = ""
    entered: int = 0


class Empty(Command, frozen=True, tag="empty"):
    """Operator: disconnect everyone seated; then the queue moves up."""

    is_decided = True

    channel: str
    id: str = ""


class Move(Command, frozen=True, tag="move"):
    """Operator: give a waiting member another place in the queue, with `ahead` before it (or all the others)."""

    is_decided = True

    channel: str
    name: str
    ahead: int
    id: str = ""
    entered: int = 0


class Announce(Command, frozen=True, tag="announce"):
    """Operator: tell everyone in the channel something, seated or waiting; in every channel where none is named."""

    is_decided = True
    is_metered = True

    text: str
    channel: str = ""
    id: str = ""


class AskSamples(Command, frozen=True, tag="samples"):
    """Operator: ask how full a channel was over the last hours."""

    only_asks = True
    needs_log = False

    channel: str
    id: str = ""


class SetTopic(Command, frozen=True, tag="set-topic"):
    """Say what the channel is about; an operator names the channel. An empty topic is the config's again."""

    is_decided = True
    is_metered = True

    topic: str
    channel: str = ""
    id: str = ""


class SetModes(Command, frozen=True, tag="set-modes"):
    """Change modes or roles of the channel, all of them or none; an operator names the channel.

    `entered` is of the member whose roles are changed.
    """

    is_decided = True
    is_metered = True

    changes: tuple[ModeChange, ...]
    channel: str = ""
    id: str = ""
    entered: int = 0

    @property
    def cost(self) -> int:
        """How many commands it counts as: as many as it makes changes, and one at least."""
        return max(len(self.changes), 1)


class Invite(Command, frozen=True, tag="invite"):
    """Let somebody enter once, though the channel is closed to others; an operator names the channel."""

    is_decided = True
    is_metered = True

    name: str
    channel: str = ""
    id: str = ""


class Rename(Command, frozen=True, tag="rename"):
    """Be called `name` from now on."""

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
    """What somebody typed: a command where the member's role allows it, a chat message, `text`, where it does not."""

    is_decided = True
    is_metered = True

    command: Kick | Mute | Empty | SetTopic | SetModes | Invite
    text: str
    id: str = ""

    @property
    def characters(self) -> int:
        """How much text it carries."""
        return len(self.text)

    @property
    def cost(self) -> int:
        """How many commands it counts as: as many as what it carries."""
        return self.command.cost


Targeted = Whisper | Send | Kick | Mute | Move | SetModes
"""What is for a member who is named."""


class Shutdown(Command, frozen=True, tag="shutdown"):
    """Operator: close every connection and end the server."""

    id: str = ""


class Join(Command, frozen=True, tag=False):
    """The hub, for a session that has said hello or switches: enter the channel's waiting queue.

    `host` is where it comes from, cloaked; `key` opens a channel that has one. `marks` are what invitations may know it
    by.
    """

    holds: bool = False
    origins: tuple[tuple[str, int], ...] = ()
    host: str = ""
    key: str = ""
    marks: tuple[str, ...] = ()


LeaveReason = Literal["quit", "switched", "lost", "closed"]


class Leave(Command, frozen=True, tag=False):
    """The hub, for a member who goes: it said so, switches, or its connection is no more.

    `text` is its last word, or why the connection is no more; `otherwise` is said in the place of a word that nobody is
    to read.
    """

    reason: LeaveReason
    text: str = ""
    otherwise: str = ""


class Expire(Command, frozen=True, tag=False):
    """The hub's clock: this seated member's idle time is over."""


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
"""What a member may ask whose role allows it, and an operator of any channel."""
PeerCommand = Hello | Resume | Operate | Watch | MemberCommand | RoleCommand | OperatorCommand
"""Every command that a peer may send; whether it is allowed to is for the hub to judge."""


class Malformed(Command, frozen=True, tag=False):
    """A codec, for a line that is no command: it is refused in its place among the others.

    `id` is the command's, where it could be read.
    """

    code: str
    text: str
    id: str = ""
