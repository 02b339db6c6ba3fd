"""Questions about the server: what it is, since when, and how many are here."""

from datetime import UTC, datetime

from antechamber import __version__
from antechamber.codec.irc.decoding import SERVER_NAME, Line, fold
from antechamber.codec.irc.numerics import (
    ERR_HELPNOTFOUND,
    ERR_NOADMININFO,
    ERR_NOMOTD,
    ERR_NOSUCHSERVER,
    RPL_ENDOFHELP,
    RPL_ENDOFINFO,
    RPL_ENDOFLINKS,
    RPL_ENDOFMOTD,
    RPL_ENDOFSTATS,
    RPL_GLOBALUSERS,
    RPL_HELPSTART,
    RPL_HELPTXT,
    RPL_INFO,
    RPL_LINKS,
    RPL_LOCALUSERS,
    RPL_LUSERCHANNELS,
    RPL_LUSERCLIENT,
    RPL_LUSERME,
    RPL_LUSEROP,
    RPL_LUSERUNKNOWN,
    RPL_MOTD,
    RPL_MOTDSTART,
    RPL_STATSUPTIME,
    RPL_TIME,
    RPL_VERSION,
)
from antechamber.irc.help_texts import TOPICS
from antechamber.irc.isupport import NETWORK_NAME, tell_isupport
from antechamber.irc.network import Handler, Network
from antechamber.irc.users import User

VERSION = f"antechamber-{__version__}"
"""What the server calls itself, with its version."""
_DAY_SECONDS = 86_400


def tell_motd(network: Network, user: User) -> None:
    """Tell a user the message of the day."""
    motd = network.settings.motd
    if not motd:
        network.reply(user, ERR_NOMOTD)
        return
    network.reply(user, RPL_MOTDSTART, text=f"- {SERVER_NAME} Message of the day - ")
    for line in motd.splitlines():
        network.reply(user, RPL_MOTD, text=f"- {line}")
    network.reply(user, RPL_ENDOFMOTD)


def tell_lusers(network: Network, user: User) -> None:
    """Tell a user how many are here by IRC."""
    users = network.users
    here, most, invisible, operators = len(users), users.most, users.with_mode("i"), users.with_mode("o")
    text = f"There are {here - invisible} users and {invisible} invisible on 1 servers"
    network.reply(user, RPL_LUSERCLIENT, text=text)
    if operators:
        network.reply(user, RPL_LUSEROP, str(operators))
    if users.unknown:
        network.reply(user, RPL_LUSERUNKNOWN, str(len(users.unknown)))
    network.reply(user, RPL_LUSERCHANNELS, str(len(network.rooms)))
    network.reply(user, RPL_LUSERME, text=f"I have {here} clients and 0 servers")
    for numeric, where in ((RPL_LOCALUSERS, "local"), (RPL_GLOBALUSERS, "global")):
        network.reply(user, numeric, str(here), str(most), text=f"Current {where} users {here}, max {most}")


def _is_asked(network: Network, user: User, line: Line, at: int = 0) -> bool:
    """Whether a question is for this server, as it is where it names none; it is told where there is no other."""
    target = line.params[at] if len(line.params) > at else SERVER_NAME
    if fold(target) in (SERVER_NAME, "*") or network.users.get(target) is not None:
        return True
    network.reply(user, ERR_NOSUCHSERVER, target)
    return False


def _motd(network: Network, user: User, line: Line) -> None:
    if _is_asked(network, user, line):
        tell_motd(network, user)


def _lusers(network: Network, user: User, line: Line) -> None:
    tell_lusers(network, user)


def _version(network: Network, user: User, line: Line) -> None:
    if _is_asked(network, user, line):
        network.reply(user, RPL_VERSION, VERSION, SERVER_NAME, text="Channels with seats, and a fair waiting queue")
        tell_isupport(network, user)


def _time(network: Network, user: User, line: Line) -> None:
    if _is_asked(network, user, line):
        time = network.turn.time
        text = datetime.fromtimestamp(time, UTC).strftime("%A %B %d %Y -- %H:%M:%S UTC")
        network.reply(user, RPL_TIME, SERVER_NAME, str(int(time)), "0", text=text)


def _info(network: Network, user: User, line: Line) -> None:
    if _is_asked(network, user, line):
        began = datetime.fromtimestamp(network.created_at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        for text in (VERSION, "Chat whose channels have seats, and a waiting queue that is fair.", f"Up since {began}"):
            network.reply(user, RPL_INFO, text=text)
        network.reply(user, RPL_ENDOFINFO)


def _admin(network: Network, user: User, line: Line) -> None:
    if _is_asked(network, user, line):
        network.reply(user, ERR_NOADMININFO, SERVER_NAME)


def _stats(network: Network, user: User, line: Line) -> None:
    if not _is_asked(network, user, line, 1):
        return
    letter = line.params[0][:1] if line.params else "*"
    if letter == "u":
        seconds = int(network.turn.steady - network.began_at)
        days, seconds = divmod(seconds, _DAY_SECONDS)
        clock = f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        network.reply(user, RPL_STATSUPTIME, text=f"Server Up {days} days {clock}")
    network.reply(user, RPL_ENDOFSTATS, letter or "*")


def _links(network: Network, user: User, line: Line) -> None:
    network.reply(user, RPL_LINKS, SERVER_NAME, SERVER_NAME, text=f"0 {NETWORK_NAME}")
    network.reply(user, RPL_ENDOFLINKS, "*")


def _help(network: Network, user: User, line: Line) -> None:
    topic = line.params[0].upper() if line.params and line.params[0] else "INDEX"
    words = TOPICS.get(topic)
    if words is None:
        network.reply(user, ERR_HELPNOTFOUND, topic)
        return
    first, *more = words
    network.reply(user, RPL_HELPSTART, topic, text=first)
    for text in more:
        network.reply(user, RPL_HELPTXT, topic, text=text)
    network.reply(user, RPL_ENDOFHELP, topic, text="End of /HELP")


VERBS: dict[str, Handler] = {
    "MOTD": _motd,
    "LUSERS": _lusers,
    "VERSION": _version,
    "TIME": _time,
    "INFO": _info,
    "ADMIN": _admin,
    "STATS": _stats,
    "LINKS": _links,
    "HELP": _help,
    "HELPOP": _help,
}
