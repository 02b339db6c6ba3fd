"""The table of IRC's commands. Each module adds its own, by `verb` above the handler.

    @verb("KICK <channel> <nick> [:<reason>]", "Removes somebody from a channel.", params_min=2, names=slice(2))
    def kick(exchange: Exchange) -> None: ...

Dispatch imports all these modules, so the table is complete once it has been imported.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from antechamber.codec.irc.parameters import ORDINARY, Parameters
from antechamber.irc.exchange import Exchange

Handler = Callable[[Exchange], None]
"""Carries out a command that has at least its `params_min` parameters."""


class Verb(NamedTuple):
    """One row of the table: a command, and all that the server knows about it."""

    handler: Handler
    usage: str
    """Its name, then its parameters, as HELP shows them."""
    help: str
    """A sentence that says what it does, for HELP."""
    params_min: int
    """With fewer parameters it is answered by ERR_NEEDMOREPARAMS (461)."""
    before_registration: bool
    """Whether a connection may send it before it has its nick; others are answered by ERR_NOTREGISTERED (451)."""
    is_logged: bool
    """Whether it may lead to entries in a channel's log. Where the log cannot keep them, the sender is told so."""
    labels_itself: bool
    """Whether its handler labels the answer, which may come later than the command's turn."""
    parameters: Parameters
    """The rules by which the decoder reads and counts its parameters."""


VERBS: dict[str, Verb] = {}
"""Every command by its name; any other is answered by ERR_UNKNOWNCOMMAND (421)."""


def verb(
    usage: str,
    help_text: str,
    *,
    params_min: int = 0,
    before_registration: bool = False,
    is_logged: bool = False,
    labels_itself: bool = False,
    names: slice = ORDINARY.names,
    cost: Callable[[Sequence[str]], int] = ORDINARY.cost,
    entrances: Callable[[Sequence[str]], int] = ORDINARY.entrances,
    are_secret: bool = False,
) -> Callable[[Handler], Handler]:
    """Add the command that `usage` begins with to the table, with the function below as its handler."""
    name = usage.partition(" ")[0]
    parameters = Parameters(names, cost, entrances, are_secret)

    def add(handler: Handler) -> Handler:
        assert name not in VERBS, f"{name} has two handlers"
        VERBS[name] = Verb(
            handler, usage, help_text, params_min, before_registration, is_logged, labels_itself, parameters
        )
        return handler

    return add


def targets(parameter: str) -> int:
    """Return how many targets a parameter names; commas separate them."""
    return parameter.count(",") + 1


def targets_in(*places: int) -> Callable[[Sequence[str]], int]:
    """Return the cost of a command that has its targets in these parameters: as many as the longest list has."""
    return lambda params: max([targets(params[place]) for place in places if place < len(params)], default=1)


def words(params: Sequence[str]) -> int:
    """Return the cost of a command each word of which is a target."""
    return max(sum(len(param.split()) for param in params), 1)
