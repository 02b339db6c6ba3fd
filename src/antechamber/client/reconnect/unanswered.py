"""What the person asks of the server: sent in order, each under an id of its own, and kept until its answer is read.

While there is no connection, it waits. What was sent and not answered when a connection was lost goes out again by the
next one under the same id, by which the server knows it: so it is carried out once.
"""

import threading
from collections.abc import Callable
from itertools import count

import msgspec
from msgspec.structs import replace

from antechamber.client.server_connection import ServerConnection
from antechamber.protocol.commands import PeerCommand, Privileged, Quit, Received, Say, Send, Switch, Whisper

WAITING_COMMANDS_MAX = 250
"""Commands that are kept while they cannot go out."""
WAITING_CHARACTERS_MAX = 262_144
UNANSWERED_COMMANDS_MAX = 100
"""Commands of a reconnecting client that may be unanswered at once: every server remembers at least as many ids."""
_TALK = (Say, Whisper, Send, Privileged)
"""The commands that only those do who have a seat."""
_encode = msgspec.json.Encoder().encode


class _Kept:
    """A command that is not answered yet, whether it was sent, and the latest connection that it went by."""

    __slots__ = ("command", "sent", "way")

    def __init__(self, command: PeerCommand) -> None:
        self.command = command
        self.sent = False
        self.way: ServerConnection | None = None


class Unanswered:
    """The commands of one client. Any thread may send.

    `prefix` begins each id. `announce` is given a file's `Send` as it goes out, and says what there is to say of it.
    With `unanswered_max`, no more than so many go out before an answer comes, and the others wait in order.
    """

    def __init__(
        self,
        connection: ServerConnection,
        prefix: str,
        announce: Callable[[Send], Send],
        unanswered_max: int | None = None,
    ) -> None:
        self._connection: ServerConnection | None = connection
        """By which what comes goes out at once; None while something waits."""
        self._next: ServerConnection | None = connection
        """By which what waits goes out; None if there is none yet."""
        self._catching_up: ServerConnection | None = None
        """For which a thread sends what waits."""
        self._unanswered_max = unanswered_max
        self._prefix = prefix
        self._announce = announce
        self._ids = count(1)
        self._order = threading.Lock()
        """Held while something is sent, however long that takes."""
        self._lock = threading.Lock()
        self._room = threading.Condition(self._lock)
        """Told when there may be room for one more, or there is no use in waiting for it."""
        self._kept: dict[str, _Kept] = {}

    def new_id(self) -> str:
        """Return an id for a command that is still to be sent, so that its answer can be told apart."""
        return f"{self._prefix}{next(self._ids)}"

    def send(self, command: PeerCommand) -> bool:
        """Send a command, or keep it until there is a connection; return whether there is room for that.

        It goes under the id that it has, or under a new one.
        """
        with self._order:
            command_id = command.id or self.new_id()
            kept = _Kept(replace(command, id=command_id))
            with self._lock:
                if self._connection is not None and self._is_full(self._connection):
                    self._connection = None
                connection = self._connection
                if connection is None and not self._has_room(command):
                    return False
                self._kept[command_id] = kept
            if connection is not None:
                self._transmit(connection, kept)
            return True

    def wait_for_room(self, command: PeerCommand) -> None:
        """Wait, while answers may come on the connection, until there is room for this one."""
        with self._room:
            while (way := self._next) is not None and not self._has_room(command):
                if self._connection is not None and not self._is_full(way):
                    return
                self._room.wait()

    def settle(self, command_id: str) -> None:
        """Take it that the command with this id was answered."""
        with self._lock:
            self._kept.pop(command_id, None)
            self._go_on()

    def settle_up_to_switch(self, channel: str) -> None:
        """Take it that a switch to `channel` was carried out, and before it whatever was sent earlier."""
        with self._lock:
            sent = [command_id for command_id, kept in self._kept.items() if kept.sent]
            is_it = [isinstance(command := self._kept[i].command, Switch) and command.channel == channel for i in sent]
            for command_id in sent[: len(sent) - is_it[::-1].index(True)] if any(is_it) else ():
                del self._kept[command_id]
            self._go_on()

    def settle_longest(self) -> None:
        """Take it that a command was answered of which it is only known that it was too long."""
        with self._lock:
            sent = [command_id for command_id, kept in self._kept.items() if kept.sent]
            if sent:
                del self._kept[max(sent, key=lambda command_id: len(_encode(self._kept[command_id].command)))]
                self._go_on()

    def hold(self) -> None:
        """Keep what comes from now on, as the connection was lost."""
        with self._lock:
            self._connection = self._next = self._catching_up = None
            self._room.notify_all()

    def follow(self, connection: ServerConnection) -> None:
        """Send what was kept, in order and in a thread of its own, and then what comes."""
        with self._lock:
            self._next = connection
            self._start_catching_up(connection)

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
            self._go_on()
        return sum(isinstance(kept.command, _TALK) for _, kept in gone)

    def _go_on(self) -> None:
        """Send more of the waiting commands if allowed. The caller has `_lock`."""
        self._room.notify_all()
        way = self._next
        if way is not None and self._connection is None and self._catching_up is None and not self._is_full(way):
            self._start_catching_up(way)

    def _start_catching_up(self, connection: ServerConnection) -> None:
        # In a thread of its own, since the one that reads the answers is not to wait until the server reads.
        self._catching_up = connection
        threading.Thread(target=self._replay, args=(connection,), name="outgoing", daemon=True).start()

    def _replay(self, connection: ServerConnection) -> None:
        with self._order:
            while (kept := self._next_to_send(connection)) is not None:
                self._transmit(connection, kept)

    def _next_to_send(self, connection: ServerConnection) -> _Kept | None:
        """Return what is to go out next by this connection, None if that is nothing for now."""
        with self._lock:
            if self._next is not connection:
                return None
            full = self._is_full(connection)
            for kept in () if full else self._kept.values():
                if kept.way is not connection:
                    return kept
            self._catching_up = None
            if not full:
                self._connection = connection
            return None

    def _is_full(self, connection: ServerConnection) -> bool:
        """Return whether as much is unanswered on this connection as may be; `_lock` is held."""
        if self._unanswered_max is None:
            return False
        return sum(kept.way is connection for kept in self._kept.values()) >= self._unanswered_max

    def _transmit(self, connection: ServerConnection, kept: _Kept) -> None:
        if isinstance(kept.command, Send):
            kept.command = self._announce(kept.command)
        kept.sent, kept.way = True, connection
        connection.send(_encode(kept.command))

    def _has_room(self, command: PeerCommand) -> bool:
        """Return whether one more can be kept; `_lock` is held."""
        if isinstance(command, Quit | Received):  # the transfers have a bound of their own
            return True
        characters = _characters(command) + sum(_characters(kept.command) for kept in self._kept.values())
        return len(self._kept) < WAITING_COMMANDS_MAX and characters <= WAITING_CHARACTERS_MAX


def _characters(command: PeerCommand) -> int:
    return command.characters
