"""IRC's way in, as the config has it: opened at the start or by a reload, moved and closed by another.

There is one network, made when the first door opens. Those who came by a door that has closed stay in it.
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
    """The door of IRC, and those that have closed while somebody was in who had come by them."""

    def __init__(self, hub: Hub, admission: Admission, rehash: Callable[[], object]) -> None:
        """Open no port yet. `rehash` reads the config again."""
        self._hub = hub
        self._admission = admission
        self._rehash = rehash
        self.network: Network | None = None
        """What those are in who come by it, None if there has been no door yet."""
        self._door: IrcPort | None = None
        self._closed: list[IrcPort] = []

    def open(self, settings: Settings, sockets: list[socket.socket]) -> None:
        """Open the door at listening sockets, in place of the one that there was."""
        self.close()
        if self.network is None:
            self.network = Network(self._hub, settings.limits, _of_irc(settings), self._rehash)
            self._hub.router.extend(Dispatch(self.network))
        self.configure(settings)
        self._door = IrcPort(sockets, self._hub, self.network.encodings, settings.limits, self._admission)
        self._door.open()

    def configure(self, settings: Settings) -> None:
        """Take up what the config says of IRC beside its port, and the limits."""
        if self.network is not None:
            self.network.configure(_of_irc(settings), settings.limits)
        if self._door is not None:
            self._door.limits = settings.limits

    def close(self) -> None:
        """Close the door to newcomers."""
        if self._door is not None:
            self._door.close()
            self._closed = [*(each for each in self._closed if each.guests), self._door]
            self._door = None

    def end(self) -> None:
        """Tell everybody goodbye who is in, once the hub has taken its last turn."""
        for door in self.all():
            door.end()

    def all(self) -> list[IrcPort]:
        """Return every door that somebody may be in by."""
        return [*self._closed, self._door] if self._door else self._closed


def _of_irc(settings: Settings) -> IrcSettings:
    return IrcSettings(settings.open_channels, settings.motd)
