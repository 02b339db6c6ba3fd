"""The connections of the front desk, WebSockets aside: how many there are of each address and in all, and the reserve.

A connection within the bounds has a *place*. Where an address has all of its places, the oldest of its connections that
asks nothing makes room. Where all ask, the newcomer is a *spare* one: it may ask whether the server is there, and for
anything else it waits a moment for a place. Spare ones are few and short, and the newest of them is never turned away:
so whatever some hold, `/healthz` answers.
"""

import asyncio
from collections import deque
from collections.abc import Iterable
from typing import Any, Final, Protocol

from antechamber.gateway.file_descriptors import front_desk_connections_max
from antechamber.session.budgets import Budgets

SILENT_SECONDS: Final = 1.0
"""After how long one that has asked nothing yet counts as resting: in a rush its request is on its way."""
PLACE_SECONDS_MAX: Final = 5.0
"""How long a request of a spare connection waits for a place."""
RESERVE_MAX: Final = 64
"""How many connections there may be that never have a place, where there may be many."""
_SHARE: Final = 0.75
"""How much of all the places one address may have, so that others always find some."""
_SPARES_PER_PLACE: Final = 2
"""How many spare connections an address may have for each place of its own."""


def reserve() -> int:
    """Return how many connections there may be beyond those that have a place, and as many again while they end."""
    return max(min(front_desk_connections_max() // 16, RESERVE_MAX), 1)


def places_max() -> int:
    """Return how many connections have a place."""
    return max(front_desk_connections_max() - 2 * reserve(), 1)


class Caller(Protocol):
    """A connection."""

    host: str
    """The cloak of the address that it comes from."""

    def end_idle(self) -> None:
        """Close it: it has been answered."""

    def abort(self) -> None:
        """Close it at once."""


class Callers:
    """All of them. One enters as it comes, says when it asks and when it rests, and leaves."""

    def __init__(self, budgets: Budgets) -> None:
        self._budgets = budgets
        self._placed: dict[Caller, None] = {}
        self._idle: dict[str, dict[Caller, None]] = {}
        """Of those with a place who ask nothing now: by address, the one first that has rested longest."""
        self._silent: dict[str, dict[Caller, float]] = {}
        """Of those with a place who have asked nothing yet: by address, in order, when they came."""
        self._ending: dict[Caller, None] = {}
        """Those that were closed for others, as long as they have their open files."""
        self._spare: dict[Caller, None] = {}
        self._spares_of: dict[str, dict[Caller, None]] = {}
        self._waiting: dict[str, deque[tuple[Caller, asyncio.Future[bool]]]] = {}
        """The spare ones whose request waits for a place, by address."""
        self._asking: set[Caller] = set()
        """All of those."""

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._placed) + len(self._spare)

    @property
    def has_room(self) -> bool:
        """Whether one more may come: not before those have ended that were closed for others."""
        return len(self._ending) < reserve()

    def enter(self, caller: Caller) -> None:
        """Give one that comes a place, or let it be a spare one."""
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
        """Release a connection's place, if it has one."""
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
        """Return whether one has a place."""
        return caller in self._placed

    def ask(self, caller: Caller) -> None:
        """Know that one asks something, so that it is not closed for others."""
        _forget(self._idle, caller)
        _forget(self._silent, caller)

    def rest(self, caller: Caller) -> None:
        """Know that one was answered, and asks nothing more for now: who waits for its place gets that."""
        if caller not in self._placed:
            return
        if self._waiting.get(caller.host) or (self._waiting and len(self._placed) >= places_max()):
            self._displace(caller)
            self._call_next(caller.host)
        else:
            self._idle.setdefault(caller.host, {})[caller] = None

    async def place(self, caller: Caller) -> bool:
        """Wait until one has a place, and say whether it has got one in time."""
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
        """Give one a place, if need be that of one that rests; return whether it has got one."""
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
        """Take the place of an idle connection, which may get another with its next request."""
        del self._placed[caller]
        self.ask(caller)
        self._budgets.give_back("front_desk_connections", caller.host)
        self._spare[caller] = None
        self._spares_of.setdefault(caller.host, {})[caller] = None

    def _resting(self, host: str) -> Caller | None:
        """Return the connection of an address that has rested longest, None where all ask."""
        if idle := self._idle.get(host):
            return next(iter(idle))
        for caller, came_at in self._silent.get(host, {}).items():
            return caller if asyncio.get_running_loop().time() - came_at >= SILENT_SECONDS else None
        return None

    def _call_next(self, host: str) -> None:
        """Give a place that has become free to one that waits for it: of the same address first."""
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
        """Close the oldest of the spare ones: of those whose request waits only where all of them do."""
        caller = next((one for one in spares if one not in self._asking), None) or next(iter(spares))
        self._ending[caller] = None
        self.leave(caller)
        caller.abort()

    def _forget_spare(self, caller: Caller) -> None:
        del self._spare[caller]
        _forget(self._spares_of, caller)


def _forget(kept: dict[str, dict[Caller, Any]], caller: Caller) -> None:
    """Take one out of those that are kept by address."""
    of_address = kept.get(caller.host)
    if of_address is not None and caller in of_address:
        del of_address[caller]
        if not of_address:
            del kept[caller.host]


def _settle(place: asyncio.Future[bool]) -> None:
    """End the wait for a place, without one."""
    if not place.done():
        place.set_result(False)
