"""A channel's last announcements, for members in line who were away when they were told."""

from collections import deque
from collections.abc import Iterable

from antechamber.protocol.limits import ANNOUNCEMENTS_KEPT
from antechamber.protocol.notices import Announcement

Kept = tuple[int, float, str]
"""An announcement as a snapshot keeps it: its entry's sequence number and time, and its text."""


class Announcements:
    """The last few announcements of a channel; older ones are forgotten."""

    def __init__(self, channel: str, kept: Iterable[Kept] = ()) -> None:
        self._channel = channel
        self._kept = deque(kept, ANNOUNCEMENTS_KEPT)

    def add(self, sequence: int, time: float, text: str) -> None:
        """Add the announcement of entry `sequence`, made at `time` in seconds since the epoch."""
        self._kept.append((sequence, time, text))

    def after(self, sequence: int) -> list[Announcement]:
        """Return the announcements after entry `sequence`, oldest first, as they were told."""
        return [Announcement(time, self._channel, text) for number, time, text in self._kept if number > sequence]

    def kept(self) -> list[Kept]:
        """Return what a snapshot keeps."""
        return list(self._kept)
