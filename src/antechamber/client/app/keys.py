"""The keys of the app; all others are those of a line editor as in Emacs, as shells have them."""

from collections.abc import Callable
from typing import Protocol

from prompt_toolkit.filters import Always, Condition, Filter
from prompt_toolkit.input.ansi_escape_sequences import ANSI_SEQUENCES
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys

FOCUS_IN, FOCUS_OUT = Keys.ControlF23, Keys.ControlF24
"""Keys that no keyboard sends, for what terminals report of the focus (xterm, mode 1004)."""
ANSI_SEQUENCES["\x1b[I"] = FOCUS_IN
ANSI_SEQUENCES["\x1b[O"] = FOCUS_OUT


class Pressed(Protocol):
    """What the keys do."""

    def enter(self) -> None:
        """Send what is written, or carry it out."""

    def tab(self) -> None:
        """Complete what is written."""

    def choose(self, step: int) -> None:
        """Go up or down in the suggestions."""

    def escape(self) -> None:
        """Close what is open."""

    def scroll_pages(self, pages: float) -> None:
        """Scroll by so many pages."""

    def follow(self) -> None:
        """Go to the end of the talk."""

    def show(self, sheet: str) -> None:
        """Show a sheet in place of the talk, or the talk again."""

    def write(self, text: str) -> None:
        """Begin a command in the field."""

    def decide(self, yes: bool) -> None:
        """Answer the question about a file."""

    def interrupt(self) -> None:
        """Clear the field, or leave with the status of an interrupt."""

    def end(self) -> None:
        """Leave."""

    def stop(self) -> None:
        """Stop the program until the shell has it go on."""

    def look(self, looks: bool) -> None:
        """Note whether the terminal has the focus."""

    @property
    def has_options(self) -> bool:
        """Whether suggestions are shown."""

    @property
    def draft(self) -> str:
        """What is written in the field."""


def bindings(app: Pressed) -> KeyBindings:
    """Return what each key does."""
    keys = KeyBindings()
    is_empty = Condition(lambda: not app.draft)
    _bind_field(keys, app)
    _bind_suggestions(keys, app)

    def does(act: Callable[[], object], *pressed: str, when: Filter = Always()) -> None:  # noqa: B008
        keys.add(*pressed, filter=when)(lambda _: act())

    does(app.escape, "escape")
    does(lambda: app.scroll_pages(-1), "pageup")
    does(lambda: app.scroll_pages(1), "pagedown")
    does(app.follow, "c-end")
    does(app.follow, "end", when=is_empty)
    does(lambda: app.show("help"), "f1")
    does(lambda: app.show("people"), "f2")
    does(lambda: app.write("/search "), "f3")
    does(lambda: app.decide(True), "f7")
    does(lambda: app.decide(False), "f8")
    does(app.interrupt, "c-c")
    does(app.interrupt, "<sigint>")
    does(app.end, "c-d", when=is_empty)
    does(app.stop, "c-z")
    does(lambda: app.look(True), FOCUS_IN)
    does(lambda: app.look(False), FOCUS_OUT)
    return keys


def _bind_field(keys: KeyBindings, app: Pressed) -> None:
    @keys.add("enter")
    def _enter(_: KeyPressEvent) -> None:
        app.enter()

    @keys.add("escape", "enter")
    @keys.add("c-j")
    def _new_line(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")


def _bind_suggestions(keys: KeyBindings, app: Pressed) -> None:
    has_options = Condition(lambda: app.has_options)
    keys.add("tab")(lambda _: app.tab())
    for key, step in (("up", -1), ("s-tab", -1), ("down", 1)):
        keys.add(key, filter=has_options)(lambda _, step=step: app.choose(step))
