"""Decisions: the events that carry a command out, or a refusal, which is a value and not an exception."""

from collections.abc import Sequence
from typing import NamedTuple

from antechamber.protocol.events import AnyEvent


class Refused(NamedTuple):
    """The reason why a command is declined: `code` is for programs, `text` for people."""

    code: str
    text: str


Decision = Sequence[AnyEvent] | Refused

NOT_OPERATOR = Refused("not-operator", "Only an operator of the channel may do that.")
