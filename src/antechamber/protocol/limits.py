"""Every bound of the server, with its unit in its name.

A limit is a promise to everybody else: no peer, however odd, makes the server hold more than these. What passes a
limit gets a refusal in words; the test of each stands in the tests of the module that keeps it.
"""

from typing import NamedTuple

CHANNELS_MIN = 3
"""A config file has at least this many channels."""
CAPACITY_MIN = 5
"""A channel has at least this many seats."""
PORT_MAX = 65535
CONFIG_BYTES_MAX = 1 << 20
"""A config file larger than this is somebody's mistake."""
TOPIC_CHARACTERS_MAX = 200
"""Length of a channel's topic, in Unicode code points."""
MOTD_LINES_MAX = 100
"""Lines of the message of the day, which IRC clients read as they come in."""
MOTD_LINE_CHARACTERS_MAX = 100
"""Length of one of them, in Unicode code points: whatever they are, it fits into a line of IRC's."""
CHANNEL_KEY_CHARACTERS_MAX = 50
"""Length of the key of a channel (mode `k`), in Unicode code points."""
MASK_CHARACTERS_MAX = 200
"""Length of a mask by which a channel names people (modes `b`, `e` and `I`), in Unicode code points."""
MASKS_MAX = 100
"""Masks in one list of a channel: of its bans, its exceptions, its standing invitations."""
INVITATIONS_MAX = 100
"""Invitations of one channel that were not used yet; of more, the oldest is forgotten."""
MUTES_REMEMBERED = 1_000
"""Mutes of one channel that hold for those who come again; of more, the one that ends first is forgotten."""
MODE_CHANGES_MAX = 20
"""Changes of a channel's modes that one command asks for."""
TAGS_CHARACTERS_MAX = 1_000
"""Length of the tags that a client of ours gives a message or says alone, names and values together; they fit into a
line of IRC's."""
LAST_WORDS_CHARACTERS_MAX = 200
"""Length of what is said of a departure, by who kicks or by who goes, in Unicode code points."""
NAME_CHARACTERS_MOST = 32
"""The highest that `name_characters_max` can be set to; so a client by itself refuses only names that are longer."""
NAME_MARKS_MAX = 6
"""Combining marks in a row in a name: as many as scripts stack, and none that spill over the lines around."""

HISTORY_ENTRIES_MAX = 200
"""How many entries one question about the past is answered with at most."""
SEARCH_CHARACTERS_MAX = 200
"""Length of what a member searches for, in Unicode code points."""
ARCHIVE_QUESTIONS_MAX = 1_000
"""Different questions about the past that wait to be answered; each session has one at a time."""
SEQUENCE_MAX = 2**53 - 1
"""The highest number of an entry that may be named: up to there every JSON reader counts exactly."""
ANNOUNCEMENTS_KEPT = 5
"""How many of a channel's last announcements are told to one that waits and comes back."""
MEMBERS_TOLD_MAX = 2_000
"""How many of those seated, and of those who wait, who asks is told by name: as many as fit into an outbox."""
KEY_CHARACTERS_MAX = 64
"""Length of the secret by which a client shows that a hello is the same one's as an earlier one."""
OPERATOR_TOKEN_CHARACTERS_MIN = 16
"""Length of an operator token, below which it could be guessed."""
OPERATOR_TOKEN_DIFFERENT_CHARACTERS_MIN = 8
"""How many different characters it has at least: a word that is said twice is no secret."""
OPERATOR_TOKEN_CHARACTERS_MAX = 128
"""Length of an operator token, past which nobody means one."""
IRC_BODY_BYTES_MAX = 510
"""Length of an IRC message without its tags and its line's end, in either direction."""
IRC_TAGS_BYTES_MAX = 4_094
"""Length of the tags of an IRC message that a client sends, without the `@` and the space."""
IRC_MULTILINE_BYTES_MAX = 4_096
"""Text of one message that an IRC client sends in several lines."""
IRC_MULTILINE_LINES_MAX = 32
"""Lines of one message that an IRC client sends in several lines."""
LINK_SECONDS_MAX = 600.0
"""How long a link to bring or to fetch a file by waits for an IRC user to follow it."""
AWAY_CHARACTERS_MAX = 200
"""Length of what an IRC user says it is away for, in Unicode code points."""
REALNAME_CHARACTERS_MAX = 100
"""Length of an IRC user's real name, in Unicode code points."""
PASSWORD_CHARACTERS_MAX = 64
"""Length of the password by which an IRC user comes back to its seats, in Unicode code points."""
MONITORED_MAX = 100
"""Nicks that one IRC user monitors."""
TARGETS_MAX = 4
"""Targets of one command of IRC's."""
LIST_CONDITIONS_MAX = 8
"""Conditions of one LIST: each channel is compared with all of them."""
WHO_REPLIES_MAX = 2_000
"""People that one WHO by a mask is answered with."""
WHOWAS_KEPT = 1_000
"""How many who had a nick on IRC, and have it no more, are remembered."""
RECEIVED_FILES_PER_SENDER_MAX = 20
"""Files of one sender that a client program saves within an hour."""
RECEIVED_BYTES_PER_SENDER_MAX = 1 << 30
"""Their bytes."""
RECEIVED_FILES_PER_HOUR_MAX = 100
"""Files of all senders that it saves within an hour."""
RECEIVED_BYTES_PER_HOUR_MAX = 4 << 30
"""Their bytes."""
RECEIVED_FILES_MAX = 1_000
"""Files that it saves from its start to its end."""
RECEIVED_BYTES_MAX = 16 << 30
"""Their bytes."""
RECEIVED_FREE_BYTES_MIN = 128 << 20
"""Room that it leaves on the disk; a twentieth of the disk where that is less."""
IDLE_WARNING_SECONDS = 20.0
"""How long before the AFK rule takes a seat its member is warned; at half the time where that is short."""


class Retention(NamedTuple):
    """How much of a channel's history is kept. 0 is no bound."""

    age_seconds_max: float = 0.0
    """Entries that are older are forgotten."""
    entries_max: int = 0
    """Of more entries than this, the oldest are forgotten."""


class Limits(NamedTuple):
    """What one server allows; the defaults suit a room of people on an ordinary machine."""

    line_bytes_max: int = 16_384
    """Length of one line a peer sends, without its newline; a longer one is refused and the connection lives."""
    name_characters_max: int = 32
    """Length of a member's or a channel's name, in Unicode code points after normalisation to NFC."""
    id_characters_max: int = 64
    """Length of the id a client may give a command."""
    recent_ids_max: int = 128
    """How many of its last command ids a session remembers, so that a retry is harmless."""
    path_characters_max: int = 1_024
    """Length of the path a sender names in `/send`."""
    waiting_max: int = 1_000
    """Members in one channel's waiting queue."""
    capacity_max: int = 100_000
    """Seats of one channel."""
    channels_max: int = 1_000
    idle_seconds_max: float = 100.0
    """A seated member who sends nothing for this long loses the seat (AFK); infinity is never."""
    seat_hold_seconds: float = 0.0
    """How long the seat of a member whose connection was lost is kept for its return; 0 frees it at once."""
    place_hold_seconds: float = 0.0
    """How long the place in the waiting queue of such a member is kept; 0 frees it at once."""
    held_visit_seconds_min: float = 5.0
    """Who loses the connection sooner after coming in, and has never come back before, is not held."""
    address_held_max: int = 400
    """Members of one channel from one address that are held; past it newcomers from there come in, and are not held."""
    mute_seconds_max: int = 31_536_000
    """The longest mute: a year."""
    sessions_max: int = 20_000
    """Connections to the channels in all."""
    sessions_per_address_max: int = 10_000
    """Connections to the channels from one address: a school, or a proxy, is one address."""
    commands_per_second_max: float = 0.0
    """Commands of one session a second, once `commands_burst_max` is used up; 0 is no bound."""
    commands_burst_max: int = 500
    """Commands that a session may send at once after a rest, so that a paste goes through."""
    hello_seconds_max: float = 60.0
    """Time a connection has to name itself."""
    linger_seconds_max: float = 5.0
    """Time a closed session has to read what is still in its outbox."""
    inbox_commands_max: int = 100_000
    """Commands waiting for the hub's next turn; past it, reading pauses until the turn is over."""
    turn_characters_max: int = 262_144
    """Text that one turn carries (each command counts 100 more); the rest waits for the turn after it."""
    catch_up_bytes_max: int = 131_072
    """Size of one piece of what a resumed session has missed; the next follows once it has read that."""
    catch_up_seconds_max: float = 30.0
    """Time in which a session that catches up must read something, or it is closed."""
    outbox_bytes_max: int = 1 << 20
    """Bytes waiting to be read by one session; past it the session is closed as a slow consumer."""
    unread_seconds_max: float = 30.0
    """Time in which a peer must read something of what waits for it, or it is closed as a slow consumer."""
    console_bytes_max: int = 8 << 20
    """Bytes waiting for a slow standard output of the server; past it lines are left out."""
    file_bytes_max: int = 100 << 20
    """Size of a file sent with `/send`."""
    transfers_max: int = 100
    """Files on their way at once, in all."""
    transfers_per_session_max: int = 4
    """Files on their way at once from one sender."""
    transfer_bytes_per_session_max: int = 256 << 20
    """Bytes of the files on their way at once from one sender; a file that is the only one may be larger."""
    transfer_seconds_max: float = 3_600.0
    """Time in which a transfer must be over, or it is given up, however it moves."""
    transfer_idle_seconds_max: float = 30.0
    """Time in which a transfer must move, or it is given up."""
    snapshot_entries_max: int = 1_000
    """Entries of a channel after which its state is snapshotted, so that a start replays no more than these."""
    address_connections_per_second_max: float = 500.0
    """Connections that one address opens a second, once `address_connections_burst_max` are used up; 0 is no bound.
    One to the front desk counts as two."""
    address_connections_burst_max: int = 10_000
    """Connections that one address opens at once after a rest."""
    address_hellos_per_second_max: float = 50.0
    """Hellos and joins from one address a second, once `address_hellos_burst_max` is used up; 0 is no bound."""
    address_hellos_burst_max: int = 5_000
    """Hellos and joins from one address at once after a rest: a school that comes in together."""
    address_commands_per_second_max: float = 0.0
    """Commands of all sessions of one address a second, once the burst is used up; 0 is no bound."""
    address_commands_burst_max: int = 100_000
    """Commands of all sessions of one address at once after a rest."""
    address_logged_bytes_per_second_max: float = 2_097_152.0
    """Bytes a second that the log keeps of what one address says, once the burst is used up; 0 is no bound."""
    address_logged_bytes_burst_max: int = 1 << 30
    """Bytes that the log keeps at once of what one address says, after a rest."""
    address_foundings_per_second_max: float = 0.05
    """Channels that one address founds a second, where channels are open, once the burst is used up; 0 is no bound."""
    address_foundings_burst_max: int = 100
    """Channels that one address founds at once after a rest."""
    address_front_desk_connections_max: int = 600
    """Connections of one address to the front desk at once, WebSockets aside."""
    address_watchers_max: int = 2_000
    """Sessions of one address at once that look on without a hello: pages that show the list of channels."""
    address_transfers_max: int = 50
    """Files on their way at once from one address."""
    address_transfer_bytes_max: int = 1 << 30
    """Bytes of files on their way at once from one address."""
    address_marks_max: int = 10_000
    """Marks of what was read (IRC's MARKREAD) that are kept for one address."""
    failures_burst_max: int = 3
    """Wrong passwords, keys or tokens for one name from one address, before each further one makes the next wait."""
    address_failures_burst_max: int = 300
    """The same for one address, whatever the names."""
    failure_delay_seconds_max: float = 300.0
    """How long the next try waits at most; it begins with a second, and doubles with each failure."""
    failures_forgotten_seconds: float = 3_600.0
    """Time without a failure after which those before are forgotten."""


class CurrentLimits:
    """The limits in force. A reload replaces them here, and everything that keeps to them holds this one object."""

    __slots__ = ("now",)

    def __init__(self, limits: Limits) -> None:
        self.now = limits

    def replace(self, limits: Limits) -> None:
        """Put other limits in force, from the next question on."""
        self.now = limits
