"""Turns to keep, and logs to keep them in."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from antechamber.events import AnyEvent, Entry, Said, encode_lines
from antechamber.log import Batch, Log
from antechamber.log.memory import MemoryLog
from antechamber.log.sqlite import SqliteLog


def entries_of(channel: str, first: int, time: float, *events: AnyEvent | str) -> list[Entry]:
    """Return entries numbered from `first`; a string is something that Mary said."""
    return [
        Entry(channel, first + index, time, Said("Mary", event) if isinstance(event, str) else event)
        for index, event in enumerate(events)
    ]


class Turns:
    """Makes a channel's turns one after the other, and knows what they were."""

    def __init__(self) -> None:
        self.entries: dict[str, list[Entry]] = {}
        self.time = 1_700_000_000.0

    def batch(self, channel: str, *events: AnyEvent | str, time: float | None = None) -> Batch:
        """Return the channel's next turn, a second after the last one made if `time` does not say otherwise."""
        self.time = self.time + 1 if time is None else time
        kept = self.entries.setdefault(channel, [])
        turn = entries_of(channel, len(kept) + 1, self.time, *events)
        kept += turn
        return Batch(channel, turn[0].sequence, turn[-1].sequence, self.time, bytes(encode_lines(turn)))


@pytest.fixture
def turns() -> Turns:
    return Turns()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "antechamber.db"


LOGS: dict[str, Callable[[Path], Log]] = {
    "memory": lambda path: MemoryLog(),
    "sqlite": lambda path: SqliteLog(path, tick_seconds=None),
    "sqlite and its upkeep": lambda path: SqliteLog(path, tick_seconds=0),
}


@pytest.fixture(params=list(LOGS))
def log(request: pytest.FixtureRequest, path: Path) -> Iterator[Log]:
    """Every kind of log there is, each to pass the contract."""
    log: Log = LOGS[request.param](path)
    yield log
    log.close()


@pytest.fixture
def sqlite_log(path: Path) -> Iterator[SqliteLog]:
    """A log in `path` whose upkeep is left to the test."""
    log = SqliteLog(path, tick_seconds=None)
    yield log
    log.close()
