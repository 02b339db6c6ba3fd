"""The machine's clock set back and forth under a running server: what waits, waits on, and no time goes back."""

import signal
import time
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from tests.processes.clocks import Clock
from tests.processes.json_members import Rich, Written, history, seats, toml
from tests.processes.programs import Caller, Programs, Server
from tests.processes.transcript import SECONDS_MAX, says

HOUR, DAY = 3_600, 86_400
LIMITS = {"seat_hold_seconds": HOUR, "idle_seconds_max": HOUR}


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    """Give a time of day that is the right one."""
    return Clock(tmp_path, of_day_alone=True)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Give the path of a log that is not there yet."""
    return tmp_path / "chat.db"


@pytest.fixture
def config(programs: Programs) -> Written:
    """Give a config of a channel whose waits are of an hour."""
    return toml(programs, LIMITS)


@pytest.fixture
def server(config: Written, clock: Clock, data: Path) -> Server:
    """Give a server that has this clock."""
    return config.starts(data, clock=clock)


def shows(moment: float, ahead_seconds: int) -> bool:
    """Return whether `moment` is about what a clock shows that is so far ahead."""
    return abs(moment - time.time() - ahead_seconds) < HOUR / 2


def talks(members: list[Rich], text: str) -> float:
    """Say something as the first, which all read next; return its time."""
    members[0].says(text)
    first, *_ = [float(member.reads_event("said", text=text)["time"]) for member in members]
    return first


def test_nobody_goes_afk_and_stamps_follow_the_clock_but_never_go_back(
    server: Server, clock: Clock, programs: Programs
) -> None:
    members = seats(programs, server.ports["general"], "Mary", "Tom")
    furthest = 0
    for number, ahead in enumerate([DAY, 0, -DAY, 365 * DAY, -HOUR, 0]):
        clock.set(ahead)
        furthest = max(furthest, ahead)
        assert shows(talks(members, f"message {number}"), furthest)
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


def test_a_mute_ends_neither_early_nor_late(server: Server, clock: Clock, programs: Programs) -> None:
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


def test_a_hold_ends_neither_early_nor_late(server: Server, clock: Clock, programs: Programs, config: Written) -> None:
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
    config: Written, clock: Clock, data: Path, programs: Programs
) -> None:
    read: list[str] = []
    furthest = 0
    for life, jump in enumerate([DAY, -DAY, 0]):
        server = config.starts(data, clock=clock)
        [mary] = seats(programs, server.ports["general"], f"Mary{life}")
        for number, ahead in enumerate([0, jump, 0, -jump]):
            clock.set(ahead)
            read.append(f"{life}.{number}")
            furthest = max(furthest, ahead)
            assert shows(talks([mary], read[-1]), furthest)
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
