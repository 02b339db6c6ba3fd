"""The way in from a page: `/ws` at the front desk, which belongs to no channel."""

from antechamber.codec import Decoder, Encoding
from antechamber.codec.jsonl import JsonDecoder
from antechamber.codec.jsonl_websocket import WEBSOCKET
from antechamber.gateway.connection import Connection, Listener
from antechamber.protocol.limits import Limits
from antechamber.protocol.notices import GoodbyeReason


class WebSocketListener(Listener):
    """Those who have come in by a WebSocket. In which channel they enter, their hello says."""

    reads_lines = False
    farewell: tuple[GoodbyeReason, str] | None = ("shutdown", "The server shuts down.")

    @property
    def sessions(self) -> int:
        """How many of those who are here were let in."""
        return sum(type(guest) is Connection for guest in self.guests)

    def encoding(self, begun: bytes) -> Encoding:
        """Return how everybody here reads."""
        return WEBSOCKET

    def decoder(self, encoding: Encoding, limits: Limits) -> Decoder:
        """Return what reads the lines of one."""
        return JsonDecoder(limits)
