"""The hub owns the channels and takes turns: drain the inbox, decide, append, fan out.

Whatever arrives goes into the inbox; the first command there asks the event loop for a turn as soon as everything that
is readable now has been read. So a lone message goes out at once, and under load a turn carries many. No timer ever
delays a turn.

What a turn decides is appended to the log in one transaction before anyone is told. Where the log fails, the turn is
undone: the channels are read from the log again, the sessions are where they were, and those who asked are told.
"""

import logging
from collections import deque
from collections.abc import Callable, Iterable, Mapping

from antechamber.archive import Archive
from antechamber.aside import Aside, AtOnce
from antechamber.catchup import CatchUp, Unreadable
from antechamber.clock import Clock, Loop, Timer
from antechamber.commands import (
    AskPlace,
    AskSamples,
    Command,
    Hello,
    Here,
    History,
    Leave,
    List,
    Operate,
    Ping,
    Quit,
    Received,
    Resume,
    Say,
    Search,
    Shutdown,
    Watch,
    Whisper,
    Who,
)
from antechamber.dispatch import Dispatch
from antechamber.events import ChannelInfo, Refusal
from antechamber.fanout import Part, Turn
from antechamber.keeping import Keeping
from antechamber.limits import Limits
from antechamber.log import Log, LogError
from antechamber.metrics import Metrics
from antechamber.room import Room
from antechamber.samples import Sampling
from antechamber.session import Session
from antechamber.tokens import Tokens
from antechamber.transfers import Abandon, Transfer, Transfers, Uploaded
from antechamber.watching import Watching

_logger = logging.getLogger(__name__)
_TALK = (Say, Whisper)
"""The commands that carry text of any length."""
_UNKEPT = (AskPlace, AskSamples, Here, History, List, Operate, Ping, Resume, Search, Unreadable, Watch, Who)
"""The commands that lead to nothing which a log keeps."""
_RETRY_SECONDS = 1.0
"""How long the hub waits before it asks a log that failed again to keep a departure."""


class Hub:
    """Every room of the server. `submit` is the one way in; all that goes out is written to sessions."""

    def __init__(
        self,
        rooms: Iterable[Room],
        log: Log,
        transfers: Transfers,
        limits: Limits,
        clock: Clock,
        loop: Loop,
        aside: Aside | None = None,
    ) -> None:
        """Let the past be read `aside`; at once, in the loop, where that is None."""
        self.transfers = transfers
        self.shutdown: Callable[[], None] = lambda: None
        """Called once an operator has asked for the shutdown; what it does includes `close`."""
        self._rooms = {room.name: room for room in rooms}
        self._audiences = {room.name: room.audience for room in self._rooms.values()}
        self._log = log
        self._limits = limits
        self.clock = clock
        self._loop = loop
        self._catch_up = CatchUp(self._rooms, log, limits, clock, loop, self.submit)
        self.metrics = Metrics()
        self.watching = Watching(self._rooms, clock, loop)
        self.samples = Sampling(self._rooms, self.metrics, clock, loop)
        self._keeping = Keeping(self._rooms, log, limits, clock, loop, self.metrics.appends)
        self._archive = Archive(self._rooms, log, limits, clock, loop, aside or AtOnce())
        self._dispatch = Dispatch(
            self._rooms, transfers, self._catch_up, self.watching, self.samples, self._archive, limits, clock
        )
        self._inbox: deque[tuple[Session, Command]] = deque()
        self._scheduled = False
        self._paused: list[Session] = []
        self._operators: list[Session] = []
        self._due_at = float("inf")
        """No idle time and no hold in any room is over before this, by the steady clock."""
        self._due_timer: Timer | None = None
        self._due_timer_at = float("inf")
        self._shutdown_told = False
        self._stopping = False

    def open(self) -> None:
        """Read every channel's state from the log; hold those whom an earlier process left in it, or let them leave.

        Raises LogError.
        """
        self._dispatch.tokens = Tokens(self._log.secret())
        turn = self._new_turn()
        for room in self._rooms.values():
            self._begin_room(room, turn)
        self._keeping.keep(turn)
        self._keeping.retain()
        self._archive.open()
        self._look_ahead(self._rooms.values())

    def reload(self, rooms: Iterable[Room], limits: Limits) -> None:
        """Take the settings of `rooms`, fresh ones of all channels that there are to be, and `limits`, in one turn.

        A channel that is new opens, one that is gone ends; of more seats the line gets its share at once, and fewer
        seats throw nobody out. Raises LogError, and then nothing has changed, as after any fault of the program.
        """
        if self._stopping:
            return
        self._take_turn()  # what was asked before is done before
        before = dict(self._rooms)
        wanted = {room.name: room for room in rooms}
        turn = self._new_turn()
        try:
            for name, room in wanted.items():
                if name not in before:
                    self._rooms[name], self._audiences[name] = room, room.audience
                    self._begin_room(room, turn)
                elif not before[name].stopped:
                    before[name].configure(turn, room)
            for name, room in before.items():
                if name not in wanted and not room.stopped:
                    room.close(turn)
            self._dispatch.files.end_all(turn.ending)
            self._keeping.keep(turn)
        except Exception:
            told = self._new_turn()
            self._take_back(turn, told)
            self._set_rooms(before)
            self._finish(told)
            raise
        self._finish(turn)
        self._set_rooms({name: before.get(name, room) for name, room in wanted.items()})
        self.watching.changed({*before, *wanted})  # perhaps it is their order alone that has
        self._limits = self._keeping.limits = limits
        self._dispatch.answers.limits = self._catch_up.limits = self.transfers.limits = limits
        self._archive.limits = limits
        self._keeping.retain()
        self.metrics.keep_only(self._rooms)
        self._look_ahead(self._rooms.values())

    def _begin_room(self, room: Room, turn: Turn) -> None:
        room.read_log(self._log, turn.time, turn.steady)
        room.begin(turn)

    def _set_rooms(self, rooms: Mapping[str, Room]) -> None:
        """Let these be the rooms, in their order."""
        for whole, part in ((self._rooms, rooms), (self._audiences, {r.name: r.audience for r in rooms.values()})):
            whole.clear()
            whole.update(part)  # type: ignore[arg-type]

    def channels(self) -> list[ChannelInfo]:
        """Return every channel's counts, in the config's order."""
        steady = self.clock.steady()
        return [room.info(steady) for room in self._rooms.values()]

    def add_operator(self, session: Session) -> None:
        """Let an operator's session read what happens in every channel."""
        self._operators.append(session)

    def remove_operator(self, session: Session) -> None:
        """Let an operator's session read no more; what it asks is still done."""
        self._operators.remove(session)

    def set_operator_token(self, token: str) -> None:
        """Let those who come from now on operate by `token`; by the log's own where it is empty."""
        self._dispatch.tokens.set_operator(token)

    def announce_front_desk(self, port: int) -> None:
        """Tell those who join from now on where files go."""
        self._dispatch.files.front_desk_port = port

    def submit(self, session: Session, commands: Iterable[Command]) -> None:
        """Put what a session asks into the inbox; past its bound, its transport pauses until the next turn is over."""
        inbox = self._inbox
        inbox.extend([(session, command) for command in commands])
        if not self._scheduled:
            self._scheduled = True
            self._loop.call_soon(self._take_turn)
        if len(inbox) > self._limits.inbox_commands_max:
            self._paused.append(session)
            session.transport.pause_reading()

    @property
    def stopping(self) -> bool:
        """Whether it takes no turn any more."""
        return self._stopping

    def close(self) -> None:
        """Tell every session goodbye and close it; the hub takes no turn after this."""
        if self._stopping:
            return
        self._take_turn()
        self._stopping = True
        turn = self._new_turn()
        for room in self._rooms.values():
            for session in room.sessions.values():
                turn.end(session, "shutdown", "The server shuts down.")
        for session in self.watching.outside():
            turn.end(session, "shutdown", "The server shuts down.")
        turn.deliver()
        self._close_sessions(turn)
        if self._due_timer is not None:
            self._due_timer.cancel()
        for one in (self._keeping, self.watching, self.samples, self._archive):
            one.close()

    # A turn

    def _new_turn(self) -> Turn:
        time = self.clock.now()
        turn = Turn(time, self.clock.steady(), self.clock.text(time), self._audiences, self._operators)
        self._dispatch.answers.turn = turn
        return turn

    def _take_turn(self) -> None:
        self._scheduled = False
        if self._stopping:
            return
        turn = self._new_turn()
        began = turn.steady
        if self._due_at <= began:
            self._expire(turn)
        taken = self._take_inbox(turn)
        try:
            self._keeping.keep(turn)
        except LogError as error:
            turn = self._undo(turn, taken, error)
        self._finish(turn)
        self.metrics.turns.add(self.clock.steady() - began)
        self._look_ahead([self._rooms[name] for name in turn.parts])
        if self._dispatch.shutdown_asked and not self._shutdown_told:
            self._shutdown_told = True
            self.shutdown()

    def _finish(self, turn: Turn) -> None:
        """Tell what the turn decided, and what follows from it."""
        turn.deliver()
        self.watching.kept(turn, self.metrics.kept(turn))
        self._close_sessions(turn)
        for transfer in self._dispatch.files.opened:
            self._watch_transfer(transfer)
        self._dispatch.files.opened.clear()
        self._dispatch.files.closed.clear()
        resumed, self._dispatch.resumed = self._dispatch.resumed, []
        for session in resumed:
            self._catch_up.begin(session)

    def _expire(self, turn: Turn) -> None:
        """Take the seats and places of those whose idle time or hold is over."""
        for room in self._rooms.values():
            if room.due_at <= turn.steady:
                try:
                    self._dispatch.expire(room)
                except Exception:
                    _logger.exception("the end of a wait broke its channel", extra={"channel": room.name})
                    self._stop_room(turn, room)
        self._dispatch.files.end_all(turn.ending)
        self._due_at = min(room.due_at for room in self._rooms.values())

    def _take_inbox(self, turn: Turn) -> list[tuple[Session, Command]]:
        """Carry out what is in the inbox, up to the bounds of one turn; what is left asks for the next one.

        Its answers are bounded as well, so that one who asks much of the server passes the bound of its own outbox, and
        is closed, before the server has made more for it than that.
        """
        inbox = self._inbox
        taken = []
        room_left = self._limits.turn_characters_max
        told_max = turn.told + self._limits.outbox_bytes_max
        ended = len(turn.ending)
        while inbox and room_left > 0 and turn.told < told_max:
            item = inbox.popleft()
            taken.append(item)
            session, command = item
            room_left -= len(command.text) + 100 if isinstance(command, _TALK) else 100
            self._carry_out(turn, session, command)
            if len(turn.ending) > ended:
                self._dispatch.files.end_all(turn.ending[ended:])
                ended = len(turn.ending)
        if inbox:
            self._scheduled = True
            self._loop.call_soon(self._take_turn)
        elif self._paused:
            for session in self._paused:
                session.transport.resume_reading()
            self._paused.clear()
        return taken

    def _carry_out(self, turn: Turn, session: Session, command: Command) -> None:
        """Carry out one command. A fault of the program stops the channel that it is about, and no other."""
        try:
            self._dispatch.take(session, command)
        except Exception:
            _logger.exception("a command broke its channel", extra={"command": repr(command)[:500]})
            self._stop_for(turn, session, command)

    def _stop_for(self, turn: Turn, session: Session, command: Command) -> None:
        """Stop the room that `command` broke, and tell its sender so who is no member there."""
        if (room := self._dispatch.at) is not None:
            self._stop_room(turn, room)
            if session.channel or session.operator:
                self._dispatch.answers.refuse(session, command, "stopped", room.obituary)
            else:
                turn.end(session, "broken", room.obituary)

    def _stop_room(self, turn: Turn, room: Room) -> None:
        if not room.stopped:
            room.stop(turn)
            self.watching.changed((room.name,))

    def _close_sessions(self, turn: Turn) -> None:
        for session in turn.ending:
            session.transport.close()
            self._loop.call_later(self._limits.linger_seconds_max, session.transport.abort)

    def _look_ahead(self, rooms: Iterable[Room]) -> None:
        """See to it that there is a turn when the next idle time or hold is over, now that these rooms have changed."""
        for room in rooms:
            self._due_at = min(self._due_at, room.due_at)
        if self._due_at < self._due_timer_at:
            if self._due_timer is not None:
                self._due_timer.cancel()
            self._due_timer_at = self._due_at
            seconds = max(self._due_at - self.clock.steady(), 0.001)
            self._due_timer = self._loop.call_later(seconds, self._due_turn)

    def _due_turn(self) -> None:
        self._due_timer, self._due_timer_at = None, float("inf")
        self._take_turn()

    def _watch_transfer(self, transfer: Transfer) -> None:
        """Give `transfer` up once it has not moved for too long."""
        if self.transfers.get(transfer.ticket) is not transfer:
            return
        left = transfer.moved_at + self._limits.transfer_idle_seconds_max - self.clock.steady()
        if left > 0:
            self._loop.call_later(left, self._watch_transfer, transfer)
        else:
            self.submit(transfer.sender, [Abandon(transfer.ticket, "nothing of it came for too long.")])

    # A turn that could not be kept

    def _undo(self, failed: Turn, taken: list[tuple[Session, Command]], error: LogError) -> Turn:
        """Take back what `failed` decided, and return the turn that tells those who asked."""
        _logger.error("the log failed, so a turn was undone", extra={"why": str(error)})
        turn = self._new_turn()
        self._take_back(failed, turn)
        why = str(error).removesuffix(".")
        text = f"The server could not keep this, so nobody has read it: {why}. Try again in a moment."
        again = [item for item in taken if self._answer_undone(turn, *item, text)]
        self._dispatch.files.end_all(turn.ending)
        if again:
            self._loop.call_later(_RETRY_SECONDS, self._submit_again, again)
        return turn

    def _take_back(self, failed: Turn, turn: Turn) -> None:
        """Let everything be as it was before the turn that failed; `turn` tells of it, should that not be possible."""
        for undo in reversed(failed.undo):
            undo()
        for session in failed.ending:
            session.closed = False
        for session, command_id in failed.remembered:
            session.forget(command_id)
        self._dispatch.files.undo()
        self._dispatch.resumed.clear()
        for name, part in failed.parts.items():
            room = self._rooms[name]
            if room.stopped:
                room.stop(turn)
            elif part.events:
                self._read_again(room, part, turn)
            self._due_at = min(self._due_at, room.due_at)  # an undone warning is due again

    def _answer_undone(self, turn: Turn, session: Session, command: Command, text: str) -> bool:
        """Tell the sender of an undone command so; return whether the command is one that is tried again instead."""
        if isinstance(command, Leave | Quit):
            session.quits = session.quits or isinstance(command, Quit)
            turn.end(session, "quit", "Goodbye.")
            turn.unseat(session)
            return True
        if isinstance(command, Uploaded | Received | Abandon):
            return True
        if isinstance(command, _UNKEPT) or self._dispatch.comes_back(session, command):
            self._carry_out(turn, session, command)  # the log is not asked for it, so it fails with nobody
            return False
        if not (session.observes and isinstance(command, Shutdown)):
            turn.tell(session, Refusal(turn.time, "not-kept", text, getattr(command, "id", "")))
        if isinstance(command, Hello) and session.door and not session.channel:
            turn.end(session, "refused", text)
        return False

    def _read_again(self, room: Room, part: Part, turn: Turn) -> None:
        """Let a room be what its log says; the idle clocks go on."""
        before, due_at = room.channel.seated, room.due_at
        try:
            room.read_log(self._log, turn.time, turn.steady)
        except LogError as error:
            _logger.error("a channel could not be read again", extra={"channel": room.name, "why": str(error)})
            self._stop_room(turn, room)
            return
        room.wind_clocks(before)
        room.regroup()
        retry_at = turn.steady + _RETRY_SECONDS  # unless a turn that failed before it asked for an earlier one
        room.due_at = min(due_at, retry_at) if due_at > turn.steady else retry_at
        self._due_at = min(self._due_at, room.due_at)

    def _submit_again(self, items: list[tuple[Session, Command]]) -> None:
        for session, command in items:
            self.submit(session, [Leave("quit") if isinstance(command, Quit) else command])
