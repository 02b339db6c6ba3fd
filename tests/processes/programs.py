"""The real programs, each in a process of its own, and a bare socket beside them.

A test writes what somebody `types` and what each reader `reads`, in the order in which it happens.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import pytest

from tests.processes.clocks import Clock
from tests.processes.transcript import SECONDS_MAX, Transcript

CHECKOUT = Path(__file__).resolve().parents[2]
CHANNELS = ("general", "games", "help")
_LOCAL = "127.0.0.1"


class Ended(NamedTuple):
    """What a program that has run to its end leaves."""

    status: int
    stdout: str
    stderr: str


class Member(Protocol):
    """Who takes part: through `chatclient.py` or through a bare socket."""

    name: str

    def types(self, *lines: str) -> None:
        """Send lines."""

    def reads(self, *templates: str) -> None:
        """See to it that the next lines are these."""

    def reads_up_to(self, template: str) -> list[str]:
        """Take lines up to and with the first that is `template`, and return those before it."""

    def next_line(self, wanted: str) -> str | None:
        """Return the next line, None at the end."""

    def sends(self, data: bytes) -> None:
        """Send bytes as they are."""

    def ends(self) -> None:
        """See to it that the connection is closed with not one line more; a client then exits as well."""

    def drops(self) -> None:
        """Die without a word."""

    def close(self) -> None:
        """Release what is left."""


class Caller:
    """A bare TCP connection to a channel's port, as `nc` makes one."""

    def __init__(self, port: int, name: str, utc_offset_seconds: int | None = None) -> None:
        self.name = name
        self._socket = socket.create_connection((_LOCAL, port), SECONDS_MAX)
        self._socket.setblocking(True)
        self._transcript = Transcript(f"{name} (socket)", self._socket.fileno(), utc_offset_seconds)
        self.reads = self._transcript.reads
        self.reads_up_to = self._transcript.reads_up_to
        self.reads_the_rest = self._transcript.reads_the_rest
        self.next_line = self._transcript.next_line

    def types(self, *lines: str) -> None:
        """Send lines, in one piece."""
        self.sends("".join(f"{line}\n" for line in lines).encode())

    def sends(self, data: bytes) -> None:
        """Send bytes as they are."""
        self._socket.sendall(data)

    def ends(self) -> None:
        """See to it that the server closes the connection with not one line more."""
        self._transcript.reads_the_end()
        self.close()

    def stops_sending(self) -> None:
        """Send the end of the stream, and read on."""
        self._socket.shutdown(socket.SHUT_WR)

    def drops(self) -> None:
        """Die without a word: the connection is reset."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        self._socket.close()

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()


GOODBYES = (
    "antechamber: the operator closed your connection\n",
    "antechamber: the operator emptied the channel\n",
    "antechamber: the server shuts down\n",
    "antechamber: you sent nothing for too long, so your seat went to the next in line\n",
)
"""What a client says of an end that the transcript passes over; every test may bring one about."""


class Program:
    """A program that runs: typed into, and read, line by line."""

    def __init__(
        self, name: str, arguments: Sequence[str], folder: Path, environment: dict[str, str], utc_offset: int | None
    ) -> None:
        self.name = name
        self._errors = (folder / f"{name}-{time.monotonic_ns()}.stderr").open("w+b")
        self._errors_read = False
        # No pipe of Python's own buffering: a line is typed at once.
        self._process = subprocess.Popen(
            [sys.executable, *arguments],
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            cwd=folder,
            env=environment,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._stdin = self._process.stdin
        self._stdout = self._process.stdout
        self._transcript = Transcript(name, self._stdout.fileno(), utc_offset)
        self.pid = self._process.pid
        self.reads = self._transcript.reads
        self.reads_up_to = self._transcript.reads_up_to
        self.next_line = self._transcript.next_line

    def types(self, *lines: str) -> None:
        """Type lines, in one piece."""
        self.sends("".join(f"{line}\n" for line in lines).encode())

    def sends(self, data: bytes) -> None:
        """Type bytes as they are."""
        self._stdin.write(data)

    def stops_typing(self) -> None:
        """End the standard input."""
        self._stdin.close()

    def stops_reading(self) -> None:
        """Close our side of the standard output."""
        self._errors_read = True  # a server may say so, if it writes before it has noticed
        self._stdout.close()

    def signal(self, number: signal.Signals) -> None:
        """Send the process a signal."""
        self._process.send_signal(number)

    def is_running(self) -> bool:
        """Say whether it has not exited yet."""
        return self._process.poll() is None

    def exits(self, status: int) -> None:
        """See to it that it prints not one line more and exits with `status`."""
        self._transcript.reads_the_end()
        found = self._wait()
        if found != status:
            self._transcript.fail(f"exited with {found} in place of {status}, stderr {self._peek()!r}")

    def ends(self) -> None:
        """See to it that it prints not one line more and exits."""
        self._transcript.reads_the_end()
        self._wait()

    def drops(self) -> None:
        """Die without a word: the process is killed."""
        self._process.kill()
        self._wait()

    def reads_errors(self) -> str:
        """Return what the program, which has exited, printed on standard error; reading it makes it expected."""
        self._errors_read = True
        return self._peek()

    def tells(self, text: str) -> str:
        """See to it that it prints `text` on standard error; return the line with it."""
        self._errors_read = True
        deadline = time.monotonic() + SECONDS_MAX
        while time.monotonic() < deadline:
            for line in self._peek().splitlines():
                if text in line:
                    return line
            time.sleep(0.01)
        pytest.fail(f"{self.name} did not tell {text!r} on standard error, but {self._peek()!r}")

    def close(self) -> None:
        """Kill it where it still runs, and fail the test where it printed what nobody expected on standard error."""
        self._process.kill()
        self._wait()
        self._stdin.close()
        self._stdout.close()
        errors = self._peek()
        self._errors.close()
        assert "Traceback" not in errors, f"{self.name} printed on standard error:\n{errors}"
        assert self._errors_read or errors in ("", *GOODBYES), f"{self.name} printed on standard error:\n{errors}"

    def _wait(self) -> int:
        try:
            return self._process.wait(SECONDS_MAX)
        except subprocess.TimeoutExpired:
            pytest.fail(f"{self.name} did not exit")

    def _peek(self) -> str:
        self._errors.seek(0)
        return self._errors.read().decode()


class Server(Program):
    """A server that runs, its ports known; made by `Programs.server`."""

    ports: dict[str, int]
    front_desk_port: int

    def catches_up(self, marker: str) -> None:
        """Pass over what the server has printed of everything up to now."""
        self.types(f"/empty {marker}")
        self.reads_up_to(f"[Server message (<t>)] {marker} does not exist.")
        self._transcript.forgets()

    def wait_until_it_listens(self) -> None:
        """Return once its last port listens; fail where it exits instead."""
        deadline = time.monotonic() + SECONDS_MAX
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection((_LOCAL, self.front_desk_port), SECONDS_MAX):
                return
            with contextlib.suppress(subprocess.TimeoutExpired):
                status = self._process.wait(0.01)
                pytest.fail(f"{self.name} exited with {status}: {self.reads_errors()}")
        pytest.fail(f"{self.name} does not listen")


class Ports:
    """Ports that are free and stay so: each is bound, with nobody listening, until `close`.

    The kernel gives a bound port to nobody who asks for any, and a server may still open it (SO_REUSEADDR).
    """

    def __init__(self) -> None:
        self._held: list[socket.socket] = []

    def take(self) -> int:
        """Return one more port."""
        family, address = (socket.AF_INET6, "::") if socket.has_dualstack_ipv6() else (socket.AF_INET, "")
        held = socket.socket(family, socket.SOCK_STREAM)
        self._held.append(held)
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            held.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        held.bind((address, 0))
        port: int = held.getsockname()[1]
        return port

    def close(self) -> None:
        """Give all of them back."""
        for held in self._held:
            held.close()


class Programs:
    """Everything that one test runs, in a folder of its own, with ports and a state folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ports = Ports()
        self._running: list[Program | Caller] = []

    def config(self, seats: int = 5, names: Sequence[str] = CHANNELS) -> tuple[Path, dict[str, int]]:
        """Write a config file; return its path, and the ports by name."""
        ports = {name: self.ports.take() for name in names}
        path = self.folder / f"configfile-{next(iter(ports.values()))}"
        path.write_text("".join(f"channel {name} {port} {seats}\n" for name, port in ports.items()), encoding="utf-8")
        return path, ports

    def server(
        self,
        *options: str,
        seats: int = 5,
        names: Sequence[str] = CHANNELS,
        zone: tuple[str, int] | None = None,
        data: str | None = ":memory:",
    ) -> Server:
        """Start `chatserver.py` with a config of its own. `zone` is a TZ and its UTC offset in seconds."""
        config, ports = self.config(seats, names)
        more = [*options, "--data", data] if data is not None else options
        return self.start_server(str(CHECKOUT / "chatserver.py"), *more, config=config, ports=ports, zone=zone)

    def start_server(
        self,
        *arguments: str,
        config: Path,
        ports: dict[str, int],
        zone: tuple[str, int] | None = None,
        front_desk_port: int | None = None,
        clock: Clock | None = None,
    ) -> Server:
        """Start a server that nobody else knows, with a front desk of its own or the given one, and wait for it."""
        front_desk_port = front_desk_port or self.ports.take()
        given = [*arguments, str(config), "--port", str(front_desk_port)]
        name, offset = zone or (None, None)
        environment = self.environment(name) | (clock.environment if clock is not None else {})
        server = Server("the server", given, self.folder, environment, offset)
        self._running.append(server)
        server.ports, server.front_desk_port = ports, front_desk_port
        server.wait_until_it_listens()
        return server

    def client(
        self, door: int | str, name: str, *options: str, zone: tuple[str, int] | None = None, launcher: Path = CHECKOUT
    ) -> Program:
        """Start `chatclient.py` of the folder `launcher`; files for it go to the test's folder unless it says else."""
        where = [] if launcher != CHECKOUT or "--files" in options else ["--files", str(self.folder)]
        arguments = [str(launcher / "chatclient.py"), str(door), name, *options, *where]
        return self.start(name.strip() or "client", *arguments, zone=zone)

    def start(self, name: str, *arguments: str, zone: tuple[str, int] | None = None) -> Program:
        """Start Python with `arguments`; `name` is what the test calls the program."""
        zone_name, offset = zone or (None, None)
        program = Program(name, arguments, self.folder, self.environment(zone_name), offset)
        self._running.append(program)
        return program

    def caller(self, port: int, name: str) -> Caller:
        """Connect a socket, and send nothing yet."""
        caller = Caller(port, name)
        self._running.append(caller)
        return caller

    def run(self, *arguments: str, zone: str | None = None, stdin: int = subprocess.DEVNULL) -> Ended:
        """Run Python with `arguments` to the end; its standard error is read, so it may have lines."""
        done = subprocess.run(
            [sys.executable, *arguments],
            stdin=stdin,
            capture_output=True,
            cwd=self.folder,
            env=self.environment(zone),
            timeout=SECONDS_MAX,
            check=False,
        )
        ended = Ended(done.returncode, done.stdout.decode(), done.stderr.decode())
        assert "Traceback" not in ended.stderr, ended.stderr
        return ended

    def antechamber(self, *arguments: str) -> Ended:
        """Run the command `antechamber`, as an installation has it."""
        return self.run("-m", "antechamber", *arguments)

    def environment(self, zone: str | None = None) -> dict[str, str]:
        """Return what a program finds: the test's own, with a private state folder and perhaps another time zone."""
        packages = [path for path in sys.path if path]  # what the tests run with is what an installation has
        own = {"XDG_STATE_HOME": str(self.folder / "state"), "PYTHONPATH": os.pathsep.join(packages)}
        return os.environ | own | ({"TZ": zone} if zone else {})

    def close(self) -> None:
        """End everything, the newest first; then fail where a program printed what nobody expected."""
        with contextlib.ExitStack() as stack:
            stack.callback(self.ports.close)
            for running in self._running:
                stack.callback(running.close)


@contextlib.contextmanager
def programs_in(folder: Path) -> Iterator[Programs]:
    """Give programs for as long as the context lasts."""
    with contextlib.closing(Programs(folder)) as programs:
        yield programs
