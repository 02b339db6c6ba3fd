"""Start: milliseconds from a command to the result one waits for, beside a bare `python3 -c pass`.

Rounds are interleaved: each measures every figure once. It prints medians, and their ratios to the bare Python.
"""

import argparse
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from statistics import median

from bench.machine import Watch
from bench.programs import (
    HOST,
    ROOT,
    BenchError,
    connect,
    folder,
    free_ports,
    greet,
    running,
    server_command,
    serving,
    set_up,
    write_config,
)
from bench.table import table, times

_WAIT_SECONDS_MAX = 30.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print the table; return the exit status."""
    parser = argparse.ArgumentParser(prog="bench/start", description=__doc__)
    parser.add_argument("--rounds", type=int, default=20, help="default: %(default)s")
    parser.add_argument("--quick", action="store_true", help="five rounds")
    chosen = parser.parse_args(arguments)
    rounds = 5 if chosen.quick else chosen.rounds
    try:
        set_up()
        watch = Watch()
        with serving("durable", 5) as server:
            figures: dict[str, Callable[[], float]] = {
                "python3 -c pass": bare_python,
                "server: channel ports accept": server_accepts,
                "server: first member welcome": server_welcomes,
                "server: exit on a config error": config_error,
                "client: connected": client_connects,
                "client: Welcome printed": lambda: client_prints(server.port),
            }
            taken: dict[str, list[float]] = {name: [] for name in figures}
            for number in range(rounds + 1):
                for name, take in figures.items():
                    seconds = take()
                    if number:  # round 0 fills the caches
                        taken[name].append(seconds * 1e3)
    except BenchError as error:
        print(f"bench/start: {error}", file=sys.stderr)
        return 1
    print(f"{report(taken)}\n\n{watch.sentence()}")
    return 0


def report(taken: dict[str, list[float]]) -> str:
    """Return the table; the others are compared with the first figure."""
    bare = median(next(iter(taken.values())))
    rows = [
        [name, f"{median(values):.1f}", f"{min(values):.1f}", f"{max(values):.1f}", times(median(values) / bare)]
        for name, values in taken.items()
    ]
    rounds = len(next(iter(taken.values())))
    return table([f"milliseconds, {rounds} rounds", "median", "least", "most", "of bare Python"], rows)


def bare_python() -> float:
    """Time a Python that does nothing."""
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", "pass"], stdin=subprocess.DEVNULL, check=True)
    return time.perf_counter() - begun


def server_accepts() -> float:
    """Time a server until each channel's port has accepted a connection."""
    ports = free_ports(4)
    with folder() as path:
        command = _command(path, ports)
        begun = time.perf_counter()
        with running(command):
            for port in reversed(ports[:3]):  # they open in order, so the last one is the only one to wait for
                connect(port).close()
            return time.perf_counter() - begun


def server_welcomes() -> float:
    """Time a server until its first member is welcome."""
    ports = free_ports(4)
    with folder() as path:
        command = _command(path, ports)
        begun = time.perf_counter()
        with running(command):
            greet(ports[0]).close()
            return time.perf_counter() - begun


def _command(path: str, ports: Sequence[int]) -> list[str]:
    config = os.path.join(path, "config")
    write_config(config, ports[:3], 5)
    return server_command(config, ports[3], os.path.join(path, "log.db"))


def config_error() -> float:
    """Time a server with a capacity below five in its config until it has exited."""
    ports = free_ports(4)
    with folder() as path:
        config = os.path.join(path, "config")
        write_config(config, ports[:3], 4)
        command = server_command(config, ports[3], os.path.join(path, "log.db"))
        begun = time.perf_counter()
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        elapsed = time.perf_counter() - begun
    if done.returncode != 1:
        raise BenchError(f"the server exited with {done.returncode} on a config error: {done.stderr.decode()}")
    return elapsed


def client_connects() -> float:
    """Time a client until it has connected to a port where nobody answers."""
    with socket.create_server((HOST, 0)) as listener:
        listener.settimeout(_WAIT_SECONDS_MAX)
        command = _client(listener.getsockname()[1])
        begun = time.perf_counter()
        with running(command) as process:
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                end_text = "still runs" if process.poll() is None else f"exited with {process.returncode}"
                raise BenchError(f"the client did not connect; it {end_text}") from None
            elapsed = time.perf_counter() - begun
            connection.close()
            return elapsed


def client_prints(port: int) -> float:
    """Time a client until it has printed its first line."""
    command = _client(port)
    begun = time.perf_counter()
    with running(command, subprocess.PIPE) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        elapsed = time.perf_counter() - begun
    if b"Welcome" not in line:
        raise BenchError(f"the client's first line was {line.decode(errors='replace')!r}")
    return elapsed


def _client(port: int) -> list[str]:
    return [sys.executable, os.path.join(ROOT, "chatclient.py"), str(port), "Mary", "--host", HOST]
