"""The inbox: the commands that the hub has not carried out yet, and whose turn it is.

As long as each turn carries out everything, commands are taken in the order in which they came. What a turn leaves over
is taken in fair shares: address by address and session by session, one command each, starting with those that have used
least since the hub fell behind. So a newcomer is heard in the next turn, whatever others have asked for. All
connections of an address that have not said who they are share one place, so that a stream of them cannot hold up its
members. One connection's commands never overtake each other.
"""

from collections import deque
from collections.abc import Sequence
from typing import Final

from antechamber.protocol.commands import Command
from antechamber.session.fair_share import FairShare, Unknown
from antechamber.session.session import Session

COMMANDS_LEFT_MAX: Final = 64
"""How many commands of a connection a turn may leave over before the connection is paused until they are done."""

Asked = tuple[Session, Command]
"""A session and its command."""
Payer = Session | Unknown
"""What is charged for a connection: the connection itself, or its address's share for unknown connections."""


def payer(outlet: Session) -> Payer:
    """Return what is charged for a connection: itself, once it has said who it is."""
    return outlet if outlet.is_known else Unknown(outlet.host)


class Inbox:
    """The waiting commands. A connection is represented by the session that is its outlet."""

    def __init__(self) -> None:
        self._arrived: deque[Asked] = deque()
        """The commands that came since the last turn, in order."""
        self._left: dict[Session, deque[Asked]] = {}
        """The commands that turns have left over, by connection; no entry is empty."""
        self._left_count = 0
        self._lines: dict[str, dict[Payer, deque[Session]]] = {}
        """The connections with commands left over, in the order of their turns, by address and by payer."""
        self._grown: dict[Session, None] = {}
        """The connections with more commands left over than before."""
        self._shares = FairShare()
        """How much each payer and each address has used since the hub fell behind."""
        self._addresses: deque[tuple[str, deque[Payer]]] = deque()
        """Each address with its payers for commands left over, in the order of their turns."""
        self._paused: dict[Session, None] = {}
        """The sessions that are not read from at present."""

    def __len__(self) -> int:
        """Return how many commands wait."""
        return len(self._arrived) + self._left_count

    def __bool__(self) -> bool:
        """Return whether any command waits."""
        return bool(self._arrived or self._left_count)

    @property
    def is_behind(self) -> bool:
        """Whether turns have left commands over, so that fair shares apply."""
        return self._left_count > 0

    def put(self, session: Session, commands: Sequence[Command]) -> None:
        """Add a session's commands."""
        self._arrived.extend([(session, command) for command in commands])

    def put_first(self, session: Session, commands: Sequence[Command]) -> None:
        """Add a session's commands in front of all others of its connection."""
        waits = self._left.get(session.outlet)
        if waits is not None:
            self._left_count += len(commands)
        (self._arrived if waits is None else waits).extendleft([(session, command) for command in reversed(commands)])

    def pause(self, session: Session) -> None:
        """Stop reading from a session until all commands of its connection are carried out."""
        self._paused[session] = None
        session.transport.pause_reading()

    def begin(self, steady: float) -> None:
        """Begin a turn at a time of the steady clock, and determine the order of the commands left over."""
        if not self._left_count:
            return
        self._shares.fade(steady)
        self._put_aside()
        used = self._shares.of
        self._addresses = deque(
            (address, deque(sorted(self._lines[address], key=used))) for address in sorted(self._lines, key=used)
        )

    def next(self) -> Asked:
        """Return the next command. There has to be one."""
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
            if outlet in self._left:  # perhaps under another payer, as it may have said who it is meanwhile
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
        """Charge an amount to a payer and to its cloaked address."""
        self._shares.count(one, address, amount)

    def end(self) -> None:
        """End a turn: resume reading from sessions with nothing left over, and pause those with too much."""
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
        """Move the commands that have come to those left over, by connection."""
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
