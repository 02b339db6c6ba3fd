"""What is undone when the last member of a channel leaves that its members made: the next to come find it new."""

from antechamber.channel.channel import Channel
from antechamber.channel.modes import LISTS, Modes
from antechamber.protocol.events import AnyEvent, ModeChange, ModesSet, TopicSet

_BEGINNING = Modes()


def forgotten(channel: Channel) -> list[AnyEvent]:
    """Return the events that bring the channel's modes and topic back to what they were at its founding.

    They are entries like any others, so that replaying the log gives a new channel, too.
    """
    modes = channel.modes
    changes = [ModeChange(f"-{letter}") for letter in sorted(modes.flags - _BEGINNING.flags)]
    changes += [ModeChange(f"+{letter}") for letter in sorted(_BEGINNING.flags - modes.flags)]
    if modes.key:
        changes.append(ModeChange("-k", "*"))
    if modes.limit is not None:
        changes.append(ModeChange("-l"))
    changes += [ModeChange(f"-{letter}", mask) for letter in LISTS for mask in modes.masks(letter)]
    events: list[AnyEvent] = [ModesSet("", tuple(changes))] if changes else []
    if channel.topic:
        events.append(TopicSet("", ""))
    return events
