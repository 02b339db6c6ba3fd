"""Checking the write-ahead log of a killed server: whether it is intact and belongs to this file.

SQLite would apply the log of another file silently and ruin both, and would drop everything after a damaged frame. The
frame headers show it (https://www.sqlite.org/walformat.html).
"""

import os
from contextlib import closing
from struct import Struct
from typing import BinaryIO, NamedTuple

from antechamber.log import LogError
from antechamber.log.damage import damaged
from antechamber.log.errors import DATABASE_FAULTS
from antechamber.log.schema import connect

READ = "mode=ro"
READ_ALONE = "mode=ro&immutable=1"
"""The options to read the file without its write-ahead log, leaving nothing beside it."""

_MAGIC = b"SQLite format 3\0"
_HEAD = Struct(">I4xI4x8s8s")
"""The mark of the kind of file, the size of a page, salts, and the checksum of all that."""
_MARKS = {0x377F0682: Struct("<2I"), 0x377F0683: Struct(">2I")}
"""The magic numbers, and the byte order of the checksums."""
_FRAME_HEAD = Struct(">2I8s8s")
"""The number of the page that follows, the number of pages in all if this ends a transaction, salts, and a checksum."""
_CHECKSUM = Struct(">2I")
_CHECKED_BYTES = 8
"""How much of a frame header the checksum covers, before the page."""
_INDEX_HEAD = Struct("=16x2I")
"""The header of SQLite's index of a write-ahead log: its last valid frame, and the number of pages then."""


class _Frames(NamedTuple):
    """The content of a write-ahead log: its pages, and the frames that end a transaction."""

    page_bytes: int
    pages: set[int]
    ends: list[int]


class _Identity(NamedTuple):
    """The identity of a log, and the round of its write-ahead log."""

    secret: object
    round: int


def check_leftover(path: str) -> bool:
    """Check the write-ahead log beside the file at `path`, and return whether it contains anything.

    Raises LogError if it is damaged or belongs to another file.
    """
    together = _identity(path, READ)  # for which SQLite builds its index
    try:
        with open(f"{path}-shm", "rb") as index:
            in_force, pages = _INDEX_HEAD.unpack(index.read(_INDEX_HEAD.size).ljust(_INDEX_HEAD.size, b"\0"))
    except FileNotFoundError:  # the file is not one of ours
        return False
    with open(f"{path}-wal", "rb") as wal:
        frames = _frames(wal)
        if any(end > in_force and _is_sound(wal, end, frames.page_bytes) for end in frames.ends):
            raise _damaged(wal.name, _offset(in_force + 1, frames.page_bytes))
    if not in_force:
        return False
    alone = _identity(path, READ_ALONE)
    is_cut = not frames.pages.issuperset(range(size(path) // frames.page_bytes + 1, pages + 1))
    if is_cut and alone is None and _is_database(path):
        raise damaged(path, ", for its end is missing")
    if is_cut or not _belongs(path, alone, together, pages, frames.page_bytes):
        raise LogError(
            f"The log {path} and the {path}-wal beside it do not belong together. If {path} is a backup that was put "
            f"there, move {path}-wal away; else put back the file that was there."
        )
    return True


def _is_database(path: str) -> bool:
    """Return whether the file begins like one of SQLite."""
    with open(path, "rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC


def size(path: str) -> int:
    """Return the size of the file in bytes, 0 if there is none."""
    try:
        return os.stat(path).st_size
    except FileNotFoundError:
        return 0


def _frames(wal: BinaryIO) -> _Frames:
    """Read all frame headers; those of the present round have the salts of the file header.

    A header of zeros is what a power failure may leave of a new file. Raises LogError for anything else.
    """
    head = wal.read(_HEAD.size).ljust(_HEAD.size, b"\0")
    mark, page_bytes, salts, checksum = _HEAD.unpack(head)
    frames = _Frames(page_bytes, set(), [])
    if not any(head):
        return frames
    if mark not in _MARKS or checksum != _checksum(_MARKS[mark], bytes(_CHECKSUM.size), head[: -_CHECKSUM.size]):
        raise _damaged(wal.name, 0)
    number = 0
    while len(frame := wal.read(_FRAME_HEAD.size)) == _FRAME_HEAD.size:
        number += 1
        page, is_end, frame_salts, _ = _FRAME_HEAD.unpack(frame)
        if frame_salts == salts:
            frames.pages.add(page)
            if is_end:
                frames.ends.append(number)
        wal.seek(page_bytes, os.SEEK_CUR)
    return frames


def _is_sound(wal: BinaryIO, number: int, page_bytes: int) -> bool:
    """Return whether a frame is intact and follows on the last one; a full disk leaves partial frames."""
    wal.seek(0)
    (mark, *_) = _HEAD.unpack(wal.read(_HEAD.size))
    wal.seek(_HEAD.size - _CHECKSUM.size if number == 1 else _offset(number - 1, page_bytes) + 2 * _CHECKSUM.size)
    before = wal.read(_CHECKSUM.size)
    wal.seek(_offset(number, page_bytes))
    head, page = wal.read(_FRAME_HEAD.size), wal.read(page_bytes)
    return len(page) == page_bytes and head.endswith(_checksum(_MARKS[mark], before, head[:_CHECKED_BYTES] + page))


def _offset(number: int, page_bytes: int) -> int:
    return _HEAD.size + (number - 1) * (_FRAME_HEAD.size + page_bytes)


def _checksum(words: Struct, before: bytes, checked: bytes) -> bytes:
    first, second = _CHECKSUM.unpack(before)
    for one, other in words.iter_unpack(checked):
        first = (first + one + second) & 0xFFFFFFFF
        second = (second + other + first) & 0xFFFFFFFF
    return _CHECKSUM.pack(first, second)


def _damaged(wal_path: str, offset: int) -> LogError:
    return LogError(
        f"{wal_path} is damaged at byte {offset}, so what was kept last cannot be read: put a backup in its place, "
        f"or, to go on without what comes after the damage, copy it and run: truncate -s {offset} {wal_path}"
    )


def _belongs(path: str, alone: _Identity | None, together: _Identity | None, pages: int, page_bytes: int) -> bool:
    """Return whether the write-ahead log belongs to the file, with which it is a log of `pages`.

    Then the file is as the last round left it, or contains some of this round already. If the file alone does not show
    its round, it is at least not longer than both together, as a log never shrinks.
    """
    if alone and together:
        return alone.secret == together.secret and 0 <= together.round - alone.round <= 1
    return size(path) // page_bytes <= pages


def _identity(path: str, options: str) -> _Identity | None:
    """Return the identity that the log states.

    It is None for an older version, or if it makes no sense: a killed server may have left the file in the middle of a
    change.
    """
    try:
        with closing(connect(path, options)) as connection:
            row = connection.execute("SELECT secret, CAST(round AS INTEGER) FROM identity").fetchone()
            return _Identity(*row) if row else None
    except DATABASE_FAULTS:
        return None
