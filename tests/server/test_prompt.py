"""The console's prompt: what is typed stays whole, completes and is remembered; what happens stands above it."""

import os
import pty
import queue
import threading
import time
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.data_structures import Size
from prompt_toolkit.document import Document
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output.vt100 import Vt100_Output

from antechamber.runtime.typed_lines import TypedLines
from antechamber.server.console import has_prompt
from antechamber.server.prompt import PROMPT, OperatorCompleter, Prompt, coloured

MEMBERS = {"general": ["Mary", "Bob"], "games": []}
SECONDS_MAX = 30.0


def completed(text: str) -> list[str]:
    completer = OperatorCompleter(lambda: MEMBERS)
    return [each.text for each in completer.get_completions(Document(text), CompleteEvent())]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("/s", ["/say ", "/shutdown"]),
        ("/w", ["/who "]),
        ("x", []),
        ("/who ", ["general", "games"]),
        ("/say ga", ["games"]),
        ("/say games x", []),
        ("/kick ", ["general:", "games:"]),
        ("/kick gen", ["general:"]),
        ("/kick general:", ["general:Mary", "general:Bob"]),
        ("/mute general:b", ["general:Bob"]),
        ("/mute general:Bob ", []),
        ("/kick nowhere:", []),
        ("/list ", []),
        ("/nothing ", []),
    ],
)
def test_commands_channels_and_members_are_completed(text: str, values: list[str]) -> None:
    assert completed(text) == values


def test_a_line_is_coloured_by_what_it_is_and_says_the_same() -> None:
    lines = [
        "[Server message (12:00:00)] Mary has joined the general channel.",
        "[Mary (12:00:00)] hello [x] (y)",
        "[Mary whispers to Bob: (12:00:00)] psst",
        "[Who] general: nobody is seated.",
        "",
    ]
    for line in lines[:3]:
        assert "\x1b[2m" in coloured(line)
    for line in lines:
        stripped = coloured(line)
        for code in ("0", "1", "2", "35", "36"):
            stripped = stripped.replace(f"\x1b[{code}m", "")
        assert stripped == line


def test_a_pipe_has_no_prompt() -> None:
    ends = os.pipe()
    assert not has_prompt(*ends, {"TERM": "xterm"})
    for end in ends:
        os.close(end)


def test_a_terminal_has_a_prompt_unless_it_is_simple_or_a_plain_console_is_wished() -> None:
    master, slave = pty.openpty()
    try:
        assert has_prompt(slave, slave, {"TERM": "xterm"})
        assert not has_prompt(slave, slave, {"TERM": "dumb"})
        assert not has_prompt(slave, slave, {})
        assert not has_prompt(slave, slave, {"TERM": "xterm", "ANTECHAMBER_PLAIN": "1"})
    finally:
        os.close(master)
        os.close(slave)


class Console:
    """A prompt in a thread, whose terminal is a pipe and a text."""

    def __init__(self, keys: PipeInput, lines: TypedLines, environ: dict[str, str]) -> None:
        self.screen = StringIO()
        self.taken: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.interrupted = threading.Event()
        self.stopped: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.keys = keys
        output = Vt100_Output(self.screen, lambda: Size(24, 80), term="xterm", enable_cpr=False)
        self.prompt = Prompt(
            self.taken.put,
            self.interrupted.set,
            lambda: self.stopped.put(self.screen.getvalue()),
            lambda: MEMBERS,
            lines,
            environ=environ,
            input=keys,
            output=output,
        )
        self.thread = threading.Thread(target=self.prompt.run, daemon=True)
        self.thread.start()

    def takes(self) -> str:
        return self.taken.get(timeout=SECONDS_MAX)

    def shows(self, text: str) -> None:
        """Wait until something is drawn."""
        deadline = time.monotonic() + SECONDS_MAX
        while text not in self.screen.getvalue():
            assert time.monotonic() < deadline, self.screen.getvalue()
            time.sleep(0.01)

    def ends(self) -> None:
        self.prompt.close(SECONDS_MAX)
        self.thread.join(SECONDS_MAX)
        assert not self.thread.is_alive()


@pytest.fixture
def lines(tmp_path: Path) -> TypedLines:
    return TypedLines(str(tmp_path / "history"))


@pytest.fixture
def console(lines: TypedLines) -> Iterator[Console]:
    with create_pipe_input() as keys:
        console = Console(keys, lines, {"NO_COLOR": "1"})
        yield console
        console.ends()


def test_a_line_that_is_typed_while_much_happens_is_taken_whole(console: Console, lines: TypedLines) -> None:
    console.keys.send_text("/kick gene")
    for number in range(20):
        console.prompt.show(f"[Bob (12:00:00)] message {number}\n".encode())
    console.keys.send_text("ral:Bob\r")
    assert console.takes() == "/kick general:Bob"
    assert all(f"[Bob (12:00:00)] message {number}\r\n" in console.screen.getvalue() for number in range(20))
    assert PROMPT in console.screen.getvalue()
    assert list(lines) == ["/kick general:Bob"]


def test_tab_completes_and_the_arrow_brings_back_what_was_typed(console: Console) -> None:
    console.keys.send_text("/kick ge\t")
    console.shows("neral:")
    console.keys.send_text("B\t")
    console.shows("ob")
    console.keys.send_text("\r")
    assert console.takes() == "/kick general:Bob"
    console.keys.send_text("\x1b[A\r")
    assert console.takes() == "/kick general:Bob"


def test_pasted_lines_are_taken_one_by_one(console: Console) -> None:
    console.keys.send_text("\x1b[200~/empty general\r\n/empty games\n\x1b[201~\r")
    assert [console.takes() for _ in "ab"] == ["/empty general", "/empty games"]


def test_a_terminal_that_fails_is_told_to_who_writes(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    console.shows(PROMPT.strip())

    def fail(_: str) -> None:
        raise OSError("gone")

    monkeypatch.setattr(console.prompt, "_write", fail)
    with pytest.raises(OSError, match="gone"):
        console.prompt.show(b"[Bob (12:00:00)] hello\n")


def test_the_interrupt_key_clears_the_line_and_then_interrupts(console: Console) -> None:
    console.keys.send_text("/shutdown\x03/list\r")
    assert console.takes() == "/list"
    assert not console.interrupted.is_set()
    console.keys.send_text("\x03")
    assert console.interrupted.wait(SECONDS_MAX)


def test_the_stop_key_gives_the_terminal_back_meanwhile_and_keeps_the_line(console: Console) -> None:
    console.keys.send_text("/li\x1a")
    drawn = console.stopped.get(timeout=SECONDS_MAX)
    marks_pasted, marks_nothing = drawn.rindex("\x1b[?2004h"), drawn.rindex("\x1b[?2004l")
    assert marks_pasted < marks_nothing
    assert "\x1b[J" in drawn[marks_pasted:]
    console.keys.send_text("st\r")
    assert console.takes() == "/list"


def test_an_empty_line_and_the_end_of_the_input_key_ask_for_nothing(console: Console) -> None:
    console.keys.send_text("\r  \r\x04/list\r")
    assert console.takes() == "/list"
    assert "/shutdown ends the server." in console.screen.getvalue()


def test_a_terminal_that_has_gone_ends_the_prompt_and_output_goes_on(lines: TypedLines) -> None:
    with create_pipe_input() as keys:
        console = Console(keys, lines, {})
        console.prompt.show(b"[Bob (12:00:00)] before\n")
        keys.close()
        console.thread.join(SECONDS_MAX)
        console.prompt.show(b"[Bob (12:00:00)] after\n")
        assert "\x1b[1mBob\x1b[0m" in console.screen.getvalue()
        assert "after" in console.screen.getvalue()
        console.ends()
