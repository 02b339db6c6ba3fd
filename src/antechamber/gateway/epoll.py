"""Readiness of sockets: which of many can be read from or written to, for one table entry each.

The event loop could tell as well, but needs two thirds of a kilobyte for each socket. On Linux it watches one
descriptor alone, an epoll that stands for all of them; elsewhere it watches each socket.

One pass of the loop serves sockets for a bounded time, so that no flood holds up the turns between the passes. If that
is not enough for all that are ready, those that have used least go first (`session/fair_share.py`).
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
"""The events to wait for, by epoll's numbers."""
PASS_SECONDS_MAX: Final = 0.005
"""How long one pass serves sockets; those still ready then are served in the next pass."""
_EVENTS_A_PASS = 1024


class Watcher(Protocol):
    """What is told when its socket is ready."""

    address: str
    """The peer's address, as far as it counts as one address."""

    @property
    def is_known(self) -> bool:
        """Whether its peer has said who it is."""

    def ready(self, events: int) -> None:
        """Act on events: `READ`, `WRITE`, or others, for which either operation may report the error.

        It raises nothing. It may be told about events that it no longer waits for.
        """


class Readiness(ABC):
    """Tells watchers when their sockets are ready, in the running event loop."""

    @abstractmethod
    def watch(self, descriptor: int, watcher: Watcher, events: int) -> None:
        """Tell a watcher when its socket is ready for one of these events, which replace earlier ones.

        No events end the watch, as is necessary before the descriptor is closed. Raises OSError if the system has no
        room; then the earlier events stay.
        """

    @abstractmethod
    def again(self, descriptor: int, watcher: Watcher) -> None:
        """Tell a watcher in a later pass that it may read: it has more data already than it may handle in one."""


class LoopReadiness(Readiness):
    """Readiness by the event loop itself."""

    def watch(self, descriptor: int, watcher: Watcher, events: int) -> None:
        """Watch the socket with the event loop."""
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
        """Schedule the call in the event loop."""
        asyncio.get_running_loop().call_soon(watcher.ready, READ)


class EpollReadiness(Readiness):
    """Readiness by an epoll, on Linux. It is open as long as there is anything to wait for."""

    def __init__(self, steady: Callable[[], float] = time.perf_counter) -> None:
        self._steady = steady
        self._watchers: dict[int, Watcher] = {}
        self._epoll: select.epoll | None = None
        self._again: dict[int, None] = {}
        """The descriptors of watchers that have more data already."""
        self._shares = FairShare()
        """The seconds that each payer (`_payer`) has been served since a pass last sufficed for all."""
        self._is_behind = False
        """Whether the last pass did not suffice."""
        self._goes_on = False
        """Whether another pass is scheduled."""

    def watch(self, descriptor: int, watcher: Watcher, events: int) -> None:
        """Watch the socket with the epoll."""
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
        """Serve the watcher again in the next pass."""
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
        if not self._goes_on:  # otherwise the scheduled pass polls as well
            self._pass()

    def _pass(self, was_asked_for: bool = False) -> None:
        """Serve the ready sockets as long as there is time; the others stay ready."""
        if was_asked_for:
            self._goes_on = False
        found = self._epoll.poll(0, _EVENTS_A_PASS) if self._epoll is not None else []
        if len(found) == 1 and not self._again:  # a lone message delays nobody
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
        """Serve one socket, and return the time afterwards; the difference is charged to it."""
        self._again.pop(descriptor, None)
        if (watcher := self._watchers.get(descriptor)) is None:
            return began
        one = _payer(descriptor, watcher)
        watcher.ready(events)
        now = self._steady()
        self._shares.count(one, watcher.address, now - began)
        return now

    def _in_order(self, ready: Iterable[int], now: float) -> list[int]:
        """Return the ready descriptors, starting with those that have used least."""
        self._shares.fade(now)
        used, watchers = self._shares.of, self._watchers

        def key(descriptor: int) -> tuple[float, float]:
            watcher = watchers.get(descriptor)
            return (used(watcher.address), used(_payer(descriptor, watcher))) if watcher else (0.0, 0.0)

        return sorted(ready, key=key)


def _payer(descriptor: int, watcher: Watcher) -> int | Unknown:
    """Return what is charged for a socket: itself, by its descriptor, once the peer has said who it is."""
    return descriptor if watcher.is_known else Unknown(watcher.address)


_of_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, Readiness] = WeakKeyDictionary()


def readiness() -> Readiness:
    """Return the one that serves all sockets of the running event loop."""
    loop = asyncio.get_running_loop()
    found = _of_loop.get(loop)
    if found is None:
        found = _of_loop[loop] = EpollReadiness() if sys.platform == "linux" else LoopReadiness()
    return found
