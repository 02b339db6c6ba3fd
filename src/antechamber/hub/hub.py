"""The hub owns the channels and takes turns: drain the inbox, decide, append, fan out.

Whatever arrives goes into the inbox; the first command there asks the event loop for a turn as soon as everything that
is readable now has been read. So a lone message goes out at once, and under load a turn carries many. No timer ever
delays a turn.

What a turn decides is appended to the log in one transaction before anyone is told. Where the log fails, the turn is
undone: the channels are read from the log again, the sessions are where they were, and those who asked are told.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import ceil
from typing import Final

from antechamber.feeds.history_queries import HistoryQueries
from antechamber.feeds.metrics import Metrics
from antechamber.feeds.replay import Replay
from antechamber.feeds.samples import Sampler
from antechamber.feeds.subscriptions import Subscriptions
from antechamber.handlers.carry_out import Executor
from antechamber.handlers.replies import refuse
from antechamber.handlers.router import Router
from antechamber.hub.inbox import Asked, Inbox, payer
from antechamber.hub.join_throttle import JoinThrottle
from antechamber.hub.persistence import Persistence
from antechamber.hub.rollback import Rollback
from antechamber.log import Log, LogError
from antechamber.protocol.commands import Command
from antechamber.protocol.limits import Limits
from antechamber.protocol.notices import ChannelInfo
from antechamber.rooms.registry import RoomRegistry, open_limits
from antechamber.rooms.room import Room
from antechamber.rooms.transfers import Abandon, Transfer, Transfers
from antechamber.rooms.turn import Turn
from antechamber.runtime.clock import Clock, Loop
from antechamber.runtime.timer import Timer
from antechamber.runtime.worker import InlineWorker, Worker
from antechamber.session.login_attempts import LoginAttempts
from antechamber.session.session import Session
from antechamber.session.tokens import Tokens

TURN_SECONDS_MAX: Final = 0.005
"""For how long one turn carries out commands; what waits after that is the next one's."""
_CHARACTERS_A_SECOND: Final = 10_000_000
"""How much text costs as much as a second of the hub's time, where it is counted who uses how much."""
_logger = logging.getLogger(__name__)


class Hub:
    """Every room of the server. `submit` is the one way in; all that goes out is written to sessions."""

    def __init__(
        self,
        rooms: Iterable[Room],
        log: Log,
        transfers: Transfers,
        clock: Clock,
        loop: Loop,
        worker: Worker | None = None,
    ) -> None:
        """Read the log's secret, and have the past read by a worker, or at once in the loop if that is None.

        Raises LogError.
        """
        limits = transfers.budgets.limits
        self.budgets = transfers.budgets
        """What each address may use, through all doors together."""
        self.login_attempts = LoginAttempts(self.budgets, clock)
        self.transfers = transfers
        self.rooms = RoomRegistry(rooms)
        self.clock = clock
        self.tokens = Tokens(log.secret())
        self.metrics = Metrics()
        self.replay = Replay(self.rooms, log, limits, clock, loop, self.submit)
        self.subscriptions = Subscriptions(self.rooms, clock, loop, self.budgets)
        self.samples = Sampler(self.rooms, self.metrics, clock, loop)
        self.history_queries = HistoryQueries(self.rooms, log, limits, clock, loop, worker or InlineWorker())
        self.executor = Executor(self.rooms, self.subscriptions, self.budgets, self.tokens)
        self.router = Router(
            self.rooms,
            transfers,
            self.replay,
            self.subscriptions,
            self.samples,
            self.history_queries,
            limits,
            self.login_attempts,
            self.tokens,
            self.executor,
            self._watch_transfer,
        )
        self._log = log
        self._limits = limits
        self._loop = loop
        self._persistence = Persistence(self.rooms, log, limits, clock, loop, self.metrics.appends, self.budgets)
        self._inbox = Inbox()
        self._join_throttle = JoinThrottle(self.budgets, loop, self._submit_first)
        self._scheduled = False
        self._operators: list[Session] = []
        self._timer = Timer(clock, loop, self._take_turn)
        """Asks for a turn once an idle time or a hold in any room is over."""
        self._rollback = Rollback(
            self.rooms, self.router, log, self._timer, loop, self._carry_out, self._stop_room, self.submit
        )
        self._shutdown: Callable[[], None] | None = None
        self._stopping = False

    def open(self) -> None:
        """Read every channel's state from the log; hold the members that an earlier process left in it, or end them.

        Raises LogError.
        """
        turn = self._new_turn()
        self._log.begin(self.rooms.keys())
        for room in self.rooms.values():
            self._begin_room(room, turn)
        self._persistence.keep(turn)
        self._persistence.retain()
        self.history_queries.open()
        self._look_ahead(self.rooms.values())

    def on_shutdown(self, shut_down: Callable[[], None]) -> None:
        """Have `shut_down` called once an operator has asked for the shutdown; it is to call `close`."""
        self._shutdown = shut_down

    def reload(self, rooms: Iterable[Room], limits: Limits) -> None:
        """Take the settings of `rooms`, fresh ones of all channels that there are to be, and `limits`, in one turn.

        A channel that is new opens, one that is gone ends; of more seats the line gets its share at once, and fewer
        seats throw nobody out. Raises LogError, and then nothing has changed, as after any fault of the program.
        """
        if self._stopping:
            return
        self._take_turn()  # what was asked before is done before
        before = dict(self.rooms)
        wanted = {room.name: room for room in rooms}
        for name, room in before.items():
            if room.is_open and name not in wanted:
                wanted[name] = Room(name, 0, limits.capacity_max, open_limits(limits), is_open=True)
        adopted = [name for name, room in wanted.items() if name in before and before[name].is_open > room.is_open]
        turn = self._new_turn()
        try:
            for name, room in wanted.items():
                if name not in before:
                    self.rooms.put(room)
                    self._begin_room(room, turn)
                elif not before[name].stopped:
                    before[name].configure(turn, room)
            for name, room in before.items():
                if name not in wanted and not room.stopped:
                    room.close(turn)
            self.router.greet_seated(turn)
            self.router.files.end_all(turn, turn.ending)
            for name in adopted:
                self._log.adopt(name)
            self._persistence.keep(turn)
        except Exception:
            told = self._new_turn()
            self._rollback.take_back(turn, told)
            self.rooms.set(before.values())
            self._finish(told)
            raise
        self._finish(turn)
        self.rooms.set(before.get(name, room) for name, room in wanted.items())
        self.subscriptions.changed({*before, *wanted})  # perhaps it is their order alone that has
        self._limits.replace(limits)
        self._persistence.retain()
        self.metrics.keep_only(self.rooms)
        self._look_ahead(self.rooms.values())

    def _begin_room(self, room: Room, turn: Turn) -> None:
        room.read_log(self._log, turn.time, turn.steady)
        room.begin(turn)

    def channels(self) -> list[ChannelInfo]:
        """Return the counts of every channel that the config has, in its order, as anybody may know them."""
        steady = self.clock.steady()
        return [room.info(steady).outside for room in self.rooms.of_config()]

    @property
    def hosts(self) -> Mapping[str, Mapping[str, str]]:
        """Where the members of each channel come from, cloaked, and those who left lately: by channel and name."""
        return self.rooms.hosts

    def cloak(self, address: str) -> str:
        """Return what others read in place of an IP address."""
        return self.tokens.cloak(address)

    def open_room(self, turn: Turn, name: str, host: str) -> Room | str:
        """Open a channel for somebody from `host`, who makes it in this turn; it ends with its last member.

        Return why not, if there are as many channels as there may be, the log of an earlier channel of that name cannot
        be read, or the address has made too many.
        """
        if self.rooms.are_full(self._limits.now):
            return "There are too many channels on this server."
        if not self.budgets.spend("foundings", host):
            seconds = ceil(self.budgets.seconds_until("foundings", host))
            return f"Your address has made too many channels: wait {seconds} s, or join one that is there"
        room = self.rooms.open(name, turn, self._log, self._limits.now)
        return room or "What the server has kept of that channel cannot be read."

    def add_operator(self, session: Session) -> None:
        """Let an operator's session read what happens in every channel."""
        self._operators.append(session)

    def remove_operator(self, session: Session) -> None:
        """Let an operator's session read no more; what it asks is still done."""
        self._operators.remove(session)

    def set_operator_token(self, token: str) -> None:
        """Let those who come from now on operate by `token`; by the log's own where it is empty."""
        self.tokens.set_operator(token)

    def announce_front_desk(self, port: int) -> None:
        """Tell those who join from now on where files go."""
        self.router.files.announce_front_desk(port)

    def submit(self, session: Session, commands: Sequence[Command]) -> None:
        """Put what a session asks into the inbox; past its bound, its transport pauses until that is carried out."""
        inbox = self._inbox
        inbox.put(session, commands)
        if not self._scheduled:
            self._scheduled = True
            self._loop.call_soon(self._take_turn)
        if len(inbox) > self._limits.now.inbox_commands_max:
            inbox.pause(session)

    def _submit_first(self, session: Session, commands: Sequence[Command]) -> None:
        """Put what a session has asked before in front of the inbox, as it may have asked more since."""
        self._inbox.put_first(session, commands)
        if not self._scheduled:
            self._scheduled = True
            self._loop.call_soon(self._take_turn)

    def keeps_waiting(self, session: Session) -> bool:
        """Say whether a session has said hello, and is not let in before its address's turn has come."""
        return session in self._join_throttle.lines.get(session.host, ())

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
        for room in self.rooms.values():
            for session in room.sessions.values():
                if session.outlet is session:
                    turn.end(session, "shutdown", "The server shuts down.")
        for session in self.subscriptions.outside():
            turn.end(session, "shutdown", "The server shuts down.")
        turn.deliver()
        self._close_sessions(turn)
        self._timer.stop()
        for one in (self._persistence, self.subscriptions, self.samples, self.history_queries, self._join_throttle):
            one.close()

    # A turn

    def _new_turn(self) -> Turn:
        time = self.clock.now()
        clock, audiences, observers = self.clock, self.rooms.audiences, self._operators
        return Turn(time, clock.steady(), clock.text(time), audiences, observers, clock.utc_offset_seconds)

    def _take_turn(self) -> None:
        self._scheduled = False
        if self._stopping:
            return
        turn = self._new_turn()
        began = turn.steady
        if self._timer.at <= began:
            self._expire(turn)
        taken = self._take_inbox(turn)
        try:
            self._persistence.keep(turn)
        except LogError as error:
            turn = self._undo(turn, taken, error)
        self._finish(turn)
        self.metrics.turns.add(self.clock.steady() - began)
        self._look_ahead([room for name in turn.parts if (room := self.rooms.get(name)) is not None])
        turn.clear()
        if self.router.shutdown_asked and self._shutdown is not None:
            shut_down, self._shutdown = self._shutdown, None
            shut_down()

    def _finish(self, turn: Turn) -> None:
        """Tell what the turn decided, and what follows from it."""
        turn.deliver()
        self.subscriptions.kept(turn, self.metrics.kept(turn))
        self._close_sessions(turn)
        ended = self.rooms.ended(turn.parts)
        self.metrics.forget(ended)
        self._persistence.end(ended)
        for call in turn.after:
            call()

    def _expire(self, turn: Turn) -> None:
        """Take the seats and places of those whose idle time or hold is over."""
        for room in self.rooms.values():
            if room.due_at <= turn.steady:
                try:
                    self.router.expire(turn, room)
                except Exception:
                    _logger.exception("the end of a wait broke its channel", extra={"channel": room.name})
                    self._stop_room(turn, room)
        self.router.greet_seated(turn)
        self.router.files.end_all(turn, turn.ending)
        self._timer.at = min((room.due_at for room in self.rooms.values()), default=float("inf"))

    def _take_inbox(self, turn: Turn) -> list[Asked]:
        """Carry out what is in the inbox, up to the bounds of one turn; what is left asks for the next one.

        Its answers are bounded as well, so that one who asks much of the server passes the bound of its own outbox, and
        is closed, before the server has made more for it than that. So is its time: a command may cost much that says
        little.
        """
        inbox, join_throttle, steady = self._inbox, self._join_throttle, self.clock.steady
        taken = []
        room_left = self._limits.now.turn_characters_max
        told_max = turn.told + self._limits.now.outbox_bytes_max
        ended = len(turn.ending)
        now = turn.steady
        until = now + TURN_SECONDS_MAX
        inbox.begin(now)
        is_behind = inbox.is_behind
        while inbox:
            item = inbox.next()
            session, command = item
            if (command.comes_in or join_throttle.lines) and join_throttle.holds_back(session, command):
                continue
            taken.append(item)
            turn.author = session.host
            told, before = turn.told, now
            pays = payer(session.outlet) if is_behind else None  # before it is known who that is, perhaps
            characters = command.characters + 100
            room_left -= characters
            self._carry_out(turn, session, command)
            if turn.greet:
                self.router.greet_seated(turn)
            if len(turn.ending) > ended:
                self.router.files.end_all(turn, turn.ending[ended:])
                ended = len(turn.ending)
            if not inbox:
                break
            now = steady()
            if pays is not None:
                used = characters + turn.told - told + (now - before) * _CHARACTERS_A_SECOND
                inbox.count(pays, session.host, used)
            if room_left <= 0 or turn.told >= told_max or now >= until:
                break
        inbox.end()
        if inbox:
            self._scheduled = True
            self._loop.call_soon(self._take_turn)
        return taken

    def _carry_out(self, turn: Turn, session: Session, command: Command) -> None:
        """Carry out one command. A fault of the program stops the channel that it is about, and no other."""
        try:
            self.router.take(turn, session, command)
        except Exception:
            _logger.exception("a command broke its channel", extra={"command": repr(command)[:500]})
            self._stop_for(turn, session, command)

    def _stop_for(self, turn: Turn, session: Session, command: Command) -> None:
        """Stop the room that `command` broke, and tell its sender so who is no member there."""
        if (room := self.rooms.get(turn.at)) is not None:
            self._stop_room(turn, room)
            if session.channel or session.operator or session.memberships is not None:
                refuse(turn, session, command, "stopped", room.stopped_text)
            else:
                turn.end(session, "broken", room.stopped_text)

    def _stop_room(self, turn: Turn, room: Room) -> None:
        if not room.stopped:
            room.stop(turn)
            turn.part(room.name)  # so that it ends with the turn, where it is open
            self.subscriptions.changed((room.name,))

    def _close_sessions(self, turn: Turn) -> None:
        for session in turn.ending:
            if session.outlet is not session:
                continue  # its connection has others, or may have
            session.transport.close()
            self._loop.call_later(self._limits.now.linger_seconds_max, session.transport.abort)

    def _look_ahead(self, rooms: Iterable[Room]) -> None:
        """See to it that there is a turn when the next idle time or hold is over, now that these rooms have changed."""
        for room in rooms:
            self._timer.expect(room.due_at)
        self._timer.start()

    def _watch_transfer(self, transfer: Transfer) -> None:
        """Give `transfer` up once it has not moved for too long, or is not over after so long."""
        if self.transfers.get(transfer.ticket) is not transfer:
            return
        due_at, problem = self.transfers.deadline(transfer)
        left = due_at - self.clock.steady()
        if left > 0:
            self._loop.call_later(left, self._watch_transfer, transfer)
        else:
            self.submit(transfer.sender, [Abandon(transfer.ticket, problem)])

    def _undo(self, failed: Turn, taken: list[Asked], error: LogError) -> Turn:
        """Take back what `failed` decided, and return the turn that tells those who asked."""
        _logger.error("the log failed, so a turn was undone", extra={"why": str(error)})
        turn = self._new_turn()
        turn.is_kept = False
        self._rollback.take_back(failed, turn)
        self._rollback.answer(turn, taken, str(error))
        return turn
