"""The IRC port of the config: opened at the start or by a reload, moved and closed by a reload.

There is one network, made when the port first opens. Users of a port that has closed stay in it.
"""

import socket
from collections.abc import Callable

from antechamber.config import Settings
from antechamber.gateway.admission import Admission
from antechamber.gateway.irc_port import IrcPort
from antechamber.hub.hub import Hub
from antechamber.irc.dispatch import Dispatch
from antechamber.irc.network import IrcSettings, Network


class IrcListener:
    """The open IRC port, and closed ones that still have connections."""

    def __init__(self, hub: Hub, admission: Admission, rehash: Callable[[], object]) -> None:
        """Open no port yet. `rehash` reads the config again."""
        self._hub = hub
        self._admission = admission
        self._rehash = rehash
        self.network: Network | None = None
        """The network of the IRC users; None if no port has been open yet."""
        self._door: IrcPort | None = None
        self._closed: list[IrcPort] = []

    def open(self, settings: Settings, sockets: list[socket.socket]) -> None:
        """Open the port at listening sockets, in place of an earlier one."""
        self.close()
        if self.network is None:
            self.network = Network(self._hub, settings.limits, _of_irc(settings), self._rehash)
            self._hub.router.extend(Dispatch(self.network))
        self.configure(settings)
        self._door = IrcPort(sockets, self._hub, self.network.encodings, settings.limits, self._admission)
        self._door.open()

    def configure(self, settings: Settings) -> None:
        """Adopt the settings for IRC besides its port, and the limits."""
        if self.network is not None:
            self.network.configure(_of_irc(settings), settings.limits)
        if self._door is not None:
            self._door.limits = settings.limits

    def close(self) -> None:
        """Stop accepting connections."""
        if self._door is not None:
            self._door.close()
            self._closed = [*(each for each in self._closed if each.guests), self._door]
            self._door = None

    def end(self) -> None:
        """Say goodbye to all clients, after the hub has taken its last turn."""
        for door in self.all():
            door.end()

    def all(self) -> list[IrcPort]:
        """Return every port that may have connections."""
        return [*self._closed, self._door] if self._door else self._closed


def _of_irc(settings: Settings) -> IrcSettings:
    return IrcSettings(settings.open_channels, settings.motd)
