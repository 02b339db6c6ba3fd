"""The HTTP connections of the front desk, without WebSockets: their bounds by address and in total, and the reserve.

A connection within the bounds has a *place*. If an address has used all its places, its oldest idle connection is
closed to make room. If none is idle, the new connection is a *spare* one: it may ask for `/healthz`, and waits a few
seconds for a place with any other request. Spare connections are few and short-lived, and the newest of them is always
accepted. So `/healthz` answers, however many connections some clients keep open.
"""

import asyncio
from collections import deque
from collections.abc import Iterable
from typing import Any, Final, Protocol

from antechamber.gateway.file_descriptors import front_desk_connections_max
from antechamber.session.budgets import Budgets

SILENT_SECONDS: Final = 1.0
"""How long a new connection without a request is not yet idle: in a rush its request is on its way."""
PLACE_SECONDS_MAX: Final = 5.0
"""How long a request on a spare connection waits for a place."""
RESERVE_MAX: Final = 64
"""The largest number of spare connections in total."""
_SHARE: Final = 0.75
"""The share of all places that one address may have, so that others always find some."""
_SPARES_PER_PLACE: Final = 2
"""How many spare connections an address may have for each place that it may have."""


def reserve() -> int:
    """Return how many spare connections there may be, and also how many that are being closed for others."""
    return max(min(front_desk_connections_max() // 16, RESERVE_MAX), 1)


def places_max() -> int:
    """Return how many places there are."""
    return max(front_desk_connections_max() - 2 * reserve(), 1)


class Caller(Protocol):
    """A connection of the front desk."""

    host: str
    """The cloak of its address."""

    def end_idle(self) -> None:
        """Close an idle connection."""

    def abort(self) -> None:
        """Close it at once."""


class Callers:
    """All connections of the front desk. Each calls `enter`, `ask` and `rest` for each request, and `end`."""

    def __init__(self, budgets: Budgets) -> None:
        self._budgets = budgets
        self._placed: dict[Caller, None] = {}
        self._idle: dict[str, dict[Caller, None]] = {}
        """Idle connections with a place that have been answered: by address, the longest idle first."""
        self._silent: dict[str, dict[Caller, float]] = {}
        """Connections with a place that have sent no request yet: by address, oldest first, with their start."""
        self._ending: dict[Caller, None] = {}
        """Connections that were closed to make room, until their descriptors are closed."""
        self._spare: dict[Caller, None] = {}
        self._spares_of: dict[str, dict[Caller, None]] = {}
        self._waiting: dict[str, deque[tuple[Caller, asyncio.Future[bool]]]] = {}
        """The spare connections whose request waits for a place, by address."""
        self._asking: set[Caller] = set()
        """The same connections, as a set."""

    def __len__(self) -> int:
        """Return the number of connections."""
        return len(self._placed) + len(self._spare)

    @property
    def has_room(self) -> bool:
        """Whether another may be accepted: not while too many that were closed for others have yet to end."""
        return len(self._ending) < reserve()

    def enter(self, caller: Caller) -> None:
        """Give a new connection a place, or make it a spare one."""
        if self._place(caller):
            self._silent.setdefault(caller.host, {})[caller] = asyncio.get_running_loop().time()
            return
        spares = self._spares_of.setdefault(caller.host, {})
        if len(spares) >= self._most() * _SPARES_PER_PLACE:
            self._end_spare(spares)
        if len(self) >= places_max() + reserve() and self._spare:
            self._end_spare(self._spare)
        self._spare[caller] = None
        self._spares_of.setdefault(caller.host, {})[caller] = None

    def leave(self, caller: Caller) -> None:
        """Release the place of a connection, if it has one, or forget the spare connection."""
        if caller in self._placed:
            del self._placed[caller]
            self.ask(caller)
            self._budgets.give_back("front_desk_connections", caller.host)
            self._call_next(caller.host)
        elif caller in self._spare:
            self._forget_spare(caller)
            for other, place in self._waiting.get(caller.host, ()):
                if other is caller:
                    _settle(place)

    def end(self, caller: Caller) -> None:
        """Remove a connection that has ended."""
        self.leave(caller)
        self._ending.pop(caller, None)

    def has_place(self, caller: Caller) -> bool:
        """Return whether a connection has a place."""
        return caller in self._placed

    def ask(self, caller: Caller) -> None:
        """Mark a connection as having a request, so that it is not closed for others."""
        _forget(self._idle, caller)
        _forget(self._silent, caller)

    def rest(self, caller: Caller) -> None:
        """Mark a connection as idle after an answer. A waiting connection, if any, gets its place."""
        if caller not in self._placed:
            return
        if self._waiting.get(caller.host) or (self._waiting and len(self._placed) >= places_max()):
            self._displace(caller)
            self._call_next(caller.host)
        else:
            self._idle.setdefault(caller.host, {})[caller] = None

    async def place(self, caller: Caller) -> bool:
        """Wait until a connection has a place, for PLACE_SECONDS_MAX; return whether it has one."""
        if caller in self._placed:
            return True
        if caller not in self._spare:
            return False
        if (resting := self._resting(caller.host)) is not None:
            self._displace(resting)
        if self._place(caller):
            self._forget_spare(caller)
            return True
        loop = asyncio.get_running_loop()
        place: asyncio.Future[bool] = loop.create_future()
        waiting = self._waiting.setdefault(caller.host, deque())
        waiting.append((caller, place))
        self._asking.add(caller)
        timer = loop.call_later(PLACE_SECONDS_MAX, _settle, place)
        try:
            return await place
        finally:
            timer.cancel()
            self._asking.discard(caller)
            if (caller, place) in waiting:
                waiting.remove((caller, place))
            if not waiting and self._waiting.get(caller.host) is waiting:
                del self._waiting[caller.host]

    def _most(self) -> int:
        """Return how many places an address may have."""
        return min(self._budgets.most("front_desk_connections"), max(int(places_max() * _SHARE), 1))

    def _place(self, caller: Caller) -> bool:
        """Give a connection a place, if necessary that of an idle one; return whether it has one."""
        host, places = caller.host, places_max()
        if self._budgets.used("front_desk_connections", host) >= self._most():
            resting = self._resting(host)
        elif len(self._placed) >= places:
            resting = next(filter(None, map(self._resting, (host, *self._idle, *self._silent))), None)
        else:
            resting = None
        if resting is not None:
            self._end_idle(resting)
        if self._budgets.used("front_desk_connections", host) >= self._most() or len(self._placed) >= places:
            return False
        self._budgets.take("front_desk_connections", host)
        self._placed[caller] = None
        return True

    def _displace(self, caller: Caller) -> None:
        """Make an idle connection a spare one; it may get a place for its next request."""
        del self._placed[caller]
        self.ask(caller)
        self._budgets.give_back("front_desk_connections", caller.host)
        self._spare[caller] = None
        self._spares_of.setdefault(caller.host, {})[caller] = None

    def _resting(self, host: str) -> Caller | None:
        """Return the longest idle connection of an address, None if none is idle."""
        if idle := self._idle.get(host):
            return next(iter(idle))
        for caller, came_at in self._silent.get(host, {}).items():
            return caller if asyncio.get_running_loop().time() - came_at >= SILENT_SECONDS else None
        return None

    def _call_next(self, host: str) -> None:
        """Give a place that is free now to a waiting connection, of the same address first."""
        for each in (host, *self._waiting):
            for caller, place in self._waiting.get(each, ()):
                if place.done() or caller not in self._spare:
                    continue
                if self._place(caller):
                    self._forget_spare(caller)
                    place.set_result(True)
                    return
                break

    def _end_idle(self, caller: Caller) -> None:
        self._ending[caller] = None
        self.leave(caller)
        caller.end_idle()

    def _end_spare(self, spares: Iterable[Caller]) -> None:
        """Close the oldest spare connection, preferably one whose request does not wait for a place."""
        caller = next((one for one in spares if one not in self._asking), None) or next(iter(spares))
        self._ending[caller] = None
        self.leave(caller)
        caller.abort()

    def _forget_spare(self, caller: Caller) -> None:
        del self._spare[caller]
        _forget(self._spares_of, caller)


def _forget(kept: dict[str, dict[Caller, Any]], caller: Caller) -> None:
    """Remove a connection from a mapping by address."""
    of_address = kept.get(caller.host)
    if of_address is not None and caller in of_address:
        del of_address[caller]
        if not of_address:
            del kept[caller.host]


def _settle(place: asyncio.Future[bool]) -> None:
    """End the wait for a place, without one."""
    if not place.done():
        place.set_result(False)
