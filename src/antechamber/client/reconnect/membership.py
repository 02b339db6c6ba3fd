"""A client's knowledge of its membership: enough to resume it, and to notice every gap."""

from collections import deque
from enum import Enum

from antechamber.protocol.events import Entry, Seated
from antechamber.protocol.limits import ANNOUNCEMENTS_KEPT
from antechamber.protocol.notices import Announcement, Resumed, Welcome


class Reading(Enum):
    """How an entry follows on those read before."""

    NEXT = "next"
    AGAIN = "again"
    """It was read before."""
    GAP = "gap"
    """Entries in between are no longer kept."""
    UNDONE = "undone"
    """The server has lost entries that were read."""


class Membership:
    """A membership as its client sees it, from one welcome to the next."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.channel = ""
        """The channel; "" before the first welcome."""
        self.token = ""
        self.seated = False
        self.ahead = -1
        """The last told number of members ahead in the line; -1 for none."""
        self.read = 0
        """The sequence number of the last entry read there."""
        self._missed_up_to = 0
        self._told = False
        """Whether this connection has brought a welcome."""
        self._seat_hold_seconds = 0.0
        self._place_hold_seconds = 0.0
        self._announcements: deque[Announcement] = deque(maxlen=ANNOUNCEMENTS_KEPT)

    @property
    def hold_seconds(self) -> float:
        """How long the seat, or the place in line, is held after a lost connection."""
        if not self.token:
            return 0.0
        return self._seat_hold_seconds if self.seated else self._place_hold_seconds

    @property
    def up_to_date(self) -> bool:
        """Whether the welcome and the whole replay have been read."""
        return self._told and self.read >= self._missed_up_to

    def begin(self, welcome: Welcome) -> None:
        """Begin a new membership."""
        self.channel, self.name, self.token = welcome.channel, welcome.name, welcome.token
        self.seated, self.ahead, self._told = False, -1, False
        self.read = self._missed_up_to = 0
        self._seat_hold_seconds = welcome.seat_hold_seconds
        self._place_hold_seconds = welcome.place_hold_seconds

    def resume(self, resumed: Resumed) -> Reading:
        """Resume the membership, and return how the next entries follow on those read.

        A different channel means that a switch was carried out whose welcome was not read.
        """
        if resumed.channel != self.channel:
            self.channel, self.read, self.seated, self.ahead = resumed.channel, 0, False, -1
        reading = Reading.NEXT
        if resumed.seated and self.seated and resumed.first > self.read + 1:
            self.read, reading = resumed.first - 1, Reading.GAP
        elif resumed.seated and self.seated and resumed.last < self.read:
            self.read, reading = resumed.last, Reading.UNDONE
        elif resumed.seated and not self.seated and resumed.first > resumed.last:
            self.read, reading = resumed.last, Reading.GAP
        self.name, self.token = resumed.name, resumed.token
        self.seated = self._told = resumed.seated
        self._missed_up_to = resumed.last if resumed.seated else 0
        self._seat_hold_seconds = resumed.seat_hold_seconds
        self._place_hold_seconds = resumed.place_hold_seconds
        return reading

    def rename(self, name: str, token: str) -> None:
        """Note that the member has another name, and resumes with another token if it may resume."""
        self.name, self.token = name, token or self.token

    def place(self, ahead: int) -> bool:
        """Note how many are ahead, and return whether that is news."""
        is_news = ahead != self.ahead
        self.ahead, self._told = ahead, True
        return is_news

    def announce(self, announcement: Announcement) -> bool:
        """Note an announcement, and return whether it is news: after a resume, earlier ones are told again."""
        is_news = announcement not in self._announcements
        if is_news:
            self._announcements.append(announcement)
        return is_news

    def take(self, entry: Entry) -> Reading:
        """Count an entry as read, and return how it follows on the others."""
        if isinstance(entry.event, Seated) and entry.event.name == self.name:
            self.seated = self._told = True
            if entry.channel == self.channel and not self.read:
                self.read = entry.sequence - 1  # the first that is read here
        return self.take_number(entry.channel, entry.sequence)

    def take_number(self, channel: str, sequence: int) -> Reading:
        """Count the entry with this number as read, whatever it contains."""
        if channel != self.channel:
            return Reading.NEXT
        if sequence <= self.read:
            return Reading.AGAIN
        reading = Reading.NEXT if sequence == self.read + 1 else Reading.GAP
        self.read = sequence
        return reading
