"""`./check` itself, on a small checkout: the real script and config with a little to check."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.processes.received import receive

ROOT = Path(__file__).parent.parent.parent
PYTHON = Path(sys.base_prefix, "bin", f"python{sys.version_info[0]}.{sys.version_info[1]}")
FILES = [
    *(
        "check",
        "pyproject.toml",
        "requirements.lock",
        "requirements-terminal.lock",
        "requirements-dev.lock",
        "tests/conftest.py",
    ),
    *("chatserver.py", "chatclient.py", "antechamber"),
    *(f"src/antechamber/bootstrap/{name}.py" for name in ("__init__", "launch", "first_run")),
]
MAIN = '''"""What the launchers run."""


def chatserver() -> int:
    """Run nothing."""
    return 0


def chatclient(home: str) -> int:
    """Run nothing."""
    return len(home)
'''
SEATS = '''"""What is covered whole."""


def is_free(seats: int, seated: int) -> bool:
    """Say whether a seat is free."""
    return seated < seats
'''
TESTS = '''"""What is tested."""

import signal
import subprocess
import sys

import pytest

from antechamber.channel.seats import is_free
from bench.table import ROWS


def test_a_seat_is_free() -> None:
    assert is_free(1, 0)
    assert ROWS == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGTERM])
def test_a_process_of_a_test_dies_of_a_signal(number: int) -> None:
    code = f"import os, signal; os.kill(os.getpid(), {int(number)}); signal.pause()"
    died = subprocess.run([sys.executable, "-c", code], capture_output=True, stdin=subprocess.DEVNULL, check=False)
    assert died.returncode == -number
'''


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Make a small checkout that is set up: it has the real one's packages."""
    root = tmp_path / "a checkout"
    for name in FILES:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, path)
    package = root / "src" / "antechamber"
    (package / "__init__.py").write_text('"""A small package."""\n')
    (package / "__main__.py").write_text(MAIN)
    (package / "channel").mkdir()
    (package / "channel" / "__init__.py").write_text('"""A small package."""\n')
    (package / "channel" / "seats.py").write_text(SEATS)
    for folder in ("bench", "docs"):
        (root / folder).mkdir()
    (root / "bench" / "table.py").write_text('"""What tests share with benches."""\n\nROWS = 1\n')
    (root / "tests" / "channel").mkdir()
    (root / "tests" / "channel" / "test_seats.py").write_text(TESTS)
    (root / ".venv").symlink_to(ROOT / ".venv")
    return root


def check(checkout: Path, stdin: int | None = subprocess.DEVNULL, begin: Callable[[], None] | None = None) -> str:
    """Run it to its end; return what it says, if all is well."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST", "COV"))}
    done = subprocess.run(
        ["bash", str(checkout / "check")],
        cwd=checkout,
        env=own | {"PYTHON": str(PYTHON)},
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=begin,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def ignore_signals_and_close_stdin() -> None:
    """Be as one is in the background and under `nohup`, and more than that."""
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    os.close(0)


def test_received_files_have_no_part_in_a_check(checkout: Path) -> None:
    receive(checkout)
    assert "5 passed" in check(checkout)


def test_a_check_passes_in_the_background_with_no_standard_input(checkout: Path) -> None:
    assert "5 passed" in check(checkout, stdin=None, begin=ignore_signals_and_close_stdin)
