"""Reload: a running server takes up its changed config, whole or not at all.

Everything that may fail comes before anything changes: the config is read, the ports that are new open, and the hub
takes the channels' settings in one turn that the log keeps. Only then do doors open and close.
"""

import socket
import sys
from collections.abc import Callable, Iterator, Sequence

from antechamber.config import ChannelSettings, ConfigError, Settings, whose_port
from antechamber.gateway.admission import Admission
from antechamber.gateway.listening import ListenError, close, listen
from antechamber.gateway.tcp import Door
from antechamber.hub import Hub
from antechamber.log import LogError
from antechamber.room import Room
from antechamber.text import clean

_AT_START = {
    "host": "host",
    "front_desk_port": "port",
    "data_path": "data",
    "log_level": "log_level",
}
"""The settings that a running server does not take up, by the names that a config has for them."""


def room_of(channel: ChannelSettings) -> Room:
    """Return a room with a channel's settings."""
    return Room(channel.name, channel.port, channel.seats, channel.limits, channel.topic, channel.retention)


class Doors:
    """The channels' doors, by port, and those that have closed while people were in who had come by them."""

    def __init__(self, hub: Hub, admission: Admission) -> None:
        self.of_port: dict[int, Door] = {}
        self._hub = hub
        self._admission = admission
        self._closed: list[Door] = []

    def open(self, channel: ChannelSettings, sockets: list[socket.socket]) -> None:
        """Open a channel's door at listening sockets."""
        door = self.of_port[channel.port] = Door(channel.name, sockets, self._hub, channel.limits, self._admission)
        door.open()

    def close(self, port: int) -> None:
        """Close a door to newcomers."""
        door = self.of_port.pop(port)
        door.close()
        self._closed = [*(each for each in self._closed if each.guests), door]

    def all(self) -> list[Door]:
        """Return every door that somebody may be in by."""
        return [*self.of_port.values(), *self._closed]


class Reload:
    """Takes up what `read_again` returns, which raises ConfigError, each time it is called."""

    def __init__(
        self, settings: Settings, read_again: Callable[[], Settings], hub: Hub, doors: Doors, admission: Admission
    ) -> None:
        self._settings = settings
        self._read_again = read_again
        self._hub = hub
        self._doors = doors
        self._admission = admission

    def __call__(self) -> None:
        """Take the config up, and say on standard error what has changed, or why nothing has."""
        path = clean(self._settings.config_path)
        try:
            changes = self._take_up()
        except (ConfigError, ListenError, LogError) as error:
            print(f"antechamber: not reloaded, so nothing has changed: {error}", file=sys.stderr, flush=True)
        else:
            told = "; ".join(changes) or "nothing has changed"
            print(f"antechamber: reloaded {path}: {told}", file=sys.stderr, flush=True)

    def _take_up(self) -> list[str]:
        """Do it all, and return what has changed; or raise ConfigError, ListenError or LogError, and nothing has."""
        old, new = self._settings, self._read_again()
        sockets = self._open_ports(old.host, new.channels)
        try:
            self._hub.reload(map(room_of, new.channels), new.limits)
        except LogError:
            for opened in sockets.values():
                close(opened)
            raise
        self._settings = new._replace(**{field: getattr(old, field) for field in _AT_START})
        self._admission.limits = new.limits
        for port in self._doors.of_port.keys() - {channel.port for channel in new.channels}:
            self._doors.close(port)
        for channel in new.channels:
            if (door := self._doors.of_port.get(channel.port)) is None:
                self._doors.open(channel, sockets[channel.port])
            else:
                door.channel, door.limits = channel.name, channel.limits
        return [*_channel_changes(old, new), *_other_changes(old, new)]

    def _open_ports(self, host: str, channels: Sequence[ChannelSettings]) -> dict[int, list[socket.socket]]:
        """Open the ports that are new, or raise ListenError with none of them left open."""
        sockets: dict[int, list[socket.socket]] = {}
        for channel in channels:
            if channel.port in self._doors.of_port:
                continue
            try:
                sockets[channel.port] = listen(host, channel.port, whose_port(channel))
            except ListenError:
                for opened in sockets.values():
                    close(opened)
                raise
        return sockets


def _channel_changes(old: Settings, new: Settings) -> Iterator[str]:
    """Say what has changed about the channels."""
    before, after = ({channel.name: channel for channel in each.channels} for each in (old, new))
    for name, channel in after.items():
        if (was := before.get(name)) is None:
            yield f"{name} opened on port {channel.port}, {channel.seats} seats"
            continue
        if channel.seats != was.seats:
            yield f"{name} has {channel.seats} seats, not {was.seats}"
        if channel.port != was.port:
            yield f"{name} is on port {channel.port}, not {was.port}"
        if channel._replace(port=0, seats=0, where="") != was._replace(port=0, seats=0, where=""):
            yield f"{name} has other settings"
    for name in before.keys() - after.keys():
        yield f"{name} closed"


def _other_changes(old: Settings, new: Settings) -> Iterator[str]:
    """Say what has changed beside the channels, and what would have."""
    if new.limits != old.limits:
        yield "there are other limits"
    later = [shown for field, shown in _AT_START.items() if getattr(new, field) != getattr(old, field)]
    if later:
        yield f"{', '.join(later)} will change at the next start"
