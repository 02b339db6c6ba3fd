"""A pilot for the app: keys go in by a pipe, and a terminal emulator shows what is drawn."""

import os
import queue
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from io import StringIO

import pyte
from prompt_toolkit.data_structures import Size
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output.vt100 import Vt100_Output

from antechamber.client.app.app import App
from antechamber.client.server_connection import ConnectionProblem
from antechamber.protocol.commands import PeerCommand, Quit
from antechamber.protocol.events import AnyEvent, Entry
from antechamber.protocol.notices import Goodbye, Message, Welcome

NOON = 43_200.0
SECONDS_MAX = 30.0


def entry(sequence: int, event: AnyEvent, time: float = NOON) -> Entry:
    return Entry("general", sequence, time, event)


def welcome() -> Welcome:
    return Welcome(NOON, "general", "Mary", "antechamber/0", 1, 0, 0, "t", 60.0, 300.0, "Exercises 1 to 6")


class Terminal(StringIO):
    """A terminal of a given size, into which the app draws."""

    def __init__(self, columns: int, rows: int) -> None:
        super().__init__()
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.Stream(self.screen)
        self._lock = threading.Lock()
        self.bells = 0
        self.written = ""

    def write(self, text: str) -> int:
        with self._lock:
            self.written += text
            self.bells += text.count("\a") - text.count("\x1b]2;") - text.count("\x1b]0;")
            self._stream.feed(text)
        return len(text)

    def size(self) -> Size:
        return Size(self.screen.lines, self.screen.columns)

    def resize(self, columns: int, rows: int) -> None:
        with self._lock:
            self.screen.resize(rows, columns)

    def shown(self) -> str:
        with self._lock:
            return "\n".join(line.rstrip() for line in self.screen.display)


class Talker:
    """A conversation that does what the test says."""

    def __init__(self) -> None:
        self.done: queue.SimpleQueue[PeerCommand] = queue.SimpleQueue()
        self._end: queue.SimpleQueue[int | ConnectionProblem] = queue.SimpleQueue()
        self._ids = iter(range(1, 1_000))

    def new_id(self) -> str:
        return f"id-{next(self._ids)}"

    def do(self, command: PeerCommand) -> None:
        self.done.put(command)
        if isinstance(command, Quit):
            self.ends(0)

    def ends(self, how: int | ConnectionProblem) -> None:
        self._end.put(how)

    def run(self) -> int:
        how = self._end.get()
        if isinstance(how, ConnectionProblem):
            raise how
        return how


class Pilot:
    """Mary at her terminal, in the thread of the test's own steps."""

    def __init__(self, app: App, terminal: Terminal, keys: PipeInput, talker: Talker) -> None:
        self.app = app
        self.terminal = terminal
        self.talker = talker
        self._keys = keys

    def presses(self, text: str) -> None:
        self._keys.send_text(text)

    def resizes(self, columns: int, rows: int) -> None:
        """Change the size of the terminal, which the system tells the process."""
        self.terminal.resize(columns, rows)
        os.kill(os.getpid(), signal.SIGWINCH)

    def hears(self, *messages: Message) -> None:
        for message in messages:
            self.app.hear(message, message)
        self.app.flush()

    def shows(self, *texts: str) -> str:
        """Wait until all of these are shown, and return the screen."""
        return self.waits_until(lambda shown: all(text in shown for text in texts), texts)

    def hides(self, text: str) -> str:
        return self.waits_until(lambda shown: text not in shown, text)

    def waits_until(self, holds: Callable[[str], bool], what: object) -> str:
        deadline = time.monotonic() + SECONDS_MAX
        while not holds(shown := self.terminal.shown()):
            assert time.monotonic() < deadline, f"not {what!r} in:\n{shown}"
            time.sleep(0.01)
        return shown

    def asked(self, kind: type[PeerCommand]) -> PeerCommand:
        """Return the next command of a kind that the app sends; others before it are passed over."""
        while True:
            command = self.talker.done.get(timeout=SECONDS_MAX)
            if isinstance(command, kind):
                return command


def flown(
    steps: Callable[[Pilot], None], environ: Mapping[str, str], columns: int = 80, rows: int = 24
) -> tuple[int | ConnectionProblem, Terminal]:
    """Run the app with these steps, then end it; return its exit status, or its problem, and the terminal."""
    with create_pipe_input() as keys, _failing_aloud() as failures:
        terminal, talker = Terminal(columns, rows), Talker()
        output = Vt100_Output(terminal, terminal.size, term="xterm-256color", enable_cpr=False)
        app = App("Mary", "/received", input=keys, output=output, environ=environ)
        pilot = Pilot(app, terminal, keys, talker)

        def run() -> None:
            try:
                steps(pilot)
            except BaseException as failure:
                failures.append(failure)
            finally:
                talker.ends(0)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        try:
            status: int | ConnectionProblem = app.run(talker)  # type: ignore[arg-type]
        except ConnectionProblem as problem:
            status = problem
        thread.join(SECONDS_MAX)
    return status, terminal


@contextmanager
def _failing_aloud() -> Iterator[list[BaseException]]:
    """Raise in the test's own thread what failed in the other."""
    failures: list[BaseException] = []
    yield failures
    for failure in failures:
        raise failure


def kicked() -> Goodbye:
    return Goodbye(NOON, "kicked", "The operator closed your connection.")
