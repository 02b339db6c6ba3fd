"""A server with a TOML config that can be killed and restarted on the same ports and data."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from typing import IO, NamedTuple

from bench.programs import END_SECONDS_MAX, HOST, ROOT, BenchError, HeldPorts


class Channel(NamedTuple):
    """A channel of the config: its port and its number of seats."""

    port: int
    seats: int


class RestartableServer:
    """A server and its channels, in the folder `path`; `limits` are those of its config.

    Its standard error goes to a file, which stays empty as long as nothing fails.
    """

    def __init__(self, path: str, seats: Mapping[str, int], limits: Mapping[str, float]) -> None:
        self.data = os.path.join(path, "log.db")
        self.lives = 0
        """The number of times it has been started."""
        self._ports = HeldPorts()
        self.channels = {name: Channel(self._ports.take(), number) for name, number in seats.items()}
        self._config = os.path.join(path, "antechamber.toml")
        with open(self._config, "w", encoding="utf-8") as config:
            config.write(self._toml(limits))
        self._stderr: IO[bytes] = open(os.path.join(path, "stderr"), "w+b")  # noqa: SIM115 # closed with the server
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The server's process id."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start the server without waiting for it."""
        self.lives += 1
        command = [sys.executable, os.path.join(ROOT, "chatserver.py"), self._config, "--data", self.data]
        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self._stderr, cwd=ROOT
        )

    def wait_until_it_listens(self, seconds_max: float) -> None:
        """Wait until its channels accept. Raises BenchError if they do not in time, or it ends."""
        deadline = time.monotonic() + seconds_max
        for channel in self.channels.values():
            while True:
                with contextlib.suppress(ConnectionRefusedError), socket.create_connection((HOST, channel.port)):
                    break
                if time.monotonic() > deadline or (self._process is not None and self._process.poll() is not None):
                    raise BenchError(f"the server does not listen: {self.said()}")
                time.sleep(0.001)

    def kill(self) -> None:
        """Kill the server with SIGKILL, and wait until it has ended."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> int:
        """Stop the server, and return its exit status. Raises BenchError if it does not end in time."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(END_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            raise BenchError(f"the server did not end within {END_SECONDS_MAX:g} s") from None

    def said(self) -> str:
        """Return the server's standard error since its first start."""
        with open(self._stderr.name, encoding="utf-8", errors="replace") as file:
            return file.read()

    def close(self) -> None:
        """End the server if it still runs, and release everything."""
        if self._process is not None and self._process.poll() is None:
            self.kill()
        self._stderr.close()
        self._ports.close()

    def _toml(self, limits: Mapping[str, float]) -> str:
        lines = [f'host = "{HOST}"', f"port = {self._ports.take()}", 'log_level = "warning"', "[limits]"]
        lines += [f"{name} = {value}" for name, value in limits.items()]
        for name, channel in self.channels.items():
            lines += ["[[channel]]", f'name = "{name}"', f"port = {channel.port}", f"seats = {channel.seats}"]
        return "\n".join([*lines, ""])
