"""Fuzz: mutated real input for each codec, the config readers and everything else that reads untrusted input.

Every frame is checked against its reader's promise. The first one that breaks it is shown, as it was and minimised,
and the target is skipped from then on. The mutator is our own and seeded: `--seed N --target NAME --from FRAME` repeats
a finding on any machine. Atheris would be one more compiled package, not available for every Python, and it sees only
Python code, while msgspec does most of the reading here in C.
"""

import argparse
import os
import secrets
import signal
import sys
import time
import traceback
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from multiprocessing import get_context
from random import Random
from types import FrameType
from typing import NamedTuple

from bench.machine import Watch
from bench.programs import BenchError, set_up
from bench.table import count, table
from bench.workers import begin_worker, tell

_SHARE_SECONDS = 0.5
INPUT_SECONDS_MAX = 20.0
"""An input that takes longer is a finding: time should grow with its length, and none is long."""
_SHOWN_BYTES_MAX = 1_000


class Share(NamedTuple):
    """Part of a target's work: `inputs` inputs, from number `first` on."""

    target: str
    seed: int
    first: int
    inputs: int


class Finding(NamedTuple):
    """An input that broke a promise. `frame` is the number of its first frame."""

    target: str
    frame: int
    data: bytes
    smallest: bytes
    problem: str


class Done(NamedTuple):
    """A share that was carried out, up to a finding; `seconds` are CPU time."""

    share: Share
    inputs: int
    seconds: float
    finding: Finding | None


@dataclass
class Progress:
    """How far one target is. `next` is the number of its next input, `end` the one after its last."""

    frames_an_input: int
    next: int
    end: int
    inputs: int = 0
    seconds: float = 0.0
    findings: list[Finding] = field(default_factory=list)


def main(arguments: Sequence[str] | None = None) -> int:
    """Fuzz, and print the table; return the exit status."""
    chosen = _parser().parse_args(arguments)
    set_up()
    from bench.fuzz_targets import TARGETS

    names = chosen.target or list(TARGETS)
    if unknown := [name for name in names if name not in TARGETS]:
        print(f"bench/fuzz: there is no target {unknown[0]}; there are {', '.join(TARGETS)}", file=sys.stderr)
        return 2
    signal.signal(signal.SIGINT, signal.default_int_handler)
    print(f"seed {chosen.seed}", file=sys.stderr)
    watch = Watch()
    progress = {}
    for name in names:
        frames, begin = TARGETS[name].frames, chosen.begin // TARGETS[name].frames
        end = begin + -(-chosen.frames // frames) if chosen.frames else sys.maxsize
        progress[name] = Progress(frames, begin, end)
    seconds = chosen.seconds or (60.0 if not chosen.frames else float("inf"))
    try:
        for finding in _fuzz(progress, chosen.seed, seconds, chosen.jobs):
            print(worded(finding, chosen.seed), flush=True)
            if chosen.save:
                save(finding, chosen.save)
    except BenchError as error:
        print(f"bench/fuzz: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        pass  # the user has ended the run
    if sys.stderr.isatty():
        print(file=sys.stderr)  # ends the line of progress
    print(f"{report(progress)}\n\n{watch.sentence()}")
    return 1 if any(each.findings for each in progress.values()) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench/fuzz", description=__doc__)
    parser.add_argument("--target", action="append", help="one of the table's (default: all); may be repeated")
    parser.add_argument("--frames", type=int, default=0, help="frames a target (default: as many as there is time for)")
    parser.add_argument("--seconds", type=float, default=0.0, help="default: 60, or unlimited with --frames")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**9), help="default: a fresh one, printed")
    parser.add_argument("--from", type=int, default=0, dest="begin", metavar="FRAME", help="the frame to start with")
    parser.add_argument("--save", metavar="FOLDER", help="write findings there")
    return parser


def report(progress: dict[str, Progress]) -> str:
    """Return the table of all targets' inputs."""
    rows = []
    for name, each in progress.items():
        frames = each.inputs * each.frames_an_input
        rate = f"{count(frames / each.seconds)}/s" if each.seconds else "-"
        rows.append([name, f"{frames:,}", rate, str(len(each.findings))])
    return table(["target", "frames", "a core", "findings"], rows)


def _fuzz(progress: dict[str, Progress], seed: int, seconds: float, jobs: int) -> Iterator[Finding]:
    """Carry out shares until nothing is left to do or the time is over; yield findings.

    Raises BenchError if a process dies, which no input may cause either.
    """
    begun = told = time.monotonic()
    with ProcessPoolExecutor(jobs, get_context("fork"), begin_worker) as pool:
        running: dict[Future[Done], Share] = {}
        while True:
            now = time.monotonic()
            while now < begun + seconds and len(running) < jobs and (share := _next_share(progress, seed)):
                running[pool.submit(carry_out, share)] = share
            if not running:
                return
            for future in wait(running, 1.0, FIRST_COMPLETED).done:
                try:
                    done = future.result()
                except BrokenProcessPool:
                    shares = ", ".join(map(str, running.values()))
                    raise BenchError(f"a process died, with one of these inputs: {shares}") from None
                del running[future]
                _note(progress[done.share.target], done)
                if done.finding:
                    yield done.finding
            if time.monotonic() - told >= 1:
                told = time.monotonic()
                _tell(progress, told - begun)


def _next_share(progress: dict[str, Progress], seed: int) -> Share | None:
    """Return the next share of the target that had the least time so far, or None if nothing is left."""
    open_names = [name for name, each in progress.items() if not each.findings and each.next < each.end]
    if not open_names:
        return None
    name = min(open_names, key=lambda each: progress[each].seconds)
    target = progress[name]
    inputs = min(_inputs_a_share(target), target.end - target.next)
    target.next += inputs
    target.seconds += 1e-9  # so that the targets take turns from the beginning
    return Share(name, seed, target.next - inputs, inputs)


def _inputs_a_share(target: Progress) -> int:
    return max(int(target.inputs / target.seconds * _SHARE_SECONDS), 1) if target.inputs else 20


def _note(target: Progress, done: Done) -> None:
    target.inputs += done.inputs
    target.seconds += done.seconds
    if done.finding:
        target.findings.append(done.finding)


def _tell(progress: dict[str, Progress], seconds: float) -> None:
    frames = sum(each.inputs * each.frames_an_input for each in progress.values())
    findings = sum(len(each.findings) for each in progress.values())
    told = f"{seconds:.0f} s: {count(frames)} frames, {count(frames / seconds)}/s, {findings} findings"
    tell(told)


# In the worker processes


def carry_out(share: Share) -> Done:
    """Feed the share's inputs to its target, up to the first that breaks a promise."""
    from bench.fuzz_targets import TARGETS

    target = TARGETS[share.target]
    begun = time.process_time()
    for number in range(share.first, share.first + share.inputs):
        data, rng = input_of(share.target, share.seed, number)
        if (problem := problem_of(share.target, data, rng)) is not None:
            seconds = time.process_time() - begun
            smallest, its_problem = _smallest(share.target, data, problem)
            finding = Finding(share.target, number * target.frames, data, smallest, its_problem)
            return Done(share, number + 1 - share.first, seconds, finding)
    return Done(share, share.inputs, time.process_time() - begun, None)


def input_of(name: str, seed: int, number: int) -> tuple[bytes, Random]:
    """Return a target's input by its number, and the random generator for cutting it."""
    from bench.fuzz_targets import TARGETS, mutator

    rng = Random(f"{seed}/{name}/{number}")
    frame = mutator(name).frame
    frames = TARGETS[name].frames
    ending = b"\n" if rng.random() < 0.5 else b""
    return b"\n".join([frame(rng) for _ in range(frames)]) + ending, rng


class _TooSlow(Exception):
    """An input took longer than the limit."""


def _stop(_: int, __: FrameType | None) -> None:
    raise _TooSlow(f"it took longer than {INPUT_SECONDS_MAX:g} seconds")


def problem_of(name: str, data: bytes, rng: Random | None) -> str | None:
    """Return what is wrong with the target's reading of `data`, or None if it keeps its promise.

    The data is cut one way, drawn from `rng`, or every way without one.
    """
    from bench.fuzz_promises import every_way, one_way
    from bench.fuzz_targets import TARGETS

    previous = signal.signal(signal.SIGALRM, _stop)
    timer = signal.setitimer(signal.ITIMER_REAL, INPUT_SECONDS_MAX)
    try:
        TARGETS[name].check(data, one_way(rng) if rng else every_way)
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__}: {error} ({os.path.basename(where.filename)}, {where.name})"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
        signal.setitimer(signal.ITIMER_REAL, *timer)
    return None


def _smallest(name: str, data: bytes, problem: str) -> tuple[bytes, str]:
    """Return the smallest form of `data` that shows the same kind of problem, and the problem."""
    from bench.fuzz_shrink import shrink

    kind = problem.partition(":")[0]

    def fails(smaller: bytes) -> bool:
        found = problem_of(name, smaller, None)
        return found is not None and found.partition(":")[0] == kind

    if kind == _TooSlow.__name__ or not fails(data):
        return data, problem
    smallest = shrink(data, fails)
    return smallest, problem_of(name, smallest, None) or problem


def worded(finding: Finding, seed: int) -> str:
    """Return a report of the finding, with the command that repeats it."""
    return (
        f"{finding.target}: {finding.problem}\n"
        f"  again: bench/fuzz --seed {seed} --target {finding.target} --from {finding.frame}\n"
        f"  input: {_shown(finding.data)}\n"
        f"  smallest: {_shown(finding.smallest)}"
    )


def _shown(data: bytes) -> str:
    cut = data[:_SHOWN_BYTES_MAX]
    return repr(cut) if cut == data else f"{cut!r}… ({len(data)} bytes)"


def save(finding: Finding, path: str) -> None:
    """Write the found input into a folder, as it was and minimised."""
    os.makedirs(path, exist_ok=True)
    for form, data in (("input", finding.data), ("smallest", finding.smallest)):
        with open(os.path.join(path, f"{finding.target}-{finding.frame}-{form}"), "wb") as file:
            file.write(data)
