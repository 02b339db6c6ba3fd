"""The rate limit on joins: connections that join faster than their address may wait for their turn, in order.

Every join or switch is work for everyone in the channel, so hellos, switches and joins are counted by address. A join
beyond the limit waits in the address's line, together with all later commands of its connection, which is not read from
meanwhile. Other addresses are not affected, and sessions that resume a membership pass. A line is never longer than the
number of the address's connections.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence

from antechamber.protocol.commands import Command, Hello, Leave
from antechamber.runtime.clock import Loop, TimerHandle
from antechamber.session.budgets import Budgets
from antechamber.session.session import Session

_Line = OrderedDict[Session, list[Command]]
"""The waiting sessions in the order of their arrival, each with its commands, the first of which is a join."""


class JoinThrottle:
    """Holds joins back. `submit` takes a session's commands, to be carried out before all others."""

    def __init__(self, budgets: Budgets, loop: Loop, submit: Callable[[Session, Sequence[Command]], None]) -> None:
        self.lines: dict[str, _Line] = {}
        """The waiting sessions, by cloaked address."""
        self._budgets = budgets
        self._loop = loop
        self._submit = submit
        self._timers: dict[str, TimerHandle] = {}
        self._let_in: set[Session] = set()
        """The sessions whose next join has been charged already."""

    def holds_back(self, session: Session, command: Command) -> bool:
        """Return whether a command, a join or a later command of a waiting session, is kept here until its turn."""
        line = self.lines.get(session.host)
        if line is not None and session in line:
            if type(command) is Leave:
                self._forget(session)
                return False
            line[session].append(command)
        elif not command.entrances or (session.channel and type(command) is Hello):
            return False  # a member's second hello is refused, which costs little
        elif session in self._let_in:
            self._let_in.discard(session)
            return False
        elif line is None and self._budgets.spend("hellos", session.host, command.entrances):
            return False
        elif line is None:
            self.lines[session.host] = OrderedDict({session: [command]})
            self._start_timer(session.host)
        else:
            line[session] = [command]
        session.transport.pause_reading()
        return True

    def close(self) -> None:
        """Stop: nobody is let through any more."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def _start_timer(self, host: str) -> None:
        first = next(iter(self.lines[host].values()))[0]
        seconds = self._budgets.seconds_until("hellos", host, first.entrances)
        self._timers[host] = self._loop.call_later(max(seconds, 0.001), self._let_through, host)

    def _let_through(self, host: str) -> None:
        """Submit the commands of all sessions whose turn has come."""
        line = self.lines[host]
        while line:
            session, commands = next(iter(line.items()))
            if not session.is_over and not self._budgets.spend("hellos", host, commands[0].entrances):
                self._start_timer(host)
                return
            del line[session]
            self._let_in.add(session)
            session.transport.resume_reading()
            self._submit(session, commands)
        del self.lines[host], self._timers[host]

    def _forget(self, session: Session) -> None:
        """Remove a waiting session whose connection has ended."""
        line = self.lines[session.host]
        del line[session]
        if not line:
            self._timers.pop(session.host).cancel()
            del self.lines[session.host]
