"""The operator's console: the transcripts of all channels on standard output, commands on standard input.

Its session is like any other, but seated in no channel. A closed or slow standard output never blocks the chat. On a
terminal it has a prompt (server/prompt.py), and says what a line means that is no command.
"""

import asyncio
import atexit
import logging
import os
import signal
import termios
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from antechamber.codec.plain import OPERATOR
from antechamber.codec.slash_commands import operator_help, operator_problem, parse_operator
from antechamber.hub.hub import Hub
from antechamber.protocol.limits import Limits
from antechamber.runtime.terminal import OutputWriter, read_lines
from antechamber.session.session import Session

if TYPE_CHECKING:
    from antechamber.runtime.diagnostics import StandardError
    from antechamber.server.prompt import Prompt

_logger = logging.getLogger(__name__)
_STDERR = 2
_MEMBERS_SECONDS_MAX = 0.5
"""How long a completion waits for the names of those who are here."""
_STOP_SECONDS_MAX = 1.0
"""How long the prompt waits to be stopped by Ctrl-Z."""


def has_person(stdin: int = 0, stdout: int = 1, environ: Mapping[str, str] = os.environ) -> bool:
    """Return whether a person sits at the console, who is told what is wrong with a line."""
    return not environ.get("ANTECHAMBER_PLAIN") and os.isatty(stdin) and os.isatty(stdout)


def has_prompt(stdin: int = 0, stdout: int = 1, environ: Mapping[str, str] = os.environ) -> bool:
    """Return whether a person sits at the console, at a terminal that can show a prompt."""
    return environ.get("TERM", "") not in ("", "dumb") and has_person(stdin, stdout, environ)


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
        self._stdin, self._stdout = stdin, stdout
        self._line_bytes_max = limits.line_bytes_max
        self._listening = False
        self._writer = OutputWriter(stdout, limits.console_bytes_max, self._stop_printing)
        self._prompt: Prompt | None = None
        self._session = Session(ConsoleTransport(self._writer), OPERATOR, "", operator=True)
        hub.add_operator(self._session)

    def listen(self) -> None:
        """Start reading standard input. Further calls do nothing."""
        if not self._listening:
            self._listening = True
            self._read_lines()

    def prompt(self, errors: "StandardError") -> None:
        """Show a prompt instead of reading plain lines, and have lines of `errors` appear above it, too.

        That takes a thread, since its library may have to be installed first. Further calls do nothing.
        """
        if not self._listening:
            self._listening = True
            threading.Thread(target=self._open_prompt, args=(errors,), name="prompt", daemon=True).start()

    def _read_lines(self) -> None:
        read = self._read_persons if has_person(self._stdin, self._stdout) else self._read
        read_lines(self._stdin, read, self._line_bytes_max)

    def close(self, seconds_max: float) -> None:
        """Wait until everything is printed, and the terminal is as it was, for at most `seconds_max` each."""
        self._writer.close(seconds_max)
        if self._prompt is not None:
            self._prompt.close(seconds_max)

    def _open_prompt(self, errors: "StandardError") -> None:
        from antechamber.bootstrap.optional import terminal_library_problem

        if problem := terminal_library_problem():
            errors.tell(f"antechamber: there is no prompt: {problem}")
            self._read_lines()
            return
        from antechamber.runtime.typed_lines import typed_lines_of
        from antechamber.server.prompt import Prompt

        atexit.register(_given_back, self._stdin, termios.tcgetattr(self._stdin))
        prompt = Prompt(self._read_persons, _interrupt, self._stop, self._members, typed_lines_of("server"))
        self._writer.show_by(prompt.show)
        if os.isatty(_STDERR) and os.ttyname(_STDERR) == os.ttyname(self._stdout):
            errors.show_by(prompt.show)
        self._prompt = prompt
        prompt.run()

    def _read(self, line: str) -> None:
        """Submit the command of a line, and ignore any other line. Called in the reading thread."""
        if (command := parse_operator(line)) is not None:
            self._call_in_loop(self._hub.submit, self._session, [command])
        elif line.split() == ["/help"]:
            self._tell(*operator_help())

    def _read_persons(self, line: str) -> None:
        """Submit the command of a line, or say what is wrong with it. Called in the reading thread."""
        if parse_operator(line) is not None or line.split() == ["/help"]:
            self._read(line)
        elif problem := operator_problem(line):
            self._tell(problem)

    def _tell(self, *lines: str) -> None:
        """Print lines after the answers to what was typed before them."""
        text = "".join(f"{line}\n" for line in lines).encode()
        self._call_in_loop(self._loop.call_soon, self._writer.write, text)

    def _members(self) -> Mapping[str, Sequence[str]]:
        """Return who is in each channel; nobody if the hub is too busy to say. Called in the prompt's thread."""
        found: Future[Mapping[str, Sequence[str]]] = Future()
        self._call_in_loop(lambda: found.set_result(self._hub.names()))
        try:
            return found.result(_MEMBERS_SECONDS_MAX)
        except FutureTimeoutError:
            return {}

    def _stop(self) -> None:
        """Stop the program and those it runs with, as Ctrl-Z does, until it goes on. Called in the prompt's thread.

        The signal stops the main thread first. If the prompt's thread sent it, it would run on for a moment, and have
        the terminal as its own again before the shell does.
        """
        gone_on = threading.Event()

        def stop() -> None:
            os.kill(0, signal.SIGTSTP)
            gone_on.set()

        self._call_in_loop(stop)
        gone_on.wait(_STOP_SECONDS_MAX)

    def _stop_printing(self) -> None:
        """Remove the session once the output is closed. Called in the writing thread."""
        self._call_in_loop(self._hub.remove_operator, self._session)

    def _call_in_loop(self, callback: Callable[..., object], *arguments: Any) -> None:
        """Schedule a call from a thread. Do nothing if the loop is closed, since the server has ended."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(callback, *arguments)


def _given_back(descriptor: int, mode: list[Any]) -> None:
    """Set a terminal as it was, however the prompt has ended.

    It is set at once: to wait until the output is drained would be to wait for ever if nobody reads it.
    """
    with suppress(termios.error, OSError):
        termios.tcsetattr(descriptor, termios.TCSANOW, mode)


def _interrupt() -> None:
    """End the server as Ctrl-C does at any program."""
    os.kill(os.getpid(), signal.SIGINT)
