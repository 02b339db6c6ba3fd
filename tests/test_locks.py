"""The lock files: what pyproject.toml asks for, each with its hashes, from wherever pip gets its packages."""

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.metadata import requires, version
from itertools import product
from pathlib import Path

import pytest
from packaging.markers import Marker, default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PIN = re.compile(
    r"^([a-z0-9-]+)==([0-9][0-9a-z.]*)( ; [^\\]+)? \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", re.M
)
PYPROJECT = tomllib.loads(ROOT.joinpath("pyproject.toml").read_text(encoding="utf-8"))
RUN: list[str] = PYPROJECT["project"]["dependencies"]
DEV: list[str] = PYPROJECT["project"]["optional-dependencies"]["dev"]
TERMINAL: list[str] = PYPROJECT["project"]["optional-dependencies"]["terminal"]
LOCKS = pytest.mark.parametrize("name", ["requirements.lock", "requirements-terminal.lock", "requirements-dev.lock"])
ASKED = pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("requirements.lock", RUN),
        ("requirements-terminal.lock", TERMINAL),
        ("requirements-dev.lock", RUN + TERMINAL + DEV),
    ],
    ids=["run", "terminal", "dev"],
)
PYTHONS = ("3.11.0", "3.12.0", "3.13.0", "3.14.0", "3.15.0", "3.99.0")
SYSTEMS = (("linux", "Linux"), ("darwin", "Darwin"), ("freebsd14", "FreeBSD"))
MACHINES = ("x86_64", "aarch64", "armv7l")


def lock(name: str) -> str:
    return ROOT.joinpath(name).read_text(encoding="utf-8")


def pins(name: str) -> dict[str, str]:
    return {pin[1]: pin[2] for pin in PIN.finditer(lock(name))}


def environments() -> list[dict[str, str]]:
    """Return what markers see on every kind of machine that the programs are for."""
    here = {key: str(value) for key, value in default_environment().items()}
    return [
        here
        | {"python_version": python.rpartition(".")[0], "python_full_version": python, "implementation_version": python}
        | {"sys_platform": platform, "platform_system": system, "os_name": "posix", "platform_machine": machine}
        for python, (platform, system), machine in product(PYTHONS, SYSTEMS, MACHINES)
    ]


parsed = cache(Requirement)
requires_of = cache(requires)


def unmet(asked: Sequence[str], lock: str, environment: dict[str, str]) -> set[str]:
    """Return the requirements that no pin of `lock` meets: those `asked`, and of every package that they bring along.

    What a package requires is read from the one that is installed, which is the pinned one.
    """
    pinned = {
        pin[1]: pin[2]
        for pin in PIN.finditer(lock)
        if not pin[3] or Marker(pin[3].removeprefix(" ; ").strip()).evaluate(environment)
    }
    faults = set()
    seen = set()
    todo = [(one, "") for one in asked]
    while todo:
        requirement, extra = todo.pop()
        wanted = parsed(requirement)
        if wanted.marker is not None and not wanted.marker.evaluate(environment | {"extra": extra}):
            continue
        name = canonicalize_name(wanted.name)
        if name not in pinned or not wanted.specifier.contains(pinned[name]):
            faults.add(requirement)
            continue
        assert version(name) == pinned[name]
        for one in {"", *wanted.extras}:
            if (name, one) not in seen:
                seen.add((name, one))
                todo += [(more, one) for more in requires_of(name) or ()]
    return faults


@ASKED
def test_a_lock_is_complete_so_that_nothing_is_resolved_beside_it(name: str, asked: list[str]) -> None:
    assert {fault for environment in environments() for fault in unmet(asked, lock(name), environment)} == set()


def test_a_lock_that_is_not_complete_is_told() -> None:
    whole = lock("requirements-dev.lock")
    newest = environments()[-1]
    without = PIN.sub(lambda pin: "" if pin[1] == "coverage" else pin[0], whole)
    assert unmet(RUN + DEV, without, newest) == {"coverage[toml]>=7.10.6"}
    too_old = whole.replace("coverage==", "coverage==7.0.")
    assert unmet(RUN + DEV, too_old, newest) == {"coverage[toml]>=7.10.6"}
    elsewhere = re.sub(r"^(execnet==[0-9.]+) ", r"\1 ; python_version < '3.12' ", whole, flags=re.M)
    assert unmet(RUN + DEV, elsewhere, environments()[0]) == set()
    assert unmet(RUN + DEV, elsewhere, newest) == {"execnet>=2.1"}
    assert unmet(["pytest-cov"], whole, newest) == set()
    assert unmet(["pytest-cov[testing]"], whole, newest)


@ASKED
def test_a_lock_pins_every_dependency_at_its_version(name: str, asked: list[str]) -> None:
    assert dict(one.split("==") for one in asked).items() <= pins(name).items()


def test_the_tools_run_with_the_packages_that_the_programs_run_with() -> None:
    programs = pins("requirements.lock") | pins("requirements-terminal.lock")
    assert programs.items() <= pins("requirements-dev.lock").items()


def test_the_build_uses_the_locked_backend() -> None:
    assert PYPROJECT["build-system"]["requires"] == [one for one in DEV if one.startswith("hatchling==")]


@LOCKS
def test_a_lock_has_pins_with_hashes_and_comments_and_nothing_else(name: str) -> None:
    rest = PIN.sub("", lock(name)).splitlines()
    assert [line for line in rest if not line.lstrip().startswith("#")] == []


@LOCKS
def test_a_lock_names_no_address_and_no_folder(name: str) -> None:
    assert not re.search(r"://|--(extra-)?index|--find-links|(^|[\s=])/", lock(name))
