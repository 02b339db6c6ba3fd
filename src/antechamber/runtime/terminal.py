"""Standard input and output that never block the program, even if either is closed.

A terminal, a pipe, a file and /dev/null each block, end and fail in their own way. A thread that reads and a thread
that writes work for all of them.
"""

import os
import select
import threading
from collections import deque
from collections.abc import Callable
from functools import partial

_READ_BYTES = 65_536
_PACE_SECONDS = 0.01


def read_lines(descriptor: int, line: Callable[[str], None], line_bytes_max: int) -> threading.Thread:
    """Start a thread that calls `line` with each line read, without its newline, until the input ends or fails.

    Bytes that are not UTF-8 are read as U+FFFD. A line longer than the bound is cut to `line_bytes_max + 1` bytes, so
    the caller can still see that it is too long.
    """

    def read() -> None:
        rest, passing = b"", False
        while data := _read(descriptor):
            *lines, last = data.split(b"\n")
            for item in lines:
                if not passing:
                    line((rest + item)[: line_bytes_max + 1].decode(errors="replace"))
                rest, passing = b"", False
            if passing:
                continue
            rest += last
            if len(rest) > line_bytes_max:
                line(rest[: line_bytes_max + 1].decode(errors="replace"))
                rest, passing = b"", True
        if rest:
            line(rest.decode(errors="replace"))

    thread = threading.Thread(target=read, name="standard input", daemon=True)
    thread.start()
    return thread


def write_all(descriptor: int, data: bytes) -> None:
    """Write all of `data`, however long that takes.

    Raises OSError if the output fails.
    """
    view = memoryview(data)
    while view:
        try:
            view = view[os.write(descriptor, view) :]
        except BlockingIOError:  # another program that shares the terminal or pipe has made it non-blocking
            select.select([], [descriptor], [])


def _read(descriptor: int) -> bytes:
    """Wait for input and return it; empty if it has ended or failed."""
    while True:
        try:
            return os.read(descriptor, _READ_BYTES)
        except BlockingIOError:
            select.select([descriptor], [], [])
        except OSError:
            return b""


class OutputWriter:
    """Writes to a descriptor from a thread of its own, in order. `write` never waits.

    The first write after a pause goes out at once. Under load, each write of the thread takes what came within
    `_PACE_SECONDS`, as waking a thread costs more than the line that it writes.

    What does not fit into `bytes_max` is dropped, in whole writes, and counted in `left_out_bytes`. Once the output
    fails because its reader has gone, `on_failure` is called in the thread, and everything is dropped.
    """

    def __init__(self, descriptor: int, bytes_max: int, on_failure: Callable[[], None] = lambda: None) -> None:
        self.left_out_bytes = 0
        self._show: Callable[[bytes], None] = partial(write_all, descriptor)
        self._bytes_max = bytes_max
        self._on_failure = on_failure
        self._pending: deque[bytes] = deque()
        self._pending_bytes = 0
        self._changed = threading.Condition()
        self._ending = threading.Event()
        """Set once nothing more is accepted: it was closed, or the output has failed."""
        self._thread = threading.Thread(target=self._run, name="standard output", daemon=True)
        self._thread.start()

    def show_by(self, show: Callable[[bytes], None]) -> None:
        """Have the thread call `show` instead, which returns once the data is there, or raises OSError."""
        self._show = show

    def write(self, data: bytes) -> None:
        """Queue `data` to be written."""
        with self._changed:
            if self._ending.is_set() or self._pending_bytes + len(data) > self._bytes_max:
                self.left_out_bytes += len(data)
                return
            self._pending.append(data)
            self._pending_bytes += len(data)
            self._changed.notify()

    def close(self, seconds_max: float) -> None:
        """Accept nothing more, and wait until everything is written, for at most `seconds_max`."""
        with self._changed:
            self._ending.set()
            self._changed.notify()
        self._thread.join(seconds_max)

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._pending and not self._ending.is_set():
                    self._changed.wait()
                if not self._pending:
                    return
                data = b"".join(self._pending)
                self._pending.clear()
                self._pending_bytes = 0
            try:
                self._show(data)
            except OSError:
                with self._changed:
                    self._ending.set()
                    self._pending.clear()
                self._on_failure()
                return
            self._ending.wait(_PACE_SECONDS)
