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
from antechamber.irc.isupport import NETWORK_NAME, tell_isupport
from antechamber.irc.network import Network
from antechamber.irc.users import User
from antechamber.irc.verbs import VERBS, verb

VERSION = f"antechamber-{__version__}"
"""What the server calls itself, with its version."""
_DAY_SECONDS = 86_400
_NAMES_ON_A_LINE = 9
"""How many commands stand on one line of HELP's index."""


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


@verb("MOTD", "Shows the message of the day.")
def _motd(network: Network, user: User, line: Line) -> None:
    if _is_asked(network, user, line):
        tell_motd(network, user)


@verb("LUSERS", "Shows how many users are here.")
def _lusers(network: Network, user: User, line: Line) -> None:
    tell_lusers(network, user)


@verb("VERSION", "Shows what this server runs, and what it supports.")
def _version(network: Network, user: User, line: Line) -> None:
    if _is_asked(network, user, line):
        network.reply(user, RPL_VERSION, VERSION, SERVER_NAME, text="Channels with seats, and a fair waiting queue")
        tell_isupport(network, user)


@verb("TIME", "Shows the server's time.")
def _time(network: Network, user: User, line: Line) -> None:
    if _is_asked(network, user, line):
        time = network.turn.time
        text = datetime.fromtimestamp(time, UTC).strftime("%A %B %d %Y -- %H:%M:%S UTC")
        network.reply(user, RPL_TIME, SERVER_NAME, str(int(time)), "0", text=text)


@verb("INFO", "Shows what this server is.")
def _info(network: Network, user: User, line: Line) -> None:
    if _is_asked(network, user, line):
        began = datetime.fromtimestamp(network.created_at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        for text in (VERSION, "Chat whose channels have seats, and a waiting queue that is fair.", f"Up since {began}"):
            network.reply(user, RPL_INFO, text=text)
        network.reply(user, RPL_ENDOFINFO)


@verb("ADMIN", "Shows whom to ask about this server.")
def _admin(network: Network, user: User, line: Line) -> None:
    if _is_asked(network, user, line):
        network.reply(user, ERR_NOADMININFO, SERVER_NAME)


@verb("STATS u", "Shows how long this server has been up.")
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


@verb("LINKS", "Lists the servers of this network, of which there is one.")
def _links(network: Network, user: User, line: Line) -> None:
    network.reply(user, RPL_LINKS, SERVER_NAME, SERVER_NAME, text=f"0 {NETWORK_NAME}")
    network.reply(user, RPL_ENDOFLINKS, "*")


@verb("HELP [<command>]", "Shows what a command does.")
@verb("HELPOP [<command>]", "Does the same as HELP, as some clients call it.")
def _help(network: Network, user: User, line: Line) -> None:
    topic = line.params[0].upper() if line.params and line.params[0] else "INDEX"
    if topic == "INDEX":
        names = sorted(VERBS)
        rows = [" ".join(names[first : first + _NAMES_ON_A_LINE]) for first in range(0, len(names), _NAMES_ON_A_LINE)]
        first, *more = "HELP <command> says what a command does. There are:", *rows
    elif (found := VERBS.get(topic)) is not None:
        first, more = found.usage, [found.help]
    else:
        network.reply(user, ERR_HELPNOTFOUND, topic)
        return
    network.reply(user, RPL_HELPSTART, topic, text=first)
    for text in more:
        network.reply(user, RPL_HELPTXT, topic, text=text)
    network.reply(user, RPL_ENDOFHELP, topic, text="End of /HELP")
