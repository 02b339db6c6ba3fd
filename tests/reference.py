"""What is made from the commands' own parsers: the man pages, and the scripts by which shells complete them.

`PYTHONPATH=src python -m tests.reference` writes them where they belong; a test compares what is there with
what would be written.
"""

import argparse
import os
import re
from collections.abc import Iterator
from pathlib import Path

import shtab
from argparse_manpage.manpage import Manpage  # type: ignore[import-untyped]

from antechamber import __main__, __version__
from antechamber.cli.completion import SHELLS
from antechamber.cli.reference import ENVIRONMENT, EXIT_STATUSES, KEPT

ROOT = Path(__file__).resolve().parents[1]
COMPLETIONS = ROOT / "src/antechamber/cli/completions"
MAN = ROOT / "docs/man"
FILES = {"PATH", "FILE", "CONFIGFILE"}
FOLDERS = {"FOLDER"}
"""The names of arguments that are files or folders."""


def parsers() -> Iterator[argparse.ArgumentParser]:
    """Yield the parser of each program."""
    os.environ["COLUMNS"] = "80"  # whatever the terminal is
    yield __main__.antechamber_parser()
    yield __main__.chatserver_parser("chatserver")
    yield __main__.chatclient_parser("chatclient")


def all_actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """Yield the arguments of a parser and of its commands."""
    for action in parser._actions:
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for inner in action.choices.values():
                yield from all_actions(inner)


def completion(parser: argparse.ArgumentParser, shell: str) -> str:
    """Return the script by which a shell completes a program."""
    for action in all_actions(parser):
        if action.metavar in FILES:
            action.complete = shtab.FILE  # type: ignore[attr-defined]
        elif action.metavar in FOLDERS:
            action.complete = shtab.DIRECTORY  # type: ignore[attr-defined]
    return shtab.complete(parser, shell=shell).rstrip() + "\n"


def man_page(parser: argparse.ArgumentParser) -> str:
    """Return the man page of a program (man-pages(7))."""
    page = Manpage(
        parser, {"date": f"version {__version__}", "project_name": "Antechamber", "manual_title": "Antechamber"}
    )
    page.description = (parser.description or "").rstrip(".").lower()
    page.add_section("ENVIRONMENT", "=", listed((name, meaning) for name, meaning in ENVIRONMENT))
    page.add_section("FILES", "=", listed((path, meaning) for path, meaning in KEPT))
    page.add_section("EXIT STATUS", "=", listed((str(status), meaning) for status, meaning in EXIT_STATUSES))
    others = [f"\\fB{name}\\fR(1)" for name in ("antechamber", "chatclient", "chatserver") if name != parser.prog]
    page.add_section("SEE ALSO", "=", ", ".join(others))
    text = re.sub(r"^usage: (?:.+\n)+", lambda usage: f".nf\n{usage[0]}.fi\n", str(page), flags=re.MULTILINE)
    for command in commands(parser):
        if command.epilog:  # the library leaves it out
            told = marked(command.description or "")
            text = text.replace(told, f"{told}\n.PP\n{marked(command.epilog)}", 1)
    return text


def commands(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """Yield the parsers of a program's commands."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            yield from action.choices.values()


def marked(text: str) -> str:
    """Return text as one line of a man page."""
    return " ".join(text.split()).replace("\\", "\\\\").replace("-", "\\-")


def listed(rows: Iterator[tuple[str, str]]) -> str:
    """Return rows of names with their meanings, as a man page has them."""
    return "\n".join(
        f".TP\n\\fB{marked(name)}\\fR\n{marked(meaning[:1].upper() + meaning[1:])}." for name, meaning in rows
    )


def made() -> dict[Path, str]:
    """Return the text of each file."""
    texts = {MAN / f"{parser.prog}.1": man_page(parser) for parser in parsers()}
    for shell in SHELLS:
        texts |= {COMPLETIONS / f"{parser.prog}.{shell}": completion(parser, shell) for parser in parsers()}
    return texts


if __name__ == "__main__":
    for path, text in made().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
