"""What each command does: one short method a command, found by the command's type."""

from collections.abc import Callable, Iterable, Mapping
from math import isfinite
from typing import Any

from antechamber.answers import SERVER, Answers
from antechamber.archive import Archive
from antechamber.catchup import CatchUp, Unreadable
from antechamber.channel import Decision, Refused
from antechamber.clock import Clock
from antechamber.commands import (
    PROTOCOL,
    AskPlace,
    AskSamples,
    Command,
    Expire,
    Hello,
    Here,
    History,
    Join,
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
    Watch,
    Whisper,
    Who,
)
from antechamber.events import (
    AnyEvent,
    Resumed,
    Welcome,
    Whispered,
)
from antechamber.fanout import Turn
from antechamber.file_commands import FileCommands
from antechamber.idling import warn, warn_again
from antechamber.limits import Limits
from antechamber.operator_commands import OperatorCommands
from antechamber.questions import Questions
from antechamber.room import Room
from antechamber.samples import Sampling
from antechamber.session import Session
from antechamber.text import clean, name_problem
from antechamber.tokens import Claim, Tokens
from antechamber.transfers import Abandon, Transfers, Uploaded
from antechamber.watch_commands import WatchCommands
from antechamber.watching import Watching

_ENDINGS = {
    "lost": ("resume-over", "You were away for too long: what was kept for you in the {} channel went to the next."),
    "idle": ("resume-over", "You sent nothing for too long, so your seat in the {} channel went to the next in line."),
    "closed": ("resume-over", "The operator closed the {} channel."),
    "quit": ("resume-ended", "You have left the {} channel."),
    "kicked": ("resume-ended", "The operator closed your connection to the {} channel."),
    "emptied": ("resume-ended", "The operator emptied the {} channel."),
}
"""What those are told who come back to a membership that has ended; of the first codes one may begin anew."""
_OVER = ("resume-over", "Your seat or place in the {} channel is no longer kept.")
_NO_SIGNS_OF_LIFE = frozenset((AskPlace, History, Received, Who))
"""What a client sends by itself, as it does a ping, is no sign of its person."""
_QUESTIONS = frozenset((AskPlace, AskSamples, History, List, Ping, Search, Watch, Who))
"""What changes nothing, so that it is answered anew whenever it comes again, under whatever id."""


class Dispatch:
    """Carries commands out in the turn under way, which the hub sets before it hands any over."""

    tokens: Tokens

    def __init__(
        self,
        rooms: Mapping[str, Room],
        transfers: Transfers,
        catch_up: CatchUp,
        watching: Watching,
        samples: Sampling,
        archive: Archive,
        limits: Limits,
        clock: Clock,
    ) -> None:
        self.answers = Answers(limits, clock)
        self.files = FileCommands(rooms, transfers, self.answers)
        self.operators = OperatorCommands(rooms, self.answers)
        self.questions = Questions(rooms, watching, self.answers)
        watch_commands = WatchCommands(rooms, watching, samples, self.answers)
        self.operators.table[AskSamples] = watch_commands.samples
        self.resumed: list[Session] = []
        """The sessions that catch up once the turn is over."""
        self._rooms = rooms
        self._transfers = transfers
        self._catch_up = catch_up
        self._watching = watching
        self._archive = archive
        self._internal: dict[type[Command], Callable[[Session, Any], None]] = {
            Leave: self._leave,
            Malformed: self._malformed,
            Unreadable: self._unreadable,
            Uploaded: self.files.uploaded,
            Abandon: self.files.abandon,
        }
        self._anyone: dict[type[Command], Callable[[Session, Any], None]] = {
            Hello: self._hello,
            Resume: self._resume,
            Operate: self._operate,
            List: self.questions.list,
            Ping: self.questions.ping,
            Watch: watch_commands.watch,
        }
        self._member: dict[type[Command], Callable[[Session, Room, Any], None]] = {
            Say: self._say,
            Whisper: self._whisper,
            Switch: self._switch,
            Send: self.files.send,
            Received: self.files.received,
            Quit: self._quit,
            AskPlace: self.questions.place,
            Who: self.questions.who,
            Here: self._here,
            History: self._past,
            Search: self._past,
        }

    @property
    def turn(self) -> Turn:
        """The turn under way."""
        return self.answers.turn

    @property
    def at(self) -> Room | None:
        """The room in hand: a fault of the program is its."""
        return self.answers.at

    @property
    def shutdown_asked(self) -> bool:
        """Whether the operator has asked the server to end."""
        return self.operators.shutdown_asked

    def take(self, session: Session, command: Any) -> None:
        """Carry out one command of `session`, or refuse it."""
        kind = type(command)
        self.answers.at = None
        if (internal := self._internal.get(kind)) is not None:
            internal(session, command)
        elif session.closed or self.operators.shutdown_asked:
            pass  # after a goodbye, or a shutdown on its way, nothing is done that anybody would read of
        elif command.id and kind not in _QUESTIONS and self._repeats(session, command.id):
            self.answers.done(session, command)
        elif (action := self._member.get(kind)) is not None:
            if (room := self._rooms.get(session.channel)) is None:
                text = "Say who you are first: the first line is a hello."
                self.answers.refuse(session, command, "hello-first", text)
                return
            self.answers.at = room
            if kind not in _NO_SIGNS_OF_LIFE:
                room.channel.touch(session.name, self.turn.steady)
                if kind is not Say:
                    self._watching.alive(room.name, session.name)
            action(session, room, command)
        elif (anyone := self._anyone.get(kind)) is not None:
            anyone(session, command)
        else:
            self.operators.take(session, command)

    def expire(self, room: Room) -> None:
        """Let everyone whose idle time or hold is over lose the seat or the place, and warn whose idle time soon is.

        Those are spared who have a file under way to the server.
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
        room.look_ahead()

    def _spared(self, room: Room, name: str) -> bool:
        """Restart the idle clock of a member who has a file under way to the server."""
        session = room.sessions.get(name)
        if session is None or not self._transfers.uploading(session):
            return False
        room.channel.touch(name, self.turn.steady)
        self._watching.alive(room.name, name)
        return True

    # Coming and going

    def _hello(self, session: Session, command: Hello) -> None:
        if self._is_known(session, command) or self._speaks_otherwise(session, command):
            return
        if bad_name := name_problem(command.name, self.answers.limits.name_characters_max):
            self.answers.turn_away(session, command, "bad-name", bad_name)
            return
        channel = command.channel or session.door
        room = self.answers.at = self._rooms.get(channel)
        if (room is None and channel != session.door) or not channel:
            text = f"{channel} does not exist." if channel else "Say which channel you want to enter."
            self.answers.turn_away(session, command, "no-such-channel", text)
            return
        if room is None or room.stopped:
            self.answers.turn_away(session, command, "stopped", f"The {channel} channel has stopped.")
            return
        holds = command.hold and session.may_hold and room.holds_members
        decision = room.channel.decide(Join(holds), command.name, self.turn.steady)
        if isinstance(decision, Refused):
            if self.comes_back(session, command):
                self._come_back(session, room, room.claim(command.name), 0)
            else:
                self.answers.turn_away(session, command, *decision)
            return
        session.holds, session.key = command.hold, command.key if command.hold else ""
        self._enter(session, room, command.name, decision)

    def comes_back(self, session: Session, command: Command) -> bool:
        """Say whether a hello is one that was said before, by a client that has not read its answer.

        Its member is there, by the same name and with the same key. Such a hello is a resume, which no log has to keep.
        """
        if not isinstance(command, Hello) or not command.hold:
            return False
        if (room := self._rooms.get(command.channel or session.door)) is None:
            return False
        hold = room.held.get(command.name)
        earlier = hold.session if hold else room.sessions.get(command.name)
        return earlier is not None and earlier.has_key(command.key)

    def _resume(self, session: Session, command: Resume) -> None:
        if self._is_known(session, command) or self._speaks_otherwise(session, command):
            return
        claim, after = self.tokens.read(command.token), command.after
        if claim is None:
            self.answers.turn_away(
                session, command, "bad-token", "That is no resume token of this server: say hello instead."
            )
            return
        if (moved := self._moved(claim)) is not None:
            claim, after = moved, 0
        room = self.answers.at = self._rooms.get(claim.channel)
        if room is not None and room.stopped:
            self.answers.turn_away(session, command, "stopped", f"The {room.name} channel has stopped.")
        elif room is None or room.channel.membership(claim.name) is None or room.claim(claim.name) != claim:
            reason = "closed" if room is None else room.endings.of(claim)
            code, text = _ENDINGS.get(reason, _OVER)
            self.answers.turn_away(session, command, code, text.format(claim.channel))
        else:
            self._come_back(session, room, claim, after)

    def _come_back(self, session: Session, room: Room, claim: Claim, after: int) -> None:
        room.resume(self.turn, session, claim.name, after)
        warn_again(room, self.turn, claim.name)
        self._greet_again(session, room, claim)

    def _moved(self, claim: Claim) -> Claim | None:
        """Return what a membership became by a switch, where the member lost its connection before it read so."""
        for room in self._rooms.values():
            membership = room.channel.membership(claim.name)
            if membership is not None and (claim.channel, claim.entered) in membership.origins:
                return room.claim(claim.name)
        return None

    def _greet_again(self, session: Session, room: Room, claim: Claim) -> None:
        """Tell a resumed session what it is to read, and let it do so once the turn is over."""
        first = room.sequence + 1
        if session.behind:
            session.behind = first = self._catch_up.first(room, session.behind)
            self.resumed.append(session)
        resumed = Resumed(
            name=claim.name,
            seated=session.behind > 0,
            first=first,
            last=room.sequence,
            token=self.tokens.make(claim),
            **self._greeting(session, room),
        )
        self.turn.tell(session, resumed)
        if not session.behind:
            room.tell_place(self.turn, session)
            room.tell_announcements(self.turn, session)

    def _operate(self, session: Session, command: Operate) -> None:
        if not self._is_known(session, command) and not self._speaks_otherwise(session, command):
            self.operators.operate(session, command, self.tokens)
            if session.operator:
                self._watching.visit(session)

    def _greeting(self, session: Session, room: Room) -> dict[str, Any]:
        """Return what a welcome and a return have in common."""
        limits = room.limits
        return {
            "time": self.turn.time,
            "channel": room.name,
            "server": SERVER,
            "protocol": PROTOCOL,
            "utc_offset_seconds": self.answers.utc_offset_seconds,
            "front_desk_port": self.files.front_desk_port,
            "seat_hold_seconds": limits.seat_hold_seconds if session.may_hold else 0.0,
            "place_hold_seconds": limits.place_hold_seconds if session.may_hold else 0.0,
            "topic": room.topic,
            "idle_seconds_max": limits.idle_seconds_max if isfinite(limits.idle_seconds_max) else 0.0,
            "line_bytes_max": limits.line_bytes_max,
            "file_bytes_max": limits.file_bytes_max,
        }

    def _is_known(self, session: Session, command: Hello | Resume | Operate) -> bool:
        if session.operator:
            self.answers.refuse(session, command, "named-already", "This is an operator's session already.")
        elif session.channel:
            self.answers.refuse(session, command, "named-already", f"You are {session.name} already.")
        return session.operator or bool(session.channel)

    def _speaks_otherwise(self, session: Session, command: Hello | Resume | Operate) -> bool:
        if command.protocol == PROTOCOL:
            return False
        problem = f"This server speaks version {PROTOCOL} of the protocol, not {command.protocol}."
        self.answers.turn_away(session, command, "protocol", problem)
        return True

    def _enter(self, session: Session, room: Room, name: str, events: Iterable[AnyEvent]) -> None:
        turn = self.turn
        self.answers.at = room
        room.enter(turn, session, name)
        token = self.tokens.make(Claim(room.name, name, room.channel.sequence + 1)) if session.holds else ""
        turn.tell(session, Welcome(name=name, token=token, **self._greeting(session, room)))
        room.record(turn, events)
        if not session.seated:
            room.tell_place(turn, session)

    def _quit(self, session: Session, room: Room, _: Quit) -> None:
        room.leave(self.turn, session.name, "quit")
        self.turn.end(session, "quit", "Goodbye.")

    def _leave(self, session: Session, command: Leave) -> None:
        session.closed = True
        self._watching.forget(session)
        room = self.answers.at = self._rooms.get(session.channel)
        text = f"{session.name} has left."
        reason = "quit" if session.quits else command.reason
        if room is not None and reason == "lost" and room.hold_seconds(session.name) > 0:
            room.hold(self.turn, session)
            text = f"{session.name} has lost the connection."
        elif room is not None:
            room.leave(self.turn, session.name, reason)
        self.files.end(session, text)

    def _switch(self, session: Session, room: Room, command: Switch) -> None:
        target = self._rooms.get(command.channel)
        if target is None:
            self.answers.refuse(session, command, "no-such-channel", f"{clean(command.channel)} does not exist.")
            return
        cannot = f"Cannot switch to the {target.name} channel."
        if target.stopped:
            self.answers.refuse(session, command, "cannot-switch", cannot)
            return
        self.answers.at = target
        holds = session.holds and session.may_hold and target.holds_members
        join = Join(holds, room.origins(session.name) if holds else ())
        decision = target.channel.decide(join, session.name, self.turn.steady)
        if isinstance(decision, Refused):
            taken = decision.code == "name-taken"
            self.answers.refuse(session, command, *(("cannot-switch", cannot) if taken else decision))
        else:
            self.answers.at = room
            room.leave(self.turn, session.name, "switched")
            self._enter(session, target, session.name, decision)
            self.answers.done(session, command)

    # Talking

    def _say(self, session: Session, room: Room, command: Say) -> None:
        decision = room.channel.decide(command, session.name, self.turn.steady)
        if isinstance(decision, Refused):
            self.answers.refuse(session, command, *decision)
        else:
            room.record(self.turn, decision)

    def _whisper(self, session: Session, room: Room, command: Whisper) -> None:
        decision = room.channel.decide(command, session.name, self.turn.steady)
        whispered = Whispered(self.turn.time, room.name, session.name, command.to, command.text)
        if isinstance(decision, Refused):
            if decision.code == "not-here":
                self.turn.observe(whispered)
            self.answers.refuse(session, command, *decision)
            return
        self.turn.observe(whispered)
        if (target := self.answers.present(session, room, command)) is not None:
            self.turn.tell(target, whispered)
            self.answers.done(session, command)

    def _here(self, session: Session, _: Room, command: Here) -> None:
        self.answers.done(session, command)

    def _past(self, session: Session, room: Room, command: History | Search) -> None:
        if (refused := self._archive.ask(self.turn, session, room, command)) is not None:
            self.answers.refuse(session, command, *refused)

    def _unreadable(self, session: Session, _: Unreadable) -> None:
        text = f"What you have missed in the {session.channel} channel cannot be read from the server's log."
        self.turn.end(session, "broken", text)

    def _malformed(self, session: Session, command: Malformed) -> None:
        if session.channel or session.operator:
            self.answers.refuse(session, command, command.code, command.text)
        else:
            self.answers.turn_away(session, command, command.code, command.text)

    def _record(self, room: Room, decision: Decision) -> None:
        """Record a decision that is never a refusal, whatever the state."""
        assert not isinstance(decision, Refused)
        room.record(self.turn, decision)

    def _repeats(self, session: Session, command_id: str) -> bool:
        if session.repeats(command_id, self.answers.limits.recent_ids_max):
            return True
        self.turn.remembered.append((session, command_id))
        return False
