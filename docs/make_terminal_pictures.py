"""Make the pictures of the terminal: `python3 docs/make_terminal_pictures.py`, or with a folder, to make them there.

It runs the real server and real clients, each in a terminal of tmux's own, types what people type, waits for what they
see, and draws the screens into `docs/images/terminal-*.svg`. It needs what the tests need (`./check` sets that up), and
disturbs no running server.
"""

import os
import shlex
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from html import escape
from itertools import groupby
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))

from antechamber.bootstrap.launch import add_folders  # noqa: E402

add_folders(str(ROOT), "tests")

import pyte  # noqa: E402

from tests.processes.programs import CHECKOUT, Programs  # noqa: E402
from tests.processes.screens import Screen, Terminals, terminals_in  # noqa: E402

PICTURES = ROOT / "docs" / "images"
TOPIC = "Help with exercises 1 to 6. Bring the exercise number, and what you expected."
CELL_WIDTH, LINE_HEIGHT, FONT_SIZE, PADDING = 8.4, 18, 14, 12
GROUND, INK = "#191817", "#e8e4dc"
COLOURS = {"black": "#2e3436", "red": "#ef5350", "green": "#98d898", "brown": "#f0b060", "blue": "#9cc3ff"}
COLOURS |= {"magenta": "#d9a3d9", "cyan": "#7fd8cc", "white": "#e8e4dc"}
"""What the picture of a plain terminal shows for the colours that it has."""


class Office:
    """An office hour: a server, and people at terminals."""

    def __init__(self, programs: Programs, terminals: Terminals) -> None:
        self._programs = programs
        self._terminals = terminals
        self.ports = {name: programs.ports.take() for name in ("cs101-help", "lab-2", "off-topic")}
        self._desk = programs.ports.take()
        self._config = programs.folder / "office.toml"
        channels = "".join(
            f'[[channel]]\nname = "{name}"\nport = {port}\nseats = 5\ntopic = "{TOPIC}"\n'
            f"idle_seconds_max = {15 if name == 'lab-2' else 600}\n"
            for name, port in self.ports.items()
        )
        limits = "[limits]\nheld_visit_seconds_min = 0\nseat_hold_seconds = 3000\n"
        self.folder = programs.folder
        (self.folder / "notes.txt").write_bytes(b"x" * 12_345)
        self._config.write_text(limits + channels, encoding="utf-8")
        self.server = self._serve("server")

    def _serve(self, name: str) -> Screen:
        data = self._programs.folder / "office.db"
        words = [sys.executable, str(CHECKOUT / "chatserver.py"), str(self._config), "--port", str(self._desk)]
        script = f"{shlex.join([*words, '--data', str(data)])}; exec cat"
        server = self._terminals.screen(name, ["sh", "-c", script], 100, 30)
        server.shows("to stop", "antechamber>")
        return server

    def sits(
        self, name: str, theme: str = "dark", columns: int = 100, rows: int = 30, channel: str = "cs101-help"
    ) -> Screen:
        """Start the app of somebody."""
        words = [sys.executable, str(CHECKOUT / "chatclient.py"), str(self.ports[channel]), name]
        words += ["--front-desk", str(self._desk)]
        script = f"COLORTERM=truecolor ANTECHAMBER_THEME={theme} exec {shlex.join(words)}"
        return self._terminals.screen(name, ["sh", "-c", script], columns, rows)

    def is_killed(self) -> None:
        """Kill the server."""
        pid = self._terminals.run("list-panes", "-t", self.server.name, "-F", "#{pane_pid}").strip()
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            os.kill(int(child), signal.SIGKILL)

    def drawn(self, screen: Screen) -> list[list[pyte.screens.Char]]:
        """Return the cells of a terminal."""
        size = self._terminals.run("display-message", "-p", "-t", screen.name, "#{window_width} #{window_height}")
        columns, rows = map(int, size.split())
        emulated = pyte.Screen(columns, rows)
        text = self._terminals.run("capture-pane", "-p", "-e", "-N", "-t", screen.name)
        pyte.Stream(emulated).feed(text.rstrip("\n").replace("\n", "\r\n"))
        return [[emulated.buffer[row][column] for column in range(columns)] for row in range(rows)]


def svg(cells: list[list[pyte.screens.Char]], title: str) -> str:
    """Return a terminal as SVG. Each run of text has a fixed length, so every font shows it alike."""
    width, height = len(cells[0]) * CELL_WIDTH + 2 * PADDING, len(cells) * LINE_HEIGHT + 2 * PADDING
    ground = colour(cells[len(cells) // 2][0].bg, GROUND)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height}" width="{width:g}" role="img">',
        f"<title>{escape(title)}</title>",
        f"<style>text{{font:{FONT_SIZE}px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;"
        "white-space:pre}</style>",
        f'<rect width="{width:g}" height="{height}" rx="8" fill="{ground}"/>',
    ]
    for number, row in enumerate(cells):
        parts += drawn_row(row, PADDING + number * LINE_HEIGHT, ground)
    return "\n".join([*parts, "</svg>", ""])


def drawn_row(row: list[pyte.screens.Char], top: int, ground: str) -> Iterator[str]:
    """Yield what draws a row: each run of cells that look alike."""
    column = 0
    for (fore, back, bold), run in groupby(row, looks):
        cells = list(run)
        text = "".join(cell.data for cell in cells)
        left, length = PADDING + column * CELL_WIDTH, len(cells) * CELL_WIDTH
        column += len(cells)
        if back != ground:
            yield f'<rect x="{left:g}" y="{top}" width="{length:g}" height="{LINE_HEIGHT}" fill="{back}"/>'
        if text.strip():
            weight = ' font-weight="bold"' * bold
            place = f'x="{left:g}" y="{top + FONT_SIZE}" textLength="{length:g}"'
            yield f'<text {place} fill="{fore}"{weight}>{escape(text)}</text>'


def looks(cell: pyte.screens.Char) -> tuple[str, str, bool]:
    """Return how a cell looks: its colours, and whether it is bold."""
    fore, back = colour(cell.fg, INK), colour(cell.bg, GROUND)
    return (back, fore, cell.bold) if cell.reverse else (fore, back, cell.bold)


def colour(name: str, default: str) -> str:
    """Return a colour of the emulator's as SVG has it."""
    return default if name == "default" else COLOURS.get(name.removeprefix("bright"), f"#{name}")


Keep = Callable[[str, Screen, str], None]
"""What keeps a picture under its name, with what it shows."""


def play(office: Office, keep: Keep) -> None:
    """Play an office hour, and keep the pictures."""
    noor = office.sits("Noor")
    noor.shows("You have a seat now.", "1 of 5")
    ada = office.sits("Ada", "light")
    ada.shows("You have a seat now.", "Noor")
    office.server.presses("C-l")
    office.server.types("/mode cs101-help +o Ada")
    ada.shows("@Ada")
    noor.types("Is ex. 4 for this week or the next?")
    ada.shows("next?")
    ada.types("The next. Today is 1 to 3.")
    noor.shows("Today is 1 to 3.")
    jonas = office.sits("Jonas", "light")
    jonas.shows("You have a seat now.", "Today is 1 to 3.")
    office.server.types("/say cs101-help Exercise 3 has a slip on the sheet: the queue holds 8, not 10.")
    jonas.shows("not 10.")
    jonas.pastes("Invalid write of size 8\n   at push (list.c:41)\n   by main (test.c:12)")
    jonas.presses("Enter")
    ada.shows("by main (test.c:12)")
    ada.types("/whisper Jonas That is off by one, count again.")
    jonas.shows("(only you) That is off by one, count again.")
    noor.types("Jonas, I had the same. What does your loop start with?")
    jonas.shows("I had the same")
    small = office.sits("Tomasz", "dark", 80, 24)
    small.shows("I had the same")
    ben = office.sits("Ben", "light")
    ben.shows("I had the same", "5 of 5")
    jonas.shows("Ben took a seat.")
    noor.shows("Ben took a seat.")
    keep("seat", jonas, "A seat in the app: the talk, a whisper, an announcement, and who sits and waits beside it")
    keep("dark", noor, "The same in dark")
    people = {"small": small, "jonas": jonas, "noor": noor, "ada": ada}
    _show_views(office, people, keep)
    _show_the_rest(office, people, keep)


def _show_views(office: Office, people: dict[str, Screen], keep: Keep) -> None:
    small, jonas = people["small"], people["jonas"]
    small.writes("Got it, the length was one short. Thank you!")
    small.shows("Thank you!")
    keep("small", small, "80 by 24: the people are on a key, and their numbers in the line at the bottom")
    mira = office.sits("Mira", "light", 80, 24)
    mira.shows("You are next")
    samir = office.sits("Samir", "light", 80, 24)
    samir.shows("You are 2nd in line", "2nd of 2")
    keep("line", samir, "Waiting in line: the place, the wait, the seats, and what can be done")
    jonas.writes("/s")
    jonas.shows("Tab takes it")
    keep("commands", jonas, "The commands that begin with /s, chosen by the arrows and Tab")
    jonas.presses("C-c")
    jonas.types("/search push")
    jonas.shows("1 message with push")
    keep("search", jonas, "What a search has found")
    jonas.presses("Escape")


def _show_the_rest(office: Office, people: dict[str, Screen], keep: Keep) -> None:
    noor, ada, jonas = people["noor"], people["ada"], people["jonas"]
    ada.types(f"/send Noor {office.folder}/notes.txt")
    noor.shows("A file for you")
    keep("file", noor, "A file is taken only by who wants it")
    noor.presses("F8")
    noor.hides("A file for you")
    kim = office.sits("Kim", channel="lab-2")
    kim.shows("You lose your seat in 0:05")
    keep("idle", kim, "A warning before a silent member loses the seat: any key keeps it")
    for typed, shown in (("/who cs101-help", "[Who]"), ("/list", "off-topic"), ("/mute cs101-help:Ben", "Usage:")):
        office.server.types(typed)
        office.server.shows(shown)
    office.server.writes("/kick cs101-help:")
    office.server.shows("antechamber> /kick cs101-help:")
    keep("console", office.server, "The server's console: the line that is typed stays whole")
    office.is_killed()
    jonas.shows("Trying again in")
    jonas.types("Are you still there?")
    jonas.shows("(not sent yet)", "nothing answers")
    keep("away", jonas, "A lost connection: the seat is kept, and what is written goes out later")


def make(folder: Path) -> list[Path]:
    """Make the pictures in a folder, and return their paths."""
    made: list[Path] = []
    with _house() as office:

        def keep(name: str, screen: Screen, title: str) -> None:
            path = folder / f"terminal-{name}.svg"
            path.write_text(svg(office.drawn(screen), title), encoding="utf-8")
            made.append(path)

        play(office, keep)
    return made


@contextmanager
def _house() -> Iterator[Office]:
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(Programs(Path(folder))) as programs,
        terminals_in(Path(folder)) as terminals,
    ):
        yield Office(programs, terminals)


if __name__ == "__main__":
    for each in make(Path(sys.argv[1]) if sys.argv[1:] else PICTURES):
        print(each)
