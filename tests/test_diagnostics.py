"""What the server tells of itself: JSON lines of the level that was asked for, on standard error."""

import io
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from antechamber import diagnostics


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level, raising = root.handlers[:], root.level, logging.raiseExceptions
    yield
    root.handlers[:], logging.raiseExceptions = handlers, raising
    root.setLevel(level)


def test_a_record_is_one_line_of_json_with_its_fields(capsys: pytest.CaptureFixture[str]) -> None:
    diagnostics.start("warning")
    logging.getLogger("antechamber.hub").warning("a turn\nwas %s", "undone", extra={"why": "the disk is full"})
    line = capsys.readouterr().err
    assert line.count("\n") == 1
    told = json.loads(line)
    assert datetime.fromisoformat(told.pop("time")).tzinfo == UTC
    assert told == {
        "level": "warning",
        "logger": "antechamber.hub",
        "message": "a turn\nwas undone",
        "why": "the disk is full",
    }


def test_an_exception_stands_in_the_line(capsys: pytest.CaptureFixture[str]) -> None:
    diagnostics.start("error")
    try:
        raise ValueError("seven")
    except ValueError:
        logging.getLogger("x").exception("a fault")
    assert "ValueError: seven" in json.loads(capsys.readouterr().err)["exception"]


@pytest.mark.parametrize(
    ("level", "told"),
    [("off", 0), ("error", 1), ("warning", 2), ("info", 3), ("debug", 4)],
)
def test_only_what_is_of_the_level_is_told(capsys: pytest.CaptureFixture[str], level: str, told: int) -> None:
    diagnostics.start(level)
    for severity in (logging.ERROR, logging.WARNING, logging.INFO, logging.DEBUG):
        logging.getLogger("x").log(severity, "something")
    assert len(capsys.readouterr().err.splitlines()) == told


def test_a_closed_standard_error_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    diagnostics.start("debug")
    stream.close()
    logging.getLogger("x").error("nobody reads this")
