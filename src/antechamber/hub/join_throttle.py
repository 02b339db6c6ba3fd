"""The turnstile: who comes in faster than its address may waits for its turn, in order, and nobody else does.

Each who comes in, or goes from one channel to another, is work for all who are there. So hellos, switches and joins are
counted by address. Past what an address may, a connection's next one stands in the address's line, with all that the
connection asks after it, and the connection is not read from meanwhile. Other addresses do not notice, and those who
come back to a membership pass by. A line is no longer than an address has connections.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence

from antechamber.protocol.commands import Command, Hello, Leave
from antechamber.runtime.clock import Loop, TimerHandle
from antechamber.session.budgets import Budgets
from antechamber.session.session import Session

_Line = OrderedDict[Session, list[Command]]
"""Who waits, in the order of coming, and what each asks, of which the first is to come in."""


class JoinThrottle:
    """Lets the commands of those through that may come in, by `submit`, which has them taken before all others."""

    def __init__(self, budgets: Budgets, loop: Loop, submit: Callable[[Session, Sequence[Command]], None]) -> None:
        self.lines: dict[str, _Line] = {}
        """Those who wait, by address, cloaked."""
        self._budgets = budgets
        self._loop = loop
        self._submit = submit
        self._timers: dict[str, TimerHandle] = {}
        self._let_in: set[Session] = set()
        """Those whose next command to come in is paid for."""

    def holds_back(self, session: Session, command: Command) -> bool:
        """Say whether a command, which asks to come in or is of one who waits, is kept here until its turn has come."""
        line = self.lines.get(session.host)
        if line is not None and session in line:
            if type(command) is Leave:
                self._forget(session)
                return False
            line[session].append(command)
        elif not command.entrances or (session.channel and type(command) is Hello):
            return False  # who is in already is refused, which is nobody's work
        elif session in self._let_in:
            self._let_in.discard(session)
            return False
        elif line is None and self._budgets.spend("hellos", session.host, command.entrances):
            return False
        elif line is None:
            self.lines[session.host] = OrderedDict({session: [command]})
            self._wind(session.host)
        else:
            line[session] = [command]
        session.transport.pause_reading()
        return True

    def close(self) -> None:
        """Let nobody through any more."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def _wind(self, host: str) -> None:
        first = next(iter(self.lines[host].values()))[0]
        seconds = self._budgets.seconds_until("hellos", host, first.entrances)
        self._timers[host] = self._loop.call_later(max(seconds, 0.001), self._let_through, host)

    def _let_through(self, host: str) -> None:
        """Let all through whose turn has come."""
        line = self.lines[host]
        while line:
            session, commands = next(iter(line.items()))
            if not session.is_over and not self._budgets.spend("hellos", host, commands[0].entrances):
                self._wind(host)
                return
            del line[session]
            self._let_in.add(session)
            session.transport.resume_reading()
            self._submit(session, commands)
        del self.lines[host], self._timers[host]

    def _forget(self, session: Session) -> None:
        """Let one who waits, and whose connection is no more, be in line no more."""
        line = self.lines[session.host]
        del line[session]
        if not line:
            self._timers.pop(session.host).cancel()
            del self.lines[session.host]
