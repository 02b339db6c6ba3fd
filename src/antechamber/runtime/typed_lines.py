"""The history of typed lines across runs: one bounded file of the user's, for the user's eyes alone."""

import os
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import suppress

from antechamber.runtime.paths import state_folder

LINES_MAX = 500
"""Lines that are remembered."""
LINE_CHARACTERS_MAX = 4_000
"""Length of a remembered line, in Unicode code points; a longer one is not kept for another run."""
_FILE_LINES_MAX = 2 * LINES_MAX
"""Lines of the file before it is written anew with the latest `LINES_MAX`."""
_MODE = 0o600


class TypedLines:
    """What was typed, oldest first. Losing it is no error: a file that cannot be read or written is left alone.

    Each line of the file is one typed text, in which a backslash stands before `n` for a newline and before itself.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._lines: deque[str] = deque(maxlen=LINES_MAX)
        self._in_file = 0
        with suppress(OSError), open(path, encoding="utf-8", errors="replace", newline="\n") as file:
            for line in file:
                self._in_file += 1
                self._lines.append(_unescaped(line.rstrip("\n")))

    def __iter__(self) -> Iterator[str]:
        """Iterate over the lines, oldest first."""
        return iter(self._lines)

    def add(self, line: str) -> None:
        """Remember a line, unless it is empty or the very one before."""
        if not line.strip() or (self._lines and self._lines[-1] == line):
            return
        self._lines.append(line)
        if len(line) <= LINE_CHARACTERS_MAX:
            with suppress(OSError):
                self._keep(line)

    def _keep(self, line: str) -> None:
        os.makedirs(os.path.dirname(self._path), mode=0o700, exist_ok=True)
        if self._in_file >= _FILE_LINES_MAX:
            self._write_anew()
            return
        with os.fdopen(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, _MODE), "ab") as file:
            file.write(_escaped(line))
        self._in_file += 1

    def _write_anew(self) -> None:
        """Replace the file by one with the lines that are remembered, at once and whole."""
        half = f"{self._path}.{os.getpid()}"
        with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _MODE), "wb") as file:
            file.writelines(map(_escaped, self._lines))
        os.replace(half, self._path)
        self._in_file = len(self._lines)


def typed_lines_of(program: str, environ: Mapping[str, str] = os.environ) -> TypedLines:
    """Return the history of the lines that were typed into `program`, from the user's state folder."""
    return TypedLines(os.path.join(state_folder(environ), f"{program}-history"))


def _escaped(line: str) -> bytes:
    return line.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "").encode(errors="replace") + b"\n"


def _unescaped(line: str) -> str:
    """Return the text of a line of the file; a backslash before anything else stands for itself."""
    return "\\".join(part.replace("\\n", "\n") for part in line.split("\\\\"))
