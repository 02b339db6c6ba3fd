"""What a killed server left beside its log is used where it is whole and belongs there, and is left alone where not."""

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from struct import pack_into, unpack_from
from typing import TYPE_CHECKING

import pytest

from antechamber.log import LogError, Snapshot, leftover_wal
from antechamber.log.damage import REMEDY
from antechamber.log.schema import PAGE_BYTES
from antechamber.log.sqlite import SqliteLog
from antechamber.protocol.limits import Retention
from tests.log.conftest import Turns
from tests.log.looking import make_older, refused, settle

if TYPE_CHECKING:
    from tests.log.conftest import Wall

HEAD_BYTES = 32
FRAME_BYTES = 24 + PAGE_BYTES

Change = Callable[[bytearray], None]


def open_log(path: Path) -> SqliteLog:
    return SqliteLog(path, tick_seconds=None)


def wal_of(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


def killed(log: SqliteLog, path: Path, folder: str) -> Path:
    """Return where the files of the running `log` are as they were left if it were killed now."""
    copy = path.parent / folder / path.name
    copy.parent.mkdir()
    for name in (path, wal_of(path)):
        shutil.copy(name, copy.parent)
    return copy


def keep(log: SqliteLog, turns: "Turns", *said: str) -> None:
    for text in said:
        log.append([turns.batch("Gaming", text)])


@pytest.fixture
def left(path: Path, sqlite_log: SqliteLog, turns: "Turns") -> Path:
    """A log as a killed server left it: some turns are in the file, some in the write-ahead log."""
    keep(sqlite_log, turns, *["hello " * 100] * 20)
    settle(sqlite_log)
    keep(sqlite_log, turns, *["there " * 100] * 20)
    return killed(sqlite_log, path, "left")


def read(path: Path) -> list[int]:
    log = open_log(path)
    kept = [entry.sequence for entry in log.read_from("Gaming", 1)]
    log.close()
    return kept


def test_a_file_that_was_cut_in_its_head_is_damaged_and_not_anothers(left: Path) -> None:
    os.truncate(left, 1_000)
    refused(left, f"The log {left} is damaged, for its end is missing")


def test_what_a_killed_server_left_is_used(left: Path) -> None:
    assert read(left) == list(range(1, 41))
    assert os.listdir(left.parent) == [left.name]


def test_a_server_may_be_killed_before_all_of_its_first_tables_are_in_the_file(
    path: Path, sqlite_log: SqliteLog, turns: "Turns"
) -> None:
    keep(sqlite_log, turns, "hello")

    assert read(killed(sqlite_log, path, "left")) == [1]


@pytest.mark.parametrize("pages_carried_over", [1, 5, 10])
def test_a_server_may_be_killed_while_it_carries_the_write_ahead_log_over(left: Path, pages_carried_over: int) -> None:
    wal = wal_of(left).read_bytes()
    with left.open("r+b") as file:
        for offset in range(HEAD_BYTES, HEAD_BYTES + pages_carried_over * FRAME_BYTES, FRAME_BYTES):
            (page,) = unpack_from(">I", wal, offset)
            file.seek((page - 1) * PAGE_BYTES)
            file.write(wal[offset + 24 : offset + FRAME_BYTES])

    assert read(left) == list(range(1, 41))


def test_a_log_may_have_been_vacuumed_before_its_server_was_killed(
    path: Path, sqlite_log: SqliteLog, turns: "Turns", wall: "Wall"
) -> None:
    keep(sqlite_log, turns, *["hello " * 100] * 100)
    sqlite_log.keep_snapshot("Gaming", Snapshot(100, b"state"))
    sqlite_log.retain("Gaming", Retention(entries_max=1))
    sqlite_log.maintenance.forgetting.forget_some()
    sqlite_log.maintenance.wal.carry_over()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("VACUUM")

    assert read(killed(sqlite_log, path, "left")) == [100]


def test_a_write_ahead_log_without_its_log_is_refused(left: Path) -> None:
    left.unlink()
    refused(left, rf"There is {left}-wal, but not the log that it belongs to: put {left} back, or move {left}-wal away")
    assert not left.exists()
    left.touch()
    refused(left, "but not the log that it belongs to")


def test_a_write_ahead_log_of_zeros_is_what_a_power_failure_may_leave(left: Path) -> None:
    wal_of(left).write_bytes(bytes(10_000))

    assert read(left) == list(range(1, 21))


def test_a_write_ahead_log_that_lost_its_end_is_what_a_power_failure_may_leave(left: Path) -> None:
    os.truncate(wal_of(left), HEAD_BYTES + 20 * FRAME_BYTES - 100)

    kept = read(left)
    assert kept == list(range(1, len(kept) + 1))
    assert 20 < len(kept) < 40


def frame(number: int, offset: int = 0) -> int:
    return HEAD_BYTES + (number - 1) * FRAME_BYTES + offset


@pytest.mark.parametrize(
    ("offset", "content"),
    [
        (0, b"garbage"),
        (0, bytes(8)),
        (8, b"\x00\x00\x00\x01"),  # the size of a page
        (16, b"\xff"),  # the salts
        (24, b"\xff\xff"),  # the checksum
        (frame(1), b"\xff"),
        (frame(1, 8), b"\xff\xff"),
        (frame(1, 500), b"garbage"),
        (frame(3), bytes(FRAME_BYTES)),
        (frame(3), b"garbage " * 259),
        (frame(20, 1_000), b"\xff\xff"),
    ],
)
def test_a_damaged_write_ahead_log_is_refused_and_says_where_to_cut_it(left: Path, offset: int, content: bytes) -> None:
    wal = wal_of(left)
    with wal.open("r+b") as file:
        file.seek(offset)
        file.write(content)
    words = wal.read_bytes()
    sound = 0  # the end of the last transaction before the damage
    for begin in range(HEAD_BYTES, offset - FRAME_BYTES + 1, FRAME_BYTES):
        if unpack_from(">I", words, begin + 4) != (0,):
            sound = begin + FRAME_BYTES
    damaged_at = sound or (HEAD_BYTES if offset >= HEAD_BYTES else 0)

    refused(left, rf"^{wal} is damaged at byte {damaged_at}, so .* and run: truncate -s {damaged_at} {wal}$")
    os.truncate(wal, damaged_at)
    kept = read(left)
    assert 20 <= len(kept) < 40
    assert kept == list(range(1, len(kept) + 1))


def test_what_a_full_disk_left_in_part_is_no_damage(left: Path) -> None:
    wal = bytearray(wal_of(left).read_bytes())
    last = len(wal) - FRAME_BYTES
    assert unpack_from(">I", wal, last + 4) != (0,)  # it ends a transaction
    wal[last + 1_000 :] = bytes(FRAME_BYTES - 1_000)
    wal_of(left).write_bytes(wal)
    kept = read(left)
    assert kept == list(range(1, len(kept) + 1))


@pytest.mark.parametrize("bytes_kept", [10, 24, 1_000])
def test_a_last_transaction_that_was_not_written_to_its_end_is_no_damage(left: Path, bytes_kept: int) -> None:
    wal = wal_of(left)
    os.truncate(wal, wal.stat().st_size - FRAME_BYTES + bytes_kept)

    kept = read(left)
    assert kept == list(range(1, len(kept) + 1))


def test_a_write_ahead_log_begun_on_another_kind_of_machine_is_read(left: Path) -> None:
    wal = bytearray(wal_of(left).read_bytes())
    pack_into(">I", wal, 0, 0x377F0683)  # checksums are made of big-endian words: as all of them are wrong now,
    wal_of(left).write_bytes(wal)

    refused(left, "is damaged at byte 0")


# Files that do not belong together


def other_log(path: Path, size: int) -> Path:
    """Make another log of so many turns, and return where it is as a killed server left it."""
    folder = path.parent / f"made with {size}"
    folder.mkdir()
    log, turns = open_log(folder / path.name), Turns()
    keep(log, turns, *["other " * 100] * size)
    settle(log)
    keep(log, turns, *["other " * 100] * 20)
    other = killed(log, folder / path.name, "other")
    log.close()
    return other


@pytest.mark.parametrize("size", [0, 1, 20, 200])
def test_a_write_ahead_log_of_another_log_is_refused(left: Path, path: Path, size: int) -> None:
    other = other_log(path, size)
    shutil.copy(wal_of(other), left.parent)

    refused(left, rf"The log {left} and the {left}-wal beside it do not belong together. If {left} is a backup")
    wal_of(left).unlink()
    assert read(left) == list(range(1, 21))


def test_a_whole_new_log_in_a_write_ahead_log_is_not_laid_over_another(
    left: Path, path: Path, sqlite_log: SqliteLog
) -> None:
    new = open_log(path.with_name("new.db"))
    keep(new, Turns(), "hello")
    fresh = killed(new, path.with_name("new.db"), "fresh")
    new.close()
    shutil.copy(wal_of(fresh), wal_of(left))

    refused(left, "do not belong together")


@pytest.mark.parametrize("way", ["copied", "vacuumed"])
def test_a_backup_of_the_same_log_is_not_mixed_with_what_came_later(
    path: Path, sqlite_log: SqliteLog, turns: "Turns", way: str
) -> None:
    keep(sqlite_log, turns, *["hello " * 100] * 20)
    sqlite_log.maintenance.wal.carry_over()
    backup = path.with_name("backup.db")
    if way == "copied":
        shutil.copy(path, backup)
    else:
        sqlite_log._connection.execute("VACUUM INTO ?", (str(backup),))
    keep(sqlite_log, turns, *["hello " * 100] * 20)
    sqlite_log.maintenance.wal.carry_over()
    keep(sqlite_log, turns, "one more")
    left = killed(sqlite_log, path, "left")
    shutil.copy(backup, left)

    refused(left, "do not belong together")
    wal_of(left).unlink()
    assert read(left) == list(range(1, 21))


def test_a_backup_of_the_same_size_is_not_mixed_with_what_came_later(
    path: Path, sqlite_log: SqliteLog, turns: "Turns"
) -> None:
    keep(sqlite_log, turns, *["hello"] * 4)
    settle(sqlite_log)
    backup = Path(shutil.copy(path, path.with_name("backup.db")))
    for _ in range(2):
        keep(sqlite_log, turns, "hello")
        settle(sqlite_log)
    assert path.stat().st_size == backup.stat().st_size
    left = killed(sqlite_log, path, "left")
    shutil.copy(backup, left)

    refused(left, "do not belong together")
    wal_of(left).unlink()
    assert read(left) == [1, 2, 3, 4]


def test_a_log_from_before_there_were_secrets_is_known_by_its_size(left: Path, path: Path) -> None:
    old = path.with_name("old.db")
    shutil.copy(other_log(path, 200), old)
    make_older(old, 2)
    shutil.copy(old, left)

    refused(left, "do not belong together")


@pytest.mark.parametrize("statement", ["DELETE FROM identity", "UPDATE identity SET secret = 'text', round = 'many'"])
def test_an_identity_that_is_damaged_is_no_bar_to_the_look(
    path: Path, sqlite_log: SqliteLog, turns: "Turns", statement: str
) -> None:
    sqlite_log._connection.execute(statement)
    settle(sqlite_log)
    keep(sqlite_log, turns, "hello")
    left = killed(sqlite_log, path, "left")

    assert read(left) == [1]
    log = open_log(left)
    with pytest.raises(LogError, match=f"The log {left} is damaged .its secret is gone.: {REMEDY}"):
        log.secret()
    log.close()


def test_a_file_that_makes_no_sense_alone_may_be_completed_by_its_write_ahead_log(left: Path) -> None:
    wal = wal_of(left).read_bytes()
    pages = {unpack_from(">I", wal, offset)[0] for offset in range(HEAD_BYTES, len(wal), FRAME_BYTES)}
    assert 1 in pages
    with left.open("r+b") as file:
        file.seek(100)
        file.write(b"\xff" * 1_000)

    assert read(left) == list(range(1, 41))


def test_where_sqlite_has_not_looked_nothing_is_known(left: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(path: str, options: str) -> sqlite3.Connection:
        raise sqlite3.OperationalError("unable to open database file")

    monkeypatch.setattr(leftover_wal, "connect", fail)
    assert not leftover_wal.check_leftover(str(left))
