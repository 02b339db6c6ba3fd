"""Loading the settings from a config file and the command line, at the start and at each reload."""

import os
import sys

from antechamber.config import DATA_IN_MEMORY, FRONT_DESK_PORT, HOST, NO_OVERRIDES, Config, Overrides, Settings
from antechamber.config.rules import read_content
from antechamber.protocol import text

TOML_SUFFIX = ".toml"


def read_settings(path: str, overrides: Overrides = NO_OVERRIDES) -> Settings:
    """Return the settings: the command line's, then the config file's, then defaults.

    A file whose name ends in `.toml` is TOML, any other a configfile. Raises ConfigError if the file cannot be read
    or breaks a rule.
    """
    shown = text.clean(path)
    content = read_content(path, shown)
    config = _read_toml(content, path, overrides) if is_toml(path) else _read_configfile(content, shown, overrides)
    return Settings(
        config_path=path,
        channels=config.channels,
        host=overrides.host or config.host or HOST,
        front_desk_port=overrides.front_desk_port or config.front_desk_port or FRONT_DESK_PORT,
        data_path=_data_path(overrides.data_path or config.data_path),
        log_level=overrides.log_level or config.log_level or ("off" if sys.stderr.isatty() else "warning"),
        limits=config.limits,
        operator_token=config.operator_token,
        irc=overrides.irc or config.irc,
        open_channels=config.open_channels,
        motd=config.motd,
        allow_hosts=tuple(dict.fromkeys((*config.allow_hosts, *overrides.allow_hosts))),
    )


def exposed_token(settings: Settings) -> str | None:
    """Return a warning if the config contains the operator token and others can read the file; None otherwise."""
    path = settings.config_path
    try:
        is_open = bool(os.stat(path).st_mode & 0o044)
    except OSError:
        return None
    if not settings.operator_token or not is_open:
        return None
    import shlex

    shown, word = text.clean(path), text.clean(shlex.quote(path))
    return f"{shown} has the operator token, and other users of this machine can read it: chmod 600 {word}"


def is_toml(path: str) -> bool:
    """Return whether the config file at `path` is read as TOML."""
    return path.lower().endswith(TOML_SUFFIX)


def _read_configfile(content: bytes, shown: str, overrides: Overrides) -> Config:
    from antechamber.config.configfile import read_configfile

    return read_configfile(content, shown, overrides)


def _read_toml(content: bytes, path: str, overrides: Overrides) -> Config:
    from antechamber.config.toml import read_toml

    return read_toml(content, path, overrides)


def _data_path(said: str | None) -> str | None:
    if said is None:
        from antechamber.runtime.paths import default_data_path

        return default_data_path()
    return None if said == DATA_IN_MEMORY else said
