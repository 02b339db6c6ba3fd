"""Fan-out: deliveries per second and per CPU second of the server, durable, in memory, and the naive way.

Every cell runs on a fresh server; repetitions, cells and servers are interleaved, so whatever else the machine does
affects all alike. It prints medians, and ratios of medians. It judges no time; it fails if a delivery is lost,
duplicated, out of order or garbled.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from statistics import median
from typing import IO, get_args

from bench.load import Cell, Fanout, compiled, fan_out
from bench.machine import Watch
from bench.programs import BenchError, Kind, Output, serving, set_up
from bench.table import count, table, times

KINDS: tuple[Kind, ...] = get_args(Kind)
WINDOW = 25
SENDERS_MAX = 10
_COMPARED: tuple[tuple[Kind, Kind], ...] = (("durable", "naive"), ("durable", "memory"))

Results = dict[tuple[Cell, Kind], list[Fanout]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print the tables; return the exit status."""
    chosen = _read(arguments)
    try:
        set_up()
        compiled()
        watch = Watch()
        results = _measure(chosen)
    except BenchError as error:
        print(f"bench/fanout: {error}", file=sys.stderr)
        return 1
    print(f"{report(results, chosen.kinds)}\n{watch.sentence()}")
    return 0


def _read(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/fanout", description=__doc__)
    add = parser.add_argument
    add("--members", type=int, nargs="+", metavar="N", help="default: 5 100 1000; with --quick 100")
    add("--encodings", nargs="+", choices=("json", "plain"), default=["json", "plain"], help="default: both")
    add("--kinds", nargs="+", choices=KINDS, default=KINDS, help="default: all")
    add("--loads", nargs="+", choices=("one", "many"), default=["one", "many"], help="default: both")
    add("--reps", type=int, default=3, help="repetitions of everything (default: %(default)s)")
    add("--seconds", type=float, default=1.5, help="sending time of a run (default: %(default)s)")
    add("--stdout", choices=get_args(Output), default="null", help="where the server's goes (default: %(default)s)")
    add("--ids", action="store_true", help="let each JSON message have an id, as our own client's have")
    add("--out", type=argparse.FileType("a"), metavar="FILE", help="add each run's figures to FILE, one JSON a line")
    add("--quick", action="store_true", help="one repetition of short runs: for a look, not for a claim")
    chosen = parser.parse_args(arguments)
    chosen.members = chosen.members or ([100] if chosen.quick else [5, 100, 1000])
    if chosen.quick:
        chosen.reps, chosen.seconds = 1, 0.5
    return chosen


def cells(members: Sequence[int], encodings: Sequence[str], loads: Sequence[str]) -> list[Cell]:
    """Return a cell for each encoding, number of members and load."""
    made = []
    for encoding in encodings:
        for load in loads:
            for number in members:
                senders, window = (1, 1) if load == "one" else (min(SENDERS_MAX, number), WINDOW)
                made.append(Cell(encoding == "plain", number, senders, window))
    return made


def _measure(chosen: argparse.Namespace) -> Results:
    results: Results = {}
    planned = cells(chosen.members, chosen.encodings, chosen.loads)
    out: IO[str] | None = chosen.out
    for repetition in range(chosen.reps):
        for cell in planned:
            for kind in chosen.kinds:
                print(f"{repetition + 1}/{chosen.reps} {_name(cell)}, {kind}", file=sys.stderr)
                with serving(kind, cell.members + 1, chosen.stdout) as server:
                    found = fan_out(server, cell, chosen.seconds, ids=chosen.ids and not cell.plain)
                results.setdefault((cell, kind), []).append(found)
                if out is not None:
                    print(json.dumps({"kind": kind, **cell._asdict(), **found._asdict()}), file=out, flush=True)
    return results


def report(results: Results, kinds: Sequence[Kind]) -> str:
    """Return the tables: the throughput of all cells, and the latencies of those with one message in flight."""
    measured = list(dict.fromkeys(cell for cell, _ in results))
    ratios = [pair for pair in _COMPARED if {*pair} <= {*kinds}]
    parts = []
    for title, value in (
        ("Deliveries per CPU second of the server", _per_cpu_second),
        ("Deliveries per second", _per_second),
    ):
        heads = ["members, senders x in flight", *kinds, *(f"{kind} / {other}" for kind, other in ratios)]
        rows = []
        for cell in measured:
            of = {kind: median(map(value, results[cell, kind])) for kind in kinds}
            rows.append([_name(cell), *(count(of[kind]) for kind in kinds), *(times(of[a] / of[b]) for a, b in ratios)])
        parts.append(f"{title}\n\n{table(heads, rows)}")
    if lone := [cell for cell in measured if cell.window == 1]:
        parts.append(f"Microseconds from send to delivery, p50 / p99\n\n{_latencies(results, lone, kinds)}")
    busy = median(run.load_cpu_seconds / run.wall_seconds for runs in results.values() for run in runs)
    parts.append(f"The load generator was busy for {busy:.0%} of the time, in the median.")
    return "\n\n".join(parts)


def _latencies(results: Results, lone: Sequence[Cell], kinds: Sequence[Kind]) -> str:
    rows = []
    for cell in lone:
        row = [_name(cell)]
        for kind in kinds:
            runs = results[cell, kind]
            p50, p99 = median(r.latency_us_p50 for r in runs), median(r.latency_us_p99 for r in runs)
            row.append(f"{p50:.0f} / {p99:.0f}")
        rows.append(row)
    return table(["members, senders x in flight", *kinds], rows)


def _name(cell: Cell) -> str:
    return f"{'plain' if cell.plain else 'JSON'}, {cell.members}, {cell.senders} x {cell.window}"


def _per_second(run: Fanout) -> float:
    return run.deliveries / run.wall_seconds


def _per_cpu_second(run: Fanout) -> float:
    return run.deliveries / max(run.server_cpu_seconds, 0.01)  # the kernel counts in hundredths of a second
