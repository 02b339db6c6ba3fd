"""The server's clock and its loop: arguments of all that reads time or waits, so that a test can own it."""

import time as _time
from collections.abc import Callable
from typing import Any, Protocol

LEAP_SECONDS = 60.0
"""How far ahead the machine's clock goes at once where it is set; less is its being put right, bit by bit."""
LEAP_BELIEVED_SECONDS = 86_400.0


class Clock(Protocol):
    """What tells the time, and how it passes."""

    def now(self) -> float:
        """Return the seconds since the epoch: for stamps alone, as somebody may set the machine's clock."""

    def steady(self) -> float:
        """Return seconds from some moment on, which nobody sets: for everything that waits."""

    def text(self, time: float) -> str:
        """Return `time` as people read it: the server's local time, `hh:mm:ss`."""

    def utc_offset_seconds(self, time: float) -> int:
        """Return the local time less UTC at `time`."""


class AgeClock:
    """The machine's clock as what is kept grows old by it: a leap ahead counts once it has lasted for a day.

    Somebody may set the machine's clock ahead by mistake, and all that is older by then is not to be forgotten at once.
    A clock that is set back counts at once, as what is younger is kept. `steady` is not to stand still while the
    machine sleeps, or each such sleep is a leap.
    """

    def __init__(self, now: Callable[[], float], steady: Callable[[], float]) -> None:
        self._now = now
        self._steady = steady
        self._offset = now() - steady()
        """What to add to a steady time to have the one that counts."""
        self._leapt_at: float | None = None

    def __call__(self) -> float:
        """Return the seconds since the epoch that count now."""
        steady = self._steady()
        offset = self._now() - steady
        if offset <= self._offset + LEAP_SECONDS:
            self._leapt_at, self._offset = None, offset
        elif self._leapt_at is None:
            self._leapt_at = steady
        elif steady - self._leapt_at >= LEAP_BELIEVED_SECONDS:
            self._leapt_at, self._offset = None, offset
        return steady + self._offset


class TimerHandle(Protocol):
    """What `call_later` gives."""

    def cancel(self) -> None:
        """Let it not happen."""


class Loop(Protocol):
    """What the hub, and what works beside its turns, need of an event loop."""

    def call_soon(self, callback: Callable[[], Any], /) -> object:
        """Call once the input that is ready has been read."""

    def call_later(self, delay: float, callback: Callable[..., Any], /, *args: Any) -> TimerHandle:
        """Call after `delay` seconds."""


class SystemClock:
    """The machine's clock. A turn asks for its text once, and a second's text is made once."""

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
        """Return the local time less UTC at `time`."""
        return _time.localtime(time).tm_gmtoff
