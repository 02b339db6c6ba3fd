"""Who is in the channel: as the server lists it, and as entries and notices change it from then on.

It follows the entries as `Channel.apply` does in the server and `Roster.apply` in the page; shared vectors
(tests/vectors/roster.json) hold all three to the same.
"""

from dataclasses import dataclass

from antechamber.protocol.events import (
    Emptied,
    Entry,
    Left,
    ModesSet,
    Moved,
    Muted,
    Queued,
    Renamed,
    Said,
    Seated,
)
from antechamber.protocol.notices import Members, Presence


@dataclass
class Sitting:
    """A seated member. Times are in seconds since the epoch, by the server's clock."""

    name: str
    since: float
    active_at: float
    muted_until: float = 0.0
    away: bool = False
    entered: int = 0


@dataclass
class Waiting:
    """A member in the line."""

    name: str
    since: float
    away: bool = False
    entered: int = 0


class Roster:
    """The members of one channel; nobody is known before the first `set`."""

    def __init__(self) -> None:
        self.seated: dict[str, Sitting] = {}
        """In order of seating."""
        self.waiting: dict[str, Waiting] = {}
        """In order of the line."""
        self.roles: dict[str, str] = {}
        """By name: "o" for an operator of the channel, "v" for a voice, or both."""
        self.modes: set[str] = set()
        self.known = False
        self._sequence = 0
        """The last entry that is included."""

    def set(self, members: Members) -> None:
        """Take the server's complete list."""
        self.known, self._sequence = True, members.sequence
        self.modes = set(members.modes[1:].split(" ", 1)[0])
        self.roles = {each.name: each.role for each in members.seated if each.role}
        self.seated = {
            each.name: Sitting(
                each.name,
                each.since,
                members.time - each.idle_seconds,
                members.time + each.muted_seconds if each.muted_seconds else 0.0,
                each.away,
                each.entered,
            )
            for each in members.seated
        }
        self.waiting = {each.name: Waiting(each.name, each.since, each.away, each.entered) for each in members.waiting}

    def apply(self, entry: Entry) -> None:
        """Follow an entry, unless it is included already."""
        if not self.known or entry.sequence <= self._sequence:
            return
        self._sequence = entry.sequence
        match entry.event:
            case Queued(name=name):
                self.waiting[name] = Waiting(name, entry.time, entered=entry.sequence)
            case Seated(name=name):
                waited = self.waiting.pop(name, None)
                away, entered = (waited.away, waited.entered) if waited else (False, 0)
                self.seated[name] = Sitting(name, entry.time, entry.time, away=away, entered=entered)
            case Left(name=name, seated=seated):
                (self.seated if seated else self.waiting).pop(name, None)
                self.roles.pop(name, None)
            case Emptied():
                self.seated.clear()
                self.roles.clear()
            case Renamed(name=name, to=to):
                self._rename(name, to)
            case ModesSet(changes=changes):
                for mode, argument in changes:
                    self._set(mode[:1] == "+", mode[1:], argument)
            case Moved(name=name, ahead=ahead):
                self._move(name, ahead)
            case Said(name=name):
                self._give_sign(name, entry.time)
            case Muted(name=name, seconds=seconds):
                self._mute(name, entry.time, seconds)

    def sense(self, presence: Presence) -> None:
        """Follow what no entry tells: signs of life, lost connections, and who is back."""
        for name in presence.active:
            seat = self.seated.get(name)
            if seat is not None and seat.muted_until <= presence.time:
                self._give_sign(name, presence.time)
        for names, away in ((presence.away, True), (presence.back, False)):
            for name in names:
                if (member := self.seated.get(name) or self.waiting.get(name)) is not None:
                    member.away = away

    def entered(self) -> dict[str, int]:
        """Return by which entry each seated member entered."""
        return {name: seat.entered for name, seat in self.seated.items()}

    def _give_sign(self, name: str, time: float) -> None:
        if (seat := self.seated.get(name)) is not None:
            seat.active_at = max(seat.active_at, time)

    def _mute(self, name: str, time: float, seconds: int) -> None:
        """Mute a member, whose idle clock stands still meanwhile."""
        if (seat := self.seated.get(name)) is not None:
            until = time + seconds
            seat.active_at += until - max(seat.muted_until, time)
            seat.muted_until = until

    def _rename(self, name: str, to: str) -> None:
        """Rename a member, without changing the order."""
        for member in (self.seated.get(name), self.waiting.get(name)):
            if member is not None:
                member.name = to
        self.seated = {seat.name: seat for seat in self.seated.values()}
        self.waiting = {place.name: place for place in self.waiting.values()}
        if role := self.roles.pop(name, ""):
            self.roles[to] = role

    def _set(self, on: bool, letter: str, argument: str) -> None:
        if letter in "beI":
            return  # lists, which are no modes in force
        if letter not in "ov":
            (self.modes.add if on else self.modes.discard)(letter)
            return
        role = self.roles.get(argument, "").replace(letter, "") + (letter if on else "")
        self.roles[argument] = "".join(sorted(role))

    def _move(self, name: str, ahead: int) -> None:
        if name in self.waiting:
            others = [place for place in self.waiting.values() if place.name != name]
            others.insert(ahead, self.waiting[name])
            self.waiting = {place.name: place for place in others}
