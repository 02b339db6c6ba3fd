"""The config file, and all that a server is told at its start.

A config has one channel a line, `channel NAME PORT CAPACITY`; blank lines and lines that start with `#` are nothing.
What breaks a rule is told in one line that names the file, the line, the rule and the remedy; of several faults, the
first. Every start waits for this module, so it imports little.
"""

import os
import stat
from typing import NamedTuple

from antechamber import text
from antechamber.limits import CAPACITY_MIN, CHANNELS_MIN, CONFIG_BYTES_MAX, PORT_MAX, Limits

FRONT_DESK_PORT = 9876
"""The front desk's port where none is given."""
DATA_IN_MEMORY = ":memory:"
"""In place of a path: keep nothing on disk."""

_FORM = "write: channel NAME PORT CAPACITY"
_WORD_CHARACTERS_SHOWN = 40
_DIGITS = frozenset("0123456789")


class ConfigError(Exception):
    """The config cannot be used. Its text is one line: file, line, rule and remedy."""


class ChannelSettings(NamedTuple):
    """One channel of the config, from its line `line` (counted from 1); `name` is in Unicode form NFC."""

    name: str
    port: int
    seats: int
    line: int


class Settings(NamedTuple):
    """All that a server is told at its start. `data_path` is None where nothing is kept on disk."""

    config_path: str
    channels: tuple[ChannelSettings, ...]
    host: str
    front_desk_port: int
    data_path: str | None
    log_level: str
    limits: Limits


def whole_number(word: str) -> int | None:
    """Return the number that `word` is in ASCII digits, None where it has anything else. Leading zeros mean nothing."""
    if not word or not _DIGITS.issuperset(word):
        return None
    digits = word.lstrip("0") or "0"
    return int(digits[:20])  # what has 20 digits is past every bound already, and a million digits would take long


def read_config(path: str, front_desk_port: int) -> tuple[ChannelSettings, ...]:
    """Return the channels of the config file at `path`, in its order.

    Raises ConfigError where the file cannot be read or breaks a rule; `front_desk_port` is taken, so no channel's.
    """
    shown = text.clean(path)
    reader = _Reader(shown, front_desk_port)
    for line in _content(path, shown).removeprefix(b"\xef\xbb\xbf").removesuffix(b"\n").split(b"\n"):
        reader.read_line(line)
    return reader.finish()


def _content(path: str, shown: str) -> bytes:
    try:
        mode = os.stat(path).st_mode
        if stat.S_ISDIR(mode):
            raise ConfigError(f"{shown}: is a folder (name the config file itself)")
        if not stat.S_ISREG(mode):
            raise ConfigError(f"{shown}: is no regular file (name a text file)")
        with open(path, "rb") as file:
            content = file.read(CONFIG_BYTES_MAX + 1)
    except FileNotFoundError:
        raise ConfigError(f"{shown}: there is no such file (check the path)") from None
    except OSError as error:
        raise ConfigError(f"{shown}: cannot be read: {error.strerror} (check the path and its permissions)") from None
    if len(content) > CONFIG_BYTES_MAX:
        raise ConfigError(f"{shown}: is larger than {CONFIG_BYTES_MAX} bytes (is it a config file?)")
    return content


class _Reader:
    """Judges line by line, so that the first fault is the one told."""

    def __init__(self, shown: str, front_desk_port: int) -> None:
        self.shown = shown
        self.front_desk_port = front_desk_port
        self.number = 0
        self.channels: list[ChannelSettings] = []
        self.of_name: dict[str, ChannelSettings] = {}
        self.of_port: dict[int, ChannelSettings] = {}
        self.limits = Limits()

    def fault(self, rule: str, remedy: str) -> ConfigError:
        return ConfigError(f"{self.shown}:{self.number}: {rule} ({remedy})")

    def read_line(self, line: bytes) -> None:
        self.number += 1
        try:
            decoded = line.decode()
        except UnicodeDecodeError:
            raise self.fault("the line is no UTF-8 text", "save the file as UTF-8") from None
        if "\0" in decoded:
            raise self.fault("the line has a NUL byte", "a config is plain text")
        words = decoded.split()
        if not words or words[0].startswith("#"):
            return
        if words[0] != "channel":
            raise self.fault(f"{_quoted(words[0])} is no setting", _FORM)
        if len(words) != 4:
            raise self.fault("a channel has a name, a port and a capacity, and nothing else", _FORM)
        if len(self.channels) == self.limits.channels_max:
            raise self.fault(f"a config has at most {self.limits.channels_max} channels", "leave this one out")
        channel = ChannelSettings(self.name(words[1]), self.port(words[2]), self.seats(words[3]), self.number)
        self.channels.append(channel)
        self.of_name[channel.name] = self.of_port[channel.port] = channel

    def name(self, word: str) -> str:
        name = text.normalise_name(word)
        if name[0].isdigit():
            raise self.fault(f"the name {_quoted(name)} starts with a digit", "start it with a letter")
        if ":" in name:
            raise self.fault(f"the name {_quoted(name)} has a colon", "leave it out: operators write CHANNEL:NAME")
        problem = text.name_problem(name, self.limits.name_characters_max)
        if problem:
            raise self.fault(f"the name {_quoted(name)} cannot be: {problem.rstrip('.')}", "choose another name")
        if name in self.of_name:
            raise self.fault(
                f"the name {_quoted(name)} stands on line {self.of_name[name].line}", "choose another name"
            )
        return name

    def port(self, word: str) -> int:
        port = whole_number(word)
        if port is None:
            raise self.fault(f"the port {_quoted(word)} is no whole number", f"choose one from 1 to {PORT_MAX}")
        if not 1 <= port <= PORT_MAX:
            raise self.fault(f"the port {_quoted(word)} is not from 1 to {PORT_MAX}", "choose another port")
        if port == self.front_desk_port:
            raise self.fault(
                f"the port {port} is the front desk's", "choose another port, or move that one with --port"
            )
        if port in self.of_port:
            raise self.fault(f"the port {port} stands on line {self.of_port[port].line}", "choose another port")
        return port

    def seats(self, word: str) -> int:
        seats = whole_number(word)
        if seats is None:
            raise self.fault(f"the capacity {_quoted(word)} is no whole number", f"choose {CAPACITY_MIN} or more")
        if seats < CAPACITY_MIN:
            raise self.fault(f"the capacity {seats} is less than {CAPACITY_MIN}", f"choose {CAPACITY_MIN} or more")
        if seats > self.limits.capacity_max:
            most = self.limits.capacity_max
            raise self.fault(f"the capacity {_quoted(word)} is more than {most}", f"choose {most} or less")
        return seats

    def finish(self) -> tuple[ChannelSettings, ...]:
        missing = CHANNELS_MIN - len(self.channels)
        if missing > 0:
            rule = f"a config has at least {CHANNELS_MIN} channels, and this one has {len(self.channels)}"
            raise self.fault(rule, f"add {missing} more; {_FORM}")
        return tuple(self.channels)


def _quoted(word: str) -> str:
    shown = text.clean(word)
    return f"'{shown}'" if len(shown) <= _WORD_CHARACTERS_SHOWN else f"'{shown[:_WORD_CHARACTERS_SHOWN]}…'"
