"""The plain client at work: what is typed becomes commands, what the server tells becomes lines."""

from itertools import count

import msgspec
from msgspec.structs import replace

from antechamber.client.connection import Connection
from antechamber.client.files import Files
from antechamber.client.screen import OutputClosed, Screen
from antechamber.codec.jsonl import decode_message
from antechamber.codec.plain import member_line, parse
from antechamber.commands import MemberCommand, Quit, Send
from antechamber.events import Goodbye, Message, Offer, Refusal, Sent, Ticket, TransferFailed, Welcome
from antechamber.terminal import read_lines
from antechamber.text import clean

_TYPED_BYTES_MAX = 1 << 20
"""Length of a typed line. The server's own bound is far below it, and the server says so in words."""
_LEAVING_SECONDS_MAX = 1.0
"""How long a client that was told to end waits for the server's goodbye."""
_BAD_ENDS = frozenset(("refused", "slow", "silent", "broken"))
"""The goodbyes that are no orderly end."""
_encode = msgspec.json.Encoder().encode


class Conversation:
    """One chat, from the hello that was sent to its end."""

    def __init__(self, connection: Connection, screen: Screen, name: str, files_folder: str, stdin: int = 0) -> None:
        self._connection = connection
        self._screen = screen
        self._name = name
        self._stdin = stdin
        self._files = Files(connection.host, files_folder, screen, self._send)
        self._ids = count(1)
        self._utc_offset_seconds = 0
        """The server's, which it tells with its welcome, or where it refuses the name."""
        self._welcomed = False
        self._known = False
        self._quitting = False
        self._goodbye: Goodbye | None = None

    def run(self) -> int:
        """Chat until it ends, and return the exit status.

        Raises ConnectionProblem where there is no chat to be had. KeyboardInterrupt passes, after a quiet goodbye.
        """
        try:
            read_lines(self._stdin, self._take, _TYPED_BYTES_MAX)
            return self._read()
        except KeyboardInterrupt:
            self._leave()
            raise
        except OutputClosed as closed:
            self._leave()
            if closed.strerror:
                self._screen.note(f"standard output cannot be written: {closed.strerror}")
            return 1 if closed.strerror else 0
        finally:
            self._files.end()
            self._connection.close()

    def _leave(self) -> None:
        """Quit without a word."""
        self._connection.send_last(_encode(Quit()), _LEAVING_SECONDS_MAX)

    # What is typed, in a thread of its own

    def _take(self, line: str) -> None:
        command = parse(line)
        if command is not None:
            self._quitting = self._quitting or isinstance(command, Quit)
            self._send(command)

    def _send(self, command: MemberCommand) -> None:
        """Send a command under an id, from any thread."""
        command = replace(command, id=str(next(self._ids)))
        if isinstance(command, Send):
            command = self._files.announce(command)
        self._connection.send(_encode(command))

    # What the server tells

    def _read(self) -> int:
        for lines in self._connection.lines():
            texts = [text for line in lines if line and (text := self._worded(line)) is not None]
            if texts:
                self._screen.print("\n".join(texts) + "\n")
            if self._goodbye is not None:
                return 1 if self._goodbye.reason in _BAD_ENDS else 0
        if self._quitting:
            return 0
        self._screen.note(f"the connection to {self._connection.where} was lost")
        return 1

    def _worded(self, line: bytes) -> str | None:
        """Take a line in; return what the person reads of it, None where that is nothing."""
        try:
            message = decode_message(line)
        except msgspec.ValidationError:
            return None  # a newer server's; what matters to an older client is told in the older form
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise self._connection.no_server() from None
        if not self._known:
            self._known = True
            self._connection.settle()
        self._note(message)
        text = member_line(message, self._clock(message.time), self._name)
        return text if text is None or text.isprintable() else "\n".join(map(clean, text.split("\n")))

    def _note(self, message: Message) -> None:
        match message:
            case Welcome(name=name, utc_offset_seconds=offset, front_desk_port=port):
                self._name, self._utc_offset_seconds = name, offset
                self._welcomed = True
                self._files.front_desk_port = port
            case Ticket():
                self._files.send(message)
            case Offer():
                self._files.receive(message)
            case Sent(to=to, path=path) | TransferFailed(to=to, path=path):
                self._files.settle(to, path)
            case Refusal(id=command_id, utc_offset_seconds=offset):
                self._files.forget(command_id)
                if not self._welcomed:
                    self._utc_offset_seconds = offset
            case Goodbye():
                self._goodbye = message

    def _clock(self, when: float) -> str:
        second = int((when + self._utc_offset_seconds) % 86_400)
        return f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
