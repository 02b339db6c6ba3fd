"""Which of many sockets can be read from or written to, at the cost of one place in a table for each.

The event loop can tell, too, but takes two thirds of a kilobyte for each socket. Here it looks at one descriptor alone,
Linux's epoll, which stands for all of them; elsewhere it looks at each.
"""

import asyncio
import select
import sys
from abc import ABC, abstractmethod
from typing import Final, Protocol
from weakref import WeakKeyDictionary

READ: Final = 1
WRITE: Final = 4
"""What can be waited for; the numbers are epoll's."""
_EVENTS_A_PASS = 1024


class Watcher(Protocol):
    """Whoever waits for a socket."""

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


class EpollReadiness(Readiness):
    """An epoll, which only Linux has; it is open as long as there is anything to wait for."""

    def __init__(self) -> None:
        self._watchers: dict[int, Watcher] = {}
        self._epoll: select.epoll | None = None

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

    def _open(self) -> "select.epoll":
        epoll = self._epoll = select.epoll()
        asyncio.get_running_loop().add_reader(epoll.fileno(), self._look)
        return epoll

    def _close(self, epoll: "select.epoll") -> None:
        self._epoll = None
        asyncio.get_running_loop().remove_reader(epoll.fileno())
        epoll.close()

    def _look(self) -> None:
        assert self._epoll is not None
        watchers = self._watchers
        for descriptor, events in self._epoll.poll(0, _EVENTS_A_PASS):
            if (watcher := watchers.get(descriptor)) is not None:
                watcher.ready(events)


_of_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, Readiness] = WeakKeyDictionary()


def readiness() -> Readiness:
    """Return the one for all sockets of the event loop that runs."""
    loop = asyncio.get_running_loop()
    found = _of_loop.get(loop)
    if found is None:
        found = _of_loop[loop] = EpollReadiness() if sys.platform == "linux" else LoopReadiness()
    return found
