"""The operator at the server's own terminal: transcripts of all channels on stdout, commands on stdin.

The console is a session without a channel. A closed or slow standard output never blocks the chat.
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
    """The transport to standard output. It need not pause reading, as a terminal sends little."""

    def __init__(self, writer: OutputWriter) -> None:
        self._writer = writer
        self._left_out_bytes = 0

    def write(self, data: bytes) -> None:
        """Send data without waiting; log a warning if a slow output has made lines be left out."""
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
        """Return 0; the writer looks after its own buffer."""
        return 0


class Console:
    """Connects the hub with the process's standard input and output.

    It prints from the beginning and reads nothing before `listen`, so a server that cannot start leaves typed input to
    the next program.
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
        """Begin to read what is typed; it may be called repeatedly."""
        if not self._listening:
            self._listening = True
            read_lines(self._stdin, self._read, self._line_bytes_max)

    def close(self, seconds_max: float) -> None:
        """Wait until everything is printed, or for `seconds_max`."""
        self._writer.close(seconds_max)

    def _read(self, line: str) -> None:
        """Submit a typed line, in the reading thread; lines that are not commands are ignored."""
        if (command := parse_operator(line)) is not None:
            self._call_in_loop(self._hub.submit, self._session, [command])

    def _stop_printing(self) -> None:
        """Stop the transcripts, because the output is closed; called in the writing thread."""
        self._call_in_loop(self._hub.remove_operator, self._session)

    def _call_in_loop(self, callback: Callable[..., None], *arguments: Any) -> None:
        """Call from a thread in the event loop, unless it has closed."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(callback, *arguments)
