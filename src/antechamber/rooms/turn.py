"""The fan-out of one turn: what happened, who reads which bytes of it, and how to roll it back.

A turn costs messages + members, not messages x members. Each channel's events of the turn become one chunk, encoded
once per encoding in use. A session that was seated throughout and was told nothing else gets the whole chunk in one
write. Every other session has a `View`: slices of chunks and notices of its own, in order, joined into one write too.

Handlers call `Turn.tell` and `Turn.write`; `Turn.deliver` writes to the transports, once the log has kept the turn. Who
else may write to a connection is told in `gateway/transport.py`.

What the turn changes is changed by `set`, `put` and `pop`, so that `roll_back` restores it if the log does not keep it.
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
        """Add a session, which reads what happens from now on."""
        self.groups.setdefault(session.encoding, {})[session] = None

    def discard(self, session: Session) -> None:
        """Remove a session, which reads nothing more."""
        self.groups.get(session.encoding, {}).pop(session, None)


class Part:
    """One channel's events of the turn. Once everything is decided, `number` makes them entries."""

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
        """The cloaked addresses whose commands led to the events ("" for none), each with the index of its first."""
        self.entries: list[Entry] = []
        self.lines = b""
        self.proofs: tuple[tuple[int, str], ...] = ()
        """The password proofs that the log keeps beside the entries, and nobody reads (`Batch`)."""
        self._chunks: dict[Encoding, bytes] = {}
        self._cuts: dict[Encoding, Cut] = {}

    def number(self, first: int, time: float) -> None:
        """Make the events entries, from sequence number `first` on, kept at `time` in seconds since the epoch."""
        channel = self.channel
        self.entries = [Entry(channel, sequence, time, event) for sequence, event in enumerate(self.events, first)]
        self.lines = encode_lines(self.entries)

    def logged(self) -> Iterator[tuple[str, int]]:
        """Yield addresses with the bytes that the log keeps because of their commands; an address may come twice."""
        if len(self.authors) == 1:
            yield self.authors[0][0], len(self.lines)
            return
        sizes = map(len, self.lines.splitlines(keepends=True))
        for (host, start), (_, stop) in pairwise([*self.authors, ("", len(self.events))]):
            yield host, sum(islice(sizes, stop - start))

    def will_cut(self, encoding: Encoding, start: int, stop: int) -> None:
        """Announce a `slice` of the entries from index `start` up to `stop`, before any of them is encoded."""
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
        """Return the entries from index `start` up to `stop` in one encoding. `will_cut` must have announced them."""
        cut = self._cuts[encoding]
        if not cut.offsets:
            self._encode(encoding, clock, cut)
        return cut.whole[cut.offsets[start] : cut.offsets[stop]]

    def _encode(self, encoding: Encoding, clock: str, cut: "Cut") -> None:
        """Encode the entries in as few pieces as the announced slices allow."""
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
    """A part in one encoding: its bytes, `whole`, and the offsets in them of the indexes in `ends`."""

    __slots__ = ("ends", "offsets", "whole")

    def __init__(self) -> None:
        self.ends: set[int] = set()
        self.whole = b""
        self.offsets: dict[int, int] = {}


class Slice(NamedTuple):
    """Entries of a part that a session reads; `own` if they are worded for this session alone."""

    part: Part
    session: Session
    start: int
    stop: int
    own: bool = False


class Wrapped(NamedTuple):
    """Pieces that `wrap` puts into an envelope, once they are bytes."""

    pieces: "list[Piece]"
    wrap: Callable[[bytes], bytes]


Piece = bytes | bytearray | Slice | Wrapped
AudienceNotice = tuple[Session, Callable[[Encoding], bytes]]
"""Something of the moment that is no entry: the session that does not read it, and its bytes in an encoding."""


class View:
    """What one connection reads of a turn, in order, if that is anything else than its channel's chunk."""

    __slots__ = ("pieces", "starts")

    def __init__(self) -> None:
        self.pieces: list[Piece] = []
        self.starts: dict[Session, tuple[Part, int]] = {}
        """For each of its seated sessions, the part and the index of the first event that is not in a piece yet."""

    def cut(self) -> None:
        """Add what has happened in its channels so far to the pieces."""
        for session, (part, start) in self.starts.items():
            happened = len(part.events)
            if happened > start:
                self.pieces.append(Slice(part, session, start, happened))
                self.starts[session] = part, happened

    def pass_over(self, session: Session, events: int) -> None:
        """Leave so many of the next events out of what `session` reads."""
        part, start = self.starts[session]
        happened = len(part.events)
        if happened > start:
            self.pieces.append(Slice(part, session, start, happened))
        self.starts[session] = part, happened + events


class Tally:
    """What the metrics count of a turn."""

    __slots__ = ("seats", "waits", "written_bytes")

    def __init__(self) -> None:
        self.waits: list[tuple[str, float]] = []
        """A channel and the seconds of waiting, for each member who got a seat."""
        self.seats: list[tuple[str, float, bool]] = []
        """A channel, the seconds in the seat, and whether that was a no-show, for each member who lost a seat."""
        self.written_bytes = 0
        """The bytes written to sessions."""


class Turn:
    """One turn of the hub: collected while it decides, delivered once the log has kept it."""

    def __init__(
        self,
        time: float,
        steady: float,
        clock: str,
        audiences: Mapping[str, Audience],
        observers: Iterable[Session],
        utc_offset: Callable[[float], int] = lambda _: 0,
    ) -> None:
        self.time = time
        """The moment of the turn in seconds since the epoch, for stamps."""
        self.steady = steady
        """The same moment by the steady clock, for everything that waits."""
        self.clock = clock
        """The same moment as people read it."""
        self._utc_offset = utc_offset
        self.at = ""
        """The channel whose code is running, to which a fault of the program is attributed; "" if there is none."""
        self.after: list[Callable[[], object]] = []
        """Calls to make once the log has kept the turn and everyone has been told."""
        self.parts: dict[str, Part] = {}
        self._audiences = audiences
        self._views: dict[Session, View] = {}
        self._observers = tuple(observers)
        self._observed: list[tuple[Part, int, int] | AnyNotice] = []
        self._audience_notices: dict[Audience, list[AudienceNotice]] = {}
        self.ending: list[Session] = []
        """The sessions to close once they have been written to."""
        self.undo: list[Callable[[], object]] = []
        """The inverses of what the turn has changed, in order; `roll_back` calls the last one first."""
        self.remembered: list[tuple[Session, str]] = []
        """The ids of commands that are new in this turn, which `roll_back` forgets."""
        self.tally = Tally()
        self.away: dict[tuple[str, str], bool] = {}
        """Whether a member is away, by channel and name, for those whose connections were lost or came back."""
        self.greet: list[Session] = []
        """The sessions of IRC users that got a seat, and are still to be told about its channel."""
        self.is_kept = True
        """Whether the log is asked to keep the decisions; not in the turn that answers for one that was rolled back."""
        self.author = ""
        """The cloaked address of the current command's sender; "" if there is none, or it is the console."""
        self.told = 0
        """The bytes that single sessions were told, beside what happened."""

    @property
    def utc_offset_seconds(self) -> int:
        """The server's local time less UTC, in seconds."""
        return self._utc_offset(self.time)

    # What a rollback restores

    def save(self, owner: object, *attributes: str) -> None:
        """Save attributes that are about to change; a rollback restores them."""
        self.undo.append(partial(_restore, owner, attributes, [getattr(owner, attribute) for attribute in attributes]))

    def save_item(self, mapping: MutableMapping[K, V], key: K) -> None:
        """Save a mapping's value that is about to change; a rollback restores it, at the end, or removes the key."""
        if key in mapping:
            self.undo.append(partial(mapping.__setitem__, key, mapping[key]))
        else:
            self.undo.append(partial(mapping.pop, key, None))

    def set(self, owner: object, attribute: str, value: object) -> None:
        """Set an attribute; a rollback restores the old value."""
        self.undo.append(partial(setattr, owner, attribute, getattr(owner, attribute)))
        setattr(owner, attribute, value)

    def put(self, mapping: MutableMapping[K, V], key: K, value: V) -> None:
        """Put a value into a mapping; a rollback restores the old value, or removes the key."""
        self.save_item(mapping, key)
        mapping[key] = value

    def pop(self, mapping: MutableMapping[K, V], key: K) -> V | None:
        """Take a value out of a mapping and return it, None if there is none; a rollback puts it back, at the end."""
        if key not in mapping:
            return None
        self.save_item(mapping, key)
        return mapping.pop(key)

    def roll_back(self) -> None:
        """Restore everything as it was before the turn, as the log did not keep it."""
        for undo in reversed(self.undo):
            undo()
        for session, command_id in self.remembered:
            session.forget(command_id)

    # What sessions are told

    def part(self, channel: str) -> Part:
        """Return the channel's part of the turn."""
        part = self.parts.get(channel)
        if part is None:
            part = self.parts[channel] = Part(channel, self._audiences[channel])
        return part

    def happened(self, part: Part, event: AnyEvent) -> None:
        """Add an event to its channel's part."""
        self.all_happened(part, (event,))

    def tell_audience(self, audience: Audience, but: Session, line: Callable[[Encoding], bytes]) -> None:
        """Tell an audience, `but` for one connection, something that is no entry; they read it at the turn's end."""
        self._audience_notices.setdefault(audience, []).append((but, line))

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
        """Show the console a notice that is for somebody else."""
        if self._observers:
            self._observed.append(notice)

    def tell(self, session: Session, notice: AnyNotice) -> None:
        """Tell one session something, in order with what else it reads; one that is closed reads nothing more."""
        if session.observes:
            self._observed.append(notice)
        elif not session.is_over:
            self.write(session, session.encoding.one(notice, self.clock, session.name))

    def write(self, session: Session, data: bytes) -> None:
        """Write `data`, whole lines, to one session, in order with what else it reads."""
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
        """Pass the bytes of everything that `tell` tells a session through `wrap`."""
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
        """Close `session` after a goodbye, unless it is closed already.

        The goodbye names the `channel` if the connection may have others, and whoever ended it (`by`). A connection
        that goes on, and waited `in_line` there, is told in words alone, as it has seen nothing of the channel yet.
        """
        if not session.closed:
            if session.outlet is session:
                self.tell(session, Goodbye(self.time, reason, text, "", by))
            elif in_line:
                why = f"{by or 'The operator'} has taken it." if text == closed_by(by) else text
                self.tell(session, Announcement(self.time, channel, f"You have lost your place in the line. {why}"))
            else:
                self.tell(session, Goodbye(self.time, reason, text, channel, by))
            self.set(session, "closed", True)
            self.ending.append(session)

    def tell_own(self, session: Session, part: Part) -> None:
        """Word the next event of the part for `session` alone, which is seated there."""
        start = len(part.events)
        view = self._view(session)
        view.pass_over(session, 1)
        view.pieces.append(Slice(part, session, start, start + 1, own=True))

    def pass_over(self, session: Session, events: int = 1) -> None:
        """Leave the next events of its channel out of what `session` reads, which is seated there."""
        self._view(session).pass_over(session, events)

    def keep_order(self, session: Session) -> None:
        """Keep the order across the channels of a connection: what happened so far is read before what comes next."""
        if session.outlet.memberships is not None and len(session.outlet.memberships) > 1:
            self._view(session).cut()

    def seat(self, session: Session, part: Part) -> None:
        """Make `session` read the channel from the next event on."""
        view = self._view(session)
        view.cut()
        view.starts[session] = part, len(part.events)
        self.set(session, "seated", True)
        part.audience.add(session)
        self.undo.append(partial(part.audience.discard, session))

    def unseat(self, session: Session) -> None:
        """Make `session` read its channel up to now, and no further."""
        if session.seated:
            view = self._view(session)
            view.cut()
            view.starts.pop(session, None)
            self.set(session, "seated", False)
            audience = self._audiences[session.channel]
            audience.discard(session)
            self.undo.append(partial(audience.add, session))

    def _view(self, session: Session) -> View:
        outlet = session.outlet
        view = self._views.get(outlet)
        if view is None:
            # Nothing else has concerned it in this turn, so it has been seated where it is since the turn began.
            view = self._views[outlet] = View()
            sessions = (outlet,) if outlet.memberships is None else outlet.memberships.values()
            view.starts = {one: (self.part(one.channel), 0) for one in sessions if one.seated}
        return view

    def deliver(self) -> None:
        """Write to each session, once, what it reads of the turn.

        The views come first. A chunk that they cut is joined from their slices, so that nothing is encoded twice.
        """
        views, clock = self._views, self.clock
        for view in views.values():
            view.cut()
            self._announce_slices(view.pieces)
        for observer in self._observers:
            for item in self._observed:
                if isinstance(item, tuple):
                    part, start, stop = item
                    part.will_cut(observer.encoding, start, stop)
        for outlet, view in views.items():
            if data := self._bytes(view.pieces):
                self.tally.written_bytes += len(data)
                outlet.transport.write(data)
        for part in self.parts.values():
            if part.events:
                for encoding, sessions in part.audience.groups.items():
                    readers = [one.outlet for one in sessions if one.outlet not in views]
                    chunk = part.chunk(encoding, clock) if readers else b""
                    if not chunk:
                        continue
                    self.tally.written_bytes += len(chunk) * len(readers)
                    for outlet in readers:
                        outlet.transport.write(chunk)
        for audience, notices in self._audience_notices.items():
            self._deliver_to_audience(audience, notices)
        for observer in self._observers:
            self._deliver_observed(observer)

    def clear(self) -> None:
        """Drop what was told and saved: the turn object lives until the next turn, and may have been a large one."""
        tally = self.tally
        done = (self.undo, self.ending, self.remembered, tally.waits, tally.seats, self.away)
        for kept in (self.parts, self._views, self._observed, self._audience_notices, *done):
            kept.clear()

    def _deliver_to_audience(self, audience: Audience, notices: list[AudienceNotice]) -> None:
        """Write what is no entry to each session of an audience, once."""
        apart = {but for but, _ in notices}
        for encoding, sessions in audience.groups.items():
            lines = [(but, line(encoding)) for but, line in notices]
            chunk = b"".join([data for _, data in lines])
            for outlet in [one.outlet for one in sessions] if chunk else ():
                data = b"".join([data for but, data in lines if but is not outlet]) if outlet in apart else chunk
                if data:
                    self.tally.written_bytes += len(data)
                    outlet.transport.write(data)

    def _announce_slices(self, pieces: Iterable[Piece]) -> None:
        """Announce to the parts what will be cut out of them."""
        for piece in pieces:
            if isinstance(piece, Slice):
                if not piece.own:
                    piece.part.will_cut(piece.session.encoding, piece.start, piece.stop)
            elif isinstance(piece, Wrapped):
                self._announce_slices(piece.pieces)

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
            self.tally.written_bytes += len(data)
            observer.transport.write(data)


def _restore(owner: object, attributes: Iterable[str], values: Iterable[object]) -> None:
    for attribute, value in zip(attributes, values, strict=True):
        setattr(owner, attribute, value)
