"""The machine's clock set back and forth under a running server: what waits, waits on, and no time goes back."""

import os
import signal
import subprocess
import time
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from tests.processes.programs import Caller, Programs, Server
from tests.processes.rich import Rich, Written, history, seats, toml
from tests.processes.transcript import SECONDS_MAX, says

HOUR, DAY = 3_600, 86_400
LIMITS = {"seat_hold_seconds": HOUR, "idle_seconds_max": HOUR}


class WallClock:
    """The clock that the server asks for the time of day, by Debian's `faketime`; the steady one is the machine's."""

    def __init__(self, folder: Path) -> None:
        self.ahead_seconds = 0
        self._file = folder / "clock"
        self.set(0)
        faked = subprocess.run(
            ["faketime", "-m", "--exclude-monotonic", "-f", "+0", "env"], capture_output=True, check=True, text=True
        )
        preload = dict(line.split("=", 1) for line in faked.stdout.splitlines() if "=" in line)["LD_PRELOAD"]
        self.wrapper = (
            "env",
            f"LD_PRELOAD={preload}",
            f"FAKETIME_TIMESTAMP_FILE={self._file}",
            "FAKETIME_NO_CACHE=1",
            "FAKETIME_DONT_FAKE_MONOTONIC=1",
        )
        """The command with which a program is run that is to have this clock."""

    def set(self, ahead_seconds: int) -> None:
        """Set the clock so far ahead of the machine's, or behind it."""
        self.ahead_seconds = ahead_seconds
        new = self._file.with_suffix(".new")
        new.write_text(f"{ahead_seconds:+}\n")
        os.replace(new, self._file)

    def shows(self, moment: float, ahead_seconds: int | None = None) -> bool:
        """Return whether `moment` is about what the clock shows, or would so far ahead."""
        ahead = self.ahead_seconds if ahead_seconds is None else ahead_seconds
        return abs(moment - time.time() - ahead) < HOUR / 2


@pytest.fixture
def clock(tmp_path: Path) -> WallClock:
    """Give a clock that shows the right time."""
    return WallClock(tmp_path)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Give the path of a log that is not there yet."""
    return tmp_path / "chat.db"


@pytest.fixture
def config(programs: Programs) -> Written:
    """Give a config of a channel whose waits are of an hour."""
    return toml(programs, LIMITS)


@pytest.fixture
def server(config: Written, clock: WallClock, data: Path) -> Server:
    """Give a server that has this clock."""
    return config.starts(data, *clock.wrapper)


def talks(members: list[Rich], text: str) -> float:
    """Let the first say something that all read next; return its time."""
    members[0].says(text)
    first, *_ = [float(member.reads_event("said", text=text)["time"]) for member in members]
    return first


def test_nobody_goes_afk_and_stamps_follow_the_clock_but_never_go_back(
    server: Server, clock: WallClock, programs: Programs
) -> None:
    members = seats(programs, server.ports["general"], "Mary", "Tom")
    furthest = 0
    for number, ahead in enumerate([DAY, 0, -DAY, 365 * DAY, -HOUR, 0]):
        clock.set(ahead)
        furthest = max(furthest, ahead)
        assert clock.shows(talks(members, f"message {number}"), furthest)
        zone = time.localtime(time.time() + ahead).tm_gmtoff
        john = Caller(server.ports["general"], "John", ahead + zone)
        john.types("John", "hello", "/quit")
        john.reads(says("Welcome to the general channel, John."), says("John has joined the channel."))
        john.reads("[John (<t>)] hello")
        john.ends()
        for member in members:
            member.reads_up_to_event("left", name="John", reason="quit")
    numbers = [entry["sequence"] for entry in members[0].entries]
    assert all(after == before + 1 for before, after in pairwise(numbers))
    times = [entry["time"] for entry in members[0].entries]
    assert times == sorted(times)


def test_a_mute_ends_neither_early_nor_late(server: Server, clock: WallClock, programs: Programs) -> None:
    mary, tom = members = seats(programs, server.ports["general"], "Mary", "Tom")
    server.types("/mute general:Tom 3600")
    for member in members:
        member.reads_event("muted", name="Tom")
    for ahead in (DAY, -DAY):
        clock.set(ahead)
        tom.says("hello?")
        refusal = tom.reads("refusal", code="muted")
        assert "still muted for 3" in refusal["text"]
    server.types("/mute general:Tom 1")
    for member in members:
        member.reads_event("muted", name="Tom", seconds=1)
    clock.set(-2 * DAY)
    deadline = time.monotonic() + SECONDS_MAX
    while True:
        tom.says("and now?")
        if (line := tom.reads_something())["type"] == "entry":
            break
        assert line["code"] == "muted"
        assert time.monotonic() < deadline, "the mute does not end"
        time.sleep(0.05)  # or it would be sending too fast
    mary.reads_said("and now?")


def test_a_hold_ends_neither_early_nor_late(
    server: Server, clock: WallClock, programs: Programs, config: Written
) -> None:
    mary, tom, ann = seats(programs, server.ports["general"], "Mary", "Tom", "Ann")
    tom.drops()
    for ahead in (DAY, -DAY):
        clock.set(ahead)
        talks([mary, ann], f"message at {ahead}")
    assert tom.comes_back()["last"] == mary.after
    assert tom.said == mary.said
    clock.set(0)
    shorter = config.path.read_text().replace(f"seat_hold_seconds = {HOUR}", "seat_hold_seconds = 1")
    config.path.write_text(shorter)
    server.signal(signal.SIGHUP)
    server.tells("reloaded")
    tom.drops()
    clock.set(-DAY)
    for member in (mary, ann):
        member.reads_event("left", name="Tom", reason="lost")


def test_history_and_a_restart_take_a_clock_that_is_set_back(
    config: Written, clock: WallClock, data: Path, programs: Programs
) -> None:
    read: list[str] = []
    furthest = 0
    for life, jump in enumerate([DAY, -DAY, 0]):
        server = config.starts(data, *clock.wrapper)
        [mary] = seats(programs, server.ports["general"], f"Mary{life}")
        for number, ahead in enumerate([0, jump, 0, -jump]):
            clock.set(ahead)
            read.append(f"{life}.{number}")
            furthest = max(furthest, ahead)
            assert clock.shows(talks([mary], read[-1]), furthest)
        mary.asks("quit")
        mary.reads_goodbye("quit")
        server.drops()
    entries = list(history(programs, data))
    assert [entry["sequence"] for entry in entries] == list(range(1, len(entries) + 1))
    assert [entry["event"]["text"] for entry in entries if entry["event"]["type"] == "said"] == read
    times = [entry["time"] for entry in entries]
    assert times == sorted(times)
    half = entries[len(entries) // 2]["time"]
    at = datetime.fromtimestamp(half, UTC).isoformat()
    since, until = (list(history(programs, data, option, at)) for option in ("--since", "--until"))
    assert [entry["sequence"] for entry in until + since] == [entry["sequence"] for entry in entries]
