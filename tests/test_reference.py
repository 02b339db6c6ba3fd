"""The man pages and the completion scripts say what the commands take, and nothing else."""

import argparse
import re
import sys

import pytest

from antechamber.cli.completion import PROGRAMS, SHELLS
from antechamber.cli.reference import ENVIRONMENT, EXIT_STATUSES, KEPT
from tests.reference import COMPLETIONS, MAN, all_actions, commands, made, marked, parsers

MADE = made()


@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="other Pythons word the usage differently")
def test_what_is_there_is_what_would_be_made() -> None:
    there = {path: path.read_text(encoding="utf-8") for folder in (MAN, COMPLETIONS) for path in folder.iterdir()}
    assert there == MADE, "make it again: PYTHONPATH=src python -m tests.reference"


@pytest.mark.parametrize("parser", list(parsers()), ids=PROGRAMS)
def test_every_option_and_command_stands_in_the_man_page_and_is_completed(parser: argparse.ArgumentParser) -> None:
    man = (MAN / f"{parser.prog}.1").read_text(encoding="utf-8").replace("\\-", "-")
    scripts = [(COMPLETIONS / f"{parser.prog}.{shell}").read_text(encoding="utf-8") for shell in SHELLS]
    words = {option for action in all_actions(parser) for option in action.option_strings if option.startswith("--")}
    for action in all_actions(parser):
        if isinstance(action, argparse._SubParsersAction):
            words |= set(action.choices)
    assert len(words) >= 8
    for word in words - {"--help"}:
        assert word in man
    for word in words:
        assert all(re.search(rf"\b{word.strip('-')}\b", script) for script in scripts), word


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_environment_and_the_exit_statuses_stand_in_the_man_page_and_in_the_help(program: str) -> None:
    man = (MAN / f"{program}.1").read_text(encoding="utf-8").replace("\\-", "-")
    [parser] = [parser for parser in parsers() if parser.prog == program]
    shown = " ".join(parser.format_help().split())
    for name, meaning in (*ENVIRONMENT, *((str(status), meaning) for status, meaning in EXIT_STATUSES)):
        assert f"\\fB{name}\\fR" in man
        assert meaning[1:] in man
        assert f"{name} {meaning}" in shown


@pytest.mark.parametrize("program", PROGRAMS)
def test_what_is_kept_where_stands_in_the_man_page(program: str) -> None:
    man = (MAN / f"{program}.1").read_text(encoding="utf-8").replace("\\-", "-")
    assert ".SH FILES\n" in man
    for path, meaning in KEPT:
        assert f"\\fB{path}\\fR" in man
        assert meaning[1:] in man


def test_what_follows_the_options_in_the_help_stands_in_the_man_page() -> None:
    man = (MAN / "antechamber.1").read_text(encoding="utf-8")
    told = [command.epilog for command in commands(next(parsers())) if command.epilog]
    assert len(told) == 2
    for epilog in told:
        assert f"\n{marked(epilog)}\n" in man


def test_no_line_of_a_usage_is_joined_with_the_next() -> None:
    lines = (MAN / "antechamber.1").read_text(encoding="utf-8").splitlines()
    starts = [index for index, line in enumerate(lines) if line.startswith("usage:")]
    assert len(starts) == len(list(commands(next(parsers()))))
    for start in starts:
        assert lines[start - 1] == ".nf"
        assert lines.index(".fi", start) < lines.index("", start)
