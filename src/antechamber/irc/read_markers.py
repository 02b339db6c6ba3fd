"""Marks: how far each nick has read in each target, as far as that is remembered.

They are kept in memory for as long as the server runs. Past what there may be of a nick, of an address, or in all, the
one that was set longest ago is forgotten.
"""

from collections import OrderedDict
from typing import Final, NamedTuple

from antechamber.session.budgets import Budgets

MARKS_MAX: Final = 100_000
"""How many there may be in all."""
TARGETS_MAX: Final = 100
"""How many there may be of one nick."""

_Key = tuple[str, str]
"""A nick and a target, both folded."""


class _Mark(NamedTuple):
    milliseconds: int
    host: str


class ReadMarkers:
    """Every mark, by nick and target, both folded."""

    def __init__(self, budgets: Budgets) -> None:
        self._budgets = budgets
        self._marks: OrderedDict[_Key, _Mark] = OrderedDict()
        self._of_nick: dict[str, OrderedDict[_Key, None]] = {}
        self._of_host: dict[str, OrderedDict[_Key, None]] = {}

    def get(self, nick: str, target: str) -> int | None:
        """Return how far the nick has read, in milliseconds since the epoch; None where that is not known."""
        mark = self._marks.get((nick, target))
        return None if mark is None else mark.milliseconds

    def set(self, nick: str, target: str, milliseconds: int, host: str) -> None:
        """Remember that the nick, which comes from `host`, has read so far, or farther, as it was before."""
        key = nick, target
        if (before := self._marks.get(key)) is not None:
            milliseconds = max(milliseconds, before.milliseconds)
            self._forget(key)
        if len(mine := self._of_nick.get(nick, ())) >= TARGETS_MAX:
            self._forget(next(iter(mine)))
        while not self._budgets.has_room("marks", host):
            self._forget(next(iter(self._of_host[host])))
        if len(self._marks) >= MARKS_MAX:
            self._forget(next(iter(self._marks)))
        self._budgets.take("marks", host)
        self._marks[key] = _Mark(milliseconds, host)
        self._of_nick.setdefault(nick, OrderedDict())[key] = None
        self._of_host.setdefault(host, OrderedDict())[key] = None

    def _forget(self, key: _Key) -> None:
        host = self._marks.pop(key).host
        self._budgets.give_back("marks", host)
        for whole, name in ((self._of_nick, key[0]), (self._of_host, host)):
            del whole[name][key]
            if not whole[name]:
                del whole[name]
