"""Channels with modes and roles, and what is asked of them."""

from antechamber.protocol.commands import (
    Command,
    Join,
    SetModes,
)
from antechamber.protocol.events import (
    ModeChange,
    ModesSet,
)
from antechamber.protocol.refusals import Refused
from tests.fakes import NOON, KeptChannel


def channel_of(*names: str, seats: int = 3, modes: tuple[str, ...] = (), is_open: bool = False) -> KeptChannel:
    """Return a channel that these have joined from hosts of their own, in which these modes were set then."""
    kept = KeptChannel(seats, is_open=is_open)
    for name in names:
        kept.take(Join(host=f"{name.lower()}.cloak"), name)
    for mode in modes:
        assert kept.take(change(mode)) == [ModesSet("", (ModeChange(*mode.split()),))]
    return kept


def change(*changes: str) -> SetModes:
    """Return a command that makes these changes, each a mode and its argument."""
    return SetModes(tuple(ModeChange(*one.split()) for one in changes))


def code(kept: KeptChannel, command: Command, name: str = "", time: float = NOON) -> str:
    """Return the code of a refusal, "" where there is none."""
    decision = kept.take(command, name, time)
    return decision.code if isinstance(decision, Refused) else ""
