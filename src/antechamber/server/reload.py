"""Reload: a running server adopts its changed config, all of it or nothing.

Everything that may fail comes before anything changes: the config is read, new ports are opened, and the hub adopts the
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
"""The settings that a running server cannot adopt, by their names in a config."""
_LIMITS_AT_START = ("console_bytes_max",)
"""The limits that it cannot adopt."""
_CHANNELS_OWN = ("waiting_max", "idle_seconds_max", "seat_hold_seconds", "place_hold_seconds")
"""The limits that are a channel's own; the others are the server's, though each channel has a copy."""
_logger = logging.getLogger(__name__)


def room_of(channel: ChannelSettings) -> Room:
    """Return a room with a channel's settings."""
    return Room(channel.name, channel.port, channel.seats, channel.limits, channel.topic, channel.retention)


class Listeners:
    """The listeners of the channels by port, closed ones that still have connections, and the IRC port.

    `other_files` are always open in this process besides listening sockets and connections. `rehash` reads the config
    again, for an operator who asks for it on IRC.
    """

    def __init__(self, hub: Hub, admission: Admission, other_files: int, rehash: Callable[[], object]) -> None:
        self.of_port: dict[int, ChannelPort] = {}
        self.irc: IrcListener | None = None
        """The IRC port."""
        self.other_files = other_files
        self.sockets: dict[int, int] = {}
        """The number of listening sockets of each port."""
        self._hub = hub
        self._admission = admission
        self._rehash = rehash
        self._closed: list[ChannelPort] = []

    def open(self, channel: ChannelSettings, sockets: list[socket.socket]) -> None:
        """Open a channel's port at listening sockets."""
        door = self.of_port[channel.port] = ChannelPort(
            channel.name, sockets, self._hub, channel.limits, self._admission, may_hold=channel.ports_hold
        )
        self.sockets[channel.port] = len(sockets)
        door.open()

    def close(self, port: int) -> None:
        """Stop accepting connections at a port."""
        door = self.of_port.pop(port)
        del self.sockets[port]
        door.close()
        self._closed = [*(each for each in self._closed if each.guests), door]

    def open_irc(self, settings: Settings, sockets: list[socket.socket]) -> None:
        """Open the IRC port at listening sockets."""
        if self.irc is None:
            from antechamber.server.irc_listener import IrcListener  # a start without IRC need not import it

            self.irc = IrcListener(self._hub, self._admission, self._rehash)
        assert settings.irc is not None
        self.irc.open(settings, sockets)
        self.sockets[settings.irc.port] = len(sockets)

    def all(self) -> "list[Listener]":
        """Return every listener that may have connections."""
        return [*self.of_port.values(), *self._closed, *(self.irc.all() if self.irc else ())]


class Reload:
    """Adopts what `read_again` returns, which may raise ConfigError, each time it is called."""

    def __init__(
        self,
        settings: Settings,
        read_again: Callable[[], Settings],
        hub: Hub,
        doors: Listeners,
        desk: FrontDesk,
        admission: Admission,
        tell: Callable[[str], None],
    ) -> None:
        """Report the result of each reload by `tell`, which takes a line."""
        self._settings = settings
        self._read_again = read_again
        self._hub = hub
        self._doors = doors
        self._desk = desk
        self._admission = admission
        self._tell = tell

    def __call__(self) -> None:
        """Adopt the config and report what has changed, or why nothing has. Does nothing while the server ends."""
        if self._hub.stopping:
            return
        path = clean(self._settings.config_path)
        unchanged = "antechamber: not reloaded, so nothing has changed:"
        try:
            changes = self._take_up()
        except (ConfigError, ListenError, LogError) as error:
            self._tell(f"{unchanged} {error}")
        except Exception:
            self._tell(f"{unchanged} a fault in the server")
            _logger.exception("a reload failed")
        else:
            self._tell(f"antechamber: reloaded {path}: {'; '.join(changes) or 'nothing has changed'}")
            if exposed := exposed_token(self._settings):
                self._tell(f"antechamber: {exposed}")

    def _take_up(self) -> list[str]:
        """Adopt the config and return what has changed, or raise ConfigError, ListenError or LogError."""
        old, asked = self._settings, self._read_again()
        new = _taken_up(old, asked)
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
        self._desk.lobby.limits = new.limits
        self._desk.allow((new.host, *new.allow_hosts))
        for port in self._doors.of_port.keys() - {channel.port for channel in new.channels}:
            self._doors.close(port)
        for channel in new.channels:
            if (door := self._doors.of_port.get(channel.port)) is None:
                self._doors.open(channel, sockets[channel.port])
            else:
                door.channel, door.limits, door.may_hold = channel.name, channel.limits, channel.ports_hold
        self._take_up_irc(old, new, sockets)
        return changes

    def _take_up_irc(self, old: Settings, new: Settings, sockets: Mapping[int, list[socket.socket]]) -> None:
        """Open, move or close the IRC port."""
        if old.irc is not None and new.irc != old.irc:
            del self._doors.sockets[old.irc.port]
        if new.irc is not None and new.irc != old.irc:
            self._doors.open_irc(new, sockets[new.irc.port])
        if (irc := self._doors.irc) is not None:
            irc.configure(new)
            if new.irc is None:
                irc.close()

    def _open_ports(self, new: Settings) -> dict[int, list[socket.socket]]:
        """Open the new ports, or raise ListenError with none of them left open."""
        sockets: dict[int, list[socket.socket]] = {}
        try:
            for channel in new.channels:
                if channel.port not in self._doors.of_port:
                    sockets[channel.port] = listen(new.host, channel.port, whose_port(channel))
            if new.irc is not None and new.irc != self._settings.irc:
                sockets[new.irc.port] = listen(new.irc_host, new.irc.port, WHOSE_IRC)
        except BaseException:
            _close_all(sockets)
            raise
        return sockets

    def _sessions_that_fit(self, new: Settings, sockets: Mapping[int, Sequence[socket.socket]]) -> int:
        """Return how many connections open files allow beside these ports; `sockets` are the new ones.

        Raises ListenError if there are more ports than before and too few files.
        """
        doors = self._doors
        counts = doors.sockets | {port: len(opened) for port, opened in sockets.items()}
        ports = [channel.port for channel in new.channels] + ([new.irc.port] if new.irc else [])
        listening = sum(counts[port] for port in ports)
        others = doors.other_files + listening
        if listening > sum(doors.sockets.values()) and not all_fit(others, self._admission.sessions):
            raise ListenError("the system allows too few open files for more ports (raise ulimit -n)")
        return sessions_that_fit(others)


def _close_all(sockets: Mapping[int, list[socket.socket]]) -> None:
    for opened in sockets.values():
        close(opened)


def _taken_up(old: Settings, asked: Settings) -> Settings:
    """Return the settings of a server with `old` ones after it has adopted what it can of `asked`."""
    if _moves_irc_to_another_host(old, asked):
        asked = asked._replace(irc=old.irc)
    limits = asked.limits._replace(**{field: getattr(old.limits, field) for field in _LIMITS_AT_START})
    return asked._replace(limits=limits, **{field: getattr(old, field) for field in _AT_START})


def _moves_irc_to_another_host(old: Settings, asked: Settings) -> bool:
    """Return whether the IRC port stays but moves to another host, where the open port may be in the way."""
    return bool(old.irc and asked.irc and old.irc.port == asked.irc.port and old.irc.host != asked.irc.host)


def _channel_changes(old: Settings, new: Settings) -> Iterator[str]:
    """Return what has changed about the channels, in words."""
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
            yield f"{name} has other settings"
    for name in before:
        if name not in after:
            yield f"{name} closed"


def _seats(count: int) -> str:
    return "1 seat" if count == 1 else f"{count} seats"


def _own(channel: ChannelSettings) -> tuple[Any, ...]:
    """Return the channel's own settings besides its port and seats."""
    return channel.retention, channel.topic, *(getattr(channel.limits, field) for field in _CHANNELS_OWN)


def _other_changes(old: Settings, new: Settings, asked: Settings) -> Iterator[str]:
    """Return what else has changed, in words, and what needs a restart."""
    if new.limits != old.limits:
        yield "there are other limits"
    was, now = (each.irc and each.irc.port for each in (old, new))
    if now != was:
        yield (
            f"IRC clients come in by port {now}{f', not {was}' if was else ''}"
            if now
            else "IRC clients come in no more"
        )
    if now and (new.open_channels, new.motd) != (old.open_channels, old.motd):
        yield "IRC has other settings"
    if new.allow_hosts != old.allow_hosts:
        yield f"the front desk goes by {', '.join(new.allow_hosts) or 'no name'} beside the machine's own"
    if new.operator_token != old.operator_token:
        yield "the operator token is another one for who comes from now on"
    later = [shown for field, shown in _AT_START.items() if getattr(asked, field) != getattr(old, field)]
    if _moves_irc_to_another_host(old, asked):
        later.append("irc's host")
    later += [field for field in _LIMITS_AT_START if getattr(asked.limits, field) != getattr(old.limits, field)]
    if later:
        yield f"{', '.join(later)} will change at the next start"
