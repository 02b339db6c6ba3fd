"""A channel's port: JSON lines where the first byte is `{`, plain text otherwise."""

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
    """A channel's listening sockets, and those who have come in by them."""

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
        """Begin to answer those who knock. Called in the event loop."""
        super().open()
        self._acceptor.open()

    def close(self) -> None:
        """Answer nobody any more; the connections of those who are named go on."""
        self._acceptor.close()
        super().close()

    def encoding(self, begun: bytes) -> Encoding:
        """Return how one reads whose first bytes are `begun`."""
        return JSON if begun.startswith(b"{") else PLAIN

    def decoder(self, encoding: Encoding, limits: Limits) -> Decoder:
        """Return what reads the bytes of one with that encoding."""
        return JsonDecoder(limits) if encoding is JSON else PlainDecoder(limits)
