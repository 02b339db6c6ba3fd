"""What the fuzzer's targets share: broken promises, ways to cut a stream, and checks for safe text."""

import re
import sys
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any

from msgspec.structs import astuple

from antechamber.protocol.commands import Command, Malformed
from antechamber.protocol.limits import Limits

CLOCK = "12:00:00"
NORMALISED_MAX = 512
"""Longer names are not valid, so their normal form is not checked."""
_LONG_BYTES = 4_096
_SMALL_LIMITS = Limits(line_bytes_max=160, id_characters_max=12, path_characters_max=20)
_LIMITS = Limits()
_WAYS_MAX = 200
_CONTROLLING = frozenset(("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"))

Ways = Callable[[bytes], Iterator[Sequence[bytes]]]
"""Yields ways to cut an input; joined, the pieces of each are the input."""


class BrokenPromise(AssertionError):
    """A target did not keep its promise. The text says which part of it."""


def promise(kept: bool, words: str, *shown: object) -> None:
    """Raise BrokenPromise if the promise was not kept."""
    if not kept:
        raise BrokenPromise(": ".join((words, *(repr(each)[:600] for each in shown))))


def limits_for(data: bytes) -> Limits:
    """Return the real limits for long input, and tighter ones for short input, which would never reach those."""
    return _LIMITS if len(data) > _LONG_BYTES else _SMALL_LIMITS


def one_way(rng: Random) -> Ways:
    """Cut the input one way: byte by byte, at one place, at a few places, or into pieces of one length."""

    def ways(data: bytes) -> Iterator[Sequence[bytes]]:
        chance, size = rng.random(), len(data)
        if chance < 0.08 and size <= _LONG_BYTES:
            yield by_byte(data)
        elif chance < 0.8:
            places = sorted(int(rng.random() * (size + 1)) for _ in range(1 if chance < 0.5 else 5))
            yield [data[a:b] for a, b in zip((0, *places), (*places, size), strict=True)]
        else:
            step = 2 + int(rng.random() * 100)
            yield [data[at : at + step] for at in range(0, size, step)]

    return ways


def every_way(data: bytes) -> Iterator[Sequence[bytes]]:
    """Cut the input byte by byte, and at each place, or at a few hundred places if it is long."""
    yield by_byte(data)
    for at in range(0, len(data) + 1, 1 + len(data) // _WAYS_MAX):
        yield data[:at], data[at:]


def by_byte(data: bytes) -> list[bytes]:
    """Return the bytes one by one."""
    return [data[at : at + 1] for at in range(len(data))]


def _unsafe_characters() -> str:
    """Return the characters that control a terminal, by Unicode's tables and not by the server's."""
    characters = map(chr, range(sys.maxunicode + 1))
    return "".join(
        each
        for each in characters
        if unicodedata.category(each) in ("Cc", "Cs", "Zl", "Zp") or unicodedata.bidirectional(each) in _CONTROLLING
    )


_UNSAFE = re.compile(f"[{re.escape(_unsafe_characters())}]")


def is_safe(text: str) -> bool:
    """Return whether nothing in the text controls a terminal."""
    return text.isprintable() or not _UNSAFE.search(text)


def is_normal(name: str) -> bool:
    """Return whether the name is in form NFC, or far too long for a name."""
    return len(name) > NORMALISED_MAX or unicodedata.is_normalized("NFC", name)


def check_fields(command: Command) -> None:
    """Check that each text of a command is safe and each of its names normalised.

    Messages may have several lines.
    """
    text: str = getattr(command, "text", "")
    others: list[Any] = [value for value in astuple(command) if value is not text]
    rosters: tuple[str, ...] = getattr(command, "rosters", ())
    for value in (*text.split("\n"), *others, *rosters):
        if type(value) is str and not (value.isprintable() or is_safe(value)):
            raise BrokenPromise(f"a text is not safe: {command!r}")
    for name in (*(getattr(command, field, "") for field in ("name", "to", "channel")), *rosters):
        if not (name.isascii() or is_normal(name)):
            raise BrokenPromise(f"a name is not normalised: {command!r}")


def check_malformed(malformed: Malformed, limits: Limits) -> None:
    """Check that the error about a bad line is one line of safe text, not much longer than the bad one."""
    promise(is_safe(malformed.text) and is_safe(malformed.id), "what is told is not safe", malformed)
    promise(len(malformed.id) <= limits.id_characters_max, "the id is longer than its bound", malformed)
    promise(len(malformed.text) <= limits.line_bytes_max + 200, "what is told is longer than what was sent", malformed)
