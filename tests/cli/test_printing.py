"""What a command prints in the end, where its reader or its output fails; `tests/cli/test_history.py` has more."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from antechamber.cli.printing import encoded, print_all

SOURCE = str(Path(sys.modules["antechamber"].__path__[0]).parent)
FULL = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full here")


def start(stdout: int, folder: Path, *arguments: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "antechamber", *arguments],
        stdout=stdout,
        stderr=subprocess.PIPE,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": SOURCE},
    )


@pytest.mark.parametrize("arguments", [("completion", "bash"), ("init",)], ids=["completion", "init"])
def test_a_reader_that_has_stopped_ends_the_command_quietly(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with start(writing, tmp_path, *arguments) as command:
        os.close(writing)
        assert command.stderr is not None
        assert command.stderr.read() == b""
    assert command.returncode == 0


@FULL
@pytest.mark.parametrize("arguments", [("completion", "bash"), ("init",)], ids=["completion", "init"])
def test_an_output_that_fails_is_one_clear_line(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    with open("/dev/full", "wb") as full, start(full.fileno(), tmp_path, *arguments) as command:
        assert command.stderr is not None
        told = f"antechamber {arguments[0]}: standard output failed: No space left on device.\n"
        assert command.stderr.read().decode() == told
    assert command.returncode == 1


def test_a_closed_output_is_one_clear_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    assert print_all("antechamber init", [encoded("one\n")]) == 1
    assert capsys.readouterr().err == "antechamber init: standard output is closed.\n"


def test_an_interrupt_while_lines_are_printed_is_status_130(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    def lines() -> Iterator[bytes]:
        yield b"one\n"
        raise KeyboardInterrupt

    kept = os.dup(1)
    try:
        assert print_all("antechamber history", lines()) == 130
    finally:
        os.dup2(kept, 1)
        os.close(kept)
    assert capfdbinary.readouterr().err == b""
