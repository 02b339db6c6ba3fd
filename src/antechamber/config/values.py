"""Checks for the values of TOML settings.

Each check takes a setting's name and value, and returns the value as it is used. For an invalid one it raises
BrokenRule, which shows the value, the rule, and a line that keeps to it.
"""

from collections.abc import Callable
from typing import Any

from antechamber.config import IRC_PORT, LOG_LEVELS, Address
from antechamber.config.bounds import Bound
from antechamber.config.rules import BrokenRule, address, host_name, is_host, quoted
from antechamber.protocol import text
from antechamber.protocol.limits import (
    MOTD_LINE_CHARACTERS_MAX,
    MOTD_LINES_MAX,
    OPERATOR_TOKEN_CHARACTERS_MAX,
    OPERATOR_TOKEN_CHARACTERS_MIN,
    OPERATOR_TOKEN_DIFFERENT_CHARACTERS_MIN,
    TOPIC_CHARACTERS_MAX,
)

Judge = Callable[[str, Any], Any]

_INT_SHOWN_MAX = 10**20


def number(bound: Bound, example: float) -> Judge:
    """Return the check for a number within a range; a whole number if the valid `example` is an int."""
    whole = isinstance(example, int)

    def judge(key: str, value: Any) -> Any:
        fits = type(value) is int or (type(value) is float and not whole)
        if not fits or not (bound.least <= value <= bound.most or (value == 0 and bound.zero)):
            rule = f"a {'whole ' if whole else ''}number from {_plain(bound.least)} to {_plain(bound.most)}"
            zero = f", or 0 for {bound.zero}" if bound.zero else ""
            raise BrokenRule(f"{key} is {shown(value)}, not {rule}{zero}", f"write {key} = {_plain(example)}")
        return value if whole else float(value)

    return judge


def words(key: str, value: Any, example: str) -> str:
    """Return a text. Raises BrokenRule."""
    if not isinstance(value, str):
        raise BrokenRule(f"{key} is {shown(value)}, not a text", f'write {key} = "{example}"')
    return value


def host(key: str, value: Any) -> str:
    """Return the host to listen on."""
    word = words(key, value, "localhost")
    if not is_host(word):
        raise BrokenRule(f"{key} is {quoted(word)}, not a name or an address", f'write {key} = "localhost"')
    return word


def allow_hosts(key: str, value: Any) -> tuple[str, ...]:
    """Return the host names of the front desk besides the machine's own."""
    remedy = f'write {key} = ["chat.example.org"]'
    if not isinstance(value, list):
        raise BrokenRule(f"{key} is {shown(value)}, not a list of names", remedy)
    names = []
    for each in value:
        name = host_name(each) if isinstance(each, str) else None
        if name is None:
            raise BrokenRule(f"{key} has {shown(each)}, which is no name of a host alone", remedy)
        names.append(name)
    return tuple(names)


def path(key: str, value: Any) -> str:
    """Return a path."""
    word = words(key, value, "antechamber.db")
    if not word or "\0" in word:
        raise BrokenRule(f"{key} is {quoted(word)}, not a path", f'write {key} = "antechamber.db"')
    return word


def log_level(key: str, value: Any) -> str:
    """Return the log level for standard error."""
    word = words(key, value, "warning")
    if word not in LOG_LEVELS:
        raise BrokenRule(f"{key} is {quoted(word)}, not one of {', '.join(LOG_LEVELS)}", f'write {key} = "warning"')
    return word


def operator_token(key: str, value: Any) -> str:
    """Return the operator token, "" for the log's own. It is a secret, so no message shows it."""
    if not isinstance(value, str):
        raise BrokenRule(f"{key} is not a text", f'write it in quotes: {key} = "…"')
    if not (value.isascii() and value.isprintable()) or " " in value:
        raise BrokenRule(f"{key} has a character that is no letter, digit or sign of ASCII", "leave it out")
    least, most = OPERATOR_TOKEN_CHARACTERS_MIN, OPERATOR_TOKEN_CHARACTERS_MAX
    if value and not least <= len(value) <= most:
        rule = f"the length of {key} is {len(value)}, not {least} to {most}"
        raise BrokenRule(rule, "make one: openssl rand -hex 16")
    if value and len(set(value)) < OPERATOR_TOKEN_DIFFERENT_CHARACTERS_MIN:
        rule = f"{key} has fewer than {OPERATOR_TOKEN_DIFFERENT_CHARACTERS_MIN} different characters"
        raise BrokenRule(rule, "make one: openssl rand -hex 16")
    return value


def irc(key: str, value: Any) -> Address | None:
    """Return the address of the IRC port: the default port for `true`, None for no IRC port."""
    if isinstance(value, bool):
        return Address("", IRC_PORT) if value else None
    word = str(value) if isinstance(value, int) else value
    found = address(word) if isinstance(word, str) else None
    if found is None:
        rule = f"{key} is {shown(value)}, not true, a port, or a host with a port"
        raise BrokenRule(rule, f'write {key} = {IRC_PORT}, or {key} = "0.0.0.0:{IRC_PORT}"')
    return found


def switch(key: str, value: Any) -> bool:
    """Return a yes or no."""
    if not isinstance(value, bool):
        raise BrokenRule(f"{key} is {shown(value)}, not true or false", f"write {key} = true")
    return value


def motd(key: str, value: Any) -> str:
    """Return the message of the day, which may have several lines, without control characters."""
    lines = [text.clean(line.rstrip()) for line in words(key, value, "Welcome!").strip("\r\n").split("\n")]
    if len(lines) > MOTD_LINES_MAX:
        raise BrokenRule(f"{key} has {len(lines)} lines, and the most are {MOTD_LINES_MAX}", "shorten it")
    for number, line in enumerate(lines, 1):
        if len(line) > MOTD_LINE_CHARACTERS_MAX:
            rule = f"line {number} of {key} is {len(line)} characters long, and the most are {MOTD_LINE_CHARACTERS_MAX}"
            raise BrokenRule(rule, "break it in two")
    return "\n".join(lines)


def topic(key: str, value: Any) -> str:
    """Return a channel's topic, in one line without control characters."""
    line = text.clean(" ".join(words(key, value, "What this channel is about").split()))
    if len(line) > TOPIC_CHARACTERS_MAX:
        rule = f"{key} is {len(line)} characters long, and the most are {TOPIC_CHARACTERS_MAX}"
        raise BrokenRule(rule, "shorten it")
    return line


def table(key: str, value: Any) -> dict[str, Any]:
    """Return the table [key]."""
    if not isinstance(value, dict):
        raise BrokenRule(f"{key} is {shown(value)}, not a table", f"write [{key}] above its settings")
    return value


def tables(key: str, value: Any) -> list[dict[str, Any]]:
    """Return the tables [[key]]."""
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        rule = f"{key} is {shown(value)}, not a list of tables"
        raise BrokenRule(rule, f"write [[{key}]], in double brackets, above the settings of each")
    return value


def shown(value: Any) -> str:
    """Return any value as a message shows it."""
    match value:
        case str():
            return quoted(value)
        case bool():
            return str(value).lower()
        case int():
            return str(value) if abs(value) < _INT_SHOWN_MAX else "a number of many digits"
        case float():
            return str(value)
        case list():
            return "a list"
        case dict():
            return "a table"
        case _:
            return "a date or a time"


def _plain(value: float) -> str:
    return str(int(value)) if value == int(value) else str(value)
