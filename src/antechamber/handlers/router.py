"""What each command does: one short method a command, found by the command's type."""

from collections.abc import Callable, Mapping
from typing import Any, Literal

from antechamber.channel.channel import Decision, Refused
from antechamber.feeds.history_queries import HistoryQueries
from antechamber.feeds.replay import Replay, Unreadable
from antechamber.feeds.samples import Sampler
from antechamber.feeds.subscriptions import Subscriptions
from antechamber.handlers.files import FileCommands
from antechamber.handlers.hello import Entering
from antechamber.handlers.moderation import RoleCommands
from antechamber.handlers.operator import OperatorCommands
from antechamber.handlers.queries import Questions
from antechamber.handlers.replies import Replies
from antechamber.handlers.targets import aim
from antechamber.handlers.watch import WatchCommands
from antechamber.protocol.commands import (
    AskPlace,
    AskSamples,
    Command,
    Expire,
    Hello,
    Here,
    History,
    Leave,
    List,
    Malformed,
    Operate,
    Ping,
    Quit,
    Received,
    Resume,
    Say,
    Search,
    Send,
    Switch,
    Tag,
    Watch,
    Whisper,
    Who,
)
from antechamber.protocol.limits import Limits
from antechamber.protocol.notices import Whispered
from antechamber.rooms.idle_warnings import warn
from antechamber.rooms.room import Room
from antechamber.rooms.transfers import Abandon, Transfers, Uploaded
from antechamber.rooms.turn import Turn
from antechamber.runtime.clock import Clock
from antechamber.session.budgets import Budgets
from antechamber.session.login_attempts import LoginAttempts
from antechamber.session.session import Session

_NO_SIGNS_OF_LIFE = frozenset((AskPlace, History, Received, Who))
"""What a client sends by itself, as it does a ping, is no sign of its person."""
_QUESTIONS = frozenset((AskPlace, AskSamples, History, List, Ping, Search, Watch, Who))
"""What changes nothing, so that it is answered anew whenever it comes again, under whatever id."""


Undone = Literal["refuse", "told", "now", "later"]
"""What is done with a command whose turn the log did not keep: its sender is told, or was told, or it is carried out
again, at once or later."""


class Router:
    """Carries commands out in the turn under way, which the hub sets before it hands any over."""

    def __init__(
        self,
        rooms: Mapping[str, Room],
        transfers: Transfers,
        replay: Replay,
        subscriptions: Subscriptions,
        samples: Sampler,
        history_queries: HistoryQueries,
        limits: Limits,
        clock: Clock,
        login_attempts: LoginAttempts,
        budgets: Budgets,
    ) -> None:
        self.replies = Replies(limits, clock, budgets)
        self.files = FileCommands(rooms, transfers, self.replies)
        self.operators = OperatorCommands(rooms, self.replies, login_attempts)
        self.roles = RoleCommands(rooms, self.replies)
        self.questions = Questions(rooms, subscriptions, self.replies)
        watch_commands = WatchCommands(rooms, subscriptions, samples, self.replies)
        self.operators.table[AskSamples] = watch_commands.samples
        self.entering = Entering(rooms, self.replies, self.files, replay, login_attempts)
        self.history_queries = history_queries
        self.users: Mapping[type[Command], Callable[[Any, Any], None]] = {}
        """What each command does of a session that has memberships, which is an IRC user's."""
        self.greet: Callable[[Session], None] = lambda _: None
        """Tells the session of an IRC user that has got its seat of the channel."""
        self.undone: Callable[[Session, Command, str], Undone] = lambda *_: "refuse"
        """Says what is to be done with an IRC user's command that was not kept; it may tell the user itself."""
        self.rooms = rooms
        self._transfers = transfers
        self._owing = budgets.owing
        """Who has used too much: nobody nearly always, and then nothing is asked of each command."""
        self._subscriptions = subscriptions
        self._internal: dict[type[Command], Callable[[Session, Any], None]] = {
            Leave: self._leave,
            Malformed: self._malformed,
            Unreadable: self._unreadable,
            Uploaded: self.files.uploaded,
            Abandon: self.files.abandon,
        }
        self._anyone: dict[type[Command], Callable[[Session, Any], None]] = {
            Hello: self.entering.hello,
            Resume: self.entering.resume,
            Operate: self._operate,
            List: self.questions.list,
            Ping: self.questions.ping,
            Watch: watch_commands.watch,
        }
        self._member: dict[type[Command], Callable[[Session, Room, Any], None]] = {
            Say: self._say,
            Whisper: self._whisper,
            Switch: self.entering.switch,
            Tag: self._tag,
            Send: self.files.send,
            Received: self.files.received,
            Quit: self._quit,
            AskPlace: self.questions.place,
            Who: self.questions.who,
            Here: self._here,
            History: self._past,
            Search: self._past,
            **self.roles.table,
        }

    @property
    def turn(self) -> Turn:
        """The turn under way."""
        return self.replies.turn

    @property
    def at(self) -> Room | None:
        """The room in hand: a fault of the program is its."""
        return self.replies.at

    @property
    def shutdown_asked(self) -> bool:
        """Whether the operator has asked the server to end."""
        return self.operators.shutdown_asked

    def take(self, session: Session, command: Any) -> None:
        """Carry out one command of `session`, or refuse it."""
        kind = type(command)
        self.replies.at = None
        if session.memberships is not None:
            if kind is Leave or not (session.closed or self.operators.shutdown_asked):
                self.users[kind](session, command)
        elif (internal := self._internal.get(kind)) is not None:
            internal(session, command)
        elif session.closed or self.operators.shutdown_asked:
            pass  # after a goodbye, or a shutdown on its way, nothing is done that anybody would read of
        elif command.id and kind not in _QUESTIONS and self._repeats(session, command.id):
            self.replies.done(session, command)
        elif (action := self._member.get(kind)) is not None and not self._is_for_operators(session, kind):
            if (room := self.rooms.get(session.channel)) is None:
                text = "Say who you are first: the first line is a hello."
                self.replies.refuse(session, command, "hello-first", text)
                return
            self.replies.at = room
            if kind not in _NO_SIGNS_OF_LIFE:
                room.channel.touch(session.name, self.turn.steady)
                if kind is not Say:
                    self._subscriptions.alive(room.name, session.name)
            action(session, room, command)
        elif (anyone := self._anyone.get(kind)) is not None:
            anyone(session, command)
            if session.channel or session.operator:
                self._subscriptions.named(self.turn, session)
        else:
            self.operators.take(session, command)

    def _is_for_operators(self, session: Session, kind: type[Command]) -> bool:
        """Say whether a command is an operator's: those whose role in their channel allows it are members there."""
        return not session.channel and kind in self.operators.table

    def greet_seated(self) -> None:
        """Tell the IRC users who got a seat since this was called last of their channels."""
        greet = self.turn.greet
        for session in greet:
            if not session.closed and session.seated:
                self.greet(session)
        greet.clear()

    def expire(self, room: Room) -> None:
        """Let everyone whose idle time or hold is over lose the seat or the place, and warn whose idle time soon is.

        Those are spared who have a file under way to the server. Who came back in a turn that the log did not keep has
        a seat now, if one is free still.
        """
        steady = self.turn.steady
        for name in room.channel.idle_since(steady):
            if not self._spared(room, name):
                self._record(room, room.channel.decide(Expire(), name, steady))
        for name in room.channel.idling(steady):
            if not self._spared(room, name):
                warn(room, self.turn, name)
        for name in list(room.held):
            if room.hold_over_at(name) <= steady:
                room.leave(self.turn, name, "lost")
        room.admit(self.turn)
        room.look_ahead(self.turn)

    def _spared(self, room: Room, name: str) -> bool:
        """Restart the idle clock of a member who has a file under way to the server."""
        session = room.sessions.get(name)
        if session is None or not self._transfers.uploading(session):
            return False
        room.channel.touch(name, self.turn.steady)
        self._subscriptions.alive(room.name, name)
        return True

    # Coming and going

    def _operate(self, session: Session, command: Operate) -> None:
        entering = self.entering
        if not entering.is_known(session, command) and not entering.speaks_otherwise(session, command):
            self.operators.operate(session, command, entering.tokens)
            if session.operator:
                self._subscriptions.visit(session)

    def _quit(self, session: Session, room: Room, _: Quit) -> None:
        room.leave(self.turn, session.name, "quit")
        self.turn.end(session, "quit", "Goodbye.")

    def _leave(self, session: Session, command: Leave) -> None:
        session.closed = True
        self._subscriptions.forget(session)
        room = self.replies.at = self.rooms.get(session.channel)
        text = f"{session.name} has left."
        reason = "quit" if session.quits else command.reason
        if room is not None and reason == "lost" and room.holds(session, self.turn.steady):
            room.hold(self.turn, session)
            text = f"{session.name} has lost the connection."
        elif room is not None:
            room.leave(self.turn, session.name, reason)
        self.files.end(session, text)

    # Talking

    def _say(self, session: Session, room: Room, command: Say) -> None:
        if self._owing and (too_much := self.replies.too_much(session)):
            self.replies.refuse(session, command, *too_much)
            return
        decision = room.channel.decide(command, session.name, self.turn.steady)
        if isinstance(decision, Refused):
            self.replies.refuse(session, command, *decision)
        else:
            room.record(self.turn, decision)

    def _tag(self, session: Session, room: Room, command: Tag) -> None:
        decision = self.replies.too_much(session) or room.channel.decide(command, session.name, self.turn.steady)
        if isinstance(decision, Refused):
            self.replies.refuse(session, command, *decision)
        else:
            room.record(self.turn, decision)
            self.replies.done(session, command)

    def _whisper(self, session: Session, room: Room, command: Whisper) -> None:
        aimed = aim(room, command)
        if isinstance(aimed, Refused):
            self.replies.refuse(session, command, *aimed)
            return
        command = aimed
        decision = room.channel.decide(command, session.name, self.turn.steady)
        whispered = Whispered(self.turn.time, room.name, session.name, command.to, command.text)
        if isinstance(decision, Refused):
            if decision.code == "not-here":
                self.turn.observe(whispered)
            self.replies.refuse(session, command, *decision)
            return
        self.turn.observe(whispered)
        if (target := self.replies.present(session, room, command)) is not None:
            self.turn.tell(target, whispered)
            self.replies.done(session, command)

    def _here(self, session: Session, _: Room, command: Here) -> None:
        self.replies.done(session, command)

    def _past(self, session: Session, room: Room, command: History | Search) -> None:
        if (refused := self.history_queries.ask(self.turn, session, room, command)) is not None:
            self.replies.refuse(session, command, *refused)

    def _unreadable(self, session: Session, _: Unreadable) -> None:
        text = f"What you have missed in the {session.channel} channel cannot be read from the server's log."
        self.turn.end(session, "broken", text, session.channel)
        room = self.rooms.get(session.channel)
        if session.outlet is not session and room is not None:  # its connection goes on
            room.leave(self.turn, session.name, "quit")

    def _malformed(self, session: Session, command: Malformed) -> None:
        if session.channel or session.operator:
            self.replies.refuse(session, command, command.code, command.text)
        else:
            self.replies.turn_away(session, command, command.code, command.text)

    def _record(self, room: Room, decision: Decision) -> None:
        """Record a decision that is never a refusal, whatever the state."""
        assert not isinstance(decision, Refused)
        room.record(self.turn, decision)

    def _repeats(self, session: Session, command_id: str) -> bool:
        if session.repeats(command_id, self.replies.limits.recent_ids_max):
            return True
        self.turn.remembered.append((session, command_id))
        return False
