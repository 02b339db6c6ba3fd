"""The numerics of IRC by their usual names (RFC 2812, section 5; https://modern.ircdocs.horse/#numerics).

Programs use the numbers; the texts are the usual ones, or None if there is none or it varies.
"""

from typing import NamedTuple


class Numeric(NamedTuple):
    """A numeric reply: three digits, and its last parameter if that is always the same."""

    code: str
    text: str | None = None


# Registration, and what the server is
RPL_WELCOME = Numeric("001")
RPL_YOURHOST = Numeric("002")
RPL_CREATED = Numeric("003")
RPL_MYINFO = Numeric("004")
RPL_ISUPPORT = Numeric("005", "are supported by this server")
RPL_UMODEIS = Numeric("221")
RPL_LUSERCLIENT = Numeric("251")
RPL_LUSEROP = Numeric("252", "operator(s) online")
RPL_LUSERUNKNOWN = Numeric("253", "unknown connection(s)")
RPL_LUSERCHANNELS = Numeric("254", "channels formed")
RPL_LUSERME = Numeric("255")
RPL_LOCALUSERS = Numeric("265")
RPL_GLOBALUSERS = Numeric("266")
RPL_ENDOFSTATS = Numeric("219", "End of STATS report")
RPL_STATSUPTIME = Numeric("242")
RPL_VERSION = Numeric("351")
RPL_LINKS = Numeric("364")
RPL_ENDOFLINKS = Numeric("365", "End of LINKS list")
RPL_INFO = Numeric("371")
RPL_ENDOFINFO = Numeric("374", "End of INFO list")
RPL_MOTDSTART = Numeric("375")
RPL_MOTD = Numeric("372")
RPL_ENDOFMOTD = Numeric("376", "End of MOTD command.")
RPL_TIME = Numeric("391")
RPL_HELPSTART = Numeric("704")
RPL_HELPTXT = Numeric("705")
RPL_ENDOFHELP = Numeric("706")

# People
RPL_AWAY = Numeric("301")
RPL_USERHOST = Numeric("302")
RPL_ISON = Numeric("303")
RPL_UNAWAY = Numeric("305", "You are no longer marked as being away")
RPL_NOWAWAY = Numeric("306", "You have been marked as being away")
RPL_WHOISUSER = Numeric("311")
RPL_WHOISSERVER = Numeric("312")
RPL_WHOISOPERATOR = Numeric("313", "is an IRC operator")
RPL_WHOWASUSER = Numeric("314")
RPL_ENDOFWHO = Numeric("315", "End of WHO list")
RPL_WHOISIDLE = Numeric("317", "seconds idle, signon time")
RPL_ENDOFWHOIS = Numeric("318", "End of WHOIS list")
RPL_WHOISCHANNELS = Numeric("319")
RPL_WHOISSPECIAL = Numeric("320")
RPL_WHOISBOT = Numeric("335", "is a bot")
RPL_WHOREPLY = Numeric("352")
RPL_WHOSPCRPL = Numeric("354")
RPL_ENDOFWHOWAS = Numeric("369", "End of WHOWAS")
RPL_WHOISMODES = Numeric("379")
RPL_MONONLINE = Numeric("730")
RPL_MONOFFLINE = Numeric("731")
RPL_MONLIST = Numeric("732")
RPL_ENDOFMONLIST = Numeric("733", "End of MONITOR list")

# Channels
RPL_LISTSTART = Numeric("321", "Users  Name")
RPL_LIST = Numeric("322")
RPL_LISTEND = Numeric("323", "End of LIST")
RPL_CHANNELMODEIS = Numeric("324")
RPL_CREATIONTIME = Numeric("329")
RPL_NOTOPIC = Numeric("331", "No topic is set")
RPL_TOPIC = Numeric("332")
RPL_TOPICWHOTIME = Numeric("333")
RPL_INVITELIST = Numeric("336")
RPL_ENDOFINVITELIST = Numeric("337", "End of INVITE list")
RPL_INVITING = Numeric("341")
RPL_INVEXLIST = Numeric("346")
RPL_ENDOFINVEXLIST = Numeric("347", "End of channel invite list")
RPL_EXCEPTLIST = Numeric("348")
RPL_ENDOFEXCEPTLIST = Numeric("349", "End of channel exception list")
RPL_NAMREPLY = Numeric("353")
RPL_ENDOFNAMES = Numeric("366", "End of NAMES list")
RPL_BANLIST = Numeric("367")
RPL_ENDOFBANLIST = Numeric("368", "End of channel ban list")

# Operators
RPL_YOUREOPER = Numeric("381", "You are now an IRC operator")
RPL_REHASHING = Numeric("382", "Rehashing")

# What is refused
ERR_NOSUCHNICK = Numeric("401", "No such nick/channel")
ERR_NOSUCHSERVER = Numeric("402", "No such server")
ERR_NOSUCHCHANNEL = Numeric("403", "No such channel")
ERR_CANNOTSENDTOCHAN = Numeric("404", "Cannot send to channel")
ERR_TOOMANYCHANNELS = Numeric("405", "You have joined too many channels")
ERR_WASNOSUCHNICK = Numeric("406", "There was no such nickname")
ERR_TOOMANYTARGETS = Numeric("407", "Too many targets")
ERR_NOORIGIN = Numeric("409", "No origin specified")
ERR_INVALIDCAPCMD = Numeric("410", "Invalid CAP command")
ERR_NORECIPIENT = Numeric("411")
ERR_NOTEXTTOSEND = Numeric("412", "No text to send")
ERR_TOOMANYMATCHES = Numeric("416", "Too many match: only the first of them are told")
ERR_INPUTTOOLONG = Numeric("417", "Input line was too long")
ERR_UNKNOWNCOMMAND = Numeric("421", "Unknown command")
ERR_NOMOTD = Numeric("422", "MOTD File is missing")
ERR_NOADMININFO = Numeric("423", "No administrative info available")
ERR_NONICKNAMEGIVEN = Numeric("431", "No nickname given")
ERR_ERRONEUSNICKNAME = Numeric("432", "Erroneous nickname")
ERR_NICKNAMEINUSE = Numeric("433", "Nickname is already in use")
ERR_UNAVAILRESOURCE = Numeric("437", "Nick/channel is temporarily unavailable")
ERR_USERNOTINCHANNEL = Numeric("441", "They aren't on that channel")
ERR_NOTONCHANNEL = Numeric("442", "You're not on that channel")
ERR_USERONCHANNEL = Numeric("443", "is already on channel")
ERR_BANNICKCHANGE = Numeric("435", "Cannot change nickname while banned on channel")
ERR_NOTREGISTERED = Numeric("451", "You have not registered")
ERR_NEEDMOREPARAMS = Numeric("461", "Not enough parameters")
ERR_ALREADYREGISTERED = Numeric("462", "You may not reregister")
ERR_PASSWDMISMATCH = Numeric("464", "Password incorrect")
ERR_CHANNELISFULL = Numeric("471", "Cannot join channel (+l)")
ERR_UNKNOWNMODE = Numeric("472", "is unknown mode char to me")
ERR_INVITEONLYCHAN = Numeric("473", "Cannot join channel (+i)")
ERR_BANNEDFROMCHAN = Numeric("474", "Cannot join channel (+b)")
ERR_BADCHANNELKEY = Numeric("475", "Cannot join channel (+k)")
ERR_BANLISTFULL = Numeric("478", "Channel list is full")
ERR_BADCHANNAME = Numeric("479", "Illegal channel name")
ERR_NOPRIVILEGES = Numeric("481", "Permission Denied- You're not an IRC operator")
ERR_CHANOPRIVSNEEDED = Numeric("482", "You're not channel operator")
ERR_CANTKILLSERVER = Numeric("483", "You can't kill a server!")
ERR_UMODEUNKNOWNFLAG = Numeric("501", "Unknown MODE flag")
ERR_USERSDONTMATCH = Numeric("502", "Cant change mode for other users")
ERR_HELPNOTFOUND = Numeric("524", "No help available on this topic")
ERR_INVALIDKEY = Numeric("525", "Key is not well-formed")
ERR_INVALIDMODEPARAM = Numeric("696")
ERR_MONLISTFULL = Numeric("734", "Monitor list is full.")

# What the core refuses
REFUSALS: dict[str, Numeric] = {
    "muted": ERR_CANNOTSENDTOCHAN,
    "moderated": ERR_CANNOTSENDTOCHAN,
    "banned-talk": ERR_CANNOTSENDTOCHAN,
    "waiting": ERR_CANNOTSENDTOCHAN,
    "not-here": ERR_NOSUCHNICK,
    "no-such-channel": ERR_NOSUCHCHANNEL,
    "name-taken": ERR_NICKNAMEINUSE,
    "bad-name": ERR_ERRONEUSNICKNAME,
    "banned": ERR_BANNEDFROMCHAN,
    "invite-only": ERR_INVITEONLYCHAN,
    "wrong-key": ERR_BADCHANNELKEY,
    "queue-full": ERR_CHANNELISFULL,
    "full": ERR_CHANNELISFULL,
    "not-operator": ERR_CHANOPRIVSNEEDED,
    "list-full": ERR_BANLISTFULL,
    "too-many-channels": ERR_TOOMANYCHANNELS,
}
"""The numerics of refusals; they are sent with the refusal's own text."""
