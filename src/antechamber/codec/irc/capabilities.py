"""IRCv3 capabilities (https://ircv3.net/specs/extensions/capability-negotiation): which ones there are, and which
change
the bytes that members share."""

from collections.abc import Iterable
from enum import IntFlag

from antechamber.protocol.limits import IRC_MULTILINE_BYTES_MAX, IRC_MULTILINE_LINES_MAX


class Capability(IntFlag):
    """The capabilities of a client, one bit each. `NAMES` has their names on the wire."""

    MESSAGE_TAGS = 1 << 0
    SERVER_TIME = 1 << 1
    BATCH = 1 << 2
    LABELED_RESPONSE = 1 << 3
    ECHO_MESSAGE = 1 << 4
    MULTI_PREFIX = 1 << 5
    USERHOST_IN_NAMES = 1 << 6
    EXTENDED_JOIN = 1 << 7
    INVITE_NOTIFY = 1 << 8
    AWAY_NOTIFY = 1 << 9
    ACCOUNT_NOTIFY = 1 << 10
    ACCOUNT_TAG = 1 << 11
    CHGHOST = 1 << 12
    SETNAME = 1 << 13
    CAP_NOTIFY = 1 << 14
    STANDARD_REPLIES = 1 << 15
    EXTENDED_MONITOR = 1 << 16
    CHATHISTORY = 1 << 17
    EVENT_PLAYBACK = 1 << 18
    READ_MARKER = 1 << 19
    MULTILINE = 1 << 20
    NO_IMPLICIT_NAMES = 1 << 21


NAMES: dict[str, Capability] = {
    "account-notify": Capability.ACCOUNT_NOTIFY,
    "account-tag": Capability.ACCOUNT_TAG,
    "away-notify": Capability.AWAY_NOTIFY,
    "batch": Capability.BATCH,
    "cap-notify": Capability.CAP_NOTIFY,
    "chghost": Capability.CHGHOST,
    "draft/chathistory": Capability.CHATHISTORY,
    "draft/event-playback": Capability.EVENT_PLAYBACK,
    "draft/multiline": Capability.MULTILINE,
    "draft/no-implicit-names": Capability.NO_IMPLICIT_NAMES,
    "draft/read-marker": Capability.READ_MARKER,
    "echo-message": Capability.ECHO_MESSAGE,
    "extended-join": Capability.EXTENDED_JOIN,
    "extended-monitor": Capability.EXTENDED_MONITOR,
    "invite-notify": Capability.INVITE_NOTIFY,
    "labeled-response": Capability.LABELED_RESPONSE,
    "message-tags": Capability.MESSAGE_TAGS,
    "multi-prefix": Capability.MULTI_PREFIX,
    "no-implicit-names": Capability.NO_IMPLICIT_NAMES,
    "server-time": Capability.SERVER_TIME,
    "setname": Capability.SETNAME,
    "standard-replies": Capability.STANDARD_REPLIES,
    "userhost-in-names": Capability.USERHOST_IN_NAMES,
}
"""Every capability by its name on the wire, in order."""
VALUES: dict[str, str] = {
    "draft/multiline": f"max-bytes={IRC_MULTILINE_BYTES_MAX},max-lines={IRC_MULTILINE_LINES_MAX}",
}
"""The values of capabilities in `CAP LS 302`."""
SHARED = (
    Capability.MESSAGE_TAGS
    | Capability.SERVER_TIME
    | Capability.EXTENDED_JOIN
    | Capability.INVITE_NOTIFY
    | Capability.BATCH
    | Capability.MULTILINE
)
"""The capabilities that change bytes shared by members; all others concern one user alone."""


def listed(version: int) -> list[str]:
    """Return the list for `CAP LS` in this version of the negotiation; with values from 302 on."""
    if version < 302:
        return list(NAMES)
    return [f"{name}={VALUES[name]}" if name in VALUES else name for name in NAMES]


def names_of(capabilities: int) -> list[str]:
    """Return the names of capabilities on the wire, in order."""
    return [name for name, bit in NAMES.items() if capabilities & bit]


def requested(names: Iterable[str], capabilities: int) -> int | None:
    """Return the capabilities after a `CAP REQ` (`-` removes one); None if the request is refused as a whole."""
    for name in names:
        bit = NAMES.get(name.removeprefix("-"))
        if bit is None:
            return None
        capabilities = capabilities & ~bit if name.startswith("-") else capabilities | bit
    return int(capabilities)
