"""What a server is told at its start: the shapes of it, whether a config file said it or an option.

`reading.read_settings` reads a config, which is a configfile (`configfile`) or TOML (`toml`); both keep to `rules`.
Every start waits for this package, so it imports little: what only TOML needs is imported for TOML alone.
"""

from typing import NamedTuple

from antechamber.protocol.limits import Limits, Retention

FRONT_DESK_PORT = 9876
"""The front desk's port where none is given."""
IRC_PORT = 6667
"""IRC's port where it is only said that there is one."""
HOST = "localhost"
"""Where to listen where nothing is said of it."""
DATA_IN_MEMORY = ":memory:"
"""In place of a path: keep nothing on disk."""
SEAT_HOLD_SECONDS = 60.0
"""How long the seat of a member whose connection was lost is kept where nothing is said of it."""
PLACE_HOLD_SECONDS = 300.0
"""How long the place in line of such a member is kept where nothing is said of it."""
LOG_LEVELS = ("off", "error", "warning", "info", "debug")


class ConfigError(Exception):
    """The config cannot be used. Its text is one line: file, line or key, rule and remedy."""


class ChannelSettings(NamedTuple):
    """One channel of the config; `name` is in Unicode form NFC.

    `where` is its place in the config, with which an error about it begins: `configfile:3`, or
    `antechamber.toml: channel 2 ("games")`. `limits` are the server's, with what the channel has of its own. If
    `ports_hold` is false, nothing is held for members who came by the channel's port and lost the connection, as in the
    plain transcripts; members on the page are not affected.
    """

    name: str
    port: int
    seats: int
    where: str
    limits: Limits
    retention: Retention = Retention()
    topic: str = ""
    ports_hold: bool = True


WHOSE_IRC = "irc's "
"""How an error about IRC's port begins."""


def whose_port(channel: ChannelSettings) -> str:
    """Return how an error about a channel's port begins."""
    return f"{channel.where}: the channel {channel.name}'s "


class Address(NamedTuple):
    """A port, and the host to listen on where that is another one than the server's; "" where it is not."""

    host: str
    port: int


class Settings(NamedTuple):
    """All that a server is told at its start. `data_path` is None if nothing is kept on disk.

    The front desk goes by the names `allow_hosts` beside the machine's own.
    `operator_token` is a secret, "" where it is the one that is made of the log's. `irc` is None where IRC clients have
    no way in; `open_channels` says whether they make channels of their own, `motd` what they read as they come in.
    """

    config_path: str
    channels: tuple[ChannelSettings, ...]
    host: str
    front_desk_port: int
    data_path: str | None
    log_level: str
    limits: Limits
    operator_token: str = ""
    irc: Address | None = None
    open_channels: bool = False
    motd: str = ""
    allow_hosts: tuple[str, ...] = ()

    @property
    def irc_host(self) -> str:
        """The host that IRC's port listens on."""
        return (self.irc and self.irc.host) or self.host


class Overrides(NamedTuple):
    """What the command line says, which comes before what the config says; None if it says nothing.

    `data_path` may be `DATA_IN_MEMORY`; `idle_seconds_max` holds for every channel; `allow_hosts` come beside those
    that the config has.
    """

    host: str | None = None
    front_desk_port: int | None = None
    data_path: str | None = None
    log_level: str | None = None
    idle_seconds_max: float | None = None
    irc: Address | None = None
    allow_hosts: tuple[str, ...] = ()


NO_OVERRIDES = Overrides()


class Config(NamedTuple):
    """What a config file says; None if it says nothing. `limits` and `channels` have the overrides already."""

    channels: tuple[ChannelSettings, ...]
    limits: Limits
    host: str | None = None
    front_desk_port: int | None = None
    data_path: str | None = None
    log_level: str | None = None
    operator_token: str = ""
    irc: Address | None = None
    open_channels: bool = False
    motd: str = ""
    allow_hosts: tuple[str, ...] = ()
