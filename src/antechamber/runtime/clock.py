"""The clock and the event loop. Whatever reads time or waits takes them as arguments, so a test controls both."""

import time as _time
from collections.abc import Callable
from typing import Any, Protocol

JUMP_SECONDS = 60.0
"""A jump ahead of the machine's clock that shows that it was set; smaller ones are corrections."""
JUMP_BELIEVED_SECONDS = 86_400.0
"""The time after which a jump ahead is believed."""


class Clock(Protocol):
    """A clock that tells the time of day, and one that measures how time passes."""

    def now(self) -> float:
        """Return the seconds since the epoch, for stamps alone, as somebody may set the machine's clock."""

    def steady(self) -> float:
        """Return the seconds since some fixed moment by a clock that nobody sets, for everything that waits."""

    def text(self, time: float) -> str:
        """Return `time` as people read it, `hh:mm:ss` in the server's local time."""

    def utc_offset_seconds(self, time: float) -> int:
        """Return the difference of local time and UTC at `time`."""


class AgeClock:
    """The machine's clock for the ages of what is kept: a jump ahead counts only once it has lasted for a day.

    If somebody sets the machine's clock ahead by mistake, nothing is deleted as too old at once. A clock that is set
    back counts at once, as that keeps more. `steady` must go on while the machine sleeps, or each sleep is a jump.
    """

    def __init__(self, now: Callable[[], float], steady: Callable[[], float]) -> None:
        self._now = now
        self._steady = steady
        self._offset = now() - steady()
        """What to add to a steady time to get the time that counts."""
        self._jumped_at: float | None = None

    def __call__(self) -> float:
        """Return the seconds since the epoch by which ages count now."""
        steady = self._steady()
        offset = self._now() - steady
        if offset <= self._offset + JUMP_SECONDS:
            self._jumped_at, self._offset = None, offset
        elif self._jumped_at is None:
            self._jumped_at = steady
        elif steady - self._jumped_at >= JUMP_BELIEVED_SECONDS:
            self._jumped_at, self._offset = None, offset
        return steady + self._offset


class TimerHandle(Protocol):
    """What `call_later` returns."""

    def cancel(self) -> None:
        """Cancel the call."""


class Loop(Protocol):
    """What the hub, and whatever works between its turns, need from an event loop."""

    def call_soon(self, callback: Callable[[], Any], /) -> object:
        """Call `callback` once the input that is ready has been read."""

    def call_later(self, delay: float, callback: Callable[..., Any], /, *args: Any) -> TimerHandle:
        """Call `callback` after `delay` seconds."""


class SystemClock:
    """The machine's clock. The text of a second is made once."""

    def __init__(self) -> None:
        self._second = -1
        self._text = ""

    def now(self) -> float:
        """Return the seconds since the epoch, to the microsecond."""
        return round(_time.time(), 6)

    def steady(self) -> float:
        """Return the seconds of the machine's monotonic clock."""
        return _time.monotonic()

    def text(self, time: float) -> str:
        """Return `time` as local `hh:mm:ss`."""
        second = int(time)
        if second != self._second:
            self._second = second
            self._text = _time.strftime("%H:%M:%S", _time.localtime(second))
        return self._text

    def utc_offset_seconds(self, time: float) -> int:
        """Return the difference of local time and UTC at `time`."""
        return _time.localtime(time).tm_gmtoff
