"""The plain client: chat in the lines of a terminal. The connection comes first, and the rest is imported after it.

Its exit status: 0 after `/quit` and where the server ended an orderly chat; 1 where there was none to be had, or the
connection was lost for good; 130 for Ctrl-C, after a quiet `/quit`. SIGTERM and SIGHUP end it as they end any program,
and its connection dies with it: so nobody is told that it has left, and what is held for a lost connection is held.
"""

import os
import signal
import threading
from collections.abc import Callable

from antechamber.client.screen import Screen
from antechamber.client.server_connection import LEAVING_SECONDS_MAX, ConnectionProblem, ServerConnection, hello_line

_QUIT = b'{"type":"quit"}'


def run(host: str, door: int | str, name: str, front_desk_port: int, files_folder: str, reconnect: bool = False) -> int:
    """Chat as `name` in the channel whose port or name is `door`, until that ends; return the exit status.

    Files that others send are saved in `files_folder`. With `reconnect` a lost connection is no end: the client comes
    back to its seat, or to its place in line, as soon as it can.
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
        # Whoever has said hello says goodbye; where the conversation has done so, the connection is closed by now.
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
    """Call `clear_away` at a signal that ends the program, which it does then.

    A thread waits for it. A handler would run in the main thread alone, which may be about to wait for the server: then
    the program would end only once the server has said something more.
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
        signal.pthread_sigmask(signal.SIG_BLOCK, numbers)  # for the threads that are begun from now on, too
        threading.Thread(target=wait, daemon=True, name="end").start()


def _open_missing_descriptors() -> None:
    """Open /dev/null for each closed standard descriptor, so that no connection takes its number."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
