"""Registration: PASS, USER, and which nick a connection may have. PING and PONG.

RFC 2812, sections 3.1.1 to 3.1.3 and 3.7.2 to 3.7.3; the numerics of the welcome are in section 5.1.
"""

from datetime import UTC, datetime

from antechamber.codec.irc.decoding import SERVER_NAME, message
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
from antechamber.irc.exchange import Exchange
from antechamber.irc.isupport import CHANNEL_MODES, CHANNEL_ROLES, NETWORK_NAME, USER_MODES, tell_isupport
from antechamber.irc.monitor import tell_online
from antechamber.irc.quit import depart
from antechamber.irc.server_info import VERSION, tell_lusers, tell_motd
from antechamber.irc.users import Registration, User
from antechamber.irc.verbs import verb
from antechamber.protocol.limits import PASSWORD_CHARACTERS_MAX, REALNAME_CHARACTERS_MAX
from antechamber.protocol.text import is_same_secret, member_name_problem

_TAKEN_OVER = "Overridden by another connection"


def advance_registration(exchange: Exchange, sent: Registration) -> None:
    """Note what a connection has sent so far, and register it once that is all that is needed."""
    exchange.set("registration", sent)
    if sent.nick and sent.has_user and not sent.negotiates:
        _complete(exchange, sent)


def takes_over(exchange: Exchange) -> bool:
    """Return whether a line may register a connection in place of an earlier one, which is still in some channel."""
    registration = exchange.user.registration
    nick = registration.nick if registration else ""
    if exchange.line.command == "NICK" and exchange.params:
        nick = exchange.param(0)
    earlier = exchange.network.users.get(nick)
    return earlier is not None and bool(earlier.memberships) and _has_same_password(exchange.user, earlier)


def _complete(exchange: Exchange, sent: Registration) -> None:
    """Register a connection, unless somebody else has taken its nick in the meantime."""
    user, turn, users = exchange.user, exchange.turn, exchange.network.users
    if refuse_taken(exchange, sent.nick):
        exchange.set("registration", sent._replace(nick=""))
        return
    earlier = users.get(sent.nick)
    if earlier is not None:
        depart(exchange.to(earlier), _TAKEN_OVER, may_hold=True)
        turn.end(earlier, "resumed", _TAKEN_OVER)
    exchange.set("name", sent.nick)
    exchange.set("registration", None)
    user.signed_on_at, user.active_at = turn.time, turn.steady
    turn.pop(users.unregistered, user)
    users.add(turn, user)
    _welcome(exchange)
    tell_online(exchange)


def _welcome(exchange: Exchange) -> None:
    letters = CHANNEL_MODES.replace(",", "") + CHANNEL_ROLES
    with_parameter = CHANNEL_MODES.rpartition(",")[0].replace(",", "") + CHANNEL_ROLES
    created = datetime.fromtimestamp(exchange.network.created_at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    exchange.reply(RPL_WELCOME, text=f"Welcome to the {NETWORK_NAME} IRC Network {exchange.user.source}")
    exchange.reply(RPL_YOURHOST, text=f"Your host is {SERVER_NAME}, running version {VERSION}")
    exchange.reply(RPL_CREATED, text=f"This server was created {created}")
    modes = ("".join(sorted(letters)), "".join(sorted(with_parameter)))
    exchange.reply(RPL_MYINFO, SERVER_NAME, VERSION, USER_MODES, *modes)
    tell_isupport(exchange)
    tell_lusers(exchange)
    tell_motd(exchange)


@verb(
    "PASS <password>",
    "Sent before NICK and USER. With the same nick and password you can come back to the seats held for you.",
    params_min=1,
    before_registration=True,
    are_secret=True,
)
def password(exchange: Exchange) -> None:
    """Note the password by which the user may come back."""
    if exchange.user.is_registered:
        exchange.reply(ERR_ALREADYREGISTERED)
    else:
        exchange.set("password", exchange.param(0)[:PASSWORD_CHARACTERS_MAX])


@verb(
    "USER <user name> 0 * :<real name>",
    "Sent once, as you connect.",
    params_min=4,
    before_registration=True,
    names=slice(4),
)
def user_details(exchange: Exchange) -> None:
    """Note the real name of a connection; the server has no use for the user name."""
    sent = exchange.user.registration
    if sent is None:
        exchange.reply(ERR_ALREADYREGISTERED)
    else:
        exchange.set("realname", exchange.param(3).strip()[:REALNAME_CHARACTERS_MAX])
        advance_registration(exchange, sent._replace(has_user=True))


@verb("PING <token>", "Asks for a PONG.", params_min=1, before_registration=True)
def ping(exchange: Exchange) -> None:
    """Answer with a PONG that has the same token."""
    token = exchange.param(0)
    if not token:
        exchange.reply(ERR_NOORIGIN)
    else:
        exchange.send(message(SERVER_NAME, "PONG", SERVER_NAME, token, trailing=True))


@verb("PONG <token>", "Answers a PING.", before_registration=True)
def pong(exchange: Exchange) -> None:
    """Do nothing: the gateway has seen already that the connection is alive."""


# Nicks


def refuse_bad(exchange: Exchange, nick: str) -> bool:
    """Return whether `nick`, in its normal form, cannot be a nick, and tell the user so in that case."""
    problem: str | None = "A nick does not begin with a +"
    if nick[:1] != "+":
        problem = member_name_problem(nick, exchange.network.limits.name_characters_max)
    if problem is not None:
        exchange.reply(ERR_ERRONEUSNICKNAME, nick or "*", text=problem.removesuffix("."))
    return problem is not None


def refuse_taken(exchange: Exchange, nick: str) -> bool:
    """Return whether somebody else has `nick`, and tell the user so in that case.

    A connection that is not registered yet may take over the nick of a user whose password it knows.
    """
    user = exchange.user
    other = exchange.network.users.get(nick)
    if other is None or other is user:
        return False
    text = None
    if not user.is_registered and user.password and other.password:
        judged = exchange.network.login_attempts.judge(
            user, nick, "password", lambda: _has_same_password(user, other), ", or take another nick"
        )
        if judged is True:
            return False
        text = judged.text if judged else None
    exchange.reply(ERR_NICKNAMEINUSE, nick, text=text)
    return True


def _has_same_password(user: User, other: User) -> bool:
    """Return whether both have the same password; how long that takes does not tell how much of it is the same."""
    return bool(user.password) and is_same_secret(user.password, other.password)
