"""A damaged log: before the start it is one clear line and left as it is; under a running server people are told."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from antechamber.log.schema import PAGE_BYTES
from tests.processes.json_members import SERVER, Line, Rich, Written, seats, toml
from tests.processes.programs import Programs, Server, programs_in

LAST_WORD = "the last word"
MESSAGES = 300
TEXT = "a long story, " * 600
"""So that the log is larger than what SQLite keeps of it in memory."""


def talks(programs: Programs, config: Written, data: Path) -> tuple[list[Rich], Server]:
    """Fill the log in `data` with the talk of two, restart the server, and return both, connected again."""
    server = config.starts(data)
    members = seats(programs, config.ports["general"], "Mary", "Tom")
    mary = members[0]
    for number in range(MESSAGES):
        mary.says(f"{number} {TEXT}")
        for member in members:
            member.reads("entry")
    mary.says(LAST_WORD)
    for member in members:
        member.reads_said(LAST_WORD)
    ends(server)
    server = config.starts(data)
    for member in members:
        member.reads_goodbye("shutdown")
        member.comes_back()
    return members, server


def ends(server: Server) -> None:
    """Tell the server to end, and see to it that it does so as ever."""
    server.signal(signal.SIGTERM)
    while server.next_line("the end") is not None:
        pass
    server.exits(0)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Give the bytes of a log that is closed and sound."""
    folder = tmp_path_factory.mktemp("sound")
    with programs_in(folder) as programs:
        _, server = talks(programs, toml(programs, {}), folder / "chat.db")
        ends(server)
    return (folder / "chat.db").read_bytes()


def garbage(size: int) -> bytes:
    """Return bytes that are no page of SQLite's."""
    return (bytes(range(7, 256)) * (size // 249 + 1))[:size]


def without_its_last_page(log: bytes) -> bytes:
    return log[:-PAGE_BYTES]


def cut_in_its_head(log: bytes) -> bytes:
    return log[:60]


def with_garbage_in_place_of_its_head(log: bytes) -> bytes:
    return garbage(PAGE_BYTES) + log[PAGE_BYTES:]


def with_garbage_behind_its_head(log: bytes) -> bytes:
    return log[:PAGE_BYTES] + garbage(len(log) - PAGE_BYTES)


def with_zeros_behind_its_head(log: bytes) -> bytes:
    return log[:PAGE_BYTES] + bytes(len(log) - PAGE_BYTES)


def with_garbage_where_its_last_turn_is(log: bytes) -> bytes:
    at = log.rindex(LAST_WORD.encode()) // PAGE_BYTES * PAGE_BYTES
    return log[:at] + garbage(PAGE_BYTES) + log[at + PAGE_BYTES :]


def replaced_by_a_text(_: bytes) -> bytes:
    return b"Dear diary, today nobody was in the chat.\n" * 100


BEFORE = pytest.mark.parametrize(
    "damage",
    [
        without_its_last_page,
        cut_in_its_head,
        with_garbage_in_place_of_its_head,
        with_garbage_behind_its_head,
        with_zeros_behind_its_head,
        with_garbage_where_its_last_turn_is,
        replaced_by_a_text,
    ],
    ids=lambda damage: damage.__name__,
)


def content(data: Path) -> list[bytes]:
    """Return what is in the log and in its write-ahead log, empty where there is none."""
    files = (data, Path(f"{data}-wal"))
    return [file.read_bytes() if file.exists() else b"" for file in files]


def refuses(programs: Programs, data: Path) -> str:
    """See to it that a server refuses to start, and has changed nothing; return the one line that it tells."""
    before = content(data)
    config = toml(programs, {})
    ended = programs.run(SERVER, str(config.path), "--port", str(programs.ports.take()), "--data", str(data))
    assert (ended.status, ended.stdout) == (1, "")
    assert content(data) == before
    [line] = ended.stderr.splitlines()
    assert line.startswith("antechamber: ")
    assert str(data) in line
    return line


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Give the path of a log that is not there yet, in a folder of its own."""
    folder = tmp_path / "data"
    folder.mkdir()
    return folder / "chat.db"


@BEFORE
def test_a_log_that_is_damaged_is_named_and_left_as_it_is(
    programs: Programs, data: Path, sound: bytes, damage: Callable[[bytes], bytes]
) -> None:
    data.write_bytes(damage(sound))
    line = refuses(programs, data)
    assert "damaged" in line
    assert "put a backup in its place" in line


def test_so_is_one_that_a_killed_server_has_left(programs: Programs, data: Path) -> None:
    [mary, _], server = talks(programs, toml(programs, {}), data)
    mary.says("and one thing more")
    mary.reads_said("and one thing more")
    server.drops()
    wal = Path(f"{data}-wal")
    assert b"and one thing more" in wal.read_bytes()
    data.write_bytes(replaced_by_a_text(b""))
    assert "put back the file that was there" in refuses(programs, data)
    data.unlink()
    assert str(wal) in refuses(programs, data)


def in_place(data: Path, damaged: bytes) -> None:
    """Damage the file that a server has open."""
    with data.open("r+b") as file:
        file.write(damaged)
        file.truncate()


@pytest.mark.parametrize("damage", [with_garbage_behind_its_head, cut_in_its_head], ids=lambda damage: damage.__name__)
def test_damage_under_a_running_server_is_told_to_those_who_talk(
    programs: Programs, data: Path, damage: Callable[[bytes], bytes]
) -> None:
    (mary, tom), server = talks(programs, toml(programs, {}), data)
    in_place(data, damage(data.read_bytes()))
    said: list[Line] = []
    while True:
        mary.says(f"message {len(said)}")
        line = mary.reads_something()
        if line["type"] != "entry":
            break
        said.append(line)
    assert (line["type"], line["reason"]) == ("goodbye", "broken")
    assert "has stopped because of a fault in the server" in line["text"]
    for entry in said:
        assert tom.reads("entry") == entry
    tom.reads_goodbye("broken")
    assert "put a backup in its place" in server.tells("the log failed")
    assert "damaged" in server.tells("a channel could not be read again")
    server.signal(signal.SIGTERM)
    while server.next_line("the end") is not None:
        pass
    told = refuses(programs, data)
    assert "damaged" in told or "do not belong together" in told  # as the last that was written to the file is seen


def test_damage_to_what_is_read_again_leaves_the_talk_alone(programs: Programs, data: Path) -> None:
    (mary, tom), server = talks(programs, toml(programs, {}), data)
    tom.drops()
    size = data.stat().st_size
    with data.open("r+b") as file:  # the older half of it
        os.pwrite(file.fileno(), garbage(size // 2), size // 4 // PAGE_BYTES * PAGE_BYTES)
    assert tom.resumes(after=mary.entries[2]["sequence"])["type"] == "resumed"
    while (line := tom.reads_something())["type"] == "entry":
        pass
    assert (line["type"], line["reason"]) == ("goodbye", "broken")
    assert "cannot be read" in line["text"]
    assert "damaged" in server.tells("a session could not catch up")
    mary.says("are you there?")
    mary.reads_said("are you there?")
    [ann] = seats(programs, server.ports["general"], "Ann")
    mary.reads_event("queued", name="Ann", holds=True)
    mary.reads_event("seated", name="Ann")
    ann.says("I am")
    for member in (mary, ann):
        member.reads_said("I am")
