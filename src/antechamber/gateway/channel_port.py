"""A channel's port: JSON lines if the first byte is `{`, plain text otherwise."""

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
    """The listening sockets of a channel, and their connections."""

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
        self._acceptor = Acceptor(channel, sockets, self.knock)

    def open(self) -> None:
        """Begin to accept connections. Call it in the event loop."""
        super().open()
        self._acceptor.open()

    def close(self) -> None:
        """Stop accepting connections; those of members go on."""
        self._acceptor.close()
        super().close()

    def encoding(self, begun: bytes) -> Encoding:
        """Return the encoding for a connection whose first bytes are `begun`."""
        return JSON if begun.startswith(b"{") else PLAIN

    def decoder(self, encoding: Encoding, limits: Limits) -> Decoder:
        """Return a new decoder for a connection with that encoding."""
        return JsonDecoder(limits) if encoding is JSON else PlainDecoder(limits)
