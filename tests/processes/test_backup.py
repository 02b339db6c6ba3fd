"""A backup of a running server, gone back to; and what an operator is told of a log or a config that is not safe."""

import os
import shutil
import signal
import stat
from pathlib import Path

import pytest

from tests.processes.json_members import history, seats, toml
from tests.processes.programs import CHECKOUT, Programs

HOUR = 3_600
TOKEN = "a-token-of-the-operators"


def texts(programs: Programs, data: Path) -> list[str]:
    """Return what was said, as `antechamber history` has it."""
    return [entry["event"]["text"] for entry in history(programs, data) if entry["event"]["type"] == "said"]


@pytest.mark.parametrize("end", ["running", "killed", "ended"])
def test_members_come_back_to_a_server_that_goes_on_with_a_backup(programs: Programs, tmp_path: Path, end: str) -> None:
    config = toml(programs, {"seat_hold_seconds": HOUR})
    data, copy = tmp_path / "data" / "chat.db", tmp_path / "copy.db"
    server = config.starts(data)
    mary, _ = members = seats(programs, config.ports["general"], "Mary", "Tom")
    for text in ("one", "two"):
        mary.says(text)
        for member in members:
            member.reads_event("said", text=text)
    if end == "killed":
        server.drops()
    elif end == "ended":
        server.signal(signal.SIGTERM)
        joined = [f"[Server message (<t>)] {name} has joined the general channel." for name in ("Mary", "Tom")]
        server.reads(*joined, "[Mary (<t>)] one", "[Mary (<t>)] two")
        server.ends()
    made = programs.antechamber("backup", str(copy), "--data", str(data))
    assert (made.status, made.stderr) == (0, "")
    assert made.stdout == f"{copy}: {copy.stat().st_size} bytes\n"
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    if end == "running":
        mary.says("after it")
        for member in members:
            member.reads_event("said", text="after it")
        server.drops()
    for member in members:
        member.drops()
    shutil.move(data.parent, tmp_path / "replaced")
    data.parent.mkdir(mode=0o700)
    shutil.copy(copy, data)
    server = config.starts(data)
    after = min(member.after for member in members) - (1 if end == "running" else 0)
    for member in members:
        assert member.resumes(after)["seated"]
    mary.says("back again")
    for member in members:
        member.reads_event("said", text="back again")
    assert texts(programs, data) == ["one", "two", "back again"]
    assert texts(programs, copy) == ["one", "two"]
    server.drops()


def test_a_backup_that_cannot_be_made_is_told_of_in_one_line(programs: Programs, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    for arguments, line in (
        (["--data", str(tmp_path / "none.db")], f"There is no log at {tmp_path / 'none.db'}."),
        (["--data", ":memory:"], "A log in memory (--data :memory:) cannot be copied."),
    ):
        ended = programs.antechamber("backup", str(copy), *arguments)
        assert (ended.status, ended.stdout, ended.stderr) == (1, "", f"antechamber backup: {line}\n")
    assert not copy.exists()


def test_a_log_without_its_wal_is_told_of_at_the_start(programs: Programs, tmp_path: Path) -> None:
    config = toml(programs, {})
    data, lone = tmp_path / "chat.db", tmp_path / "lone.db"
    server = config.starts(data)
    [mary] = seats(programs, config.ports["general"], "Mary")
    mary.says("hello")
    mary.reads_event("said", text="hello")
    shutil.copy(data, lone)
    lone.chmod(0o600)
    server.drops()
    server = config.starts(lone)
    assert f"{lone}-wal was lost: what was said last may be missing" in server.tells("was copied while a server")
    server.drops()
    config.starts(data).drops()  # which has its own


def test_a_token_that_others_can_read_is_told_of(programs: Programs, tmp_path: Path) -> None:
    config = toml(programs, {})
    config.path.write_text(f'operator_token = "{TOKEN}"\n{config.path.read_text()}')
    told = "has the operator token, and other users of this machine can read it: chmod 600 "
    for mode, is_told in ((0o644, True), (0o640, True), (0o604, True), (0o600, False)):
        config.path.chmod(mode)
        checked = programs.antechamber("check-config", str(config.path))
        assert checked.status == 0
        assert (f"{told}{config.path}" in checked.stderr) == is_told
        assert TOKEN not in checked.stderr + checked.stdout
    config.path.chmod(0o644)
    server = config.starts(tmp_path / "chat.db")
    server.tells(told)
    server.drops()


def test_what_the_server_makes_is_private_under_any_umask(programs: Programs, tmp_path: Path) -> None:
    config = toml(programs, {})
    for umask in (0, 0o777):
        data = tmp_path / f"of-{umask}" / "chat.db"
        run = f"import os, sys; os.umask({umask}); os.execvp(sys.executable, [sys.executable, *sys.argv[1:]])"
        launcher = ["-c", run, str(CHECKOUT / "chatserver.py"), "--data", str(data)]
        server = programs.start_server(*launcher, config=config.path, ports=config.ports)
        seats(programs, config.ports["general"], "Mary")  # who gets in once the log is open
        assert stat.S_IMODE(data.parent.stat().st_mode) == 0o700
        assert {stat.S_IMODE((data.parent / name).stat().st_mode) for name in os.listdir(data.parent)} == {0o600}
        server.drops()
