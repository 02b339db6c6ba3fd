"""What one reader of a chat reads, checked line by line as it comes.

Nothing here sleeps: a test waits for the very next line, and that nobody read anything before it is proven by its being
the next one.
"""

import os
import re
import select
import time
from typing import NoReturn

import pytest

SECONDS_MAX = 60.0
"""How long the next line may take on a slow machine. A test that passes never waits this long."""
_DAY_SECONDS = 86_400
_PLACEHOLDERS = {
    "<t>": r"(?P<t>\d\d:\d\d:\d\d)",  # the server's local time, which is checked
    "<time>": r"\d+(?:\.\d+)?",  # seconds since the epoch
    "<n>": r"\d+",
    "<*>": r".+",  # words that the contract leaves open
}


def says(text: str) -> str:
    """Return the template of a line in which the server itself says `text`."""
    return f"[Server message (<t>)] {text}"


def pattern(template: str) -> re.Pattern[str]:
    """Return what matches `template` to the character, its placeholders aside."""
    pieces = re.split("(<t>|<time>|<n>|<\\*>)", template)
    return re.compile("".join(_PLACEHOLDERS.get(piece) or re.escape(piece) for piece in pieces))


class Transcript:
    """The lines that come out of a descriptor, in order. `utc_offset_seconds` is the local time less UTC of `<t>`."""

    def __init__(self, reader: str, descriptor: int, utc_offset_seconds: int | None = None) -> None:
        self.reader = reader
        self.lines: list[str] = []
        """Every line taken so far."""
        self._descriptor = descriptor
        self._utc_offset_seconds = utc_offset_seconds
        self._begun_at = time.time()
        self._pending = b""
        self._ended = False
        self._waited_in_vain = False

    def reads(self, *templates: str) -> None:
        """See to it that the next lines are these."""
        for template in templates:
            line = self.next_line(f"the line {template!r}")
            if line is None:
                self.fail(f"read no more, and not {template!r}")
            self._check(line, template)

    def reads_up_to(self, template: str) -> list[str]:
        """Take lines up to and with the first that is `template`, and return those before it."""
        before: list[str] = []
        wanted = pattern(template)
        while True:
            line = self.next_line(f"the line {template!r}")
            if line is None:
                self.fail(f"read no more, and no {template!r}")
            if wanted.fullmatch(line):
                return before
            before.append(line)

    def reads_the_rest(self) -> list[str]:
        """Take and return the lines up to the end; the last may be half a line, which is left out."""
        rest: list[str] = []
        while not (self._ended and b"\n" not in self._pending):
            line = self.next_line("the end", whole=False)
            if line is not None:
                rest.append(line)
        return rest

    def forgets(self) -> None:
        """Begin anew: the lines so far are of no interest any more."""
        self.lines.clear()
        self._begun_at = time.time()

    def reads_the_end(self) -> None:
        """See to it that there is not one line more, and that the stream has ended."""
        if (line := self.next_line("the end")) is not None:
            self.fail(f"read {line!r} in place of the end")

    def next_line(self, wanted: str, whole: bool = True) -> str | None:
        """Return the next line without its newline, None at the end.

        Fail where it takes too long or, where lines are to be `whole`, half of one is the last.
        """
        deadline = time.monotonic() + (1 if self._waited_in_vain else SECONDS_MAX)
        while b"\n" not in self._pending and not self._ended:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self._descriptor], [], [], left)[0]:
                self._waited_in_vain = True  # so the tests that share a server which hangs need not wait as long each
                self.fail(f"waited in vain for {wanted}")
            self._take()
        if self._ended and b"\n" not in self._pending:
            if self._pending and whole:
                self.fail(f"read half a line: {self._pending!r}")
            return None
        taken, _, self._pending = self._pending.partition(b"\n")
        self.lines.append(taken.decode())
        return self.lines[-1]

    def fail(self, problem: str) -> NoReturn:
        """Fail the test, and show what was read so far."""
        pending = self._pending.decode(errors="replace").splitlines()
        shown = "\n".join(["", *(f"    {line}" for line in self.lines), *(f"  ? {line}" for line in pending)])
        pytest.fail(f"{self.reader} {problem}; so far:{shown}")

    def _take(self) -> None:
        try:
            data = os.read(self._descriptor, 65_536)
        except ConnectionResetError:
            data = b""
        self._pending += data
        self._ended = not data

    def _check(self, line: str, template: str) -> None:
        match = pattern(template).fullmatch(line)
        if match is None:
            self.fail(f"read {line!r} in place of {template!r}")
        elif "<t>" in template and not self._is_of_now(match["t"]):
            self.fail(f"read a time that is not now in {line!r}")

    def _is_of_now(self, clock: str) -> bool:
        """Say whether `clock` is a time of the server's day between this transcript's beginning and now."""
        hours, minutes, seconds = map(int, clock.split(":"))
        offset = self._utc_offset_seconds
        if offset is None:
            offset = time.localtime().tm_gmtoff
        since = (hours * 3_600 + minutes * 60 + seconds - int(self._begun_at + offset)) % _DAY_SECONDS
        return since <= time.time() - self._begun_at + 1
