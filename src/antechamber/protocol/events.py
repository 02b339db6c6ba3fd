"""The events: what happened in a channel, and the entries in which its log keeps them.

An *event* changes a channel, is kept in its log and read by its members; replaying a channel's events gives its state.
Events are frozen tagged structs. Their JSON form is both the log's and the JSON lines protocol's (docs/protocol.md), so
an entry is encoded once, for the disk and for every session that reads JSON.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import msgspec
from msgspec import Struct

LeftReason = Literal["quit", "switched", "kicked", "idle", "lost", "closed"]
Form = Literal["message", "notice", "action"]
"""How something is said: as a message; as a notice, which programs do not answer; as an action (`/me`)."""


class ModeChange(NamedTuple):
    """One change of a channel's modes or roles: a sign and a letter as on IRC (`+m`, `-o`), and its argument."""

    mode: str
    argument: str = ""

    def __repr__(self) -> str:
        """Return a form for log files, without a channel's key."""
        argument = "…" if self.mode[1:] == "k" else self.argument
        return f"ModeChange({self.mode!r}, {argument!r})"


class Event(Struct, frozen=True, gc=False, omit_defaults=True, tag_field="type"):
    """The base of every event. Events are facts: applying one cannot fail."""


class Queued(Event, frozen=True, tag="queued"):
    """A member entered the end of the waiting line. If it `holds`, it may resume after a lost connection.

    `origins` are the memberships that it has switched from, the latest first: each a channel and the sequence number of
    the entry by which it entered there. They identify a member that loses its connection before it reads of a switch.
    `host` is its cloaked address, so that bans can name it and nobody learns the address. Up to version 0.4 the log
    kept a `proof` of a password here, which is left out when such an entry is read.
    """

    name: str
    holds: bool = False
    origins: tuple[tuple[str, int], ...] = ()
    host: str = ""


class Seated(Event, frozen=True, tag="seated"):
    """The first member in line that was present got a seat."""

    name: str


class Left(Event, frozen=True, tag="left"):
    """A member left its seat, or its place in line if `seated` is false.

    `idle` is the AFK rule; `lost` is a connection that died and was not resumed while the seat or place was held, of
    which the plain transcripts say nothing; `closed` is a channel that is no longer in the config. `by` is the member
    who kicked it, or banned it from the line, "" for the operator; `text` is the reason or the last words.
    """

    name: str
    reason: LeftReason
    seated: bool = True
    by: str = ""
    text: str = ""


class Said(Event, frozen=True, tag="said"):
    """A chat message. `id` is the sender's own: by it the sender recognises its message, and knows that it was kept.

    `tags` are IRC's client-only tags (`+reply`).
    """

    name: str
    text: str
    id: str = ""
    form: Form = "message"
    tags: dict[str, str] | None = None


class Muted(Event, frozen=True, tag="muted"):
    """A seated member was muted for `seconds` from the time of the entry."""

    name: str
    seconds: int


class Emptied(Event, frozen=True, tag="emptied"):
    """Everyone seated was disconnected."""


class Moved(Event, frozen=True, tag="moved"):
    """A waiting member was moved to another place in line, with `ahead` members before it."""

    name: str
    ahead: int


class Announced(Event, frozen=True, tag="announced"):
    """An operator announced something to everyone in the channel."""

    text: str


class TopicSet(Event, frozen=True, tag="topic-set"):
    """`by` set the topic; "" is the operator. An empty topic restores the config's."""

    by: str
    topic: str


class ModesSet(Event, frozen=True, tag="modes-set"):
    """`by` changed modes or roles; "" is the operator."""

    by: str
    changes: tuple[ModeChange, ...]


class Invited(Event, frozen=True, tag="invited"):
    """`by` invited somebody, who may enter once although the channel is closed.

    `guests` are the marks of those who had the name `to` in other channels then: the invitation is for them, not for a
    stranger who takes the name later. Without marks it is for whoever comes with that name.
    """

    by: str
    to: str
    guests: tuple[str, ...] = ()


class Renamed(Event, frozen=True, tag="renamed"):
    """A member took the name `to`."""

    name: str
    to: str


class Tagged(Event, frozen=True, tag="tagged"):
    """A member said something in tags alone, such as a reaction to a message."""

    name: str
    tags: dict[str, str]


AnyEvent = (
    Queued
    | Seated
    | Left
    | Said
    | Muted
    | Emptied
    | Moved
    | Announced
    | TopicSet
    | ModesSet
    | Invited
    | Renamed
    | Tagged
)


class Entry(Struct, frozen=True, gc=False, tag="entry", tag_field="type"):
    """One event as its channel's log keeps it: numbered from 1 without a gap, `time` in seconds since the epoch."""

    channel: str
    sequence: int
    time: float
    event: AnyEvent


_encoder = msgspec.json.Encoder()
_entry_decoder = msgspec.json.Decoder(Entry)
encode_lines = _encoder.encode_lines
"""Encode a sequence of entries as JSON lines, each ending in a newline."""


def decode_entries(lines: bytes) -> Sequence[Entry]:
    """Decode the lines of `encode_lines`. Raises msgspec.DecodeError if they are not entries."""
    return _entry_decoder.decode_lines(lines)
