"""The programs that the benches run: each afresh, in its own folder, only on loopback, and always ended."""

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
"""The destinations of a server's standard output."""


class BenchError(Exception):
    """A figure could not be measured. The text says why."""


def set_up() -> None:
    """Set up the project's packages if they are missing, and end started programs on a signal.

    Raises SystemExit with a clear line if that fails.
    """
    sys.path.insert(0, os.path.join(ROOT, "src"))
    from antechamber.bootstrap.launch import prepare

    prepare(ROOT)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, _leave)


def _leave(number: int, _: object) -> NoReturn:
    sys.exit(128 + number)


def free_ports(count: int) -> list[int]:
    """Return unused ports."""
    with contextlib.ExitStack() as open_sockets:
        sockets = [open_sockets.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind((HOST, 0))
        return [each.getsockname()[1] for each in sockets]


class HeldPorts:
    """Ports that stay free for the server: each is bound here, without a listener.

    The kernel does not give a bound port to programs that ask for any port, and a connection to a port without a
    listener cannot end up at itself. A server may still open it (SO_REUSEADDR).
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
        """Release all of them."""
        for held in self._sockets:
            held.close()


def write_config(path: str, ports: Sequence[int], seats: int) -> None:
    """Write a config file of three channels, `general` first."""
    with open(path, "w", encoding="ascii") as file:
        for name, port in zip(("general", "games", "help"), ports, strict=True):
            file.write(f"channel {name} {port} {seats}\n")


def server_command(config: str, front_desk_port: int, data: str) -> list[str]:
    """Return the real command, with an idle time that nobody reaches."""
    options = ["--host", HOST, "--port", str(front_desk_port), "--afk", "86400", "--data", data]
    return [sys.executable, os.path.join(ROOT, "chatserver.py"), config, *options]


@contextlib.contextmanager
def folder() -> Iterator[str]:
    """Yield a folder for one run."""
    path = tempfile.mkdtemp(prefix="antechamber-bench-")
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextlib.contextmanager
def running(
    command: Sequence[str], stdout: int | IO[bytes] = subprocess.DEVNULL, stderr: int | IO[bytes] = subprocess.DEVNULL
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a program, and end it with the block."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr, cwd=ROOT)
    try:
        yield process
    finally:
        end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """End a program that was started here: politely, and by force if that takes too long."""
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
        """Raise BenchError with its last output if it has ended."""
        if self._process.poll() is not None:
            self._stderr.seek(0)
            said = self._stderr.read().decode(errors="replace")
            raise BenchError(f"the server ended with status {self._process.returncode}: {said[-2000:].strip()}")

    def rest(self) -> None:
        """Wait until its resident memory has not changed for half a second.

        Raises BenchError if that does not happen in time.
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

    Raises BenchError if it does not in time, or the server has ended.
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
    """Connect as soon as the port accepts, and return the connection once it has its welcome.

    Raises BenchError if it does not get one.
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
