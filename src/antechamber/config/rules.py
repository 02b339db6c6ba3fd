"""The rules of every config, whatever its form: which files, channel names and ports are valid."""

import os
import stat

from antechamber.config import Address, ConfigError
from antechamber.protocol import text
from antechamber.protocol.limits import CONFIG_BYTES_MAX, PORT_MAX, Limits

_WORD_CHARACTERS_SHOWN = 40
_DIGITS = frozenset("0123456789")
_HOST_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_.-")
_HOST_CHARACTERS_MAX = 253


class BrokenRule(Exception):
    """The error that a value breaks a rule: which rule, and the remedy. The reader adds the place."""

    def __init__(self, rule: str, remedy: str) -> None:
        super().__init__(f"{rule} ({remedy})")


def whole_number(word: str) -> int | None:
    """Return the number in a word of ASCII digits, None for any other word. Leading zeros are ignored."""
    if not word or not _DIGITS.issuperset(word):
        return None
    digits = word.lstrip("0") or "0"
    return int(digits[:20])  # 20 digits exceed every limit, and a million digits would take long


def shortened(word: str) -> str:
    """Return a word as a message shows it: safe for a terminal, and shortened."""
    shown = text.clean(word[: _WORD_CHARACTERS_SHOWN + 1])
    return shown if len(shown) <= _WORD_CHARACTERS_SHOWN else f"{shown[:_WORD_CHARACTERS_SHOWN]}…"


def quoted(word: str) -> str:
    """Return a word in quotes, as a message shows it."""
    return f"'{shortened(word)}'"


def is_host(word: str) -> bool:
    """Return whether a word can be the name or address of a host."""
    return bool(word) and word.isprintable() and not any(map(str.isspace, word))


def host_name(word: str) -> str | None:
    """Return a host name for the front desk as browsers write it; None if the word is not just a host name."""
    try:
        name = (word if word.isascii() else word.encode("idna").decode()).lower().removesuffix(".")
    except UnicodeError:
        return None
    labels = name.split(".")
    fits = len(name) <= _HOST_CHARACTERS_MAX and all(label.strip("-") == label != "" for label in labels)
    return name if fits and set(name) <= _HOST_CHARACTERS else None


def address(word: str) -> Address | None:
    """Return the address in a word `[HOST:]PORT`, None for any other word; an IPv6 address may be in brackets."""
    host, colon, port_word = word.rpartition(":")
    port = whole_number(port_word)
    if port is None or not 1 <= port <= PORT_MAX:
        return None
    host = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    return Address(host, port) if is_host(host) or not colon else None


def read_content(path: str, shown: str) -> bytes:
    """Return the content of a config file, without a byte order mark. Raises ConfigError."""
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
    return content.removeprefix(b"\xef\xbb\xbf")


class PortsTaken:
    """The names and ports of a config's channels, each valid and used once.

    If there is an IRC port, names that differ only in the case of A to Z count as the same: IRC cannot tell them apart.
    """

    def __init__(
        self, front_desk_port: int, move_front_desk: str, limits: Limits, irc: Address | None = None, move_irc: str = ""
    ) -> None:
        """Begin with the ports of the front desk and of IRC taken; `move_front_desk` and `move_irc` say how to move
        them.

        Raises BrokenRule.
        """
        self._front_desk_port = front_desk_port
        self._move_front_desk = move_front_desk
        self._irc = irc
        self._move_irc = move_irc
        self._name_characters_max = limits.name_characters_max
        self._names: dict[str, tuple[str, str]] = {}
        self._ports: dict[int, str] = {}
        if irc is not None and irc.port == front_desk_port:
            remedy = f"choose another with {move_irc}, or move the front desk's with {move_front_desk}"
            raise BrokenRule(f"IRC's port {irc.port} is the front desk's", remedy)

    def name(self, word: str, place: str) -> str:
        """Return a word as a channel's name; `place` is where it stands, for a message about a second one.

        Raises BrokenRule.
        """
        name = text.normalise_name(word)
        if name[:1].isdigit():
            raise BrokenRule(f"the name {quoted(name)} starts with a digit", "start it with a letter")
        if ":" in name:
            raise BrokenRule(f"the name {quoted(name)} has a colon", "leave it out: operators write CHANNEL:NAME")
        problem = text.name_problem(name, self._name_characters_max)
        if problem:
            raise BrokenRule(f"the name {quoted(name)} cannot be: {problem.rstrip('.')}", "choose another name")
        key = text.fold(name) if self._irc else name
        if key in self._names:
            other, stands = self._names[key]
            if other == name:
                raise BrokenRule(f"the name {quoted(name)} {stands}", "choose another name")
            rule = f"to IRC the name {quoted(name)} is {quoted(other)}, which {stands}"
            raise BrokenRule(rule, "choose one that differs in more than the case of its letters, or take irc out")
        self._names[key] = name, place
        return name

    def port(self, port: int, place: str) -> int:
        """Return the port if it can be the channel's; `place` as for a name. Raises BrokenRule."""
        if port == self._front_desk_port:
            remedy = f"choose another port, or move that one with {self._move_front_desk}"
            raise BrokenRule(f"the port {port} is the front desk's", remedy)
        if self._irc is not None and port == self._irc.port:
            raise BrokenRule(
                f"the port {port} is IRC's", f"choose another port, or move that one with {self._move_irc}"
            )
        if port in self._ports:
            raise BrokenRule(f"the port {port} {self._ports[port]}", "choose another port")
        self._ports[port] = place
        return port
