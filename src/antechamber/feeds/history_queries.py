"""History queries: members ask for earlier entries of their channel, and are answered from the log.

A worker reads the log, not the event loop, so a slow disk delays only those who ask. Queries are read in the order in
which they came, and equal ones are answered by one look. Each session has one query at a time, so nobody gets ahead of
others. Answers are written between turns. The log keeps a turn before it is told, so an answer contains everything
that its session was told before it asked.
"""

import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple, Protocol

from antechamber.feeds.pass_queue import PassQueue
from antechamber.log import Log, LogError, Page, Reader
from antechamber.log.search_query import SearchError, match_expression
from antechamber.protocol.commands import History, Search
from antechamber.protocol.limits import ARCHIVE_QUESTIONS_MAX, CurrentLimits
from antechamber.protocol.notices import AnyNotice, Entries, Refusal
from antechamber.protocol.refusals import Refused
from antechamber.rooms.room import Room
from antechamber.rooms.turn import Turn
from antechamber.runtime.clock import Clock, Loop
from antechamber.runtime.worker import Worker
from antechamber.session.session import Session
from antechamber.session.tokens import Claim

_WAITING = Refused("waiting", "You are waiting for a seat: once you have it, you can read earlier messages.")
_ASKING = Refused("busy", "Your last request for history is not answered yet: ask again after that.")
_FULL = Refused("busy", "Too many people are asking for history: ask again in a moment.")
_UNREADABLE = Refused("unreadable", "That part of the server's log cannot be read.")
_logger = logging.getLogger(__name__)


class Query(Protocol):
    """Something to read from the log. Equal queries are answered by one look."""

    @property
    def channel(self) -> str:
        """The channel that it is about, "" if it is about several."""

    def read(self, reader: Reader, bytes_max: int) -> Any:
        """Read the answer, at most so many bytes, in any thread. Raises LogError."""


class PageQuery(NamedTuple):
    """A query for a page of entries, `before` one or `after` it (0 for neither), with `words` or with any."""

    channel: str
    before: int
    after: int
    words: str
    limit: int
    begins_at: int = 1
    """The sequence number of the first entry that members may read."""

    def read(self, reader: Reader, bytes_max: int) -> Page:
        """Read the page."""
        channel, before, after, words, limit, begins_at = self
        if words:
            page = reader.find(channel, words, before, limit, bytes_max)
        elif after:
            return reader.after(channel, after, limit, bytes_max)
        else:
            page = reader.before(channel, before, limit, bytes_max)
        entries = [entry for entry in page.entries if entry.sequence >= begins_at]
        return page if len(entries) == len(page.entries) else Page(entries, False)


class Asker(NamedTuple):
    """A session that has asked, the membership from which it asked, if any, and how it is answered."""

    session: Session
    claim: Claim | None
    query: Query
    encode: Callable[[Any], bytes]
    """Encodes what was found, or a `Refused` if it could not be read."""


class HistoryQueries:
    """The queries that are not answered yet."""

    def __init__(
        self, rooms: Mapping[str, Room], log: Log, limits: CurrentLimits, clock: Clock, loop: Loop, worker: Worker
    ) -> None:
        self._limits = limits
        self._rooms = rooms
        self._log = log
        self._clock = clock
        self._worker = worker
        self._reader: Reader | None = None
        """None before `open` and after `close`."""
        self._asking: dict[Session, Asker] = {}
        """The sessions that are to be answered."""
        self.unread: dict[Query, list[Asker]] = {}
        """The queries that are still to be read, in the order in which they were asked."""
        self._answers: PassQueue[tuple[Asker, Any]] = PassQueue(
            loop, lambda: self._limits.now.catch_up_bytes_max, self._tell, self._read_next
        )
        self._reading = False

    def open(self) -> None:
        """Open the log for reading. Raises LogError."""
        self._reader = self._log.reader()

    def close(self) -> None:
        """Drop all queries, and interrupt the one that is being read."""
        if (reader := self._reader) is not None:
            self._reader = None
            self._asking.clear()
            self.unread.clear()
            self._answers.clear()
            reader.interrupt()
            self._worker.close(reader.close)

    def ask(self, turn: Turn, session: Session, room: Room, command: History | Search) -> Refused | None:
        """Answer a member's command after this turn, or return why not."""
        if session.name not in room.channel.seated:
            return _WAITING
        words = command.words if isinstance(command, Search) else ""
        if isinstance(command, Search):
            try:
                match_expression(words)
            except SearchError as error:
                return Refused("bad-search", str(error))
        after = command.after if isinstance(command, History) else 0
        after = max(after, room.log.begins_at - 1) if after else 0
        query = PageQuery(room.name, command.before, after, words, command.limit, room.log.begins_at)
        return self.submit(turn, session, room, query, partial(self._entries, session, room.name, command.id))

    def submit(
        self, turn: Turn, session: Session, room: Room | None, query: Query, encode: Callable[[Any], bytes]
    ) -> Refused | None:
        """Answer a query after this turn, with the bytes that `encode` returns, or return why not.

        A session that asks from a seat in `room` is answered only while it has that seat.
        """
        claim = None if room is None else room.claim(session.name)
        asker = Asker(session, claim, query, encode)
        if (earlier := self._asking.get(session)) is not None:
            if earlier.claim == asker.claim:
                return _ASKING
            self._withdraw(earlier)  # it has asked that in another channel
        if query not in self.unread and len(self.unread) >= ARCHIVE_QUESTIONS_MAX:
            return _FULL
        self._asking[session] = asker
        self.unread.setdefault(query, []).append(asker)
        turn.undo.append(partial(self._withdraw, asker))
        self._answers.schedule()
        return None

    def _withdraw(self, asker: Asker) -> None:
        """Drop the asker's query."""
        if self._asking.get(asker.session) is asker:
            del self._asking[asker.session]
        askers = self.unread.get(asker.query, [])
        if asker in askers:
            askers.remove(asker)
            if not askers:
                del self.unread[asker.query]

    def _read_next(self) -> None:
        """Have the next query read that somebody still waits for, unless one is being read."""
        while not self._reading and self.unread and (reader := self._reader) is not None:
            query = next(iter(self.unread))
            askers = self.unread.pop(query)
            for gone in [asker for asker in askers if not self._is_there(asker)]:
                askers.remove(gone)
                self._withdraw(gone)
            if askers:
                self._reading = True
                self._worker.do(partial(self._read, reader, query), partial(self._found, askers))
                return

    def _read(self, reader: Reader, query: Query) -> Any:
        """Read the answer, or return a refusal, in the worker's thread."""
        channel = query.channel
        try:
            return query.read(reader, self._limits.now.catch_up_bytes_max)
        except LogError as error:
            if self._reader is not None:  # otherwise `close` has interrupted it
                _logger.error("a history query failed", extra={"channel": channel, "why": str(error)})
        except Exception:
            _logger.exception("a history query failed", extra={"channel": channel})
        return _UNREADABLE

    def _found(self, askers: list[Asker], found: Any) -> None:
        """Pass on what was read."""
        self._reading = False
        self._answers.add((asker, found) for asker in askers)

    def _tell(self, answer: tuple[Asker, Any]) -> int:
        """Write an answer, unless the asker has gone, and return its length in bytes."""
        asker, found = answer
        is_there = self._is_there(asker)
        self._withdraw(asker)
        if not is_there:
            return 0
        if data := asker.encode(found):  # an IRC client without batches is told nothing if nothing was found
            asker.session.transport.write(data)
        return len(data)

    def _entries(self, session: Session, channel: str, command_id: str, found: Page | Refused) -> bytes:
        """Encode the answer to a member's command."""
        time = self._clock.now()
        answer: AnyNotice
        if isinstance(found, Refused):
            answer = Refusal(time, found.code, found.text, command_id)
        else:
            answer = Entries(time, channel, list(found.entries), found.more, command_id)
        return session.encoding.one(answer, self._clock.text(time), session.name)

    def _is_there(self, asker: Asker) -> bool:
        """Return whether the asker still has the seat from which it asked, or if it had none, is connected."""
        session, claim = asker.session, asker.claim
        if claim is None:
            return not session.is_over
        room = self._rooms.get(claim.channel)
        return (
            room is not None
            and not session.is_over
            and room.sessions.get(claim.name) is session
            and room.claim(claim.name) == claim
        )
