"""The listener of WebSocket connections: `/ws` at the front desk, which belongs to no channel."""

from antechamber.codec import Decoder, Encoding
from antechamber.codec.jsonl import JsonDecoder
from antechamber.codec.jsonl_websocket import WEBSOCKET
from antechamber.gateway.connection import Connection, Listener
from antechamber.protocol.limits import Limits
from antechamber.protocol.notices import GoodbyeReason


class WebSocketListener(Listener):
    """The listener of the pages' WebSockets. Their hello names the channel."""

    reads_lines = False
    farewell: tuple[GoodbyeReason, str] | None = ("shutdown", "The server shuts down.")

    @property
    def sessions(self) -> int:
        """The number of admitted connections."""
        return sum(type(connection) is Connection for connection in self.connections)

    def encoding(self, begun: bytes) -> Encoding:
        """Return the encoding of all connections."""
        return WEBSOCKET

    def decoder(self, encoding: Encoding, limits: Limits) -> Decoder:
        """Return a decoder for one connection."""
        return JsonDecoder(limits)
