"""What is asked about files: sending one, receiving or declining it, and what becomes of it on its way."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from antechamber.channel.decide import SENDING, barred, may_speak
from antechamber.handlers.carry_out import Executor
from antechamber.handlers.replies import refuse, tell_done
from antechamber.handlers.talk import present
from antechamber.handlers.targets import target_name
from antechamber.protocol.commands import Command, Received, Send
from antechamber.protocol.notices import Offer, Sent, Ticket, TransferFailed
from antechamber.protocol.refusals import Refused
from antechamber.protocol.text import clean
from antechamber.rooms.room import Room
from antechamber.rooms.transfers import Abandon, Transfer, Transfers, Uploaded
from antechamber.rooms.turn import Turn
from antechamber.session.session import Session

TellLink = Callable[[Turn, Session, Transfer, Ticket | Offer], None]
"""Tells a session the address to which it sends a file, or from which it fetches one."""
_PROBLEM_CHARACTERS = 200
"""How much of the reason why a file is not wanted is passed on."""
_UNTOLD = "it was stopped."
"""The reason why a file did not arrive if whoever gives one is muted."""
_FILE_PROBLEMS = {
    "missing": ("no-such-file", "{path} does not exist."),
    "folder": ("not-a-file", "{path} is a folder."),
    "unreadable": ("unreadable-file", "{path} cannot be read."),
}


class FileHandlers:
    """Carry out what is asked about files. `watch` looks after each transfer that begins."""

    def __init__(
        self,
        rooms: Mapping[str, Room],
        transfers: Transfers,
        executor: Executor,
        tell_link: TellLink,
        watch: Callable[[Transfer], None],
    ) -> None:
        self.front_desk_port = 0
        """The port of the front desk, where the bytes go; 0 until it is open."""
        self._rooms = rooms
        self._transfers = transfers
        self._executor = executor
        self._tell_link = tell_link
        self._watch = watch
        self.member: Mapping[type[Command], Callable[[Turn, Session, Room, Any], None]] = {
            Send: self.send,
            Received: self._received,
        }
        self.internal: Mapping[type[Command], Callable[[Turn, Session, Any], None]] = {
            Uploaded: self._uploaded,
            Abandon: self._abandon,
        }

    def announce_front_desk(self, port: int) -> None:
        """Use the front desk at this port for all files from now on."""
        self.front_desk_port = port

    def send(self, turn: Turn, session: Session, room: Room, command: Send) -> None:
        """Give out a ticket for a file."""
        to = target_name(room, command)
        decision = self._executor.carry_out(turn, room, session, command)
        if isinstance(decision, Refused):
            refuse(turn, session, command, *decision)
        if problem := _FILE_PROBLEMS.get(command.problem):
            refuse(turn, session, command, problem[0], problem[1].format(path=command.path))
        if isinstance(decision, Refused) or problem:
            return
        if (target := present(turn, session, room, command, to)) is None:
            return
        if not (session.encoding.carries_files and self.front_desk_port):
            refuse(turn, session, command, "no-files", "Files are sent with the chatclient program.")
        elif not target.encoding.carries_files:
            refuse(turn, session, command, "no-files", f"{to} cannot receive files.")
        elif too_much := self._transfers.problem(session, command.path, command.size):
            refuse(turn, session, command, *too_much)
        else:
            transfer = self._transfers.open(session, target, command.path, command.size, turn.steady)
            turn.undo.append(partial(self._transfers.close, transfer.ticket))
            turn.after.append(partial(self._watch, transfer))
            self._tell_link(turn, session, transfer, Ticket(turn.time, transfer.ticket, transfer.url_path, command.id))

    def _uploaded(self, turn: Turn, _: Session, command: Uploaded) -> None:
        """Offer a file that has been uploaded to its target."""
        transfer = self._transfers.get(command.ticket)
        if transfer is None:
            return
        sender, target = transfer.sender, transfer.target
        if (room := self._rooms.get(sender.channel)) is not None:
            self._executor.show_life(turn, room, sender, command)
            if (refused := barred(room.channel, sender.name, SENDING)) is not None:  # banned since it began to send
                self._fail(turn, transfer, refused.text)
                return
        transfer.state = "offered"
        offer = Offer(turn.time, sender.name, transfer.file, transfer.size, transfer.ticket, transfer.url_path)
        self._tell_link(turn, target, transfer, offer)

    def _received(self, turn: Turn, session: Session, room: Room, command: Received) -> None:
        """Take the target's last word on a file, or its sender's, who stops it. A muted member's reason is not told."""
        transfer, problem = self._transfers.get(command.ticket), clean(command.problem)[:_PROBLEM_CHARACTERS]
        if problem and may_speak(room.channel, session.name, turn.steady):
            problem = _UNTOLD
        if transfer is not None and transfer.sender is session and problem:
            self._fail(turn, transfer, problem)
        elif transfer is not None and transfer.target is session and transfer.state in ("offered", "downloading"):
            if problem:
                self._fail(turn, transfer, problem)
            else:
                self._close(turn, transfer)
                sent = Sent(turn.time, transfer.sender.name, session.name, transfer.path)
                turn.observe(sent)
                turn.tell(transfer.sender, sent)
        tell_done(turn, session, command)

    def _abandon(self, turn: Turn, _: Session, command: Abandon) -> None:
        """Give up a file whose transfer broke off."""
        if (transfer := self._transfers.get(command.ticket)) is not None:
            self._fail(turn, transfer, command.problem)

    def _fail(self, turn: Turn, transfer: Transfer, problem: str) -> None:
        self._close(turn, transfer)
        sender, target = transfer.sender, transfer.target
        failed = TransferFailed(turn.time, sender.name, target.name, transfer.path, transfer.ticket, problem)
        turn.tell(sender, failed)
        if transfer.state in ("offered", "downloading") and target is not sender:
            turn.tell(target, failed)

    def _close(self, turn: Turn, transfer: Transfer) -> None:
        self._transfers.close(transfer.ticket)
        turn.undo.append(partial(self._transfers.restore, transfer))

    def end(self, turn: Turn, session: Session, problem: str) -> None:
        """Give up the files that go to a session, or are still coming from it."""
        for transfer in self._transfers.of(session):
            if session is transfer.target or transfer.state in ("asked", "uploading"):
                self._fail(turn, transfer, problem)

    def end_all(self, turn: Turn, sessions: Iterable[Session]) -> None:
        """Give up the files of sessions that the turn closes."""
        for session in sessions:
            self.end(turn, session, f"{session.name} has left.")
