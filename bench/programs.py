"""The programs that the benches run: each afresh, in a folder of its own, on loopback alone, and always ended."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from typing import IO, Literal, NoReturn

ROOT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
HOST = "127.0.0.1"
READY_SECONDS_MAX = 30.0
END_SECONDS_MAX = 10.0
REST_SECONDS = 0.5
REST_READINGS = 5

Kind = Literal["durable", "memory", "naive"]
"""The server with its log in a file, the server with `--data :memory:`, and the reference server of naive.py."""
Output = Literal["null", "file", "pipe"]
"""Where a server's standard output goes."""


class BenchError(Exception):
    """A figure could not be taken. Its text says why, in words."""


def set_up() -> None:
    """Set the project's packages up where they are not yet, and let a signal end what was started.

    Raises SystemExit with a clear line where that fails.
    """
    sys.path.insert(0, os.path.join(ROOT, "src"))
    from antechamber.bootstrap.launch import prepare

    prepare(ROOT)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, _leave)


def _leave(number: int, _: object) -> NoReturn:
    sys.exit(128 + number)


def free_ports(count: int) -> list[int]:
    """Return ports that nobody listens on."""
    with contextlib.ExitStack() as open_sockets:
        sockets = [open_sockets.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind((HOST, 0))
        return [each.getsockname()[1] for each in sockets]


class HeldPorts:
    """Ports that stay free for the server: each is bound here, with nobody listening.

    The kernel gives a bound port to nobody who asks for any; nor can a connection to a port where nobody listens end
    up at itself. A server may still open it (SO_REUSEADDR).
    """

    def __init__(self) -> None:
        self._sockets: list[socket.socket] = []

    def take(self) -> int:
        """Return one more port."""
        held = socket.socket()
        self._sockets.append(held)
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind((HOST, 0))
        port: int = held.getsockname()[1]
        return port

    def close(self) -> None:
        """Give all of them back."""
        for held in self._sockets:
            held.close()


def write_config(path: str, ports: Sequence[int], seats: int) -> None:
    """Write a config file of three channels, `general` first."""
    with open(path, "w", encoding="ascii") as file:
        for name, port in zip(("general", "games", "help"), ports, strict=True):
            file.write(f"channel {name} {port} {seats}\n")


def server_command(config: str, front_desk_port: int, data: str) -> list[str]:
    """Return the real command; nobody is away from the keyboard for its time."""
    options = ["--host", HOST, "--port", str(front_desk_port), "--afk", "86400", "--data", data]
    return [sys.executable, os.path.join(ROOT, "chatserver.py"), config, *options]


@contextlib.contextmanager
def folder() -> Iterator[str]:
    """Give a folder for one run."""
    path = tempfile.mkdtemp(prefix="antechamber-bench-")
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextlib.contextmanager
def running(
    command: Sequence[str], stdout: int | IO[bytes] = subprocess.DEVNULL, stderr: int | IO[bytes] = subprocess.DEVNULL
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a program, and end it at the end."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr, cwd=ROOT)
    try:
        yield process
    finally:
        end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """End a program that was started here: kindly, and by force where that takes too long."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(END_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    if process.stdout is not None:
        process.stdout.close()


class Server:
    """A server that is ready for members at `port`."""

    def __init__(
        self, port: int, process: subprocess.Popen[bytes], stderr: IO[bytes], front_desk_port: int = 0
    ) -> None:
        self.port = port
        self.front_desk_port = front_desk_port
        self.pid = process.pid
        self._process = process
        self._stderr = stderr

    def check(self) -> None:
        """Raise BenchError where it has ended, with what it said of that."""
        if self._process.poll() is not None:
            self._stderr.seek(0)
            said = self._stderr.read().decode(errors="replace")
            raise BenchError(f"the server ended with status {self._process.returncode}: {said[-2000:].strip()}")

    def rest(self) -> None:
        """Wait until its start is over: until its resident memory has been the same for half a second.

        Raises BenchError where that does not come about in time.
        """
        deadline = time.monotonic() + READY_SECONDS_MAX
        before, same = 0, 0
        while same < REST_READINGS:
            self.check()
            if time.monotonic() > deadline:
                raise BenchError(f"the server's memory still grows after {READY_SECONDS_MAX:g} s")
            time.sleep(REST_SECONDS / REST_READINGS)
            with open(f"/proc/{self.pid}/statm", encoding="ascii") as file:
                now = int(file.read().split()[1])
            same = same + 1 if now == before else 0
            before = now


@contextlib.contextmanager
def serving(kind: Kind, seats: int, output: Output = "null") -> Iterator[Server]:
    """Run a server afresh until it is ready."""
    with contextlib.closing(HeldPorts()) as held, folder() as path, _sink(output, path) as stdout:
        ports = [held.take() for _ in range(4)]
        if kind == "naive":
            command = [sys.executable, os.path.join(ROOT, "bench", "naive.py"), str(ports[0])]
        else:
            config = os.path.join(path, "config")
            write_config(config, ports[:3], max(seats, 5))
            data = os.path.join(path, "log.db") if kind == "durable" else ":memory:"
            command = server_command(config, ports[3], data)
        with open(os.path.join(path, "stderr"), "w+b") as stderr, running(command, stdout, stderr) as process:
            server = Server(ports[0], process, stderr, ports[3])
            greet(ports[0], server).close()
            yield server


@contextlib.contextmanager
def _sink(output: Output, path: str) -> Iterator[int | IO[bytes]]:
    if output == "null":
        yield subprocess.DEVNULL
    elif output == "file":
        with open(os.path.join(path, "stdout"), "wb") as file:
            yield file
    else:
        reading, writing = os.pipe()
        reader = threading.Thread(target=_read_to_the_end, args=(reading,))
        reader.start()
        try:
            with open(writing, "wb") as file:
                yield file
        finally:
            reader.join()
            os.close(reading)


def _read_to_the_end(descriptor: int) -> None:
    while os.read(descriptor, 1 << 20):
        pass


def connect(port: int, server: Server | None = None) -> socket.socket:
    """Connect as soon as the port accepts.

    Raises BenchError where it does not in time, or the server has ended.
    """
    deadline = time.monotonic() + READY_SECONDS_MAX
    while time.monotonic() < deadline:
        with contextlib.suppress(ConnectionRefusedError):
            return socket.create_connection((HOST, port), READY_SECONDS_MAX)
        if server is not None:
            server.check()
        time.sleep(0.0005)
    raise BenchError(f"port {port} did not accept within {READY_SECONDS_MAX:g} s")


def greet(port: int, server: Server | None = None) -> socket.socket:
    """Connect as soon as the port accepts, and return the connection once it is welcome.

    Raises BenchError where that does not come about.
    """
    connection = connect(port, server)
    with contextlib.suppress(OSError):
        connection.sendall(b'{"type":"hello","name":"first"}\n')
        if b'"welcome"' in connection.recv(65536):
            return connection
    connection.close()
    if server is not None:
        server.check()
    raise BenchError(f"nobody is welcome at port {port}")
