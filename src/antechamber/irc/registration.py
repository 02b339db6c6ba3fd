"""PASS, USER, PING and PONG: how a connection becomes a user with a nick, and shows that it is there."""

from datetime import UTC, datetime

from antechamber.codec.irc.decoding import SERVER_NAME, Line, message
from antechamber.codec.irc.numerics import (
    ERR_ALREADYREGISTERED,
    ERR_ERRONEUSNICKNAME,
    ERR_NICKNAMEINUSE,
    ERR_NOORIGIN,
    RPL_CREATED,
    RPL_MYINFO,
    RPL_WELCOME,
    RPL_YOURHOST,
)
from antechamber.irc.isupport import CHANNEL_MODES, CHANNEL_ROLES, NETWORK_NAME, USER_MODES, tell_isupport
from antechamber.irc.monitor import tell_online
from antechamber.irc.network import Network
from antechamber.irc.quit import depart
from antechamber.irc.server_info import VERSION, tell_lusers, tell_motd
from antechamber.irc.users import Registration, User
from antechamber.irc.verbs import verb
from antechamber.protocol.limits import PASSWORD_CHARACTERS_MAX, REALNAME_CHARACTERS_MAX
from antechamber.protocol.text import is_same_secret, member_name_problem

_OVERTAKEN = "Overridden by another connection"


def advance_registration(network: Network, user: User, said: Registration) -> None:
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


@verb(
    "PASS <password>",
    "Sent before NICK and USER. Whoever comes back with the same nick and password gets their held seats again.",
    params_min=1,
    before_registration=True,
    are_secret=True,
)
def _pass(network: Network, user: User, line: Line) -> None:
    if user.is_registered:
        network.reply(user, ERR_ALREADYREGISTERED)
    else:
        network.change(user, "password", line.params[0][:PASSWORD_CHARACTERS_MAX])


@verb(
    "USER <user name> 0 * :<real name>",
    "Sent once, as you connect.",
    params_min=4,
    before_registration=True,
    names=slice(4),
)
def _user(network: Network, user: User, line: Line) -> None:
    said = user.registration
    if said is None:
        network.reply(user, ERR_ALREADYREGISTERED)
    else:
        network.change(user, "realname", line.params[3].strip()[:REALNAME_CHARACTERS_MAX])
        advance_registration(network, user, said._replace(has_user=True))


@verb("PING <token>", "Asks for a PONG.", params_min=1, before_registration=True)
def _ping(network: Network, user: User, line: Line) -> None:
    token = line.params[0]
    if not token:
        network.reply(user, ERR_NOORIGIN)
    else:
        network.send(user, message(SERVER_NAME, "PONG", SERVER_NAME, token, trailing=True))


@verb("PONG <token>", "Answers a PING.", before_registration=True)
def _pong(network: Network, user: User, line: Line) -> None:
    """Take it as what it is: a sign that the connection lives, which its gateway has seen."""


# Nicks


def nick_problem(network: Network, nick: str) -> str | None:
    """Say in words what keeps `nick`, in its normal form, from being one; None where nothing does."""
    if nick[:1] == "+":
        return "A nick does not begin with a +"
    problem = member_name_problem(nick, network.limits.name_characters_max)
    return problem and problem.removesuffix(".")


def refuse_bad(network: Network, user: User, nick: str) -> bool:
    """Tell a user so, where `nick` is none; return whether that is so."""
    problem = nick_problem(network, nick)
    if problem is not None:
        network.reply(user, ERR_ERRONEUSNICKNAME, nick or "*", text=problem)
    return problem is not None


def refuse_taken(network: Network, user: User, nick: str) -> bool:
    """Tell a user so, where somebody else has `nick`; return whether that is so.

    One that is not registered yet may have the nick of one whose password it knows.
    """
    other = network.users.get(nick)
    if other is None or other is user:
        return False
    text = None
    if not user.is_registered and user.password and other.password:
        if (refused := network.login_attempts.waits(user, nick, ", or take another nick")) is not None:
            text = refused.text
        elif is_same_one(user, other):
            return False
        else:
            network.login_attempts.failed(user, nick, "password")
    network.reply(user, ERR_NICKNAMEINUSE, nick, text=text)
    return True


def is_same_one(user: User, other: User) -> bool:
    """Say whether both have a password, and it is the same, in a time that does not tell how much of it is."""
    return bool(user.password) and is_same_secret(user.password, other.password)
