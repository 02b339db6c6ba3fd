"""A visit that speaks plain text: each line is what an entry says, in the log's order, or the server's own word."""

import re
from typing import TYPE_CHECKING

from antechamber.codec.plain import PLAIN
from antechamber.protocol.notices import Whispered
from tests.simulation.clockwork import CLOCK
from tests.simulation.ledger import Member
from tests.simulation.visits import Visit

if TYPE_CHECKING:
    from tests.simulation.world import World

_SERVER = f"[Server message ({CLOCK})] "
_WELCOME = re.compile(rf"{re.escape(_SERVER)}Welcome to the (\S+) channel, (\S+)\.")
_PLACE = re.compile(rf"{re.escape(_SERVER)}You are in the waiting queue and there are (\d+) user\(s\) ahead of you\.")
_WHISPER = re.compile(rf"\[(\S+) whispers to you: \({re.escape(CLOCK)}\)\] (.*)")
_LISTED = re.compile(r"\[Channel\] \S+ \d+/\d+/\d+\.")


class PlainVisit(Visit):
    """One that says its name, and what people type."""

    def __init__(self, world: "World", name: str, door: str) -> None:
        super().__init__(world, name, door)
        self._floors: dict[str, int] = {}
        """An entry of each channel before the one by which this one entered."""
        self._sure = True
        """Whether there is but one membership that may be this one's."""

    def say_hello(self) -> None:
        self._floor(self.door)
        self.send(f"{self.name}\n".encode())

    def type(self, line: str, *, lively: bool = True) -> None:
        if line.startswith("/switch "):
            self._floor(line.split()[1])
        self.send(f"{line}\n".encode(), lively=lively)

    def say(self, text: str) -> None:
        self.world.asked.said[text] = self.name
        self.type(text)

    def _floor(self, channel: str) -> None:
        if channel in self.world.ledgers:
            self._floors.setdefault(channel, self.world.ledgers[channel].sequence)

    def hear(self, lines: list[bytes]) -> None:
        for line in lines:
            self._hear(line)

    def _hear(self, line: bytes) -> None:
        if self.channel and self._is_entry(line):
            return
        text = line.decode()
        if found := _WELCOME.fullmatch(text):
            if found[2] != self.name:
                self.fail(f"it is told {text!r}")
            self._move(found[1])
        elif found := _PLACE.fullmatch(text):
            ahead = int(found[1])
            if self.seated or (self.place != -1 and ahead > self.place and not self.ledger.moved_from):
                self.fail(f"{self.place} were ahead, and it is told {text!r}")
            self.place = ahead
        elif found := _WHISPER.fullmatch(text):
            self.world.whispers.hear(Whispered(0.0, self.channel, found[1], self.name, found[2]), self)
        elif not text.startswith(_SERVER) and not _LISTED.fullmatch(text) and self._sure:
            self.fail(f"it is told {text!r}, which is not what comes next in the log")

    def _move(self, channel: str) -> None:
        if self.channel and (member := self._membership()) is not None:
            self._floors[self.channel] = member.entered
        self.channel, self.seated, self.place, self.read = channel, False, -1, 0

    def _is_entry(self, line: bytes) -> bool:
        """Say whether the line is what the next entry says that says anything; count it as read then."""
        shelf = self.world.disk.shelf(self.channel)
        read = self.read
        if not self.seated:
            member = self._membership()
            if member is None or not member.since:
                return False
            read = member.since - 1
        while read < len(shelf.entries):
            told = PLAIN.one(shelf.entries[read], CLOCK, self.name)
            if told:
                if told[:-1] != line:
                    return False
                self.seated, self.read = True, read + 1
                return True
            read += 1
        return False

    def _membership(self) -> Member | None:
        """Return the membership that this visit's must be; None where it may be one of several."""
        floor = self._floors.get(self.channel, 0)
        found = [m for m in self.ledger.by_name.get(self.name, ()) if m.entered > floor]
        if len(found) == 1:
            return found[0]
        self._sure = False
        self.world.counts["plain visits that cannot be followed"] += 1
        return None

    def look_around(self) -> None:
        if self._sure:
            super().look_around()

    def up_to_date(self) -> None:
        if self.seated:
            for entry in self.world.disk.shelf(self.channel).entries[self.read :]:
                if PLAIN.one(entry, CLOCK, self.name):
                    self.fail(f"it has read all there is, and was never told {entry}")
