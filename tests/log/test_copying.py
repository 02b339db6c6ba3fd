"""A copy of a log is whole, alone, checked and private, whatever a server does meanwhile."""

import os
import shutil
import sqlite3
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from antechamber.log import LogError, Snapshot, copying
from antechamber.log.copying import copy_log
from antechamber.log.reader import LogReader, open_for_reading
from antechamber.log.sqlite import SqliteLog
from tests.log.looking import make_older, settle

if TYPE_CHECKING:
    from tests.log.conftest import Turns


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Give the path of a copy that is not there yet."""
    folder = tmp_path / "copies"
    folder.mkdir(mode=0o700)
    return folder / "copy.db"


def said(path: Path, channel: str = "Gaming") -> list[str | None]:
    """Return what was said, as a reader has it."""
    reader = LogReader(path)
    try:
        return [kept.chat for kept in reader.latest(channel, 1_000_000)]
    finally:
        reader.close()


def alone(copy: Path) -> bool:
    """Say whether there is the copy in its folder and nothing else, for its owner alone."""
    return os.listdir(copy.parent) == [copy.name] and stat.S_IMODE(copy.stat().st_mode) == 0o600


@pytest.mark.parametrize("umask", [0, 0o022, 0o777])
def test_a_log_is_copied_while_its_server_runs_with_what_only_its_wal_has(
    path: Path, copy: Path, sqlite_log: SqliteLog, turns: "Turns", umask: int
) -> None:
    sqlite_log.append([turns.batch("Gaming", "one", "two"), turns.batch("Movies", "else")])
    settle(sqlite_log)
    sqlite_log.append([turns.batch("Gaming", "three")])
    before = os.umask(umask)
    try:
        assert copy_log(str(path), str(copy)) == []
    finally:
        os.umask(before)
    assert alone(copy)
    assert said(copy) == ["one", "two", "three"]
    assert said(copy, "Movies") == ["else"]
    sqlite_log.append([turns.batch("Gaming", "four")])
    assert said(copy) == ["one", "two", "three"]


def test_a_server_goes_on_with_a_copy_as_with_the_log(
    path: Path, copy: Path, sqlite_log: SqliteLog, turns: "Turns"
) -> None:
    sqlite_log.append([turns.batch("Gaming", "one")])
    sqlite_log.keep_snapshot("Gaming", Snapshot(1, b"state"))
    copy_log(str(path), str(copy))
    restored = SqliteLog(copy, tick_seconds=None)
    assert restored.warnings == []
    assert restored.secret() == sqlite_log.secret()
    assert restored.snapshot("Gaming") == Snapshot(1, b"state")
    assert list(restored.read_from("Gaming", 1)) == turns.entries["Gaming"]
    restored.append([turns.batch("Gaming", "two")])
    restored.close()
    assert said(copy) == ["one", "two"]


@pytest.mark.parametrize("end", ["closed", "killed"])
def test_a_log_is_copied_after_its_server_ended(
    path: Path, copy: Path, tmp_path: Path, turns: "Turns", end: str
) -> None:
    log = SqliteLog(path, tick_seconds=None)
    log.append([turns.batch("Gaming", "one")])
    settle(log)
    log.append([turns.batch("Gaming", "two")])
    left = tmp_path / "left" / path.name
    shutil.copytree(path.parent, left.parent, ignore=shutil.ignore_patterns("copies", "left"))
    log.close()
    assert copy_log(str(path if end == "closed" else left), str(copy)) == []
    assert alone(copy)
    assert said(copy) == ["one", "two"]
    assert SqliteLog(copy, tick_seconds=None).warnings == []


def test_a_copy_is_of_one_moment_though_much_is_kept_meanwhile(
    path: Path, copy: Path, sqlite_log: SqliteLog, turns: "Turns", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "PAGES_A_STEP", 4)
    for _ in range(50):
        sqlite_log.append([turns.batch("Gaming", "before " * 200)])
    steps: list[int] = []

    class Busy(sqlite3.Connection):
        def backup(self, *arguments: object, **options: object) -> None:
            def busy(*_: int) -> None:
                steps.append(1)
                sqlite_log.append([turns.batch("Gaming", "after " * 200)])
                if len(steps) % 10 == 0:
                    sqlite_log.maintenance.tick()

            super().backup(*arguments, progress=busy, **options)  # type: ignore[arg-type]

    real = open_for_reading

    def busy_source(path: str) -> tuple[sqlite3.Connection, int]:
        source, version = real(path)
        source.close()
        return sqlite3.connect(f"file:{path}?mode=ro", uri=True, factory=Busy, isolation_level=None), version

    monkeypatch.setattr(copying, "open_for_reading", busy_source)
    copy_log(str(path), str(copy))
    assert len(steps) > 10
    assert {text.split()[0] for text in said(copy) if text} == {"before"}
    assert len(said(path)) == 50 + len(steps)


def test_nothing_is_overwritten(path: Path, copy: Path, sqlite_log: SqliteLog, tmp_path: Path) -> None:
    copy.write_bytes(b"mine")
    with pytest.raises(LogError, match=r"There is a .*copy.db already: name another file, or move it away"):
        copy_log(str(path), str(copy))
    assert copy.read_bytes() == b"mine"
    assert os.listdir(copy.parent) == [copy.name]
    copy.unlink()
    copy.symlink_to(tmp_path / "nowhere")
    with pytest.raises(LogError, match="already"):
        copy_log(str(path), str(copy))
    for itself in (path, f"{path}-wal", tmp_path):
        with pytest.raises(LogError, match="already"):
            copy_log(str(path), str(itself))


def test_what_comes_to_stand_there_meanwhile_is_not_overwritten_either(
    path: Path, copy: Path, sqlite_log: SqliteLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = copying._check_copy

    def check(path: str, half: str) -> None:
        real(path, half)
        copy.write_bytes(b"mine")

    monkeypatch.setattr(copying, "_check_copy", check)
    with pytest.raises(LogError, match="already"):
        copy_log(str(path), str(copy))
    assert copy.read_bytes() == b"mine"
    assert os.listdir(copy.parent) == [copy.name]


def test_where_there_is_no_log_or_no_folder_there_is_no_copy(path: Path, copy: Path, tmp_path: Path) -> None:
    with pytest.raises(LogError, match="There is no log at "):
        copy_log(str(path), str(copy))
    SqliteLog(path, tick_seconds=None).close()
    with pytest.raises(LogError, match=r"There is no folder .*: make it, or name a file elsewhere"):
        copy_log(str(path), str(tmp_path / "none" / "copy.db"))
    path.write_bytes(b"something else" * 1_000)
    with pytest.raises(LogError, match="it is not an antechamber log"):
        copy_log(str(path), str(copy))
    assert os.listdir(copy.parent) == []


def test_a_log_that_is_damaged_is_not_copied(path: Path, copy: Path, turns: "Turns") -> None:
    log = SqliteLog(path, tick_seconds=None)
    for _ in range(100):
        log.append([turns.batch("Gaming", "hello " * 100)])
    log.close()
    whole = path.read_bytes()
    path.write_bytes(whole[:60_000] + b"garbage!" * 1_000 + whole[68_000:])
    with pytest.raises(LogError, match=f"The log {path} is damaged .*, so no copy was made|{path} cannot be used"):
        copy_log(str(path), str(copy))
    assert os.listdir(copy.parent) == []


def test_damage_anywhere_is_found_or_does_no_harm(path: Path, copy: Path, turns: "Turns") -> None:
    log = SqliteLog(path, tick_seconds=None)
    log.append([turns.batch("Gaming", "hello " * 100)])
    settle(log)
    log.close()
    whole = path.read_bytes()
    made = 0
    for begin in range(0, len(whole), 2_048):
        path.write_bytes(whole[:begin] + b"garbage!" * 256 + whole[begin + 2_048 :])
        try:
            copy_log(str(path), str(copy))
        except LogError as error:
            assert str(path) in str(error) or str(copy) in str(error)
            assert os.listdir(copy.parent) == []
        else:
            made += 1
            SqliteLog(copy, tick_seconds=None).close()
            copy.unlink()
    assert made < len(whole) / 2_048 / 2


@pytest.mark.parametrize(
    ("code", "whose", "words"),
    [
        (sqlite3.SQLITE_FULL, "copy.db.part-", "the disk is full: make room on it"),
        (sqlite3.SQLITE_CORRUPT, "antechamber.db", "it is damaged"),
    ],
)
@pytest.mark.parametrize("when", ["copied", "checked"])
def test_what_fails_while_it_is_copied_is_told_of_whose_it_is(
    path: Path,
    copy: Path,
    sqlite_log: SqliteLog,
    monkeypatch: pytest.MonkeyPatch,
    code: int,
    whose: str,
    words: str,
    when: str,
) -> None:
    def fails(*_: object) -> bool:
        error = sqlite3.OperationalError("it failed")
        error.sqlite_errorcode = code
        raise error

    monkeypatch.setattr(copying, {"copied": "is_whole", "checked": "check_alone"}[when], fails)
    monkeypatch.setattr(copying, "_is_used", lambda _: False)
    with pytest.raises(LogError, match=f"{whose}.* cannot be used: {words}"):
        copy_log(str(path), str(copy))
    assert os.listdir(copy.parent) == []


def test_a_disk_that_is_full_leaves_no_half_of_a_copy(
    path: Path, copy: Path, sqlite_log: SqliteLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(copying, "_sync", full)
    with pytest.raises(LogError, match=r"copy.db cannot be used: the disk is full: make room on it"):
        copy_log(str(path), str(copy))
    assert os.listdir(copy.parent) == []


def test_a_log_of_an_older_version_is_copied_as_it_is(path: Path, copy: Path, turns: "Turns") -> None:
    log = SqliteLog(path, tick_seconds=None)
    log.append([turns.batch("Gaming", "one")])
    log.close()
    make_older(path, 5)
    assert copy_log(str(path), str(copy)) == []
    assert said(copy) == ["one"]
    assert SqliteLog(copy, tick_seconds=None).warnings == []


# A log without its write-ahead log


def test_a_log_that_was_copied_without_its_wal_says_so_once(
    path: Path, tmp_path: Path, sqlite_log: SqliteLog, turns: "Turns"
) -> None:
    sqlite_log.append([turns.batch("Gaming", "one")])
    lone = tmp_path / "lone.db"
    shutil.copy(path, lone)
    os.chmod(lone, 0o600)
    log = SqliteLog(lone, tick_seconds=None)
    assert len(log.warnings) == 1
    assert f"{lone}-wal was lost: what was said last may be missing" in log.warnings[0]
    log.close()
    log = SqliteLog(lone, tick_seconds=None)
    assert log.warnings == []
    log.close()


def test_a_copy_of_a_log_that_lost_its_wal_says_so(
    path: Path, copy: Path, tmp_path: Path, sqlite_log: SqliteLog, turns: "Turns"
) -> None:
    lone = tmp_path / "lone.db"
    shutil.copy(path, lone)
    [told] = copy_log(str(lone), str(copy))
    assert "what was said last may be missing" in told


def test_what_a_reader_leaves_beside_a_log_that_lost_its_wal_is_no_wal(
    path: Path, copy: Path, tmp_path: Path, sqlite_log: SqliteLog, turns: "Turns"
) -> None:
    sqlite_log.append([turns.batch("Gaming", "one")])
    lone = tmp_path / "lone.db"
    shutil.copy(path, lone)
    os.chmod(lone, 0o600)
    reader, _ = open_for_reading(str(lone))
    reader.close()
    assert os.path.getsize(f"{lone}-wal") == 0
    for told in (copy_log(str(lone), str(copy)), SqliteLog(lone, tick_seconds=None).warnings):
        assert len(told) == 1
        assert f"{lone}-wal was lost: what was said last may be missing" in told[0]


@pytest.mark.parametrize("wal", ["as it was", "cut"])
def test_a_log_that_was_killed_with_its_wal_is_whole(
    path: Path, tmp_path: Path, sqlite_log: SqliteLog, turns: "Turns", wal: str
) -> None:
    sqlite_log.append([turns.batch("Gaming", "one")])
    if wal == "cut":
        assert sqlite_log.maintenance.wal.cut()
    left = tmp_path / "left.db"
    for end in ("", "-wal"):
        shutil.copy(f"{path}{end}", f"{left}{end}")
    log = SqliteLog(left, tick_seconds=None)
    assert log.warnings == []
    assert len(list(log.read_from("Gaming", 1))) == 1
    log.close()


def test_a_log_that_was_closed_needs_no_wal_also_where_somebody_read_it_meanwhile(path: Path, turns: "Turns") -> None:
    for text in ("one", "two"):
        log = SqliteLog(path, tick_seconds=None)
        assert log.warnings == []
        log.append([turns.batch("Gaming", text)])
        reader = LogReader(path)
        log.close()
        reader.close()
    assert said(path) == ["one", "two"]
