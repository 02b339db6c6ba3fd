"""Vectors of rosters: the entries of a channel, and after each turn who is in it as the server tells it.

Two programs follow a channel's entries: `Channel.apply` in the server and `Roster.apply` in the page. A real hub makes
the vectors, which are kept in `vectors/roster.json`; tests hold both programs to them. `python -m tests.roster_vectors`
writes the file.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from antechamber.protocol.commands import (
    Announce,
    Empty,
    Kick,
    Move,
    Mute,
    Quit,
    Rename,
    Say,
    SetModes,
    SetTopic,
    Switch,
    Tag,
)
from antechamber.protocol.events import ModeChange
from antechamber.protocol.limits import Limits
from tests.fakes import House, Person

VECTORS = Path(__file__).parent / "vectors" / "roster.json"
SEATS = 2


class Recorder:
    """A house whose general channel is recorded: after each turn, the entries of the turn and the roster."""

    def __init__(self) -> None:
        self.house = House(seats=SEATS, limits=Limits(idle_seconds_max=600.0))
        self.people: dict[str, Person] = {}
        self.steps: list[dict[str, Any]] = []
        self._recorded = 0
        self.note()

    def note(self) -> None:
        """Record what has happened since the last time."""
        clock, room = self.house.clock, self.house.rooms["general"]
        entries = self.house.entries()[self._recorded :]
        self._recorded += len(entries)
        members = room.members(clock.now(), clock.steady())
        step = {"entries": entries, "members": members}
        self.steps.append(msgspec.json.decode(msgspec.json.encode(step)))

    def enters(self, *names: str) -> None:
        """Have people enter, one in each turn."""
        for name in names:
            self.people[name] = self.house.enter(name)
            self.passes()

    def asks(self, name: str, *commands: Any) -> None:
        """Have somebody give commands, one in each turn; "" is the operator."""
        for command in commands:
            (self.people[name] if name else self.house.operator).ask(command)
            self.house.run()
            self.passes()

    def passes(self, seconds: float = 1.0) -> None:
        """Record, and let time pass."""
        self.note()
        self.house.loop.advance(seconds)


def _line(record: Recorder) -> None:
    record.enters("Ann", "Bob", "Cid", "Dan")
    record.asks("", Move("general", "Dan", 0))
    record.asks("Ann", Quit())
    record.asks("Bob", Switch("games"))
    record.asks("", Kick("general", "Dan"), Empty("general"))


def _talk(record: Recorder) -> None:
    record.enters("Ann", "Bob", "Cid")
    record.asks("Ann", Say("hello"), Tag({"+draft/react": "x"}))
    record.asks("", Mute("general", "Bob", 60), Announce("tea", "general"), Mute("general", "Bob", 5))
    record.passes(10.0)
    record.asks("Bob", Say("again"))


def _names(record: Recorder) -> None:
    record.enters("Ann", "Bob", "Cid", "Dan")
    record.asks("Ann", Rename("Anna"))
    record.asks("Cid", Rename("Cyd"))
    record.asks("Bob", Rename("Ann"), Quit())


def _modes(record: Recorder) -> None:
    record.enters("Ann", "Bob", "Cid")
    for changes in (
        ("+o", "Ann"),
        ("+v", "Bob"),
        ("+v", "Ann"),
        ("-o", "Ann"),
        ("+m", ""),
        ("-t", ""),
        ("+k", "secret"),
    ):
        record.asks("", SetModes((ModeChange(*changes),), "general"))
    record.asks(
        "", SetTopic("tea", "general"), SetModes((ModeChange("+b", "Cid!*@*"), ModeChange("-k", "*")), "general")
    )
    record.asks("Bob", Quit())


CASES: dict[str, Callable[[Recorder], None]] = {
    "seats and the line": _line,
    "talk and mutes": _talk,
    "names": _names,
    "roles, modes and bans": _modes,
}


def made() -> dict[str, list[dict[str, Any]]]:
    """Return the steps of each case."""
    found = {}
    for name, play in CASES.items():
        record = Recorder()
        play(record)
        found[name] = record.steps
    return found


def written(cases: dict[str, list[dict[str, Any]]]) -> bytes:
    """Return the cases as they stand in the file."""
    return msgspec.json.format(msgspec.json.encode(cases), indent=1) + b"\n"


if __name__ == "__main__":
    VECTORS.write_bytes(written(made()))
