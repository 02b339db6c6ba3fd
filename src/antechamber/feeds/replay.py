"""Replay: a resumed session reads the entries that it has missed, in pieces at its own pace, and then what happens.

A piece is read from the log and written between two turns. At that moment the log holds exactly what the channel's
seated sessions were told, so a session that has read all of it joins them without a gap and without a repetition.

After a restart everybody comes back at once, and most have missed the same entries. So a pass of the event loop serves
only some of them, and a piece that was read for one session is kept for a while for the others.
"""

import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import NamedTuple

from antechamber.codec import Encoding
from antechamber.feeds.pass_queue import PassQueue
from antechamber.log import Log, LogError
from antechamber.protocol.commands import Command
from antechamber.protocol.events import Entry, Said, encode_lines
from antechamber.protocol.limits import CurrentLimits
from antechamber.rooms.room import Room
from antechamber.runtime.clock import Clock, Loop
from antechamber.session.session import Session

_PAUSE_SECONDS = 0.05
"""Time between two looks at sessions that have not read their last piece yet."""
_SERVED_BYTES = 256
"""The bytes that serving a session counts for, beside those that are read for it."""
_PIECES_KEPT = 32
_logger = logging.getLogger(__name__)


class Unreadable(Command, frozen=True, tag=False):
    """Tells the hub that what a session has missed cannot be read, so the session ends with a goodbye."""

    needs_log = False


class CaughtUp(Command, frozen=True, tag=False):
    """Tells the hub that a connection with several memberships has read everything that it missed in a channel."""

    channel: str


class Piece(NamedTuple):
    """Entries up to the one before `next`, as bytes, and the ids that their senders gave them."""

    data: bytes
    next: int
    ids: list[tuple[str, str]]


class Replay:
    """The sessions that are catching up."""

    def __init__(
        self,
        rooms: Mapping[str, Room],
        log: Log,
        limits: CurrentLimits,
        clock: Clock,
        loop: Loop,
        submit: Callable[[Session, list[Command]], None],
    ) -> None:
        self._limits = limits
        self._submit = submit
        self._rooms = rooms
        self._log = log
        self._clock = clock
        self._loop = loop
        self._moved_at: dict[Session, float] = {}
        """The moment at which each of them was last written to, by the steady clock."""
        self._ready: PassQueue[Session] = PassQueue(
            loop, lambda: self._limits.now.catch_up_bytes_max, self._serve, self._drop_pieces
        )
        self._reading: list[Session] = []
        """The sessions that have much to read still; one timer looks after them all."""
        self._pieces: OrderedDict[tuple[str, int, Encoding], Piece] = OrderedDict()
        self._firsts: dict[tuple[str, int], int] = {}
        """What `first` has found since the last replay began."""

    def first(self, room: Room, sequence: int) -> int:
        """Return the sequence number of the first entry from `sequence` on that the log still has.

        Without such an entry it is the next one's, and if the log cannot be read, `sequence`.
        """
        if sequence > room.log.sequence:
            return sequence
        key = (room.name, sequence)
        if key not in self._firsts:
            try:
                entry = next(iter(self._log.read_from(room.name, sequence)), None)
            except LogError:
                return sequence  # the session will be told when the entries themselves cannot be read
            self._firsts[key] = room.log.sequence + 1 if entry is None else entry.sequence
        return self._firsts[key]

    def begin(self, session: Session) -> None:
        """Make `session` read from entry `session.behind` on, soon."""
        self._firsts.clear()
        self._moved_at[session] = self._clock.steady()
        self._ready.add((session,))

    def _serve(self, session: Session) -> int:
        """Write the next piece to a session, and return the bytes that this counts for."""
        try:
            return _SERVED_BYTES + self._write_next(session)
        except LogError as error:
            extra = {"channel": session.channel, "why": str(error)}
            _logger.error("a session could not catch up, so it was closed", extra=extra)
            del self._moved_at[session]
            self._submit(session, [Unreadable()])
        except Exception:
            _logger.exception("a session could not catch up, so it was closed")
            self._give_up(session)
        return _SERVED_BYTES

    def _drop_pieces(self) -> None:
        """Drop the pieces that were read, once nobody is catching up."""
        if not self._moved_at:
            self._pieces.clear()

    def _write_next(self, session: Session) -> int:
        """Write the next piece, if the last one is mostly read; return how many bytes were read for it."""
        if not session.behind or session.is_over:
            del self._moved_at[session]  # it has left the channel
            return 0
        now = self._clock.steady()
        if session.transport.get_write_buffer_size() * 2 > self._limits.now.catch_up_bytes_max:
            if now - self._moved_at[session] >= self._limits.now.catch_up_seconds_max:
                self._give_up(session)
            else:
                self._wait_for(session)
            return 0
        room = self._rooms[session.channel]
        read = 0
        if session.behind <= room.log.sequence:
            piece, read = self._piece(session, room)
            if piece is None:
                self._give_up(session)
                return 0
            self._hand_over(session, piece)
            self._moved_at[session] = now
        if session.behind <= room.log.sequence:
            self._ready.add((session,))
        else:
            session.behind, session.seated = 0, True
            if session.outlet is not session:
                session.encoding = session.outlet.encoding  # it may have read the past in another one
                self._submit(session.outlet, [CaughtUp(session.channel)])
            room.audience.add(session)
            del self._moved_at[session]
        return read

    def _give_up(self, session: Session) -> None:
        self._moved_at.pop(session, None)
        session.transport.abort()

    def _wait_for(self, session: Session) -> None:
        if not self._reading:
            self._loop.call_later(_PAUSE_SECONDS, self._look_again)
        self._reading.append(session)

    def _look_again(self) -> None:
        reading, self._reading = self._reading, []
        self._ready.add(reading)

    def _piece(self, session: Session, room: Room) -> tuple[Piece | None, int]:
        """Return the next piece for `session`, and how many bytes were read for it; None if the log no longer has it.

        Only another resume can then tell the session what it has lost. Raises LogError.
        """
        key = (room.name, session.behind, session.encoding)
        if (piece := self._pieces.get(key)) is not None:
            return piece, 0
        if (piece := self._read_piece(*key)) is None:
            return None, 0
        self._pieces[key] = piece
        if len(self._pieces) > _PIECES_KEPT:
            self._pieces.popitem(last=False)
        return piece, len(piece.data)

    def _hand_over(self, session: Session, piece: Piece) -> None:
        for name, command_id in piece.ids:
            if name == session.name:
                session.repeats(command_id, self._limits.now.recent_ids_max)
        session.behind = piece.next
        if piece.data:  # an encoding may leave all of it out
            session.transport.write(piece.data)

    def _read_piece(self, channel: str, sequence: int, encoding: Encoding) -> Piece | None:
        entries: list[Entry] = []
        lines: list[bytes] = []
        ids: list[tuple[str, str]] = []
        left = self._limits.now.catch_up_bytes_max
        for entry in self._log.read_from(channel, sequence):
            if entry.sequence != sequence + len(entries):
                break
            line = encode_lines([entry])
            if entries and len(line) > left:
                break
            left -= len(line)
            entries.append(entry)
            lines.append(line)
            if isinstance(entry.event, Said) and entry.event.id:
                ids.append((entry.event.name, entry.event.id))
        if not entries:
            return None
        data = encoding.joined(entries, b"".join(lines), self._clock.text(self._clock.now()))
        return Piece(data, sequence + len(entries), ids)
