"""The conversation of a client: commands go to the server, and its messages to the view."""

import os
from typing import TYPE_CHECKING

import msgspec

from antechamber.client.files.transfer_threads import FileSettings, TransferThreads
from antechamber.client.reconnect.unanswered import UNANSWERED_COMMANDS_MAX, Unanswered
from antechamber.client.screen import OutputClosed
from antechamber.client.server_connection import LEAVING_SECONDS_MAX, ConnectionProblem, ServerConnection, Wordless
from antechamber.client.view import View, in_a_note
from antechamber.codec.jsonl import decode_message
from antechamber.protocol.commands import PeerCommand, Quit
from antechamber.protocol.events import Entry, Said
from antechamber.protocol.notices import (
    Channels,
    Done,
    Entries,
    Goodbye,
    Members,
    Message,
    Named,
    Offer,
    Place,
    Refusal,
    Resumed,
    Sent,
    Ticket,
    TransferFailed,
    Welcome,
)
from antechamber.protocol.text import clean

if TYPE_CHECKING:
    from antechamber.client.reconnect.resume import ResumingClient
    from antechamber.client.reconnect.retry import Retry

_BAD_ENDS = frozenset(("refused", "resumed", "slow", "silent", "broken"))
"""The goodbyes that are not an orderly end."""
_UNSPOKEN_ENDS = frozenset(("kicked", "idle", "emptied", "shutdown"))
"""The goodbyes that the transcript passes over in silence, and that the person did not ask for."""
_encode = msgspec.json.Encoder().encode


class Conversation:
    """One chat, from the hello to its end; with `returning`, over lost connections as well."""

    def __init__(
        self,
        connection: ServerConnection,
        view: View,
        name: str,
        files: FileSettings,
        returning: "Retry | None" = None,
    ) -> None:
        self._connection = connection
        self._view = view
        self._name = name
        self._files = TransferThreads(connection.host, files, view, self._send)
        # Without reconnecting, ids are never compared with those of another connection.
        prefix = "" if returning is None else f"{os.urandom(6).hex()}-"
        unanswered_max = None if returning is None else UNANSWERED_COMMANDS_MAX
        self._outgoing = Unanswered(connection, prefix, self._files.announce, unanswered_max)
        self._resuming = None if returning is None else self._resume_by(returning)
        self._quitting = False
        self._ended = False
        """Whether sending has ended."""
        self._known = False
        """Whether the other side has shown that it is a chat server."""
        self._goodbye: Goodbye | None = None
        self._problem: ConnectionProblem | None = None
        """How this connection ended, if it had a problem."""

    def _resume_by(self, returning: "Retry") -> "ResumingClient":
        from antechamber.client.reconnect.resume import ResumingClient

        return ResumingClient(self._connection, returning, self._outgoing, self._name, self._note)

    def run(self) -> int:
        """Chat until it ends, and return the exit status.

        Raises ConnectionProblem if there is no chat. KeyboardInterrupt is raised after a silent goodbye.
        """
        try:
            while True:
                self._read()
                if (status := self._status()) is not None:
                    return status
                if not self._come_back():
                    return 0
        except KeyboardInterrupt:
            self._leave()
            raise
        except OutputClosed as closed:
            if not closed.hung_up:  # a closed terminal sends SIGHUP as well
                self._leave()
            if closed.strerror:
                self._view.note(f"standard output cannot be written: {closed.strerror}")
            return 1 if closed.strerror else 0
        finally:
            self._files.end()
            if self._resuming is not None and (self._goodbye is None or self._goodbye.reason != "quit"):
                self._resuming.end()
            self._ended = True
            self._outgoing.hold()
            self._connection.close()

    # What the person asks, in any thread

    def new_id(self) -> str:
        """Return an id for a command, by which its answer can be told from others."""
        return self._outgoing.new_id()

    def do(self, command: PeerCommand) -> None:
        """Send a command, under its id if it has one. Wait while too many are unanswered."""
        if isinstance(command, Quit) and not self._quitting:
            self._quitting = True
            if self._resuming is not None:
                self._resuming.quit()
        self._outgoing.wait_for_room(command)
        if not self._ended:
            self._send(command)

    def clear_away(self) -> None:
        """Clean up because the program is being ended from outside, without waiting for anything."""
        self._files.unname()
        self._view.clear()

    def _send(self, command: PeerCommand) -> None:
        """Send a command under an id, from any thread."""
        if not self._outgoing.send(command) and self._resuming is not None and self._resuming.leave_out():
            self._view.note("too much waits to be sent: what you type now is not kept")

    def _leave(self) -> None:
        """Quit silently."""
        self._connection.send_last(_encode(Quit()), LEAVING_SECONDS_MAX)

    # How a connection ends, and the next begins

    def _status(self) -> int | None:
        """Return the exit status after the connection has ended, None if the client reconnects."""
        goodbye = self._goodbye
        goes_on = self._resuming is not None and self._resuming.goes_on(goodbye)
        if goodbye is not None and not goes_on:
            if goodbye.reason in _UNSPOKEN_ENDS:
                self._note(in_a_note(clean(goodbye.text)))
            return 1 if goodbye.reason in _BAD_ENDS else 0
        if self._problem is not None and not goes_on:
            raise self._problem
        if self._quitting:
            return 0
        if goes_on:
            return None
        self._note(f"the connection to {self._connection.where} was lost")
        return 1

    def _come_back(self) -> bool:
        """Find the next connection; return False if the person quits instead."""
        assert self._resuming is not None
        self._connection.close()
        self._outgoing.hold()
        for command_id in self._files.lose():
            self._outgoing.settle(command_id)
        found = self._resuming.find(self._goodbye, str(self._problem or ""))
        if found is None:
            return False
        self._connection = found
        if self._quitting:
            self._leave()
        return not self._quitting

    # What the server tells

    def _read(self) -> None:
        """Read the connection to its end."""
        self._known, self._goodbye, self._problem = False, None, None
        try:
            for lines in self._connection.lines():
                for line in filter(None, lines):
                    self._hear(line)
                self._view.flush()
                if self._goodbye is not None:
                    return
        except ConnectionProblem as problem:
            if not (self._quitting and isinstance(problem, Wordless)):
                self._problem = problem

    def _note(self, text: str) -> None:
        """Show a note, after what was heard before it."""
        self._view.flush()
        self._view.note(text)

    def _hear(self, line: bytes) -> None:
        resuming = self._resuming
        try:
            message = decode_message(line)
        except msgspec.ValidationError:  # from a newer server, which tells older clients what matters in the older form
            if resuming is not None:
                resuming.hear_unknown(line)
            return
        except msgspec.DecodeError:
            raise self._connection.no_server() from None
        if not self._known:
            self._known = True
            self._connection.settle(watched=resuming is not None)
        self._take_in(message)
        self._view.hear(message, message if resuming is None else resuming.hear(message))

    def _take_in(self, message: Message) -> None:
        match message:
            case Entry(event=Said(name=name, id=command_id)):
                if name == self._name:
                    self._outgoing.settle(command_id)
            case Welcome(name=name, front_desk_port=port) | Resumed(name=name, front_desk_port=port):
                self._name = name
                self._files.front_desk_port = port
            case Named(name=name):
                self._name = name
            case Ticket(id=command_id):
                self._outgoing.settle(command_id)
                self._files.send(message)
            case Offer():
                self._files.receive(message)
            case Sent(to=to, path=path):
                self._files.settle(to, path)
            case TransferFailed(to=to, path=path, ticket=ticket):
                self._files.settle(to, path)
                self._files.withdraw(ticket)
            case (
                Done(id=command_id)
                | Channels(id=command_id)
                | Members(id=command_id)
                | Entries(id=command_id)
                | Place(id=command_id)
            ):
                self._outgoing.settle(command_id)
            case Refusal():
                self._take_refusal(message)
            case Goodbye():
                self._goodbye = message

    def _take_refusal(self, refusal: Refusal) -> None:
        self._files.forget(refusal.id)
        if refusal.id:
            self._outgoing.settle(refusal.id)
        elif refusal.code == "line-too-long":
            self._outgoing.settle_longest()
