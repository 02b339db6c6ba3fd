"""The timer for many waits."""

from antechamber.runtime.timer import Timer
from tests.fakes import FakeClock, FakeLoop


class Alarm:
    """A timer, and the moments at which it fired."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.loop = FakeLoop(self.clock)
        self.fired: list[float] = []
        self.timer = Timer(self.clock, self.loop, self.fire)
        self.began = self.clock.steady()

    def fire(self) -> None:
        self.fired.append(self.clock.steady() - self.began)
        self.timer.at = float("inf")

    def expect(self, seconds: float) -> None:
        self.timer.expect(self.began + seconds)
        self.timer.start()


def test_it_fires_when_the_first_wait_ends_by_one_timer_of_the_loop() -> None:
    alarm = Alarm()
    alarm.expect(5)
    alarm.expect(7)
    alarm.expect(3)
    assert len(alarm.loop.pending()) == 1
    alarm.loop.advance(10)
    assert alarm.fired == [3]
    alarm.expect(12)
    alarm.loop.advance(10)
    assert alarm.fired == [3, 12]


def test_it_never_fires_once_it_is_stopped() -> None:
    alarm = Alarm()
    alarm.timer.stop()
    alarm.expect(5)
    alarm.timer.stop()
    alarm.loop.advance(10)
    assert alarm.fired == []
