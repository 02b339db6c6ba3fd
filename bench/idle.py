"""Memory per idle session: the server's resident memory before and after thousands have joined one channel.

The kernel's memory for sockets is not included. The naive server has no seats and does not announce joins.
"""

import argparse
import sys
from collections.abc import Sequence
from statistics import median
from typing import get_args

from bench.load import Idle, compiled, hold_idle
from bench.machine import Watch
from bench.programs import BenchError, Kind, serving, set_up
from bench.table import table

KINDS: tuple[Kind, ...] = get_args(Kind)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print the table; return the exit status."""
    parser = argparse.ArgumentParser(prog="bench/idle", description=__doc__)
    parser.add_argument("--sessions", type=int, default=5000, help="default: %(default)s")
    parser.add_argument("--reps", type=int, default=3, help="default: %(default)s")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=["durable", "naive"], help="default: %(default)s")
    parser.add_argument("--quick", action="store_true", help="one repetition of 1,000 sessions")
    chosen = parser.parse_args(arguments)
    if chosen.quick:
        chosen.sessions, chosen.reps = 1000, 1
    results: dict[tuple[bool, Kind], list[Idle]] = {}
    try:
        set_up()
        compiled()
        watch = Watch()
        for repetition in range(chosen.reps):
            for plain in (False, True):
                for kind in chosen.kinds:
                    print(f"{repetition + 1}/{chosen.reps} {_name(plain, kind)}", file=sys.stderr)
                    with serving(kind, chosen.sessions + 1) as server:
                        server.rest()
                        found = hold_idle(server, chosen.sessions, plain=plain)
                    results.setdefault((plain, kind), []).append(found)
    except BenchError as error:
        print(f"bench/idle: {error}", file=sys.stderr)
        return 1
    print(f"{report(results, chosen.sessions)}\n\n{watch.sentence()}")
    return 0


def report(results: dict[tuple[bool, Kind], list[Idle]], sessions: int) -> str:
    """Return the table."""
    rows = []
    for (plain, kind), runs in results.items():
        before, after = median(r.rss_before_kb for r in runs), median(r.rss_after_kb for r in runs)
        each = median((r.rss_after_kb - r.rss_before_kb) / sessions for r in runs)
        rows.append([_name(plain, kind), f"{before / 1024:.1f}", f"{after / 1024:.1f}", f"{each:.2f}"])
    return table([f"{sessions:,} idle sessions", "MiB before", "MiB after", "KiB a session"], rows)


def _name(plain: bool, kind: Kind) -> str:
    return f"{'plain' if plain else 'JSON'}, {kind}"
