"""A channel's last announcements, for those in line who were away when they were told."""

from collections import deque
from collections.abc import Iterable

from antechamber.protocol.limits import ANNOUNCEMENTS_KEPT
from antechamber.protocol.notices import Announcement

Kept = tuple[int, float, str]
"""An announcement as it is kept: its entry's sequence number and time, and its text."""


class Announcements:
    """The last few of one channel; the oldest are forgotten."""

    def __init__(self, channel: str, kept: Iterable[Kept] = ()) -> None:
        self._channel = channel
        self._kept = deque(kept, ANNOUNCEMENTS_KEPT)

    def add(self, sequence: int, time: float, text: str) -> None:
        """Remember the one that is the entry `sequence`, of `time` in seconds since the epoch."""
        self._kept.append((sequence, time, text))

    def after(self, sequence: int) -> list[Announcement]:
        """Return those after the entry `sequence`, the oldest first, each as it was told."""
        return [Announcement(time, self._channel, text) for number, time, text in self._kept if number > sequence]

    def kept(self) -> list[Kept]:
        """Return what a snapshot keeps."""
        return list(self._kept)
