"""The archive: members ask about the past of their channel, and are answered from the log.

A question is read aside, not in the event loop, so that a slow disk holds up nobody but those who ask. They are read
one after the other, in the order in which they came, and who asks what another asks already is answered with the same
page. Each session has one question at a time, so nobody asks ahead of the others. The answers go out between two turns,
so many a pass of the loop; as the log keeps a turn before it is told, and what is read was asked before, an answer has
all that its session was told before it asked.
"""

import logging
from collections import deque
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple, Protocol

from antechamber.channel.channel import Refused
from antechamber.log import Log, LogError, Page, Reader
from antechamber.log.search_query import SearchError, match_expression
from antechamber.protocol.commands import History, Search
from antechamber.protocol.limits import ARCHIVE_QUESTIONS_MAX, Limits
from antechamber.protocol.notices import AnyNotice, Entries, Refusal
from antechamber.rooms.room import Room
from antechamber.rooms.turn import Turn
from antechamber.runtime.clock import Clock, Loop
from antechamber.runtime.worker import Worker
from antechamber.session.session import Session
from antechamber.session.tokens import Claim

_WAITING = Refused("waiting", "You are waiting for a seat: once you have it, you can read what was said before.")
_ASKING = Refused("busy", "Your last question about the past is not answered yet: ask again after that.")
_FULL = Refused("busy", "Very many are asking about the past: ask again in a moment.")
_UNREADABLE = Refused("unreadable", "What was said there cannot be read from the server's log.")
_logger = logging.getLogger(__name__)


class Inquiry(Protocol):
    """What is to be read. Those that are equal are answered by one look."""

    @property
    def channel(self) -> str:
        """The channel that it is about, "" where it is about several."""

    def read(self, reader: Reader, bytes_max: int) -> Any:
        """Read what answers it, at most so many bytes, in whatever thread that is. Raises LogError."""


class Question(NamedTuple):
    """A page. Without `words` it is of everything, `before` an entry or `after` it; 0 is none."""

    channel: str
    before: int
    after: int
    words: str
    limit: int
    begins_at: int = 1
    """The first entry that may be told: what was before it is not the members'."""

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
    """A session that has asked, as the member that it was then, if it was one, and how it is answered."""

    session: Session
    claim: Claim | None
    question: Inquiry
    word: Callable[[Any], bytes]
    """Words what was found, or that nothing can be, as a `Refused`."""


class HistoryQueries:
    """What is asked about the past, and on its way."""

    def __init__(
        self, rooms: Mapping[str, Room], log: Log, limits: Limits, clock: Clock, loop: Loop, worker: Worker
    ) -> None:
        self.limits = limits
        self._rooms = rooms
        self._log = log
        self._clock = clock
        self._loop = loop
        self._aside = worker
        self._reader: Reader | None = None
        """None before it is opened, and once it is closed."""
        self._asking: dict[Session, Asker] = {}
        """Who is to be answered."""
        self._questions: dict[Inquiry, list[Asker]] = {}
        """What is to be read yet, in the order in which it was asked."""
        self._replies: deque[tuple[Asker, Any]] = deque()
        """What is to be told yet."""
        self._reading = False
        self._scheduled = False

    def open(self) -> None:
        """Open the log for reading. Raises LogError."""
        self._reader = self._log.reader()

    def close(self) -> None:
        """Answer nobody any more, and let what is being read end soon."""
        if (reader := self._reader) is not None:
            self._reader = None
            self._asking.clear()
            self._questions.clear()
            self._replies.clear()
            reader.interrupt()
            self._aside.close(reader.close)

    def ask(self, turn: Turn, session: Session, room: Room, command: History | Search) -> Refused | None:
        """Let a member's question be answered after this turn, unless it is one that is refused."""
        if session.name not in room.channel.seated:
            return _WAITING
        words = command.words if isinstance(command, Search) else ""
        if isinstance(command, Search):
            try:
                match_expression(words)
            except SearchError as error:
                return Refused("bad-search", str(error))
        after = command.after if isinstance(command, History) else 0
        after = max(after, room.begins_at - 1) if after else 0
        question = Question(room.name, command.before, after, words, command.limit, room.begins_at)
        return self.inquire(turn, session, room, question, partial(self._entries, session, room.name, command.id))

    def inquire(
        self, turn: Turn, session: Session, room: Room | None, question: Inquiry, word: Callable[[Any], bytes]
    ) -> Refused | None:
        """Let a question be answered after this turn, as `word` words it, unless it is one that is refused.

        It is answered only while the session has the seat in `room` from which it asks, if it asks from one.
        """
        claim = None if room is None else room.claim(session.name)
        asker = Asker(session, claim, question, word)
        if (earlier := self._asking.get(session)) is not None:
            if earlier.claim == asker.claim:
                return _ASKING
            self._withdraw(earlier)  # which it asked in another channel
        if question not in self._questions and len(self._questions) >= ARCHIVE_QUESTIONS_MAX:
            return _FULL
        self._asking[session] = asker
        self._questions.setdefault(question, []).append(asker)
        turn.undo.append(lambda: self._withdraw(asker))
        self._schedule()
        return None

    def _withdraw(self, asker: Asker) -> None:
        """Answer the asker no more."""
        if self._asking.get(asker.session) is asker:
            del self._asking[asker.session]
        askers = self._questions.get(asker.question, [])
        if asker in askers:
            askers.remove(asker)
            if not askers:
                del self._questions[asker.question]

    def _schedule(self) -> None:
        if not self._scheduled:
            self._scheduled = True
            self._loop.call_soon(self._pass)

    def _pass(self) -> None:
        """Tell what is found, until that is enough for one pass; then let the next question be read."""
        self._scheduled = False
        left = self.limits.catch_up_bytes_max
        while self._replies and left > 0:
            left -= self._tell(*self._replies.popleft())
        if self._replies:
            self._schedule()
        elif not self._reading:
            self._read_next()

    def _read_next(self) -> None:
        while self._questions and (reader := self._reader) is not None:
            question = next(iter(self._questions))
            askers = self._questions.pop(question)
            for gone in [asker for asker in askers if not self._is_there(asker)]:
                askers.remove(gone)
                self._withdraw(gone)
            if askers:
                self._reading = True
                self._aside.do(partial(self._read, reader, question), partial(self._found, askers))
                return

    def _read(self, reader: Reader, question: Inquiry) -> Any:
        """Read what answers the question, in whatever thread that is."""
        channel = question.channel
        try:
            return question.read(reader, self.limits.catch_up_bytes_max)
        except LogError as error:
            if self._reader is not None:  # otherwise it was told to end
                _logger.error("a question about the past got no answer", extra={"channel": channel, "why": str(error)})
        except Exception:
            _logger.exception("a question about the past got no answer", extra={"channel": channel})
        return _UNREADABLE

    def _found(self, askers: list[Asker], found: Any) -> None:
        """Take what was read."""
        self._reading = False
        self._replies.extend((asker, found) for asker in askers)
        self._schedule()

    def _tell(self, asker: Asker, found: Any) -> int:
        """Answer one who is still there, and return with how many bytes."""
        is_there = self._is_there(asker)
        self._withdraw(asker)
        if not is_there:
            return 0
        if data := asker.word(found):  # who asks without batches for what is not there is told nothing
            asker.session.transport.write(data)
        return len(data)

    def _entries(self, session: Session, channel: str, command_id: str, found: Page | Refused) -> bytes:
        """Word the answer to a member's question."""
        time = self._clock.now()
        answer: AnyNotice
        if isinstance(found, Refused):
            answer = Refusal(time, found.code, found.text, command_id)
        else:
            answer = Entries(time, channel, list(found.entries), found.more, command_id)
        return session.encoding.one(answer, self._clock.text(time), session.name)

    def _is_there(self, asker: Asker) -> bool:
        """Say whether the one who asked has the seat still from which it did so, if it did so from one."""
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
