"""The notices: what the server tells one session, and never keeps.

A *refusal* is the notice that declines a command. Like events, notices are frozen tagged structs, and their JSON form
is that of the JSON lines protocol (docs/protocol.md).
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct
from msgspec.structs import replace

from antechamber.protocol.events import Entry

GoodbyeReason = Literal[
    "quit", "kicked", "idle", "emptied", "closed", "shutdown", "refused", "resumed", "slow", "silent", "broken"
]

UtcOffset = Annotated[int, Meta(ge=-86_400, le=86_400)]
"""Local time less UTC, in seconds: at most a day, so that a clock may add it to any time."""


class Notice(Struct, frozen=True, gc=False, omit_defaults=True, tag_field="type"):
    """The base of every notice. `time` is in seconds since the epoch."""

    time: float


class Welcome(Notice, frozen=True, tag="welcome"):
    """The session has entered the waiting line of `channel` as `name`, by a hello or a switch.

    `utc_offset_seconds` is the server's local time less UTC; `front_desk_port` is where files go (0: nowhere).
    With `token` the client resumes after a lost connection; its seat or place is held for that many seconds.
    `idle_seconds_max` is the time of the AFK rule, 0 if there is none.
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
    """The session has resumed its membership, in its seat or at its place; the entries that it missed follow.

    They are those from `first` to `last` (none if `first` is past `last`). If `first` is not the entry after the last
    one that the client read, those in between are no longer kept. A message of the client's own that it has not read by
    `last` was not kept, and may be sent again.
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
"""An expected wait in seconds, from and to, measured from how long seats were held lately."""


class Place(Notice, frozen=True, tag="place"):
    """How many are ahead of this session in the waiting line: told when it begins to wait, and at each change.

    `wait_seconds` is None as long as there is no estimate.
    """

    channel: str
    ahead: int
    wait_seconds: WaitRange | None = None
    id: str = ""


class Whispered(Notice, frozen=True, tag="whispered"):
    """A whisper, as its target reads it."""

    channel: str
    sender: str
    to: str
    text: str


class ChannelInfo(Struct, frozen=True, gc=False, omit_defaults=True):
    """A channel as `/list` and the front desk show it: counts of people, and its port.

    `wait_seconds` is the wait that a newcomer has to expect; None if a seat is free or there is no estimate. The topic
    of a `private` channel is told only to operators here, and to its members elsewhere.
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
        """The same without what only members and operators may know."""
        return replace(self, topic="") if self.private else self


class Channels(Notice, frozen=True, tag="channels"):
    """The answer to `List` and `Watch`: every channel, in the config's order. A watcher is told each change."""

    channels: list[ChannelInfo]
    id: str = ""


class SeatedMember(Struct, frozen=True, gc=False, omit_defaults=True):
    """A member seated `since` a time, silent for `idle_seconds`, muted for another `muted_seconds`.

    The connection of an `away` member is lost, and its seat is held. `role` is "o" for an operator of the channel, "v"
    for a member with a voice, "ov" for both. `entered` is the sequence number of the entry by which it entered.
    """

    name: str
    since: float
    idle_seconds: float = 0.0
    muted_seconds: float = 0.0
    away: bool = False
    role: str = ""
    entered: int = 0


class WaitingMember(Struct, frozen=True, gc=False, omit_defaults=True):
    """A member waiting `since` a time, who entered by the entry `entered`."""

    name: str
    since: float
    away: bool = False
    entered: int = 0


class Members(Notice, frozen=True, tag="members"):
    """Who is in a channel after the entry `sequence`, in order of seating and of the line: the answer to `Who`.

    `modes` are those in force, such as "+nt". An operator who watches the channel is told each change.
    """

    channel: str
    sequence: int
    seated: list[SeatedMember]
    waiting: list[WaitingMember]
    id: str = ""
    topic: str = ""
    modes: str = ""


class Presence(Notice, frozen=True, tag="presence"):
    """The members that gave a sign of life, lost the connection or came back: what no entry tells."""

    channel: str
    active: list[str] = []
    away: list[str] = []
    back: list[str] = []


class Idling(Notice, frozen=True, tag="idling"):
    """The member loses its seat in `seconds` unless it gives a sign of life."""

    channel: str
    seconds: float


class Announcement(Notice, frozen=True, tag="announcement"):
    """An operator's announcement, as waiting members read it; seated members read the entry."""

    channel: str
    text: str


class Invitation(Notice, frozen=True, tag="invitation"):
    """An invitation by a member, or by the operator if `by` is "", to enter `channel` once although it is closed."""

    channel: str
    by: str


class Entries(Notice, frozen=True, tag="entries"):
    """The answer to `History` and `Search`: entries, oldest first, and whether there are more."""

    channel: str
    entries: list[Entry]
    more: bool = False
    id: str = ""


class Operating(Notice, frozen=True, tag="operating"):
    """The answer to `Operate`: the session is an operator's from now on."""

    server: str
    protocol: int
    utc_offset_seconds: UtcOffset
    mute_seconds_max: int
    id: str = ""


class Sample(Struct, frozen=True, gc=False, array_like=True):
    """How full a channel was at `time`, and how long the members seated since the last sample had waited.

    If nobody was seated, `wait_seconds` is how long the first in line had waited by then.
    """

    time: float
    seated: int
    waiting: int
    wait_seconds: float


class Samples(Notice, frozen=True, tag="samples"):
    """The answer to `AskSamples`: one sample every `seconds`, oldest first."""

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
    """The file that this session sent has arrived. `path` is as the sender typed it."""

    sender: str
    to: str
    path: str


class TransferFailed(Notice, frozen=True, tag="transfer-failed"):
    """A file did not arrive, and nothing of it was kept. Both sides are told; `problem` says why, in words."""

    sender: str
    to: str
    path: str
    ticket: str
    problem: str


class Named(Notice, frozen=True, tag="named"):
    """The session's member has another name, and resumes with another token if it may resume."""

    channel: str
    name: str
    token: str = ""


class Done(Notice, frozen=True, tag="done"):
    """The command with this id was carried out, now or when it was first sent, and has no other answer."""

    id: str


class Pong(Notice, frozen=True, tag="pong"):
    """The answer to `Ping`."""

    id: str = ""


class Refusal(Notice, frozen=True, tag="refusal"):
    """A command was declined and changed nothing. `code` is for programs, `text` for people.

    `utc_offset_seconds`, the server's local time less UTC, is told if there was no welcome before.
    """

    code: str
    text: str
    id: str = ""
    utc_offset_seconds: UtcOffset = 0


class Goodbye(Notice, frozen=True, tag="goodbye"):
    """The last line of a session: why the server closes it.

    `channel` is told if the connection has memberships of other channels; `by` is the member who ended this one.
    """

    reason: GoodbyeReason
    text: str
    channel: str = ""
    by: str = ""


def closed_by(by: str = "") -> str:
    """Return the text that tells a kicked member who closed its connection: a member, or the operator if ""."""
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
