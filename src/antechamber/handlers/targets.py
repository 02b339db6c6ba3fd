"""Which member a command means: the membership that its sender saw, never a stranger who has since taken the name."""

from typing import Any, TypeVar

from msgspec.structs import replace

from antechamber.channel.modes import ROLES
from antechamber.protocol.commands import Send, SetModes, Targeted, Whisper
from antechamber.protocol.events import ModeChange
from antechamber.protocol.refusals import Refused
from antechamber.rooms.room import Room
from antechamber.session.tokens import Claim

_Command = TypeVar("_Command", bound=Targeted)


def find_target(room: Room, command: _Command) -> _Command | Refused:
    """Return a command with the present name of the member that it means, if it says which entry that one `entered` by.

    It is refused if that member has left and somebody else has the name.
    """
    if not command.entered:
        return command
    names = _names(room, command)
    return names if isinstance(names, Refused) else replace(command, **names)


def target_name(room: Room, command: Whisper | Send) -> str:
    """Return the present name of the member that a command is for, as far as it can be found."""
    meant = find_target(room, command)
    return command.to if isinstance(meant, Refused) else meant.to


def _names(room: Room, command: Targeted) -> dict[str, Any] | Refused:
    """Return the fields in which a command names a member, with the present name."""
    if not isinstance(command, SetModes):
        field = "to" if isinstance(command, Whisper | Send) else "name"
        name = _present_name(room, getattr(command, field), command.entered)
        return name if isinstance(name, Refused) else {field: name}
    changes = []
    for mode, argument in command.changes:
        name = _present_name(room, argument, command.entered) if mode[1:] in ROLES else argument
        if isinstance(name, Refused):
            return name
        changes.append(ModeChange(mode, name))
    return {"changes": tuple(changes)}


def _present_name(room: Room, name: str, entered: int) -> str | Refused:
    """Return the present name of the member who was called `name` and entered by the entry `entered`.

    If that member has left, it is still `name`, unless somebody else has the name now.
    """
    if (standing := room.standing(Claim(room.name, name, entered))) is not None:
        return standing.name
    if room.channel.membership(name) is None:
        return name
    return Refused("someone-else", f"That was another {name}: the one you mean has left {room.name}.")
