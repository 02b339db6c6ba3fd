"""A client's chat, in the one of three views that suits: the app, the lines of a simple terminal, or the transcript.

It connects first, and imports the rest afterwards. Its exit status is 0 after `/quit` or an orderly end by the server;
1 if there was no chat, or the connection was lost; 130 for Ctrl-C, after a silent `/quit`. SIGTERM and SIGHUP end it
like any program, and its connection counts as lost: nobody is told that it has left, and the seat or place is held.
"""

import os
import signal
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Literal, NamedTuple

from antechamber.client.screen import Screen
from antechamber.client.server_connection import LEAVING_SECONDS_MAX, ConnectionProblem, ServerConnection, hello_line

if TYPE_CHECKING:
    from antechamber.client.conversation import Conversation
    from antechamber.client.files.transfer_threads import Accept
    from antechamber.client.view import View

Mode = Literal["plain", "lines", "app"]
_QUIT = b'{"type":"quit"}'
_TYPED_BYTES_MAX = 1 << 20
"""Length of a typed line. The server's own limit is far lower, and it refuses longer lines in words."""


class Chat(NamedTuple):
    """What a person asked for: who, where and how."""

    host: str
    door: int | str
    """The channel's port, or its name."""
    name: str
    front_desk_port: int
    files_folder: str = ""
    """Where received files are saved; "" for the mode's own folder."""
    home: str = os.curdir
    """The folder of the program, where the transcript saves received files."""
    accept: "Accept | None" = None
    """Whether files are taken; None is the mode's own way: a person is asked, a program takes them."""
    reconnect: bool = False
    """Whether the transcript goes on over lost connections; a person's chat always does."""


def mode_of(plain: bool, lines: bool, are_terminals: bool, environ: Mapping[str, str] = os.environ) -> Mode:
    """Return how a chat is shown: as asked for by the options or the environment, or as the terminal can.

    `are_terminals` says whether standard input and output both are.
    """
    if not are_terminals or plain or environ.get("ANTECHAMBER_PLAIN"):
        return "plain"
    if lines or environ.get("ANTECHAMBER_LINES") or environ.get("TERM", "") in ("", "dumb"):
        return "lines"
    return "app"


def both_are_terminals() -> bool:
    """Return whether a person reads standard output and types into standard input."""
    return os.isatty(0) and os.isatty(1)


def run(chat: Chat, mode: Mode) -> int:
    """Chat, and return the exit status."""
    _open_missing_descriptors()
    screen = Screen()
    try:
        return _chat(chat, mode, screen)
    except ConnectionProblem as problem:
        screen.note(str(problem))
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


def _chat(chat: Chat, mode: Mode, screen: Screen) -> int:
    if mode == "app":
        from antechamber.bootstrap.optional import terminal_library_problem

        if problem := terminal_library_problem():
            screen.note(f"the app is not there, so this is its line mode: {problem}")
            mode = "lines"
    if isinstance(chat.door, str):
        from antechamber.client.channel_lookup import channel_port

        port = channel_port(chat.host, chat.front_desk_port, chat.door)
    else:
        port = chat.door
    returns = chat.reconnect or mode != "plain"
    connection = ServerConnection(chat.host, port, hello_line(chat.name, hold=returns))
    try:
        if mode == "plain":
            return _transcribe(chat, port, connection, screen)
        if mode == "lines":
            from antechamber.client.line_mode import LineMode

            lines = LineMode(chat.name)
            return lines.run(_converse(_at_a_terminal(chat), port, connection, lines))
        from antechamber.client.app.app import App

        app = App(chat.name, chat.files_folder)
        return app.run(_converse(_at_a_terminal(chat), port, connection, app))
    except KeyboardInterrupt:
        # Say goodbye after the hello; if the conversation has done so, the connection is closed already.
        connection.send_last(_QUIT, LEAVING_SECONDS_MAX)
        connection.close()
        raise


def _transcribe(chat: Chat, port: int, connection: ServerConnection, screen: Screen) -> int:
    from antechamber.client.transcript import Transcript
    from antechamber.codec.slash_commands import parse
    from antechamber.runtime.terminal import read_lines

    view = Transcript(screen, chat.name)
    chat = chat._replace(files_folder=chat.files_folder or chat.home)
    conversation = _converse(chat, port, connection, view)

    def take(line: str) -> None:
        if (command := parse(line)) is not None:
            conversation.do(command)

    read_lines(0, take, _TYPED_BYTES_MAX)
    return conversation.run()


def _at_a_terminal(chat: Chat) -> Chat:
    """Return the chat of a person: who is asked about files, has a folder for them, and comes back."""
    return chat._replace(accept=chat.accept or "ask", reconnect=True)


def _converse(chat: Chat, port: int, connection: ServerConnection, view: "View") -> "Conversation":
    from antechamber.client.conversation import Conversation
    from antechamber.client.files.transfer_threads import FileSettings

    returning = None
    if chat.reconnect:
        from antechamber.client.reconnect.retry import Retry

        returning = Retry(chat.host, port, view)
    files = FileSettings(chat.files_folder, chat.accept or "always")
    if not files.folder:
        from antechamber.runtime.paths import received_folder

        files = files._replace(folder=received_folder(), makes_folder=True)
    conversation = Conversation(connection, view, chat.name, files, returning)
    _before_it_is_ended(conversation.clear_away)
    return conversation


def _before_it_is_ended(clear_away: Callable[[], None]) -> None:
    """Call `clear_away` at a signal that ends the program, then end the program.

    A thread waits for the signal. A handler would run in the main thread, which may be about to wait for the server;
    the program would then end only after the server's next line.
    """
    ends = (signal.SIGTERM, signal.SIGHUP)
    numbers = {number for number in ends if signal.getsignal(number) is signal.SIG_DFL}  # nohup ignores one of them

    def wait() -> None:
        number = signal.sigwait(numbers)
        try:
            clear_away()
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, numbers)
            os.kill(os.getpid(), number)

    if numbers:
        signal.pthread_sigmask(signal.SIG_BLOCK, numbers)  # for later threads as well
        threading.Thread(target=wait, daemon=True, name="end").start()


def _open_missing_descriptors() -> None:
    """Open /dev/null for each closed standard descriptor, so that no connection takes its number."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
