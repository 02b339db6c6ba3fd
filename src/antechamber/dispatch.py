"""What each command does: one short method a command, found by the command's type."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from antechamber import __version__
from antechamber.answers import Answers
from antechamber.catchup import CatchUp, Unreadable
from antechamber.channel import Decision, Refused
from antechamber.clock import Clock
from antechamber.commands import (
    PROTOCOL,
    Command,
    Empty,
    Expire,
    Hello,
    Join,
    Kick,
    Leave,
    List,
    Malformed,
    Mute,
    Ping,
    Quit,
    Received,
    Resume,
    Say,
    Send,
    Shutdown,
    Switch,
    Whisper,
)
from antechamber.events import (
    AnyEvent,
    Channels,
    Pong,
    Resumed,
    Welcome,
    Whispered,
)
from antechamber.fanout import Turn
from antechamber.file_commands import FileCommands
from antechamber.limits import Limits
from antechamber.room import Room
from antechamber.session import Session
from antechamber.text import clean, name_problem
from antechamber.tokens import Claim, Tokens
from antechamber.transfers import Abandon, Transfers, Uploaded

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
_SERVER = f"antechamber/{__version__}"


class Dispatch:
    """Carries commands out in the turn under way, which the hub sets before it hands any over."""

    tokens: Tokens

    def __init__(
        self, rooms: Mapping[str, Room], transfers: Transfers, catch_up: CatchUp, limits: Limits, clock: Clock
    ) -> None:
        self.answers = Answers()
        self.files = FileCommands(rooms, transfers, self.answers)
        self.limits = limits
        self.shutdown_asked = False
        self.at: Room | None = None
        """The room in hand: a fault of the program is its."""
        self.resumed: list[Session] = []
        """The sessions that catch up once the turn is over."""
        self._rooms = rooms
        self._transfers = transfers
        self._catch_up = catch_up
        self._clock = clock
        self._internal: dict[type[Command], Callable[[Session, Any], None]] = {
            Leave: self._leave,
            Malformed: self._malformed,
            Unreadable: self._unreadable,
            Uploaded: self.files.uploaded,
            Abandon: self.files.abandon,
        }
        self._operator: dict[type[Command], Callable[[Session, Any], None]] = {
            Kick: self._in_named_room,
            Mute: self._in_named_room,
            Empty: self._in_named_room,
            Shutdown: self._shutdown,
        }
        self._member: dict[type[Command], Callable[[Session, Room, Any], None]] = {
            Say: self._say,
            Whisper: self._whisper,
            List: self._list,
            Switch: self._switch,
            Send: self.files.send,
            Received: self.files.received,
            Quit: self._quit,
            Ping: self._ping,
        }

    @property
    def turn(self) -> Turn:
        """The turn under way."""
        return self.answers.turn

    def take(self, session: Session, command: Any) -> None:
        """Carry out one command of `session`, or refuse it."""
        kind = type(command)
        self.at = None
        if (internal := self._internal.get(kind)) is not None:
            internal(session, command)
        elif session.closed or self.shutdown_asked:
            pass  # after a goodbye, or a shutdown on its way, nothing is done that anybody would read of
        elif command.id and self._repeats(session, command.id):
            self.answers.done(session, command)
        elif (action := self._member.get(kind)) is not None:
            if (room := self._rooms.get(session.channel)) is None:
                text = "Say who you are first: the first line is a hello."
                self.answers.refuse(session, command, "hello-first", text)
                return
            self.at = room
            if kind is not Ping and kind is not Received:  # what a client sends by itself is no sign of its person
                room.channel.touch(session.name, self.turn.steady)
            action(session, room, command)
        elif kind is Hello:
            self._hello(session, command)
        elif kind is Resume:
            self._resume(session, command)
        elif session.operator:
            self._operator[kind](session, command)
        else:
            self.answers.refuse(session, command, "operators-only", "Only the operator can do that.")

    def expire(self, room: Room) -> None:
        """Let everyone whose idle time or hold is over lose the seat or the place.

        Those are spared who have a file under way to the server.
        """
        steady = self.turn.steady
        for name in room.channel.idle_since(steady):
            session = room.sessions.get(name)
            if session is not None and self._transfers.uploading(session):
                room.channel.touch(name, steady)
            else:
                self._record(room, room.channel.decide(Expire(), name, steady))
        for name in list(room.held):
            if room.hold_over_at(name) <= steady:
                room.leave(self.turn, name, "lost")
        room.look_ahead()

    # Coming and going

    def _hello(self, session: Session, command: Hello) -> None:
        if session.channel or session.operator:
            self.answers.refuse(session, command, "named-already", f"You are {session.name} already.")
            return
        if self._speaks_otherwise(session, command):
            return
        if bad_name := name_problem(command.name, self.limits.name_characters_max):
            self._turn_away(session, command, "bad-name", bad_name)
            return
        room = self.at = self._rooms.get(session.door)
        if room is None or room.stopped:
            self._turn_away(session, command, "stopped", f"The {session.door} channel has stopped.")
            return
        decision = room.channel.decide(Join(command.hold and room.holds_members), command.name, self.turn.steady)
        if isinstance(decision, Refused):
            self._turn_away(session, command, *decision)
            return
        session.holds = command.hold
        self._enter(session, room, command.name, decision)

    def _resume(self, session: Session, command: Resume) -> None:
        if session.channel or session.operator:
            self.answers.refuse(session, command, "named-already", f"You are {session.name} already.")
            return
        if self._speaks_otherwise(session, command):
            return
        claim, after = self.tokens.read(command.token), command.after
        if claim is None:
            self._turn_away(session, command, "bad-token", "That is no resume token of this server: say hello instead.")
            return
        if (moved := self._moved(claim)) is not None:
            claim, after = moved, 0
        room = self.at = self._rooms.get(claim.channel)
        if room is not None and room.stopped:
            self._turn_away(session, command, "stopped", f"The {room.name} channel has stopped.")
        elif room is None or room.channel.membership(claim.name) is None or room.claim(claim.name) != claim:
            reason = "closed" if room is None else room.endings.of(claim)
            code, text = _ENDINGS.get(reason, _OVER)
            self._turn_away(session, command, code, text.format(claim.channel))
        else:
            room.resume(self.turn, session, claim.name, after)
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
            **self._greeting(room),
        )
        self.turn.tell(session, resumed)
        if not session.behind:
            room.tell_place(self.turn, session, list(room.channel.waiting).index(claim.name))

    def _greeting(self, room: Room) -> dict[str, Any]:
        """Return what a welcome and a return have in common."""
        return {
            "time": self.turn.time,
            "channel": room.name,
            "server": _SERVER,
            "protocol": PROTOCOL,
            "utc_offset_seconds": self._clock.utc_offset_seconds(self.turn.time),
            "front_desk_port": self.files.front_desk_port,
            "seat_hold_seconds": room.limits.seat_hold_seconds,
            "place_hold_seconds": room.limits.place_hold_seconds,
            "topic": room.topic,
        }

    def _speaks_otherwise(self, session: Session, command: Hello | Resume) -> bool:
        if command.protocol == PROTOCOL:
            return False
        problem = f"This server speaks version {PROTOCOL} of the protocol, not {command.protocol}."
        self._turn_away(session, command, "protocol", problem)
        return True

    def _turn_away(self, session: Session, command: Hello | Resume | Malformed, code: str, text: str) -> None:
        offset = self._clock.utc_offset_seconds(self.turn.time)
        self.answers.refuse(session, command, code, text, offset)
        self.turn.end(session, "refused", text)

    def _enter(self, session: Session, room: Room, name: str, events: Iterable[AnyEvent]) -> None:
        turn = self.turn
        self.at = room
        room.enter(turn, session, name)
        token = self.tokens.make(Claim(room.name, name, room.channel.sequence + 1)) if session.holds else ""
        turn.tell(session, Welcome(name=name, token=token, **self._greeting(room)))
        room.record(turn, events)
        if not session.seated:
            room.tell_place(turn, session, len(room.channel.waiting) - 1)

    def _quit(self, session: Session, room: Room, _: Quit) -> None:
        room.leave(self.turn, session.name, "quit")
        self.turn.end(session, "quit", "Goodbye.")

    def _leave(self, session: Session, command: Leave) -> None:
        session.closed = True
        room = self.at = self._rooms.get(session.channel)
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
        self.at = target
        holds = session.holds and target.holds_members
        join = Join(holds, room.origins(session.name) if holds else ())
        decision = target.channel.decide(join, session.name, self.turn.steady)
        if isinstance(decision, Refused):
            taken = decision.code == "name-taken"
            self.answers.refuse(session, command, *(("cannot-switch", cannot) if taken else decision))
        else:
            self.at = room
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

    def _list(self, session: Session, _: Room, command: List) -> None:
        infos = [room.info() for room in self._rooms.values()]
        self.turn.tell(session, Channels(self.turn.time, infos, command.id))

    def _ping(self, session: Session, _: Room, command: Ping) -> None:
        self.turn.tell(session, Pong(self.turn.time, command.id))

    def _unreadable(self, session: Session, _: Unreadable) -> None:
        text = f"What you have missed in the {session.channel} channel cannot be read from the server's log."
        self.turn.end(session, "broken", text)

    def _malformed(self, session: Session, command: Malformed) -> None:
        if session.channel:
            self.answers.refuse(session, command, command.code, command.text)
        else:
            self._turn_away(session, command, command.code, command.text)

    # The operator

    def _in_named_room(self, session: Session, command: Kick | Mute | Empty) -> None:
        room = self.at = self._rooms.get(command.channel)
        stopped = room is None or room.stopped
        if stopped and isinstance(command, Mute):
            self.answers.refuse(session, command, "not-here", f"{command.name} is not here.")
        elif room is None or stopped:
            self.answers.refuse(session, command, "no-such-channel", f"{command.channel} does not exist.")
        else:
            decision = room.channel.decide(command, "", self.turn.steady)
            if isinstance(decision, Refused):
                self.answers.refuse(session, command, *decision)
            else:
                room.record(self.turn, decision)

    def _shutdown(self, _: Session, __: Shutdown) -> None:
        self.shutdown_asked = True

    def _record(self, room: Room, decision: Decision) -> None:
        """Record a decision that is never a refusal, whatever the state."""
        assert not isinstance(decision, Refused)
        room.record(self.turn, decision)

    def _repeats(self, session: Session, command_id: str) -> bool:
        if session.repeats(command_id, self.limits.recent_ids_max):
            return True
        self.turn.remembered.append((session, command_id))
        return False
