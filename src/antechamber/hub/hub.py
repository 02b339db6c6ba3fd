"""The hub owns the channels and takes turns: drain the inbox, decide, append, fan out.

Commands go into the inbox. The first one there asks the event loop for a turn, which begins as soon as everything that
is readable now has been read. So a lone message goes out at once, and under load a turn carries many. No timer ever
delays a turn.

A turn's events are appended to the log in one transaction before anyone is told. If the log fails, the turn is rolled
back: the channels are read from the log again, the sessions are put back where they were, and the senders are told.
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
"""How long one turn carries out commands; those that still wait then are left to the next turn."""
_CHARACTERS_A_SECOND: Final = 10_000_000
"""How much text counts as much as a second of the hub's time when fair shares are measured."""
_logger = logging.getLogger(__name__)


class Hub:
    """All rooms of the server. `submit` is the only way in; everything that goes out is written to sessions."""

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
        """What each address may use, over all ports together."""
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
        """Register what to call when an operator asks for the shutdown; it has to call `close`."""
        self._shutdown = shut_down

    def reload(self, rooms: Iterable[Room], limits: Limits) -> None:
        """Adopt the settings of `rooms`, one new room for each channel of the config, and `limits`, in one turn.

        New channels open and missing ones close; additional seats go to the line at once, and lowered ones remove
        nobody. If it raises LogError, or anything else, nothing has changed.
        """
        if self._stopping:
            return
        self._take_turn()  # earlier commands are carried out first
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
            self._rollback.roll_back(turn, told)
            self.rooms.set(before.values())
            self._finish(told)
            raise
        self._finish(turn)
        self.rooms.set(before.get(name, room) for name, room in wanted.items())
        self.subscriptions.changed({*before, *wanted})  # perhaps only their order has
        self._limits.replace(limits)
        self._persistence.retain()
        self.metrics.keep_only(self.rooms)
        self._look_ahead(self.rooms.values())

    def _begin_room(self, room: Room, turn: Turn) -> None:
        room.read_log(self._log, turn.time, turn.steady)
        room.begin(turn)

    def channels(self) -> list[ChannelInfo]:
        """Return the public counts of every channel in the config, in its order."""
        steady = self.clock.steady()
        return [room.info(steady).outside for room in self.rooms.of_config()]

    def names(self) -> dict[str, list[str]]:
        """Return the names of those who sit and wait in every channel."""
        return {name: [*room.channel.seated, *room.channel.waiting] for name, room in self.rooms.items()}

    @property
    def hosts(self) -> Mapping[str, Mapping[str, str]]:
        """The cloaked addresses of present and recent members, by channel and name."""
        return self.rooms.hosts

    def cloak(self, address: str) -> str:
        """Return the cloak that others see in place of an IP address."""
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
        """Have an operator's session told everything that happens in every channel."""
        self._operators.append(session)

    def remove_operator(self, session: Session) -> None:
        """Stop telling an operator's session; its commands are still carried out."""
        self._operators.remove(session)

    def set_operator_token(self, token: str) -> None:
        """Set the operator token for new sessions; an empty one stands for the log's own token."""
        self.tokens.set_operator(token)

    def announce_front_desk(self, port: int) -> None:
        """Set the port of the front desk, where files go; later members are told it."""
        self.router.files.announce_front_desk(port)

    def submit(self, session: Session, commands: Sequence[Command]) -> None:
        """Put a session's commands into the inbox; if the inbox is full, stop reading from it until they are done."""
        inbox = self._inbox
        inbox.put(session, commands)
        if not self._scheduled:
            self._scheduled = True
            self._loop.call_soon(self._take_turn)
        if len(inbox) > self._limits.now.inbox_commands_max:
            inbox.pause(session)

    def _submit_first(self, session: Session, commands: Sequence[Command]) -> None:
        """Put a session's earlier commands into the front of the inbox, ahead of its later ones."""
        self._inbox.put_first(session, commands)
        if not self._scheduled:
            self._scheduled = True
            self._loop.call_soon(self._take_turn)

    def keeps_waiting(self, session: Session) -> bool:
        """Return whether a session's hello waits because its address has joined too fast."""
        return session in self._join_throttle.lines.get(session.host, ())

    @property
    def stopping(self) -> bool:
        """Whether the hub has stopped taking turns."""
        return self._stopping

    def close(self) -> None:
        """Say goodbye to every session and close it; the hub takes no more turns."""
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
            turn = self._roll_back(turn, taken, error)
        self._finish(turn)
        self.metrics.turns.add(self.clock.steady() - began)
        self._look_ahead([room for name in turn.parts if (room := self.rooms.get(name)) is not None])
        turn.clear()
        if self.router.shutdown_asked and self._shutdown is not None:
            shut_down, self._shutdown = self._shutdown, None
            shut_down()

    def _finish(self, turn: Turn) -> None:
        """Deliver what the turn decided, and do what follows from it."""
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
        """Carry out the inbox up to the bounds of one turn, and ask for another turn if something is left.

        The answers are bounded as well: a session that asks for too much overflows its outbox and is closed before the
        server has produced more than that. So is the time, as a short command may be expensive.
        """
        inbox, join_throttle, steady = self._inbox, self._join_throttle, self.clock.steady
        taken = []
        characters_left = self._limits.now.turn_characters_max
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
            pays = payer(session.outlet) if is_behind else None  # it may not have said who it is yet
            characters = command.characters + 100
            characters_left -= characters
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
            if characters_left <= 0 or turn.told >= told_max or now >= until:
                break
        inbox.end()
        if inbox:
            self._scheduled = True
            self._loop.call_soon(self._take_turn)
        return taken

    def _carry_out(self, turn: Turn, session: Session, command: Command) -> None:
        """Carry out one command. A fault of the program stops the channel that the command is about, and no other."""
        try:
            self.router.take(turn, session, command)
        except Exception:
            _logger.exception("a command broke its channel", extra={"command": repr(command)[:500]})
            self._stop_for(turn, session, command)

    def _stop_for(self, turn: Turn, session: Session, command: Command) -> None:
        """Stop the room that a command broke, and tell the sender, who may not be a member there."""
        if (room := self.rooms.get(turn.at)) is not None:
            self._stop_room(turn, room)
            if session.channel or session.operator or session.memberships is not None:
                refuse(turn, session, command, "stopped", room.stopped_text)
            else:
                turn.end(session, "broken", room.stopped_text)

    def _stop_room(self, turn: Turn, room: Room) -> None:
        if not room.stopped:
            room.stop(turn)
            turn.part(room.name)  # so that an open room ends with the turn
            self.subscriptions.changed((room.name,))

    def _close_sessions(self, turn: Turn) -> None:
        for session in turn.ending:
            if session.outlet is not session:
                continue  # its connection may have other memberships
            session.transport.close()
            self._loop.call_later(self._limits.now.linger_seconds_max, session.transport.abort)

    def _look_ahead(self, rooms: Iterable[Room]) -> None:
        """Schedule a turn for the next end of an idle time or hold, now that these rooms have changed."""
        for room in rooms:
            self._timer.expect(room.due_at)
        self._timer.start()

    def _watch_transfer(self, transfer: Transfer) -> None:
        """Give a transfer up once it has made no progress for too long, or has taken too long in all."""
        if self.transfers.get(transfer.ticket) is not transfer:
            return
        due_at, problem = self.transfers.deadline(transfer)
        left = due_at - self.clock.steady()
        if left > 0:
            self._loop.call_later(left, self._watch_transfer, transfer)
        else:
            self.submit(transfer.sender, [Abandon(transfer.ticket, problem)])

    def _roll_back(self, failed: Turn, taken: list[Asked], error: LogError) -> Turn:
        """Roll a failed turn back, and return the turn that tells the senders."""
        _logger.error("the log failed, so a turn was rolled back", extra={"why": str(error)})
        turn = self._new_turn()
        turn.is_kept = False
        self._rollback.roll_back(failed, turn)
        self._rollback.answer(turn, taken, str(error))
        return turn
