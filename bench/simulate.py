"""Simulate: whole servers and their users on fake clocks, connections and disks, where everything goes wrong at once.

In each seed's run people join, talk, are cut off, come back and leave, while the server is reloaded, killed and
restarted and its disk fails. After every turn the architecture's rules must hold, and at the end what each user has
read must agree with the log. If not, the seed is shown with what breaks the rule. The simulation is in
tests/simulation.
"""

import argparse
import os
import secrets
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import NamedTuple

from antechamber.bootstrap.launch import add_folders
from bench.machine import Watch
from bench.programs import ROOT, BenchError, set_up
from bench.table import count, table
from bench.workers import begin_worker, tell

_SEEDS_A_SHARE = 10
_FINDINGS_MAX = 5
"""The number of findings after which the run ends."""
_COUNTED = {
    "turns": "turns",
    "resumes": "resumes",
    "goodbyes resumed": "connections that were taken over",
    "goodbyes slow": "readers closed as too slow",
    "kills": "kills",
    "power failures": "power failures",
    "shutdowns": "clean restarts",
    "reloads": "reloads",
    "failed reloads": "reloads that failed",
    "failed starts": "starts that failed",
    "failed appends": "appends that failed",
    "failed snapshots": "snapshots that failed",
    "failed readings": "readings that failed",
}
"""The counters that the table shows."""


class Share(NamedTuple):
    """`seeds` seeds from `first` on, each with `steps` steps."""

    first: int
    seeds: int
    steps: int


class Done(NamedTuple):
    """A share that was run; `seconds` are CPU time, `findings` are reports."""

    seeds: int
    operations: int
    seconds: float
    counts: Counter[str]
    findings: list[str]


class Total:
    """The sum of all shares."""

    def __init__(self) -> None:
        self.seeds = self.operations = self.findings = 0
        self.seconds = 0.0
        self.counts: Counter[str] = Counter()

    def add(self, done: Done) -> None:
        """Add a share."""
        self.seeds += done.seeds
        self.operations += done.operations
        self.seconds += done.seconds
        self.findings += len(done.findings)
        self.counts += done.counts


def main(arguments: Sequence[str] | None = None) -> int:
    """Simulate, and print the table; return the exit status."""
    chosen = _parser().parse_args(arguments)
    set_up()
    add_folders(ROOT, "tests")  # only this program imports them
    watch = Watch()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    first = secrets.randbelow(1 << 40) if chosen.seed is None else chosen.seed
    endless = bool(chosen.operations or chosen.seconds) or chosen.seed is None
    operations = chosen.operations or (float("inf") if chosen.seconds else 100_000)
    seeds = Share(first, sys.maxsize if endless else 1, chosen.steps)
    print(f"seeds from {first} on" if endless else f"seed {first}", file=sys.stderr)
    total = Total()
    try:
        for finding in _simulate(seeds, operations, chosen.seconds or float("inf"), chosen.jobs, total):
            print(f"{finding}\n", flush=True)
    except BenchError as error:
        print(f"bench/simulate: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        pass  # the user has ended the run
    if sys.stderr.isatty():
        print(file=sys.stderr)  # ends the line of progress
    print(f"{report(total)}\n\n{watch.sentence()}")
    return 1 if total.findings else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bench/simulate", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--operations", type=int, default=0, help="at least this many (default: 100000)")
    parser.add_argument("--seconds", type=float, default=0.0, help="for this long")
    parser.add_argument("--seed", type=int, help="the first seed (default: a fresh one); alone, the only one")
    parser.add_argument("--steps", type=int, default=1_000, help="the length of each seed's run (default: %(default)s)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes (default: %(default)s)")
    return parser


def report(total: Total) -> str:
    """Return the table of results."""
    rate = f"{count(total.operations / total.seconds)}/s" if total.seconds else "-"
    rows = [["operations", f"{total.operations:,}"], ["a core", rate], ["seeds", f"{total.seeds:,}"]]
    rows += [[words, f"{total.counts[name]:,}"] for name, words in _COUNTED.items()]
    rows.append(["findings", f"{total.findings:,}"])
    return table(["simulated", ""], rows)


def _simulate(seeds: Share, operations: float, seconds: float, jobs: int, total: Total) -> Iterator[str]:
    """Run seeds until there are enough operations or findings, or the time is over; yield findings.

    Raises BenchError if a process dies.
    """
    begun = told = time.monotonic()
    next_seed, end = seeds.first, seeds.first + seeds.seeds
    with ProcessPoolExecutor(jobs, get_context("fork"), begin_worker) as pool:
        running: set[Future[Done]] = set()
        while True:
            goes_on = total.operations < operations and total.findings < _FINDINGS_MAX
            while goes_on and next_seed < end and len(running) < jobs and time.monotonic() < begun + seconds:
                share = Share(next_seed, min(_SEEDS_A_SHARE, end - next_seed), seeds.steps)
                next_seed += share.seeds
                running.add(pool.submit(carry_out, share))
            if not running:
                return
            for future in wait(running, 1.0, FIRST_COMPLETED).done:
                running.remove(future)
                try:
                    done = future.result()
                except BrokenProcessPool:
                    raise BenchError(f"a process died, at a seed before {next_seed}") from None
                total.add(done)
                yield from done.findings
            if time.monotonic() - told >= 1:
                told = time.monotonic()
                _tell(total, told - begun)


def _tell(total: Total, seconds: float) -> None:
    rate = count(total.operations / seconds)
    told = (
        f"{seconds:.0f} s: {total.operations:,} operations, {rate}/s, {total.seeds:,} seeds, {total.findings} findings"
    )
    tell(told)


# In the worker processes


def carry_out(share: Share) -> Done:
    """Run the seeds of a share, and analyse their findings."""
    from tests.simulation.finding import investigate, worded
    from tests.simulation.run import Run

    begun = time.process_time()
    operations, counts, findings = 0, Counter[str](), []
    for seed in range(share.first, share.first + share.seeds):
        run = Run(seed)
        failing = run.go(share.steps)
        operations += run.operations
        counts += run.counts
        if failing is not None:
            findings.append(worded(investigate(failing, share.steps)))
    return Done(share.seeds, operations, time.process_time() - begun, counts, findings)
