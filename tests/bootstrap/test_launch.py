"""Starting from a checkout: the right packages for this Python, or a line that says why not."""

import importlib
import sys
from pathlib import Path

import pytest

from antechamber.bootstrap.launch import Environment, add_folders, prepare


def whole(root: Path) -> Environment:
    """Make a checkout whose packages are as its lock file says."""
    environment = Environment(str(root), "requirements.lock")
    Path(environment.lock).write_text("one==1\n")
    Path(environment.folder).mkdir(parents=True)
    Path(environment.stamp).write_text("one==1\n")
    return environment


def test_whole_packages_go_on_the_path_behind_the_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = whole(tmp_path)
    monkeypatch.setattr(sys, "path", ["src", "python"])
    prepare(str(tmp_path))
    assert sys.path == ["src", environment.packages, "python"]


def test_nothing_is_imported_from_beside_the_launchers_where_received_files_land(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = whole(tmp_path)
    monkeypatch.setattr(sys, "path", ["src", str(tmp_path), f"{tmp_path}/.", "python"])
    prepare(str(tmp_path))
    assert sys.path == ["src", environment.packages, "python"]


def test_folders_of_the_checkout_are_packages_without_the_rest_of_it(tmp_path: Path) -> None:
    (tmp_path / "some_folder").mkdir()
    (tmp_path / "some_folder" / "inner.py").write_text("WORD = 'inner'")
    (tmp_path / "outer.py").touch()
    before = sys.path.copy()
    add_folders(str(tmp_path), "some_folder")
    assert importlib.import_module("some_folder.inner").WORD == "inner"
    assert sys.path == before
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("outer")


def test_packages_of_another_lock_are_not_whole(tmp_path: Path) -> None:
    environment = whole(tmp_path)
    assert environment.is_whole()
    Path(environment.lock).write_text("one==2\n")
    assert not environment.is_whole()


@pytest.mark.parametrize("missing", ["stamp", "lock"])
def test_packages_are_not_whole_where_a_file_is_missing(tmp_path: Path, missing: str) -> None:
    environment = whole(tmp_path)
    Path(getattr(environment, missing)).unlink()
    assert not environment.is_whole()


def test_each_kind_of_python_and_each_lock_has_packages_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    folders = {Environment("/x", "requirements.lock").folder, Environment("/x", "requirements-dev.lock").folder}
    monkeypatch.setattr(sys.implementation, "cache_tag", "cpython-399")
    folders.add(Environment("/x", "requirements.lock").folder)
    monkeypatch.setattr(sys, "abiflags", "t")
    free_threaded = Environment("/x", "requirements.lock")
    folders.add(free_threaded.folder)
    assert len(folders) == 4
    assert all(folder.startswith("/x/.venv/requirements") for folder in folders)
    assert free_threaded.packages.endswith(f"/lib/python{sys.version_info[0]}.{sys.version_info[1]}t/site-packages")


def test_a_python_that_is_too_old_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 9))
    with pytest.raises(SystemExit) as exit_:
        prepare("/nowhere")
    told = "antechamber: this is Python 3.10; at least 3.11 is needed (try python3.11 or a newer one)"
    assert exit_.value.code == told
