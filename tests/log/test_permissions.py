"""What is said is for its owner's eyes: the folder, the log and all beside it, under any umask."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from antechamber.log.sqlite import SqliteLog


@contextmanager
def masked(umask: int) -> Iterator[None]:
    """Make files under this umask."""
    before = os.umask(umask)
    try:
        yield
    finally:
        os.umask(before)


def mode(path: Path | str) -> int:
    return stat.S_IMODE(os.stat(path).st_mode)


@pytest.mark.parametrize("umask", [0, 0o022, 0o077, 0o277, 0o777])
def test_what_we_make_is_private_under_any_umask(tmp_path: Path, umask: int) -> None:
    path = tmp_path / "state" / "deep" / "antechamber.db"
    with masked(umask):
        log = SqliteLog(path, tick_seconds=None)
        log.maintenance.tick()
    assert [mode(folder) for folder in (path.parent, path.parent.parent)] == [0o700, 0o700]
    assert {name: mode(path.parent / name) for name in os.listdir(path.parent)} == dict.fromkeys(
        (path.name, f"{path.name}-wal", f"{path.name}-shm", f"{path.name}-lock"), 0o600
    )
    assert log.warnings == []
    log.close()
    with masked(umask):
        log = SqliteLog(path, tick_seconds=None)
        assert log.warnings == []
        log.close()


def test_what_others_made_stays_as_it_is_and_its_owner_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "it is open"
    folder.mkdir()
    folder.chmod(0o775)
    path = folder / "antechamber.db"
    path.touch()
    path.chmod(0o644)
    log = SqliteLog(path, tick_seconds=None)
    assert (mode(folder), mode(path)) == (0o775, 0o644)
    tails = [f"chmod 700 '{folder}'", f"chmod 600 '{path}'", f"chmod 600 '{path}-wal'"]
    assert [warning.partition("is open to other users of this machine: ")[2] for warning in log.warnings] == tails
    log.close()
    path.chmod(0o600)
    for open_to, told in ((0o702, 1), (0o720, 1), (0o1777, 0), (0o755, 0), (0o711, 0), (0o700, 0)):
        folder.chmod(open_to)
        log = SqliteLog(path, tick_seconds=None)
        assert len(log.warnings) == told
        log.close()
