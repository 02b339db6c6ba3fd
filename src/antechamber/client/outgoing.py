"""What the person asks of the server: sent in order, each under an id of its own, and kept until its answer is read.

While there is no connection, it waits. What was sent and not answered when a connection was lost goes out again by the
next one under the same id, by which the server knows it: so it is carried out once.
"""

import threading
from collections.abc import Callable
from itertools import count

import msgspec
from msgspec.structs import replace

from antechamber.client.connection import Connection
from antechamber.commands import MemberCommand, Quit, Say, Send, Whisper

WAITING_COMMANDS_MAX = 250
"""Commands that are kept while there is no connection; few enough for a server to take at once afterwards."""
WAITING_CHARACTERS_MAX = 262_144
_TALK = (Say, Whisper, Send)
"""The commands that only those do who have a seat."""
_encode = msgspec.json.Encoder().encode


class _Kept:
    """A command that is not answered yet, and whether it was sent."""

    __slots__ = ("command", "sent")

    def __init__(self, command: MemberCommand) -> None:
        self.command = command
        self.sent = False


class Outgoing:
    """The commands of one client. Any thread may send.

    `prefix` begins each id. `announce` is given a file's `Send` as it goes out, and says what there is to say of it.
    """

    def __init__(self, connection: Connection, prefix: str, announce: Callable[[Send], Send]) -> None:
        self._connection: Connection | None = connection
        self._next: Connection | None = connection
        self._prefix = prefix
        self._announce = announce
        self._ids = count(1)
        self._order = threading.Lock()
        """Held while something is sent, however long that takes."""
        self._lock = threading.Lock()
        self._kept: dict[str, _Kept] = {}

    def send(self, command: MemberCommand) -> bool:
        """Send a command, or keep it until there is a connection; return whether there is room for that."""
        with self._order:
            command_id = f"{self._prefix}{next(self._ids)}"
            kept = _Kept(replace(command, id=command_id))
            with self._lock:
                connection = self._connection
                if connection is None and not self._has_room(command):
                    return False
                self._kept[command_id] = kept
            if connection is not None:
                self._transmit(connection, kept)
            return True

    def settle(self, command_id: str) -> None:
        """Take it that the command with this id was answered."""
        with self._lock:
            self._kept.pop(command_id, None)

    def settle_longest(self) -> None:
        """Take it that a command was answered of which it is only known that it was too long."""
        with self._lock:
            sent = [command_id for command_id, kept in self._kept.items() if kept.sent]
            if sent:
                del self._kept[max(sent, key=lambda command_id: len(_encode(self._kept[command_id].command)))]

    def hold(self) -> None:
        """Keep what comes from now on, as the connection was lost."""
        with self._lock:
            self._connection = self._next = None

    def follow(self, connection: Connection) -> None:
        """Send what was kept, in order and in a thread of its own, and then what comes."""
        with self._lock:
            self._next = connection
        threading.Thread(target=self._catch_up, args=(connection,), name="outgoing", daemon=True).start()

    def give_up_sent(self) -> int:
        """Keep nothing that was sent; return how much of it was talk, of which nobody knows whether it arrived."""
        return self._give_up(lambda kept: kept.sent)

    def give_up_talk(self) -> int:
        """Keep nothing that only those do who have a seat; return how much there was."""
        return self._give_up(lambda kept: isinstance(kept.command, _TALK))

    def talk_left(self) -> tuple[int, int]:
        """Return how much talk is kept that was never sent, and how much that was."""
        with self._lock:
            sent = [kept.sent for kept in self._kept.values() if isinstance(kept.command, _TALK)]
        return sent.count(False), sent.count(True)

    def _give_up(self, chosen: Callable[[_Kept], bool]) -> int:
        with self._lock:
            gone = [(command_id, kept) for command_id, kept in self._kept.items() if chosen(kept)]
            for command_id, _ in gone:
                del self._kept[command_id]
        return sum(isinstance(kept.command, _TALK) for _, kept in gone)

    def _catch_up(self, connection: Connection) -> None:
        with self._order:
            with self._lock:
                waiting = list(self._kept.values())
            for kept in waiting:
                if self._next is not connection:
                    return
                self._transmit(connection, kept)
            with self._lock:
                if self._next is connection:
                    self._connection = connection

    def _transmit(self, connection: Connection, kept: _Kept) -> None:
        if isinstance(kept.command, Send):
            kept.command = self._announce(kept.command)
        kept.sent = True
        connection.send(_encode(kept.command))

    def _has_room(self, command: MemberCommand) -> bool:
        """Say whether one more can be kept; `_lock` is held."""
        if isinstance(command, Quit):
            return True
        characters = _characters(command) + sum(_characters(kept.command) for kept in self._kept.values())
        return len(self._kept) < WAITING_COMMANDS_MAX and characters <= WAITING_CHARACTERS_MAX


def _characters(command: MemberCommand) -> int:
    return len(command.text) if isinstance(command, Say | Whisper) else 0
