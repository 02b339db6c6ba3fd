"""The world's clock, and an event loop whose steps are the world's to take."""

from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any

CLOCK = "12:00:00"
"""What every clock shows to people, so that a plain line can be told from its entry alone."""


class WorldClock:
    """A clock that stands still until the world moves it. `time` is the steady one's."""

    def __init__(self) -> None:
        self.time = 50_000.0
        self.offset = 1_000_000.0
        """What the machine's clock shows more than the steady one."""
        self.was_set = False
        """Whether somebody has set the machine's clock."""

    def now(self) -> float:
        return self.time + self.offset

    def steady(self) -> float:
        return self.time

    def text(self, _: float) -> str:
        return CLOCK

    def utc_offset_seconds(self, _: float) -> int:
        return 3600


class Timer:
    """What `WorldLoop.call_later` gives."""

    __slots__ = ("_call", "arguments")

    def __init__(self, call: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        self._call: Callable[..., Any] | None = call
        self.arguments = arguments

    def cancel(self) -> None:
        self._call = None

    @property
    def cancelled(self) -> bool:
        return self._call is None

    def ring(self) -> None:
        if self._call is not None:
            self._call(*self.arguments)


class WorldLoop:
    """The event loop of one server process."""

    def __init__(self, clock: WorldClock) -> None:
        self.clock = clock
        self.soon: list[Callable[[], Any]] = []
        self._alarms: list[tuple[float, int, Timer]] = []
        self._numbers = 0

    def call_soon(self, callback: Callable[[], Any], /) -> object:
        self.soon.append(callback)
        return None

    def call_later(self, delay: float, callback: Callable[..., Any], /, *args: Any) -> Timer:
        alarm = Timer(callback, args)
        self._numbers += 1
        heappush(self._alarms, (self.clock.time + delay, self._numbers, alarm))
        return alarm

    def step(self) -> None:
        """Call what is to be called soon, but not what that asks for in its turn."""
        ready, self.soon = self.soon, []
        for call in ready:
            call()

    def next_alarm_at(self) -> float:
        """Return when the next alarm rings, infinity where none does."""
        alarms = self._alarms
        while alarms and alarms[0][2].cancelled:
            heappop(alarms)
        return alarms[0][0] if alarms else float("inf")

    def ring(self) -> None:
        """Ring the next alarm."""
        at, _, alarm = heappop(self._alarms)
        self.clock.time = max(self.clock.time, at)
        alarm.ring()

    @property
    def alarms(self) -> int:
        """How many alarms are set."""
        return sum(not alarm.cancelled for _, _, alarm in self._alarms)
