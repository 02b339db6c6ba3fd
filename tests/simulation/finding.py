"""What a run has found, told so that it can be had again: by its seed, and in as few steps as break the same rule."""

from typing import NamedTuple

from tests.simulation.run import STEPS, Failing, Run

_RUNS_MAX = 300
"""How often a failing run is repeated, at most, to make it smaller."""
_LINES_MAX = 60
_LINE_MAX = 200
"""How much of a run's story is shown."""


class Finding(NamedTuple):
    """A failing run of so many `steps`, those that are `needed` to break the same rule, and what happens in these."""

    failing: Failing
    steps: int
    needed: list[int]
    story: list[str]


def simulate(seed: int, steps: int = STEPS) -> Finding | None:
    """Run a seed; return what that finds, None where it is nothing."""
    failing = Run(seed).go(steps)
    return None if failing is None else investigate(failing, steps)


def investigate(failing: Failing, steps: int) -> Finding:
    """Make a failing run of so many steps smaller."""
    length = min(failing.step, steps)
    needed = _smaller(failing, length)
    story: list[str] = []
    Run(failing.seed, {*range(1, length + 1)} - {*needed}, story).go(length)
    return Finding(failing, steps, needed, story)


def worded(finding: Finding) -> str:
    """Return a finding in words, with the command that repeats it."""
    failing, story = finding.failing, [line[:_LINE_MAX] for line in finding.story]
    if len(story) > _LINES_MAX:
        story = ["...", *story[-_LINES_MAX:]]
    return "\n".join(
        [
            f"seed {failing.seed} broke a rule in step {failing.step}: {failing.problem}",
            f"  again: bench/simulate --seed {failing.seed} --steps {finding.steps}",
            f"  the last operations: {', '.join(failing.last)}",
            f"  {len(finding.needed)} of the steps break the same rule by themselves:",
            *(f"    {line}" for line in story),
        ]
    )


def _smaller(failing: Failing, length: int) -> list[int]:
    """Return the steps, as few as may be found, that break the same rule by themselves.

    Parts of the run are left out, smaller and smaller ones, as long as it fails without them.
    """
    needed = list(range(1, length + 1))
    parts, runs_left = 2, _RUNS_MAX
    while parts <= 2 * len(needed):
        size = max(len(needed) // parts, 1)
        for start in range(0, len(needed), size):
            rest = needed[:start] + needed[start + size :]
            runs_left -= 1
            found = Run(failing.seed, {*range(1, length + 1)} - {*rest}).go(length)
            if found is not None and found.where == failing.where:
                needed = [step for step in rest if step <= found.step]
                break
        else:
            if size == 1:
                break
            parts *= 2
        if runs_left <= 0:
            break
    return needed
