"""A config in TOML: settings at the top, `[limits]`, and a `[[channel]]` for each channel.

A fault is told in one line that names the file, the line or key, the rule and the remedy. Of several faults, only the
first is told: those at the top come first, then those of the limits, then those of the channels.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from typing import Any

from antechamber.config import (
    DATA_IN_MEMORY,
    FRONT_DESK_PORT,
    PLACE_HOLD_SECONDS,
    SEAT_HOLD_SECONDS,
    ChannelSettings,
    Config,
    ConfigError,
    Overrides,
    values,
)
from antechamber.config.bounds import (
    BOUNDS,
    FIT_THE_OUTBOX,
    OUTBOX_TIMES,
    PORT,
    RETENTION_DAYS,
    RETENTION_ENTRIES,
    seats,
)
from antechamber.config.rules import BrokenRule, PortsTaken, quoted, shortened
from antechamber.config.values import Judge
from antechamber.protocol import text
from antechamber.protocol.limits import Limits, Retention

DEFAULTS = Limits(
    seat_hold_seconds=SEAT_HOLD_SECONDS,
    place_hold_seconds=PLACE_HOLD_SECONDS,
    commands_per_second_max=20.0,
    address_commands_per_second_max=10_000.0,
)
"""The default limits of a config in TOML."""

_SECONDS_A_DAY = 86_400
_SYNTAX_CHARACTERS_SHOWN = 160

_TOP: Mapping[str, Judge] = {
    "host": values.host,
    "allow_hosts": values.allow_hosts,
    "port": values.number(PORT, FRONT_DESK_PORT),
    "data": values.path,
    "log_level": values.log_level,
    "operator_token": values.operator_token,
    "irc": values.irc,
    "open_channels": values.switch,
    "motd": values.motd,
    "limits": values.table,
    "channel": values.tables,
}
_LIMITS: Mapping[str, Judge] = {key: values.number(BOUNDS[key], value) for key, value in DEFAULTS._asdict().items()}
_CHANNELS_OWN_LIMITS = ("waiting_max", "idle_seconds_max", "seat_hold_seconds", "place_hold_seconds")
"""The limits that a channel may have values of its own for."""
_CHANNEL_NEEDS = {"name": '"general"', "port": "9001", "seats": "5"}
_CHANNEL_KEYS = (*_CHANNEL_NEEDS, *_CHANNELS_OWN_LIMITS, "retention_days", "retention_entries", "topic")
_HOME = {"at the top of the file": _TOP, "under [limits]": _LIMITS, "in a [[channel]]": _CHANNEL_KEYS}
"""The place of each setting."""
_OTHER_NAMES = {"capacity": "seats", "afk": "idle_seconds_max"}


def read_toml(content: bytes, path: str, overrides: Overrides) -> Config:
    """Return the settings in the content of the file at `path`. Raises ConfigError."""
    shown = text.clean(path)
    top = _read_table(shown, _parse(content, shown), _TOP)
    limits = _read_limits(f"{shown}: limits", top.get("limits", {}), overrides)
    return Config(
        channels=_read_channels(shown, top, limits, overrides),
        limits=limits,
        host=top.get("host"),
        front_desk_port=top.get("port"),
        data_path=_data_path(top.get("data"), path),
        log_level=top.get("log_level"),
        operator_token=top.get("operator_token", ""),
        irc=top.get("irc"),
        open_channels=top.get("open_channels", False),
        motd=top.get("motd", ""),
        allow_hosts=top.get("allow_hosts", ()),
    )


def _data_path(data: str | None, config_path: str) -> str | None:
    """Return the data path, relative to the config's folder, or to a home folder if it starts with ~."""
    if data is None or data == DATA_IN_MEMORY:
        return data
    return os.path.join(os.path.dirname(config_path), os.path.expanduser(data))


def _parse(content: bytes, shown: str) -> dict[str, Any]:
    try:
        return tomllib.loads(content.decode())
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{shown}:{line}: the line is no UTF-8 text (save the file as UTF-8)") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{shown}:{_syntax_fault(str(error), content)}") from None
    except RecursionError:
        raise ConfigError(f"{shown}: lists or tables are nested too deeply (a config nests nothing)") from None
    except ValueError:  # Python does not read numbers with some thousand digits
        raise ConfigError(f"{shown}: a number has thousands of digits (write a smaller one)") from None


def _syntax_fault(message: str, content: bytes) -> str:
    """Return a message of the TOML parser with its line first."""
    problem, at, place = text.clean(message).rpartition(" (at ")
    if not at:  # the words of another Python version
        problem = place
    line, remedy = content.removesuffix(b"\n").count(b"\n") + 1, "something is missing at the end of the file"
    if found := re.match(r"line (\d+), column (\d+)", place):
        line, remedy = int(found[1]), f"mend the line, at its character {found[2]}"
    if len(problem) > _SYNTAX_CHARACTERS_SHOWN:
        problem = f"{problem[:_SYNTAX_CHARACTERS_SHOWN]}…"
    return f"{line}: this is no TOML: {problem} ({remedy})"


def _read_table(where: str, table: Mapping[str, Any], judges: Mapping[str, Judge]) -> dict[str, Any]:
    """Return the checked values of a table's settings. Raises ConfigError."""
    found = {}
    try:
        for key, value in table.items():
            if key not in judges:
                raise BrokenRule(f"{quoted(key)} is no setting here", _remedy(key, list(judges)))
            found[key] = judges[key](key, value)
    except BrokenRule as broken:
        raise ConfigError(f"{where}: {broken}") from None
    return found


def _remedy(key: str, known: list[str]) -> str:
    for place, keys in _HOME.items():
        if key in keys:
            return f"it belongs {place}"
    import difflib

    meant = _OTHER_NAMES.get(key.lower(), key.lower())[:64]
    if found := difflib.get_close_matches(meant, known, 1):
        return f"did you mean {found[0]}?"
    return f"take it out; there are {', '.join(known)}"


def _read_limits(where: str, table: Mapping[str, Any], overrides: Overrides) -> Limits:
    limits = DEFAULTS._replace(**_never_idle(_read_table(where, table, _LIMITS), overrides))
    for key in FIT_THE_OUTBOX:
        needed = OUTBOX_TIMES * getattr(limits, key)
        if limits.outbox_bytes_max < needed:
            rule = f"outbox_bytes_max is {limits.outbox_bytes_max}, less than {OUTBOX_TIMES} times {key}"
            raise ConfigError(f"{where}: {rule} (raise it to {needed}, or lower {key})")
    return limits


def _never_idle(found: dict[str, Any], overrides: Overrides) -> dict[str, Any]:
    """Take 0 as never idle, and prefer the command line."""
    if overrides.idle_seconds_max is not None:
        return found | {"idle_seconds_max": overrides.idle_seconds_max}
    return found | {"idle_seconds_max": float("inf")} if found.get("idle_seconds_max") == 0 else found


def _read_channels(
    shown: str, top: Mapping[str, Any], limits: Limits, overrides: Overrides
) -> tuple[ChannelSettings, ...]:
    tables = top.get("channel", ())
    if not tables:
        rule = "a config has at least 1 channel, and this one has none"
        raise ConfigError(f"{shown}: {rule} (add [[channel]], and under it a name, a port and seats)")
    front_desk_port = overrides.front_desk_port or top.get("port", FRONT_DESK_PORT)
    irc = overrides.irc or top.get("irc")
    try:
        doors = PortsTaken(front_desk_port, "port at the top, or --port", limits, irc, "irc at the top, or --irc")
    except BrokenRule as broken:
        raise ConfigError(f"{shown}: {broken}") from None
    return tuple(
        _read_channel(shown, number, table, doors, limits, overrides) for number, table in enumerate(tables, 1)
    )


def _read_channel(
    shown: str, number: int, table: Mapping[str, Any], doors: PortsTaken, limits: Limits, overrides: Overrides
) -> ChannelSettings:
    named = table.get("name")
    where = f"{shown}: channel {number}" + (f' ("{shortened(named)}")' if isinstance(named, str) else "")
    if number > limits.channels_max:
        raise ConfigError(f"{where}: a config has at most {limits.channels_max} channels (leave this one out)")
    place = f"is channel {number}'s"
    judges: dict[str, Judge] = {
        "name": lambda key, value: doors.name(values.words(key, value, "general"), place),
        "port": lambda key, value: doors.port(values.number(PORT, 9001)(key, value), place),
        "seats": values.number(seats(limits), min(5, limits.capacity_max)),
        **{key: _LIMITS[key] for key in _CHANNELS_OWN_LIMITS},
        "retention_days": values.number(RETENTION_DAYS, 30.0),
        "retention_entries": values.number(RETENTION_ENTRIES, 100_000),
        "topic": values.topic,
    }
    found = _read_table(where, table, judges)
    for key, example in _CHANNEL_NEEDS.items():
        if key not in found:
            raise ConfigError(f"{where}: {key} is missing (write {key} = {example})")
    own = {key: found[key] for key in _CHANNELS_OWN_LIMITS if key in found}
    return ChannelSettings(
        name=found["name"],
        port=found["port"],
        seats=found["seats"],
        where=where,
        limits=limits._replace(**_never_idle(own, overrides)),
        retention=Retention(found.get("retention_days", 0.0) * _SECONDS_A_DAY, found.get("retention_entries", 0)),
        topic=found.get("topic", ""),
    )
