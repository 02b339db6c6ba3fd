"""Texts in the cells of a terminal: how wide they are, where they break, and how they are cut.

A terminal has one cell for most characters, two for wide ones and none for marks. Where programs disagree, in sequences
that some draw as one picture, the parts are drawn one by one, so that no line is wider or narrower than was reckoned.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from wcwidth import wcwidth

from antechamber.protocol.text import clean_lines

_JOINERS = dict.fromkeys([0x200D, 0x20E3, *range(0xFE00, 0xFE10), *range(0x1F3FB, 0x1F400), *range(0xE0000, 0xE0080)])
"""What makes one picture of several characters, or changes how wide one is: joiners, variants, skins and tags."""
_FLAGS = {0x1F1E6 + number: chr(ord("A") + number) for number in range(26)}
"""Regional indicators, two of which are a flag in some programs."""
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]")
_MARK = "\N{LEFT-TO-RIGHT MARK}"
_MARKS_MAX = 6
"""Combining marks on one character; more of them would spill over other lines."""


def plain(text: str) -> str:
    """Return a text that is safe to draw, whatever server it came from.

    Nothing in it controls the terminal, every picture is drawn as its parts, and there are no more marks in a row than
    scripts have.
    """
    text = clean_lines(text)
    if text.isascii():
        return text
    marks, kept = 0, []
    for character in text.translate(_JOINERS).translate(_FLAGS):
        marks = marks + 1 if wcwidth(character) == 0 else 0
        if marks <= _MARKS_MAX:
            kept.append(character)
    return "".join(kept)


def anchored(text: str) -> str:
    """Return a text that does not change the direction of what stands around it (Unicode Standard Annex #9)."""
    return f"{_MARK}{text}{_MARK}" if _RIGHT_TO_LEFT.search(text) else text


@lru_cache(8192)
def _cells(character: str) -> int:
    return max(wcwidth(character), 0)


def width(text: str) -> int:
    """Return how many cells a text takes."""
    return len(text) if text.isascii() else sum(map(_cells, text))


def clipped(text: str, cells: int) -> str:
    """Return a text cut to so many cells, with an ellipsis where something is missing."""
    if width(text) <= cells:
        return text
    return _start(text, cells - 1) + "…" if cells > 0 else ""


def padded(text: str, cells: int) -> str:
    """Return a text of exactly so many cells, cut or with spaces."""
    text = clipped(text, cells)
    return text + " " * (cells - width(text))


def wrapped(text: str, cells: int) -> Iterator[str]:
    """Yield the rows of a text of several lines: broken between words, and within one that is too long for a row.

    The spaces at the beginning of a line stay, as they are in quoted code.
    """
    for line in text.split("\n"):
        yield from _rows(line, max(cells, 2))


def _rows(line: str, cells: int) -> Iterator[str]:
    if width(line) <= cells:
        yield line
        return
    row = ""
    for word in re.findall(r"\s*\S+|\s+$", line):
        if width(row + word) <= cells:
            row += word
            continue
        if row.strip() and width(word.strip()) <= cells:
            yield row
            row = word.lstrip()
        else:
            row += word
        *full, row = _pieces(row, cells)
        yield from full
    if row.strip():
        yield row


def _pieces(text: str, cells: int) -> Iterator[str]:
    """Yield a text in pieces that fit, each as long as it can be; marks stay with their characters."""
    begin, taken = 0, 0
    for end, character in enumerate(text):
        more = _cells(character)
        if taken + more > cells:
            yield text[begin:end]
            begin, taken = end, 0
        taken += more
    yield text[begin:]


def _start(text: str, cells: int) -> str:
    """Return as much of the beginning as fits, with the marks that belong to its last character."""
    taken, end = 0, 0
    for end, character in enumerate(text):
        taken += _cells(character)
        if taken > cells:
            return text[:end]
    return text
