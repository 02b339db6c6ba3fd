"""Turns to keep, and logs to keep them in."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from antechamber.log import Batch, Log
from antechamber.log.memory import MemoryLog
from antechamber.log.sqlite import SqliteLog
from antechamber.protocol.events import AnyEvent, Entry, Said, encode_lines


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


class Wall:
    """A clock on the wall, which the test sets. Nothing in the log is old by it at first."""

    def __init__(self) -> None:
        self.time = 1_700_000_000.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def wall() -> Wall:
    return Wall()


LOGS: dict[str, Callable[[Path, Wall], Log]] = {
    "memory": lambda path, wall: MemoryLog(now=wall),
    "sqlite": lambda path, wall: SqliteLog(path, tick_seconds=None, now=wall),
    "sqlite and its maintenance": lambda path, wall: SqliteLog(path, tick_seconds=0, now=wall),
}


@pytest.fixture(params=list(LOGS))
def log(request: pytest.FixtureRequest, path: Path, wall: Wall) -> Iterator[Log]:
    """Every kind of log there is, each to pass the contract."""
    log: Log = LOGS[request.param](path, wall)
    yield log
    log.close()


@pytest.fixture
def sqlite_log(path: Path, wall: Wall) -> Iterator[SqliteLog]:
    """A log in `path` whose maintenance is left to the test."""
    log = SqliteLog(path, tick_seconds=None, now=wall)
    yield log
    log.close()
