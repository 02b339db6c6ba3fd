"""`antechamber completion`: the scripts by which bash, zsh and fish complete the commands.

They are made from the parsers of the commands (`PYTHONPATH=src python -m tests.reference`), and a test keeps them true.
"""

import argparse
from importlib.resources import files

from antechamber.cli.printing import print_all

SHELLS = ("bash", "zsh", "fish")
PROGRAMS = ("antechamber", "chatserver", "chatclient")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    parser.add_argument("shell", choices=SHELLS, metavar="SHELL", help=f"which one: {', '.join(SHELLS)}")


def run(arguments: argparse.Namespace) -> int:
    """Print the script for a shell, and return the exit status."""
    folder = files("antechamber.cli").joinpath("completions")
    scripts = [folder.joinpath(f"{program}.{arguments.shell}").read_bytes() for program in PROGRAMS]
    return print_all("antechamber completion", scripts)
