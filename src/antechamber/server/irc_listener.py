"""The IRC port as configured: opened at the start or by a reload, and moved or closed by a later one.

There is one network, created with the first port. Clients of a closed port stay in it.
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
        """Prepare without a port. `rehash` reloads the config."""
        self._hub = hub
        self._admission = admission
        self._rehash = rehash
        self.network: Network | None = None
        """The network of all clients, None if no port was ever opened."""
        self._port: IrcPort | None = None
        self._closed: list[IrcPort] = []

    def open(self, settings: Settings, sockets: list[socket.socket]) -> None:
        """Open a port at listening sockets, and close the previous one."""
        self.close()
        if self.network is None:
            self.network = Network(self._hub, settings.limits, _of_irc(settings), self._rehash)
            self._hub.router.extend(Dispatch(self.network))
        self.configure(settings)
        self._port = IrcPort(sockets, self._hub, self.network.encodings, settings.limits, self._admission)
        self._port.open()

    def configure(self, settings: Settings) -> None:
        """Apply the IRC settings of the config other than the port, and the limits."""
        if self.network is not None:
            self.network.settings = _of_irc(settings)
            self.network.limits = settings.limits
        if self._port is not None:
            self._port.limits = settings.limits

    def close(self) -> None:
        """Close the port to new connections."""
        if self._port is not None:
            self._port.close()
            self._closed = [*(each for each in self._closed if each.connections), self._port]
            self._port = None

    def end(self) -> None:
        """Write a goodbye to every client, once the hub has taken its last turn."""
        for port in self.all():
            port.end()

    def all(self) -> list[IrcPort]:
        """Return every port that may have connections."""
        return [*self._closed, self._port] if self._port else self._closed


def _of_irc(settings: Settings) -> IrcSettings:
    return IrcSettings(settings.open_channels, settings.motd)
