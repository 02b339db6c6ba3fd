"""What a command prints in the end: a reader that stops, and an output that fails, are no tracebacks."""

import os
import sys
from collections.abc import Iterable


def encoded(text: str) -> bytes:
    """Return text in the encoding of standard output, with ? for what that does not have."""
    return text.encode("utf-8" if sys.stdout is None else sys.stdout.encoding, "replace")


def print_all(command: str, lines: Iterable[bytes]) -> int:
    """Print lines and return the exit status: 1 if the output has failed, 130 for Ctrl-C, otherwise 0.

    A failure is one line on standard error, which `command` begins. A reader that has stopped is none.
    """
    if sys.stdout is None:
        print(f"{command}: standard output is closed.", file=sys.stderr)
        return 1
    try:
        sys.stdout.buffer.writelines(lines)
        sys.stdout.buffer.flush()
    except BrokenPipeError:  # the reader has stopped; nothing is left for Python to flush at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        print(f"{command}: standard output failed: {error.strerror}.", file=sys.stderr)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 130
    return 0
