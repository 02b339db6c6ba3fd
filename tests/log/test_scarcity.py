"""A disk that is full, and a process that may open no more files: by real limits, each on a process of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.children import IMPORTING_TESTS

HEAD = """
import logging, os, resource, sys
from pathlib import Path
from antechamber.protocol.limits import Retention
from antechamber.log import LogError, Snapshot
from antechamber.log.sqlite import SqliteLog
from tests.log.conftest import Turns
from tests.log.looking import assert_agreeing, settle

path, turns = Path(sys.argv[1]), Turns()
wal = Path(f"{path}-wal")
logging.basicConfig(format="%(message)s")

def bound(which, soft):
    resource.setrlimit(which, (soft, resource.getrlimit(which)[1]))

def full(size):
    bound(resource.RLIMIT_FSIZE, size)

def roomy():
    full(resource.getrlimit(resource.RLIMIT_FSIZE)[1])

def refused(action, *arguments):
    try:
        action(*arguments)
    except LogError as error:
        assert str(path) in str(error) and "has room" in str(error), error
    else:
        raise AssertionError("it was not refused")

def append_until_full(channel, text):
    kept = 0
    while True:
        batch = turns.batch(channel, text, text)
        try:
            log.append([batch])
        except LogError:
            return kept, batch
        kept += 2

def read(channel):
    return list(log.read_from(channel, 1))

"""


def run(path: Path, code: str) -> str:
    """Run the code, and return what it logged."""
    command = [sys.executable, "-P", "-c", IMPORTING_TESTS + HEAD + code, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stderr


@pytest.mark.parametrize("text_bytes", [10, 3_000, 50_000])
def test_a_full_disk_keeps_nothing_half_and_all_goes_on_once_there_is_room(path: Path, text_bytes: int) -> None:
    code = f"""
log = SqliteLog(path, tick_seconds=None)
log.append([turns.batch("Gaming", "hello"), turns.batch("Movies", "hello")])
full(400_000)
last, batch = append_until_full("Gaming", "x" * {text_bytes})
last += 1
movie = turns.batch("Movies", "x" * 50_000, "x" * 50_000)
for _ in range(3):
    refused(log.append, [batch])
    refused(log.append, [movie, batch])
    refused(log.append, [turns.batch("New", "x" * 100_000)])
    assert (log.last_sequence("Gaming"), log.last_sequence("Movies"), log.last_sequence("New")) == (last, 1, 0)
    assert read("Gaming") == turns.entries["Gaming"][:last]
    assert read("Movies") == turns.entries["Movies"][:1]
    assert read("New") == []
roomy()
log.append([movie, batch])
settle(log)
for channel in ("Gaming", "Movies"):
    assert read(channel) == turns.entries[channel]
log.close()
log = SqliteLog(path, tick_seconds=None)
assert read("Gaming") == turns.entries["Gaming"]
assert_agreeing(path)
log.close()
"""
    assert run(path, code) == ""


def test_a_file_that_cannot_grow_puts_the_maintenance_off_and_not_the_writer(path: Path) -> None:
    code = """
log = SqliteLog(path, tick_seconds=None)
for _ in range(300):
    log.append([turns.batch("Gaming", "x" * 5_000)])
settle(log)
log.maintenance.wal.cut()
size = path.stat().st_size
full(size)
for _ in range(30):
    log.append([turns.batch("Gaming", "y" * 5_000)])
    log.maintenance.tick()
assert 150_000 < wal.stat().st_size < size
assert path.stat().st_size <= size
assert read("Gaming") == turns.entries["Gaming"]
last, batch = append_until_full("Gaming", "z" * 5_000)
assert last > 0
for _ in range(3):
    log.maintenance.tick()
    refused(log.append, [batch])
roomy()
log.append([batch])
settle(log)
assert read("Gaming") == turns.entries["Gaming"]
assert path.stat().st_size > size
assert wal.stat().st_size > 200_000
log.append([turns.batch("Gaming", "and on")])
settle(log)
log.close()
assert_agreeing(path)
"""
    told = run(path, code).splitlines()
    assert 1 <= len(told) <= 3  # each chore once
    assert all(
        "is put off: the disk failed it (disk I/O error): see that it works, and has room" in each for each in told
    )


def test_room_that_maintenance_makes_is_used_though_no_append_succeeds(path: Path) -> None:
    code = """
log = SqliteLog(path, tick_seconds=None)
settle(log)
full(300_000)
last, batch = append_until_full("Gaming", "x" * 2_000)
refused(log.append, [batch])
assert not log.maintenance.resting.is_set()
full(600_000)  # for the file, which is beside the write-ahead log on the same disk
while not log.maintenance.tick():
    pass
full(300_000)
log.append([batch])
assert read("Gaming") == turns.entries["Gaming"]
roomy()
log.close()
"""
    run(path, code)


def test_a_snapshot_that_finds_no_room_leaves_the_one_before(path: Path) -> None:
    code = """
log = SqliteLog(path, tick_seconds=None)
log.append([turns.batch("Gaming", "hello")])
log.keep_snapshot("Gaming", Snapshot(1, b"before"))
full(wal.stat().st_size + 5_000)
for _ in range(3):
    refused(log.keep_snapshot, "Gaming", Snapshot(2, b"x" * 200_000))
    refused(log.keep_snapshot, "New", Snapshot(2, b"x" * 200_000))
    assert log.snapshot("Gaming") == Snapshot(1, b"before")
    assert log.snapshot("New") is None
roomy()
log.keep_snapshot("Gaming", Snapshot(2, b"x" * 200_000))
log.close()
log = SqliteLog(path, tick_seconds=None)
assert log.snapshot("Gaming") == Snapshot(2, b"x" * 200_000)
log.close()
"""
    assert run(path, code) == ""


def test_forgetting_that_finds_no_room_waits_for_it(path: Path) -> None:
    code = """
log = SqliteLog(path, tick_seconds=None)
for number in range(200):
    log.append([turns.batch("Gaming", f"hello {number}")])
log.keep_snapshot("Gaming", Snapshot(200, b"state"))
settle(log)
log.maintenance.wal.cut()
log.retain("Gaming", Retention(entries_max=10))
full(50_000)
settle(log)
assert_agreeing(path)
kept = len(read("Gaming"))
assert 10 < kept < 200
roomy()
settle(log)
assert len(read("Gaming")) == 10
assert_agreeing(path)
log.close()
"""
    assert "is put off: the disk failed it" in run(path, code)


@pytest.mark.parametrize("size", [0, 1_000, 2_048, 10_000, 30_000])
def test_a_new_log_that_finds_no_room_is_made_later(path: Path, size: int) -> None:
    code = f"""
full({size})
try:
    log = SqliteLog(path, tick_seconds=None)
except LogError:
    pass
else:
    raise AssertionError("it found room")
roomy()
log = SqliteLog(path, tick_seconds=None)
log.append([turns.batch("Gaming", "hello")])
assert read("Gaming") == turns.entries["Gaming"]
assert len(log.secret()) == 32
log.close()
"""
    run(path, code)


def test_a_server_that_may_open_no_more_files_keeps_indexes_and_forgets(path: Path) -> None:
    code = """
log = SqliteLog(path, tick_seconds=None)
files = len(os.listdir("/proc/self/fd")) - 1 if os.path.exists("/proc/self/fd") else 20
spare = [os.dup(0) for _ in range(64 - files)]
bound(resource.RLIMIT_NOFILE, 64)
try:
    os.dup(0)
except OSError:
    pass
else:
    raise AssertionError("there are more")
log.retain("Gaming", Retention(entries_max=100))
for round in range(3):
    for number in range(110):
        log.append([turns.batch("Gaming", f"hello {number} " + "x" * 2_000), turns.batch("Movies", "hello " * 3_000)])
    log.keep_snapshot("Gaming", Snapshot(log.last_sequence("Gaming"), b"state" * 10_000))
    settle(log)
assert len(read("Gaming")) == 100
assert read("Movies") == turns.entries["Movies"]
assert log.maintenance.wal.cut()
for each in spare:
    os.close(each)
assert_agreeing(path)
log.close()
"""
    assert run(path, code) == ""
