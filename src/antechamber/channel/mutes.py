"""The mutes of a channel: until when somebody is muted, seated, waiting or coming again. Pure.

Until there are accounts, a muted person is recognised by name and cloaked address together. The address alone would
mute everybody behind it, and the name alone everybody who takes it later.
"""

from collections.abc import Iterable, Mapping

from antechamber.protocol.limits import MUTES_REMEMBERED
from antechamber.protocol.text import likeness

Mute = tuple[str, str, float]
"""A name, its host, and the end of the mute; a snapshot has the name as `likeness` returns it."""


class Mutes:
    """The mutes of one channel. They are immutable, so that a rollback can restore earlier ones."""

    __slots__ = ("_ends",)

    def __init__(self, ends: Mapping[tuple[str, str], float] | None = None) -> None:
        self._ends = dict(ends or {})

    @classmethod
    def of(cls, kept: Iterable[Mute], epoch: float) -> "Mutes":
        """Return the mutes of a snapshot, whose times are `epoch` later."""
        return cls({(name, host): until - epoch for name, host, until in kept})

    def until(self, name: str, host: str) -> float:
        """Return when the mute of a name and host ends, 0 if there is none."""
        return self._ends.get((likeness(name), host), 0.0) if self._ends else 0.0

    def with_one(self, name: str, host: str, until: float, time: float) -> "Mutes":
        """Return these mutes with another one, without those that are over at `time`.

        If there are too many, the one that ends first is forgotten.
        """
        ends = {who: end for who, end in self._ends.items() if end > time}
        ends[likeness(name), host] = until
        if len(ends) > MUTES_REMEMBERED:
            del ends[min(ends, key=ends.__getitem__)]
        return Mutes(ends)

    def with_all(self, mutes: Iterable[Mute]) -> "Mutes":
        """Return these mutes and others."""
        return Mutes({**self._ends, **{(likeness(name), host): until for name, host, until in mutes}})

    def kept(self, but: Iterable[Mute], epoch: float) -> list[Mute]:
        """Return the mutes for a snapshot, without those in `but`, with `epoch` added to the times."""
        told = {(likeness(name), host, until) for name, host, until in but}
        ends = ((name, host, until) for (name, host), until in self._ends.items())
        return sorted((name, host, until + epoch) for name, host, until in ends if (name, host, until) not in told)
