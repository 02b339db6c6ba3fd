"""The first start from a checkout: the packages that a lock file names, installed with pip into a folder of their own.

It needs Python and pip, no more: Debian's Python comes without `ensurepip`, so the virtual environment is made without
a pip of its own, and the one at hand installs into it. Nothing is written to standard output, which is the chat's.
"""

import compileall
import contextlib
import fcntl
import importlib.util
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path

_PIP_LINES_SHOWN = 6


class SetUpError(Exception):
    """The packages could not be installed. Its text is one line, for people: what is wrong and how to mend it."""


def set_up(lock: str, folder: str, packages: str, stamp: str, purpose: str = "") -> None:
    """Install what the file `lock` names into `packages`, which is in the virtual environment `folder`.

    `stamp` is made last, a copy of `lock`, so a set-up that was broken off at any instant is begun anew by the next
    start. Two starts at one moment: one sets up, the other waits for it. `purpose` is told with the wait: what the
    packages are for, "" for the program itself.
    Raises SetUpError where it cannot be done.
    """
    try:
        with _alone(Path(folder).parent) as lock_descriptor:
            if not _equal(Path(stamp), Path(lock)):
                what = purpose or ".venv"
                _tell(f"setting {what} up (the first start does, and one after an update); this takes some seconds")
                _install(Path(lock), Path(folder), Path(packages), Path(stamp), lock_descriptor)
    except OSError as error:
        where = error.filename or folder
        raise SetUpError(
            f"cannot set up {where}: {error.strerror} (make it writable, or copy the project elsewhere)"
        ) from error
    except KeyboardInterrupt:
        raise SetUpError("interrupted; the next start sets up anew") from None


def _tell(line: str) -> None:
    print(f"antechamber: {line}", file=sys.stderr, flush=True)


def _equal(stamp: Path, lock: Path) -> bool:
    return stamp.is_file() and stamp.read_bytes() == lock.read_bytes()


@contextlib.contextmanager
def _alone(home: Path) -> Iterator[int]:
    """Keep every other start on this checkout from setting up for as long as the context lasts."""
    home.mkdir(exist_ok=True)
    with open(home / "set-up.lock", "wb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _tell("waiting for another start, which sets .venv up")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield file.fileno()


def _install(lock: Path, folder: Path, packages: Path, stamp: Path, lock_descriptor: int) -> None:
    if importlib.util.find_spec("pip") is None:
        raise SetUpError(
            "this Python has no pip (on Debian and Ubuntu: apt install python3-pip), and the set-up needs it"
        )
    if not lock.is_file():
        raise SetUpError(f"{lock} is missing (clone the project anew)")
    if folder.exists():
        shutil.rmtree(folder)
    venv.create(folder, with_pip=False, symlinks=True)
    _run_pip(lock, packages, lock_descriptor)
    for compiled in (
        packages,
        Path(__file__).parents[1],
    ):  # now, and where Python is told to write none: starts are many
        compileall.compile_dir(compiled, quiet=2)
    half = stamp.with_suffix(".half")
    half.write_bytes(lock.read_bytes())
    half.replace(stamp)


def _run_pip(lock: Path, packages: Path, lock_descriptor: int) -> None:
    """Run pip to its end. It holds the lock as well: should this process be killed, the next start waits for pip."""
    # -P, and PYTHONSAFEPATH for what pip itself starts: nothing is imported from the current folder. Nor from that of
    # the launchers: an empty entry of PYTHONPATH, as `PYTHONPATH=$PYTHONPATH:more` leaves one, is the current folder.
    # --no-deps: the lock is complete, so nothing is resolved beside it.
    # --target: whatever else this Python has installed does not count.
    command = [sys.executable, "-P", "-m", "pip", "--quiet", "--no-input", "--disable-pip-version-check", "install"]
    command += ["--require-hashes", "--no-deps", "--no-compile", "--target", str(packages), "--requirement", str(lock)]
    named = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    path = os.pathsep.join(one for one in named if one and os.path.realpath(one) != str(lock.parent))
    own = {"PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0", "PYTHONSAFEPATH": "1", "PYTHONPATH": path}
    pip = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        pass_fds=[lock_descriptor],
        env=os.environ | own,
        check=False,
    )
    if pip.returncode != 0:
        for line in pip.stdout.decode(errors="replace").splitlines()[-_PIP_LINES_SHOWN:]:
            print(line, file=sys.stderr)
        raise SetUpError(
            "pip could not install the packages (see above; is the network there?); mend it and start again"
        )
