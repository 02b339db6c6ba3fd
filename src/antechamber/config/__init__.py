"""The settings of a server, from its config file and its command line.

`load.read_settings` reads a config, which is a configfile (`configfile`) or TOML (`toml`); both keep to `rules`. Every
start waits for this package, so it imports little: what only TOML needs is imported for TOML alone.
"""

from typing import NamedTuple

from antechamber.protocol.limits import Limits, Retention

FRONT_DESK_PORT = 9876
"""The default port of the front desk."""
IRC_PORT = 6667
"""The default port of IRC."""
HOST = "localhost"
"""The default host to listen on."""
DATA_IN_MEMORY = ":memory:"
"""The value of a data path for keeping nothing on disk."""
SEAT_HOLD_SECONDS = 60.0
"""The default time for which the seat of a member with a lost connection is held."""
PLACE_HOLD_SECONDS = 300.0
"""The default time for which the place in line of such a member is held."""
LOG_LEVELS = ("off", "error", "warning", "info", "debug")


class ConfigError(Exception):
    """The error that a config cannot be used. Its text is one line: file, line or key, rule and remedy."""


class ChannelSettings(NamedTuple):
    """One channel of the config; `name` is in Unicode form NFC.

    `where` is its place in the config, with which an error begins: `configfile:3`, or
    `antechamber.toml: channel 2 ("games")`. `limits` are the server's with the channel's own values. If
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
"""The beginning of an error about the IRC port."""


def whose_port(channel: ChannelSettings) -> str:
    """Return the beginning of an error about a channel's port."""
    return f"{channel.where}: the channel {channel.name}'s "


class Address(NamedTuple):
    """A port, and the host to listen on if it differs from the server's; "" if it does not."""

    host: str
    port: int


class Settings(NamedTuple):
    """All settings of a server. `data_path` is None if nothing is kept on disk.

    The front desk answers to the host names `allow_hosts` besides the machine's own. `operator_token` is a secret; ""
    stands for the one made from the log's. `irc` is None if there is no IRC port; `open_channels` is whether IRC users
    may make channels, and `motd` their message of the day.
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
        """The host that the IRC port listens on."""
        return (self.irc and self.irc.host) or self.host


class Overrides(NamedTuple):
    """The options of the command line, which override the config; None for those not given.

    `data_path` may be `DATA_IN_MEMORY`; `idle_seconds_max` holds for every channel; `allow_hosts` are added to
    the config's.
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
    """The settings in a config file; None for those not given. `limits` and `channels` include the overrides."""

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
