"""The server's diagnostics on standard error: one JSON object a line, from a given level on."""

import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime

from antechamber.runtime.terminal import OutputWriter

_BYTES_MAX = 1 << 20
"""Bytes that may wait for a slow standard error."""
_STANDARD_FIELDS = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonFormatter(logging.Formatter):
    """Formats a record as one line: time (UTC), level, logger, message, and the fields given with it."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as a line of JSON."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: value for name, value in vars(record).items() if name not in _STANDARD_FIELDS}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


class StandardError:
    """Standard error while the server runs. A reader that has stopped reading blocks nothing.

    Lines past a bound are dropped.
    """

    def __init__(self, descriptor: int = 2) -> None:
        self._writer = OutputWriter(descriptor, _BYTES_MAX)

    def show_by(self, show: Callable[[bytes], None]) -> None:
        """Have lines shown by something else that draws on the same terminal."""
        self._writer.show_by(show)

    def tell(self, line: str) -> None:
        """Queue a line to be written, without waiting."""
        self._writer.write(f"{line}\n".encode(errors="backslashreplace"))

    def close(self, seconds_max: float) -> None:
        """Accept nothing more, and wait until everything is written, for at most `seconds_max`."""
        self._writer.close(seconds_max)


class _Lines(logging.Handler):
    """A logging handler that writes each record as a line."""

    def __init__(self, errors: StandardError) -> None:
        super().__init__()
        self.setFormatter(JsonFormatter())
        self._errors = errors

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record; one that cannot be formatted is dropped."""
        try:
            self._errors.tell(self.format(record))
        except Exception:
            self.handleError(record)


def start(level: str, errors: StandardError) -> None:
    """Write the records of `level` or above from now on; `off` writes none."""
    root = logging.getLogger()
    root.handlers[:] = [_Lines(errors)]
    root.setLevel(logging.CRITICAL + 1 if level == "off" else level.upper())
    logging.raiseExceptions = False  # a record that cannot be formatted is dropped silently
