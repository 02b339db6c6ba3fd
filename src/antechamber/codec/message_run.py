"""Runs of messages by one member, which are encoded in a few steps together. In a rush most messages come in runs."""

from collections.abc import Sequence
from typing import NamedTuple

from antechamber.protocol.events import Entry, Said


class Row(NamedTuple):
    """A member's name, and the texts of several messages in a row."""

    channel: str
    name: str
    time: float
    texts: list[str]


def row_of(entries: Sequence[Entry]) -> Row | None:
    """Return entries as one member's run of messages with one time; None if they are anything else."""
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
