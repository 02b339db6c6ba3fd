"""ISUPPORT (005): the limits and modes that the server tells every client.

https://modern.ircdocs.horse/#rplisupport-005
"""

from antechamber.codec.irc.numerics import RPL_ISUPPORT
from antechamber.irc.exchange import Exchange
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
"""A user's modes: bot, invisible to those who share no channel, operator of the server, reader of WALLOPS."""
CHANNEL_MODES = "beI,k,l,imnst"
"""The modes of a channel that are not roles: lists, those with a parameter, those with one to set, and flags."""
CHANNEL_ROLES = "ov"
"""The roles of a member: operator, and voice."""
NETWORK_NAME = "Antechamber"
_ON_A_LINE = 13
"""How many tokens are on one line, which with the nick and the text may have fifteen parameters."""
_MODES_WITH_PARAMETER = 4
"""How many modes with a parameter one MODE may change."""


def _tokens(exchange: Exchange) -> list[str]:
    """Return the tokens that say what the server supports."""
    name_characters_max = exchange.network.limits.name_characters_max
    return [
        f"AWAYLEN={AWAY_CHARACTERS_MAX}",
        "BOT=B",
        "CASEMAPPING=ascii",
        f"CHANLIMIT=#:{exchange.network.settings.channels_per_user_max}",
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


def tell_isupport(exchange: Exchange) -> None:
    """Tell the user what the server supports."""
    tokens = _tokens(exchange)
    for first in range(0, len(tokens), _ON_A_LINE):
        exchange.reply(RPL_ISUPPORT, *tokens[first : first + _ON_A_LINE])
