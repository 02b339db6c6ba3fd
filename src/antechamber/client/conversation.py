"""The conversation of the plain client: typed lines become commands, and messages of the server become lines."""

import os
from typing import TYPE_CHECKING

import msgspec

from antechamber.client.files.transfer_threads import TransferThreads
from antechamber.client.reconnect.unanswered import UNANSWERED_COMMANDS_MAX, Unanswered
from antechamber.client.screen import OutputClosed, Screen
from antechamber.client.server_connection import LEAVING_SECONDS_MAX, ConnectionProblem, ServerConnection, Wordless
from antechamber.codec.jsonl import decode_message
from antechamber.codec.plain import member_line
from antechamber.codec.slash_commands import parse
from antechamber.protocol.commands import MemberCommand, Quit
from antechamber.protocol.events import Entry, Said
from antechamber.protocol.notices import (
    Channels,
    Done,
    Goodbye,
    Message,
    Offer,
    Refusal,
    Resumed,
    Sent,
    Ticket,
    TransferFailed,
    Welcome,
)
from antechamber.protocol.text import clean
from antechamber.runtime.terminal import read_lines

if TYPE_CHECKING:
    from antechamber.client.reconnect.resume import ResumingClient
    from antechamber.client.reconnect.retry import Retry

_TYPED_BYTES_MAX = 1 << 20
"""Length of a typed line. The server's own limit is far lower, and it refuses longer lines in words."""
_BAD_ENDS = frozenset(("refused", "resumed", "slow", "silent", "broken"))
"""The goodbyes that are not an orderly end."""
_encode = msgspec.json.Encoder().encode


class Conversation:
    """One chat, from the hello to its end; with `returning`, over lost connections as well."""

    def __init__(
        self,
        connection: ServerConnection,
        screen: Screen,
        name: str,
        files_folder: str,
        stdin: int = 0,
        returning: "Retry | None" = None,
    ) -> None:
        self._connection = connection
        self._screen = screen
        self._name = name
        self._stdin = stdin
        self._files = TransferThreads(connection.host, files_folder, screen, self._send)
        # Without reconnecting, ids are never compared with those of another connection.
        prefix = "" if returning is None else f"{os.urandom(6).hex()}-"
        unanswered_max = None if returning is None else UNANSWERED_COMMANDS_MAX
        self._outgoing = Unanswered(connection, prefix, self._files.announce, unanswered_max)
        self._resuming = None if returning is None else self._resume_by(returning)
        self._utc_offset_seconds = 0
        """The server's, from its welcome or from the refusal of the name."""
        self._welcomed = False
        self._texts: list[str] = []
        """The lines to print once everything received is handled."""
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
            read_lines(self._stdin, self._take, _TYPED_BYTES_MAX)
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
                self._screen.note(f"standard output cannot be written: {closed.strerror}")
            return 1 if closed.strerror else 0
        finally:
            self._files.end()
            if self._resuming is not None and (self._goodbye is None or self._goodbye.reason != "quit"):
                self._resuming.end()
            self._ended = True
            self._outgoing.hold()
            self._connection.close()

    def clear_away(self) -> None:
        """Clean up because the program is being ended from outside, without waiting for anything."""
        self._files.unname()
        self._screen.clear()

    def _leave(self) -> None:
        """Quit silently."""
        self._connection.send_last(_encode(Quit()), LEAVING_SECONDS_MAX)

    def _status(self) -> int | None:
        """Return the exit status after the connection has ended, None if the client reconnects."""
        goodbye = self._goodbye
        goes_on = self._resuming is not None and self._resuming.goes_on(goodbye)
        if goodbye is not None and not goes_on:
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

    # What is typed, in a thread of its own

    def _take(self, line: str) -> None:
        command = parse(line)
        if command is None:
            return
        if isinstance(command, Quit) and not self._quitting:
            self._quitting = True
            if self._resuming is not None:
                self._resuming.quit()
        self._outgoing.wait_for_room(command)
        if not self._ended:
            self._send(command)

    def _send(self, command: MemberCommand) -> None:
        """Send a command under an id, from any thread."""
        if not self._outgoing.send(command) and self._resuming is not None and self._resuming.leave_out():
            self._screen.note("too much waits to be sent: what you type now is not kept")

    # What the server tells

    def _read(self) -> None:
        """Read the connection to its end."""
        self._known, self._goodbye, self._problem = False, None, None
        try:
            for lines in self._connection.lines():
                for line in filter(None, lines):
                    self._hear(line)
                self._print()
                if self._goodbye is not None:
                    return
        except ConnectionProblem as problem:
            if not (self._quitting and isinstance(problem, Wordless)):
                self._problem = problem

    def _print(self) -> None:
        if self._texts:
            texts, self._texts = self._texts, []
            self._screen.print("\n".join(texts) + "\n")

    def _note(self, text: str) -> None:
        """Print a note, which is not part of the transcript, after the transcript."""
        self._print()
        self._screen.note(text)

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
        shown = message if resuming is None else resuming.hear(message)
        text = None if shown is None else member_line(shown, self._clock(shown.time), self._name)
        if text is not None:
            self._texts.append(text if text.isprintable() else "\n".join(map(clean, text.split("\n"))))

    def _take_in(self, message: Message) -> None:
        match message:
            case Entry(event=Said(name=name, id=command_id)):
                if name == self._name:
                    self._outgoing.settle(command_id)
            case (
                Welcome(name=name, utc_offset_seconds=offset, front_desk_port=port)
                | Resumed(name=name, utc_offset_seconds=offset, front_desk_port=port)
            ):
                self._name, self._utc_offset_seconds = name, offset
                self._welcomed = True
                self._files.front_desk_port = port
            case Ticket(id=command_id):
                self._outgoing.settle(command_id)
                self._files.send(message)
            case Offer():
                self._files.receive(message)
            case Sent(to=to, path=path) | TransferFailed(to=to, path=path):
                self._files.settle(to, path)
            case Done(id=command_id) | Channels(id=command_id):
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
        if not self._welcomed:
            self._utc_offset_seconds = refusal.utc_offset_seconds

    def _clock(self, when: float) -> str:
        second = int((when + self._utc_offset_seconds) % 86_400)
        return f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
