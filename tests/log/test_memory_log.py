"""What is the memory log's own: it is bounded."""

from typing import TYPE_CHECKING

from antechamber.log import Batch, Snapshot
from antechamber.log.memory import MemoryLog

if TYPE_CHECKING:
    from tests.log.conftest import Turns


def test_a_full_memory_log_forgets_its_oldest_turns(turns: "Turns") -> None:
    size = len(turns.batch("Old", "x").lines) + 6
    log = MemoryLog(bytes_max=3 * size)
    for channel in ("Gaming", "Movies", "Gaming", "Gaming"):
        log.append([turns.batch(channel, "y")])

    assert [entry.sequence for entry in log.read_from("Gaming", 1)] == [2, 3]
    assert [entry.sequence for entry in log.read_from("Movies", 1)] == [1]
    log.append([turns.batch("Gaming", "z")])
    assert list(log.read_from("Movies", 1)) == []
    assert log.last_sequence("Movies") == 1


def test_a_memory_log_holds_exactly_its_bound(turns: "Turns") -> None:
    first, second = turns.batch("Gaming", "one"), turns.batch("Gaming", "two")
    log = MemoryLog(bytes_max=len(first.lines) + len(second.lines))
    log.append([first, second])
    assert len(list(log.read_from("Gaming", 1))) == 2

    log.append([Batch("Gaming", 3, 3, 0.0, b"\n")])
    assert [entry.sequence for entry in log.read_from("Gaming", 1)] == [2]


def test_forgetting_turns_keeps_the_snapshot(turns: "Turns") -> None:
    log = MemoryLog(bytes_max=0)
    log.keep_snapshot("Gaming", Snapshot(1, b"state"))
    log.append([turns.batch("Gaming", "one")])

    assert log.snapshot("Gaming") == Snapshot(1, b"state")
    assert log.last_sequence("Gaming") == 1
