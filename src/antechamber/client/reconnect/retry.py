"""Connecting again after a lost connection: again and again, with growing pauses, until the person quits.

On a terminal one line shows the progress, drawn again only with each try, as the person may be typing there; elsewhere
a note comes now and then, ever more rarely.
"""

import os
import threading
import time
from collections.abc import Callable
from math import ceil

from antechamber.client.server_connection import ConnectionProblem, NoSuchChannel, ServerConnection
from antechamber.client.view import Notes
from antechamber.protocol.text import clean

PAUSE_SECONDS_MIN = 0.2
PAUSE_SECONDS_MAX = 15.0
NOTE_SECONDS_MIN = 60.0
"""How long after the loss the first note comes without a terminal; each next one takes twice as long."""
NOTE_SECONDS_MAX = 3600.0


def spell(seconds: float) -> str:
    """Return a time as a text: seconds up to two minutes, then minutes, then hours."""
    for unit, size in (("hours", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(seconds, 0):.0f} s"


def _chance() -> float:
    """Return a random number from 0 to 1 without importing anything."""
    return os.urandom(1)[0] / 255


def _look_up(host: str, front_desk_port: int, channel: str) -> int:
    from antechamber.client.channel_lookup import channel_port

    return channel_port(host, front_desk_port, channel)


def _no_more(channel: str) -> NoSuchChannel:
    return NoSuchChannel(f"there is no channel {clean(channel)} any more")


class Retry:
    """Connects again for one client. Any thread may call `quit`; everything else is for the reading thread."""

    def __init__(
        self,
        host: str,
        port: int,
        notes: Notes,
        *,
        connect: Callable[[str, int, bytes], ServerConnection] = ServerConnection,
        look_up: Callable[[str, int, str], int] = _look_up,
        now: Callable[[], float] = time.monotonic,
        wait: Callable[[threading.Event, float], object] = threading.Event.wait,
        chance: Callable[[], float] = _chance,
    ) -> None:
        self.front_desk_port = 0
        """The server's front desk, which knows the port of each channel; 0 if it has none."""
        self.door_channel = ""
        """The channel whose port that is, once it is known."""
        self.quitting = False
        self._host = host
        self._port = port
        self._notes = notes
        self._connect = connect
        self._look_up = look_up
        self._now = now
        self._wait = wait
        self._chance = chance
        self._news = threading.Event()
        """Set when there is something to look at: the person quits, or a try has ended."""
        self._pause_seconds = PAUSE_SECONDS_MIN
        self._lost_at = 0.0
        self._back_at = float("-inf")
        self._kept = ""
        self._kept_seconds = 0.0
        self._problem = ""
        self._noted_after_seconds = 0.0

    def quit(self) -> None:
        """Make `find` return at once, now and from now on."""
        self.quitting = True
        self._news.set()

    def lose(self, kept: str, kept_seconds: float) -> None:
        """Begin to be away; what is `kept` meanwhile, such as the seat, is so for `kept_seconds`."""
        self._lost_at = self._now()
        if self._lost_at - self._back_at >= self._pause_seconds:  # so no time is lost that was not won before
            self._pause_seconds = PAUSE_SECONDS_MIN
        self._kept, self._kept_seconds = kept, kept_seconds
        self._problem = ""
        self._noted_after_seconds = NOTE_SECONDS_MIN

    def fail(self, problem: str) -> None:
        """Take it that the last try came to nothing, for a reason that is told in words."""
        self._problem = problem
        away_seconds = self._now() - self._lost_at
        if not self._notes.shows_progress and away_seconds >= self._noted_after_seconds:
            self._noted_after_seconds = away_seconds + min(max(away_seconds, NOTE_SECONDS_MIN), NOTE_SECONDS_MAX)
            words = [f"away for {spell(away_seconds)}", problem, self._kept_words()]
            self._notes.note("; ".join(filter(None, words)) + "; trying again")

    def arrive(self) -> None:
        """Take it that the client is back."""
        self._back_at = self._now()

    def find(self, first_line: bytes, channel: str, any_door: bool, at_once: bool = False) -> ServerConnection | None:
        """Connect, however long that takes, and send the first line; return None where the person quits.

        The line goes to the port of `channel`, or where `any_door` does, to the one that was the first. Raises
        ConnectionProblem where there is no such channel.
        """
        try:
            while not self.quitting:
                if not at_once:
                    self._pause()
                at_once = False
                found = None if self.quitting else self._try(first_line, channel, any_door)
                if isinstance(found, ServerConnection):
                    return found
                if isinstance(found, ConnectionProblem) and not isinstance(found, NoSuchChannel):
                    self.fail(str(found))
                elif found is not None:
                    raise found
            return None
        finally:
            self._notes.away("")

    def _pause(self) -> None:
        """Wait until it is time for the next try, or the person quits."""
        self._news.clear()
        seconds = self._pause_seconds * (1 + self._chance()) / 2
        self._pause_seconds = min(2 * self._pause_seconds, PAUSE_SECONDS_MAX)
        words = [f"Trying again in {spell(ceil(seconds))}", self._kept_words(), self._problem]
        self._notes.away("; ".join(filter(None, words)))
        if not self.quitting:
            self._wait(self._news, seconds)

    def _kept_words(self) -> str:
        left = self._lost_at + self._kept_seconds - self._now()
        if left > 0:
            return f"your {self._kept} is kept for {spell(left)} more"
        return f"your {self._kept} may be gone by now" if self._kept_seconds else ""

    def _try(self, first_line: bytes, channel: str, any_door: bool) -> ServerConnection | Exception | None:
        """Connect in a thread of its own, since no name server or dead host may hold up a person who quits."""
        self._news.clear()
        found: list[ServerConnection | Exception] = []

        def knock() -> None:
            try:
                connection = self._knock(first_line, channel, any_door)
            except Exception as problem:
                found.append(problem)
            else:
                found.append(connection)
                if self.quitting:
                    connection.close()
            self._news.set()

        threading.Thread(target=knock, name="connecting", daemon=True).start()
        while not found and not self.quitting:
            self._news.wait()
        if not self.quitting:
            return found[0]
        for late in found:
            if isinstance(late, ServerConnection):
                late.close()
        return None

    def _knock(self, first_line: bytes, channel: str, any_door: bool) -> ServerConnection:
        """Connect to the first port, or where that is of no use, to the one that the front desk has for the channel."""
        problem: ConnectionProblem | None = None
        if any_door or channel == self.door_channel:
            try:
                return self._connect(self._host, self._port, first_line)
            except ConnectionProblem as first_problem:
                problem = first_problem
        if not self.front_desk_port:
            raise problem or _no_more(channel)
        try:
            port = self._look_up(self._host, self.front_desk_port, channel)
        except ConnectionProblem as second_problem:
            if isinstance(second_problem, NoSuchChannel) and not any_door:
                raise _no_more(channel) from None
            raise problem or second_problem from None
        if problem is not None and port == self._port:
            raise problem
        return self._connect(self._host, port, first_line)
