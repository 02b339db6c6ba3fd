"""The prompt of the server's console on a terminal: what is typed stays whole, and what happens appears above it.

It has a thread and an event loop of its own, so that neither a slow terminal nor a slow hand delays the chat.
"""

import asyncio
import concurrent.futures
import os
import re
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence

from prompt_toolkit.application import run_in_terminal
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.filters import Condition
from prompt_toolkit.input import Input
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.output import Output, create_output
from prompt_toolkit.shortcuts import PromptSession

from antechamber.codec.slash_commands import OPERATOR_COMMANDS
from antechamber.runtime.remembered import Remembered
from antechamber.runtime.typed_lines import TypedLines

PROMPT = "antechamber> "
Members = Mapping[str, Sequence[str]]
"""The names of those in each channel, by the channel."""
_LOOK_SECONDS = 0.2
"""How often a thread that shows something looks whether the prompt has ended."""
_SERVER_LINE = re.compile(r"(\[Server message \(\d\d:\d\d:\d\d\)\]) (.*)", re.DOTALL)
_SAID_LINE = re.compile(r"\[([^ ()]+)( whispers to [^ ()]+:)? (\(\d\d:\d\d:\d\d\))\](.*)", re.DOTALL)


def coloured(line: str) -> str:
    """Return a line of the console with colours (ECMA-48, 8.3.117): times dim, names bold, the server's cyan."""
    if found := _SERVER_LINE.fullmatch(line):
        return f"\x1b[2m{found[1]}\x1b[0m \x1b[36m{found[2]}\x1b[0m"
    if found := _SAID_LINE.fullmatch(line):
        whisper = f"\x1b[35m{found[2]}\x1b[0m" if found[2] else ""
        return f"[\x1b[1m{found[1]}\x1b[0m{whisper} \x1b[2m{found[3]}\x1b[0m]{found[4]}"
    return line


class OperatorCompleter(Completer):
    """Completes commands, channels, and members of a channel."""

    def __init__(self, members: Callable[[], Members]) -> None:
        self._members = members

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        """Yield what the last word may become."""
        words = document.text_before_cursor.split(" ")
        last = words[-1]
        if len(words) == 1:
            for info in OPERATOR_COMMANDS:
                if info.name.startswith(last):
                    yield Completion(info.name + " " * bool(info.arguments), -len(last), info.name)
            return
        asked = next((info.arguments.split() for info in OPERATOR_COMMANDS if info.name == words[0]), [])
        argument = asked[len(words) - 2].strip("[]") if len(words) - 2 < len(asked) else ""
        for value in self._values(argument, last):
            if value.lower().startswith(last.lower()):
                yield Completion(value, -len(last))

    def _values(self, argument: str, typed: str) -> Iterable[str]:
        members = self._members() if argument.startswith("CHANNEL") else {}
        channel = typed.partition(":")[0]
        if argument == "CHANNEL":
            yield from members
        elif argument == "CHANNEL:NAME" and ":" in typed:
            yield from (f"{channel}:{name}" for name in members.get(channel, ()))
        elif argument == "CHANNEL:NAME":
            yield from (f"{name}:" for name in members)


class Prompt:
    """The prompt. `take` is given each typed line, and `interrupt` is called by Ctrl-C on an empty one.

    `stop` is called by Ctrl-Z, while the terminal is as it was; it returns once the program goes on.
    `members` returns who is where, for completion; it may be called in any thread.
    """

    def __init__(
        self,
        take: Callable[[str], None],
        interrupt: Callable[[], None],
        stop: Callable[[], None],
        members: Callable[[], Members],
        lines: TypedLines,
        *,
        environ: Mapping[str, str] = os.environ,
        input: Input | None = None,
        output: Output | None = None,
    ) -> None:
        self._take = take
        self._interrupt = interrupt
        self._stop = stop
        self._colours = not environ.get("NO_COLOR")
        self._output = output or create_output()
        self._session: PromptSession[str] = PromptSession(
            PROMPT,
            completer=OperatorCompleter(members),
            complete_while_typing=False,
            history=Remembered(lines),
            key_bindings=self._keys(),
            input=input,
            output=self._output,
        )
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closing = False
        self._ended = threading.Event()

    def run(self) -> None:
        """Show the prompt, and take what is typed, until `close` or the end of the terminal."""
        try:
            asyncio.run(self._read())
        finally:
            self._ended.set()

    def show(self, data: bytes) -> None:
        """Show whole lines above the prompt, and return once they are there. Raises OSError if the terminal fails."""
        text = data.decode(errors="replace")
        if self._colours:
            text = "\n".join(map(coloured, text.split("\n")))
        loop = self._loop
        if loop is None or self._ended.is_set():
            self._write(text)
            return
        showing = self._show(text)
        try:
            future = asyncio.run_coroutine_threadsafe(showing, loop)
        except RuntimeError:  # it has ended just now
            showing.close()
            self._write(text)
            return
        while not concurrent.futures.wait([future], _LOOK_SECONDS).done:
            if self._ended.is_set():
                if future.cancel():
                    self._write(text)
                return
        future.result()

    def close(self, seconds_max: float) -> None:
        """Take the prompt away, and wait until the terminal is as it was, for at most so long."""
        self._closing = True
        if self._loop is not None and not self._ended.is_set():
            self._loop.call_soon_threadsafe(self._exit)
            self._ended.wait(seconds_max)

    def _exit(self) -> None:
        if self._session.app.is_running:
            self._session.app.erase_when_done = True
            self._session.app.exit(result="")

    async def _read(self) -> None:
        self._loop = asyncio.get_running_loop()
        while not self._closing:
            try:
                line = await self._session.prompt_async(handle_sigint=False)
            except EOFError:
                return  # the terminal has gone; the server goes on
            if not self._closing:
                for each in filter(str.strip, line.splitlines()):  # several may be pasted at once
                    self._take(each)

    async def _show(self, text: str) -> None:
        self._write_above(text)

    def _write_above(self, text: str) -> None:
        """Write text above the prompt.

        The terminal stays as the prompt has it: if its keys were let through meanwhile, Ctrl-C would end the server.
        """
        app = self._session.app
        if app.is_running:
            app.renderer.erase()
        self._write(text)
        app.invalidate()

    def _write(self, text: str) -> None:
        self._output.write_raw(text.replace("\n", "\r\n"))
        self._output.flush()

    def _keys(self) -> KeyBindings:
        keys = KeyBindings()
        is_empty = Condition(lambda: not self._session.default_buffer.text)

        @keys.add("c-c")
        def _clear(event: KeyPressEvent) -> None:
            if event.current_buffer.text:
                event.current_buffer.reset()
            else:
                self._interrupt()

        @keys.add("c-z")
        def _suspend(event: KeyPressEvent) -> None:
            run_in_terminal(self._stop)

        @keys.add("c-d", filter=is_empty)
        def _tell(event: KeyPressEvent) -> None:
            self._write_above("/shutdown ends the server.\n")

        return keys
