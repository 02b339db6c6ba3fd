"""The listener of a channel's port: JSON lines if the first byte is `{`, plain text otherwise."""

import socket
from collections.abc import Sequence

from antechamber.codec import Decoder, Encoding
from antechamber.codec.jsonl import JSON, JsonDecoder
from antechamber.codec.plain import PLAIN, PlainDecoder
from antechamber.gateway.acceptor import Acceptor
from antechamber.gateway.admission import Admission
from antechamber.gateway.connection import Listener
from antechamber.hub.hub import Hub
from antechamber.protocol.limits import Limits


class ChannelPort(Listener):
    """A channel's listening sockets, and their connections."""

    def __init__(
        self,
        channel: str,
        sockets: Sequence[socket.socket],
        hub: Hub,
        limits: Limits,
        admission: Admission,
        *,
        may_hold: bool = True,
    ) -> None:
        super().__init__(channel, hub, limits, admission)
        self.may_hold = may_hold
        self._acceptor = Acceptor(channel, sockets, self.accept)

    def open(self) -> None:
        """Start accepting connections. Called in the event loop."""
        super().open()
        self._acceptor.open()

    def close(self) -> None:
        """Stop accepting, and close unnamed connections; named ones go on."""
        self._acceptor.close()
        super().close()

    def encoding(self, begun: bytes) -> Encoding:
        """Return the encoding of a connection whose first bytes are `begun`."""
        return JSON if begun.startswith(b"{") else PLAIN

    def decoder(self, encoding: Encoding, limits: Limits) -> Decoder:
        """Return a decoder for connections with this encoding."""
        return JsonDecoder(limits) if encoding is JSON else PlainDecoder(limits)
