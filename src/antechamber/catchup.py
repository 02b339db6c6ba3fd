"""Catching up: a resumed session reads what it has missed, in pieces at its own pace, and then what happens.

A piece is read from the log and written between two turns. At that moment the log holds exactly what the channel's
seated sessions were told, so whoever has read all of it joins them without a gap and without a double.
"""

import logging
from collections.abc import Callable, Mapping

from antechamber.clock import Clock
from antechamber.events import Entry, Said, encode_lines
from antechamber.limits import Limits
from antechamber.log import Log, LogError
from antechamber.room import Room
from antechamber.session import Session

_PAUSE_SECONDS = 0.01
"""How long a session that has not read its last piece yet is left alone."""
_ENTRY_BYTES = 120
"""About the size of an entry's JSON apart from its text."""
_logger = logging.getLogger(__name__)


class CatchUp:
    """The sessions that are catching up. `call_later` is the loop's."""

    def __init__(
        self,
        rooms: Mapping[str, Room],
        log: Log,
        limits: Limits,
        clock: Clock,
        call_later: Callable[..., object],
    ) -> None:
        self.limits = limits
        self._rooms = rooms
        self._log = log
        self._clock = clock
        self._call_later = call_later

    def first(self, room: Room, sequence: int) -> int:
        """Return the sequence number of the first entry from `sequence` on that the log has still.

        It is the one after the last where there is none, and `sequence` where the log cannot be read.
        """
        if sequence > room.sequence:
            return sequence
        try:
            entry = next(iter(self._log.read_from(room.name, sequence)), None)
        except LogError:
            return sequence  # which is told when the entries themselves cannot be read
        return room.sequence + 1 if entry is None else entry.sequence

    def begin(self, session: Session) -> None:
        """Let `session` read from entry `session.behind` on. Called between two turns, as the rest is."""
        if session.behind:  # or it has gone again in the very turn in which it came back
            self._go_on(session, session.behind, self._clock.steady())

    def _go_on(self, session: Session, behind: int, moved_at: float) -> None:
        """Write the next piece, if the last one, written at `moved_at`, is mostly read."""
        if session.behind != behind or session.closed:
            return  # it has gone, or is somewhere else
        room = self._rooms[session.channel]
        now = self._clock.steady()
        if session.transport.get_write_buffer_size() * 2 > self.limits.catch_up_bytes_max:
            if now - moved_at >= self.limits.catch_up_seconds_max:
                session.transport.abort()
            else:
                self._call_later(_PAUSE_SECONDS, self._go_on, session, behind, moved_at)
            return
        try:
            written = self._write_piece(session, room)
        except LogError as error:
            facts = {"channel": room.name, "why": str(error)}
            _logger.error("a session could not catch up, so it was closed", extra=facts)
            written = False
        if not written:
            session.transport.abort()
            return
        if session.behind <= room.sequence:
            self._call_later(0, self._go_on, session, session.behind, now)
        else:
            session.behind, session.seated = 0, True
            room.audience.add(session)

    def _write_piece(self, session: Session, room: Room) -> bool:
        """Write the next entries; return False where they are kept no more: only another resume can tell of a gap."""
        entries: list[Entry] = []
        left = self.limits.catch_up_bytes_max
        if session.behind <= room.sequence:
            for entry in self._log.read_from(room.name, session.behind):
                entries.append(entry)
                if isinstance(entry.event, Said):
                    left -= len(entry.event.text)
                    if entry.event.name == session.name and entry.event.id:
                        session.repeats(entry.event.id, self.limits.recent_ids_max)
                left -= _ENTRY_BYTES
                if left <= 0:
                    break
            if not entries or entries[0].sequence != session.behind:
                return False
            session.behind = entries[-1].sequence + 1
            clock = self._clock.text(self._clock.now())
            session.transport.write(session.encoding.joined(entries, encode_lines(entries), clock))
        return True
