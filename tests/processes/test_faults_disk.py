"""A disk that fills up under a server: who speaks is told, nobody reads what was not kept, and the chat recovers.

The disk is a file system of its own where this user may mount one; everywhere, it is the bound of a file's size.
"""

import os
import resource
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import pytest

from tests.processes.json_members import SERVER, Rich, history, seats, toml
from tests.processes.programs import Programs, Server

_DISK_BYTES = 1 << 20
_PIECE_BYTES = 4_096
_TOO_FEW_BYTES = 2_000
"""Less than any change to the log takes, and room for a line on standard error."""
_MOUNTING = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c")


def mounts() -> bool:
    """Return whether this user may mount a file system for programs of its own."""
    with suppress(OSError):
        return (
            subprocess.run([*_MOUNTING, "mount -t tmpfs none /mnt"], capture_output=True, check=False).returncode == 0
        )
    return False


class Disk(Protocol):
    """Where a server has its log."""

    server: Server
    words: str
    """What people are told of it once it is full."""

    def fills_up(self) -> None:
        """Take all the room there is."""

    def has_room_again(self) -> None:
        """Give it back."""

    def fills_with_chat(self) -> None:
        """Leave little room."""


class FileSizeBound:
    """No file of the server's can grow past a bound that is set from outside."""

    words = "the disk failed it"

    def __init__(self, programs: Programs, data: Path) -> None:
        self.server = toml(programs, {}).starts(data)

    def fills_up(self) -> None:
        self._bind(_TOO_FEW_BYTES)

    def fills_with_chat(self) -> None:
        self._bind(_DISK_BYTES // 16)

    def has_room_again(self) -> None:
        self._bind(resource.RLIM_INFINITY)

    def _bind(self, size: int) -> None:
        _, hard = resource.prlimit(self.server.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(self.server.pid, resource.RLIMIT_FSIZE, (size, hard))


class SmallFileSystem:
    """The folder of the log is a small file system that only the server sees; a ballast takes the room."""

    words = "the disk is full: make room on it"

    def __init__(self, programs: Programs, data: Path) -> None:
        data.parent.mkdir()
        script = f'mount -t tmpfs -o size={_DISK_BYTES} none "$0" && exec "$@"'
        self.server = toml(programs, {}).starts(data, *_MOUNTING, script, str(data.parent))
        self._ballast = Path(f"/proc/{self.server.pid}/root{data.parent}/ballast")

    def fills_up(self) -> None:
        with self._ballast.open("ab", buffering=0) as file, suppress(OSError):
            while file.write(bytes(_PIECE_BYTES)):
                pass

    def fills_with_chat(self) -> None:
        self.fills_up()
        os.truncate(self._ballast, self._ballast.stat().st_size - _DISK_BYTES // 16)

    def has_room_again(self) -> None:
        self._ballast.unlink()


@pytest.fixture(params=[FileSizeBound, *([SmallFileSystem] if mounts() else [])])
def disk(request: pytest.FixtureRequest, programs: Programs, tmp_path: Path) -> Iterator[Disk]:
    """Give a server that runs on a disk with enough room."""
    disk: Disk = request.param(programs, tmp_path / "data" / "chat.db")
    yield disk
    disk.server.tells("the log failed, so a turn was rolled back")


def talks_until_refused(member: Rich, text: str, words: str = "") -> list[str]:
    """Talk as a member until that is not kept, for a reason with such `words`; return all that was said."""
    said: list[str] = []
    while True:
        said.append(f"{len(said)} {text}")
        command_id = member.says(said[-1])
        answer = member.reads_something()
        if answer["type"] == "refusal":
            assert (answer["code"], answer["id"]) == ("not-kept", command_id)
            assert words in answer["text"]
            return said


def hears_of_nobody(member: Rich) -> None:
    """See to it that nothing has come up to now; a ping that shares a turn with what is not kept may be refused."""
    while True:
        member.asks("ping")
        line = member.reads_something()
        if line["type"] == "pong":
            return
        assert line.get("code") == "not-kept", line


def test_a_disk_that_fills_up_loses_nothing_that_anybody_read(disk: Disk, programs: Programs) -> None:
    mary, tom = seats(programs, disk.server.ports["general"], "Mary", "Tom")
    disk.fills_with_chat()
    *said, last = talks_until_refused(mary, "a long story, " * 50 + "the end", disk.words)
    assert said
    tom.reads_said(*said)
    tom.reads_nothing_before_pong()
    disk.has_room_again()
    mary.says_again(last, mary.last_id)  # what was refused is no repetition
    for member in (mary, tom):
        member.reads_event("said", text=last, id=mary.last_id)
        assert member.said == [*said, last]
    tom.drops()
    tom.resumes(after=0)
    while tom.after < mary.after:
        tom.reads("entry")
    assert tom.entries == mary.entries[-len(tom.entries) :]


def test_on_a_full_disk_members_stay_and_come_back(disk: Disk, programs: Programs) -> None:
    port = disk.server.ports["general"]
    mary, tom, ann = seats(programs, port, "Mary", "Tom", "Ann")
    for member in (mary, tom):
        while member.after < ann.after:
            member.reads("entry")
    disk.fills_up()
    *said, _ = talks_until_refused(mary, "hello", disk.words)
    tom.reads_said(*said)
    ann.reads_said(*said)
    tom.asks("whisper", to="Mary", text="are you there?", id="w")
    tom.reads("done", id="w")
    mary.reads("whispered", sender="Tom", text="are you there?")
    newcomer = programs.caller(port, "Bob")
    newcomer.types("Bob")
    assert disk.words in (newcomer.next_line("why not") or "")
    newcomer.ends()
    tom.drops()
    tom.comes_back()
    ann.asks("quit")
    ann.reads_goodbye("quit")
    hears_of_nobody(mary)
    disk.has_room_again()
    for member in (mary, tom):
        member.reads_event("left", name="Ann", reason="quit")
    mary.says("hello again")
    for member in (mary, tom):
        member.reads_said("hello again")


def test_after_a_full_disk_the_log_agrees_with_what_was_read(programs: Programs, tmp_path: Path) -> None:
    data = tmp_path / "chat.db"
    disk = FileSizeBound(programs, data)
    mary, tom = seats(programs, disk.server.ports["general"], "Mary", "Tom")
    mary.reads_nothing_before_pong()
    for number in range(20):
        disk.fills_up()
        mary.says(f"not kept {number}")
        mary.reads("refusal", code="not-kept")
        disk.has_room_again()
        mary.says(f"kept {number}")
        for member in (mary, tom):
            member.reads_said(f"kept {number}")
    disk.server.drops()  # and whatever half a write has left behind is no part of it
    disk.server.tells("the log failed")
    entries = list(history(programs, data))
    assert entries[1:] == mary.entries
    assert [entry["sequence"] for entry in entries] == list(range(1, len(entries) + 1))


def test_a_server_that_starts_on_a_full_disk_says_so(programs: Programs, tmp_path: Path) -> None:
    data, config = tmp_path / "chat.db", toml(programs, {})
    bound = f"resource.setrlimit(resource.RLIMIT_FSIZE, ({_TOO_FEW_BYTES}, -1))"
    run = f"import os, resource, sys; {bound}; os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
    arguments = [str(config.path), "--port", str(programs.ports.take()), "--data", str(data)]
    ended = programs.run("-c", run, SERVER, *arguments)
    assert ended.status == 1
    [line] = ended.stderr.splitlines()
    assert str(data) in line
