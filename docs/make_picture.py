"""Make the README's picture: `python3 docs/make_picture.py`, or with a path, to make it there.

It runs the real server and real clients, each in a tmux terminal, types what people type, waits for what they
read, and draws three of the screens into `docs/images/session.svg`. The typed commands are redirected to free ports and
a temporary folder, so no running server is disturbed.
"""

import os
import re
import shlex
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, suppress
from html import escape
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "images" / "session.svg"
COLUMNS, ROWS = 100, 40
WAIT_SECONDS_MAX = 60.0

SHELL = r"""
PS1='$ '
python3() {
    case $1 in
        chatserver.py) (cd "$ROOT" && command python3 "$1" "$OLDPWD/$2" --port "$DESK" --data :memory:) ;;
        chatclient.py) command python3 "$ROOT/$1" "$DOOR" "${@:3}" ;;
    esac
}
"""
"""A shell function that redirects the README's commands to this server's ports."""
TITLES = ("the server", "Mary, who teaches", "Zoe, who has waited")
TOKEN = "S2ksxQ5bHNrXbHXaDYHgPpDPG9zW1yK5Ma0v6kRkWcE"
CELL_WIDTH, LINE_HEIGHT, FONT_SIZE = 8.4, 19, 14
PADDING, TITLE_HEIGHT, GAP = 14, 30, 14


def hold_port(stack: ExitStack) -> int:
    """Return an unused port: it is bound here, so nobody else gets it, but a server may open it."""
    held = stack.enter_context(socket.socket())
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind(("127.0.0.1", 0))
    port: int = held.getsockname()[1]
    return port


def replies(port: int) -> bool:
    """Return whether anybody listens on `port`."""
    with suppress(OSError), socket.create_connection(("localhost", port)):
        return True
    return False


def wait_until_free(port: int) -> None:
    """Wait until nobody listens on `port` any more."""
    deadline = time.monotonic() + WAIT_SECONDS_MAX
    while replies(port):
        if time.monotonic() > deadline:
            sys.exit(f"the server on port {port} does not end")
        time.sleep(0.02)


class Tmux:
    """Our own tmux server, with a terminal for each person."""

    def __init__(self, folder: Path) -> None:
        self._ports = ExitStack()
        self.door, desk, *others = ports = [hold_port(self._ports) for _ in range(4)]
        self.shown_ports = dict(zip(map(str, ports), ("9001", "9876", "9002", "9003"), strict=True))
        """The README's port for each real one."""
        (folder / "shell").write_text(SHELL)
        channels = zip(("general", "games", "help"), (self.door, *others), strict=True)
        (folder / "configfile").write_text("".join(f"channel {name} {port} 5\n" for name, port in channels))
        self._folder = folder
        self._command = ["tmux", "-u", "-L", f"antechamber-picture-{os.getpid()}", "-f", os.devnull]
        self._environment = os.environ | {"TERM": "xterm", "ROOT": str(ROOT), "DOOR": str(self.door), "DESK": str(desk)}
        self._environment.pop("TMUX", None)

    def run(self, *words: str) -> str:
        """Run a tmux command and return its output."""
        command = [*self._command, *words]
        return subprocess.run(
            command, env=self._environment, cwd=self._folder, check=True, capture_output=True, text=True
        ).stdout

    def open(self, name: str) -> "Screen":
        """Open a terminal with a shell in it."""
        size = ["-x", str(COLUMNS), "-y", str(ROWS)]
        self.run("new-session", "-d", "-s", name, *size, "bash --noprofile --rcfile shell")
        return Screen(self, name)

    def close(self) -> None:
        """End everything in the terminals: the server first, which would reload on losing its terminal."""
        if replies(self.door):
            self.run("send-keys", "-t", "server", "C-c")
            wait_until_free(self.door)
        subprocess.run([*self._command, "kill-server"], check=False, capture_output=True)
        self._ports.close()


class Screen:
    """One terminal."""

    def __init__(self, tmux: Tmux, name: str) -> None:
        self.name = name
        self._tmux = tmux
        self.shows("$")

    def types(self, line: str) -> None:
        """Type a line."""
        self._tmux.run("send-keys", "-t", self.name, "-l", line)
        self._tmux.run("send-keys", "-t", self.name, "Enter")

    def lines(self) -> list[str]:
        """Return the lines on the screen, with the README's ports and a made-up token."""
        shown = re.sub(r"(?<=operator#)\S+", TOKEN, self._tmux.run("capture-pane", "-p", "-t", self.name))
        for port, shown_port in self._tmux.shown_ports.items():
            shown = re.sub(rf"\b{port}\b", shown_port, shown)
        return shown.rstrip("\n").split("\n")

    def shows(self, text: str) -> None:
        """Wait until `text` is on the screen."""
        deadline = time.monotonic() + WAIT_SECONDS_MAX
        while text not in "\n".join(self.lines()):
            if time.monotonic() > deadline:
                sys.exit(f"{self.name} does not read {text!r}, but:\n" + "\n".join(self.lines()))
            time.sleep(0.02)


def play(tmux: Tmux) -> list[Screen]:
    """Play an office hour, and return the screens to be shown."""
    server = tmux.open("server")
    server.types("python3 chatserver.py configfile")
    server.shows("to stop")
    people: dict[str, Screen] = {}

    def comes(name: str, *, reads: str) -> None:
        people[name] = tmux.open(name)
        people[name].types(f"python3 chatclient.py 9001 {shlex.quote(name)} --plain")
        people[name].shows(reads)

    def says(name: str, line: str, *, reader: Screen, reads: str) -> None:
        people[name].types(line)
        reader.shows(reads)

    comes_in = "has joined the channel."
    for name in ("Ann", "Ben", "Cho", "Bob", "Mary"):
        comes(name, reads=f"{name} {comes_in}")
    comes("Yan", reads="0 user(s) ahead")
    comes("Zoe", reads="1 user(s) ahead")
    says("Mary", "Good morning! Who is first?", reader=server, reads="] Good morning!")
    says("Ben", "Me, me, me!", reader=people["Mary"], reads="me, me!")
    server.shows("me, me!")
    server.types("/mute general:Ben 30")
    server.shows("Muted Ben")
    says("Bob", "/whisper Mary May I ask about the essay?", reader=people["Mary"], reads="whispers to you")
    says("Cho", "/quit", reader=people["Mary"], reads="Yan has joined")
    people["Zoe"].shows("0 user(s) ahead")
    says("Zoe", "/list", reader=people["Zoe"], reads="[Channel] help")
    says("Ann", "/quit", reader=people["Zoe"], reads="Zoe has joined")
    says("Zoe", "Hello! That was quick.", reader=people["Mary"], reads="That was quick.")
    server.shows("That was quick.")
    return [server, people["Mary"], people["Zoe"]]


class Window(NamedTuple):
    """A terminal to be drawn."""

    title: str
    lines: list[str]

    @property
    def height(self) -> int:
        """Return its height in pixels."""
        return TITLE_HEIGHT + 2 * PADDING + LINE_HEIGHT * len(self.lines)


def draw(windows: list[Window]) -> str:
    """Return the windows as SVG, one below the other."""
    width = COLUMNS * CELL_WIDTH + 2 * PADDING
    height = sum(window.height for window in windows) + GAP * (len(windows) - 1)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height}" width="{width:g}" role="img">',
        "<title>A server and two of its clients in their terminals</title>",
        "<style>text{font:"
        f"{FONT_SIZE}px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;"
        "fill:#dfe3ea;white-space:pre}.title{fill:#9aa4b5;text-anchor:middle}</style>",
    ]
    top = 0
    for window in windows:
        parts += draw_window(window, top, width)
        top += window.height + GAP
    return "\n".join([*parts, "</svg>", ""])


def draw_window(window: Window, top: int, width: float) -> list[str]:
    """Return one window as SVG. Each line has a fixed length, so every font shows it alike."""
    parts = [
        f'<rect y="{top}" width="{width:g}" height="{window.height}" rx="8" fill="#1b1f27"/>',
        f'<path d="M0 {top + TITLE_HEIGHT}v-22a8 8 0 0 1 8-8h{width - 16:g}a8 8 0 0 1 8 8v22z" fill="#2a303c"/>',
        *(
            f'<circle cx="{PADDING + 6 + 18 * number}" cy="{top + TITLE_HEIGHT // 2}" r="5" fill="{colour}"/>'
            for number, colour in enumerate(("#e0645c", "#e0ad4f", "#5fb35f"))
        ),
        f'<text class="title" x="{width / 2:g}" y="{top + 20}">{escape(window.title)}</text>',
    ]
    for number, line in enumerate(window.lines):
        if line.strip():
            y = top + TITLE_HEIGHT + PADDING + LINE_HEIGHT * number + FONT_SIZE
            length = len(line) * CELL_WIDTH
            parts.append(f'<text x="{PADDING}" y="{y}" textLength="{length:g}">{escape(line)}</text>')
    return parts


def main() -> None:
    """Make the picture."""
    # The first start of a checkout prints more than people see every day.
    subprocess.run(["python3", "chatclient.py", "--help"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    with tempfile.TemporaryDirectory() as folder:
        tmux = Tmux(Path(folder))
        try:
            screens = play(tmux)
            windows = [Window(title, screen.lines()) for title, screen in zip(TITLES, screens, strict=True)]
        finally:
            tmux.close()
    picture = Path(sys.argv[1]) if sys.argv[1:] else PICTURE
    picture.write_text(draw(windows), encoding="utf-8")
    print(picture)


if __name__ == "__main__":
    main()
