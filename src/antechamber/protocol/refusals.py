"""What a channel decides: events that carry a command out, or a refusal, which is a value."""

from collections.abc import Sequence
from typing import NamedTuple

from antechamber.protocol.events import AnyEvent


class Refused(NamedTuple):
    """A command that the channel declines: `code` is for programs, `text` for people."""

    code: str
    text: str


Decision = Sequence[AnyEvent] | Refused

NOT_OPERATOR = Refused("not-operator", "Only an operator of the channel may do that.")
