"""OPER, KILL, REHASH and WALLOPS: becoming an operator of the server, and what operators may do.

RFC 2812, sections 3.1.4, 3.7.1, 4.2 and 4.7.
"""

from antechamber.codec.irc.decoding import SERVER_NAME, message
from antechamber.codec.irc.numerics import (
    ERR_CANTKILLSERVER,
    ERR_NOPRIVILEGES,
    ERR_NOSUCHNICK,
    ERR_PASSWDMISMATCH,
    RPL_REHASHING,
    RPL_YOUREOPER,
)
from antechamber.irc.exchange import Exchange
from antechamber.irc.mode import set_modes
from antechamber.irc.people import find, rooms_of
from antechamber.irc.quit import depart
from antechamber.irc.verbs import verb
from antechamber.protocol.commands import Kick
from antechamber.protocol.limits import LAST_WORDS_CHARACTERS_MAX
from antechamber.protocol.text import fold


@verb("OPER <name> <operator token>", "Makes you an operator of the server.", params_min=2, are_secret=True)
def oper(exchange: Exchange) -> None:
    """Make the user an operator, if it shows the operator token."""
    user, network = exchange.user, exchange.network
    if (refused := network.login_attempts.judge_operator(user, network.tokens, exchange.param(1))) is not None:
        exchange.reply(ERR_PASSWDMISMATCH, text=None if refused.code == "bad-token" else refused.text)
        return
    set_modes(exchange, "".join(sorted({*user.modes, "o"})))
    exchange.reply(RPL_YOUREOPER)


def _is_operator(exchange: Exchange) -> bool:
    """Return whether the user is an operator of the server; if not, tell it that it has to be."""
    if not exchange.user.operator:
        exchange.reply(ERR_NOPRIVILEGES)
    return exchange.user.operator


@verb(
    "KILL <nick> [:<reason>]",
    "Closes somebody's connection. For operators of the server.",
    params_min=1,
    is_logged=True,
    names=slice(1),
)
def kill(exchange: Exchange) -> None:
    """Close somebody's connection."""
    if not _is_operator(exchange):
        return
    nick, reason = exchange.param(0), exchange.param(1).strip() or "No reason given"
    text = f"Killed ({exchange.user.name} ({reason}))"[:LAST_WORDS_CHARACTERS_MAX]
    one = find(exchange, nick)
    if fold(nick) == SERVER_NAME:
        exchange.reply(ERR_CANTKILLSERVER)
    elif one is None:
        exchange.reply(ERR_NOSUCHNICK, nick)
    elif one.user is not None:
        exchange.to(one.user).send(message(exchange.user.source, "KILL", one.nick, reason, trailing=True))
        depart(exchange.to(one.user), text)
        exchange.turn.end(one.user, "kicked", text)
    else:
        _kick_everywhere(exchange, one.name, text)


def _kick_everywhere(exchange: Exchange, name: str, text: str) -> None:
    """Remove the members of this name who are not on IRC, which closes their connections."""
    for room in rooms_of(exchange):
        command = Kick(room.name, name, text=text)
        exchange.network.executor.carry_out(exchange.turn, room, exchange.user, command, by="")


@verb("REHASH", "Reads the config again. For operators of the server.")
def rehash(exchange: Exchange) -> None:
    """Have the config read again."""
    if _is_operator(exchange):
        exchange.reply(RPL_REHASHING, SERVER_NAME)
        exchange.network.rehash()


@verb("WALLOPS :<text>", "Tells something to all who have mode w. For operators of the server.", params_min=1)
def wallops(exchange: Exchange) -> None:
    """Send a text to all users who have mode `w`."""
    if _is_operator(exchange):
        line = message(exchange.user.source, "WALLOPS", exchange.param(0), trailing=True)
        for reader in exchange.network.users:
            if "w" in reader.modes:
                exchange.to(reader).send(line)
