"""What happened: events, and the entries in which a channel's log keeps them.

An *event* changes a channel, is kept in its log and read by the members; replaying a channel's events gives its state.
All of them are frozen tagged structs whose JSON form is both the log's and the JSON lines protocol's
(docs/protocol.md), so an entry is encoded once for the disk and for every session that reads JSON.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import msgspec
from msgspec import Struct

LeftReason = Literal["quit", "switched", "kicked", "idle", "lost", "closed"]
Form = Literal["message", "notice", "action"]
"""How something is said: as any message; as a notice, which no program answers; as what one does (`/me`)."""


class ModeChange(NamedTuple):
    """One change of a channel's modes or roles: a sign and a letter, as IRC has them (`+m`, `-o`), and what of."""

    mode: str
    argument: str = ""

    def __repr__(self) -> str:
        """Return what may stand in a log: a channel's key may not."""
        argument = "…" if self.mode[1:] == "k" else self.argument
        return f"ModeChange({self.mode!r}, {argument!r})"


class Event(Struct, frozen=True, gc=False, omit_defaults=True, tag_field="type"):
    """The base of all that happens in a channel. Events are facts: applying one cannot fail."""


class Queued(Event, frozen=True, tag="queued"):
    """A member entered the end of the waiting queue. Where it `holds`, it may come back from a lost connection.

    `origins` are the memberships that it has switched from, the latest first: each a channel, and the sequence number
    of its entering there. Should it lose its connection before it reads of a switch, it is known by them. `host` is
    where it comes from, cloaked, so that bans can name it and nobody learns an address. Up to version 0.4 the log
    kept a `proof` of a password here, which is left out where such an entry is read.
    """

    name: str
    holds: bool = False
    origins: tuple[tuple[str, int], ...] = ()
    host: str = ""


class Seated(Event, frozen=True, tag="seated"):
    """The first in the waiting queue who is not away got a seat."""

    name: str


class Left(Event, frozen=True, tag="left"):
    """A member left its seat, or its place in the queue where `seated` is false.

    `idle` is the AFK rule; `lost` is a connection that died, and did not come back in the time that its seat or place
    was held, of which the plain transcripts say nothing; `closed` is a channel that the config no longer has. `by` is
    the member who kicked it, or banned it from the queue, "" where that was the operator; `text` is what was said of
    it, by the one or the other.
    """

    name: str
    reason: LeftReason
    seated: bool = True
    by: str = ""
    text: str = ""


class Said(Event, frozen=True, tag="said"):
    """A chat message. `id` is the sender's own, so that it knows its message again, and when it was kept.

    `tags` are the client's own words about it, as IRC's client-only tags have them (`+reply`).
    """

    name: str
    text: str
    id: str = ""
    form: Form = "message"
    tags: dict[str, str] | None = None


class Muted(Event, frozen=True, tag="muted"):
    """A seated member cannot chat or whisper for `seconds` from the entry's time on."""

    name: str
    seconds: int


class Emptied(Event, frozen=True, tag="emptied"):
    """Everyone seated was disconnected."""


class Moved(Event, frozen=True, tag="moved"):
    """The operator gave a waiting member another place in the queue: `ahead` are before it now."""

    name: str
    ahead: int


class Announced(Event, frozen=True, tag="announced"):
    """The operator told everyone in the channel something."""

    text: str


class TopicSet(Event, frozen=True, tag="topic-set"):
    """`by` set what the channel is about; "" is the operator. An empty topic is the config's again."""

    by: str
    topic: str


class ModesSet(Event, frozen=True, tag="modes-set"):
    """`by` changed modes or roles; "" is the operator."""

    by: str
    changes: tuple[ModeChange, ...]


class Invited(Event, frozen=True, tag="invited"):
    """`by` invited somebody, who may enter once though the channel is closed to others.

    `guests` are the marks of those who had the name `to` elsewhere then: they are meant, and no stranger who takes the
    name. Where there was none, it is whoever comes by that name.
    """

    by: str
    to: str
    guests: tuple[str, ...] = ()


class Renamed(Event, frozen=True, tag="renamed"):
    """A member is called `to` from now on."""

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
    """Decode what `encode_lines` gave.

    Raises msgspec.DecodeError where the lines are no entries.
    """
    return _entry_decoder.decode_lines(lines)
