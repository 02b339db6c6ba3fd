"""The operator's console: the transcripts of all channels on standard output, commands on standard input.

Its session is like any other, but seated in no channel. A closed or slow standard output never blocks the chat.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from antechamber.codec.plain import OPERATOR
from antechamber.codec.slash_commands import parse_operator
from antechamber.hub.hub import Hub
from antechamber.protocol.limits import Limits
from antechamber.runtime.terminal import OutputWriter, read_lines
from antechamber.session.session import Session

_logger = logging.getLogger(__name__)


class ConsoleTransport:
    """The transport of the operator's session. It ignores pauses, since a terminal sends little."""

    def __init__(self, writer: OutputWriter) -> None:
        self._writer = writer
        self._left_out_bytes = 0

    def write(self, data: bytes) -> None:
        """Write `data` without waiting. Log a warning if lines are left out, because the output is slow or closed."""
        self._writer.write(data)
        if self._writer.left_out_bytes and not self._left_out_bytes:
            _logger.warning("standard output is slow or closed, so lines are left out there")
        self._left_out_bytes = self._writer.left_out_bytes

    def close(self) -> None:
        """Leave the terminal open: the server closes it last."""

    def abort(self) -> None:
        """Leave the terminal open: the server closes it last."""

    def pause_reading(self) -> None:
        """Go on reading."""

    def resume_reading(self) -> None:
        """Go on reading."""

    def get_write_buffer_size(self) -> int:
        """Return 0: the writer has a bound of its own."""
        return 0


class Console:
    """Connects the hub to the process's standard input and output.

    It prints from the beginning, but reads only after `listen`: if the server cannot start, typed or pasted input is
    left for the next program.
    """

    def __init__(
        self, hub: Hub, limits: Limits, loop: asyncio.AbstractEventLoop, stdin: int = 0, stdout: int = 1
    ) -> None:
        self._hub = hub
        self._loop = loop
        self._stdin = stdin
        self._line_bytes_max = limits.line_bytes_max
        self._listening = False
        self._writer = OutputWriter(stdout, limits.console_bytes_max, self._stop_printing)
        self._session = Session(ConsoleTransport(self._writer), OPERATOR, "", operator=True)
        hub.add_operator(self._session)

    def listen(self) -> None:
        """Start reading standard input. Further calls do nothing."""
        if not self._listening:
            self._listening = True
            read_lines(self._stdin, self._read, self._line_bytes_max)

    def close(self, seconds_max: float) -> None:
        """Wait until everything is printed, for at most `seconds_max`."""
        self._writer.close(seconds_max)

    def _read(self, line: str) -> None:
        """Submit the command of a line, and ignore any other line. Called in the reading thread."""
        if (command := parse_operator(line)) is not None:
            self._call_in_loop(self._hub.submit, self._session, [command])

    def _stop_printing(self) -> None:
        """Remove the session once the output is closed. Called in the writing thread."""
        self._call_in_loop(self._hub.remove_operator, self._session)

    def _call_in_loop(self, callback: Callable[..., None], *arguments: Any) -> None:
        """Schedule a call from a thread. Do nothing if the loop is closed, since the server has ended."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(callback, *arguments)
