"""Monitoring: who is told when a nick comes and goes, by MONITOR."""

from collections.abc import Iterable, Iterator

from antechamber.codec.irc.decoding import Line, fold
from antechamber.codec.irc.numerics import (
    ERR_MONLISTFULL,
    RPL_ENDOFMONLIST,
    RPL_MONLIST,
    RPL_MONOFFLINE,
    RPL_MONONLINE,
    Numeric,
)
from antechamber.irc.network import Network
from antechamber.irc.users import User
from antechamber.irc.verbs import targets_in, verb
from antechamber.protocol.limits import MONITORED_MAX

_LIST_BYTES_MAX = 400
"""Length of the nicks in one line of an answer."""


def tell_online(network: Network, user: User) -> None:
    """Let those know who monitor a nick that somebody has it now."""
    for watcher in network.users.watchers(user.name):
        network.reply(watcher, RPL_MONONLINE, text=user.source)


def tell_offline(network: Network, nick: str) -> None:
    """Let those know who monitor a nick that nobody has it any more."""
    for watcher in network.users.watchers(nick):
        network.reply(watcher, RPL_MONOFFLINE, text=nick)


@verb(
    "MONITOR +|-|C|L|S [<nick>,…]",
    "Tells you when somebody comes or goes.",
    params_min=1,
    names=slice(1, 2),
    cost=targets_in(1),
)
def _monitor(network: Network, user: User, line: Line) -> None:
    what = line.params[0].upper()
    if what in ("+", "-") and len(line.params) < 2:
        return
    match what:
        case "+":
            _add(network, user, _nicks(line))
        case "-":
            _remove(network, user, _nicks(line))
        case "C":
            _remove(network, user, list((user.monitored or {}).values()))
        case "L":
            _tell(network, user, RPL_MONLIST, (user.monitored or {}).values())
            network.reply(user, RPL_ENDOFMONLIST)
        case "S":
            _tell_status(network, user, (user.monitored or {}).values())


def _nicks(line: Line) -> list[str]:
    """Return the nicks that a line names, each once and whole."""
    named = {fold(nick): nick for nick in line.params[1].split(",") if nick and " " not in nick}
    return list(named.values())


def _add(network: Network, user: User, nicks: list[str]) -> None:
    users, added = network.users, []
    for at, nick in enumerate(nicks):
        known = user.monitored or {}
        if fold(nick) in known:
            continue
        if len(known) >= MONITORED_MAX:
            network.reply(user, ERR_MONLISTFULL, str(MONITORED_MAX), ",".join(nicks[at:]))
            break
        users.watch(user, nick)
        added.append(nick)

    def undo() -> None:
        for nick in added:
            users.unwatch(user, nick)

    network.turn.undo.append(undo)
    _tell_status(network, user, added)


def _remove(network: Network, user: User, nicks: list[str]) -> None:
    users, known = network.users, user.monitored or {}
    removed = [known[fold(nick)] for nick in nicks if fold(nick) in known]
    for nick in removed:
        users.unwatch(user, nick)

    def undo() -> None:
        for nick in removed:
            users.watch(user, nick)

    network.turn.undo.append(undo)


def _tell_status(network: Network, user: User, nicks: Iterable[str]) -> None:
    found = {nick: network.users.get(nick) for nick in nicks}
    _tell(network, user, RPL_MONONLINE, [one.source for one in found.values() if one is not None])
    _tell(network, user, RPL_MONOFFLINE, [nick for nick, one in found.items() if one is None])


def _tell(network: Network, user: User, numeric: Numeric, items: Iterable[str]) -> None:
    for told in _portions(items):
        network.reply(user, numeric, text=told)


def _portions(items: Iterable[str]) -> Iterator[str]:
    """Join items by commas, as many at a time as fit into a line."""
    portion: list[str] = []
    room = _LIST_BYTES_MAX
    for item in items:
        size = len(item.encode()) + 1
        if portion and size > room:
            yield ",".join(portion)
            portion, room = [], _LIST_BYTES_MAX
        portion.append(item)
        room -= size
    if portion:
        yield ",".join(portion)
