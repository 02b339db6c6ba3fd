"""Mutes: until when somebody is to be unheard, whether it sits, waits, or comes again. Pure.

Until there are accounts, whoever was muted is known by its name and by where it comes from, cloaked, together. By the
cloak alone everybody behind one address would be, and by the name alone everybody whom somebody else was muted under.
"""

from collections.abc import Iterable, Mapping

from antechamber.protocol.limits import MUTES_REMEMBERED
from antechamber.protocol.text import likeness

Mute = tuple[str, str, float]
"""A name, where it comes from, and when the mute ends; a snapshot keeps the name as `likeness` has it."""


class Mutes:
    """One channel's. They never change: who mutes gets others, so that those of before can be gone back to."""

    __slots__ = ("_ends",)

    def __init__(self, ends: Mapping[tuple[str, str], float] | None = None) -> None:
        self._ends = dict(ends or {})

    @classmethod
    def of(cls, kept: Iterable[Mute], epoch: float) -> "Mutes":
        """Return those that a snapshot keeps, less `epoch` in their times."""
        return cls({(name, host): until - epoch for name, host, until in kept})

    def until(self, name: str, host: str) -> float:
        """Return when the mute of `name` who comes from `host` ends, 0 if there is none."""
        return self._ends.get((likeness(name), host), 0.0) if self._ends else 0.0

    def with_one(self, name: str, host: str, until: float, time: float) -> "Mutes":
        """Return these, less those that are over at `time`, and one until `until` for `name` who comes from `host`.

        Of more than are remembered, the one that ends first is forgotten.
        """
        ends = {who: end for who, end in self._ends.items() if end > time}
        ends[likeness(name), host] = until
        if len(ends) > MUTES_REMEMBERED:
            del ends[min(ends, key=ends.__getitem__)]
        return Mutes(ends)

    def with_all(self, mutes: Iterable[Mute]) -> "Mutes":
        """Return these and others."""
        return Mutes({**self._ends, **{(likeness(name), host): until for name, host, until in mutes}})

    def kept(self, but: Iterable[Mute], epoch: float) -> list[Mute]:
        """Return what a snapshot keeps of all `but` those, with `epoch` added to the times."""
        told = {(likeness(name), host, until) for name, host, until in but}
        ends = ((name, host, until) for (name, host), until in self._ends.items())
        return sorted((name, host, until + epoch) for name, host, until in ends if (name, host, until) not in told)
