"""What the decoder has to know of a command's parameters: which are names, what they cost, and which are secret."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple


def _one(_: Sequence[str]) -> int:
    return 1


def _none(_: Sequence[str]) -> int:
    return 0


class Parameters(NamedTuple):
    """How the parameters of one command are read and counted."""

    names: slice = slice(0)
    """Those that name people or channels, also by masks; the decoder normalises them. The others are text."""
    cost: Callable[[Sequence[str]], int] = _one
    """How many commands it counts as: one for each target or change."""
    entrances: Callable[[Sequence[str]], int] = _none
    """How many channels it asks to enter."""
    are_secret: bool = False
    """Whether passwords, keys or tokens may stand among them, which the server's log must not show."""


Table = Mapping[str, Parameters]
"""The parameters of each command, by its name in upper case."""
ORDINARY = Parameters()
"""The parameters of a command that is in no table."""
EMPTY: Table = {}
"""The table in which all commands are ordinary."""
