"""Every bound of the server, with its unit in its name.

A limit protects everybody else: no peer can make the server hold more than these. What exceeds a limit is refused in
words. Each limit is tested with the module that enforces it.
"""

from typing import NamedTuple

CHANNELS_MIN = 3
"""A config file has at least this many channels."""
CAPACITY_MIN = 5
"""A channel has at least this many seats."""
PORT_MAX = 65535
CONFIG_BYTES_MAX = 1 << 20
"""Size of a config file."""
TOPIC_CHARACTERS_MAX = 200
"""Length of a channel's topic, in Unicode code points."""
MOTD_LINES_MAX = 100
"""Lines of the message of the day on IRC."""
MOTD_LINE_CHARACTERS_MAX = 100
"""Length of each of them, in Unicode code points: any of them fits into an IRC line."""
CHANNEL_KEY_CHARACTERS_MAX = 50
"""Length of the key of a channel (mode `k`), in Unicode code points."""
MASK_CHARACTERS_MAX = 200
"""Length of a mask by which a channel names people (modes `b`, `e` and `I`), in Unicode code points."""
MASKS_MAX = 100
"""Masks in one list of a channel: its bans, exceptions or standing invitations."""
INVITATIONS_MAX = 100
"""Unused invitations of one channel; beyond that, the oldest is forgotten."""
MUTES_REMEMBERED = 1_000
"""Mutes of one channel that are remembered; beyond that, the one that ends first is forgotten."""
MODE_CHANGES_MAX = 20
"""Mode changes in one command."""
TAGS_CHARACTERS_MAX = 1_000
"""Length of a message's tags from a JSON client, names and values together; they fit into an IRC line."""
LAST_WORDS_CHARACTERS_MAX = 200
"""Length of the reason of a kick, or of a member's last words, in Unicode code points."""
NAME_CHARACTERS_MOST = 32
"""The highest value of `name_characters_max`; a client refuses by itself only names longer than this."""
NAME_MARKS_MAX = 6
"""Combining marks in a row in a name: as many as scripts stack, and too few to spill over other lines."""

HISTORY_ENTRIES_MAX = 200
"""Entries in the answer to one history query."""
SEARCH_CHARACTERS_MAX = 200
"""Length of a search, in Unicode code points."""
ARCHIVE_QUESTIONS_MAX = 1_000
"""Different history queries that wait for an answer; each session has one at a time."""
SEQUENCE_MAX = 2**53 - 1
"""The highest number of an entry in a command: every JSON reader counts exactly up to there."""
ANNOUNCEMENTS_KEPT = 5
"""Last announcements of a channel that are told to a waiting member who resumes."""
MEMBERS_TOLD_MAX = 2_000
"""Seated members, and waiting members, that are named to whoever asks: as many as fit into an outbox."""
KEY_CHARACTERS_MAX = 64
"""Length of the secret with which a client may repeat its hello."""
OPERATOR_TOKEN_CHARACTERS_MIN = 16
"""Length of an operator token; a shorter one could be guessed."""
OPERATOR_TOKEN_DIFFERENT_CHARACTERS_MIN = 8
"""Different characters in an operator token: a word repeated twice is not a secret."""
OPERATOR_TOKEN_CHARACTERS_MAX = 128
"""Length of an operator token; a longer one is a mistake."""
IRC_BODY_BYTES_MAX = 510
"""Length of an IRC message without its tags and its line end, in either direction."""
IRC_TAGS_BYTES_MAX = 4_094
"""Length of the tags of an IRC message that a client sends, without the `@` and the space."""
IRC_MULTILINE_BYTES_MAX = 4_096
"""Text of one multi-line message from an IRC client."""
IRC_MULTILINE_LINES_MAX = 32
"""Lines of one multi-line message from an IRC client."""
LINK_SECONDS_MAX = 600.0
"""How long an IRC user has to follow a link to send or to fetch a file."""
AWAY_CHARACTERS_MAX = 200
"""Length of an IRC user's away message, in Unicode code points."""
REALNAME_CHARACTERS_MAX = 100
"""Length of an IRC user's real name, in Unicode code points."""
PASSWORD_CHARACTERS_MAX = 64
"""Length of the password with which an IRC user resumes its seats, in Unicode code points."""
MONITORED_MAX = 100
"""Nicks that one IRC user monitors."""
TARGETS_MAX = 4
"""Targets of one IRC command."""
LIST_CONDITIONS_MAX = 8
"""Conditions of one LIST: each channel is compared with all of them."""
WHO_REPLIES_MAX = 2_000
"""People in the answer to one WHO with a mask."""
WHOWAS_KEPT = 1_000
"""Former IRC nicks that are remembered."""
RECEIVED_FILES_PER_SENDER_MAX = 20
"""Files from one sender that a client saves in an hour."""
RECEIVED_BYTES_PER_SENDER_MAX = 1 << 30
"""Their bytes."""
RECEIVED_FILES_PER_HOUR_MAX = 100
"""Files from all senders that a client saves in an hour."""
RECEIVED_BYTES_PER_HOUR_MAX = 4 << 30
"""Their bytes."""
RECEIVED_FILES_MAX = 1_000
"""Files that a client saves in one run."""
RECEIVED_BYTES_MAX = 16 << 30
"""Their bytes."""
CONSENT_LINES_MAX = 20
"""Lines of one message that a terminal sends without asking whether they are meant."""
RECEIVED_FREE_BYTES_MIN = 128 << 20
"""Free space that a client leaves on the disk, or a twentieth of the disk if that is less."""
IDLE_WARNING_SECONDS = 20.0
"""How long before the AFK rule takes a seat its member is warned; at half the idle time if that is short."""


class Retention(NamedTuple):
    """How much of a channel's history is kept; 0 is no bound."""

    age_seconds_max: float = 0.0
    """Older entries are forgotten."""
    entries_max: int = 0
    """If there are more entries than this, the oldest are forgotten."""


class Limits(NamedTuple):
    """What one server allows. The defaults suit a room of people on an ordinary machine."""

    line_bytes_max: int = 16_384
    """Length of a line from a peer, without its newline; a longer one is refused, and the connection goes on."""
    name_characters_max: int = 32
    """Length of a member's or a channel's name, in Unicode code points after normalisation to NFC."""
    id_characters_max: int = 64
    """Length of a command's id."""
    recent_ids_max: int = 128
    """Last command ids that a session remembers, so that a retry is harmless."""
    path_characters_max: int = 1_024
    """Length of the path in `/send`."""
    waiting_max: int = 1_000
    """Members in one channel's waiting line."""
    capacity_max: int = 100_000
    """Seats of one channel."""
    channels_max: int = 1_000
    idle_seconds_max: float = 100.0
    """How long a seated member may send nothing before it loses the seat (AFK); infinity is for ever."""
    seat_hold_seconds: float = 0.0
    """How long the seat of a member with a lost connection is held; 0 frees it at once."""
    place_hold_seconds: float = 0.0
    """How long the place in line of a member with a lost connection is held; 0 frees it at once."""
    held_visit_seconds_min: float = 5.0
    """A member that loses the connection sooner after coming in, and never resumed before, is not held."""
    address_held_max: int = 400
    """Members of one channel held for one address; beyond that, newcomers from there are not held."""
    mute_seconds_max: int = 31_536_000
    """The longest mute: a year."""
    sessions_max: int = 20_000
    """Connections to the channels in all."""
    sessions_per_address_max: int = 10_000
    """Connections to the channels from one address: a school, or a proxy, is one address."""
    commands_per_second_max: float = 0.0
    """Commands of one session a second, once `commands_burst_max` is used up; 0 is no bound."""
    commands_burst_max: int = 500
    """Commands that a session may send at once after a rest, so that a paste gets through."""
    hello_seconds_max: float = 60.0
    """Time in which a connection must say hello."""
    linger_seconds_max: float = 5.0
    """Time that a closed session has to read the rest of its outbox."""
    inbox_commands_max: int = 100_000
    """Commands that wait for the hub's next turn; beyond that, reading pauses until the turn is over."""
    turn_characters_max: int = 262_144
    """Text that one turn carries, plus 100 for each command; the rest waits for the next turn."""
    catch_up_bytes_max: int = 131_072
    """Size of one piece of a replay; the next one follows once the session has read it."""
    catch_up_seconds_max: float = 30.0
    """Time in which a session must read something of its replay, or it is closed."""
    outbox_bytes_max: int = 1 << 20
    """Bytes in one session's outbox; beyond that, the session is closed as a slow consumer."""
    unread_seconds_max: float = 30.0
    """Time in which a peer must read something of its outbox, or it is closed as a slow consumer."""
    console_bytes_max: int = 8 << 20
    """Bytes that wait for the server's standard output; beyond that, lines are left out."""
    file_bytes_max: int = 100 << 20
    """Size of a file sent with `/send`."""
    transfers_max: int = 100
    """Files on their way at once, in all."""
    transfers_per_session_max: int = 4
    """Files on their way at once from one sender."""
    transfer_bytes_per_session_max: int = 256 << 20
    """Bytes of the files on their way at once from one sender; a single file may be larger."""
    transfer_seconds_max: float = 3_600.0
    """Time in which a transfer must be complete, or it is given up."""
    transfer_idle_seconds_max: float = 30.0
    """Time in which a transfer must make progress, or it is given up."""
    snapshot_entries_max: int = 1_000
    """Entries of a channel between two snapshots, so that a start replays no more than these."""
    address_connections_per_second_max: float = 500.0
    """Connections that one address opens a second, once `address_connections_burst_max` is used up; 0 is no bound.
    A connection to the front desk counts as two."""
    address_connections_burst_max: int = 10_000
    """Connections that one address opens at once after a rest."""
    address_hellos_per_second_max: float = 50.0
    """Hellos and joins from one address a second, once `address_hellos_burst_max` is used up; 0 is no bound."""
    address_hellos_burst_max: int = 5_000
    """Hellos and joins from one address at once after a rest, such as a school that comes in together."""
    address_commands_per_second_max: float = 0.0
    """Commands of all sessions of one address a second, once the burst is used up; 0 is no bound."""
    address_commands_burst_max: int = 100_000
    """Commands of all sessions of one address at once after a rest."""
    address_logged_bytes_per_second_max: float = 2_097_152.0
    """Bytes a second that the log keeps from one address, once the burst is used up; 0 is no bound."""
    address_logged_bytes_burst_max: int = 1 << 30
    """Bytes that the log keeps at once from one address after a rest."""
    address_foundings_per_second_max: float = 0.05
    """Open channels that one address makes a second, once the burst is used up; 0 is no bound."""
    address_foundings_burst_max: int = 100
    """Open channels that one address makes at once after a rest."""
    address_front_desk_connections_max: int = 600
    """Connections from one address to the front desk at once, without WebSockets."""
    address_watchers_max: int = 2_000
    """Sessions of one address that watch without a hello at once: pages that show the list of channels."""
    address_transfers_max: int = 50
    """Files on their way at once from one address."""
    address_transfer_bytes_max: int = 1 << 30
    """Bytes of files on their way at once from one address."""
    address_marks_max: int = 10_000
    """Read markers (IRC's MARKREAD) that are kept for one address."""
    failures_burst_max: int = 3
    """Wrong passwords, keys or tokens for one name from one address before each further one delays the next."""
    address_failures_burst_max: int = 300
    """The same for one address and all names."""
    failure_delay_seconds_max: float = 300.0
    """The longest delay before the next try; the first is a second, and it doubles with each failure."""
    failures_forgotten_seconds: float = 3_600.0
    """Time without a failure after which earlier failures are forgotten."""


class CurrentLimits:
    """The limits in force. A reload replaces them here, and everything that keeps to them holds this one object."""

    __slots__ = ("now",)

    def __init__(self, limits: Limits) -> None:
        self.now = limits

    def replace(self, limits: Limits) -> None:
        """Put other limits in force, from the next question on."""
        self.now = limits
