"""Aiming: what is for a member goes to the membership that its sender saw, and never to who took the name since."""

from typing import Any, TypeVar

from msgspec.structs import replace

from antechamber.channel.channel import Refused
from antechamber.channel.modes import ROLES
from antechamber.protocol.commands import Aimed, Command, Send, SetModes, Whisper
from antechamber.protocol.events import ModeChange
from antechamber.rooms.room import Room
from antechamber.session.tokens import Claim

_Asked = TypeVar("_Asked", bound=Command)


def aim(room: Room, command: _Asked) -> _Asked | Refused:
    """Return a command with the name that the member has by now whom it is for, if it tells when that one `entered`.

    It is refused where that one has left, and somebody else has the name.
    """
    if not isinstance(command, Aimed) or not command.entered:
        return command
    names = _names(room, command)
    return names if isinstance(names, Refused) else replace(command, **names)


def _names(room: Room, command: Aimed) -> dict[str, Any] | Refused:
    """Return the fields in which a command names a member, with the name by now."""
    if not isinstance(command, SetModes):
        field = "to" if isinstance(command, Whisper | Send) else "name"
        meant = _meant(room, getattr(command, field), command.entered)
        return meant if isinstance(meant, Refused) else {field: meant}
    changes = []
    for mode, argument in command.changes:
        meant = _meant(room, argument, command.entered) if mode[1:] in ROLES else argument
        if isinstance(meant, Refused):
            return meant
        changes.append(ModeChange(mode, meant))
    return {"changes": tuple(changes)}


def _meant(room: Room, name: str, entered: int) -> str | Refused:
    """Return what the member is called by now who was called `name`, and entered by the entry `entered`.

    Where that one is not here any more it is `name` still, unless somebody else has that now.
    """
    if (standing := room.standing(Claim(room.name, name, entered))) is not None:
        return standing.name
    if room.channel.membership(name) is None:
        return name
    return Refused("someone-else", f"That was another {name}: the one you mean has left {room.name}.")
