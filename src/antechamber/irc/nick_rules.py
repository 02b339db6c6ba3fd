"""Naming: which nicks may be had, and who may have one that somebody has."""

from antechamber.codec.irc.numerics import ERR_ERRONEUSNICKNAME, ERR_NICKNAMEINUSE
from antechamber.irc.network import Network
from antechamber.irc.users import User
from antechamber.protocol.text import is_same_secret, member_name_problem


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
