"""The fan-out of one turn: what happened, and who reads which bytes of it.

A turn costs messages + members, not messages x members. Each channel's events of the turn become one chunk, encoded
once per encoding in use; a session that sat there throughout and was told nothing else gets the whole chunk in one
write. Every other session has a `View`: slices of chunks and notices of its own, in the order in which they came
about, joined into one write too.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from functools import partial
from itertools import accumulate, islice, pairwise
from typing import NamedTuple, TypeVar

from antechamber.codec import Encoding
from antechamber.protocol.events import AnyEvent, Entry, encode_lines
from antechamber.protocol.notices import Announcement, AnyNotice, Goodbye, GoodbyeReason, closed_by
from antechamber.session.session import Session

K = TypeVar("K")
V = TypeVar("V")


class Audience:
    """The seated sessions of a channel, by encoding."""

    __slots__ = ("groups",)

    def __init__(self) -> None:
        self.groups: dict[Encoding, dict[Session, None]] = {}

    def add(self, session: Session) -> None:
        """Let `session` read what happens from now on."""
        self.groups.setdefault(session.encoding, {})[session] = None

    def discard(self, session: Session) -> None:
        """Let `session` read no more."""
        self.groups.get(session.encoding, {}).pop(session, None)


class Part:
    """One channel's events of the turn; `number` makes them entries, once everything is decided."""

    __slots__ = (
        "_chunks",
        "_cuts",
        "audience",
        "author",
        "authors",
        "channel",
        "entries",
        "events",
        "lines",
        "proofs",
    )

    def __init__(self, channel: str, audience: Audience) -> None:
        self.channel = channel
        self.audience = audience
        self.events: list[AnyEvent] = []
        self.author: str | None = None
        self.authors: list[tuple[str, int]] = []
        """Whose commands led to the events: addresses, cloaked, "" for nobody's, each with the index of its first."""
        self.entries: list[Entry] = []
        self.lines = b""
        self.proofs: tuple[tuple[int, str], ...] = ()
        """What the log keeps with the entries, and nobody reads (`Batch`)."""
        self._chunks: dict[Encoding, bytes] = {}
        self._cuts: dict[Encoding, Cut] = {}

    def number(self, first: int, time: float) -> None:
        """Turn the events into entries from sequence number `first` on."""
        channel = self.channel
        self.entries = [Entry(channel, sequence, time, event) for sequence, event in enumerate(self.events, first)]
        self.lines = encode_lines(self.entries)

    def logged(self) -> Iterator[tuple[str, int]]:
        """Give how many bytes the log keeps of what each address's commands led to, in some pieces."""
        if len(self.authors) == 1:
            yield self.authors[0][0], len(self.lines)
            return
        sizes = map(len, self.lines.splitlines(keepends=True))
        for (host, start), (_, stop) in pairwise([*self.authors, ("", len(self.events))]):
            yield host, sum(islice(sizes, stop - start))

    def will_cut(self, encoding: Encoding, start: int, stop: int) -> None:
        """Know that the entries from index `start` up to `stop` are to be had in one encoding, before any are."""
        cut = self._cuts.get(encoding)
        if cut is None:
            cut = self._cuts[encoding] = Cut()
        cut.ends.add(start)
        cut.ends.add(stop)

    def chunk(self, encoding: Encoding, clock: str) -> bytes:
        """Return all the entries in one encoding."""
        chunk = self._chunks.get(encoding)
        if chunk is None:
            if encoding.joins_each and encoding in self._cuts:
                chunk = self.slice(encoding, clock, 0, len(self.entries))
            else:
                chunk = encoding.joined(self.entries, self.lines, clock)
            self._chunks[encoding] = chunk
        return chunk

    def slice(self, encoding: Encoding, clock: str, start: int, stop: int) -> bytes:
        """Return the entries from index `start` up to `stop` in one encoding, cut out of all of them."""
        cut = self._cuts[encoding]
        if not cut.offsets:
            self._encode(encoding, clock, cut)
        return cut.whole[cut.offsets[start] : cut.offsets[stop]]

    def _encode(self, encoding: Encoding, clock: str, cut: "Cut") -> None:
        """Encode the entries in as few pieces as were asked for."""
        entries = self.entries
        ends = sorted(cut.ends | {0, len(entries)})
        if encoding.reads_lines:
            lines = self.lines.splitlines(keepends=True)
            pieces = [encoding.joined(entries[a:b], b"".join(lines[a:b]), clock) for a, b in pairwise(ends)]
        else:
            pieces = [encoding.joined(entries[a:b], b"", clock) for a, b in pairwise(ends)]
        cut.whole = b"".join(pieces)
        cut.offsets = dict(zip(ends, accumulate(map(len, pieces), initial=0), strict=True))


class Cut:
    """A part in one encoding, cut at the indexes `ends`, which are at the `offsets` of the `whole`."""

    __slots__ = ("ends", "offsets", "whole")

    def __init__(self) -> None:
        self.ends: set[int] = set()
        self.whole = b""
        self.offsets: dict[int, int] = {}


class Slice(NamedTuple):
    """Entries of a part that a session reads; `own` where it reads them in words of its own."""

    part: Part
    session: Session
    start: int
    stop: int
    own: bool = False


class Wrapped(NamedTuple):
    """Pieces that go out as `wrap` puts them, once they are bytes."""

    pieces: "list[Piece]"
    wrap: Callable[[bytes], bytes]


Piece = bytes | bytearray | Slice | Wrapped
Mention = tuple[Session, Callable[[Encoding], bytes]]
"""Who does not read something of the moment, and what stands for it in an encoding."""


class View:
    """What one connection reads of a turn, in order, where that is not just its channel's chunk."""

    __slots__ = ("pieces", "starts")

    def __init__(self) -> None:
        self.pieces: list[Piece] = []
        self.starts: dict[Session, tuple[Part, int]] = {}
        """Of each of its sessions with a seat: the part, and the index of the first event that is in no piece yet."""

    def cut(self) -> None:
        """Put what happened in its channels so far into pieces."""
        for session, (part, start) in self.starts.items():
            happened = len(part.events)
            if happened > start:
                self.pieces.append(Slice(part, session, start, happened))
                self.starts[session] = part, happened

    def pass_over(self, session: Session, events: int) -> None:
        """Let `session` not read the events that come next, so many."""
        part, start = self.starts[session]
        happened = len(part.events)
        if happened > start:
            self.pieces.append(Slice(part, session, start, happened))
        self.starts[session] = part, happened + events


class Turn:
    """One turn of the hub: collected while it decides, delivered once the log has kept it."""

    def __init__(
        self, time: float, steady: float, clock: str, audiences: Mapping[str, Audience], observers: Iterable[Session]
    ) -> None:
        self.time = time
        self.steady = steady
        """The same moment by the clock that nobody sets, for everything that waits."""
        self.clock = clock
        self.parts: dict[str, Part] = {}
        self._audiences = audiences
        self._views: dict[Session, View] = {}
        self._observers = tuple(observers)
        self._observed: list[tuple[Part, int, int] | AnyNotice] = []
        self._mentions: dict[Audience, list[Mention]] = {}
        self.ending: list[Session] = []
        """The sessions that close once they have been written to."""
        self.undo: list[Callable[[], None]] = []
        """The inverses of what the turn has changed, called last first if the log does not keep it."""
        self.remembered: list[tuple[Session, str]] = []
        """The ids of commands that are new in this turn, to be forgotten in that case."""
        self.waits: list[tuple[str, float]] = []
        """The channel of each who got a seat, and the seconds of waiting for it."""
        self.seats: list[tuple[str, float, bool]] = []
        """The channel of each who lost a seat, the seconds in it, and whether that was a no-show."""
        self.away: dict[tuple[str, str], bool] = {}
        """Of each member, by channel and name, whose connection was lost or came back: whether it is away."""
        self.greet: list[Session] = []
        """The sessions of IRC users that got a seat, and are to be told of its channel after that."""
        self.is_kept = True
        """Whether the log is to keep what it decides; not where it only answers for a turn that was undone."""
        self.author = ""
        """From where the command comes that is carried out now, cloaked; "" where none is, or it is the console's."""
        self.told = 0
        """How many bytes single sessions were told, beside what happened."""
        self.written = 0
        """How many bytes were written to sessions."""

    def set(self, owner: object, attribute: str, value: object) -> None:
        """Set an attribute; a rollback of the turn restores the old value."""
        self.undo.append(partial(setattr, owner, attribute, getattr(owner, attribute)))
        setattr(owner, attribute, value)

    def put(self, mapping: MutableMapping[K, V], key: K, value: V) -> None:
        """Put a value into a mapping; a rollback of the turn restores the old one, or that there was none."""
        if key in mapping:
            self.undo.append(partial(mapping.__setitem__, key, mapping[key]))
        else:
            self.undo.append(partial(mapping.__delitem__, key))
        mapping[key] = value

    def pop(self, mapping: MutableMapping[K, V], key: K) -> V | None:
        """Take a value out of a mapping and return it, None if there is none; a rollback puts it back, at the end."""
        if key not in mapping:
            return None
        value = mapping.pop(key)
        self.undo.append(partial(mapping.__setitem__, key, value))
        return value

    def part(self, channel: str) -> Part:
        """Return the channel's part of the turn."""
        part = self.parts.get(channel)
        if part is None:
            part = self.parts[channel] = Part(channel, self._audiences[channel])
        return part

    def happened(self, part: Part, event: AnyEvent) -> None:
        """Add an event to its channel's part."""
        self.all_happened(part, (event,))

    def mention(self, audience: Audience, but: Session, line: Callable[[Encoding], bytes]) -> None:
        """Let all of an audience `but` one connection read, after the turn, what is of the moment and no entry."""
        self._mentions.setdefault(audience, []).append((but, line))

    def all_happened(self, part: Part, events: Sequence[AnyEvent]) -> None:
        """Add events to their channel's part."""
        if self._observers:
            start, stop = len(part.events), len(part.events) + len(events)
            last = self._observed[-1] if self._observed else None
            if isinstance(last, tuple) and last[0] is part and last[2] == start:
                self._observed[-1] = part, last[1], stop
            else:
                self._observed.append((part, start, stop))
        if part.author is not self.author:
            part.author = self.author
            part.authors.append((self.author, len(part.events)))
        part.events += events

    def observe(self, notice: AnyNotice) -> None:
        """Let the operators read a notice that is for somebody else."""
        if self._observers:
            self._observed.append(notice)

    def tell(self, session: Session, notice: AnyNotice) -> None:
        """Tell one session something, in its place among what it reads; a closed one reads nothing more."""
        if session.observes:
            self._observed.append(notice)
        elif not session.is_over:
            self.write(session, session.encoding.one(notice, self.clock, session.name))

    def write(self, session: Session, data: bytes) -> None:
        """Let `data`, whole lines, go to one session, in their place among what it reads."""
        view = self._view(session)
        view.cut()
        self.told += len(data)
        pieces = view.pieces
        last = pieces[-1] if pieces else None
        if isinstance(last, bytearray):
            last += data
        elif isinstance(last, bytes):
            pieces[-1] = bytearray(last + data)  # a greeting has many lines, and each alone takes twice as much
        else:
            pieces.append(data)

    def wrap(self, session: Session, tell: Callable[[], None], wrap: Callable[[bytes], bytes]) -> None:
        """Let `wrap` have the bytes of all that `tell` lets a session read, before they go out."""
        view = self._view(session)
        view.cut()
        before, view.pieces = view.pieces, []
        try:
            tell()
        finally:
            view.cut()
            before.append(Wrapped(view.pieces, wrap))
            view.pieces = before

    def end(
        self,
        session: Session,
        reason: GoodbyeReason,
        text: str,
        channel: str = "",
        by: str = "",
        *,
        in_line: bool = False,
    ) -> None:
        """Let a goodbye be the last thing that `session` reads, if it has read none yet.

        It names the `channel` where the connection may have others, and whoever it was ended `by`. A connection that
        goes on, and waited `in_line` there, is told in words alone: it has seen nothing of the channel yet.
        """
        if not session.closed:
            if session.outlet is session:
                self.tell(session, Goodbye(self.time, reason, text, "", by))
            elif in_line:
                why = f"{by or 'The operator'} has taken it." if text == closed_by(by) else text
                self.tell(session, Announcement(self.time, channel, f"You have lost your place in the line. {why}"))
            else:
                self.tell(session, Goodbye(self.time, reason, text, channel, by))
            session.closed = True
            self.ending.append(session)

    def tell_own(self, session: Session, part: Part) -> None:
        """Let `session`, which is seated there, read the event that comes next in words of its own."""
        start = len(part.events)
        view = self._view(session)
        view.pass_over(session, 1)
        view.pieces.append(Slice(part, session, start, start + 1, own=True))

    def pass_over(self, session: Session, events: int = 1) -> None:
        """Let `session`, which is seated, not read the events of its channel that come next."""
        self._view(session).pass_over(session, events)

    def line_up(self, session: Session) -> None:
        """Let what happened in all the channels of a session's connection be read before what happens next there."""
        if session.outlet.memberships is not None and len(session.outlet.memberships) > 1:
            self._view(session).cut()

    def seat(self, session: Session, part: Part) -> None:
        """Let `session` read the channel from the event that comes next on."""
        view = self._view(session)
        view.cut()
        view.starts[session] = part, len(part.events)
        session.seated = True
        part.audience.add(session)

    def unseat(self, session: Session) -> None:
        """Let `session` read its channel up to now, and no further."""
        if session.seated:
            view = self._view(session)
            view.cut()
            view.starts.pop(session, None)
            session.seated = False
            self._audiences[session.channel].discard(session)

    def _view(self, session: Session) -> View:
        outlet = session.outlet
        view = self._views.get(outlet)
        if view is None:
            # Its first thing out of the ordinary in this turn, so it has sat where it sits from the turn's start.
            view = self._views[outlet] = View()
            sessions = (outlet,) if outlet.memberships is None else outlet.memberships.values()
            view.starts = {one: (self.part(one.channel), 0) for one in sessions if one.seated}
        return view

    def deliver(self) -> None:
        """Write to each session, once, what it reads of the turn.

        The views come first: where they cut a chunk, it is made of what they cut, and nothing is encoded twice.
        """
        views, clock = self._views, self.clock
        for view in views.values():
            view.cut()
            self._foresee(view.pieces)
        for observer in self._observers:
            for item in self._observed:
                if isinstance(item, tuple):
                    part, start, stop = item
                    part.will_cut(observer.encoding, start, stop)
        for outlet, view in views.items():
            if data := self._bytes(view.pieces):
                self.written += len(data)
                outlet.transport.write(data)
        for part in self.parts.values():
            if part.events:
                for encoding, sessions in part.audience.groups.items():
                    readers = [one.outlet for one in sessions if one.outlet not in views]
                    chunk = part.chunk(encoding, clock) if readers else b""
                    if not chunk:
                        continue
                    self.written += len(chunk) * len(readers)
                    for outlet in readers:
                        outlet.transport.write(chunk)
        for audience, mentions in self._mentions.items():
            self._deliver_mentions(audience, mentions)
        for observer in self._observers:
            self._deliver_observed(observer)

    def let_go(self) -> None:
        """Forget what was told and how to undo it: a turn is known until the next one, and may have been a rush."""
        done = (self.undo, self.ending, self.remembered, self.waits, self.seats, self.away)
        for kept in (self.parts, self._views, self._observed, self._mentions, *done):
            kept.clear()

    def _deliver_mentions(self, audience: Audience, mentions: list[Mention]) -> None:
        """Write what is of the moment to each of an audience, once."""
        apart = {but for but, _ in mentions}
        for encoding, sessions in audience.groups.items():
            lines = [(but, line(encoding)) for but, line in mentions]
            chunk = b"".join([data for _, data in lines])
            for outlet in [one.outlet for one in sessions] if chunk else ():
                data = b"".join([data for but, data in lines if but is not outlet]) if outlet in apart else chunk
                if data:
                    self.written += len(data)
                    outlet.transport.write(data)

    def _foresee(self, pieces: Iterable[Piece]) -> None:
        """Let the parts know what will be cut out of them."""
        for piece in pieces:
            if isinstance(piece, Slice):
                if not piece.own:
                    piece.part.will_cut(piece.session.encoding, piece.start, piece.stop)
            elif isinstance(piece, Wrapped):
                self._foresee(piece.pieces)

    def _bytes(self, pieces: Iterable[Piece]) -> bytes:
        return b"".join([self._piece(piece) if isinstance(piece, Slice | Wrapped) else piece for piece in pieces])

    def _piece(self, piece: Slice | Wrapped) -> bytes:
        if isinstance(piece, Wrapped):
            return piece.wrap(self._bytes(piece.pieces))
        encoding = piece.session.encoding
        if piece.own:
            return encoding.one(piece.part.entries[piece.start], self.clock, piece.session.name)
        return piece.part.slice(encoding, self.clock, piece.start, piece.stop)

    def _deliver_observed(self, observer: Session) -> None:
        encoding, clock = observer.encoding, self.clock
        lines = [
            item[0].slice(encoding, clock, item[1], item[2])
            if isinstance(item, tuple)
            else encoding.one(item, clock, "")
            for item in self._observed
        ]
        if data := b"".join(lines):
            self.written += len(data)
            observer.transport.write(data)
