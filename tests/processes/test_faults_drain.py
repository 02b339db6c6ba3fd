"""SIGTERM and Ctrl-C under a server with rich sessions: each is told, the log is closed, and a restart goes on."""

import signal
from pathlib import Path

import pytest

from tests.processes.json_members import Rich, Written, history, seats, toml
from tests.processes.programs import Programs, Server

SIGNALS = pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
NAMES = ("Mary", "Tom", "Ann", "Bob", "Eve")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Give the path of a log that is not there yet."""
    return tmp_path / "data" / "chat.db"


@pytest.fixture
def config(programs: Programs) -> Written:
    """Give a config of a channel with five seats that are held."""
    return toml(programs, {"commands_per_second_max": 0})


def exits(server: Server, data: Path) -> None:
    """See to it that the server ends as it should, and leaves a log that is closed."""
    while server.next_line("the end") is not None:
        pass
    server.exits(0)
    wal = Path(f"{data}-wal")
    assert not wal.exists() or wal.stat().st_size == 0


@SIGNALS
def test_all_are_told_and_a_restart_lets_each_go_on(
    programs: Programs, config: Written, data: Path, number: signal.Signals
) -> None:
    server, port = config.starts(data), config.ports["general"]
    mary, tom, *others = seats(programs, port, *NAMES)
    waiting = []
    for ahead, name in enumerate(("Joe", "Sue")):
        waiting.append(Rich(programs, port, name))
        waiting[-1].reads("place", ahead=ahead)
        for member in (mary, tom, *others):
            member.reads_event("queued", name=name, holds=True)
    tom.drops()
    mary.says("see you soon")
    for member in (mary, *others):
        member.reads_said("see you soon")
    server.signal(number)
    for member in (mary, *others, *waiting):
        member.reads_goodbye("shutdown")
    exits(server, data)
    config.starts(data)
    for member in (*others, mary, tom):
        member.comes_back()
    for ahead, member in reversed(list(enumerate(waiting))):
        assert member.resumes()["seated"] is False
        member.reads("place", ahead=ahead)
    assert tom.said == ["see you soon"]
    mary.asks("quit")
    mary.reads_goodbye("quit")
    for member in (tom, *others):
        member.reads_event("left", name="Mary", reason="quit")
        member.reads_event("seated", name="Joe")
    joe, sue = waiting
    joe.reads_event("seated", name="Joe")
    sue.reads("place", ahead=0)
    assert list(history(programs, data))[3:] == tom.entries


@SIGNALS
def test_in_the_middle_of_a_talk_nothing_is_lost_or_doubled(
    programs: Programs, config: Written, data: Path, number: signal.Signals
) -> None:
    server = config.starts(data)
    mary, tom = seats(programs, config.ports["general"], "Mary", "Tom")
    texts = [f"{which} {'x' * 300}" for which in range(400)]
    ids = {mary.says(text): text for text in texts}
    while len(tom.said) < 100:
        tom.reads("entry")
    server.signal(number)
    for member in (mary, tom):
        while (line := member.reads_something())["type"] == "entry":
            pass
        assert (line["type"], line["reason"]) == ("goodbye", "shutdown")
        member.drops()
    exits(server, data)
    config.starts(data)
    for member in (mary, tom):
        member.comes_back()
    assert mary.said == tom.said == texts[: len(mary.said)]
    for command_id, text in list(ids.items())[len(mary.said) :]:
        mary.says_again(text, command_id)
    mary.says("the end")
    for member in (mary, tom):
        member.reads_up_to_event("said", text="the end")
        assert member.said == [*texts, "the end"]
    entries = list(history(programs, data))
    assert entries[1:] == mary.entries
    assert entries[3:] == tom.entries
