"""What a client knows of its membership: enough to come back to it, and to miss nothing without a word."""

from collections import deque
from enum import Enum

from antechamber.protocol.events import Entry, Seated
from antechamber.protocol.limits import ANNOUNCEMENTS_KEPT
from antechamber.protocol.notices import Announcement, Resumed, Welcome


class Reading(Enum):
    """How an entry follows on what was read before it."""

    NEXT = "next"
    AGAIN = "again"
    """It was read before."""
    GAP = "gap"
    """There were others between, which are kept no more."""
    UNDONE = "undone"
    """The server has lost entries that were read."""


class Membership:
    """A member of a channel as its client sees it, from one welcome to the next."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.channel = ""
        """Where it is a member; "" before the first welcome."""
        self.token = ""
        self.seated = False
        self.ahead = -1
        """How many it was last told are ahead of it in the waiting queue, -1 where it was told of none."""
        self.read = 0
        """The sequence number of the last entry that was read there."""
        self._missed_up_to = 0
        self._told = False
        """Whether this connection has told where it is."""
        self._seat_hold_seconds = 0.0
        self._place_hold_seconds = 0.0
        self._announcements: deque[Announcement] = deque(maxlen=ANNOUNCEMENTS_KEPT)

    @property
    def hold_seconds(self) -> float:
        """How long the seat, or the place in line, is kept once the connection is lost."""
        if not self.token:
            return 0.0
        return self._seat_hold_seconds if self.seated else self._place_hold_seconds

    @property
    def up_to_date(self) -> bool:
        """Whether it has been told where it is, and has read what it missed."""
        return self._told and self.read >= self._missed_up_to

    def begin(self, welcome: Welcome) -> None:
        """Be a new member."""
        self.channel, self.name, self.token = welcome.channel, welcome.name, welcome.token
        self.seated, self.ahead, self._told = False, -1, False
        self.read = self._missed_up_to = 0
        self._seat_hold_seconds = welcome.seat_hold_seconds
        self._place_hold_seconds = welcome.place_hold_seconds

    def resume(self, resumed: Resumed) -> Reading:
        """Go on, and say how what follows follows on what was read.

        Where the channel is another one, a switch was carried out whose welcome was not read.
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

    def place(self, ahead: int) -> bool:
        """Be told how many are ahead, and say whether that is news."""
        is_news = ahead != self.ahead
        self.ahead, self._told = ahead, True
        return is_news

    def announce(self, announcement: Announcement) -> bool:
        """Be told an announcement, and say whether it is news: after a return, those are told again that were read."""
        is_news = announcement not in self._announcements
        if is_news:
            self._announcements.append(announcement)
        return is_news

    def take(self, entry: Entry) -> Reading:
        """Count an entry as read, and say how it follows on the others."""
        if isinstance(entry.event, Seated) and entry.event.name == self.name:
            self.seated = self._told = True
            if entry.channel == self.channel and not self.read:
                self.read = entry.sequence - 1  # the first that is read here
        return self.take_number(entry.channel, entry.sequence)

    def take_number(self, channel: str, sequence: int) -> Reading:
        """Count the entry with this number as read, whatever happened there."""
        if channel != self.channel:
            return Reading.NEXT
        if sequence <= self.read:
            return Reading.AGAIN
        reading = Reading.NEXT if sequence == self.read + 1 else Reading.GAP
        self.read = sequence
        return reading
