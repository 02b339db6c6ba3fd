"""What the server tells one session.

A *notice* is for one session alone and is never kept. A *refusal* declines a command. Like events they are frozen
tagged structs, whose JSON form is that of the JSON lines protocol (docs/protocol.md).
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct
from msgspec.structs import replace

from antechamber.protocol.events import Entry

GoodbyeReason = Literal[
    "quit", "kicked", "idle", "emptied", "closed", "shutdown", "refused", "resumed", "slow", "silent", "broken"
]

UtcOffset = Annotated[int, Meta(ge=-86_400, le=86_400)]
"""Local time less UTC, in seconds. Nowhere is it more than a day, and no clock can add just any number to a time."""


class Notice(Struct, frozen=True, gc=False, omit_defaults=True, tag_field="type"):
    """The base of what one session alone is told. `time` is in seconds since the epoch."""

    time: float


class Welcome(Notice, frozen=True, tag="welcome"):
    """The session entered `channel`'s waiting queue as `name`: after its hello, and after a switch.

    `utc_offset_seconds` is the server's local time less UTC; `front_desk_port` is where files go (0: nowhere).
    With `token` it resumes after its connection was lost; its seat and its place are kept for the hold seconds then.
    `idle_seconds_max` is the AFK rule's time, 0 where nobody goes AFK.
    """

    channel: str
    name: str
    server: str
    protocol: int
    utc_offset_seconds: UtcOffset
    front_desk_port: int
    token: str = ""
    seat_hold_seconds: float = 0.0
    place_hold_seconds: float = 0.0
    topic: str = ""
    idle_seconds_max: float = 0.0
    line_bytes_max: int = 0
    file_bytes_max: int = 0


class Resumed(Notice, frozen=True, tag="resumed"):
    """The session goes on as the member it was, in its seat or at its place; what it missed follows.

    The entries from `first` to `last` are what it missed (`first` is past `last` where that is nothing); where `first`
    is not the one after the last it read, those between are kept no more. A message of its own that is not among what
    it has read by `last` was not kept, so it may be sent again.
    """

    channel: str
    name: str
    seated: bool
    first: int
    last: int
    server: str
    protocol: int
    utc_offset_seconds: UtcOffset
    front_desk_port: int
    token: str
    seat_hold_seconds: float = 0.0
    place_hold_seconds: float = 0.0
    topic: str = ""
    idle_seconds_max: float = 0.0
    line_bytes_max: int = 0
    file_bytes_max: int = 0


WaitRange = tuple[float, float]
"""A wait to expect, in seconds, from and to, measured from how long seats were held lately."""


class Place(Notice, frozen=True, tag="place"):
    """How many are ahead of this session in the waiting queue: told when it has to wait, and at each change.

    `wait_seconds` is None where there is no measure yet.
    """

    channel: str
    ahead: int
    wait_seconds: WaitRange | None = None
    id: str = ""


class Whispered(Notice, frozen=True, tag="whispered"):
    """A whisper, to the one it is for."""

    channel: str
    sender: str
    to: str
    text: str


class ChannelInfo(Struct, frozen=True, gc=False, omit_defaults=True):
    """A channel as `/list` and the front desk show it: counts of people, and the port of its door.

    `wait_seconds` is what one who comes now has to expect; None where a seat is free, and where there is no measure.
    Where it is `private`, its topic is told to operators alone here, and to its members otherwise.
    """

    name: str
    port: int
    seats: int
    seated: int
    waiting: int
    topic: str = ""
    wait_seconds: WaitRange | None = None
    private: bool = False

    @property
    def outside(self) -> "ChannelInfo":
        """The same as anybody may know it."""
        return replace(self, topic="") if self.private else self


class Channels(Notice, frozen=True, tag="channels"):
    """The answer to `List` and `Watch`: every channel, in the config's order. Who watches is told each change."""

    channels: list[ChannelInfo]
    id: str = ""


class SeatedMember(Struct, frozen=True, gc=False, omit_defaults=True):
    """A member in a seat `since` a time; silent for `idle_seconds`, muted for `muted_seconds` more.

    `away` is one whose connection was lost, and whose seat is held. `role` is "o" for an operator of the channel, "v"
    for one with a voice in it, "ov" for both. `entered` is the sequence number of its entering the queue.
    """

    name: str
    since: float
    idle_seconds: float = 0.0
    muted_seconds: float = 0.0
    away: bool = False
    role: str = ""
    entered: int = 0


class WaitingMember(Struct, frozen=True, gc=False, omit_defaults=True):
    """A member in the waiting queue `since` a time, by the entry `entered`."""

    name: str
    since: float
    away: bool = False
    entered: int = 0


class Members(Notice, frozen=True, tag="members"):
    """Who is in a channel, in order of seating and of the queue, after entry `sequence`: the answer to `Who`.

    `topic` is what the channel is about, and `modes` are those in force, such as "+nt". An operator who watches the
    channel is told each change.
    """

    channel: str
    sequence: int
    seated: list[SeatedMember]
    waiting: list[WaitingMember]
    id: str = ""
    topic: str = ""
    modes: str = ""


class Presence(Notice, frozen=True, tag="presence"):
    """What no entry tells of members: who gave a sign of life, whose connection was lost, and who came back."""

    channel: str
    active: list[str] = []
    away: list[str] = []
    back: list[str] = []


class Idling(Notice, frozen=True, tag="idling"):
    """This member loses its seat in `seconds`, unless it gives a sign of life."""

    channel: str
    seconds: float


class Announcement(Notice, frozen=True, tag="announcement"):
    """What the operator told everyone in the channel, for one that waits; those seated read it as an entry."""

    channel: str
    text: str


class Invitation(Notice, frozen=True, tag="invitation"):
    """`by`, or the operator where it is "", lets this session enter `channel` once, though it is closed to others."""

    channel: str
    by: str


class Entries(Notice, frozen=True, tag="entries"):
    """The answer to `History` and `Search`: entries, the oldest first, and whether there are more beyond them."""

    channel: str
    entries: list[Entry]
    more: bool = False
    id: str = ""


class Operating(Notice, frozen=True, tag="operating"):
    """The answer to `Operate`: this is an operator's session from now on."""

    server: str
    protocol: int
    utc_offset_seconds: UtcOffset
    mute_seconds_max: int
    id: str = ""


class Sample(Struct, frozen=True, gc=False, array_like=True):
    """How full a channel was at `time`, and how long those waited who were seated since the sample before.

    Where nobody was seated, `wait_seconds` is how long the first in line has waited by then.
    """

    time: float
    seated: int
    waiting: int
    wait_seconds: float


class Samples(Notice, frozen=True, tag="samples"):
    """The answer to `AskSamples`: one every `seconds`, the oldest first."""

    channel: str
    seconds: float
    seats: int
    samples: list[Sample]
    id: str = ""


class Ticket(Notice, frozen=True, tag="ticket"):
    """The answer to `Send`: PUT the file's bytes to `path` at the front desk."""

    ticket: str
    path: str
    id: str = ""


class Offer(Notice, frozen=True, tag="offer"):
    """A file for this session: GET it from `path` at the front desk. `file` is a base name, safe to create."""

    sender: str
    file: str
    size: int
    ticket: str
    path: str


class Sent(Notice, frozen=True, tag="sent"):
    """The file that this session sent has arrived whole. `path` is as the sender typed it."""

    sender: str
    to: str
    path: str


class TransferFailed(Notice, frozen=True, tag="transfer-failed"):
    """A file did not arrive, and nothing of it was kept; told to both sides. `problem` says why, in words."""

    sender: str
    to: str
    path: str
    ticket: str
    problem: str


class Named(Notice, frozen=True, tag="named"):
    """The session's member is called `name` from now on, and resumes with `token`, where it may."""

    channel: str
    name: str
    token: str = ""


class Done(Notice, frozen=True, tag="done"):
    """The command with this id was carried out, now or when it first came, and has no other answer."""

    id: str


class Pong(Notice, frozen=True, tag="pong"):
    """The answer to `Ping`."""

    id: str = ""


class Refusal(Notice, frozen=True, tag="refusal"):
    """A command was declined and changed nothing. `code` is for programs, `text` for people.

    `utc_offset_seconds` is told where no welcome came before: the server's local time less UTC.
    """

    code: str
    text: str
    id: str = ""
    utc_offset_seconds: UtcOffset = 0


class Goodbye(Notice, frozen=True, tag="goodbye"):
    """The last line of a session: why the server closes it.

    `channel` is where its membership ends, told where the connection has others; `by` is the member who ended it.
    """

    reason: GoodbyeReason
    text: str
    channel: str = ""
    by: str = ""


def closed_by(by: str = "") -> str:
    """Say to one who is kicked that this member closed its connection, or the operator where that is ""."""
    return f"{by or 'The operator'} closed your connection."


AnyNotice = (
    Welcome
    | Resumed
    | Place
    | Whispered
    | Channels
    | Ticket
    | Offer
    | Sent
    | TransferFailed
    | Done
    | Pong
    | Refusal
    | Goodbye
    | Members
    | Presence
    | Idling
    | Announcement
    | Invitation
    | Entries
    | Operating
    | Samples
    | Named
)
Message = Entry | AnyNotice
"""Every line that a JSON session may read."""
