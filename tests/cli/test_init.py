"""`antechamber init`: a config to begin with, never over another file."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from antechamber import __main__
from antechamber.cli.init import text

ROOT = Path(__file__).parents[2]


def test_the_config_is_the_one_of_the_project() -> None:
    assert text() == ROOT.joinpath("antechamber.toml").read_text(encoding="utf-8")
    assert tomllib.loads(text())["channel"]


def test_it_is_written_and_accepted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert __main__.main(["init"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("antechamber.toml is written: look through it, and start with ")
    assert shown.rstrip().endswith("serve antechamber.toml")
    assert __main__.main(["check-config", "antechamber.toml"]) == 0
    assert capsys.readouterr().out.endswith("ok\n")


def test_a_file_that_is_there_stays_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("mine")
    assert __main__.main(["init", str(path)]) == 1
    assert "is there already, and stays as it is: name another file" in capsys.readouterr().err
    assert path.read_text() == "mine"


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("config", "config is no name for it: let it end in .toml, by which its form is told"),
        ("missing/a.toml", "missing/a.toml cannot be written: No such file or directory (name a file in a folder"),
        ("a\x1b.toml/b.toml", "cannot be written"),
    ],
)
def test_what_cannot_be_written_is_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, problem: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert __main__.main(["init", name]) == 1
    told = capsys.readouterr().err
    assert problem in told
    assert told.count("\n") == 1
    assert "\x1b" not in told
    assert list(tmp_path.iterdir()) == []


def test_the_next_command_takes_a_name_with_a_dash_for_a_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert __main__.main(["init", "--", "-a.toml"]) == 0
    assert capsys.readouterr().out.endswith(" serve ./-a.toml\n")


def test_a_config_that_is_not_written_whole_is_not_left_behind(tmp_path: Path) -> None:
    code = """
import resource, sys
from antechamber.__main__ import main
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
sys.exit(main())
"""
    ran = subprocess.run(
        [sys.executable, "-B", "-P", "-c", code, "init", "a.toml"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(__main__.__file__).parents[1])},
        capture_output=True,
        text=True,
        check=False,
    )
    told = "antechamber init: a.toml cannot be written: File too large (name a file in a folder of your own)\n"
    assert (ran.returncode, ran.stderr) == (1, told)
    assert list(tmp_path.iterdir()) == []
