"""Reload: a running server applies its changed config, entirely or not at all.

Everything that may fail precedes any change: the config is read, new ports are opened, and the hub applies the
channels' settings in one turn that the log keeps. Only then do listeners open and close.
"""

import logging
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from antechamber.config import WHOSE_IRC, ChannelSettings, ConfigError, Settings, whose_port
from antechamber.config.load import exposed_token
from antechamber.gateway.admission import Admission
from antechamber.gateway.channel_port import ChannelPort
from antechamber.gateway.file_descriptors import all_fit, sessions_that_fit
from antechamber.gateway.http.front_desk import FrontDesk
from antechamber.gateway.ports import ListenError, close, listen
from antechamber.hub.hub import Hub
from antechamber.log import LogError
from antechamber.protocol.text import clean
from antechamber.rooms.room import Room

if TYPE_CHECKING:
    from antechamber.gateway.connection import Listener
    from antechamber.server.irc_listener import IrcListener

_AT_START = {
    "host": "host",
    "front_desk_port": "port",
    "data_path": "data",
    "log_level": "log_level",
}
"""The settings that apply only at the next start, with their names in a config."""
_LIMITS_AT_START = ("console_bytes_max",)
"""The limits that apply only at the next start."""
_CHANNELS_OWN = ("waiting_max", "idle_seconds_max", "seat_hold_seconds", "place_hold_seconds")
"""The limits that a channel sets; the others are the server's, of which each channel has a copy."""
_logger = logging.getLogger(__name__)


def room_of(channel: ChannelSettings) -> Room:
    """Return a room with a channel's settings."""
    return Room(channel.name, channel.port, channel.seats, channel.limits, channel.topic, channel.retention)


class Listeners:
    """The open listeners of the channels and of IRC, and closed ones that still have connections.

    `other_files` is the number of files that are always open beside listening sockets and connections. `rehash`
    reloads the config, for IRC's REHASH (RFC 2812, 4.2).
    """

    def __init__(self, hub: Hub, admission: Admission, other_files: int, rehash: Callable[[], object]) -> None:
        self.of_port: dict[int, ChannelPort] = {}
        self.irc: IrcListener | None = None
        """IRC's ports, None if IRC was never configured."""
        self.other_files = other_files
        self.sockets: dict[int, int] = {}
        """The number of listening sockets of each port."""
        self._hub = hub
        self._admission = admission
        self._rehash = rehash
        self._closed: list[ChannelPort] = []

    def open(self, channel: ChannelSettings, sockets: list[socket.socket]) -> None:
        """Open a channel's listener at listening sockets."""
        listener = self.of_port[channel.port] = ChannelPort(
            channel.name, sockets, self._hub, channel.limits, self._admission, may_hold=channel.ports_hold
        )
        self.sockets[channel.port] = len(sockets)
        listener.open()

    def close(self, port: int) -> None:
        """Close a channel's listener to new connections."""
        listener = self.of_port.pop(port)
        del self.sockets[port]
        listener.close()
        self._closed = [*(each for each in self._closed if each.connections), listener]

    def open_irc(self, settings: Settings, sockets: list[socket.socket]) -> None:
        """Open IRC's port at listening sockets."""
        if self.irc is None:
            from antechamber.server.irc_listener import IrcListener  # a start without IRC does not import it

            self.irc = IrcListener(self._hub, self._admission, self._rehash)
        assert settings.irc is not None
        self.irc.open(settings, sockets)
        self.sockets[settings.irc.port] = len(sockets)

    def all(self) -> "list[Listener]":
        """Return every listener that may have connections."""
        return [*self.of_port.values(), *self._closed, *(self.irc.all() if self.irc else ())]


class Reload:
    """Applies the settings that `read_again` returns, each time it is called. `read_again` may raise ConfigError."""

    def __init__(
        self,
        settings: Settings,
        read_again: Callable[[], Settings],
        hub: Hub,
        listeners: Listeners,
        desk: FrontDesk,
        admission: Admission,
        tell: Callable[[str], None],
    ) -> None:
        """Prepare to reload. `tell` is called with a line about the outcome of each reload."""
        self._settings = settings
        self._read_again = read_again
        self._hub = hub
        self._listeners = listeners
        self._desk = desk
        self._admission = admission
        self._tell = tell

    def __call__(self) -> None:
        """Reload, and tell what has changed, or why nothing has. Does nothing if the server is stopping."""
        if self._hub.stopping:
            return
        path = clean(self._settings.config_path)
        unchanged = "antechamber: not reloaded, so nothing has changed:"
        try:
            changes = self._apply()
        except (ConfigError, ListenError, LogError) as error:
            self._tell(f"{unchanged} {error}")
        except Exception:
            self._tell(f"{unchanged} a fault in the server")
            _logger.exception("a reload failed")
        else:
            self._tell(f"antechamber: reloaded {path}: {'; '.join(changes) or 'nothing has changed'}")
            if exposed := exposed_token(self._settings):
                self._tell(f"antechamber: {exposed}")

    def _apply(self) -> list[str]:
        """Apply the config, and return what has changed.

        Raises ConfigError, ListenError or LogError, with nothing changed.
        """
        old, asked = self._settings, self._read_again()
        new = _applied(old, asked)
        sockets = self._open_ports(new)
        try:
            sessions_fit = self._sessions_that_fit(new, sockets)
            changes = [*_channel_changes(old, new), *_other_changes(old, new, asked)]
            self._hub.reload(map(room_of, new.channels), new.limits)
        except BaseException:
            _close_all(sockets)
            raise
        self._settings = new
        self._hub.set_operator_token(new.operator_token)
        self._admission.refit(new.limits, sessions_fit)
        self._desk.ws_listener.limits = new.limits
        self._desk.allow((new.host, *new.allow_hosts))
        for port in self._listeners.of_port.keys() - {channel.port for channel in new.channels}:
            self._listeners.close(port)
        for channel in new.channels:
            if (listener := self._listeners.of_port.get(channel.port)) is None:
                self._listeners.open(channel, sockets[channel.port])
            else:
                listener.channel, listener.limits, listener.may_hold = channel.name, channel.limits, channel.ports_hold
        self._apply_irc(old, new, sockets)
        return changes

    def _apply_irc(self, old: Settings, new: Settings, sockets: Mapping[int, list[socket.socket]]) -> None:
        """Open, move or close IRC's port."""
        if old.irc is not None and new.irc != old.irc:
            del self._listeners.sockets[old.irc.port]
        if new.irc is not None and new.irc != old.irc:
            self._listeners.open_irc(new, sockets[new.irc.port])
        if (irc := self._listeners.irc) is not None:
            irc.configure(new)
            if new.irc is None:
                irc.close()

    def _open_ports(self, new: Settings) -> dict[int, list[socket.socket]]:
        """Open the new ports. Raises ListenError, with none of them left open."""
        sockets: dict[int, list[socket.socket]] = {}
        try:
            for channel in new.channels:
                if channel.port not in self._listeners.of_port:
                    sockets[channel.port] = listen(new.host, channel.port, whose_port(channel))
            if new.irc is not None and new.irc != self._settings.irc:
                sockets[new.irc.port] = listen(new.irc_host, new.irc.port, WHOSE_IRC)
        except BaseException:
            _close_all(sockets)
            raise
        return sockets

    def _sessions_that_fit(self, new: Settings, sockets: Mapping[int, Sequence[socket.socket]]) -> int:
        """Return how many connections the open files suffice for with these ports. `sockets` are those of new ports.

        Raises ListenError if there are more ports and too few open files for them.
        """
        listeners = self._listeners
        counts = listeners.sockets | {port: len(opened) for port, opened in sockets.items()}
        ports = [channel.port for channel in new.channels] + ([new.irc.port] if new.irc else [])
        listening = sum(counts[port] for port in ports)
        others = listeners.other_files + listening
        if listening > sum(listeners.sockets.values()) and not all_fit(others, self._admission.sessions):
            raise ListenError("the system allows too few open files for more ports (raise ulimit -n)")
        return sessions_that_fit(others)


def _close_all(sockets: Mapping[int, list[socket.socket]]) -> None:
    for opened in sockets.values():
        close(opened)


def _applied(old: Settings, asked: Settings) -> Settings:
    """Return `asked`, with the settings that apply only at the next start from `old`."""
    if _moves_irc_to_another_host(old, asked):
        asked = asked._replace(irc=old.irc)
    limits = asked.limits._replace(**{field: getattr(old.limits, field) for field in _LIMITS_AT_START})
    return asked._replace(limits=limits, **{field: getattr(old, field) for field in _AT_START})


def _moves_irc_to_another_host(old: Settings, asked: Settings) -> bool:
    """Return whether IRC's port stays the same at another host, where the open port could be in the way."""
    return bool(old.irc and asked.irc and old.irc.port == asked.irc.port and old.irc.host != asked.irc.host)


def _channel_changes(old: Settings, new: Settings) -> Iterator[str]:
    """Yield the changes of the channels, in words."""
    before, after = ({channel.name: channel for channel in each.channels} for each in (old, new))
    for name, channel in after.items():
        if (was := before.get(name)) is None:
            yield f"{name} opened on port {channel.port}, {_seats(channel.seats)}"
            continue
        if channel.seats != was.seats:
            yield f"{name} has {_seats(channel.seats)}, not {was.seats}"
        if channel.port != was.port:
            yield f"{name} is on port {channel.port}, not {was.port}"
        if _own(channel) != _own(was):
            yield f"the settings of {name} have changed"
    for name in before:
        if name not in after:
            yield f"{name} closed"


def _seats(count: int) -> str:
    return "1 seat" if count == 1 else f"{count} seats"


def _own(channel: ChannelSettings) -> tuple[Any, ...]:
    """Return the channel's own settings, without its port and seats."""
    return channel.retention, channel.topic, *(getattr(channel.limits, field) for field in _CHANNELS_OWN)


def _other_changes(old: Settings, new: Settings, asked: Settings) -> Iterator[str]:
    """Yield the other changes, in words, and the settings that will change at the next start."""
    if new.limits != old.limits:
        yield "the limits have changed"
    was, now = (each.irc and each.irc.port for each in (old, new))
    if now != was:
        yield (f"IRC is on port {now}{f', not {was}' if was else ''}" if now else "IRC closed")
    if now and (new.open_channels, new.motd) != (old.open_channels, old.motd):
        yield "the settings of IRC have changed"
    if new.allow_hosts != old.allow_hosts:
        yield f"the front desk answers to {', '.join(new.allow_hosts) or 'no host name'} beside the machine's own"
    if new.operator_token != old.operator_token:
        yield "the operator token has changed for new connections"
    later = [shown for field, shown in _AT_START.items() if getattr(asked, field) != getattr(old, field)]
    if _moves_irc_to_another_host(old, asked):
        later.append("irc's host")
    later += [field for field in _LIMITS_AT_START if getattr(asked.limits, field) != getattr(old.limits, field)]
    if later:
        yield f"{', '.join(later)} will change at the next start"
