"""IRC's commands in one table: how many parameters each needs, who may give it when, and what it costs."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Verb(NamedTuple):
    """What the server knows of a command before it is carried out."""

    parameters_min: int = 0
    """With fewer it is answered by 461."""
    before_registration: bool = False
    """Whether it may be given before the connection has its nick; any other is answered by 451."""


VERBS: dict[str, Verb] = {
    # the connection
    "CAP": Verb(1, before_registration=True),
    "PASS": Verb(1, before_registration=True),
    "NICK": Verb(before_registration=True),
    "USER": Verb(4, before_registration=True),
    "PING": Verb(1, before_registration=True),
    "PONG": Verb(before_registration=True),
    "QUIT": Verb(before_registration=True),
    # channels
    "JOIN": Verb(1),
    "PART": Verb(1),
    "TOPIC": Verb(1),
    "NAMES": Verb(),
    "LIST": Verb(),
    "INVITE": Verb(),
    "KICK": Verb(2),
    "MODE": Verb(1),
    "MUTE": Verb(3),
    "EMPTY": Verb(1),
    "MOVE": Verb(3),
    "ANNOUNCE": Verb(1),
    # talk and the past
    "PRIVMSG": Verb(),
    "NOTICE": Verb(),
    "TAGMSG": Verb(1),
    "BATCH": Verb(1),
    "CHATHISTORY": Verb(),
    "MARKREAD": Verb(),
    "SEND": Verb(2),
    # people
    "AWAY": Verb(),
    "SETNAME": Verb(1),
    "MONITOR": Verb(1),
    "WHO": Verb(),
    "WHOIS": Verb(),
    "WHOWAS": Verb(),
    "USERHOST": Verb(1),
    "ISON": Verb(1),
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
    "KILL": Verb(1),
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
