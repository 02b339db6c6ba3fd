"""The lock files: what pyproject.toml asks for, each with its hashes, from wherever pip gets its packages."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PIN = re.compile(
    r"^([a-z0-9-]+)==([0-9][0-9a-z.]*)( ; [^\\]+)? \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", re.M
)
PYPROJECT = tomllib.loads(ROOT.joinpath("pyproject.toml").read_text(encoding="utf-8"))
RUN: list[str] = PYPROJECT["project"]["dependencies"]
DEV: list[str] = PYPROJECT["project"]["optional-dependencies"]["dev"]
LOCKS = pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])


def lock(name: str) -> str:
    return ROOT.joinpath(name).read_text(encoding="utf-8")


def pins(name: str) -> dict[str, str]:
    return {pin[1]: pin[2] for pin in PIN.finditer(lock(name))}


@pytest.mark.parametrize(("name", "asked"), [("requirements.lock", RUN), ("requirements-dev.lock", RUN + DEV)])
def test_a_lock_pins_every_dependency_at_its_version(name: str, asked: list[str]) -> None:
    assert dict(one.split("==") for one in asked).items() <= pins(name).items()


def test_the_tools_run_with_the_packages_that_the_programs_run_with() -> None:
    assert pins("requirements.lock").items() <= pins("requirements-dev.lock").items()


def test_the_build_uses_the_locked_backend() -> None:
    assert PYPROJECT["build-system"]["requires"] == [one for one in DEV if one.startswith("hatchling==")]


@LOCKS
def test_a_lock_has_pins_with_hashes_and_comments_and_nothing_else(name: str) -> None:
    rest = PIN.sub("", lock(name)).splitlines()
    assert [line for line in rest if not line.lstrip().startswith("#")] == []


@LOCKS
def test_a_lock_names_no_address_and_no_folder(name: str) -> None:
    assert not re.search(r"://|--(extra-)?index|--find-links|(^|[\s=])/", lock(name))
