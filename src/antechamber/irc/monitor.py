"""MONITOR: telling a user when somebody takes or frees a nick.

https://ircv3.net/specs/extensions/monitor
"""

from antechamber.codec.irc.numerics import (
    ERR_MONLISTFULL,
    RPL_ENDOFMONLIST,
    RPL_MONLIST,
    RPL_MONOFFLINE,
    RPL_MONONLINE,
    Numeric,
)
from antechamber.irc.exchange import Exchange
from antechamber.irc.message_text import LIST_BYTES_MAX, packed
from antechamber.irc.verbs import targets_in, verb
from antechamber.protocol.limits import MONITORED_MAX
from antechamber.protocol.text import fold


def tell_online(exchange: Exchange) -> None:
    """Tell those who monitor the user's nick that somebody has it now."""
    for watcher in exchange.network.users.watchers(exchange.user.name):
        exchange.to(watcher).reply(RPL_MONONLINE, text=exchange.user.source)


def tell_offline(exchange: Exchange, nick: str) -> None:
    """Tell those who monitor a nick that nobody has it any more."""
    for watcher in exchange.network.users.watchers(nick):
        exchange.to(watcher).reply(RPL_MONOFFLINE, text=nick)


@verb(
    "MONITOR +|-|C|L|S [<nick>,…]",
    "Tells you when somebody comes or goes.",
    params_min=1,
    names=slice(1, 2),
    cost=targets_in(1),
)
def monitor(exchange: Exchange) -> None:
    """Add nicks to the list of those that the user monitors, remove some, or show it."""
    monitored = list((exchange.user.monitored or {}).values())
    subcommand = exchange.param(0).upper()
    if subcommand in ("+", "-") and len(exchange.params) < 2:
        return
    match subcommand:
        case "+":
            _add(exchange, _nicks(exchange))
        case "-":
            _remove(exchange, _nicks(exchange))
        case "C":
            _remove(exchange, monitored)
        case "L":
            _tell(exchange, RPL_MONLIST, monitored)
            exchange.reply(RPL_ENDOFMONLIST)
        case "S":
            _tell_status(exchange, monitored)


def _nicks(exchange: Exchange) -> list[str]:
    """Return the nicks that the line names, each once; what has a space in it is not a nick."""
    named = {fold(nick): nick for nick in exchange.param(1).split(",") if nick and " " not in nick}
    return list(named.values())


def _add(exchange: Exchange, nicks: list[str]) -> None:
    user, added = exchange.user, []
    for place, nick in enumerate(nicks):
        known = user.monitored or {}
        if fold(nick) in known:
            continue
        if len(known) >= MONITORED_MAX:
            exchange.reply(ERR_MONLISTFULL, str(MONITORED_MAX), ",".join(nicks[place:]))
            break
        exchange.network.users.watch(exchange.turn, user, nick)
        added.append(nick)
    _tell_status(exchange, added)


def _remove(exchange: Exchange, nicks: list[str]) -> None:
    user = exchange.user
    for nick in nicks:
        if fold(nick) in (user.monitored or {}):
            exchange.network.users.unwatch(exchange.turn, user, nick)


def _tell_status(exchange: Exchange, nicks: list[str]) -> None:
    found = {nick: exchange.network.users.get(nick) for nick in nicks}
    _tell(exchange, RPL_MONONLINE, [one.source for one in found.values() if one is not None])
    _tell(exchange, RPL_MONOFFLINE, [nick for nick, one in found.items() if one is None])


def _tell(exchange: Exchange, numeric: Numeric, items: list[str]) -> None:
    for line in packed(items, LIST_BYTES_MAX, separator=","):
        exchange.reply(numeric, text=line)
