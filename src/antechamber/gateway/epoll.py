"""Which of many sockets can be read from or written to, at the cost of one place in a table for each.

The event loop can tell, too, but takes two thirds of a kilobyte for each socket. Here it looks at one descriptor alone,
Linux's epoll, which stands for all of them; elsewhere it looks at each.

One pass of the loop serves sockets for a bounded time, so that no flood, by however many, holds up the turns between
the passes. Where that is not enough for all that are ready, those go first who have used
least of it (`session/fair_share.py`).
"""

import asyncio
import select
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import Final, Protocol
from weakref import WeakKeyDictionary

from antechamber.session.fair_share import FairShare, Unknown

READ: Final = 1
WRITE: Final = 4
"""What can be waited for; the numbers are epoll's."""
PASS_SECONDS_MAX: Final = 0.005
"""For how long one pass serves sockets; what is ready after that has its turn in the next one."""
_EVENTS_A_PASS = 1024


class Watcher(Protocol):
    """Whoever waits for a socket."""

    address: str
    """Where its peer is, as far as that counts as one address."""

    @property
    def is_known(self) -> bool:
        """Whether its peer has said who it is."""

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
        self._again: dict[int, None] = {}
        """The descriptors of those who have more already than they may do at once."""
        self._shares = FairShare()
        """How many seconds each has been served, as `_payer` has it, since a pass was enough for all."""
        self._is_behind = False
        """Whether the last pass was not enough."""
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
        """Serve it once more, in the next pass."""
        self._again[descriptor] = None
        self._go_on()

    def _open(self) -> "select.epoll":
        epoll = self._epoll = select.epoll()
        asyncio.get_running_loop().add_reader(epoll.fileno(), self._look)
        return epoll

    def _close(self, epoll: "select.epoll") -> None:
        self._epoll = None
        self._again.clear()
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
        """Serve those who are ready, as long as there is time; what is left is ready still."""
        if was_asked_for:
            self._goes_on = False
        found = self._epoll.poll(0, _EVENTS_A_PASS) if self._epoll is not None else []
        if len(found) == 1 and not self._again:  # a lone message is in nobody's way
            descriptor, events = found[0]
            if (watcher := self._watchers.get(descriptor)) is not None:
                watcher.ready(events)
            self._is_behind = False
            self._shares.clear()
            return
        ready = dict.fromkeys(self._again, READ)
        for descriptor, events in found:
            ready[descriptor] = ready.get(descriptor, 0) | events
        now = self._steady()
        until = now + PASS_SECONDS_MAX
        was_behind, self._is_behind = self._is_behind, False
        while ready:
            for descriptor in self._in_order(ready, now) if was_behind else ready:
                if now >= until:
                    self._is_behind = True
                    break
                now = self._serve(descriptor, ready[descriptor], now)
            ready = {} if self._is_behind else dict.fromkeys(self._again, READ)
        if not self._is_behind:
            self._shares.clear()
        if self._again:
            self._go_on()

    def _serve(self, descriptor: int, events: int, began: float) -> float:
        """Tell one that it is ready; return the time after that, which counts as its own."""
        self._again.pop(descriptor, None)
        if (watcher := self._watchers.get(descriptor)) is None:
            return began
        one = _payer(descriptor, watcher)
        watcher.ready(events)
        now = self._steady()
        self._shares.count(one, watcher.address, now - began)
        return now

    def _in_order(self, ready: Iterable[int], now: float) -> list[int]:
        """Return the descriptors that are ready, those first that have used least."""
        self._shares.fade(now)
        used, watchers = self._shares.of, self._watchers

        def key(descriptor: int) -> tuple[float, float]:
            watcher = watchers.get(descriptor)
            return (used(watcher.address), used(_payer(descriptor, watcher))) if watcher else (0.0, 0.0)

        return sorted(ready, key=key)


def _payer(descriptor: int, watcher: Watcher) -> int | Unknown:
    """Return who uses what a socket is served: itself, by its descriptor, once it is known who that is."""
    return descriptor if watcher.is_known else Unknown(watcher.address)


_of_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, Readiness] = WeakKeyDictionary()


def readiness() -> Readiness:
    """Return the one for all sockets of the event loop that runs."""
    loop = asyncio.get_running_loop()
    found = _of_loop.get(loop)
    if found is None:
        found = _of_loop[loop] = EpollReadiness() if sys.platform == "linux" else LoopReadiness()
    return found
