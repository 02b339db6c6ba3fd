"""Clocks of programs that a test sets, by Debian's `faketime`."""

import os
import subprocess
from pathlib import Path


class Clock:
    """The clocks that a program reads: all of them, or the time of day alone, where the steady one is the machine's.

    They run, ahead of the machine's or behind them. A program that waits notices by the next thing that happens to it.
    """

    def __init__(self, folder: Path, *, of_day_alone: bool = False) -> None:
        self.ahead_seconds = 0.0
        self._file = folder / "clock"
        self.set(0)
        faked = subprocess.run(["faketime", "-m", "-f", "+0", "env"], capture_output=True, check=True, text=True)
        preload = dict(line.split("=", 1) for line in faked.stdout.splitlines() if "=" in line)["LD_PRELOAD"]
        self.environment = {
            "LD_PRELOAD": preload,
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
        }
        """What a program finds that is to have this clock."""
        if of_day_alone:
            self.environment["FAKETIME_DONT_FAKE_MONOTONIC"] = "1"

    def set(self, ahead_seconds: float) -> None:
        """Set it so far ahead of the machine's, or behind it."""
        self.ahead_seconds = ahead_seconds
        new = self._file.with_suffix(".new")
        new.write_text(f"{ahead_seconds:+.3f}\n")
        os.replace(new, self._file)

    def goes_on(self, seconds: float) -> None:
        """Advance the clock by so much at once."""
        self.set(self.ahead_seconds + seconds)
