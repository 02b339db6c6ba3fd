"""Diagnostics: JSON lines from a given level on, on standard error."""

import json
import logging
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from antechamber.runtime import diagnostics
from antechamber.runtime.diagnostics import StandardError

Start = Callable[[str], Callable[[], str]]


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level, raising = root.handlers[:], root.level, logging.raiseExceptions
    yield
    root.handlers[:], logging.raiseExceptions = handlers, raising
    root.setLevel(level)


@pytest.fixture
def start() -> Iterator[Start]:
    """Yield a function that starts diagnostics at a level; it returns one that ends them and returns the output."""
    reading, writing = os.pipe()
    errors = StandardError(writing)

    def told() -> str:
        errors.close(60.0)
        return os.read(reading, 1 << 20).decode()

    def begin(level: str) -> Callable[[], str]:
        diagnostics.start(level, errors)
        os.write(writing, b".")  # so that there is something to read
        return lambda: told()[1:]

    yield begin
    os.close(reading)
    os.close(writing)


def test_a_record_is_one_line_of_json_with_its_fields(start: Start) -> None:
    told_by = start("warning")
    logging.getLogger("antechamber.hub.hub").warning("a turn\nwas %s", "undone", extra={"why": "the disk is full"})
    line = told_by()
    assert line.count("\n") == 1
    told = json.loads(line)
    assert datetime.fromisoformat(told.pop("time")).tzinfo == UTC
    assert told == {
        "level": "warning",
        "logger": "antechamber.hub.hub",
        "message": "a turn\nwas undone",
        "why": "the disk is full",
    }


def test_an_exception_stands_in_the_line(start: Start) -> None:
    told_by = start("error")
    try:
        raise ValueError("seven")
    except ValueError:
        logging.getLogger("x").exception("a fault")
    assert "ValueError: seven" in json.loads(told_by())["exception"]


@pytest.mark.parametrize(
    ("level", "told"),
    [("off", 0), ("error", 1), ("warning", 2), ("info", 3), ("debug", 4)],
)
def test_only_what_is_of_the_level_is_told(start: Start, level: str, told: int) -> None:
    told_by = start(level)
    for severity in (logging.ERROR, logging.WARNING, logging.INFO, logging.DEBUG):
        logging.getLogger("x").log(severity, "something")
    assert len(told_by().splitlines()) == told


def test_a_record_that_cannot_be_formatted_is_dropped(start: Start) -> None:
    told_by = start("error")
    logging.getLogger("x").error("%d", "no number")
    logging.getLogger("x").error("a word")
    assert json.loads(told_by())["message"] == "a word"


def test_a_line_may_have_any_characters(start: Start) -> None:
    told_by = start("off")
    logging.getLogger().handlers[0]._errors.tell("f\xfc \udcff")  # type: ignore[attr-defined]
    assert told_by() == "f\xfc \\udcff\n"


def test_a_standard_error_that_nobody_reads_blocks_nothing() -> None:
    reading, writing = os.pipe()
    errors = StandardError(writing)
    for _ in range(3):
        errors.tell("x" * 300_000)
    errors.close(0.0)
    os.close(reading)  # and what was on its way ends
    errors._writer._thread.join()
    os.close(writing)


def test_a_closed_standard_error_is_no_fault() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    errors = StandardError(writing)
    diagnostics.start("debug", errors)
    logging.getLogger("x").error("nobody reads this")
    errors.close(60.0)
    os.close(writing)
