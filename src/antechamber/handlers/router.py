"""The router: finds the handler of each command, once it is judged to be one that its sender may give."""

from collections.abc import Callable, Mapping
from typing import Any, Literal, Protocol

from antechamber.channel.decide import decide
from antechamber.feeds.history_queries import HistoryQueries
from antechamber.feeds.replay import Replay, Unreadable
from antechamber.feeds.samples import Sampler
from antechamber.feeds.subscriptions import Subscriptions
from antechamber.handlers.carry_out import Executor
from antechamber.handlers.files import FileHandlers
from antechamber.handlers.hello import HelloHandlers
from antechamber.handlers.moderation import ModerationHandlers
from antechamber.handlers.operator import OperatorHandlers
from antechamber.handlers.queries import QueryHandlers
from antechamber.handlers.replies import refuse, tell_done, turn_away
from antechamber.handlers.talk import TalkHandlers
from antechamber.protocol.commands import (
    Command,
    Expire,
    Hello,
    Leave,
    Malformed,
    Operate,
    Quit,
    Resume,
    Shutdown,
    Switch,
)
from antechamber.protocol.limits import CurrentLimits
from antechamber.protocol.notices import Offer, Ticket
from antechamber.protocol.refusals import Refused
from antechamber.rooms.idle_warnings import warn
from antechamber.rooms.room import Room
from antechamber.rooms.transfers import Transfer, Transfers
from antechamber.rooms.turn import Turn
from antechamber.session.login_attempts import LoginAttempts
from antechamber.session.session import Session
from antechamber.session.tokens import Tokens

Undone = Literal["refuse", "told", "now", "later"]
"""What to do with a command whose turn was rolled back: refuse it; nothing, as its sender was told already; or carry it
out again, now or later."""


class Extension(Protocol):
    """A port with commands of its own, whose sessions have several memberships: IRC."""

    def take(self, turn: Turn, session: Session, command: Command) -> None:
        """Carry out a command of a session that has memberships, or tell it why not."""

    def greet(self, turn: Turn, session: Session) -> None:
        """Tell the session of a membership that has got its seat about the channel."""

    def tell_link(self, turn: Turn, session: Session, transfer: Transfer, notice: Ticket | Offer) -> None:
        """Tell the session of a membership where to send or to fetch a file."""

    def undone(self, turn: Turn, session: Session, command: Command, text: str) -> Undone:
        """Return what to do with a command that was rolled back for the reason `text`; the session may be told here."""


class Router:
    """Carries commands out in the turn under way, and finds out which handler does."""

    def __init__(
        self,
        rooms: Mapping[str, Room],
        transfers: Transfers,
        replay: Replay,
        subscriptions: Subscriptions,
        samples: Sampler,
        history_queries: HistoryQueries,
        limits: CurrentLimits,
        login_attempts: LoginAttempts,
        tokens: Tokens,
        executor: Executor,
        watch_transfer: Callable[[Transfer], None],
    ) -> None:
        self.files = FileHandlers(rooms, transfers, executor, self._tell_link, watch_transfer)
        self.operators = OperatorHandlers(limits, login_attempts, tokens)
        self.hellos = HelloHandlers(rooms, replay, login_attempts, tokens, self.files)
        self._rooms = rooms
        self._transfers = transfers
        self._subscriptions = subscriptions
        self._executor = executor
        self._limits = limits
        self._extension: Extension | None = None
        queries = QueryHandlers(rooms, executor, subscriptions, samples, history_queries)
        talk = TalkHandlers(executor, tokens)
        moderation = ModerationHandlers(rooms, executor)
        self._internal: dict[type[Command], Callable[[Turn, Session, Any], None]] = {
            Leave: self._leave,
            Malformed: self._malformed,
            Unreadable: self._unreadable,
            **self.files.internal,
        }
        self._anyone: dict[type[Command], Callable[[Turn, Session, Any], None]] = {
            Hello: self.hellos.hello,
            Resume: self.hellos.resume,
            Operate: self._operate,
            **queries.anyone,
        }
        self._member: dict[type[Command], Callable[[Turn, Session, Room, Any], None]] = {
            Switch: self.hellos.switch,
            Quit: self._quit,
            **talk.member,
            **self.files.member,
            **queries.member,
            **moderation.member,
        }
        self._operator: dict[type[Command], Callable[[Turn, Session, Any], None]] = {
            Shutdown: self.operators.shutdown,
            **moderation.operator,
            **queries.operator,
        }

    def extend(self, extension: Extension) -> None:
        """Have an extension carry out the commands of sessions that have memberships."""
        self._extension = extension

    @property
    def shutdown_asked(self) -> bool:
        """Whether the operator has asked the server to end."""
        return self.operators.shutdown_asked

    def take(self, turn: Turn, session: Session, command: Any) -> None:
        """Carry out one command of a session, or refuse it."""
        kind = type(command)
        turn.at = ""
        if session.memberships is not None:
            if kind is Leave or not (session.closed or self.operators.shutdown_asked):
                assert self._extension is not None
                self._extension.take(turn, session, command)
        elif (internal := self._internal.get(kind)) is not None:
            internal(turn, session, command)
        elif session.closed or self.operators.shutdown_asked:
            pass  # after a goodbye, or once a shutdown is under way, nobody would read an answer
        elif command.id and not command.only_asks and self._repeats(turn, session, command.id):
            tell_done(turn, session, command)
        elif (handler := self._member.get(kind)) is not None and self._is_members(session, kind):
            self._take_of_member(turn, session, command, handler)
        elif (anyone := self._anyone.get(kind)) is not None:
            anyone(turn, session, command)
            if session.channel or session.operator:
                self._subscriptions.named(turn, session)
        elif session.operator:
            self._operator[kind](turn, session, command)
        else:
            refuse(turn, session, command, "operators-only", "Only the operator can do that.")

    def _is_members(self, session: Session, kind: type[Command]) -> bool:
        """Return whether a session gives a command as a member, or would have to be one."""
        return bool(session.channel) or kind not in self._operator or (kind.only_asks and not session.operator)

    def _take_of_member(
        self, turn: Turn, session: Session, command: Any, handler: Callable[[Turn, Session, Room, Any], None]
    ) -> None:
        if (room := self._rooms.get(session.channel)) is None:
            refuse(turn, session, command, "hello-first", "Say who you are first: the first line is a hello.")
            return
        turn.at = room.name
        if not command.is_decided:
            self._executor.show_life(turn, room, session, command)
        handler(turn, session, room, command)

    def undone(self, turn: Turn, session: Session, command: Command, text: str) -> Undone:
        """Return what to do with a command that was rolled back for the reason `text`."""
        if session.memberships is None or self._extension is None:
            return "refuse"
        return self._extension.undone(turn, session, command, text)

    def greet_seated(self, turn: Turn) -> None:
        """Tell the IRC users who have got a seat since the last call about their channels."""
        for session in turn.greet:
            if not session.closed and session.seated and self._extension is not None:
                self._extension.greet(turn, session)
        turn.greet.clear()

    def expire(self, turn: Turn, room: Room) -> None:
        """Take the seat or place of everyone whose idle time or hold is over, and warn those whose idle time soon is.

        Members with a file under way to the server are spared. A member that came back in a turn that was rolled back
        gets a seat now, if one is still free.
        """
        turn.at, steady = room.name, turn.steady
        for name in room.channel.idle_since(steady):
            if not self._spared(turn, room, name):
                decision = decide(room.channel, Expire(), name, steady)
                assert not isinstance(decision, Refused)
                room.record(turn, decision)
        for name in room.channel.idling(steady):
            if not self._spared(turn, room, name):
                warn(room, turn, name)
        for name in list(room.held):
            if room.hold_over_at(name) <= steady:
                room.leave(turn, name, "lost")
        room.admit(turn)
        room.look_ahead(turn)

    def _spared(self, turn: Turn, room: Room, name: str) -> bool:
        """Restart the idle clock of a member with a file under way to the server, and return whether there is one."""
        session = room.sessions.get(name)
        if session is None or not self._transfers.uploading(session):
            return False
        self._executor.touch(turn, room, name)
        return True

    def _tell_link(self, turn: Turn, session: Session, transfer: Transfer, notice: Ticket | Offer) -> None:
        if session.outlet is not session and self._extension is not None:
            self._extension.tell_link(turn, session, transfer, notice)
        else:
            turn.tell(session, notice)

    # Coming and going

    def _operate(self, turn: Turn, session: Session, command: Operate) -> None:
        hellos = self.hellos
        if not hellos.is_known(turn, session, command) and not hellos.speaks_otherwise(turn, session, command):
            self.operators.operate(turn, session, command)
            if session.operator:
                self._subscriptions.visit(session)

    def _quit(self, turn: Turn, session: Session, room: Room, _: Quit) -> None:
        room.leave(turn, session.name, "quit")
        turn.end(session, "quit", "Goodbye.")

    def _leave(self, turn: Turn, session: Session, command: Leave) -> None:
        session.closed = True
        self._subscriptions.forget(session)
        room = self._rooms.get(session.channel)
        text = f"{session.name} has left."
        reason = "quit" if session.quits else command.reason
        if room is not None:
            turn.at = room.name
            if reason == "lost" and room.holds(session, turn.steady):
                room.hold(turn, session)
                text = f"{session.name} has lost the connection."
            else:
                room.leave(turn, session.name, reason)
        self.files.end(turn, session, text)

    def _unreadable(self, turn: Turn, session: Session, _: Unreadable) -> None:
        text = f"What you have missed in the {session.channel} channel cannot be read from the server's log."
        turn.end(session, "broken", text, session.channel)
        room = self._rooms.get(session.channel)
        if session.outlet is not session and room is not None:  # its connection goes on
            room.leave(turn, session.name, "quit")

    def _malformed(self, turn: Turn, session: Session, command: Malformed) -> None:
        tell = refuse if session.channel or session.operator else turn_away
        tell(turn, session, command, command.code, command.text)

    def _repeats(self, turn: Turn, session: Session, command_id: str) -> bool:
        """Return whether a session has sent a command before under this id, and remember the id."""
        if session.repeats(command_id, self._limits.now.recent_ids_max):
            return True
        turn.remembered.append((session, command_id))
        return False
