"""ISUPPORT: what the server tells every client of its bounds and its kinds of modes, as numeric 005 has it."""

from antechamber.codec.irc.numerics import RPL_ISUPPORT
from antechamber.irc.network import Network
from antechamber.irc.users import User
from antechamber.protocol.limits import (
    AWAY_CHARACTERS_MAX,
    CHANNEL_KEY_CHARACTERS_MAX,
    HISTORY_ENTRIES_MAX,
    LAST_WORDS_CHARACTERS_MAX,
    MASKS_MAX,
    MONITORED_MAX,
    REALNAME_CHARACTERS_MAX,
    TARGETS_MAX,
    TOPIC_CHARACTERS_MAX,
)

USER_MODES = "Biow"
"""A user's modes: a bot, one seen only by who shares a channel, an operator, one who reads WALLOPS."""
CHANNEL_MODES = "beI,k,l,imnst"
"""The modes of a channel that are no roles, by kind."""
CHANNEL_ROLES = "ov"
NETWORK_NAME = "Antechamber"
_ON_A_LINE = 13
"""How many tokens stand on one line: with the nick and the text a line has fifteen parameters at most."""
_MODES_WITH_PARAMETER = 4
"""How many modes with a parameter one MODE may have."""


def tokens(network: Network) -> list[str]:
    """Return what the server supports, in order."""
    name_characters_max = network.limits.name_characters_max
    return [
        f"AWAYLEN={AWAY_CHARACTERS_MAX}",
        "BOT=B",
        "CASEMAPPING=ascii",
        f"CHANLIMIT=#:{network.settings.channels_per_user_max}",
        f"CHANMODES={CHANNEL_MODES}",
        f"CHANNELLEN={name_characters_max + 1}",
        "CHANTYPES=#",
        f"CHATHISTORY={HISTORY_ENTRIES_MAX}",
        "CLIENTTAGDENY=*,-draft/react,-draft/reply,-draft/unreact,-reply,-typing",
        "ELIST=MNTU",
        "EXCEPTS=e",
        "INVEX=I",
        f"KEYLEN={CHANNEL_KEY_CHARACTERS_MAX}",
        f"KICKLEN={LAST_WORDS_CHARACTERS_MAX}",
        "LINELEN=512",
        f"MAXLIST=b:{MASKS_MAX},e:{MASKS_MAX},I:{MASKS_MAX}",
        f"MODES={_MODES_WITH_PARAMETER}",
        f"MONITOR={MONITORED_MAX}",
        "MSGREFTYPES=msgid,timestamp",
        f"NAMELEN={REALNAME_CHARACTERS_MAX}",
        f"NETWORK={NETWORK_NAME}",
        f"NICKLEN={name_characters_max}",
        "PREFIX=(ov)@+",
        "SAFELIST",
        "STATUSMSG=@+",
        f"TARGMAX=JOIN:,KICK:{TARGETS_MAX},LIST:,NAMES:{TARGETS_MAX},NOTICE:{TARGETS_MAX},PART:,PRIVMSG:{TARGETS_MAX}"
        f",TAGMSG:{TARGETS_MAX},WHOIS:1",
        f"TOPICLEN={TOPIC_CHARACTERS_MAX}",
        "UTF8ONLY",
        "WHOX",
    ]


def tell_isupport(network: Network, user: User) -> None:
    """Tell a user what the server supports."""
    told = tokens(network)
    for first in range(0, len(told), _ON_A_LINE):
        network.reply(user, RPL_ISUPPORT, *told[first : first + _ON_A_LINE])
