"""What the commands about files do: one short method each."""

from collections.abc import Callable, Iterable, Mapping

from antechamber.channel.channel import SENDING, Refused
from antechamber.handlers.replies import Replies
from antechamber.handlers.targets import aim
from antechamber.protocol.commands import Received, Send
from antechamber.protocol.notices import Offer, Sent, Ticket, TransferFailed
from antechamber.protocol.text import clean
from antechamber.rooms.room import Room
from antechamber.rooms.transfers import Abandon, Transfer, Transfers, Uploaded
from antechamber.rooms.turn import Turn
from antechamber.session.session import Session

_PROBLEM_CHARACTERS = 200
"""How much is handed on of why a file is not wanted."""
_UNTOLD = "it was stopped."
"""Why a file did not arrive, where whoever says so is muted."""
_FILE_PROBLEMS = {
    "missing": ("no-such-file", "{path} does not exist."),
    "folder": ("not-a-file", "{path} is a folder."),
    "unreadable": ("unreadable-file", "{path} cannot be read."),
}


class FileCommands:
    """Carries them out in the turn under way."""

    def __init__(self, rooms: Mapping[str, Room], transfers: Transfers, replies: Replies) -> None:
        self.front_desk_port = 0
        self.opened: list[Transfer] = []
        """The transfers that the turn has given tickets for."""
        self.closed: list[Transfer] = []
        """The transfers that the turn has ended."""
        self.tell_link: Callable[[Session, Transfer, Ticket | Offer], None] = self._tell
        """Tells a session where a file is brought or fetched."""
        self._rooms = rooms
        self._transfers = transfers
        self._replies = replies

    @property
    def turn(self) -> Turn:
        """The turn under way."""
        return self._replies.turn

    def send(self, session: Session, room: Room, command: Send) -> None:
        """Give out a ticket for a file."""
        aimed = aim(room, command)
        decision = aimed if isinstance(aimed, Refused) else room.channel.decide(aimed, session.name, self.turn.steady)
        if isinstance(decision, Refused):
            self._replies.refuse(session, command, *decision)
        if problem := _FILE_PROBLEMS.get(command.problem):
            self._replies.refuse(session, command, problem[0], problem[1].format(path=command.path))
        if isinstance(aimed, Refused) or isinstance(decision, Refused) or problem:
            return
        command = aimed
        if (target := self._replies.present(session, room, command)) is None:
            return
        if not (session.encoding.carries_files and self.front_desk_port):
            self._replies.refuse(session, command, "no-files", "Files are sent with the chatclient program.")
        elif not target.encoding.carries_files:
            self._replies.refuse(session, command, "no-files", f"{command.to} cannot receive files.")
        elif too_much := self._transfers.problem(session, command.path, command.size):
            self._replies.refuse(session, command, *too_much)
        else:
            transfer = self._transfers.open(session, target, command.path, command.size, self.turn.steady)
            self.opened.append(transfer)
            self.tell_link(session, transfer, Ticket(self.turn.time, transfer.ticket, transfer.url_path, command.id))

    def uploaded(self, _: Session, command: Uploaded) -> None:
        """Offer the file that is here now to its target."""
        transfer = self._transfers.get(command.ticket)
        if transfer is None:
            return
        sender, target = transfer.sender, transfer.target
        room = self._rooms.get(sender.channel)
        if room is not None:
            room.channel.touch(sender.name, self.turn.steady)
            if (refused := room.channel.barred(sender.name, SENDING)) is not None:  # since it was let bring the file
                self._fail(transfer, refused.text)
                return
        transfer.state = "offered"
        offer = Offer(self.turn.time, sender.name, transfer.file, transfer.size, transfer.ticket, transfer.url_path)
        self.tell_link(target, transfer, offer)

    def _tell(self, session: Session, _: Transfer, notice: Ticket | Offer) -> None:
        self.turn.tell(session, notice)

    def received(self, session: Session, room: Room, command: Received) -> None:
        """Take the target's last word on a file, or its sender's, who stops it. Of who is muted it is no word."""
        transfer, problem = self._transfers.get(command.ticket), clean(command.problem)[:_PROBLEM_CHARACTERS]
        if problem and room.channel.may_speak(session.name, self.turn.steady):
            problem = _UNTOLD
        if transfer is not None and transfer.sender is session and problem:
            self._fail(transfer, problem)
        elif transfer is not None and transfer.target is session and transfer.state in ("offered", "downloading"):
            if problem:
                self._fail(transfer, problem)
            else:
                self._close(transfer)
                sent = Sent(self.turn.time, transfer.sender.name, session.name, transfer.path)
                self.turn.observe(sent)
                self.turn.tell(transfer.sender, sent)
        self._replies.done(session, command)

    def abandon(self, _: Session, command: Abandon) -> None:
        """Give a file up that broke on its way."""
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

    def end(self, session: Session, problem: str) -> None:
        """Give up the files that go to `session`, or are still coming from it."""
        for transfer in self._transfers.of(session):
            if session is transfer.target or transfer.state in ("asked", "uploading"):
                self._fail(transfer, problem)

    def end_all(self, sessions: Iterable[Session]) -> None:
        """Do so for sessions that the turn closes."""
        for session in sessions:
            self.end(session, f"{session.name} has left.")

    def undo(self) -> None:
        """Let the files on their way be those that were before the turn."""
        for transfer in self.closed:
            self._transfers.restore(transfer)
        for transfer in self.opened:
            self._transfers.close(transfer.ticket)
