"""The load generator: compiles load.c if it has changed, and runs it."""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from typing import Any, NamedTuple

from bench.programs import BenchError, Server

_SOURCE = os.path.join(os.path.dirname(os.path.realpath(__file__)), "load.c")
_FLAGS = ("-O2", "-Wall", "-Wextra")
_RUN_SECONDS_MAX = 330


class Cell(NamedTuple):
    """One kind of work: `senders` of `members` in one channel, each with up to `window` messages in flight."""

    plain: bool
    members: int
    senders: int
    window: int


class Fanout(NamedTuple):
    """The result of one run of a cell. CPU seconds are user and system time; the server's include all its threads."""

    messages: int
    deliveries: int
    wall_seconds: float
    server_cpu_seconds: float
    load_cpu_seconds: float
    deliveries_a_read: float
    bytes_a_delivery: float
    latency_us_p50: float
    latency_us_p99: float


class Idle(NamedTuple):
    """The server's resident memory before anybody joined, and with everybody in the channel."""

    rss_before_kb: int
    rss_after_kb: int


def compiled() -> str:
    """Return the path of the compiled load generator.

    Raises BenchError if there is no compiler, or it fails.
    """
    with open(_SOURCE, "rb") as file:
        version = hashlib.sha256(file.read()).hexdigest()[:16]
    path = os.path.join(tempfile.gettempdir(), f"antechamber-bench-{os.getuid()}", f"load-{version}")
    if os.path.exists(path):
        return path
    gcc = shutil.which("gcc")
    if gcc is None:
        raise BenchError("the load generator is in C: please install gcc (Debian, Ubuntu: sudo apt install gcc)")
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    done = subprocess.run([gcc, *_FLAGS, "-o", f"{path}.new", _SOURCE], capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchError(f"gcc could not compile {_SOURCE}:\n{done.stderr}")
    os.replace(f"{path}.new", path)
    return path


def fan_out(server: Server, cell: Cell, seconds: float, *, ids: bool = False) -> Fanout:
    """Seat members, let them talk for `seconds`, and check every delivery.

    Raises BenchError if one was lost, duplicated, out of order or garbled, or something else failed.
    """
    options = ["--members", str(cell.members), "--senders", str(cell.senders), "--window", str(cell.window)]
    options += ["--seconds", str(seconds)] + ["--plain"] * cell.plain + ["--ids"] * ids
    return Fanout(**_run(server, options))


def hold_idle(server: Server, sessions: int, *, plain: bool) -> Idle:
    """Seat `sessions` silent members.

    Raises BenchError if one of them is refused, or loses its connection.
    """
    return Idle(**_run(server, ["--idle", "--members", str(sessions)] + ["--plain"] * plain))


def _run(server: Server, options: list[str]) -> dict[str, Any]:
    command = [compiled(), "--port", str(server.port), "--pid", str(server.pid), *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_RUN_SECONDS_MAX, check=False)
    server.check()
    try:
        found: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        said = f"{done.stdout}{done.stderr}"
        raise BenchError(f"the load generator ended with status {done.returncode}: {said}") from None
    if "error" in found:
        raise BenchError(str(found["error"]))
    return found
