"""Operators of the server: how one becomes one, and what one may do then: KILL, REHASH and WALLOPS."""

from antechamber.channel.channel import Refused
from antechamber.codec.irc.decoding import SERVER_NAME, Line, fold, message
from antechamber.codec.irc.numerics import (
    ERR_CANTKILLSERVER,
    ERR_NOPRIVILEGES,
    ERR_NOSUCHNICK,
    ERR_PASSWDMISMATCH,
    RPL_REHASHING,
    RPL_YOUREOPER,
)
from antechamber.irc.mode import set_modes
from antechamber.irc.network import Network
from antechamber.irc.people import find, rooms_of
from antechamber.irc.quit import depart
from antechamber.irc.users import User
from antechamber.irc.verbs import verb
from antechamber.protocol.commands import Kick
from antechamber.protocol.limits import LAST_WORDS_CHARACTERS_MAX
from antechamber.session.login_attempts import OPERATOR


@verb("OPER <name> <operator token>", "Makes you an operator of the server.", params_min=2, are_secret=True)
def _oper(network: Network, user: User, line: Line) -> None:
    if (refused := network.login_attempts.waits(user, OPERATOR)) is not None:
        network.reply(user, ERR_PASSWDMISMATCH, text=refused.text)
        return
    if not network.tokens.operates(line.params[1]):
        network.login_attempts.failed(user, OPERATOR, "operator token")
        network.reply(user, ERR_PASSWDMISMATCH)
        return
    network.login_attempts.succeeded(user, OPERATOR)
    set_modes(network, user, "".join(sorted({*user.modes, "o"})))
    network.reply(user, RPL_YOUREOPER)


def _may(network: Network, user: User) -> bool:
    if not user.operator:
        network.reply(user, ERR_NOPRIVILEGES)
    return user.operator


@verb(
    "KILL <nick> [:<reason>]",
    "Closes somebody's connection. For operators of the server.",
    params_min=1,
    is_logged=True,
    names=slice(1),
)
def _kill(network: Network, user: User, line: Line) -> None:
    if not _may(network, user):
        return
    nick, words = line.params[0], line.params[1].strip() if len(line.params) > 1 else ""
    reason = words or "No reason given"
    text = f"Killed ({user.name} ({reason}))"[:LAST_WORDS_CHARACTERS_MAX]
    one = find(network, user, nick)
    if fold(nick) == SERVER_NAME:
        network.reply(user, ERR_CANTKILLSERVER)
    elif one is None:
        network.reply(user, ERR_NOSUCHNICK, nick)
    elif one.user is not None:
        network.send(one.user, message(user.source, "KILL", one.nick, reason, trailing=True))
        depart(network, one.user, text)
        network.turn.end(one.user, "kicked", text)
    else:
        _kick_everywhere(network, user, one.name, text)


def _kick_everywhere(network: Network, user: User, name: str, text: str) -> None:
    """Close the connections of members from elsewhere who have this name."""
    for room in rooms_of(network, user):
        network.replies.at = room
        decision = room.channel.decide(Kick(room.name, name, text=text), "", network.turn.steady)
        if not isinstance(decision, Refused):
            room.record(network.turn, decision)


@verb("REHASH", "Reads the config again. For operators of the server.")
def _rehash(network: Network, user: User, line: Line) -> None:
    if _may(network, user):
        network.reply(user, RPL_REHASHING, SERVER_NAME)
        network.rehash()


@verb("WALLOPS :<text>", "Tells something to all who have mode w. For operators of the server.", params_min=1)
def _wallops(network: Network, user: User, line: Line) -> None:
    if _may(network, user):
        told = message(user.source, "WALLOPS", line.params[0], trailing=True)
        for reader in network.users:
            if "w" in reader.modes:
                network.send(reader, told)
