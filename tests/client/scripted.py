"""A chat server that does what the test says, and the client's own side of the terminal."""

import os
import queue
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec

from antechamber.client.conversation import Conversation
from antechamber.client.files.transfer_threads import Accept, FileSettings
from antechamber.client.reconnect.retry import Retry
from antechamber.client.screen import Screen
from antechamber.client.server_connection import ConnectionProblem, ServerConnection, hello_line
from antechamber.client.transcript import Transcript
from antechamber.codec.slash_commands import parse
from antechamber.protocol.commands import PeerCommand
from antechamber.protocol.events import AnyEvent, Entry
from antechamber.protocol.notices import Message, Offer, Resumed, Welcome
from antechamber.runtime.terminal import read_lines

NOON = 43_200.0
"""12:00:00 on the first day of the epoch, in UTC."""
BIG = bytes(range(256)) * 8192
"""A file of 2 MiB."""
SECONDS_MAX = 30
"""A net under what would wait for ever."""
HELLO = b'{"type":"hello","name":"Mary","hold":false}\n'
HOLDING_HELLO = b'{"type":"hello","name":"Mary"}\n'


def welcome(
    name: str = "Mary",
    utc_offset_seconds: int = 0,
    front_desk_port: int = 0,
    channel: str = "general",
    token: str = "",
    holds: tuple[float, float] = (60.0, 300.0),
) -> Welcome:
    """Make a welcome; `holds` are the seconds that a seat and a place in line are kept."""
    offset, port = utc_offset_seconds, front_desk_port
    return Welcome(NOON, channel, name, "antechamber/0", 1, offset, port, token, *(holds if token else (0.0, 0.0)))


def resumed(
    first: int = 1,
    last: int = 0,
    seated: bool = True,
    channel: str = "general",
    token: str = "token",
    front_desk_port: int = 0,
) -> Resumed:
    """Make a resumption, by default one that has missed nothing."""
    server = "antechamber/0"
    return Resumed(NOON, channel, "Mary", seated, first, last, server, 1, 0, front_desk_port, token, 60.0, 300.0)


def offer(size: int, file: str = "notes.txt") -> Offer:
    return Offer(NOON, "Bob", file, size, "t1", "/files/t1")


def entry(sequence: int, event: AnyEvent, channel: str = "general") -> Entry:
    return Entry(channel, sequence, NOON, event)


class Pauses:
    """A clock that only the pauses of a client move, which are over at once unless the test holds them up."""

    def __init__(self) -> None:
        self.time = 0.0
        self.lengths: list[float] = []
        self.begun: queue.SimpleQueue[float] = queue.SimpleQueue()
        """The length of each pause that is held up, as it begins."""
        self.held_up = False

    def now(self) -> float:
        return self.time

    def wait(self, news: threading.Event, seconds: float) -> bool:
        self.lengths.append(seconds)
        if self.held_up:
            self.begun.put(seconds)
            return news.wait(SECONDS_MAX)
        self.time += seconds
        return news.is_set()


class Server:
    """The server's side of one connection at a time."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self.port: int = listener.getsockname()[1]

    def answer(self) -> None:
        """Take the connection that waits."""
        self.peer, _ = self._listener.accept()
        self.peer.settimeout(SECONDS_MAX)
        self._lines = self.peer.makefile("rb")

    def reads(self) -> PeerCommand:
        """Read the next command."""
        command: PeerCommand = msgspec.json.decode(self._lines.readline(), type=PeerCommand)
        return command

    def line(self) -> bytes:
        """Read the next line, empty where there is none any more."""
        try:
            return self._lines.readline()
        except ConnectionResetError:
            return b""

    def tells(self, *messages: Message | bytes) -> None:
        """Send lines."""
        self.peer.sendall(b"".join(m if isinstance(m, bytes) else msgspec.json.encode(m) + b"\n" for m in messages))

    def hangs_up(self) -> None:
        self._lines.close()
        self.peer.close()

    def stops(self) -> None:
        """Hang up, and also on whoever has come meanwhile and not been answered."""
        self._listener.close()
        self.hangs_up()


@contextmanager
def scripted_server() -> Iterator[Server]:
    """Listen at a port of its own."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(SECONDS_MAX)
        server = Server(listener)
        yield server
        if hasattr(server, "peer"):
            server.hangs_up()


class AskingTranscript(Transcript):
    """A transcript whose person is asked about files, and answers when the test says."""

    def __init__(self, screen: Screen, name: str) -> None:
        super().__init__(screen, name)
        self.asked: queue.SimpleQueue[tuple[Offer, Callable[[bool], None]]] = queue.SimpleQueue()
        self.withdrawn: queue.SimpleQueue[str] = queue.SimpleQueue()

    def ask(self, offer: Offer, answer: Callable[[bool], None]) -> None:
        self.asked.put((offer, answer))

    def withdraw(self, ticket: str) -> None:
        self.withdrawn.put(ticket)


class Client:
    """A conversation of Mary's in a thread, whose standard input and outputs are pipes."""

    def __init__(
        self, server: Server, folder: str = ".", pauses: Pauses | None = None, accept: Accept = "always"
    ) -> None:
        stdin, self._typing = os.pipe()
        reader, self._output = os.pipe()
        note_reader, self._notes = os.pipe()
        self._ends = {stdin, self._typing, reader, self._output, note_reader, self._notes}
        self._lines = open(reader, "rb", closefd=False)  # noqa: SIM115
        self._note_lines = open(note_reader, "rb", closefd=False)  # noqa: SIM115
        connection = ServerConnection("127.0.0.1", server.port, hello_line("Mary", hold=pauses is not None))
        self.view = view = AskingTranscript(Screen(self._output, self._notes), "Mary")
        returning = None
        if pauses is not None:
            returning = Retry("127.0.0.1", server.port, view, now=pauses.now, wait=pauses.wait)
        self.conversation = Conversation(connection, view, "Mary", FileSettings(folder, accept), returning)
        self._stdin = stdin
        self._result: queue.SimpleQueue[int | ConnectionProblem] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        server.answer()

    def types(self, text: str) -> None:
        os.write(self._typing, text.encode())

    def input_ends(self) -> None:
        self._shut(self._typing)

    def output_ends(self) -> None:
        """Disconnect the reader of standard output."""
        self._shut(self._lines.fileno())

    def prints(self) -> str:
        """Read the next line of standard output."""
        return self._lines.readline().decode().removesuffix("\n")

    def notes(self) -> str:
        """Read the next line of standard error."""
        return self._note_lines.readline().decode().removesuffix("\n")

    def ends(self) -> int:
        """Wait for the end, and return the exit status."""
        result = self._result.get(timeout=SECONDS_MAX)
        assert isinstance(result, int)
        return result

    def fails(self) -> str:
        """Wait for the end, and return what is wrong in words."""
        result = self._result.get(timeout=SECONDS_MAX)
        assert isinstance(result, ConnectionProblem)
        return str(result)

    def rest(self) -> list[str]:
        """Return the lines of standard output that were not read, after the end."""
        self._shut(self._output)
        return [line.decode().removesuffix("\n") for line in self._lines]

    def rest_of_notes(self) -> list[str]:
        """Return the lines of standard error that were not read, after the end."""
        self._shut(self._notes)
        return [line.decode().removesuffix("\n") for line in self._note_lines]

    def leaves(self) -> None:
        """Quit, if that was not done before, so that nothing is waited for any more."""
        if self._thread.is_alive() and self._typing in self._ends:
            self.types("\n/quit\n")

    def close(self) -> None:
        self._thread.join(SECONDS_MAX)
        self._shut(self._typing)
        for thread in threading.enumerate():
            if thread.name == "standard input":
                thread.join(SECONDS_MAX)
        for end in list(self._ends):
            self._shut(end)

    def _shut(self, end: int) -> None:
        if end in self._ends:
            self._ends.discard(end)
            os.close(end)

    def _take(self, line: str) -> None:
        if (command := parse(line)) is not None:
            self.conversation.do(command)

    def _run(self) -> None:
        read_lines(self._stdin, self._take, 1 << 20)
        try:
            self._result.put(self.conversation.run())
        except ConnectionProblem as problem:
            self._result.put(problem)


@contextmanager
def chatting(
    folder: str = ".", *first: Message, pauses: Pauses | None = None, accept: Accept = "always"
) -> Iterator[tuple[Server, Client]]:
    """Connect Mary, with a hello that is answered by `first`. With `pauses` she reconnects if it is lost."""
    with scripted_server() as server:
        client = Client(server, folder, pauses, accept)
        try:
            assert server.line() == (HELLO if pauses is None else HOLDING_HELLO)
            server.tells(*first)
            yield server, client
        finally:
            client.leaves()
            server.stops()
            client.close()


class Desk(BaseHTTPRequestHandler):
    """A front desk that answers what `answers` has for a path, and keeps what it was brought."""

    def do_HEAD(self) -> None:
        status, headers, _ = self.server.replies[self.path]  # type: ignore[attr-defined]
        self.server.asked.put(self.path)  # type: ignore[attr-defined]
        self._answer(status, headers, b"")

    def do_GET(self) -> None:
        status, headers, body = self.server.replies[self.path]  # type: ignore[attr-defined]
        self._answer(status, {"Content-Length": str(len(body)), **headers}, body)

    def do_PUT(self) -> None:
        length = int(self.headers["Content-Length"])
        refusal = self.server.replies.get(self.path)  # type: ignore[attr-defined]
        body = b""
        while refusal is None and len(body) < length and (data := self.rfile.read1(min(65_536, length - len(body)))):
            body += data
        self.server.brought.put((self.path, length, body))  # type: ignore[attr-defined]
        if refusal is not None or len(body) == length:
            self._answer(*refusal or (204, {}, b""))

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


class FrontDesk(ThreadingHTTPServer):
    """A front desk that does what the test says."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Desk)
        self.port: int = self.server_address[1]
        self.replies: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.asked: queue.SimpleQueue[str] = queue.SimpleQueue()
        """The paths of files that were to be kept."""
        self.brought: queue.SimpleQueue[tuple[str, int, bytes]] = queue.SimpleQueue()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Take it that a client hung up."""


@contextmanager
def front_desk() -> Iterator[FrontDesk]:
    """Answer at a port of its own."""
    with FrontDesk() as desk:
        thread = threading.Thread(target=desk.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield desk
        desk.shutdown()
        thread.join()
