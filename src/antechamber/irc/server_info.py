"""Questions about the server: MOTD, LUSERS, VERSION, TIME, INFO, ADMIN, STATS, LINKS and HELP.

RFC 2812, section 3.4; HELP: https://modern.ircdocs.horse/#help-message
"""

from datetime import UTC, datetime

from antechamber import __version__
from antechamber.codec.irc.decoding import SERVER_NAME
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
from antechamber.irc.exchange import Exchange
from antechamber.irc.isupport import NETWORK_NAME, tell_isupport
from antechamber.irc.verbs import VERBS, verb
from antechamber.protocol.text import fold

VERSION = f"antechamber-{__version__}"
"""The name and version by which the server introduces itself."""
_DAY_SECONDS = 86_400
_NAMES_ON_A_LINE = 9
"""How many commands are on one line of HELP's index."""


def tell_motd(exchange: Exchange) -> None:
    """Tell the user the message of the day."""
    motd = exchange.network.settings.motd
    if not motd:
        exchange.reply(ERR_NOMOTD)
        return
    exchange.reply(RPL_MOTDSTART, text=f"- {SERVER_NAME} Message of the day - ")
    for line in motd.splitlines():
        exchange.reply(RPL_MOTD, text=f"- {line}")
    exchange.reply(RPL_ENDOFMOTD)


def tell_lusers(exchange: Exchange) -> None:
    """Tell the user how many users there are."""
    users = exchange.network.users
    here, most, invisible, operators = len(users), users.most, users.with_mode("i"), users.with_mode("o")
    text = f"There are {here - invisible} users and {invisible} invisible on 1 servers"
    exchange.reply(RPL_LUSERCLIENT, text=text)
    if operators:
        exchange.reply(RPL_LUSEROP, str(operators))
    if users.unregistered:
        exchange.reply(RPL_LUSERUNKNOWN, str(len(users.unregistered)))
    exchange.reply(RPL_LUSERCHANNELS, str(len(exchange.network.rooms)))
    exchange.reply(RPL_LUSERME, text=f"I have {here} clients and 0 servers")
    for numeric, where in ((RPL_LOCALUSERS, "local"), (RPL_GLOBALUSERS, "global")):
        exchange.reply(numeric, str(here), str(most), text=f"Current {where} users {here}, max {most}")


def _is_for_this_server(exchange: Exchange, place: int = 0) -> bool:
    """Return whether the server that a question names, if any, is this one; if not, tell the user so."""
    target = exchange.params[place] if len(exchange.params) > place else SERVER_NAME
    if fold(target) in (SERVER_NAME, "*") or exchange.network.users.get(target) is not None:
        return True
    exchange.reply(ERR_NOSUCHSERVER, target)
    return False


@verb("MOTD", "Shows the message of the day.")
def motd(exchange: Exchange) -> None:
    """Tell the message of the day."""
    if _is_for_this_server(exchange):
        tell_motd(exchange)


@verb("LUSERS", "Shows how many users are here.")
def lusers(exchange: Exchange) -> None:
    """Tell how many users there are."""
    tell_lusers(exchange)


@verb("VERSION", "Shows what this server runs, and what it supports.")
def version(exchange: Exchange) -> None:
    """Tell the version of the server, and what it supports."""
    if _is_for_this_server(exchange):
        exchange.reply(RPL_VERSION, VERSION, SERVER_NAME, text="Channels with seats, and a fair waiting queue")
        tell_isupport(exchange)


@verb("TIME", "Shows the server's time.")
def tell_time(exchange: Exchange) -> None:
    """Tell the server's time."""
    if _is_for_this_server(exchange):
        time = exchange.turn.time
        text = datetime.fromtimestamp(time, UTC).strftime("%A %B %d %Y -- %H:%M:%S UTC")
        exchange.reply(RPL_TIME, SERVER_NAME, str(int(time)), "0", text=text)


@verb("INFO", "Shows what this server is.")
def info(exchange: Exchange) -> None:
    """Tell what the server is."""
    if _is_for_this_server(exchange):
        began = datetime.fromtimestamp(exchange.network.created_at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        for text in (VERSION, "Chat whose channels have seats, and a waiting queue that is fair.", f"Up since {began}"):
            exchange.reply(RPL_INFO, text=text)
        exchange.reply(RPL_ENDOFINFO)


@verb("ADMIN", "Shows whom to ask about this server.")
def admin(exchange: Exchange) -> None:
    """Tell that the server has no administrative information."""
    if _is_for_this_server(exchange):
        exchange.reply(ERR_NOADMININFO, SERVER_NAME)


@verb("STATS u", "Shows how long this server has been up.")
def stats(exchange: Exchange) -> None:
    """Tell how long the server has been up; it has no other statistics."""
    if not _is_for_this_server(exchange, 1):
        return
    letter = exchange.param(0)[:1]
    if letter == "u":
        seconds = int(exchange.turn.steady - exchange.network.began_at)
        days, seconds = divmod(seconds, _DAY_SECONDS)
        clock = f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        exchange.reply(RPL_STATSUPTIME, text=f"Server Up {days} days {clock}")
    exchange.reply(RPL_ENDOFSTATS, letter or "*")


@verb("LINKS", "Lists the servers of this network, of which there is one.")
def links(exchange: Exchange) -> None:
    """List the one server of the network."""
    exchange.reply(RPL_LINKS, SERVER_NAME, SERVER_NAME, text=f"0 {NETWORK_NAME}")
    exchange.reply(RPL_ENDOFLINKS, "*")


@verb("HELP [<command>]", "Shows what a command does.")
@verb("HELPOP [<command>]", "Does the same as HELP, as some clients call it.")
def tell_help(exchange: Exchange) -> None:
    """Tell what a command does, or which commands there are."""
    topic = exchange.params[0].upper() if exchange.params and exchange.params[0] else "INDEX"
    if topic == "INDEX":
        names = sorted(VERBS)
        rows = [" ".join(names[first : first + _NAMES_ON_A_LINE]) for first in range(0, len(names), _NAMES_ON_A_LINE)]
        first, *more = "HELP <command> explains a command. The commands are:", *rows
    elif (found := VERBS.get(topic)) is not None:
        first, more = found.usage, [found.help]
    else:
        exchange.reply(ERR_HELPNOTFOUND, topic)
        return
    exchange.reply(RPL_HELPSTART, topic, text=first)
    for text in more:
        exchange.reply(RPL_HELPTXT, topic, text=text)
    exchange.reply(RPL_ENDOFHELP, topic, text="End of /HELP")
