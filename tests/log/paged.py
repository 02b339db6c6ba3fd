"""Filling a log, and what is on a page of it."""

from typing import TYPE_CHECKING

from antechamber.log import Log, Page

if TYPE_CHECKING:
    from tests.log.conftest import Turns

PLENTY = 1 << 20
"""More bytes than any page of a test has."""


def numbers(page: Page) -> tuple[list[int], bool]:
    """Return which entries are on a page, and whether there are more."""
    return [entry.sequence for entry in page.entries], page.more


def fill(log: Log, turns: "Turns", *sizes: int) -> None:
    """Keep turns of these sizes."""
    for size in sizes:
        log.append([turns.batch("Gaming", *["hello"] * size)])


def damage(log: Log, turns: "Turns") -> None:
    """Keep three turns, of which the second is another channel's."""
    fill(log, turns, 2)
    batch = turns.batch("Gaming", "hello", "hello")
    log.append([batch._replace(lines=batch.lines.replace(b"Gaming", b"Movies"))])
    fill(log, turns, 2)
