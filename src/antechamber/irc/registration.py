"""Registration: how a connection becomes a user with a nick, how it shows that it is there, and how it ends."""

from datetime import UTC, datetime

from antechamber.codec.irc.decoding import SERVER_NAME, Line, message
from antechamber.codec.irc.numerics import (
    ERR_ALREADYREGISTERED,
    ERR_NOORIGIN,
    RPL_CREATED,
    RPL_MYINFO,
    RPL_WELCOME,
    RPL_YOURHOST,
)
from antechamber.irc.isupport import CHANNEL_MODES, CHANNEL_ROLES, NETWORK_NAME, USER_MODES, tell_isupport
from antechamber.irc.monitor import tell_online
from antechamber.irc.network import Handler, Network
from antechamber.irc.nick_rules import is_same_one, refuse_taken
from antechamber.irc.quit import LEAVING, QUIT, depart
from antechamber.irc.server_info import VERSION, tell_lusers, tell_motd
from antechamber.irc.users import Registration, User
from antechamber.protocol.limits import LAST_WORDS_CHARACTERS_MAX, PASSWORD_CHARACTERS_MAX, REALNAME_CHARACTERS_MAX

_OVERTAKEN = "Overridden by another connection"


def say(network: Network, user: User, said: Registration) -> None:
    """Let this be what a connection has said of itself; once that is all that is needed, it is registered."""
    network.change(user, "registration", said)
    if said.nick and said.has_user and not said.negotiates:
        _complete(network, user, said)


def overtakes(network: Network, user: User, line: Line) -> bool:
    """Say whether a line may register a connection in the place of an earlier one, which is in some channel still."""
    said = user.registration
    nick = line.params[0] if line.command == "NICK" and line.params else said.nick if said else ""
    ghost = network.users.get(nick)
    return ghost is not None and bool(ghost.memberships) and is_same_one(user, ghost)


def _complete(network: Network, user: User, said: Registration) -> None:
    """Register a connection, unless somebody else has its nick by now."""
    users, turn = network.users, network.turn
    if refuse_taken(network, user, said.nick):
        network.change(user, "registration", said._replace(nick=""))
        return
    ghost = users.get(said.nick)
    if ghost is not None:
        depart(network, ghost, _OVERTAKEN, may_hold=True)
        turn.end(ghost, "resumed", _OVERTAKEN)
    user.name, user.registration = said.nick, None
    user.signed_on_at, user.active_at = turn.time, turn.steady
    users.unknown.discard(user)
    users.add(user)

    def undo() -> None:
        users.discard(user)
        users.unknown.add(user)
        user.name, user.registration = "", said

    turn.undo.append(undo)
    _welcome(network, user)
    tell_online(network, user)


def _welcome(network: Network, user: User) -> None:
    letters = CHANNEL_MODES.replace(",", "") + CHANNEL_ROLES
    with_parameter = CHANNEL_MODES.rpartition(",")[0].replace(",", "") + CHANNEL_ROLES
    created = datetime.fromtimestamp(network.created_at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    network.reply(user, RPL_WELCOME, text=f"Welcome to the {NETWORK_NAME} IRC Network {user.source}")
    network.reply(user, RPL_YOURHOST, text=f"Your host is {SERVER_NAME}, running version {VERSION}")
    network.reply(user, RPL_CREATED, text=f"This server was created {created}")
    modes = ("".join(sorted(letters)), "".join(sorted(with_parameter)))
    network.reply(user, RPL_MYINFO, SERVER_NAME, VERSION, USER_MODES, *modes)
    tell_isupport(network, user)
    tell_lusers(network, user)
    tell_motd(network, user)


def _pass(network: Network, user: User, line: Line) -> None:
    if user.is_registered:
        network.reply(user, ERR_ALREADYREGISTERED)
    else:
        network.change(user, "password", line.params[0][:PASSWORD_CHARACTERS_MAX])


def _user(network: Network, user: User, line: Line) -> None:
    said = user.registration
    if said is None:
        network.reply(user, ERR_ALREADYREGISTERED)
    else:
        network.change(user, "realname", line.params[3].strip()[:REALNAME_CHARACTERS_MAX])
        say(network, user, said._replace(has_user=True))


def _ping(network: Network, user: User, line: Line) -> None:
    token = line.params[0]
    if not token:
        network.reply(user, ERR_NOORIGIN)
    else:
        network.send(user, message(SERVER_NAME, "PONG", SERVER_NAME, token, trailing=True))


def _pong(network: Network, user: User, line: Line) -> None:
    """Take it as what it is: a sign that the connection lives, which its gateway has seen."""


def _quit(network: Network, user: User, line: Line) -> None:
    words = line.params[0].strip()[:LAST_WORDS_CHARACTERS_MAX] if line.params else ""
    text = f"{QUIT}{words}" if words else LEAVING
    depart(network, user, text)
    network.turn.end(user, "quit", text)


VERBS: dict[str, Handler] = {"PASS": _pass, "USER": _user, "PING": _ping, "PONG": _pong, "QUIT": _quit}
