"""The server's clock and its loop: arguments of all that reads time or waits, so that a test can own it."""

import time as _time
from collections.abc import Callable
from typing import Any, Protocol


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


class Timer(Protocol):
    """What `call_later` gives."""

    def cancel(self) -> None:
        """Let it not happen."""


class Loop(Protocol):
    """What the hub, and what works beside its turns, need of an event loop."""

    def call_soon(self, callback: Callable[[], Any], /) -> object:
        """Call once the input that is ready has been read."""

    def call_later(self, delay: float, callback: Callable[..., Any], /, *args: Any) -> Timer:
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
