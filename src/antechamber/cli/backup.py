"""`antechamber backup`: a complete copy of the log, whether the server runs or not."""

import argparse
import os
import sys

from antechamber.config import DATA_IN_MEMORY
from antechamber.protocol.text import clean
from antechamber.runtime.paths import default_data_path

DESCRIPTION = """\
Copy the log of a server, which may be running and is not held up, to FILE: whole, checked, and for your eyes alone.
"""
EPILOG = """\
To go back to it: end the server, move the log's file and its -wal away, copy FILE to where the log was, and start the
server.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    parser.description = DESCRIPTION
    parser.epilog = EPILOG
    parser.add_argument("file", metavar="FILE", help="the copy, which must not be there yet")
    parser.add_argument("--data", metavar="PATH", help="the log's file (default: the one in the user's state folder)")


def run(arguments: argparse.Namespace) -> int:
    """Carry the command out and return its exit status; an error is one line on standard error."""
    from antechamber.log import LogError
    from antechamber.log.copying import copy_log

    try:
        if arguments.data == DATA_IN_MEMORY:
            raise LogError("A log in memory (--data :memory:) cannot be copied.")
        told = copy_log(default_data_path() if arguments.data is None else arguments.data, arguments.file)
    except LogError as error:
        return _tell(str(error), 1)
    except KeyboardInterrupt:
        return _tell("interrupted, so there is no copy.", 130)
    for sentence in told:
        _tell(sentence, 0)
    print(f"{clean(arguments.file)}: {os.path.getsize(arguments.file)} bytes")
    return 0


def _tell(text: str, status: int) -> int:
    print(f"antechamber backup: {clean(text)}", file=sys.stderr)
    return status
