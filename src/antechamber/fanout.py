"""The fan-out of one turn: what happened, and who reads which bytes of it.

A turn costs messages + members, not messages x members. Each channel's events of the turn become one chunk, encoded
once per encoding in use; a session that sat there throughout and was told nothing else gets the whole chunk in one
write. Every other session has a `View`: slices of chunks and notices of its own, in the order in which they came
about, joined into one write too.
"""

from collections.abc import Callable, Iterable, Mapping
from itertools import accumulate
from typing import NamedTuple

from antechamber.codec import Encoding
from antechamber.events import AnyEvent, AnyNotice, Entry, Goodbye, GoodbyeReason, encode_lines
from antechamber.session import Session


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

    __slots__ = ("_chunks", "_cuts", "audience", "channel", "entries", "events", "lines")

    def __init__(self, channel: str, audience: Audience) -> None:
        self.channel = channel
        self.audience = audience
        self.events: list[AnyEvent] = []
        self.entries: list[Entry] = []
        self.lines = b""
        self._chunks: dict[Encoding, bytes] = {}
        self._cuts: dict[Encoding, tuple[bytes, list[int]]] = {}

    def number(self, first: int, time: float) -> None:
        """Turn the events into entries from sequence number `first` on."""
        channel = self.channel
        self.entries = [Entry(channel, sequence, time, event) for sequence, event in enumerate(self.events, first)]
        self.lines = encode_lines(self.entries)

    def chunk(self, encoding: Encoding, clock: str) -> bytes:
        """Return all the entries in one encoding."""
        chunk = self._chunks.get(encoding)
        if chunk is None:
            if encoding.joins_each and encoding in self._cuts:
                chunk = self._cuts[encoding][0]
            else:
                chunk = encoding.joined(self.entries, self.lines, clock)
            self._chunks[encoding] = chunk
        return chunk

    def slice(self, encoding: Encoding, clock: str, start: int, stop: int) -> bytes:
        """Return the entries from index `start` up to `stop` in one encoding, cut out of all of them."""
        cut = self._cuts.get(encoding)
        if cut is None:
            each = encoding.each(self.entries, self.lines, clock)
            cut = self._cuts[encoding] = b"".join(each), list(accumulate(map(len, each), initial=0))
        whole, offsets = cut
        return whole[offsets[start] : offsets[stop]]


class Slice(NamedTuple):
    """Entries of a part that a session reads; `own` where it reads them in words of its own."""

    part: Part
    start: int
    stop: int
    own: bool = False


class View:
    """What one session reads of a turn, in order, where that is not just its channel's chunk."""

    __slots__ = ("part", "pieces", "start")

    def __init__(self, part: Part | None) -> None:
        self.pieces: list[bytes | Slice] = []
        self.part = part
        """Where it is seated."""
        self.start = 0
        """The index of the first event there that is in no piece yet."""

    def cut(self) -> None:
        """Put what happened in the channel so far into a piece."""
        if self.part is not None:
            happened = len(self.part.events)
            if happened > self.start:
                self.pieces.append(Slice(self.part, self.start, happened))
            self.start = happened


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
        self._observed: list[tuple[Part, int] | AnyNotice] = []
        self.ending: list[Session] = []
        """The sessions that close once they have been written to."""
        self.undo: list[Callable[[], None]] = []
        """What puts the sessions back where they were, last first, should the log not keep the turn."""
        self.remembered: list[tuple[Session, str]] = []
        """The ids of commands that are new in this turn, to be forgotten in that case."""
        self.waits: list[tuple[str, float]] = []
        """The channel of each who got a seat, and the seconds of waiting for it."""
        self.seats: list[tuple[str, float, bool]] = []
        """The channel of each who lost a seat, the seconds in it, and whether that was a no-show."""
        self.away: dict[tuple[str, str], bool] = {}
        """Of each member, by channel and name, whose connection was lost or came back: whether it is away."""
        self.told = 0
        """How many bytes single sessions were told, beside what happened."""
        self.written = 0
        """How many bytes were written to sessions."""

    def part(self, channel: str) -> Part:
        """Return the channel's part of the turn."""
        part = self.parts.get(channel)
        if part is None:
            part = self.parts[channel] = Part(channel, self._audiences[channel])
        return part

    def happened(self, part: Part, event: AnyEvent) -> None:
        """Add an event to its channel's part."""
        if self._observers:
            self._observed.append((part, len(part.events)))
        part.events.append(event)

    def observe(self, notice: AnyNotice) -> None:
        """Let the operators read a notice that is for somebody else."""
        if self._observers:
            self._observed.append(notice)

    def tell(self, session: Session, notice: AnyNotice) -> None:
        """Tell one session something, in its place among what it reads; a closed one reads nothing more."""
        if session.observes:
            self._observed.append(notice)
        elif not session.closed:
            view = self._view(session)
            view.cut()
            data = session.encoding.one(notice, self.clock, session.name)
            self.told += len(data)
            view.pieces.append(data)

    def end(self, session: Session, reason: GoodbyeReason, text: str) -> None:
        """Let a goodbye be the last thing that `session` reads, if it has read none yet."""
        if not session.closed:
            self.tell(session, Goodbye(self.time, reason, text))
            session.closed = True
            self.ending.append(session)

    def tell_own(self, session: Session, part: Part) -> None:
        """Let `session`, which is seated there, read the event that comes next in words of its own."""
        view = self._view(session)
        view.cut()
        view.pieces.append(Slice(part, view.start, view.start + 1, own=True))
        view.start += 1

    def seat(self, session: Session, part: Part) -> None:
        """Let `session` read the channel from the event that comes next on."""
        view = self._view(session)
        view.part = part
        view.start = len(part.events)
        session.seated = True
        part.audience.add(session)

    def unseat(self, session: Session) -> None:
        """Let `session` read its channel up to now, and no further."""
        if session.seated:
            view = self._view(session)
            view.cut()
            view.part = None
            session.seated = False
            self._audiences[session.channel].discard(session)

    def _view(self, session: Session) -> View:
        view = self._views.get(session)
        if view is None:
            # Its first thing out of the ordinary in this turn, so it has sat where it sits from the turn's start.
            view = self._views[session] = View(self.part(session.channel) if session.seated else None)
        return view

    def deliver(self) -> None:
        """Write to each session, once, what it reads of the turn.

        The views come first: where they cut a chunk, it is made of what they cut, and nothing is encoded twice.
        """
        views, clock = self._views, self.clock
        for session, view in views.items():
            view.cut()
            if data := b"".join([self._piece(session, piece) for piece in view.pieces]):
                self.written += len(data)
                session.transport.write(data)
        for part in self.parts.values():
            if part.events:
                for encoding, sessions in part.audience.groups.items():
                    chunk = part.chunk(encoding, clock) if sessions else b""
                    if not chunk:
                        continue
                    self.written += len(chunk) * (len(sessions) - len(views.keys() & sessions.keys()))
                    for session in sessions:
                        if session not in views:
                            session.transport.write(chunk)
        for observer in self._observers:
            self._deliver_observed(observer)

    def _piece(self, session: Session, piece: bytes | Slice) -> bytes:
        if isinstance(piece, bytes):
            return piece
        if piece.own:
            return session.encoding.one(piece.part.entries[piece.start], self.clock, session.name)
        return piece.part.slice(session.encoding, self.clock, piece.start, piece.stop)

    def _deliver_observed(self, observer: Session) -> None:
        one = observer.encoding.one
        lines = [
            one(item[0].entries[item[1]] if isinstance(item, tuple) else item, self.clock, "")
            for item in self._observed
        ]
        if data := b"".join(lines):
            self.written += len(data)
            observer.transport.write(data)
