"""The origin of a channel in an old log, the config or its members, found out from its entries (schema.py).

A channel that members made gives its first member the operator role in the same turn; a channel of the config never
does. It has no line, nobody goes AFK there, and no config closes it. If any of this differs, the channel may have been
the config's.
"""

from collections.abc import Iterable, Iterator

from antechamber.protocol.events import AnyEvent, Emptied, Left, ModeChange, ModesSet, Queued, Renamed, Seated

_CONFIGS_REASONS = ("idle", "closed")
"""The reasons of departures that occur only in channels of the config."""


def was_open(events: Iterable[AnyEvent]) -> bool:
    """Return whether a channel's entries can only come from a channel that members made."""
    present: set[str] = set()
    coming: Iterator[AnyEvent] = iter(events)
    has_begun = False
    for event in coming:
        match event:
            case Queued(name=name):
                expected: list[AnyEvent] = [Seated(name)]
                if not present:
                    expected.append(ModesSet("", (ModeChange("+o", name),)))
                if any(next(coming, None) != each for each in expected):
                    return False
                present.add(name)
                has_begun = True
            case Left(name=name, reason=reason):
                if reason in _CONFIGS_REASONS:
                    return False
                present.discard(name)
            case Renamed(name=name, to=to):
                present.discard(name)
                present.add(to)
            case Emptied():
                present.clear()
    return has_begun
