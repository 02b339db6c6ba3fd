"""The app: a full screen for a person, over a conversation that runs in a thread of its own.

The screen is drawn and keys are read in the main thread. Nothing there waits: commands go out through a thread, and
what the server tells comes in through the inbox.
"""

import asyncio
import os
import signal
import sys
import termios
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

from prompt_toolkit.application import Application, run_in_terminal
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.document import Document
from prompt_toolkit.input import Input
from prompt_toolkit.output import ColorDepth, Output
from prompt_toolkit.styles import DynamicStyle, Style

from antechamber.client.app import panels
from antechamber.client.app.cells import clipped, padded, plain
from antechamber.client.app.inbox import Inbox
from antechamber.client.app.keys import bindings
from antechamber.client.app.layout import HEADER_FROM_ROWS, Parts, made
from antechamber.client.app.model import Model, Question
from antechamber.client.app.rows import Look, Row, boxed, rows_of, text_of
from antechamber.client.app.talk import Item
from antechamber.client.app.talk_view import Days, Offsets, TalkView
from antechamber.client.app.themes import THEMES, chosen_theme, styles
from antechamber.client.commands import Known, Local, Suggestions, Wrong, names_at, read, suggest
from antechamber.client.conversation import Conversation
from antechamber.client.outgoing import Outgoing
from antechamber.client.server_connection import ConnectionProblem
from antechamber.protocol.commands import AskPlace, Here, Quit
from antechamber.protocol.limits import CONSENT_LINES_MAX
from antechamber.protocol.notices import Message, Offer
from antechamber.runtime.paths import received_folder, state_folder
from antechamber.runtime.remembered import Remembered
from antechamber.runtime.typed_lines import typed_lines_of

REDRAW_SECONDS_MIN = 0.04
"""The time between two drawings: a person reads no faster, and a terminal far away is spared."""
PLACE_SECONDS = 15.0
"""How often the wait is asked for, which changes with time."""
SIGN_SECONDS_MIN = 5.0
"""The time between two signs of life while somebody types."""
_OPTIONS_SHOWN = 7
_INTERRUPTED = 130
_RESET = "\x1b[?1004l\x1b[?1000l\x1b[?1003l\x1b[?1006l\x1b[?1015l\x1b[?2004l\x1b[?25h\x1b[0m\x1b[?1049l"
"""Undo what the app has set in the terminal: reports of focus and mouse, pasting, the cursor, colours, the screen."""


class App:
    """The view of a person at a terminal. `input` and `output` are the terminal, except in tests."""

    shows_progress = True
    tells_of_files = True

    def __init__(
        self,
        name: str,
        files_folder: str = "",
        *,
        input: Input | None = None,
        output: Output | None = None,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self._outgoing = Outgoing()
        self.model = Model(name, self._outgoing.ask, self._call)
        self.options: Suggestions | None = None
        self._chosen = 0
        self._files_folder = _with_tilde(files_folder or received_folder(environ), environ)
        self._environ = environ
        self._theme = chosen_theme(environ, _kept_theme(environ))
        self._styles = {theme: Style(list(styles(theme).items())) for theme in (self._theme,)}
        self._view = TalkView(self.model.talk)
        self._has_focus = True
        self._lines_asked = 0
        """The lines of a long draft that the person has been asked about; 0 for none."""
        self._title = ""
        """The terminal's title as it was set."""
        self._called = ""
        """Why the person was called, until the terminal has the focus."""
        self._sheet_top = 0
        self._signed_at = 0.0
        self._asked_place_at = 0.0
        self._status: int | ConnectionProblem | None = None
        self._leaving = False
        self._interrupted = False
        self._inbox = Inbox()
        self._terminal: list[Any] | None = None
        history = Remembered(typed_lines_of("client", environ))
        self.field = Buffer(history=history, multiline=True, on_text_changed=self._typed)
        self.field.on_cursor_position_changed += self._moved
        self._app = self._made(input, output)

    def _made(self, input: Input | None, output: Output | None) -> Application[None]:
        app: Application[None] = Application(
            layout=made(self._parts(), self.field, self._columns),
            key_bindings=bindings(self),
            style=DynamicStyle(lambda: self._styles[self._theme]),
            full_screen=True,
            mouse_support=True,
            refresh_interval=1.0,
            color_depth=_colour_depth(self._environ),
            before_render=self._before_render,
            erase_when_done=True,
            input=input,
            output=output,
        )
        app.ttimeoutlen = 0.05
        app.timeoutlen = 0.3
        return app

    # Running

    def run(self, conversation: Conversation) -> int:
        """Chat until it ends, and return the exit status. Raises ConnectionProblem if there was no chat."""
        with suppress(termios.error, OSError):
            self._terminal = termios.tcgetattr(0)
        with suppress(EOFError):
            asyncio.run(self._run(conversation))
        self._outgoing.end()
        self._print_last_screen()
        if isinstance(self._status, ConnectionProblem):
            raise self._status
        return _INTERRUPTED if self._interrupted else self._status or 0

    async def _run(self, conversation: Conversation) -> None:
        loop = asyncio.get_running_loop()
        ended = threading.Thread(target=self._converse, args=(conversation,), name="conversation", daemon=True)

        def begin() -> None:
            self._inbox.open(partial(loop.call_soon_threadsafe, self._take))
            self._app.output.write_raw("\x1b[?1004h")
            ended.start()
            self._outgoing.start(conversation)

        await self._app.run_async(pre_run=begin, handle_sigint=True)
        self._app.output.write_raw("\x1b[?1004l")
        self._app.output.set_title("")
        self._app.output.flush()

    def _converse(self, conversation: Conversation) -> None:
        try:
            self._status = conversation.run()
        except ConnectionProblem as problem:
            self._status = problem
        finally:
            self._inbox.put(self._exit)

    def _exit(self) -> None:
        if self._app.is_running:
            with suppress(Exception):  # it is ending already
                self._app.exit()

    def _take(self) -> None:
        self._inbox.take()
        if self.model.returned and not self.field.text:
            self.field.document = Document(self.model.returned)
        self.model.returned = ""
        self._app.invalidate()

    def _print_last_screen(self) -> None:
        """Print what was last in sight, so that the terminal's own scrollback has it."""
        columns, height = self._columns(), max(self._height() - 4, 1)
        rows = self._view.rows(Look(columns, self.model.name), height, self._days())
        with suppress(OSError, ValueError):
            sys.stdout.write("".join(f"{text_of(row).rstrip()}\n" for row in rows))
            sys.stdout.flush()

    # What the conversation tells, in any thread

    def hear(self, message: Message, shown: Message | None) -> None:
        """Take a message of the server."""
        self._inbox.put(lambda: self.model.hear(message, shown))

    def flush(self) -> None:
        """Do nothing: the screen is drawn soon."""

    def note(self, text: str) -> None:
        """Add a note to the talk."""
        self._inbox.put(lambda: self.model.note(text))

    def progress(self, text: str) -> None:
        """Show the progress of transfers in the status line."""
        self._inbox.put(lambda: self.model.tell(progress=text))

    def away(self, text: str) -> None:
        """Show the search for a lost connection in the status line."""
        self._inbox.put(lambda: self.model.tell(away=text))

    def ask(self, offer: Offer, answer: Callable[[bool], None]) -> None:
        """Ask about a file in a box."""
        self._inbox.put(lambda: self.model.ask_about(Question(offer, answer)))

    def withdraw(self, ticket: str) -> None:
        """Take the box away."""
        self._inbox.put(lambda: self.model.withdraw(ticket))

    def clear(self) -> None:
        """Give the terminal back as it was, at once, for the program is being ended by a signal."""
        with suppress(OSError):
            os.write(1, _RESET.encode())
        if self._terminal is not None:
            with suppress(termios.error, OSError):
                termios.tcsetattr(0, termios.TCSANOW, self._terminal)

    # The keys

    @property
    def has_options(self) -> bool:
        """Whether suggestions are shown."""
        return self.options is not None

    @property
    def draft(self) -> str:
        """What is written in the field."""
        return self.field.text

    def enter(self) -> None:
        """Send what is written, or carry it out; a long text is asked about first."""
        text = self.field.text
        lines = text.strip().count("\n") + 1
        if lines > CONSENT_LINES_MAX and not self._lines_asked:
            self._lines_asked = lines
            return
        asked = read(text, self.model.aim())
        if isinstance(asked, Wrong):
            self.model.note(asked.problem)
            return
        self.field.reset(append_to_history=bool(text.strip()))
        self.options, self._lines_asked = None, 0
        if isinstance(asked, Local):
            self._do_here(asked)
        elif isinstance(asked, Quit):
            self.end()
        elif asked is not None:
            self.model.sheet = ""
            self._view.follow()
            self.model.ask(asked)

    def _do_here(self, asked: Local) -> None:
        match asked:
            case Local("help"):
                self.show("help")
            case Local("who"):
                self.show("people")
            case Local("theme", name):
                self._change_theme(name)
            case Local("accept" | "decline" as which, sender):
                if not self.model.decide(sender, which == "accept"):
                    whose = f" of {sender}" if sender else ""
                    self.model.note(f"There is no file{whose} to {which}.")

    def _change_theme(self, name: str) -> None:
        if name not in THEMES:
            self.model.note(f"Write it as /theme NAME: {', '.join(THEMES)}. This one is {self._theme}.")
            return
        self._styles[name] = Style(list(styles(name).items()))
        self._theme = name
        _keep_theme(name, self._environ)

    def tab(self) -> None:
        """Take the chosen suggestion, or suggest names for the word before the cursor."""
        if self.options is None:
            self.options = names_at(self.field.document.text_before_cursor, self._known().names)
            self._chosen = 0
            if self.options is None or len(self.options.options) > 1:
                return
        self._insert()

    def _insert(self) -> None:
        options = self.options
        if options is None:
            return
        value = options.options[self._chosen].value
        self.options = None
        self.field.delete_before_cursor(options.length)
        self.field.insert_text(value if value.endswith("/") else f"{value} ")

    def choose(self, step: int) -> None:
        """Go up or down in the suggestions."""
        if self.options is not None:
            self._chosen = (self._chosen + step) % len(self.options.options)

    def escape(self) -> None:
        """Close the suggestions, the question about a long text, or the sheet; else go to the end of the talk."""
        if self.options is not None:
            self.options = None
        elif self._lines_asked:
            self._lines_asked = 0
        elif self.model.sheet:
            self.model.sheet = ""
        else:
            self._view.follow()

    def scroll_pages(self, pages: float) -> None:
        """Scroll the talk, or the sheet."""
        self._scroll(int(pages * max(self._height() - 6, 1)))

    def _scroll(self, rows: int) -> None:
        if self.model.sheet:
            self._sheet_top = max(self._sheet_top + rows, 0)
            return
        height = max(self._height() - 4, 1)
        self._view.scroll(rows, self._look(), self._days())
        self._view.rows(self._look(), height, self._days())
        if rows < 0 and self._view.at_top:
            self.model.ask_earlier()
        self._looks()

    def follow(self) -> None:
        """Go to the end of the talk."""
        self.model.sheet = ""
        self._view.follow()
        self._looks()

    def show(self, sheet: str) -> None:
        """Show a sheet in place of the talk, or the talk again."""
        self._sheet_top = 0
        self.model.sheet = "" if self.model.sheet == sheet else "help" if sheet == "help" else "people"

    def write(self, text: str) -> None:
        """Begin a command in the field, before what is written there."""
        if not self.field.text.startswith(text):
            self.field.document = Document(text + self.field.text, len(text))

    def decide(self, yes: bool) -> None:
        """Answer the question about a file."""
        self.model.decide("", yes)

    def interrupt(self) -> None:
        """Clear the field, or leave with the status of an interrupt."""
        if self.field.text and not self._leaving:
            self.field.reset(append_to_history=True)
            self.options, self._lines_asked = None, 0
            return
        self._interrupted = True
        self.end()

    def end(self) -> None:
        """Leave: say so to the server, and wait until it has heard that; at the second time leave at once."""
        if self._leaving:
            self._exit()
            return
        self._leaving = True
        self._outgoing.ask(Quit())

    def stop(self) -> None:
        """Stop the program until the shell has it go on, with the terminal as the shell had it."""
        # To this thread, which would otherwise run on for a moment, and take the terminal again before all stop.
        run_in_terminal(partial(signal.pthread_kill, threading.get_ident(), signal.SIGTSTP))

    def look(self, looks: bool) -> None:
        """Note whether the terminal has the focus."""
        self._has_focus = looks
        self._looks()

    def _looks(self) -> None:
        self.model.look(self._has_focus and self._view.follows)

    # What is typed

    def _typed(self, _: Buffer) -> None:
        self._lines_asked = 0
        now = time.monotonic()
        left = self.model.idle_left()
        due = left is not None and (self.model.idle_until or left < self.model.idle_seconds_max / 2)
        if due and now - self._signed_at >= SIGN_SECONDS_MIN:
            self._signed_at = now
            self.model.idle_until = 0.0
            self._outgoing.ask(Here())
        self._suggest()

    def _moved(self, _: Buffer) -> None:
        if self.options is not None:
            self._suggest()

    def _suggest(self) -> None:
        self.options = suggest(self.field.document.text_before_cursor, self._known())
        self._chosen = 0

    def _known(self) -> Known:
        model = self.model
        names = [name for name in model.roster.seated if name != model.name]
        channels = [(info.name, info.topic) for info in model.channels if info.name != model.channel]
        return Known(names, channels, model.commands())

    # Calling, and the title

    def _call(self, why: str) -> None:
        """Call a person, by the bell and the terminal's title."""
        if not self._has_focus:
            self._called = f"★ {why}"
        self._app.output.bell()

    def _before_render(self, app: Application[None]) -> None:
        model, now = self.model, time.monotonic()
        app.min_redraw_interval = 0.0 if model.phase == "entering" else REDRAW_SECONDS_MIN  # one waits for the first
        if model.phase == "waiting" and not model.away and now - self._asked_place_at >= PLACE_SECONDS:
            self._asked_place_at = now
            self._outgoing.ask(AskPlace())
        if self._has_focus:
            self._called = ""
        count = f"({model.new}) " if model.new else ""
        title = self._called or f"{count}{plain(model.channel or 'Antechamber')}"
        if title != self._title:
            self._title = title
            app.output.set_title(title)

    # What is drawn

    def _columns(self) -> int:
        return self._app.output.get_size().columns

    def _height(self) -> int:
        return self._app.output.get_size().rows

    def _look(self) -> Look:
        side = panels.SIDE_CELLS + 1 if self._has_side() else 0
        return Look(self._columns() - side, self.model.name)

    def _days(self) -> Days:
        return Days(time.time(), Offsets())

    def _has_side(self) -> bool:
        return self._columns() >= panels.SIDE_FROM_COLUMNS and self.model.phase == "seated"

    def _parts(self) -> Parts:
        parts, model = Parts(), self.model
        parts.head = lambda columns, _: [panels.header(model, columns)]
        parts.talk = self._draw_talk
        parts.side = lambda columns, rows: panels.people(model, columns, rows)
        parts.alarm = lambda columns, _: [panels.idle_warning(model, columns)]
        parts.above = lambda columns, _: [panels.above_the_field(model, columns, self.field.text, self._lines_asked)]
        parts.status = lambda columns, _: [panels.status(model, columns, time.strftime("%H:%M"))]
        parts.box = lambda columns, _: panels.question(model, columns, self._files_folder)
        parts.options = self._draw_options
        parts.scroll = self._scroll
        parts.has_head = lambda: self._height() >= HEADER_FROM_ROWS
        parts.has_side = self._has_side
        parts.has_alarm = lambda: bool(model.idle_until)
        return parts

    def _draw_talk(self, columns: int, height: int) -> list[Row]:
        model = self.model
        if model.sheet:
            return self._draw_sheet(columns, height)
        if model.phase == "waiting":
            return panels.line(model, columns, height)
        look = Look(columns, model.name)
        unsent: list[Row] = []
        if self._view.follows:
            for text in model.unsent.values() if model.away else ():
                unsent += rows_of(Item("pending", model.server_now(), text, model.name), look)
        unsent = unsent[-max(height - 1, 0) :]
        rows = self._view.rows(look, height - len(unsent), self._days()) + unsent
        return [[]] * (height - len(rows)) + rows

    def _draw_sheet(self, columns: int, height: int) -> list[Row]:
        model = self.model
        if model.sheet == "help":
            rows = panels.help_sheet(model, columns)
        elif model.sheet == "people":
            rows = panels.people(model, columns, max(height, len(model.roster.seated) + len(model.roster.waiting) + 6))
        else:
            rows = panels.found_sheet(model, columns)
        self._sheet_top = max(min(self._sheet_top, len(rows) - height), 0)
        return rows[self._sheet_top : self._sheet_top + height]

    def _draw_options(self, columns: int, _: int) -> list[Row]:
        options = self.options
        if options is None:
            return []
        first = max(self._chosen - _OPTIONS_SHOWN + 1, 0)
        inner, body = columns - 2, []
        for number, option in enumerate(options.options[first : first + _OPTIONS_SHOWN], first):
            chosen = number == self._chosen
            label = padded(plain(option.label), min(22, inner - 4)) if option.detail else plain(option.label)
            text = padded(f" {'▸' if chosen else ' '} {label}  {plain(option.detail)}", inner)
            body.append([("class:chosen" if chosen else "", text)])
        more = len(options.options) - len(body)
        how = f"Tab takes it, ↑ ↓ choose, Esc closes{f', {more} more' * bool(more)}"
        return boxed(options.title, body, columns, clipped(how, inner))


def _colour_depth(environ: Mapping[str, str]) -> ColorDepth | None:
    """Return how many colours are used: none with NO_COLOR (no-color.org); None as the library finds it out."""
    if environ.get("NO_COLOR"):
        return ColorDepth.DEPTH_1_BIT
    return ColorDepth.DEPTH_24_BIT if environ.get("COLORTERM") in ("truecolor", "24bit") else None


def _with_tilde(folder: str, environ: Mapping[str, str]) -> str:
    """Return a folder as a person writes it, if it is in the home folder."""
    home = environ.get("HOME", "").rstrip("/")
    return f"~{folder.removeprefix(home)}" if home and folder.startswith(f"{home}/") else folder


def _theme_path(environ: Mapping[str, str]) -> str:
    return os.path.join(state_folder(environ), "theme")


def _kept_theme(environ: Mapping[str, str]) -> str:
    try:
        with open(_theme_path(environ), encoding="utf-8", errors="replace") as file:
            return file.read(100).strip()
    except OSError:
        return ""


def _keep_theme(name: str, environ: Mapping[str, str]) -> None:
    with suppress(OSError):
        os.makedirs(state_folder(environ), mode=0o700, exist_ok=True)
        with open(_theme_path(environ), "w", encoding="utf-8") as file:
            file.write(f"{name}\n")
