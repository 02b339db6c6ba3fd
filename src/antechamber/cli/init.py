"""`antechamber init`: a config with comments, to begin with. The project's own `antechamber.toml` is the same."""

import argparse
import os
import sys
from importlib.resources import files

from antechamber.cli.printing import print_all
from antechamber.protocol.text import clean

DEFAULT = "antechamber.toml"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    parser.add_argument(
        "file",
        nargs="?",
        default=DEFAULT,
        metavar="FILE",
        help="the config, which must not be there yet; its name ends in .toml (default: %(default)s)",
    )


def text() -> str:
    """Return the config."""
    return files("antechamber.cli").joinpath(DEFAULT).read_text(encoding="utf-8")


def write(path: str, serve: str) -> int:
    """Write the config and return the exit status; an error is one line. `serve` is the command that serves it."""
    if not path.endswith(".toml"):
        return _decline(f"{path} is no name for it: let it end in .toml, by which its form is told")
    try:
        _write_whole(path)
    except FileExistsError:
        return _decline(f"{path} is there already, and stays as it is: name another file")
    except OSError as error:
        return _decline(f"{path} cannot be written: {error.strerror} (name a file in a folder of your own)")
    told = f"{clean(path)} is written: look through it, and start with {serve}\n"
    return print_all("antechamber init", [told.encode(errors="backslashreplace")])


def _write_whole(path: str) -> None:
    """Write the config to a new file, or leave none behind. Raises OSError."""
    with open(path, "x", encoding="utf-8") as file:
        try:
            file.write(text())
            file.flush()
        except BaseException:
            os.unlink(path)
            raise


def _decline(problem: str) -> int:
    print(f"antechamber init: {clean(problem)}", file=sys.stderr)
    return 1
