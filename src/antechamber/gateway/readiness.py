"""Which of many sockets can be read from or written to, at the cost of one place in a table for each.

The event loop can tell, too, but takes two thirds of a kilobyte for each socket. Here it looks at one descriptor alone,
Linux's epoll, which stands for all of them; elsewhere it looks at each.

One pass of the loop serves sockets for a bounded time, so that no flood, by however many, holds up the turns between
the passes. Whoever has just been served for long waits until those have been who have not: a lone message overtakes
every flood.
"""

import asyncio
import select
import sys
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from typing import Final, Protocol
from weakref import WeakKeyDictionary

READ: Final = 1
WRITE: Final = 4
"""What can be waited for; the numbers are epoll's."""
PASS_SECONDS_MAX: Final = 0.005
"""For how long one pass serves sockets; what is ready after that has its turn in the next one."""
REST_FACTOR: Final = 1_000
"""For how many times as long as it was served a socket lets those go first who have rested."""
_EVENTS_A_PASS = 1024


class Watcher(Protocol):
    """Whoever waits for a socket."""

    busy_until: float
    """Until when others go first, by the clock of the one who tells it."""

    def ready(self, events: int) -> None:
        """Act on what can be done, or has failed: `READ`, `WRITE`, or something else where either may tell the error.

        It raises nothing. It may be told of what it has ceased to wait for meanwhile.
        """


class Readiness(ABC):
    """Tells watchers what their sockets are ready for, all in the event loop that runs."""

    @abstractmethod
    def watch(self, descriptor: int, watcher: Watcher, events: int) -> None:
        """Tell `watcher` from now on when its socket is ready for one of `events`, which are others than before.

        Nothing is told any more where there are none, as there are to be before the descriptor is closed. Raises
        OSError where the system has no room for it; then those of before hold.
        """

    @abstractmethod
    def again(self, descriptor: int, watcher: Watcher) -> None:
        """Tell `watcher` in a later pass that it may read: it has more already than it may do in one."""


class LoopReadiness(Readiness):
    """The event loop's own."""

    def watch(self, descriptor: int, watcher: Watcher, events: int) -> None:
        """Have the loop look at the socket."""
        loop = asyncio.get_running_loop()
        if events & READ:
            loop.add_reader(descriptor, watcher.ready, READ)
        else:
            loop.remove_reader(descriptor)
        if events & WRITE:
            loop.add_writer(descriptor, watcher.ready, WRITE)
        else:
            loop.remove_writer(descriptor)

    def again(self, descriptor: int, watcher: Watcher) -> None:
        """Have the loop call it."""
        asyncio.get_running_loop().call_soon(watcher.ready, READ)


class EpollReadiness(Readiness):
    """An epoll, which only Linux has; it is open as long as there is anything to wait for."""

    def __init__(self, steady: Callable[[], float] = time.perf_counter) -> None:
        self._steady = steady
        self._watchers: dict[int, Watcher] = {}
        self._epoll: select.epoll | None = None
        self._due: deque[tuple[int, int]] = deque()
        """What is ready of those who have rested, and was not served in the last pass for want of time."""
        self._busy: dict[int, None] = {}
        """The descriptors of those who may read once the others have been served, in turns."""
        self._goes_on = False
        """Whether a pass comes without anything new."""

    def watch(self, descriptor: int, watcher: Watcher, events: int) -> None:
        """Have the epoll look at the socket."""
        epoll = self._epoll or self._open()
        if not events:
            del self._watchers[descriptor]
            epoll.unregister(descriptor)
            if not self._watchers:
                self._close(epoll)
        elif descriptor in self._watchers:
            epoll.modify(descriptor, events)
        else:
            epoll.register(descriptor, events)
            self._watchers[descriptor] = watcher

    def again(self, descriptor: int, watcher: Watcher) -> None:
        """Serve it once the others have been served, with the other busy ones."""
        self._busy[descriptor] = None
        self._go_on()

    def _open(self) -> "select.epoll":
        epoll = self._epoll = select.epoll()
        asyncio.get_running_loop().add_reader(epoll.fileno(), self._look)
        return epoll

    def _close(self, epoll: "select.epoll") -> None:
        self._epoll = None
        self._due.clear()
        self._busy.clear()
        asyncio.get_running_loop().remove_reader(epoll.fileno())
        epoll.close()

    def _go_on(self) -> None:
        if not self._goes_on:
            self._goes_on = True
            asyncio.get_running_loop().call_soon(self._pass, True)

    def _look(self) -> None:
        if not self._goes_on:  # else the pass that was asked for looks, too
            self._pass()

    def _pass(self, was_asked_for: bool = False) -> None:
        """Serve those who are ready: first those who have rested, then the busy ones, as long as there is time."""
        self._goes_on = self._goes_on and not was_asked_for
        now = self._steady()
        until = now + PASS_SECONDS_MAX
        due, busy = self._due, self._busy
        if not due and self._epoll is not None:
            due.extend(self._epoll.poll(0, _EVENTS_A_PASS))
        while due and now < until:
            now = self._serve_rested(*due.popleft(), now)
        for descriptor in list(busy):
            del busy[descriptor]
            if (watcher := self._watchers.get(descriptor)) is not None:
                now = self._serve(watcher, READ, now)
            if now >= until:
                break
        if due or busy:
            self._go_on()

    def _serve_rested(self, descriptor: int, events: int, now: float) -> float:
        """Serve one that is ready, unless it is busy; return the time."""
        watcher = self._watchers.get(descriptor)
        if watcher is None:
            return now
        if events & ~WRITE and (watcher.busy_until > now or descriptor in self._busy):
            self._busy[descriptor] = None
            events &= WRITE
        return self._serve(watcher, events, now) if events else now

    def _serve(self, watcher: Watcher, events: int, began: float) -> float:
        """Tell one that it is ready; return the time after that."""
        watcher.ready(events)
        now = self._steady()
        watcher.busy_until = now + (now - began) * REST_FACTOR
        return now


_of_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, Readiness] = WeakKeyDictionary()


def readiness() -> Readiness:
    """Return the one for all sockets of the event loop that runs."""
    loop = asyncio.get_running_loop()
    found = _of_loop.get(loop)
    if found is None:
        found = _of_loop[loop] = EpollReadiness() if sys.platform == "linux" else LoopReadiness()
    return found
