"""What benches that work in many processes have in common: how those begin, and how the parent tells of progress."""

import signal
import sys


def begin_worker() -> None:
    """Begin a process that does the work: the parent alone is interrupted, and ends it all."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def tell(progress: str) -> None:
    """Tell how far the work is: in one line that changes where a person reads it, in a line each time elsewhere."""
    if sys.stderr.isatty():
        print(f"\r{progress} ", end="", file=sys.stderr, flush=True)
    else:
        print(progress, file=sys.stderr, flush=True)
