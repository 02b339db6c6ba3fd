"""Channels that begin and end in a log, and what there is to be read of them."""

import sqlite3
from contextlib import closing
from pathlib import Path

from antechamber.log import Batch, Log
from antechamber.protocol.events import AnyEvent, ModeChange, ModesSet, Queued, Seated, encode_lines
from tests.log.conftest import entries_of
from tests.log.paged import PLENTY

FOUNDED: tuple[AnyEvent, ...] = (Queued("Mary"), Seated("Mary"), ModesSet("", (ModeChange("+o", "Mary"),)))


def append(log: Log, channel: str, *events: AnyEvent | str, is_open: bool = True) -> list[int]:
    """Keep a turn where the channel's numbers go on, and return its numbers."""
    first = max(log.last_sequence(channel), log.begins_after(channel)) + 1
    entries = entries_of(channel, first, 1.5, *events)
    log.append([Batch(channel, first, entries[-1].sequence, 1.5, bytes(encode_lines(entries)), is_open=is_open)])
    return [entry.sequence for entry in entries]


def tables(path: Path) -> list[str]:
    """Return the names of the channels' tables."""
    with closing(sqlite3.connect(path)) as connection:
        named = "SELECT name FROM sqlite_schema WHERE name LIKE 'turn!_%' ESCAPE '!' ORDER BY name"
        return [name for (name,) in connection.execute(named)]


def read(log: Log, channel: str) -> list[int]:
    """Return the numbers of all that can be read of a channel, in whatever way."""
    reader = log.reader()
    found = {entry.sequence for entry in log.read_from(channel, 1)}
    for page in (
        reader.before(channel, 0, 200, PLENTY),
        reader.after(channel, 0, 200, PLENTY),
        reader.find(channel, "hello", 0, 200, PLENTY),
    ):
        found |= {entry.sequence for entry in page.entries}
    reader.close()
    return sorted(found)
