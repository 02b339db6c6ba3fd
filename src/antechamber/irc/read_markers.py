"""Read markers: how far each nick has read in each target.

They are kept in memory while the server runs. There may be only so many for a nick, for an address, and in all; past
that the marker that was set longest ago is dropped.
"""

from collections import OrderedDict
from typing import Final, NamedTuple

from antechamber.session.budgets import Budgets

MARKERS_MAX: Final = 100_000
"""How many markers there may be in all."""
TARGETS_MAX: Final = 100
"""How many markers one nick may have."""

_Key = tuple[str, str]
"""A nick and a target, both folded."""


class _Marker(NamedTuple):
    milliseconds: int
    host: str


class ReadMarkers:
    """All markers, by nick and target, both folded."""

    def __init__(self, budgets: Budgets) -> None:
        self._budgets = budgets
        self._markers: OrderedDict[_Key, _Marker] = OrderedDict()
        self._of_nick: dict[str, OrderedDict[_Key, None]] = {}
        self._of_host: dict[str, OrderedDict[_Key, None]] = {}

    def get(self, nick: str, target: str) -> int | None:
        """Return how far a nick has read, in milliseconds since the epoch, None if that is not known."""
        marker = self._markers.get((nick, target))
        return None if marker is None else marker.milliseconds

    def set(self, nick: str, target: str, milliseconds: int, host: str) -> None:
        """Move the marker of a nick, whose user is from `host`, forward to a time; never move it back."""
        key = nick, target
        if (before := self._markers.get(key)) is not None:
            milliseconds = max(milliseconds, before.milliseconds)
            self._forget(key)
        if len(mine := self._of_nick.get(nick, ())) >= TARGETS_MAX:
            self._forget(next(iter(mine)))
        while not self._budgets.has_room("marks", host):
            self._forget(next(iter(self._of_host[host])))
        if len(self._markers) >= MARKERS_MAX:
            self._forget(next(iter(self._markers)))
        self._budgets.take("marks", host)
        self._markers[key] = _Marker(milliseconds, host)
        self._of_nick.setdefault(nick, OrderedDict())[key] = None
        self._of_host.setdefault(host, OrderedDict())[key] = None

    def _forget(self, key: _Key) -> None:
        host = self._markers.pop(key).host
        self._budgets.give_back("marks", host)
        for whole, name in ((self._of_nick, key[0]), (self._of_host, host)):
            del whole[name][key]
            if not whole[name]:
                del whole[name]
