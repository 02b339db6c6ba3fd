"""How busy other programs kept the machine during a measurement: figures are only as good as it was quiet."""

import os
import resource


class Watch:
    """Counts the CPU time of everything except the bench and the processes that it started and ended."""

    def __init__(self) -> None:
        self._busy, self._all = _machine_seconds()
        self._own = _own_seconds()

    def sentence(self) -> str:
        """Return a sentence: how much of the machine's CPU time others took since the watch began."""
        busy, all_ = _machine_seconds()
        others = max(busy - self._busy - (_own_seconds() - self._own), 0)
        share = others / max(all_ - self._all, 0.01)
        return f"{os.cpu_count()} CPUs; other programs took {share:.0%} of the machine's CPU time meanwhile."


def _machine_seconds() -> tuple[float, float]:
    """Return the busy and the whole CPU time of the machine since it started."""
    with open("/proc/stat", encoding="ascii") as file:
        ticks = [int(word) for word in file.readline().split()[1:9]]
    idle = ticks[3] + ticks[4]
    hertz = os.sysconf("SC_CLK_TCK")
    return (sum(ticks) - idle) / hertz, sum(ticks) / hertz


def _own_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)
