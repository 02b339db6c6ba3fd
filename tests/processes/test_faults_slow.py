"""One reader among fast ones stops reading: it is closed with its reason, comes back, and has then missed nothing."""

from bench.stalled import staged

MEMBERS = 20
SECONDS = 1.0
MESSAGES_PER_SECOND = 2_500.0
"""About as much in a second as an outbox holds, beyond what the kernel takes."""


def test_who_stops_reading_is_closed_as_slow_and_reads_all_that_it_missed() -> None:
    with staged(MEMBERS) as stage:
        stage.crowd.pause(stage.hundredth)
        stage.fill(stalled=True, fillings=0)
        stage.measure(SECONDS, MESSAGES_PER_SECOND)
        stage.check(stage.fast)
        stage.come_back()
        stage.settle()
        stage.check(stage.listeners)
