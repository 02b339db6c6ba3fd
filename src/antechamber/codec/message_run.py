"""What one member says in a row, which is worded in a few steps for all of it: in a rush most is said so."""

from collections.abc import Sequence
from typing import NamedTuple

from antechamber.protocol.events import Entry, Said


class Row(NamedTuple):
    """The texts of several messages in a row, and whose they are."""

    channel: str
    name: str
    time: float
    texts: list[str]


def row_of(entries: Sequence[Entry]) -> Row | None:
    """Return several entries as what one member says in a row, at one time; None if they are anything else."""
    if len(entries) < 2 or type(first := entries[0].event) is not Said:
        return None
    name, channel, time = first.name, entries[0].channel, entries[0].time
    texts = [
        event.text
        for entry in entries
        if type(event := entry.event) is Said and event.name == name and event.form == "message"
        if entry.time == time and entry.channel == channel
    ]
    return Row(channel, name, time, texts) if len(texts) == len(entries) else None
