"""What HELP says of each command: how it is written, and what it does."""

_COMMANDS = {
    "ADMIN": ("ADMIN", "Says whom to ask about this server."),
    "ANNOUNCE": ("ANNOUNCE <channel> :<text>", "Tells everybody in a channel, and in its line, something."),
    "AWAY": ("AWAY [:<why>]", "Says that you are away, and why; without a word, that you are back."),
    "BATCH": ("BATCH +<reference> draft/multiline <target>", "Begins a message of several lines."),
    "CAP": ("CAP LS|LIST|REQ|END", "Asks for capabilities of IRCv3."),
    "CHATHISTORY": (
        "CHATHISTORY LATEST|BEFORE|AFTER|AROUND|BETWEEN|TARGETS <target> <where> <how many>",
        "Tells what was said in a channel before.",
    ),
    "EMPTY": ("EMPTY <channel>", "Takes every seat of a channel, so that those in line get them."),
    "HELP": ("HELP [<command>]", "Says what a command does."),
    "INFO": ("INFO", "Says what this server is."),
    "INVITE": ("INVITE <nick> <channel>", "Lets somebody into a channel once."),
    "ISON": ("ISON <nick> …", "Says which of these are here."),
    "JOIN": (
        "JOIN <channel>[,<channel>…] [<key>[,<key>…]]",
        "Enters channels. Where all seats are taken you wait in line: the JOIN comes once you have a seat.",
    ),
    "KICK": ("KICK <channel> <nick> [:<why>]", "Takes somebody's seat, or place in line."),
    "KILL": ("KILL <nick> [:<why>]", "Closes somebody's connection. For operators of the server."),
    "LINKS": ("LINKS", "Tells the servers of this network, which is one."),
    "LIST": ("LIST [<channel>…]", "Tells the channels, with their seats and lines."),
    "LUSERS": ("LUSERS", "Says how many are here."),
    "MARKREAD": ("MARKREAD <target> [timestamp=<time>]", "Tells or sets how far you have read."),
    "MODE": ("MODE <channel or nick> [<modes> [<parameter>…]]", "Tells or changes modes."),
    "MONITOR": ("MONITOR +|-|C|L|S [<nick>,…]", "Has you told when somebody comes or goes."),
    "MOTD": ("MOTD", "Tells the message of the day."),
    "MOVE": ("MOVE <channel> <nick> <ahead>", "Gives one in line another place."),
    "MUTE": ("MUTE <channel> <nick> <seconds>", "Lets somebody say nothing for a while."),
    "NAMES": ("NAMES <channel>", "Tells who sits in a channel."),
    "NICK": ("NICK <nick>", "Gives you another nick, in all your channels."),
    "NOTICE": ("NOTICE <target> :<text>", "Says something that no program answers."),
    "OPER": ("OPER <name> <operator token>", "Makes you an operator of the server."),
    "PART": ("PART <channel>[,<channel>…] [:<why>]", "Leaves channels, or the lines of them."),
    "PASS": (
        "PASS <password>",
        "Said before NICK and USER. Who comes back by the same nick and password goes on with the seats it had.",
    ),
    "PING": ("PING <token>", "Asks for a PONG."),
    "PONG": ("PONG <token>", "Answers a PING."),
    "PRIVMSG": ("PRIVMSG <target>[,<target>…] :<text>", "Says something in a channel, or to somebody alone."),
    "QUIT": ("QUIT [:<why>]", "Leaves all channels, and closes your connection."),
    "REHASH": ("REHASH", "Has the config read again. For operators of the server."),
    "SEND": ("SEND <nick> <file name>", "Gives you a link to bring a file to, for somebody in your channel."),
    "SETNAME": ("SETNAME :<real name>", "Gives you another real name."),
    "STATS": ("STATS u", "Says for how long this server has been up."),
    "TAGMSG": ("TAGMSG <target>", "Says something in tags alone."),
    "TIME": ("TIME", "Says what time it is here."),
    "TOPIC": ("TOPIC <channel> [:<topic>]", "Tells or sets what a channel is about."),
    "USER": ("USER <user name> 0 * :<real name>", "Said once, as you come in."),
    "USERHOST": ("USERHOST <nick> …", "Tells where up to five are from, cloaked."),
    "VERSION": ("VERSION", "Says what this server runs, and what it supports."),
    "WALLOPS": ("WALLOPS :<text>", "Tells all who have mode w something. For operators of the server."),
    "WHO": ("WHO <channel or mask> [o][%<fields>[,<token>]]", "Tells who is there."),
    "WHOIS": ("WHOIS <nick>", "Tells who somebody is."),
    "WHOWAS": ("WHOWAS <nick> [<how many>]", "Tells who had a nick."),
}
_ON_A_LINE = 9


def _index() -> tuple[str, ...]:
    names = list(_COMMANDS)
    rows = [" ".join(names[first : first + _ON_A_LINE]) for first in range(0, len(names), _ON_A_LINE)]
    return ("HELP <command> says what a command does. There are:", *rows)


TOPICS: dict[str, tuple[str, ...]] = {"INDEX": _index(), **_COMMANDS}
"""The lines of each topic."""
