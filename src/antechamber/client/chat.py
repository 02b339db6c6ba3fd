"""The plain client: chat in the lines of a terminal. It connects first, and imports the rest afterwards.

Its exit status is 0 after `/quit` or an orderly end by the server; 1 if there was no chat, or the connection was lost;
130 for Ctrl-C, after a silent `/quit`. SIGTERM and SIGHUP end it like any program, and its connection counts as lost:
nobody is told that it has left, and the seat or place is held.
"""

import os
import signal
import threading
from collections.abc import Callable

from antechamber.client.screen import Screen
from antechamber.client.server_connection import LEAVING_SECONDS_MAX, ConnectionProblem, ServerConnection, hello_line

_QUIT = b'{"type":"quit"}'


def run(host: str, door: int | str, name: str, front_desk_port: int, files_folder: str, reconnect: bool = False) -> int:
    """Chat as `name` in the channel whose port or name is `door`, and return the exit status.

    Received files are saved in `files_folder`. With `reconnect` the client resumes its seat, or its place in line,
    after a lost connection as soon as it can.
    """
    _open_missing_descriptors()
    screen = Screen()
    try:
        return _chat(screen, host, door, name, front_desk_port, files_folder, reconnect)
    except ConnectionProblem as problem:
        screen.note(str(problem))
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


def _chat(
    screen: Screen, host: str, door: int | str, name: str, front_desk_port: int, files_folder: str, reconnect: bool
) -> int:
    if isinstance(door, str):
        from antechamber.client.channel_lookup import channel_port

        door = channel_port(host, front_desk_port, door)
    connection = ServerConnection(host, door, hello_line(name, hold=reconnect))
    try:
        return _converse(connection, screen, host, door, name, files_folder, reconnect)
    except KeyboardInterrupt:
        # Say goodbye after the hello; if the conversation has done so, the connection is closed already.
        connection.send_last(_QUIT, LEAVING_SECONDS_MAX)
        connection.close()
        raise


def _converse(
    connection: ServerConnection, screen: Screen, host: str, port: int, name: str, files_folder: str, reconnect: bool
) -> int:
    from antechamber.client.conversation import Conversation

    returning = None
    if reconnect:
        from antechamber.client.reconnect.retry import Retry

        returning = Retry(host, port, screen)
    conversation = Conversation(connection, screen, name, files_folder, returning=returning)
    _before_it_is_ended(conversation.clear_away)
    return conversation.run()


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
