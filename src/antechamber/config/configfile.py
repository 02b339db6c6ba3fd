"""The configfile: one channel a line, `channel NAME PORT CAPACITY`.

Blank lines and lines that start with `#` are skipped. A member who comes by a channel's port and loses the connection
loses the seat at once; seats are held only for sessions of the page. A fault is told in one line that names the file,
the line, the rule and the remedy; of several faults, only the first.
"""

from antechamber.config import (
    FRONT_DESK_PORT,
    PLACE_HOLD_SECONDS,
    SEAT_HOLD_SECONDS,
    ChannelSettings,
    Config,
    ConfigError,
    Overrides,
)
from antechamber.config.rules import BrokenRule, PortsTaken, quoted, whole_number
from antechamber.protocol.limits import CAPACITY_MIN, CHANNELS_MIN, PORT_MAX, Limits

DEFAULTS = Limits(seat_hold_seconds=SEAT_HOLD_SECONDS, place_hold_seconds=PLACE_HOLD_SECONDS)
"""The limits of a configfile."""

_FORM = "write: channel NAME PORT CAPACITY"


def read_configfile(content: bytes, shown: str, overrides: Overrides) -> Config:
    """Return the settings in a file's content; `shown` is its path in messages. Raises ConfigError."""
    limits = DEFAULTS
    if overrides.idle_seconds_max is not None:
        limits = limits._replace(idle_seconds_max=overrides.idle_seconds_max)
    reader = _Reader(shown, overrides, limits)
    for line in content.removesuffix(b"\n").split(b"\n"):
        reader.read_line(line)
    return Config(reader.finish(), limits)


class _Reader:
    """Reads line by line, so that the first fault is the one told."""

    def __init__(self, shown: str, overrides: Overrides, limits: Limits) -> None:
        self.shown = shown
        self.number = 0
        self.limits = limits
        front_desk_port = overrides.front_desk_port or FRONT_DESK_PORT
        try:
            self.doors = PortsTaken(front_desk_port, "--port", limits, overrides.irc, "--irc")
        except BrokenRule as broken:
            raise ConfigError(f"{shown}: {broken}") from None
        self.channels: list[ChannelSettings] = []

    @property
    def where(self) -> str:
        return f"{self.shown}:{self.number}"

    def read_line(self, line: bytes) -> None:
        self.number += 1
        try:
            self.read_words(line.decode())
        except UnicodeDecodeError:
            raise ConfigError(f"{self.where}: the line is no UTF-8 text (save the file as UTF-8)") from None
        except BrokenRule as broken:
            raise ConfigError(f"{self.where}: {broken}") from None

    def read_words(self, line: str) -> None:
        if "\0" in line:
            raise BrokenRule("the line has a NUL byte", "a config is plain text")
        words = line.split()
        if not words or words[0].startswith("#"):
            return
        if words[0] != "channel":
            raise BrokenRule(f"{quoted(words[0])} is no setting", _FORM)
        if len(words) != 4:
            raise BrokenRule("a channel has a name, a port and a capacity, and nothing else", _FORM)
        if len(self.channels) == self.limits.channels_max:
            raise BrokenRule(f"a config has at most {self.limits.channels_max} channels", "leave this one out")
        place = f"stands on line {self.number}"
        name = self.doors.name(words[1], place)
        port = self.doors.port(self.port(words[2]), place)
        channel = ChannelSettings(name, port, self.seats(words[3]), self.where, self.limits, ports_hold=False)
        self.channels.append(channel)

    def port(self, word: str) -> int:
        port = whole_number(word)
        if port is None:
            raise BrokenRule(f"the port {quoted(word)} is no whole number", f"choose one from 1 to {PORT_MAX}")
        if not 1 <= port <= PORT_MAX:
            raise BrokenRule(f"the port {quoted(word)} is not from 1 to {PORT_MAX}", "choose another port")
        return port

    def seats(self, word: str) -> int:
        seats = whole_number(word)
        if seats is None:
            raise BrokenRule(f"the capacity {quoted(word)} is no whole number", f"choose {CAPACITY_MIN} or more")
        if seats < CAPACITY_MIN:
            raise BrokenRule(f"the capacity {seats} is less than {CAPACITY_MIN}", f"choose {CAPACITY_MIN} or more")
        if seats > self.limits.capacity_max:
            most = self.limits.capacity_max
            raise BrokenRule(f"the capacity {quoted(word)} is more than {most}", f"choose {most} or less")
        return seats

    def finish(self) -> tuple[ChannelSettings, ...]:
        missing = CHANNELS_MIN - len(self.channels)
        if missing > 0:
            rule = f"a config has at least {CHANNELS_MIN} channels, and this one has {len(self.channels)}"
            raise ConfigError(f"{self.where}: {rule} (add {missing} more; {_FORM})")
        return tuple(self.channels)
