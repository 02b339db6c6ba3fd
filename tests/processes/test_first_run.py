"""The first run of a launcher, with the real pip, on a small checkout whose one package lies in a folder.

Where a test needs pip to be at a certain point, a `pip` that waits at it stands in: it tells that it has begun through
one pipe, and goes on at the end of another.
"""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.processes.received import receive

ROOT = Path(__file__).parent.parent.parent
PYTHON = Path(sys.base_prefix, "bin", f"python{sys.version_info[0]}.{sys.version_info[1]}")
SETTING_UP = "antechamber: setting .venv up (the first start does, and one after an update); this takes some seconds\n"
WAITING = "antechamber: waiting for another start, which sets .venv up\n"
NO_PIP = (
    "antechamber: this Python has no pip (on Debian and Ubuntu: apt install python3-pip), and the set-up needs it\n"
)
MAIN = """
import sys

def chatserver():
    import tiny
    print("server", tiny.VERSION, *sys.argv[1:], "subprocess" in sys.modules)
    return 3

def chatclient(home):
    import tiny
    print("client", tiny.VERSION, home, sys.stdin.read().strip())
    return 4

def main():
    import tiny
    print("antechamber", tiny.VERSION)
    return 5
"""
WAITING_PIP = """
import os, sys

with open("{pipes}/begun", "w"):
    pass
with open("{pipes}/go") as go:
    go.read()
del os.environ["PYTHONPATH"]
os.execv(sys.executable, [sys.executable, "-m", "pip", *sys.argv[1:]])
"""


class Checkout:
    """A checkout in a folder of its own, its launchers' processes, and the pip that waits."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = folder / "checkout"
        self.elsewhere = folder / "elsewhere"
        self.elsewhere.mkdir()
        package = self.root / "src" / "antechamber"
        (package / "bootstrap").mkdir(parents=True)
        for path in ("chatserver.py", "chatclient.py", "antechamber"):
            shutil.copy(ROOT / path, self.root)
        for path in ("__init__.py", "bootstrap/__init__.py", "bootstrap/launch.py", "bootstrap/first_run.py"):
            shutil.copy(ROOT / "src" / "antechamber" / path, package / path)
        (package / "__main__.py").write_text(MAIN)
        self.lock = self.root / "requirements.lock"
        self.need("1")
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHON"))
        }
        self.environment |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(folder), "PIP_CONFIG_FILE": os.devnull}
        self.environment |= {"PYTHONDONTWRITEBYTECODE": "1"}
        self.running: list[subprocess.Popen[str]] = []

    def need(self, version: str) -> None:
        """Lock the package at `version`, which is built."""
        self.lock.write_text(self.pin("tiny", version))

    def pin(self, name: str, version: str, *fields: str) -> str:
        """Build a package that may be got from then on, `fields` in its metadata; return the lock's line for it."""
        wheel = self.folder / f"{name}-{version}-py3-none-any.whl"
        metadata = "\n".join(("Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", *fields, ""))
        with zipfile.ZipFile(wheel, "w") as history_queries:
            history_queries.writestr(f"{name}.py", f"VERSION = {version!r}\n")
            history_queries.writestr(f"{name}-{version}.dist-info/METADATA", metadata)
            history_queries.writestr(
                f"{name}-{version}.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
            )
            history_queries.writestr(f"{name}-{version}.dist-info/RECORD", "")
        return f"{name}=={version} --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n"

    def let_pip_wait(self) -> dict[str, str]:
        """Return the environment of a start whose pip waits."""
        stand_in = self.folder / "stand-in" / "pip"
        stand_in.mkdir(parents=True)
        for pipe in ("begun", "go"):
            os.mkfifo(self.folder / pipe)
        (stand_in / "__init__.py").touch()
        (stand_in / "__main__.py").write_text(WAITING_PIP.format(pipes=self.folder))
        return self.environment | {"PYTHONPATH": str(stand_in.parent)}

    def wait_for_pip(self) -> None:
        (self.folder / "begun").read_text()

    def let_pip_go_on(self) -> None:
        (self.folder / "go").write_text("")

    def start(self, *arguments: str, environment: dict[str, str] | None = None) -> subprocess.Popen[str]:
        command = [str(PYTHON), *(arguments or ("../checkout/chatserver.py", "x"))]
        process = subprocess.Popen(
            command,
            cwd=self.elsewhere,
            env=environment or self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.running.append(process)
        return process

    def run(self, *arguments: str) -> tuple[int, str, str]:
        return ended(self.start(*arguments), "typed\n")

    @property
    def started(self) -> str:
        """What the server says that runs with version 1 and was not set up by this start."""
        return "server 1 x False\n"

    @property
    def set_up(self) -> str:
        """What the server says that runs with version 1 and was set up by this start."""
        return "server 1 x True\n"


def ended(process: subprocess.Popen[str], typed: str = "") -> tuple[int, str, str]:
    out, err = process.communicate(typed)
    return process.returncode, out, err


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Checkout]:
    """Make a checkout that nobody has started yet."""
    checkout = Checkout(tmp_path.resolve())
    yield checkout
    for process in checkout.running:
        process.kill()
        process.communicate()


def test_the_first_run_sets_up_and_goes_on_and_later_ones_just_start(checkout: Checkout) -> None:
    (checkout.elsewhere / "pip.py").write_text("raise SystemExit('the pip of the current folder was run')")
    assert checkout.run() == (3, checkout.set_up, SETTING_UP)
    assert checkout.run() == (3, checkout.started, "")
    client = str(checkout.root / "chatclient.py")
    assert checkout.run(client) == (4, f"client 1 {checkout.root} typed\n", "")
    compiled = {path.name.partition(".")[0] for path in checkout.root.rglob("*.pyc")}
    assert {"tiny", "launch", "__main__"} <= compiled, "where Python is told to write none, too: starts are many"


@pytest.mark.parametrize("options", [(), ("-P",), ("-X", "frozen_modules=off")])
def test_received_files_are_never_imported_whatever_they_are_called(checkout: Checkout, options: Sequence[str]) -> None:
    for folder in (checkout.root, checkout.elsewhere):
        receive(folder)
    assert checkout.run(*options, "../checkout/chatserver.py", "x") == (3, checkout.set_up, SETTING_UP)
    assert checkout.run(*options, "../checkout/chatserver.py", "x") == (3, checkout.started, "")
    assert checkout.run(*options, "../checkout/chatclient.py") == (4, f"client 1 {checkout.root} typed\n", "")
    assert checkout.run(*options, "../checkout/antechamber") == (5, "antechamber 1\n", "")


def test_received_files_are_not_imported_where_the_path_names_their_folder(checkout: Checkout) -> None:
    receive(checkout.root, "subprocess", "venv", "tiny")  # Python's own start imports what it needs before the launcher
    checkout.environment["PYTHONPATH"] = f"{checkout.root}/."
    assert checkout.run() == (3, checkout.set_up, SETTING_UP)
    assert checkout.run() == (3, checkout.started, "")


@pytest.mark.parametrize("launcher", ["chatserver.py", "chatclient.py", "antechamber"])
def test_received_files_are_not_imported_where_the_start_fails(checkout: Checkout, launcher: str) -> None:
    receive(checkout.root)
    bare = ("-S", "-X", "frozen_modules=off", f"../checkout/{launcher}")
    assert checkout.run(*bare) == (1, "", SETTING_UP + NO_PIP)


def test_the_first_run_of_the_client_keeps_what_is_typed(checkout: Checkout) -> None:
    link = checkout.elsewhere / "chat"
    link.symlink_to(checkout.root / "chatclient.py")
    assert checkout.run(str(link)) == (4, f"client 1 {checkout.root} typed\n", SETTING_UP)


def test_another_lock_is_set_up_anew(checkout: Checkout) -> None:
    checkout.run()
    checkout.need("2")
    assert checkout.run() == (3, "server 2 x True\n", SETTING_UP)
    assert len(list(checkout.root.glob(".venv/**/site-packages/tiny-*"))) == 1


@pytest.mark.parametrize("wanted", ["part>=1", "part[more]>=1", "elsewhere"])
def test_what_is_published_later_is_nothing_to_the_set_up(checkout: Checkout, wanted: str) -> None:
    pins = checkout.pin("tiny", "1", f"Requires-Dist: {wanted}") + checkout.pin("part", "1", "Provides-Extra: more")
    checkout.lock.write_text(pins)
    checkout.pin("part", "2", "Provides-Extra: more")
    checkout.pin("elsewhere", "1")
    assert checkout.run() == (3, checkout.set_up, SETTING_UP)
    installed = sorted(path.name for path in checkout.root.glob(".venv/**/site-packages/*.dist-info"))
    assert installed == ["part-1.dist-info", "tiny-1.dist-info"]


def test_a_package_that_is_not_the_locked_one_is_refused_and_the_next_run_heals(checkout: Checkout) -> None:
    good = checkout.lock.read_text()
    checkout.lock.write_text(good.partition("sha256:")[0] + "sha256:" + "0" * 64 + "\n")
    for _ in range(2):  # what failed is not taken for whole
        status, out, err = checkout.run()
        assert (status, out) == (1, "")
        assert err.startswith(SETTING_UP)
        assert "THESE PACKAGES DO NOT MATCH THE HASHES" in err
        assert err.endswith(
            "\nantechamber: pip could not install the packages (see above; is the network there?); "
            "mend it and start again\n"
        )
    checkout.lock.write_text(good)
    assert checkout.run() == (3, checkout.set_up, SETTING_UP)


def test_two_first_runs_at_one_moment_set_up_once(checkout: Checkout) -> None:
    one = checkout.start(environment=checkout.let_pip_wait())
    checkout.wait_for_pip()
    other = checkout.start()
    assert other.stderr is not None
    assert other.stderr.readline() == WAITING
    checkout.let_pip_go_on()
    assert ended(one, "typed\n") == (3, checkout.set_up, SETTING_UP)
    assert ended(other, "typed\n") == (3, checkout.set_up, "")


def test_a_set_up_that_was_killed_is_begun_anew_when_its_pip_has_ended(checkout: Checkout) -> None:
    one = checkout.start(environment=checkout.let_pip_wait())
    checkout.wait_for_pip()
    one.kill()
    other = checkout.start()
    assert other.stderr is not None
    assert other.stderr.readline() == WAITING
    checkout.let_pip_go_on()
    assert ended(other, "typed\n") == (3, checkout.set_up, SETTING_UP)


def test_a_set_up_that_was_interrupted_is_begun_anew(checkout: Checkout) -> None:
    one = checkout.start(environment=checkout.let_pip_wait())
    checkout.wait_for_pip()
    one.send_signal(signal.SIGINT)
    assert ended(one) == (1, "", SETTING_UP + "antechamber: interrupted; the next start sets up anew\n")
    assert checkout.run() == (3, checkout.set_up, SETTING_UP)


def test_without_pip_the_remedy_is_told(checkout: Checkout) -> None:
    without_packages = ("-S", "../checkout/chatserver.py")
    assert checkout.run(*without_packages) == (1, "", SETTING_UP + NO_PIP)


def test_without_a_lock_file_the_remedy_is_told(checkout: Checkout) -> None:
    checkout.lock.unlink()
    told = f"antechamber: {checkout.lock} is missing (clone the project anew)\n"
    assert checkout.run() == (1, "", SETTING_UP + told)


def test_where_nothing_can_be_written_the_remedy_is_told(checkout: Checkout) -> None:
    in_the_way = checkout.root / ".venv"
    in_the_way.touch()  # the superuser may write everywhere else
    told = f"antechamber: cannot set up {in_the_way}: File exists (make it writable, or copy the project elsewhere)\n"
    assert checkout.run() == (1, "", told)
