"""Programs that draw a screen, such as irssi and WeeChat, each in a terminal of tmux's own."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.processes.transcript import SECONDS_MAX

_COLUMNS, _ROWS = 140, 50
_IRSSI_CONFIG = """\
settings = {
  core = { server_reconnect_time = "1s"; };
  "irc/core" = { cmd_queue_speed = "10msec"; cmds_max_at_once = "100"; };
};
"""


class Screen:
    """A terminal in which a program runs."""

    def __init__(self, terminals: "Terminals", name: str) -> None:
        self.name = name
        self._terminals = terminals

    def types(self, *lines: str) -> None:
        """Type lines."""
        for line in lines:
            self._terminals.run("send-keys", "-t", self.name, "-l", line)
            self._terminals.run("send-keys", "-t", self.name, "Enter")

    def writes(self, text: str) -> None:
        """Write something without ending the line."""
        self._terminals.run("send-keys", "-t", self.name, "-l", text)

    def presses(self, *keys: str) -> None:
        """Press keys, as tmux names them, such as `C-c`, `F1` and `Enter`."""
        for key in keys:
            self._terminals.run("send-keys", "-t", self.name, key)

    def pastes(self, text: str) -> None:
        """Paste a text, which the terminal marks as such if the program asked for that."""
        path = self._terminals.folder / "pasted"
        path.write_text(text, encoding="utf-8")
        self._terminals.run("load-buffer", "-b", "pasted", str(path))
        self._terminals.run("paste-buffer", "-p", "-d", "-b", "pasted", "-t", self.name)

    def is_resized_to(self, columns: int, rows: int) -> None:
        """Change the size of the terminal."""
        self._terminals.run("resize-window", "-t", self.name, "-x", str(columns), "-y", str(rows))

    def line(self, number: int) -> str:
        """Return one line of the screen; the last ones have negative numbers."""
        return self.shown().removesuffix("\n").split("\n")[number]

    def shown(self) -> str:
        """Return what stands on the screen, each line without the blanks at its end."""
        return self._terminals.run("capture-pane", "-p", "-t", self.name)

    def hides(self, text: str) -> str:
        """See to it that the screen no longer shows a text before long; return it all."""
        deadline = time.monotonic() + SECONDS_MAX
        while text in (shown := self.shown()):
            if time.monotonic() > deadline:
                pytest.fail(f"{self.name} still shows {text!r}:\n{shown}")
            time.sleep(0.02)
        return shown

    def shows(self, *texts: str, times: int = 1) -> str:
        """See to it that the screen shows each of these, so many times, before long; return it all."""
        deadline = time.monotonic() + SECONDS_MAX
        shown = self.shown()
        while missing := [text for text in texts if shown.count(text) < times]:
            if time.monotonic() > deadline:
                pytest.fail(f"{self.name} does not show {missing}, but:\n{shown}")
            time.sleep(0.02)
            shown = self.shown()
        return shown


class Terminals:
    """A tmux server of the test's own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._command = ["tmux", "-u", "-S", str(folder / "tmux"), "-f", os.devnull]
        self._environment = os.environ | {"TERM": "xterm-256color", "HOME": str(folder), "LANG": "C.UTF-8"}
        self._environment.pop("TMUX", None)

    def run(self, *words: str) -> str:
        """Run a command of tmux's, and return what it prints."""
        command = [*self._command, *words]
        return subprocess.run(command, env=self._environment, check=True, capture_output=True, text=True).stdout

    def screen(self, name: str, program: Sequence[str], columns: int = _COLUMNS, rows: int = _ROWS) -> Screen:
        """Run a program in a terminal."""
        size = ("-x", str(columns), "-y", str(rows))
        self.run("new-session", "-d", "-s", name, *size, "--", *program)
        return Screen(self, name)

    def irssi(self, nick: str, port: int, *, password: str = "") -> Screen:
        """Run irssi, connected to a port of this machine, without the pauses that it makes by itself."""
        home = self.folder / f"irssi-{nick}"
        home.mkdir()
        (home / "config").write_text(_IRSSI_CONFIG)
        words = ["irssi", f"--home={home}", "-c", "127.0.0.1", "-p", str(port), "-n", nick]
        return self.screen(nick, [*words, "-w", password] if password else words)

    def weechat(self, nick: str, port: int, *, password: str = "") -> Screen:
        """Run WeeChat, connected to a port of this machine."""
        version = subprocess.run(["weechat", "--version"], check=True, capture_output=True, text=True).stdout
        plain = "-nossl" if int(version.partition(".")[0]) < 4 else "-notls"
        add = f"/server add antechamber 127.0.0.1/{port} {plain} -nicks={nick} -autoreconnect_delay=1"
        if password:
            add += f" -password={password}"
        return self.screen(
            nick, ["weechat", "-d", str(self.folder / f"weechat-{nick}"), "-r", f"{add};/connect antechamber"]
        )

    def close(self) -> None:
        """End every program in them."""
        # tmux only hangs up, which a server takes as the order to reload its config.
        listed = [*self._command, "list-panes", "-a", "-F", "#{pane_pid}"]
        found = subprocess.run(listed, env=self._environment, check=False, capture_output=True, text=True)
        subprocess.run([*self._command, "kill-server"], env=self._environment, check=False, capture_output=True)
        for pid in found.stdout.split():
            with suppress(ProcessLookupError):
                os.killpg(int(pid), signal.SIGKILL)


@contextmanager
def terminals_in(folder: Path) -> Iterator[Terminals]:
    """Give terminals for as long as the context lasts."""
    terminals = Terminals(folder)
    try:
        yield terminals
    finally:
        terminals.close()
