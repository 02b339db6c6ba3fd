"""Whose a channel was, as its entries tell it: of logs whose version did not keep that (schema.py).

A channel that members opened makes whoever finds it empty its operator, in the same breath: no channel of the config
does. It has no line, nobody goes AFK there, and no config closes it. Where any of it is otherwise, it was the config's,
or may have been.
"""

from collections.abc import Iterable, Iterator

from antechamber.protocol.events import AnyEvent, Emptied, Left, ModeChange, ModesSet, Queued, Renamed, Seated

_CONFIGS_REASONS = ("idle", "closed")
"""Why one leaves who was in a channel of the config's."""


def was_open(events: Iterable[AnyEvent]) -> bool:
    """Return whether all that ever happened in a channel can only have happened in one that members had opened."""
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
