"""A model of a channel so plain that it is plainly right: lists of names, and clocks that tick second by second."""

from fnmatch import fnmatchcase
from typing import Any

from antechamber.protocol.events import AnyEvent, ModeChange, Seated
from antechamber.protocol.limits import Limits

LIMITS = Limits(idle_seconds_max=100.0, mute_seconds_max=300, waiting_max=3, capacity_max=9)


class Model:
    """Seats and queue as lists, seconds as whole numbers from noon."""

    def __init__(self, seats: int, is_open: bool) -> None:
        self.seats = seats
        self.is_open = is_open
        self.seated: list[str] = []
        self.waiting: list[str] = []
        self.away: set[str] = set()
        """Whose connections are lost; those in line keep their places, and are passed over."""
        self.muted_until: dict[str, int] = {}
        self.idle: dict[str, int] = {}
        self.idle_seconds_max = LIMITS.idle_seconds_max
        self.warned: set[str] = set()
        self.seated_at: dict[str, int] = {}
        self.seat_seconds: list[int] = []
        """For how long each seat was held, of those that ended."""
        self.now = 0
        self.topic = ("", "")
        self.flags = {"n", "t"}
        self.key = ""
        self.limit: int | None = None
        self.masks: dict[str, list[str]] = {"b": [], "e": [], "I": []}
        self.roles: dict[str, set[str]] = {}
        self.invited: set[str] = set()
        self.hosts: dict[str, str] = {}
        self.mutes: dict[tuple[str, str], int] = {}
        """When the last mute ends of each name that came from a host."""

    def tick(self, seconds: int) -> None:
        for _ in range(seconds):
            for name in self.seated:
                if self.muted_until[name] <= self.now:
                    self.idle[name] += 1
            self.now += 1

    def fill(self) -> list[AnyEvent]:
        """Seat the first in line who is present while there is a seat for it."""
        moves: list[AnyEvent] = []
        while (present := [name for name in self.waiting if name not in self.away]) and len(self.seated) < self.seats:
            name = present[0]
            self.waiting.remove(name)
            self.seated.append(name)
            self.idle[name] = 0
            self.muted_until[name] = self.mutes.get((name, self.hosts[name]), 0)
            self.seated_at[name] = self.now
            self.warned.discard(name)
            moves.append(Seated(name))
        return moves

    def stand_up(self, name: str) -> None:
        self.seated.remove(name)
        self.roles.pop(name, None)
        self.seat_seconds.append(self.now - self.seated_at[name])

    def hear(self, name: str) -> None:
        if name in self.seated and self.muted_until[name] <= self.now:
            self.warned -= {name} if self.idle[name] else set()  # at the same second, nothing has changed
            self.idle[name] = 0

    def mute(self, name: str, seconds: int) -> None:
        self.muted_until[name] = self.mutes[name, self.hosts[name]] = self.now + seconds
        self.warned.discard(name)

    def is_muted(self, name: str) -> bool:
        """Return whether nobody reads what `name` writes; only members have a known host."""
        if name in self.seated:
            return self.muted_until[name] > self.now
        host = self.hosts[name] if name in self.waiting else ""
        return self.mutes.get((name, host), 0) > self.now

    def idle_for_too_long(self) -> list[str]:
        return [name for name in self.seated if self.idle[name] >= self.idle_seconds_max and not self.is_muted(name)]

    def rename(self, name: str, to: str) -> None:
        """Rename `name` to `to`: in its place, with all that it has."""
        self.seated = [to if each == name else each for each in self.seated]
        self.waiting = [to if each == name else each for each in self.waiting]
        by_name: list[dict[str, Any]] = [self.muted_until, self.idle, self.seated_at, self.roles, self.hosts]
        for known in by_name:
            if name in known:
                known[to] = known.pop(name)
        self.away = (self.away - {name, to}) | ({to} if name in self.away else set())
        self.warned = (self.warned - {name, to}) | ({to} if name in self.warned else set())

    # Modes

    def rules(self, name: str) -> bool:
        """Return whether `name` is an operator, of the channel or of the server."""
        return not name or "o" in self.roles.get(name, ())

    def is_on(self, letter: str, name: str, host: str) -> bool:
        """Return whether one of a list's masks is for `name` from `host`."""
        return any(fnmatchcase(f"{name}!~u@{host}", mask) for mask in self.masks[letter])

    def is_banned(self, name: str, host: str) -> bool:
        return self.is_on("b", name, host) and not self.is_on("e", name, host)

    def closed_to(self, name: str, host: str, key: str) -> str:
        """Return why `name` cannot come in, "" where it can, seat or no seat."""
        if self.is_banned(name, host):
            return "banned"
        if "i" in self.flags and name not in self.invited and not self.is_on("I", name, host):
            return "invite-only"
        if self.key and key != self.key:
            return "wrong-key"
        if self.is_open and len(self.seated) >= min(self.limit or self.seats, self.seats):
            return "full"
        return ""

    def is_barred(self, name: str) -> bool:
        """Return whether a member is banned, and has no role that makes up for it."""
        return not self.roles.get(name) and self.is_banned(name, self.hosts[name])

    def clear_line(self) -> list[str]:
        """Remove the banned from the line, and return them."""
        gone = [name for name in self.waiting if self.is_barred(name)]
        self.waiting = [name for name in self.waiting if name not in gone]
        return gone

    def hushed(self, name: str) -> str:
        """Return why `name` cannot talk, "" where it can."""
        sits = name in self.seated
        if not sits and not (self.is_open and "n" not in self.flags):
            return "waiting"
        if sits and self.is_muted(name):
            return "muted"
        if self.roles.get(name):
            return ""
        if "m" in self.flags:
            return "moderated"
        return "banned-talk" if self.is_banned(name, self.hosts[name] if sits else "antechamber") else ""

    def change(self, changes: list[ModeChange]) -> list[ModeChange] | str:
        """Make all of the changes, and return those that changed something; or none, and return why."""
        before = set(self.flags), self.key, self.limit
        lists = {letter: list(masks) for letter, masks in self.masks.items()}
        roles = {name: set(held) for name, held in self.roles.items()}
        made = []
        for change in changes:
            changed = self._change_one(change.mode[0] == "+", change.mode[1], change.argument)
            if isinstance(changed, str):
                (self.flags, self.key, self.limit), self.masks, self.roles = before, lists, roles
                return changed
            made += [change] if changed else []
        return made

    def _change_one(self, adds: bool, letter: str, argument: str) -> bool | str:
        if letter in "imnst":
            if letter == "n" and not adds and not self.is_open:
                return "fixed-mode"
            return _toggle(self.flags, letter, adds)
        if letter in "ov":
            if argument not in self.seated:
                return "not-here"
            changed = _toggle(self.roles.setdefault(argument, set()), letter, adds)
            self.roles = {name: held for name, held in self.roles.items() if held}
            return changed
        if letter in "beI":
            if adds == (argument in self.masks[letter]):
                return False
            self.masks[letter].append(argument) if adds else self.masks[letter].remove(argument)
            return True
        if letter == "k":
            before, self.key = self.key, argument if adds else ""
            return before != self.key
        if letter == "l":
            if not self.is_open:
                return "fixed-mode"
            if adds and not 1 <= int(argument) <= LIMITS.capacity_max:
                return "bad-limit"
            limit, self.limit = self.limit, int(argument) if adds else None
            return limit != self.limit
        return "unknown-mode"


def _toggle(letters: set[str], letter: str, adds: bool) -> bool:
    """Put a letter into a set, or take it out; return whether that changed it."""
    had = letter in letters
    letters.add(letter) if adds else letters.discard(letter)
    return had != adds
