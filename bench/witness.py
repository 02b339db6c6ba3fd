"""A witness: compares what everybody read, among the readers as it comes and with the log at the end."""

from collections import deque
from collections.abc import Mapping
from typing import Any, NamedTuple

PROBLEMS_MAX = 20
"""The number of problems that are kept: the first ones say the most."""


class Return(NamedTuple):
    """A member's return: where the server said it is, as of the turn at `time`, after entry `last`.

    `ahead` is the number of members ahead of it in the line, None if it had a seat.
    """

    channel: str
    name: str
    time: float
    last: int
    ahead: int | None


class Witness:
    """Receives every line that a member read, and every return; keeps faults in `problems`."""

    def __init__(self, seats: Mapping[str, int]) -> None:
        self.problems: list[str] = []
        self.entries = 0
        """The number of entries read, by all readers together."""
        self._seats = seats
        self._lines: dict[str, dict[int, bytes]] = {channel: {} for channel in seats}
        self._said: dict[str, int] = {}
        self._unwelcome: set[str] = set()
        self._returns: list[Return] = []

    def complain(self, problem: str) -> None:
        """Record a fault."""
        if len(self.problems) < PROBLEMS_MAX:
            self.problems.append(problem)

    def read(self, reader: str, channel: str, sequence: int, line: bytes) -> None:
        """Record that `reader` read this line of an entry; all must have read the same."""
        self.entries += 1
        known = self._lines[channel].setdefault(sequence, line)
        if known != line:
            self.complain(f"{channel} {sequence}: {reader} read {line!r}, and another one {known!r}")

    def said(self, name: str, number: int) -> None:
        """Record that `name` has read its own messages up to `number`, counted from 1."""
        self._said[name] = number

    def unwelcome(self, name: str) -> None:
        """Record that `name` said hello but never read its welcome, so it can lose nothing."""
        self._unwelcome.add(name)

    def returned(self, back: Return) -> None:
        """Record that a member came back."""
        self._returns.append(back)

    @property
    def messages(self) -> int:
        """The number of messages that their senders read back."""
        return sum(self._said.values())

    @property
    def returns(self) -> int:
        """The number of returns."""
        return len(self._returns)

    def compare(self, log: Mapping[str, list[tuple[dict[str, Any], bytes]]]) -> None:
        """Compare everything recorded with each channel's log: its entries, decoded and as lines, in order."""
        numbers_of: dict[str, list[int]] = {}
        for channel, lines in self._lines.items():
            kept = log.get(channel, [])
            numbers = [entry["sequence"] for entry, _ in kept]
            if numbers != list(range(1, len(kept) + 1)):
                self.complain(f"{channel}: the log's numbers are not 1 to {len(kept)} without a gap")
                continue
            for sequence, line in lines.items():
                if sequence > len(kept) or kept[sequence - 1][1] != line:
                    self.complain(f"{channel} {sequence}: read was {line!r}, which is not what the log has")
            for name, here in _messages([entry for entry, _ in kept]).items():
                if here != sorted(here):
                    self.complain(f"{channel}: {name}'s messages are not in their order: {here}")
                numbers_of.setdefault(name, []).extend(here)
            self._replay(channel, [entry for entry, _ in kept])
        for name, last in self._said.items():
            if (found := sorted(numbers_of.pop(name, []))) != list(range(1, last + 1)):
                self.complain(f"{name} said 1 to {last}, and the log has {found}")
        for name in numbers_of:
            self.complain(f"the log has messages of {name}, who read none of them")

    def _replay(self, channel: str, entries: list[dict[str, Any]]) -> None:
        """Replay the channel, and check that no seat was oversold, and no returning member lost a seat or place."""
        seated: set[str] = set()
        line: list[str] = []
        waiting = deque(sorted((each for each in self._returns if each.channel == channel), key=lambda each: each.last))
        open_returns: list[Return] = []
        for number in range(len(entries) + 1):
            if number:
                self._step(channel, entries[number - 1], seated, line)
            while waiting and waiting[0].last <= number:
                open_returns.append(waiting.popleft())
            next_time = entries[number]["time"] if number < len(entries) else None
            still_open = []
            for back in open_returns:
                found = back.name in seated if back.ahead is None else line[back.ahead : back.ahead + 1] == [back.name]
                if found:
                    continue
                if next_time == back.time:  # still the turn in which it came back
                    still_open.append(back)
                else:
                    self.complain(f"{back} is not what the log has; seated: {sorted(seated)}, in line: {line}")
            open_returns = still_open
        for back in waiting:
            self.complain(f"{back} is of entries that the log does not have")

    def _step(self, channel: str, entry: dict[str, Any], seated: set[str], line: list[str]) -> None:
        event = entry["event"]
        name, where = event.get("name", ""), f"{channel} {entry['sequence']}: {event}"
        match event["type"]:
            case "queued":
                if name in seated or name in line:
                    self.complain(f"{where}: it is in already")
                line.append(name)
            case "seated":
                if name not in line:
                    self.complain(f"{where}: the line is {line}")
                    return
                line.remove(name)  # those ahead of it are away, which the log does not show
                seated.add(name)
                if len(seated) > self._seats[channel]:
                    self.complain(f"{where}: {len(seated)} are seated")
            case "left":
                if event["reason"] not in ("quit", "switched") and name not in self._unwelcome:
                    self.complain(f"{where}: nobody asked for that")
                if name not in seated and name not in line:
                    self.complain(f"{where}: it was not in")
                seated.discard(name)
                if name in line:
                    line.remove(name)


def _messages(entries: list[dict[str, Any]]) -> dict[str, list[int]]:
    """Return the numbers of the messages of each name, in the log's order."""
    numbers: dict[str, list[int]] = {}
    for entry in entries:
        if (event := entry["event"])["type"] == "said":
            numbers.setdefault(event["name"], []).append(int(event["id"]))
    return numbers
