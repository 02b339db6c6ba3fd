"""What the decoder has to know about a command's parameters: which are names, what they cost, which are secret."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple


def _one(_: Sequence[str]) -> int:
    return 1


def _none(_: Sequence[str]) -> int:
    return 0


class Parameters(NamedTuple):
    """How the parameters of one command are decoded and counted."""

    names: slice = slice(0)
    """The parameters that are names or masks, which the decoder normalises; the others are text."""
    cost: Callable[[Sequence[str]], int] = _one
    """The number of commands that it counts as: one for each target or change."""
    entrances: Callable[[Sequence[str]], int] = _none
    """The number of channels that it asks to enter."""
    are_secret: bool = False
    """Whether they may contain passwords, keys or tokens, which log files must not show."""


Table = Mapping[str, Parameters]
"""The parameters of each command, by its name in upper case."""
ORDINARY = Parameters()
"""The parameters of a command that is not in the table."""
EMPTY: Table = {}
"""The table in which all commands are ordinary."""
