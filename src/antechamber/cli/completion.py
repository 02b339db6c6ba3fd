"""`antechamber completion`: the scripts by which bash, zsh and fish complete the commands.

They are made from the parsers of the commands (docs/make_reference.py), and a test keeps them true.
"""

import argparse
from importlib.resources import files

SHELLS = ("bash", "zsh", "fish")
PROGRAMS = ("antechamber", "chatserver", "chatclient")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    parser.add_argument("shell", choices=SHELLS, metavar="SHELL", help=f"which one: {', '.join(SHELLS)}")


def run(arguments: argparse.Namespace) -> int:
    """Print the script for a shell, and return the exit status."""
    for program in PROGRAMS:
        script = files("antechamber.cli").joinpath("completions", f"{program}.{arguments.shell}")
        print(script.read_text(encoding="utf-8"), end="")
    return 0
