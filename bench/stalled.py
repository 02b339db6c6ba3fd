"""Stalled: what 99 fast readers notice of a hundredth one that stops reading.

One channel, one steady load. Phases take turns on one server: in one the hundredth reads like the others; in the other
it stops, until the kernel's buffers and its outbox are full and it is closed as slow, all within the measured time.
Then it reads up to its goodbye, resumes, and must read exactly the bytes that the others have read.
"""

import argparse
import contextlib
import json
import sys
import time
from collections.abc import Iterator, Sequence
from statistics import median, quantiles
from typing import NamedTuple

from bench.listeners import Crowd, Listener, latencies
from bench.machine import Watch
from bench.programs import END_SECONDS_MAX, READY_SECONDS_MAX, BenchError, folder, set_up
from bench.restartable_server import RestartableServer
from bench.table import table

CHANNEL = "general"
LIMITS = {
    "commands_per_second_max": 0,
    "address_commands_per_second_max": 0,
    "idle_seconds_max": 0,
    "linger_seconds_max": 60,
    "held_visit_seconds_min": 0,
}
"""Limits: no limit on the speaker's rate; time to read the goodbye after the measurement; and a member that is closed
may come back however soon that was."""
OUTBOX_BYTES_MAX = 1 << 20
TEXT_CHARACTERS = 500
_FILLING_CHARACTERS = 8_000
_FILLINGS_MAX = 4_000
_FILLING_PAUSE_SECONDS = 0.005


class Phase(NamedTuple):
    """Microseconds from sending a message to its reading by the fast readers, and when the hundredth was closed.

    The latter is in seconds from the phase's beginning, None if it read like the others.
    """

    p50: float
    p99: float
    closed_after: float | None


class Stage:
    """A channel with its readers: the first speaks, the last one is the hundredth."""

    def __init__(self, server: RestartableServer, members: int) -> None:
        port = server.channels[CHANNEL].port
        self._pid = server.pid
        self.listeners: list[Listener] = []
        for number in range(members):
            self.listeners.append(Listener(port, f"reader{number}"))
            self.listeners[-1].token = self.listeners[-1].read_up_to("welcome")["token"]
        *self.fast, self.hundredth = self.listeners
        self.crowd = Crowd(self.listeners)
        self.settle()

    def settle(self) -> None:
        """Wait until everybody has read a new message, and discard what was read."""
        mark = f"mark {time.monotonic_ns()}"
        self.fast[0].say({"type": "say", "text": mark})
        deadline = time.monotonic() + END_SECONDS_MAX
        for each in self.listeners:
            while not (each.lines and mark.encode() in each.lines[-1]):
                if time.monotonic() > deadline:
                    raise BenchError(f"{each.name} did not read {mark!r} in time")
                self.crowd.read_until(time.monotonic() + 0.001)
            each.after = int(json.loads(each.lines[-1])["sequence"])
        for each in self.listeners:
            each.forget()

    def fill(self, stalled: bool, fillings: int) -> int:
        """Send as much as the kernel buffers for a reader that reads nothing; return the number of messages.

        If nobody is stalled, send `fillings` of them.
        """
        filling = {"type": "say", "text": "x" * _FILLING_CHARACTERS}
        taken = -1
        for number in range(1, _FILLINGS_MAX):
            self.fast[0].say(filling)
            self.crowd.read_until(time.monotonic() + _FILLING_PAUSE_SECONDS)
            self.crowd.read_lines(number)
            if not stalled:
                if number >= fillings:
                    return number
            elif number % 8 == 0:
                before, taken = taken, unread_bytes(self.hundredth)
                if before == taken > 0:
                    return number
        raise BenchError("the kernel takes everything for a reader that reads nothing")

    def measure(self, seconds: float, per_second: float) -> tuple[float, float]:
        """Send at a steady rate, and return the median and 99th percentile of the latency, in microseconds."""
        begun = time.monotonic()
        already = len(self.fast[0].lines)
        sent_at: dict[int, int] = {}
        for number in range(int(seconds * per_second)):
            self.crowd.read_until(begun + number / per_second)
            text = f"{number} ".ljust(TEXT_CHARACTERS, "y")
            sent_at[already + number] = time.monotonic_ns()
            self.fast[0].say({"type": "say", "text": text})
        self.crowd.read_lines(already + len(sent_at))
        cuts = quantiles((taken for each in self.fast for taken in latencies(each, sent_at)), n=100)
        return cuts[49] / 1e3, cuts[98] / 1e3

    def check(self, readers: Sequence[Listener]) -> None:
        """Raise BenchError if they have not all read the same."""
        for each in readers:
            if each.lines != self.fast[0].lines:
                raise BenchError(f"{each.name} has not read what {self.fast[0].name} has")

    def come_back(self) -> float:
        """Read on as the hundredth up to its goodbye, resume, and read what it missed; return when it was closed.

        The time is in seconds since the epoch. Raises BenchError if it was not closed as slow, or did not read the
        same as the others.
        """
        hundredth = self.hundredth
        goodbye = hundredth.read_up_to("goodbye")
        if goodbye["reason"] != "slow":
            raise BenchError(f"the one who stopped reading read {goodbye}")
        before = [line for line in hundredth.lines if line.startswith(b'{"type":"entry"')]
        last_read = json.loads(before[-1])["sequence"]
        hundredth.close()
        hundredth.forget()
        hundredth.connect({"type": "resume", "token": hundredth.token, "after": last_read})
        resumed = hundredth.read_up_to("resumed")
        if resumed["first"] != last_read + 1 or not resumed["seated"]:
            raise BenchError(f"after entry {last_read}, the one who stopped reading read {resumed}")
        deadline = time.monotonic() + END_SECONDS_MAX
        while len(hundredth.lines) <= resumed["last"] - last_read:
            if time.monotonic() > deadline or hundredth.ended:
                raise BenchError(f"the one who stopped reading did not catch up: {hundredth.lines[-1:]}")
            hundredth.read()
        hundredth.lines[:] = before + hundredth.lines[1:]
        self.check([hundredth])
        self.crowd.go_on(hundredth)
        return float(goodbye["time"])


def unread_bytes(listener: Listener) -> int:
    """Return how many bytes the kernel has taken from the server that the listener's side has not acknowledged.

    /proc/net/tcp shows this for the server's end of the connection.
    """
    here, there = (f":{address[1]:04X}" for address in (listener.socket.getsockname(), listener.socket.getpeername()))
    with open("/proc/net/tcp", encoding="ascii") as file:
        for line in file:
            fields = line.split()
            if fields[1].endswith(there) and fields[2].endswith(here):
                return int(fields[4].partition(":")[0], 16)
    raise BenchError("the kernel does not know the connection of the one who stopped reading")


def compare(stage: Stage, repetitions: int, seconds: float, per_second: float) -> tuple[list[Phase], list[Phase]]:
    """Return the phases with a stalled reader, and those without. Raises BenchError if one cannot be measured."""
    stalled, reading = [], []
    fillings = 0
    for number in range(repetitions):
        print(f"{number + 1}/{repetitions}", file=sys.stderr)
        stage.crowd.pause(stage.hundredth)
        fillings = stage.fill(stalled=True, fillings=0)
        begun = time.time()
        figures = stage.measure(seconds, per_second)
        stage.check(stage.fast)
        stalled.append(Phase(*figures, stage.come_back() - begun))
        stage.settle()
        stage.fill(stalled=False, fillings=fillings)
        reading.append(Phase(*stage.measure(seconds, per_second), None))
        stage.check(stage.listeners)
        stage.settle()
    return stalled, reading


@contextlib.contextmanager
def staged(members: int) -> Iterator[Stage]:
    """Run a server with `members` readers in one channel."""
    with folder() as path, contextlib.closing(RestartableServer(path, {CHANNEL: members}, LIMITS)) as server:
        server.start()
        server.wait_until_it_listens(READY_SECONDS_MAX)
        stage = Stage(server, members)
        with contextlib.closing(stage.crowd):
            yield stage
        if said := server.said():
            raise BenchError(f"the server said: {said}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print the table; return the exit status."""
    parser = argparse.ArgumentParser(prog="bench/stalled", description=__doc__)
    add = parser.add_argument
    add("--members", type=int, default=100, help="default: %(default)s")
    add("--reps", type=int, default=7, help="pairs of phases (default: %(default)s)")
    add("--rate", type=float, default=200.0, metavar="N", help="messages per second (default: %(default)s)")
    add("--seconds", type=float, default=10.0, help="length of a phase (default: %(default)s)")
    add("--quick", action="store_true", help="two pairs: for a look, not for a claim")
    chosen = parser.parse_args(arguments)
    if chosen.seconds * chosen.rate * TEXT_CHARACTERS < OUTBOX_BYTES_MAX * 0.95:
        parser.error("that is too little to fill an outbox: give more --seconds, or a higher --rate")
    set_up()
    watch = Watch()
    try:
        with staged(chosen.members) as stage:
            stalled, reading = compare(stage, 2 if chosen.quick else chosen.reps, chosen.seconds, chosen.rate)
    except BenchError as error:
        print(f"bench/stalled: {error}", file=sys.stderr)
        return 1
    print(f"{report(stalled, reading, chosen)}\n\n{watch.sentence()}")
    return 0


def report(stalled: list[Phase], reading: list[Phase], chosen: argparse.Namespace) -> str:
    """Return the table, medians over the phases, and what happened to the stalled reader."""
    rows = []
    for name, value in (("p50", lambda phase: phase.p50), ("p99", lambda phase: phase.p99)):
        slow, fast = median(map(value, stalled)), median(map(value, reading))
        rows.append([name, f"{fast:.0f}", f"{slow:.0f}", f"{slow / fast:.2f}"])
    heads = [f"microseconds to {chosen.members - 1} readers", "all read", "one stalled", "ratio"]
    closed = median(phase.closed_after or 0.0 for phase in stalled)
    words = (
        f"The one who stopped reading was closed as a slow one, {closed:.1f} s into phases of {chosen.seconds:g} s, "
        "resumed, and has read the very bytes that the others have."
    )
    return f"{table(heads, rows)}\n\n{words}"
