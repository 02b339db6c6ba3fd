"""Chance that follows from a seed alone: the same numbers on any machine, with any version of Python.

Each step has throws of its own, so that a run goes on in nearly the same way where one step of it is left out.
"""

from collections.abc import Sequence
from typing import TypeVar

_MASK = (1 << 64) - 1
_STRIDE = 0x9E3779B97F4A7C15
T = TypeVar("T")


class Dice:
    """A linear congruential generator of 64 bits, begun afresh at each step; its upper bits are what is thrown."""

    __slots__ = ("_seed", "_state")

    def __init__(self, seed: int) -> None:
        self._seed = self._state = _mixed(seed * _STRIDE + 1)

    def begin(self, step: int) -> None:
        """Throw what is thrown at `step`."""
        self._state = _mixed(self._seed + step * _STRIDE)

    def below(self, bound: int) -> int:
        """Return a number from 0 up to `bound`, without it."""
        self._state = state = (self._state * 6364136223846793005 + 1442695040888963407) & _MASK
        return (state >> 33) % bound

    def chance(self, per_mille: int) -> bool:
        """Say yes in so many of a thousand cases."""
        self._state = state = (self._state * 6364136223846793005 + 1442695040888963407) & _MASK
        return (state >> 33) % 1000 < per_mille

    def pick(self, choices: Sequence[T]) -> T:
        """Return one of `choices`, which there must be."""
        return choices[self.below(len(choices))]

    def shuffled(self, choices: Sequence[T]) -> list[T]:
        """Return the `choices` in any order."""
        rest = list(choices)
        return [rest.pop(self.below(len(rest))) for _ in choices]


def _mixed(number: int) -> int:
    """Return a number that has nothing to do with `number` to look at (the finaliser of splitmix64)."""
    number &= _MASK
    number = ((number ^ (number >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    number = ((number ^ (number >> 27)) * 0x94D049BB133111EB) & _MASK
    return number ^ (number >> 31)
