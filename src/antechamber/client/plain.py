"""The plain client: chat in the lines of a terminal. The connection comes first, and the rest is imported after it.

Its exit status: 0 after `/quit` and where the server ended an orderly chat; 1 where there was none to be had, or the
connection was lost for good; 128 and the signal's number (130 for Ctrl-C) where a signal ended it, after a quiet
`/quit`.
"""

import os
import signal
from types import FrameType

from antechamber.client.connection import LEAVING_SECONDS_MAX, Connection, ConnectionProblem, hello_line
from antechamber.client.screen import Screen

_QUIT = b'{"type":"quit"}'


class Ended(KeyboardInterrupt):
    """A signal ended the program, as Ctrl-C does. `number` is the signal's."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


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
    except KeyboardInterrupt as interrupt:
        return 128 + (interrupt.number if isinstance(interrupt, Ended) else signal.SIGINT)


def _chat(
    screen: Screen, host: str, door: int | str, name: str, front_desk_port: int, files_folder: str, reconnect: bool
) -> int:
    if isinstance(door, str):
        from antechamber.client.lookup import channel_port

        door = channel_port(host, front_desk_port, door)
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:  # nohup ignores one of them, and so do we then
            signal.signal(number, _end)
    connection = Connection(host, door, hello_line(name, hold=reconnect))
    try:
        return _converse(connection, screen, host, door, name, files_folder, reconnect)
    except KeyboardInterrupt:
        # Whoever has said hello says goodbye; where the conversation has done so, the connection is closed by now.
        connection.send_last(_QUIT, LEAVING_SECONDS_MAX)
        connection.close()
        raise


def _converse(
    connection: Connection, screen: Screen, host: str, port: int, name: str, files_folder: str, reconnect: bool
) -> int:
    from antechamber.client.conversation import Conversation

    returning = None
    if reconnect:
        from antechamber.client.returning import Returning

        returning = Returning(host, port, screen)
    return Conversation(connection, screen, name, files_folder, returning=returning).run()


def _end(number: int, _: FrameType | None) -> None:
    raise Ended(number)


def _open_missing_descriptors() -> None:
    """Let no connection take the number of a standard descriptor that was closed, and be read and written as such."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
