"""IRC side by side: the same load, over the same protocol, on this server and on Debian's best IRC servers.

Every cell runs on a fresh server; repetitions, cells and servers are interleaved. Flood limits are off everywhere, ours
keeps what is said in its log as usual, and a peer is also tried with Nagle's algorithm disabled. It prints medians, and
the ratio of ours to the best peer of each cell. It judges no time; it fails if a delivery is lost, duplicated, out of
order or garbled.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import IO, Any, NamedTuple

from bench.irc_servers import NODELAY, OURS, PEERS, Running, missing, running
from bench.machine import Watch
from bench.programs import ROOT, BenchError, folder, set_up
from bench.table import count, table, times

SERVERS = (OURS, *(f"{peer}{more}" for peer in PEERS for more in ("", NODELAY)))
CELLS = {
    "5, 1 x 1": "tput --n 5 --senders 1 --window 1",
    "100, 1 x 1": "tput --n 100 --senders 1 --window 1",
    "1000, 1 x 1": "tput --n 1000 --senders 1 --window 1",
    "5, 1 x 32": "tput --n 5 --senders 1 --window 32",
    "5, 5 x 32": "tput --n 5 --senders 5 --window 32",
    "100, 1 x 32": "tput --n 100 --senders 1 --window 32",
    "100, 10 x 25": "tput --n 100 --senders 10 --window 25",
    "100, 50 x 5": "tput --n 100 --senders 50 --window 5",
    "1000, 1 x 32": "tput --n 1000 --senders 1 --window 32",
    "1000, 10 x 25": "tput --n 1000 --senders 10 --window 25",
    "1000, 50 x 5": "tput --n 1000 --senders 50 --window 5",
    "latency": "lat --n 100 --senders 10 --rate 200",
    "memory": "idle --n 2000 --k 20 --hold 1",
    "start": "",
}
"""The load's arguments, by cell: members, senders x messages in flight; latency at 200 messages a second and 100
members; memory per session at 2,000 in 20 channels; a cold start."""
_SETTLE_SECONDS = 0.2
_LOAD_SECONDS_MAX = 300.0


class Figure(NamedTuple):
    """A figure of a run, and whether more of it is better."""

    title: str
    value: Callable[[dict[str, Any]], float]
    more_is_better: bool = False


_PER_CPU_SECOND = Figure("", lambda run: float(run["deliv_per_cpu_s"]), more_is_better=True)
_OTHERS = {
    "latency": (
        Figure("p50 of delivery, microseconds", lambda run: float(run["lat_us"]["p50"])),
        Figure("p99 of delivery, microseconds", lambda run: float(run["lat_us"]["p99"])),
    ),
    "memory": (Figure("kB a session", lambda run: float(run["kb_per_conn"])),),
    "start": (Figure("ms to the first welcome", lambda run: float(run["welcomed_ms"])),),
}

Results = Mapping[tuple[str, str], list[dict[str, Any]]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print the tables; return the exit status."""
    parser = argparse.ArgumentParser(prog="bench/irc", description=__doc__)
    add = parser.add_argument
    add("--servers", nargs="+", choices=SERVERS, default=SERVERS, help="default: all")
    add("--cells", nargs="+", choices=CELLS, default=list(CELLS), metavar="CELL", help=f"of {', '.join(CELLS)}")
    add("--reps", type=int, default=3, help="repetitions of everything (default: %(default)s)")
    add("--seconds", type=float, default=2.0, help="sending time of a run (default: %(default)s)")
    add("--out", type=argparse.FileType("a"), metavar="FILE", help="add each run's figures to FILE, one JSON a line")
    add("--quick", action="store_true", help="one repetition of short runs: for a look, not for a claim")
    chosen = parser.parse_args(arguments)
    if chosen.quick:
        chosen.reps, chosen.seconds = 1, 0.5
    try:
        if packages := missing(chosen.servers):
            raise BenchError(f"not all is here that it needs: apt-get install {packages}")
        set_up()
        watch = Watch()
        results = _measure(chosen)
    except BenchError as error:
        print(f"bench/irc: {error}", file=sys.stderr)
        return 1
    print(f"{report(results, chosen.servers)}\n\n{watch.sentence()}")
    return 0


def _measure(chosen: argparse.Namespace) -> Results:
    results: dict[tuple[str, str], list[dict[str, Any]]] = {}
    out: IO[str] | None = chosen.out
    with folder() as path:
        load = os.path.join(path, "irc_load")
        subprocess.run(["gcc", "-O2", "-o", load, os.path.join(ROOT, "bench", "irc_load.c")], check=True)
        for repetition in range(chosen.reps):
            for cell in chosen.cells:
                for name in chosen.servers:
                    print(f"{repetition + 1}/{chosen.reps} {cell}, {name}", file=sys.stderr)
                    with running(name) as server:
                        found = _figures(load, server, CELLS[cell], chosen.seconds)
                    if "error" in found or not found.get("ok", True):
                        raise BenchError(f"{name}, {cell}: {found.get('error') or 'not every delivery was right'}")
                    results.setdefault((cell, name), []).append(found)
                    if out is not None:
                        print(json.dumps({"cell": cell, "server": name, **found}), file=out, flush=True)
    return results


def _figures(load: str, server: Running, what: str, seconds: float) -> dict[str, Any]:
    """Return the figures that the load printed, or those of a start. Raises BenchError if it printed nothing."""
    if not what:
        return {"accepted_ms": server.accepted_ms, "welcomed_ms": server.welcomed_ms}
    time.sleep(_SETTLE_SECONDS)
    mode, *more = what.split()
    shared = ["--port", str(server.port), "--pids", str(server.pid), "--inflight", str(server.in_flight)]
    command = [load, "--mode", mode, "--secs", str(seconds), *shared, *more]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_LOAD_SECONDS_MAX, check=False)
        return dict(json.loads(done.stdout.strip().splitlines()[-1]))
    except (IndexError, ValueError, subprocess.TimeoutExpired) as error:
        raise BenchError(f"the load generator failed: {error}") from error


def report(results: Results, servers: Sequence[str]) -> str:
    """Return the tables."""
    cells = list(dict.fromkeys(cell for cell, _ in results))
    parts = []
    if rows := [
        _row(results, cell, cell, servers, _PER_CPU_SECOND) for cell in cells if CELLS[cell].startswith("tput")
    ]:
        title = "Deliveries per CPU second of the server: members, senders x in flight"
        parts.append(f"{title}\n\n{table(['', *servers, 'ours / best'], rows)}")
    others = [(cell, figure) for cell in cells for figure in _OTHERS.get(cell, ())]
    if rows := [_row(results, cell, figure.title, servers, figure) for cell, figure in others]:
        parts.append(f"Other figures\n\n{table(['', *servers, 'ours / best'], rows)}")
    return "\n\n".join(parts)


def _row(results: Results, cell: str, title: str, servers: Sequence[str], figure: Figure) -> list[str]:
    of = {name: median(map(figure.value, results[cell, name])) for name in servers}
    peers = [value for name, value in of.items() if name != OURS]
    ratio = "-"
    if peers and OURS in of:
        ratio = times(of[OURS] / (max(peers) if figure.more_is_better else min(peers)))
    return [title, *(count(of[name]) for name in servers), ratio]
