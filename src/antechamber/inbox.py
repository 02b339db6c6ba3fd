"""The inbox: what was asked of the hub and is not carried out yet, and whose turn it is.

As long as each turn carries out all that has come, it goes in the order in which it came. What a turn leaves is gone
through by address and by session, those first who have used least since the hub is behind, one command of each after
the other: so whatever some have asked for, a newcomer is heard in the next turn. One connection's commands never
overtake each other.
"""

from collections import deque
from collections.abc import Sequence
from typing import Final

from antechamber.commands import Command
from antechamber.session import Session
from antechamber.shares import Shares

COMMANDS_LEFT_MAX: Final = 64
"""How many commands of one connection a turn may leave; past it, it is not read from until they are carried out."""

Asked = tuple[Session, Command]
"""A command, and who gave it."""


class Inbox:
    """The commands that wait. Connections are known by the session that they have as their outlet."""

    def __init__(self) -> None:
        self._arrived: deque[Asked] = deque()
        """What came since the last turn, in its order."""
        self._left: dict[Session, deque[Asked]] = {}
        """What turns have left, by connection: there is something of each."""
        self._left_count = 0
        self._shares = Shares()
        """How much each connection, and each address, has used lately, since the hub is behind."""
        self._addresses: deque[deque[Session]] = deque()
        """Of each address the connections of which something is left, in the order of their turns."""
        self._paused: dict[Session, None] = {}
        """The sessions that are not read from for now."""

    def __len__(self) -> int:
        """Return how many commands wait."""
        return len(self._arrived) + self._left_count

    def __bool__(self) -> bool:
        """Say whether any command waits."""
        return bool(self._arrived or self._left_count)

    @property
    def is_behind(self) -> bool:
        """Whether turns have left something, so that it matters who uses how much."""
        return self._left_count > 0

    def put(self, session: Session, commands: Sequence[Command]) -> None:
        """Add what a session asks."""
        self._arrived.extend([(session, command) for command in commands])

    def put_first(self, session: Session, commands: Sequence[Command]) -> None:
        """Add what a session has asked before all that waits of its connection."""
        waits = self._left.get(session.outlet)
        if waits is not None:
            self._left_count += len(commands)
        (self._arrived if waits is None else waits).extendleft([(session, command) for command in reversed(commands)])

    def pause(self, session: Session) -> None:
        """Read nothing more from a session until all that its connection has asked is carried out."""
        self._paused[session] = None
        session.transport.pause_reading()

    def begin(self, steady: float) -> None:
        """Let a turn begin, at a time of the clock that nobody sets: say in which order it goes."""
        if not self._left_count:
            return
        self._shares.fade(steady)
        self._put_aside()
        used = self._shares.of
        by_address: dict[str, list[Session]] = {}
        for outlet in self._left:
            by_address.setdefault(outlet.host, []).append(outlet)
        self._addresses = deque(
            deque(sorted(by_address[address], key=used)) for address in sorted(by_address, key=used)
        )

    def next(self) -> Asked:
        """Return the command whose turn it is; there is one."""
        if not self._left_count:
            return self._arrived.popleft()
        outlets = self._addresses.popleft()
        outlet = outlets.popleft()
        asked = self._left[outlet]
        command = asked.popleft()
        self._left_count -= 1
        if asked:
            outlets.append(outlet)
        else:
            del self._left[outlet]
        if outlets:
            self._addresses.append(outlets)
        return command

    def count(self, session: Session, amount: float) -> None:
        """Count what a session has used."""
        self._shares.count(session.outlet, session.outlet.host, amount)

    def end(self) -> None:
        """Let a turn be over: read again from those of whom nothing is left, and not from those of whom much is."""
        if self._arrived:
            self._put_aside()
        elif not self._left and not self._paused:  # as after nearly every turn
            self._shares.clear()
            return
        for session in [session for session in self._paused if session.outlet not in self._left]:
            del self._paused[session]
            session.transport.resume_reading()
        if not self._left:
            self._shares.clear()
        for outlet, asked in self._left.items():
            if len(asked) > COMMANDS_LEFT_MAX and outlet not in self._paused:
                self.pause(outlet)

    def _put_aside(self) -> None:
        """Put what has come to what is left, by connection."""
        self._left_count += len(self._arrived)
        for item in self._arrived:
            self._left.setdefault(item[0].outlet, deque()).append(item)
        self._arrived.clear()
