"""IRC's commands in one table: how many parameters each needs, who may give it when, and what it costs."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Verb(NamedTuple):
    """What the server knows of a command before it is carried out."""

    parameters_min: int = 0
    """With fewer it is answered by 461."""
    before_registration: bool = False
    """Whether it may be given before the connection has its nick; any other is answered by 451."""
    names: slice = slice(0)
    """Which of its parameters name somebody or something, one or several, or by a mask; the others are text."""


_ALL = slice(None)

VERBS: dict[str, Verb] = {
    # the connection
    "CAP": Verb(1, before_registration=True),
    "PASS": Verb(1, before_registration=True),
    "NICK": Verb(before_registration=True, names=slice(1)),
    "USER": Verb(4, before_registration=True, names=slice(4)),
    "PING": Verb(1, before_registration=True),
    "PONG": Verb(before_registration=True),
    "QUIT": Verb(before_registration=True),
    # channels
    "JOIN": Verb(1, names=slice(2)),
    "PART": Verb(1, names=slice(1)),
    "TOPIC": Verb(1, names=slice(1)),
    "NAMES": Verb(names=slice(1)),
    "LIST": Verb(names=_ALL),
    "INVITE": Verb(names=slice(2)),
    "KICK": Verb(2, names=slice(2)),
    "MODE": Verb(1, names=_ALL),
    "MUTE": Verb(3, names=slice(2)),
    "EMPTY": Verb(1, names=slice(1)),
    "MOVE": Verb(3, names=slice(2)),
    "ANNOUNCE": Verb(1, names=slice(1)),
    # talk and the past
    "PRIVMSG": Verb(names=slice(1)),
    "NOTICE": Verb(names=slice(1)),
    "TAGMSG": Verb(1, names=slice(1)),
    "BATCH": Verb(1, names=slice(2, 3)),
    "CHATHISTORY": Verb(names=slice(1, 2)),
    "MARKREAD": Verb(names=slice(1)),
    "SEND": Verb(2, names=slice(1)),
    # people
    "AWAY": Verb(),
    "SETNAME": Verb(1, names=slice(1)),
    "MONITOR": Verb(1, names=slice(1, 2)),
    "WHO": Verb(names=slice(1)),
    "WHOIS": Verb(names=slice(2)),
    "WHOWAS": Verb(names=slice(1)),
    "USERHOST": Verb(1, names=_ALL),
    "ISON": Verb(1, names=_ALL),
    # the server
    "MOTD": Verb(),
    "VERSION": Verb(),
    "TIME": Verb(),
    "INFO": Verb(),
    "ADMIN": Verb(),
    "STATS": Verb(),
    "LINKS": Verb(),
    "LUSERS": Verb(),
    "HELP": Verb(),
    "HELPOP": Verb(),
    # operators
    "OPER": Verb(2),
    "KILL": Verb(1, names=slice(1)),
    "REHASH": Verb(),
    "WALLOPS": Verb(1),
}
"""Every command by its name; any other is answered by 421."""

_LISTS: Mapping[str, tuple[int, ...]] = {
    **dict.fromkeys(("PRIVMSG", "NOTICE", "TAGMSG", "JOIN", "PART", "NAMES", "LIST", "WHOWAS"), (0,)),
    **dict.fromkeys(("KICK", "WHOIS"), (0, 1)),
    "MONITOR": (1,),
}
"""The parameters of each command in which several targets may stand, with commas between them."""
_WORDS = frozenset(("ISON", "USERHOST"))
"""The commands of which each word is a target."""


def targets(parameter: str) -> int:
    """Return how many targets stand in a parameter."""
    return parameter.count(",") + 1


def cost(command: str, params: Sequence[str]) -> int:
    """Return as how many commands one counts: as many as it has targets or makes changes, and one at least."""
    if (places := _LISTS.get(command)) is not None:
        return max([targets(params[place]) for place in places if place < len(params)], default=1)
    if command == "MODE":
        return max(sum(letter not in "+-" for letter in params[1]), 1) if len(params) > 1 else 1
    return max(sum(len(param.split()) for param in params), 1) if command in _WORDS else 1
