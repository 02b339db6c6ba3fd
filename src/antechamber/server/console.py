"""The operator at the server's own terminal: the transcripts of all channels on stdout, commands on stdin.

It is a session like any other, seated in no channel. A closed or slow standard output never blocks the chat.
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
    """Carries the operator's lines to standard output. There is nothing to pause: one terminal sends little."""

    def __init__(self, writer: OutputWriter) -> None:
        self._writer = writer
        self._left_out_bytes = 0

    def write(self, data: bytes) -> None:
        """Send `data`, without waiting; tell the log where a slow output has made lines be left out."""
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
        """Return that nothing waits: what does is the writer's business."""
        return 0


class Console:
    """Joins the hub to the process's standard input and output.

    It prints from the beginning, and reads nothing before `listen`: a server that cannot start leaves what was typed,
    or pasted, to whoever reads after it.
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
        """Begin to read what is typed; any number of times."""
        if not self._listening:
            self._listening = True
            read_lines(self._stdin, self._read, self._line_bytes_max)

    def close(self, seconds_max: float) -> None:
        """Wait until what was said is printed, or for `seconds_max`."""
        self._writer.close(seconds_max)

    def _read(self, line: str) -> None:
        """Take a line, in the reading thread; what is no command of the operator's is ignored."""
        if (command := parse_operator(line)) is not None:
            self._call_in_loop(self._hub.submit, self._session, [command])

    def _stop_printing(self) -> None:
        """Word nothing any more for an output that has gone; called in the writing thread."""
        self._call_in_loop(self._hub.remove_operator, self._session)

    def _call_in_loop(self, callback: Callable[..., None], *arguments: Any) -> None:
        """Call from a thread; a loop that has closed, at whatever moment, has a server no more."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(callback, *arguments)
