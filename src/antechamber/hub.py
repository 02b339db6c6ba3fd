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
from typing import Any, Protocol

from antechamber.catchup import CatchUp, Unreadable
from antechamber.clock import Clock
from antechamber.commands import Command, Hello, Leave, Quit, Received, Resume, Say, Shutdown, Whisper
from antechamber.dispatch import Dispatch
from antechamber.events import ChannelInfo, Refusal
from antechamber.fanout import Part, Turn
from antechamber.limits import Limits
from antechamber.log import Batch, Log, LogError
from antechamber.room import Room
from antechamber.session import Session
from antechamber.tokens import Tokens
from antechamber.transfers import Abandon, Transfer, Transfers, Uploaded

_logger = logging.getLogger(__name__)
_TALK = (Say, Whisper)
"""The commands that carry text of any length."""
_RETRY_SECONDS = 1.0
"""How long the hub waits before it asks a log that failed again to keep a departure."""
_SNAPSHOT_SECONDS = 60.0
"""Time between two snapshots of a channel that forgets: nothing after its snapshot is forgotten."""


class Timer(Protocol):
    """What `call_later` gives."""

    def cancel(self) -> None:
        """Let it not happen."""


class Loop(Protocol):
    """What the hub needs of an event loop."""

    def call_soon(self, callback: Callable[[], Any], /) -> object:
        """Call once the input that is ready has been read."""

    def call_later(self, delay: float, callback: Callable[..., Any], /, *args: Any) -> Timer:
        """Call after `delay` seconds."""


class Hub:
    """Every room of the server. `submit` is the one way in; all that goes out is written to sessions."""

    def __init__(
        self, rooms: Iterable[Room], log: Log, transfers: Transfers, limits: Limits, clock: Clock, loop: Loop
    ) -> None:
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
        self._dispatch = Dispatch(self._rooms, transfers, self._catch_up, limits, clock)
        self._inbox: deque[tuple[Session, Command]] = deque()
        self._scheduled = False
        self._paused: list[Session] = []
        self._operators: list[Session] = []
        self._due_at = float("inf")
        """No idle time and no hold in any room is over before this, by the steady clock."""
        self._due_timer: Timer | None = None
        self._due_timer_at = float("inf")
        self._snapshot_timer: Timer | None = None
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
        self._keep(turn)
        self._retain()
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
            self._keep(turn)
        except Exception:
            told = self._new_turn()
            self._take_back(turn, told)
            self._set_rooms(before)
            self._finish(told)
            raise
        self._finish(turn)
        self._set_rooms({name: before.get(name, room) for name, room in wanted.items()})
        self._limits = self._dispatch.limits = self._catch_up.limits = self.transfers.limits = limits
        self._retain()
        self._look_ahead(self._rooms.values())

    def _begin_room(self, room: Room, turn: Turn) -> None:
        room.read_log(self._log, turn.time, turn.steady)
        room.begin(turn)

    def _set_rooms(self, rooms: Mapping[str, Room]) -> None:
        """Let these be the rooms, in their order."""
        for whole, part in ((self._rooms, rooms), (self._audiences, {r.name: r.audience for r in rooms.values()})):
            whole.clear()
            whole.update(part)  # type: ignore[arg-type]

    def _retain(self) -> None:
        """Tell the log how much of each channel it is to keep."""
        for room in self._rooms.values():
            self._log.retain(room.name, room.retention)
        if self._snapshot_timer is None and any(any(room.retention) for room in self._rooms.values()):
            self._snapshot_forgetful()

    def _snapshot_forgetful(self) -> None:
        """Keep a snapshot of each channel that forgets, now and again later, as long as there is one."""
        self._snapshot_timer = None
        forgetful = [room for room in self._rooms.values() if any(room.retention)]
        for room in forgetful:
            if room.unsnapshotted and not room.stopped:
                self._keep_snapshot(room)
        if forgetful:
            self._snapshot_timer = self._loop.call_later(_SNAPSHOT_SECONDS, self._snapshot_forgetful)

    def channels(self) -> list[ChannelInfo]:
        """Return every channel's counts, in the config's order."""
        return [room.info() for room in self._rooms.values()]

    def add_operator(self, session: Session) -> None:
        """Let an operator's session read what happens in every channel."""
        self._operators.append(session)

    def remove_operator(self, session: Session) -> None:
        """Let an operator's session read no more; what it asks is still done."""
        self._operators.remove(session)

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
        turn.deliver()
        self._close_sessions(turn)
        for timer in (self._due_timer, self._snapshot_timer):
            if timer is not None:
                timer.cancel()

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
        if self._due_at <= turn.steady:
            self._expire(turn)
        taken = self._take_inbox(turn)
        try:
            self._keep(turn)
        except LogError as error:
            turn = self._undo(turn, taken, error)
        self._finish(turn)
        self._look_ahead([self._rooms[name] for name in turn.parts])
        if self._dispatch.shutdown_asked and not self._shutdown_told:
            self._shutdown_told = True
            self.shutdown()

    def _finish(self, turn: Turn) -> None:
        """Tell what the turn decided, and what follows from it."""
        turn.deliver()
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
        """Carry out what is in the inbox, up to the bound of one turn; what is left asks for the next one."""
        inbox = self._inbox
        taken = []
        room_left = self._limits.turn_characters_max
        ended = len(turn.ending)
        while inbox and room_left > 0:
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

    def _keep(self, turn: Turn) -> None:
        """Append the turn's events, one batch a channel. Raises LogError, and then none of them is kept."""
        batches = []
        for part in turn.parts.values():
            if part.events:
                first = self._rooms[part.channel].sequence + 1
                part.number(first, turn.time)
                batches.append(Batch(part.channel, first, first + len(part.events) - 1, turn.time, part.lines))
        if not batches:
            return
        self._log.append(batches)
        for batch in batches:
            room = self._rooms[batch.channel]
            room.unsnapshotted += batch.last - room.sequence
            room.sequence = batch.last
            if room.unsnapshotted >= self._limits.snapshot_entries_max and not room.stopped:
                self._keep_snapshot(room)

    def _keep_snapshot(self, room: Room) -> None:
        room.unsnapshotted = 0
        try:
            self._log.keep_snapshot(room.name, room.snapshot(self.clock.now() - self.clock.steady()))
        except LogError as error:
            _logger.warning(
                "no snapshot: the next start will take longer", extra={"channel": room.name, "why": str(error)}
            )

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

    def _answer_undone(self, turn: Turn, session: Session, command: Command, text: str) -> bool:
        """Tell the sender of an undone command so; return whether the command is one that is tried again instead."""
        if isinstance(command, Leave | Quit):
            session.quits = session.quits or isinstance(command, Quit)
            turn.end(session, "quit", "Goodbye.")
            turn.unseat(session)
            return True
        if isinstance(command, Uploaded | Received | Abandon):
            return True
        if isinstance(command, Resume | Unreadable):
            self._carry_out(turn, session, command)  # the log is not asked for it, so it fails with nobody
            return False
        if not (session.operator and isinstance(command, Shutdown)):
            turn.tell(session, Refusal(turn.time, "not-kept", text, getattr(command, "id", "")))
        if isinstance(command, Hello) and not session.channel:
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
