"""A run: one seed's world, for so many steps, and the end of it. What breaks a rule is caught and told."""

import logging
import traceback
from bisect import bisect_right
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from hashlib import sha256
from itertools import accumulate
from typing import NamedTuple

from tests.simulation import faults, people, upheavals
from tests.simulation.disk import Failure
from tests.simulation.ending import see_all_end
from tests.simulation.failing import Killed, RuleBroken
from tests.simulation.world import World

Operation = Callable[[World], bool]
OPERATIONS: dict[Operation, int] = {
    people.arrive: 80,
    people.come_back: 30,
    people.come_back_alive: 8,
    people.say: 160,
    people.flood: 10,
    people.say_again: 6,
    people.whisper: 20,
    people.react: 8,
    people.look: 20,
    people.switch: 20,
    people.send_file: 10,
    people.leave: 12,
    people.talk_nonsense: 8,
    people.begin_line: 8,
    people.knock: 2,
    people.drop: 25,
    people.find_gone: 8,
    people.slow_down: 8,
    faults.kick: 6,
    faults.mute: 10,
    faults.empty: 2,
    faults.move: 8,
    faults.announce: 3,
    faults.set_topic: 3,
    faults.set_modes: 6,
    faults.ban: 6,
    faults.move_file: 15,
    faults.pass_moment: 30,
    faults.pass_seconds: 8,
    faults.pass_minutes: 1,
    faults.set_clock: 2,
    faults.fail_appends: 5,
    faults.fill_disk: 2,
    faults.fail_snapshots: 2,
    faults.fail_reads: 2,
    faults.heal_disk: 10,
    faults.forget: 6,
    upheavals.reload: 5,
    upheavals.kill: 2,
    upheavals.shut_down: 1,
    upheavals.fail_power: 1,
}
"""Everything that may happen in a step, and how often beside the rest."""
_BY_NAME = {operation.__name__: operation for operation in OPERATIONS}
_WEIGHTS = {operation.__name__: weight for operation, weight in OPERATIONS.items()}
_REMEMBERED = 30
"""How many of the last operations are told of."""
_LOOK_STEPS = 8
"""After so many steps the world is looked at whole."""
STEPS = 1_000
"""The length of a run, where nobody wants another."""


class Failing(NamedTuple):
    """What a run has found."""

    seed: int
    step: int
    problem: str
    last: list[str]
    """The last operations, each with its step."""
    where: tuple[str, int]
    """The place in the code that found it, which is its kind."""


class Run:
    """One seed's world. The steps `left_out` are passed over; what is sent and read is put into `story`."""

    def __init__(self, seed: int, left_out: Collection[int] = (), story: list[str] | None = None) -> None:
        self.seed = seed
        self.operations = 0
        self.last: deque[tuple[int, Operation]] = deque(maxlen=_REMEMBERED)
        self._left_out = left_out
        self.world = World(seed, _WEIGHTS)
        self.world.story = story
        weights = self.world.plan.weights
        self._operations = [_BY_NAME[name] for name in weights]
        self._sums = list(accumulate(weights.values()))

    def go(self, steps: int) -> Failing | None:
        """Take so many steps, and come to the end; return what was found, None where that is nothing."""
        world = self.world
        with _alarmed():
            try:
                for step in range(1, steps + 1):
                    if step not in self._left_out:
                        self._take_step(step)
                world.step = steps + 1
                world.dice.begin(world.step)
                see_all_end(world)
            except Exception as error:
                return self._failing(error)
        return None

    @property
    def counts(self) -> Counter[str]:
        """How often what has happened."""
        return self.world.counts + self.world.disk.failed

    def told(self) -> list[str]:
        """Return the last operations in words, each with its step."""
        return [f"{step}: {operation.__name__.replace('_', ' ')}" for step, operation in self.last]

    def fingerprint(self) -> str:
        """Return what two runs have in common only if they are the same."""
        digest = sha256(repr((self.operations, sorted(self.counts.items()))).encode())
        for name, shelf in sorted(self.world.disk.shelves.items()):
            digest.update(b"\n".join([name.encode(), *shelf.lines]))
        return digest.hexdigest()

    def _take_step(self, step: int) -> None:
        world, dice = self.world, self.world.dice
        world.step = step
        dice.begin(step)
        operation = self._operations[bisect_right(self._sums, dice.below(self._sums[-1]))]
        self.last.append((step, operation))
        if world.story is not None:
            world.story.append(f"step {step} at {world.clock.time:.3f}: {operation.__name__.replace('_', ' ')}")
        try:
            self.operations += operation(world)
            if dice.chance(world.plan.turns):
                world.settle()
                if step % _LOOK_STEPS == 0:
                    world.look_around()
        except Killed:
            world.die()
            world.start()

    def _failing(self, error: Exception) -> Failing:
        problem = str(error)
        if not isinstance(error, RuleBroken):
            problem = "".join(traceback.format_exception(error)).strip()
        place = traceback.extract_tb(error.__traceback__)[-1]
        if place.name == "fail":
            place = traceback.extract_tb(error.__traceback__)[-2]
        return Failing(self.seed, self.world.step, problem, self.told(), (place.filename, place.lineno or 0))


class _Ear(logging.Handler):
    """Hears what the server logs, and lets no fault of the program go by."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if error is not None and not isinstance(error, Failure):
            raise RuleBroken(f"{record.getMessage()}: {''.join(traceback.format_exception(error))}") from error


@contextmanager
def _alarmed() -> Iterator[None]:
    logger, ear = logging.getLogger("antechamber"), _Ear(logging.WARNING)
    level, propagates = logger.level, logger.propagate
    logger.addHandler(ear)
    logger.setLevel(logging.WARNING)
    logger.propagate = False
    try:
        yield
    finally:
        logger.removeHandler(ear)
        logger.setLevel(level)
        logger.propagate = propagates
