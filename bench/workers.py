"""The start of worker processes, and the parent's report of progress, for benches with many processes."""

import signal
import sys


def begin_worker() -> None:
    """Prepare a worker process: only the parent is interrupted, and ends all of them."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def tell(progress: str) -> None:
    """Report progress: in one changing line on a terminal, in a line each time elsewhere."""
    if sys.stderr.isatty():
        print(f"\r{progress} ", end="", file=sys.stderr, flush=True)
    else:
        print(progress, file=sys.stderr, flush=True)
