"""The screen: chat lines on standard output, notes and a progress line on standard error.

The progress line is shown only on a terminal. It is erased before anything else is written, so lines never mix.
"""

import errno
import os
import select
import threading
from contextlib import suppress

from antechamber.runtime.terminal import write_all

_CLEAR = "\r\x1b[K"
_COLUMNS = 80


class OutputClosed(Exception):
    """The error that standard output is closed. `strerror` is empty if its reader has gone, which is not a fault.

    `hung_up` is whether it was a terminal that has gone.
    """

    def __init__(self, strerror: str, hung_up: bool = False) -> None:
        super().__init__(strerror)
        self.strerror = strerror
        self.hung_up = hung_up


class Screen:
    """Standard output and standard error. Any thread may write."""

    def __init__(self, output: int = 1, notes: int = 2) -> None:
        self._output = output
        self._notes = notes
        self._lock = threading.RLock()  # an interrupt may come while the main thread has the lock, and writes as well
        self._status = ""
        self.shows_progress = os.isatty(notes)
        self.is_terminal = self.shows_progress or os.isatty(output)
        """Whether a person reads the output; a script is given nothing but the transcript."""

    def print(self, text: str) -> None:
        """Write whole lines to standard output at once. Raises OutputClosed."""
        with self._lock:
            self._draw("")
            try:
                write_all(self._output, text.encode(errors="replace"))
            except BrokenPipeError:
                raise OutputClosed("") from None
            except OSError as error:
                raise OutputClosed(error.strerror or "failed", hung_up=error.errno == errno.EIO) from None
            self._draw(self._status)

    def note(self, text: str) -> None:
        """Write a note to standard error, if that is open."""
        with self._lock:
            self._draw("")
            self._write_note(f"antechamber: {text}\n")
            self._draw(self._status)

    def progress(self, text: str) -> None:
        """Show a text in the progress line; an empty one erases the line."""
        if self.shows_progress:
            with self._lock:
                if text != self._status:
                    self._draw(text)
                    self._status = text

    def clear(self) -> None:
        """Erase the progress line if that is possible at once, because the program is being ended from outside."""
        if self._status and self._lock.acquire(blocking=False):
            try:
                if select.select([], [self._notes], [], 0)[1]:
                    self._draw("")
            finally:
                self._lock.release()

    def _draw(self, text: str) -> None:
        if self._status or text:
            self._write_note(_CLEAR + text[: self._columns() - 1])

    def _columns(self) -> int:
        try:
            return os.get_terminal_size(self._notes).columns or _COLUMNS
        except OSError:
            return _COLUMNS

    def _write_note(self, text: str) -> None:
        with suppress(OSError):
            write_all(self._notes, text.encode(errors="replace"))
