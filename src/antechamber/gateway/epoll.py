"""The readiness of many sockets for reading and writing, at the cost of one dictionary entry for each.

The event loop's own watchers take two thirds of a kilobyte for each socket. On Linux the loop watches one epoll
descriptor, which stands for all sockets; elsewhere it watches each.

One pass of the loop serves sockets for a bounded time, so that no flood delays the turns between the passes. If the
time does not suffice for all ready sockets, those that have used least of it are served first
(`session/fair_share.py`).
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
"""The events to wait for; the numbers are epoll's."""
PASS_SECONDS_MAX: Final = 0.005
"""How long one pass serves sockets; the remaining ready sockets are served in the next pass."""
_EVENTS_A_PASS = 1024


class Watcher(Protocol):
    """The object that waits for a socket."""

    address: str
    """The peer's address, or the network that counts as one address."""

    @property
    def is_known(self) -> bool:
        """Whether the peer has named itself."""

    def ready(self, events: int) -> None:
        """Handle `READ`, `WRITE`, or another event, such as an error that a read or a write will report.

        Never raises. It may be called for an event that it no longer waits for.
        """


class Readiness(ABC):
    """Tells watchers what their sockets are ready for, in the running event loop."""

    @abstractmethod
    def watch(self, descriptor: int, watcher: Watcher, events: int) -> None:
        """Watch a socket for `events`, which must differ from those before, and call `watcher.ready` for each.

        0 stops watching, and must precede the closing of the descriptor. Raises OSError if the system lacks memory or
        watches; the earlier events remain in force.
        """

    @abstractmethod
    def again(self, descriptor: int, watcher: Watcher) -> None:
        """Call `watcher.ready(READ)` in a later pass: it has data left that it could not handle in this one."""


class LoopReadiness(Readiness):
    """Readiness by the event loop's own watchers."""

    def watch(self, descriptor: int, watcher: Watcher, events: int) -> None:
        """Add and remove the loop's reader and writer."""
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
        """Schedule the call in the loop."""
        asyncio.get_running_loop().call_soon(watcher.ready, READ)


class EpollReadiness(Readiness):
    """Readiness by an epoll, which only Linux has. It is open while any socket is watched."""

    def __init__(self, steady: Callable[[], float] = time.perf_counter) -> None:
        self._steady = steady
        self._watchers: dict[int, Watcher] = {}
        self._epoll: select.epoll | None = None
        self._again: dict[int, None] = {}
        """The descriptors of watchers that have data left from an earlier pass."""
        self._shares = FairShare()
        """The seconds that each payer (`_payer`) was served since a pass last sufficed for all."""
        self._is_behind = False
        """Whether the last pass did not suffice for all."""
        self._goes_on = False
        """Whether a pass is scheduled already."""

    def watch(self, descriptor: int, watcher: Watcher, events: int) -> None:
        """Register, modify or unregister the socket with the epoll."""
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
        if not self._goes_on:  # else the scheduled pass polls, too
            self._pass()

    def _pass(self, was_asked_for: bool = False) -> None:
        """Serve ready sockets while there is time; the rest stay ready."""
        if was_asked_for:
            self._goes_on = False
        found = self._epoll.poll(0, _EVENTS_A_PASS) if self._epoll is not None else []
        if len(found) == 1 and not self._again:  # a lone message delays no other
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
        """Serve one socket and charge it for the time; return the time afterwards."""
        self._again.pop(descriptor, None)
        if (watcher := self._watchers.get(descriptor)) is None:
            return began
        one = _payer(descriptor, watcher)
        watcher.ready(events)
        now = self._steady()
        self._shares.count(one, watcher.address, now - began)
        return now

    def _in_order(self, ready: Iterable[int], now: float) -> list[int]:
        """Return the ready descriptors, ordered by the time used, least first."""
        self._shares.fade(now)
        used, watchers = self._shares.of, self._watchers

        def key(descriptor: int) -> tuple[float, float]:
            watcher = watchers.get(descriptor)
            return (used(watcher.address), used(_payer(descriptor, watcher))) if watcher else (0.0, 0.0)

        return sorted(ready, key=key)


def _payer(descriptor: int, watcher: Watcher) -> int | Unknown:
    """Return the key that a socket's time is charged to: its descriptor once it is named, its address until then."""
    return descriptor if watcher.is_known else Unknown(watcher.address)


_of_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, Readiness] = WeakKeyDictionary()


def readiness() -> Readiness:
    """Return the `Readiness` that all sockets of the running event loop share."""
    loop = asyncio.get_running_loop()
    found = _of_loop.get(loop)
    if found is None:
        found = _of_loop[loop] = EpollReadiness() if sys.platform == "linux" else LoopReadiness()
    return found
