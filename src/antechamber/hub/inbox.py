"""The inbox: what was asked of the hub and is not carried out yet, and whose turn it is.

As long as each turn carries out all that has come, it goes in the order in which it came. What a turn leaves is gone
through by address and by session, those first who have used least since the hub is behind, one command of each after
the other: so whatever some have asked for, a newcomer is heard in the next turn. All of an address who have not said
who they are share one place there, lest a stream of them hold up who is there. One connection's commands never
overtake each other.
"""

from collections import deque
from collections.abc import Sequence
from typing import Final

from antechamber.protocol.commands import Command
from antechamber.session.fair_share import FairShare, Unknown
from antechamber.session.session import Session

COMMANDS_LEFT_MAX: Final = 64
"""How many commands of one connection a turn may leave; past it, it is not read from until they are carried out."""

Asked = tuple[Session, Command]
"""A command, and who gave it."""
Payer = Session | Unknown
"""Who uses what a connection uses."""


def payer(outlet: Session) -> Payer:
    """Return who uses what a connection uses: itself, once it is known who that is."""
    return outlet if outlet.is_known else Unknown(outlet.host)


class Inbox:
    """The commands that wait. Connections are known by the session that they have as their outlet."""

    def __init__(self) -> None:
        self._arrived: deque[Asked] = deque()
        """What came since the last turn, in its order."""
        self._left: dict[Session, deque[Asked]] = {}
        """What turns have left, by connection: there is something of each."""
        self._left_count = 0
        self._lines: dict[str, dict[Payer, deque[Session]]] = {}
        """The connections of which something is left, in the order of their turns, by address and by who pays."""
        self._grown: dict[Session, None] = {}
        """The connections of which more is left than before."""
        self._shares = FairShare()
        """How much each who pays, and each address, has used lately, since the hub is behind."""
        self._addresses: deque[tuple[str, deque[Payer]]] = deque()
        """Of each address who pays for something that is left, in the order of their turns."""
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
        self._addresses = deque(
            (address, deque(sorted(self._lines[address], key=used))) for address in sorted(self._lines, key=used)
        )

    def next(self) -> Asked:
        """Return the command whose turn it is; there is one."""
        if not self._left_count:
            return self._arrived.popleft()
        while True:
            address, payers = self._addresses.popleft()
            lines, pays = self._lines[address], payers.popleft()
            outlet = lines[pays].popleft()
            if is_its_own := pays == payer(outlet):
                asked = self._left[outlet]
                command = asked.popleft()
                self._left_count -= 1
                if not asked:
                    del self._left[outlet]
            if outlet in self._left:  # under another name, perhaps, as it is known by now who that is
                self._stand(outlet)
                if not is_its_own and payer(outlet) not in payers:
                    payers.append(payer(outlet))
            if lines[pays]:
                payers.append(pays)
            else:
                del lines[pays]
            if payers:
                self._addresses.append((address, payers))
            if not lines:
                del self._lines[address]
            if is_its_own:
                return command

    def count(self, one: Payer, address: str, amount: float) -> None:
        """Count what `one` has used, who is as `payer` has it, and belongs to an address, cloaked."""
        self._shares.count(one, address, amount)

    def end(self) -> None:
        """Let a turn be over: read again from those of whom nothing is left, and not from those of whom much is."""
        if self._arrived:
            self._put_aside()
        grown = tuple(self._grown)
        self._grown.clear()
        if not self._left and not self._paused:  # as after nearly every turn
            self._shares.clear()
            return
        for session in [session for session in self._paused if session.outlet not in self._left]:
            del self._paused[session]
            session.transport.resume_reading()
        if not self._left:
            self._shares.clear()
        for outlet in grown:
            if len(self._left.get(outlet, ())) > COMMANDS_LEFT_MAX and outlet not in self._paused:
                self.pause(outlet)

    def _put_aside(self) -> None:
        """Put what has come to what is left, by connection."""
        self._left_count += len(self._arrived)
        for item in self._arrived:
            outlet = item[0].outlet
            if outlet not in self._left:
                self._left[outlet] = deque()
                self._stand(outlet)
            self._left[outlet].append(item)
            self._grown[outlet] = None
        self._arrived.clear()

    def _stand(self, outlet: Session) -> None:
        """Put a connection at the end of the line of whoever pays for it."""
        self._lines.setdefault(outlet.host, {}).setdefault(payer(outlet), deque()).append(outlet)
