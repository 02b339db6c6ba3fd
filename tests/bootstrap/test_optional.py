"""The optional packages: there already, installed when they are needed, or a reason in words."""

import importlib.util
import sys
from pathlib import Path

import pytest

from antechamber.bootstrap import first_run
from antechamber.bootstrap.launch import Environment
from antechamber.bootstrap.optional import TERMINAL_LOCK, terminal_library_problem


@pytest.fixture
def _without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.delitem(sys.modules, "prompt_toolkit", raising=False)
    monkeypatch.setattr(sys, "path", ["src", "python"])


@pytest.fixture
def checkout(tmp_path: Path) -> Environment:
    environment = Environment(str(tmp_path), TERMINAL_LOCK)
    Path(environment.lock).write_text("one==1\n")
    return environment


def test_a_library_that_is_installed_with_the_program_needs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "prompt_toolkit", raising=False)
    assert terminal_library_problem(str(tmp_path)) == ""
    assert list(tmp_path.iterdir()) == []


def test_in_a_checkout_another_version_of_this_python_does_not_count(
    checkout: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "prompt_toolkit", raising=False)
    monkeypatch.setattr(sys, "path", sys.path.copy())
    Path(checkout.folder).mkdir(parents=True)
    Path(checkout.stamp).write_bytes(Path(checkout.lock).read_bytes())
    assert terminal_library_problem(str(Path(checkout.lock).parent)) == ""
    assert sys.path[1] == checkout.packages


def test_a_library_that_is_in_use_is_ready(checkout: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "prompt_toolkit", importlib.util)
    assert terminal_library_problem(str(Path(checkout.lock).parent)) == ""


@pytest.mark.usefixtures("_without_the_library")
def test_an_installed_program_without_it_says_what_to_install(tmp_path: Path) -> None:
    assert terminal_library_problem(str(tmp_path)) == (
        "prompt_toolkit is not installed (pip install 'antechamber[terminal]')"
    )


@pytest.mark.usefixtures("_without_the_library")
def test_a_checkout_installs_it_once_and_puts_it_behind_the_source(
    checkout: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = []

    def set_up(lock: str, folder: str, packages: str, stamp: str, purpose: str) -> None:
        installed.append(purpose)
        Path(folder).mkdir(parents=True)
        Path(stamp).write_bytes(Path(lock).read_bytes())

    monkeypatch.setattr(first_run, "set_up", set_up)
    assert [terminal_library_problem(str(Path(checkout.lock).parent)) for _ in "ab"] == ["", ""]
    assert installed == ["the terminal app"]
    assert sys.path == ["src", checkout.packages, checkout.packages, "python"]


@pytest.mark.usefixtures("_without_the_library")
def test_an_installation_that_fails_is_a_reason_and_not_the_end(
    checkout: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def set_up(*_: str) -> None:
        raise first_run.SetUpError("the network is away")

    monkeypatch.setattr(first_run, "set_up", set_up)
    assert terminal_library_problem(str(Path(checkout.lock).parent)) == "the network is away"
    assert sys.path == ["src", "python"]


def test_the_lock_of_this_checkout_is_found() -> None:
    assert Path(__file__).parents[2].joinpath(TERMINAL_LOCK).is_file()
