"""What each command does: one short method a command, found by the command's type."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from antechamber import __version__
from antechamber.channel import Decision
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
    Say,
    Send,
    Shutdown,
    Switch,
    Whisper,
)
from antechamber.events import (
    AnyEvent,
    Channels,
    Done,
    Offer,
    Pong,
    Refusal,
    Sent,
    Ticket,
    TransferFailed,
    Welcome,
    Whispered,
)
from antechamber.fanout import Turn
from antechamber.limits import Limits
from antechamber.room import Room
from antechamber.session import Session
from antechamber.text import clean, name_problem
from antechamber.transfers import Abandon, Transfer, Transfers, Uploaded

_FILE_PROBLEMS = {
    "missing": ("no-such-file", "{path} does not exist."),
    "folder": ("not-a-file", "{path} is a folder."),
    "unreadable": ("unreadable-file", "{path} cannot be read."),
}
_SERVER = f"antechamber/{__version__}"


class Dispatch:
    """Carries commands out in the turn under way, which the hub sets before it hands any over."""

    turn: Turn

    def __init__(self, rooms: Mapping[str, Room], transfers: Transfers, limits: Limits, clock: Clock) -> None:
        self.front_desk_port = 0
        self.shutdown_asked = False
        self.at: Room | None = None
        """The room in hand: a fault of the program is its."""
        self.opened: list[Transfer] = []
        """The transfers that the turn has given tickets for."""
        self.closed: list[Transfer] = []
        """The transfers that the turn has ended."""
        self._rooms = rooms
        self._transfers = transfers
        self._limits = limits
        self._clock = clock
        self._internal: dict[type[Command], Callable[[Session, Any], None]] = {
            Leave: self._leave,
            Malformed: self._malformed,
            Uploaded: self._uploaded,
            Abandon: self._abandon,
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
            Send: self._send,
            Received: self._received,
            Quit: self._quit,
            Ping: self._ping,
        }

    def take(self, session: Session, command: Any) -> None:
        """Carry out one command of `session`, or refuse it."""
        kind = type(command)
        self.at = None
        if (internal := self._internal.get(kind)) is not None:
            internal(session, command)
        elif session.closed or self.shutdown_asked:
            pass  # after a goodbye, or a shutdown on its way, nothing is done that anybody would read of
        elif command.id and self._repeats(session, command.id):
            self._done(session, command)
        elif (action := self._member.get(kind)) is not None:
            if (room := self._rooms.get(session.channel)) is None:
                self.refuse(session, command, "hello-first", "Say who you are first: the first line is a hello.")
                return
            self.at = room
            if kind is not Ping and kind is not Received:  # what a client sends by itself is no sign of its person
                room.channel.touch(session.name, self.turn.time)
            action(session, room, command)
        elif kind is Hello:
            self._hello(session, command)
        elif session.operator:
            self._operator[kind](session, command)
        else:
            self.refuse(session, command, "operators-only", "Only the operator can do that.")

    def expire(self, room: Room) -> None:
        """Let everyone whose idle time is over lose the seat, except those with a file under way to the server."""
        for name in room.channel.idle_since(self.turn.time):
            session = room.sessions.get(name)
            if session is not None and self._transfers.uploading(session):
                room.channel.touch(name, self.turn.time)
            else:
                self._record(room, room.channel.decide(Expire(), name, self.turn.time))
        room.idle_at = room.channel.next_idle_at()

    def end_transfers(self, sessions: Iterable[Session]) -> None:
        """Give up the files that go to sessions which the turn closes, or are still coming from them."""
        for session in sessions:
            self._end_transfers(session)

    def undo_transfers(self) -> None:
        """Let the files on their way be those that were before the turn."""
        for transfer in self.closed:
            self._transfers.restore(transfer)
        for transfer in self.opened:
            self._transfers.close(transfer.ticket)

    # Coming and going

    def _hello(self, session: Session, command: Hello) -> None:
        if session.channel or session.operator:
            self.refuse(session, command, "named-already", f"You are {session.name} already.")
            return
        if command.protocol != PROTOCOL:
            problem = f"This server speaks version {PROTOCOL} of the protocol, not {command.protocol}."
            self._turn_away(session, command, "protocol", problem)
            return
        if bad_name := name_problem(command.name, self._limits.name_characters_max):
            self._turn_away(session, command, "bad-name", bad_name)
            return
        room = self.at = self._rooms[session.door]
        if room.stopped:
            self._turn_away(session, command, "stopped", f"The {room.name} channel has stopped.")
            return
        decision = room.channel.decide(Join(), command.name, self.turn.time)
        if isinstance(decision, Refusal):
            self._turn_away(session, command, decision.code, decision.text)
            return
        self._enter(session, room, command.name, decision)

    def _turn_away(self, session: Session, command: Hello | Malformed, code: str, text: str) -> None:
        offset = self._clock.utc_offset_seconds(self.turn.time)
        self.refuse(session, command, code, text, offset)
        self.turn.end(session, "refused", text)

    def _enter(self, session: Session, room: Room, name: str, events: Iterable[AnyEvent]) -> None:
        turn = self.turn
        self.at = room
        room.enter(turn, session, name)
        offset = self._clock.utc_offset_seconds(turn.time)
        turn.tell(session, Welcome(turn.time, room.name, name, _SERVER, PROTOCOL, offset, self.front_desk_port))
        room.record(turn, events)
        if not session.seated:
            room.tell_last_place(turn, session)

    def _quit(self, session: Session, room: Room, _: Quit) -> None:
        self._record(room, room.channel.decide(Leave("quit"), session.name, self.turn.time))
        self.turn.end(session, "quit", "Goodbye.")

    def _leave(self, session: Session, command: Leave) -> None:
        session.closed = True
        room = self.at = self._rooms.get(session.channel)
        if room is not None:
            self._record(room, room.channel.decide(command, session.name, self.turn.time))
        self._end_transfers(session)

    def _switch(self, session: Session, room: Room, command: Switch) -> None:
        target = self._rooms.get(command.channel)
        if target is None:
            self.refuse(session, command, "no-such-channel", f"{clean(command.channel)} does not exist.")
            return
        cannot = f"Cannot switch to the {target.name} channel."
        if target.stopped:
            self.refuse(session, command, "cannot-switch", cannot)
            return
        self.at = target
        decision = target.channel.decide(Join(), session.name, self.turn.time)
        if isinstance(decision, Refusal):
            taken = decision.code == "name-taken"
            self.refuse(session, command, *(("cannot-switch", cannot) if taken else (decision.code, decision.text)))
        else:
            self.at = room
            self._record(room, room.channel.decide(Leave("switched"), session.name, self.turn.time))
            self._enter(session, target, session.name, decision)
            self._done(session, command)

    # Talking

    def _say(self, session: Session, room: Room, command: Say) -> None:
        decision = room.channel.decide(command, session.name, self.turn.time)
        if isinstance(decision, Refusal):
            self.refuse(session, command, decision.code, decision.text)
        else:
            room.record(self.turn, decision)

    def _whisper(self, session: Session, room: Room, command: Whisper) -> None:
        decision = room.channel.decide(command, session.name, self.turn.time)
        whispered = Whispered(self.turn.time, room.name, session.name, command.to, command.text)
        if isinstance(decision, Refusal):
            if decision.code == "not-here":
                self.turn.observe(whispered)
            self.refuse(session, command, decision.code, decision.text)
            return
        self.turn.observe(whispered)
        if (target := room.sessions.get(command.to)) is not None:
            self.turn.tell(target, whispered)
        self._done(session, command)

    def _list(self, session: Session, _: Room, command: List) -> None:
        infos = [room.info() for room in self._rooms.values()]
        self.turn.tell(session, Channels(self.turn.time, infos, command.id))

    def _ping(self, session: Session, _: Room, command: Ping) -> None:
        self.turn.tell(session, Pong(self.turn.time, command.id))

    def _malformed(self, session: Session, command: Malformed) -> None:
        if session.channel:
            self.refuse(session, command, command.code, command.text)
        else:
            self._turn_away(session, command, command.code, command.text)

    # Files

    def _send(self, session: Session, room: Room, command: Send) -> None:
        decision = room.channel.decide(command, session.name, self.turn.time)
        if isinstance(decision, Refusal):
            self.refuse(session, command, decision.code, decision.text)
        if problem := _FILE_PROBLEMS.get(command.problem):
            self.refuse(session, command, problem[0], problem[1].format(path=command.path))
        if isinstance(decision, Refusal) or problem:
            return
        target = room.sessions[command.to]
        if not (session.encoding.carries_files and self.front_desk_port):
            self.refuse(session, command, "no-files", "Files are sent with the chatclient program.")
        elif not target.encoding.carries_files:
            self.refuse(session, command, "no-files", f"{command.to} cannot receive files.")
        elif too_much := self._transfers.problem(session, command.path, command.size):
            self.refuse(session, command, *too_much)
        else:
            transfer = self._transfers.open(session, target, command.path, command.size, self.turn.time)
            self.opened.append(transfer)
            self.turn.tell(session, Ticket(self.turn.time, transfer.ticket, transfer.url_path, command.id))

    def _uploaded(self, _: Session, command: Uploaded) -> None:
        transfer = self._transfers.get(command.ticket)
        if transfer is None:
            return
        sender, target = transfer.sender, transfer.target
        room = self.at = self._rooms.get(sender.channel)
        if room is not None:
            room.channel.touch(sender.name, self.turn.time)
        transfer.state = "offered"
        offer = Offer(self.turn.time, sender.name, transfer.file, transfer.size, transfer.ticket, transfer.url_path)
        self.turn.tell(target, offer)

    def _received(self, session: Session, _: Room, command: Received) -> None:
        transfer = self._transfers.get(command.ticket)
        if transfer is not None and transfer.target is session and transfer.state in ("offered", "downloading"):
            if command.problem:
                self._fail(transfer, clean(command.problem)[:200])
            else:
                self._close(transfer)
                sent = Sent(self.turn.time, transfer.sender.name, session.name, transfer.path)
                self.turn.observe(sent)
                self.turn.tell(transfer.sender, sent)
        self._done(session, command)

    def _abandon(self, _: Session, command: Abandon) -> None:
        if (transfer := self._transfers.get(command.ticket)) is not None:
            self._fail(transfer, command.problem)

    def _fail(self, transfer: Transfer, problem: str) -> None:
        self._close(transfer)
        sender, target = transfer.sender, transfer.target
        failed = TransferFailed(self.turn.time, sender.name, target.name, transfer.path, transfer.ticket, problem)
        self.turn.tell(sender, failed)
        if transfer.state in ("offered", "downloading") and target is not sender:
            self.turn.tell(target, failed)

    def _close(self, transfer: Transfer) -> None:
        self._transfers.close(transfer.ticket)
        self.closed.append(transfer)

    def _end_transfers(self, session: Session) -> None:
        for transfer in self._transfers.of(session):
            if session is transfer.target or transfer.state in ("asked", "uploading"):
                self._fail(transfer, f"{session.name} has left.")

    # The operator

    def _in_named_room(self, session: Session, command: Kick | Mute | Empty) -> None:
        room = self.at = self._rooms.get(command.channel)
        stopped = room is None or room.stopped
        if stopped and isinstance(command, Mute):
            self.refuse(session, command, "not-here", f"{command.name} is not here.")
        elif room is None or stopped:
            self.refuse(session, command, "no-such-channel", f"{command.channel} does not exist.")
        else:
            decision = room.channel.decide(command, "", self.turn.time)
            if isinstance(decision, Refusal):
                self.refuse(session, command, decision.code, decision.text)
            else:
                room.record(self.turn, decision)

    def _shutdown(self, _: Session, __: Shutdown) -> None:
        self.shutdown_asked = True

    # Answers

    def _record(self, room: Room, decision: Decision) -> None:
        """Record a decision that is never a refusal, whatever the state."""
        assert not isinstance(decision, Refusal)
        room.record(self.turn, decision)

    def _repeats(self, session: Session, command_id: str) -> bool:
        if session.repeats(command_id, self._limits.recent_ids_max):
            return True
        self.turn.remembered.append((session, command_id))
        return False

    def _done(self, session: Session, command: Any) -> None:
        if command.id:
            self.turn.tell(session, Done(self.turn.time, command.id))

    def refuse(self, session: Session, command: Any, code: str, text: str, utc_offset_seconds: int = 0) -> None:
        """Tell a session that what it asked is not done."""
        command_id = getattr(command, "id", "")
        if type(command) is not Malformed:
            session.forget(command_id)  # it changed nothing, so a retry is judged anew
        self.turn.tell(session, Refusal(self.turn.time, code, text, command_id, utc_offset_seconds))
