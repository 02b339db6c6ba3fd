"""Terminal: what a client costs a person: its start, its memory, and what a stream of messages takes to draw.

Each client runs in a terminal of 100 by 30, whose output is read as fast as it comes. Then somebody says `--messages`
messages, `--rate` a second. Beside the app, the line mode and the plain transcript stand irssi and WeeChat, by IRC, if
they are installed. Figures are medians of the rounds, which are interleaved.
"""

import argparse
import fcntl
import os
import pty
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from statistics import median
from typing import NamedTuple

from bench.machine import Watch
from bench.programs import HOST, ROOT, BenchError, end, folder, free_ports, greet, running, server_command, set_up
from bench.programs import write_config as write_channels
from bench.table import table

_COLUMNS, _ROWS = 100, 30
_WAIT_SECONDS_MAX = 30.0
_TICKS = os.sysconf("SC_CLK_TCK")


class Figures(NamedTuple):
    """What one client took: milliseconds to the first line, CPU milliseconds to draw all, MiB, bytes per message."""

    start: float
    cpu: float
    memory: float
    written: float


class Terminal:
    """A terminal in which a client runs, and what it has written there."""

    def __init__(self, command: Sequence[str], environment: dict[str, str]) -> None:
        self.written = 0
        self._text = b""
        self._came = threading.Condition()
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", _ROWS, _COLUMNS, 0, 0))
        self._master = master
        self.process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, env=environment, start_new_session=True
        )
        os.close(slave)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._master, 65_536)
            except OSError:
                return
            if not data:
                return
            with self._came:
                self.written += len(data)
                self._text = (self._text + data)[-65_536:]
                self._came.notify_all()

    def shows(self, text: bytes) -> None:
        """Wait until a text was written. Raises BenchError."""
        with self._came:
            if not self._came.wait_for(lambda: text in self._text, _WAIT_SECONDS_MAX):
                raise BenchError(f"{self.process.args!r} does not show {text!r}, but {self._text[-500:]!r}")

    def types(self, text: bytes) -> None:
        """Type a text."""
        os.write(self._master, text)

    def cpu_seconds(self) -> float:
        """Return the processor time of the client so far."""
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def memory(self) -> float:
        """Return the resident memory of the client at its most, in MiB."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("VmHWM")) / 1024

    def close(self) -> None:
        """End the client."""
        end(self.process)
        os.close(self._master)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print the tables; return the exit status."""
    parser = argparse.ArgumentParser(prog="bench/terminal", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="default: %(default)s")
    parser.add_argument("--messages", type=int, default=5_000, help="default: %(default)s")
    parser.add_argument("--rate", type=int, default=1_000, help="messages a second (default: %(default)s)")
    chosen = parser.parse_args(arguments)
    try:
        set_up()
        watch = Watch()
        with _serving() as (port, irc_port), tempfile.TemporaryDirectory() as home:
            clients = _clients(port, irc_port, home)
            taken: dict[str, list[Figures]] = {name: [] for name in clients}
            pipes: list[float] = []
            for number in range(chosen.rounds + 1):
                for name, start in clients.items():
                    figures = _measure(start, port, chosen.messages, chosen.rate, _mark(number))
                    if number:  # round 0 fills the caches
                        taken[name].append(figures)
                pipes.append(_pipe_cpu(port))
    except BenchError as error:
        print(f"bench/terminal: {error}", file=sys.stderr)
        return 1
    rows = [[name, *(f"{median(each):.0f}" for each in zip(*figures, strict=True))] for name, figures in taken.items()]
    heads = [f"{chosen.messages} messages, {chosen.rate} a second"]
    heads += ["first line, ms", "CPU, ms", "memory, MiB", "bytes a message"]
    print(table(heads, rows))
    print(f"\nA join and a quit in a pipe take {median(pipes[1:]) * 1e3:.0f} ms of CPU.\n\n{watch.sentence()}")
    return 0


def _clients(port: int, irc_port: int, home: str) -> dict[str, Callable[[], tuple[Terminal, bytes]]]:
    """Return what starts each client, and the text by which its first line is known."""
    environment = os.environ | {"HOME": home, "TERM": "xterm-256color", "LANG": "C.UTF-8", "XDG_STATE_HOME": home}
    own = [sys.executable, os.path.join(ROOT, "chatclient.py"), str(port)]

    def starts(
        command: Sequence[str], first: bytes, connected: bytes = b"", typed: bytes = b""
    ) -> Callable[[], tuple[Terminal, bytes]]:
        def start() -> tuple[Terminal, bytes]:
            terminal = Terminal(command, environment)
            if typed:
                terminal.shows(connected)
                terminal.types(typed)
            return terminal, first

        return start

    clients = {
        "the app": starts([*own, "Mary", "--host", HOST], b"have a seat now."),
        "its line mode": starts([*own, "Mary", "--host", HOST, "--lines"], b"Welcome"),
        "its plain transcript": starts([*own, "Mary", "--host", HOST, "--plain"], b"Welcome"),
    }
    if shutil.which("irssi"):
        irssi = ["irssi", f"--home={home}/irssi", "-c", HOST, "-p", str(irc_port), "-n", "Mary"]
        os.makedirs(f"{home}/irssi", exist_ok=True)
        clients["irssi"] = starts(irssi, b"/#general(", b"for user", b"/join #general\r")
    if shutil.which("weechat"):
        version = subprocess.run(["weechat", "--version"], check=True, capture_output=True, text=True).stdout
        plain = "-nossl" if int(version.partition(".")[0]) < 4 else "-notls"
        add = f"/server add x {HOST}/{irc_port} {plain} -nicks=Mary -autojoin=#general"
        clients["WeeChat"] = starts(["weechat", "-d", f"{home}/weechat", "-r", f"{add};/connect x"], b"has joined")
    return clients


def _measure(start: Callable[[], tuple[Terminal, bytes]], port: int, messages: int, rate: int, mark: bytes) -> Figures:
    """Start a client, have all messages said, and return what it took."""
    begun = time.perf_counter()
    terminal, first = start()
    try:
        terminal.shows(first)
        started = time.perf_counter() - begun
        time.sleep(0.5)  # what it still does at its start is no drawing
        talker = greet(port)
        threading.Thread(target=_drain, args=(talker,), daemon=True).start()
        cpu, written = terminal.cpu_seconds(), terminal.written
        begun = time.monotonic()
        for number in range(messages):
            talker.sendall(_said(b"message %d of somebody who says a sentence of an ordinary length" % number))
            pause = begun + number / rate - time.monotonic()
            if pause > 0:
                time.sleep(pause)
        talker.sendall(_said(mark))
        terminal.shows(mark)
        figures = Figures(
            started * 1e3,
            (terminal.cpu_seconds() - cpu) * 1e3,
            terminal.memory(),
            (terminal.written - written) / messages,
        )
        talker.close()
        return figures
    finally:
        terminal.close()


def _said(text: bytes) -> bytes:
    return b'{"type":"say","text":"%s"}\n' % text


def _drain(talker: socket.socket) -> None:
    """Read what the talker is told, so that it is not taken for a slow reader."""
    with suppress(OSError):
        while talker.recv(65_536):
            pass


def _mark(number: int) -> bytes:
    """Return a message of which no sign stands where one of the others has it, so that a client draws it whole."""
    return b"#$%%&%s&%%$#" % (b"=" * (number + 1))


def _pipe_cpu(port: int) -> float:
    """Return the CPU seconds of a client in a pipe that joins and quits."""
    command = [sys.executable, os.path.join(ROOT, "chatclient.py"), str(port), "Pia", "--host", HOST]
    before = os.times()
    subprocess.run(command, input=b"/quit\n", capture_output=True, check=True)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


@contextmanager
def _serving() -> Iterator[tuple[int, int]]:
    """Run a server, and yield the ports of its first channel and of IRC."""
    ports = free_ports(5)
    with folder() as path:
        config = os.path.join(path, "config")
        write_channels(config, ports[:3], 50)
        command = [*server_command(config, ports[3], ":memory:"), "--irc", f"{HOST}:{ports[4]}", "--afk", "100000"]
        with running(command):
            greet(ports[0]).close()
            yield ports[0], ports[4]
