"""JSON lines in WebSocket frames (RFC 6455, section 5.2): what a page reads.

Each write is a complete text frame with one or several lines, so that sessions which read the same are written the same
bytes. The gateway reads frames; they contain JSON lines.
"""

from collections.abc import Sequence

from antechamber.codec.jsonl import JSON
from antechamber.protocol.events import Entry
from antechamber.protocol.notices import Message

_TEXT = b"\x81"
"""The first byte of a text frame that is a whole message."""


def text_frame(lines: bytes) -> bytes:
    """Return a text frame with these lines, as a server sends it: without a mask (RFC 6455, 5.1)."""
    length = len(lines)
    if length < 126:
        return b"%b%c%b" % (_TEXT, length, lines)
    if length < 65_536:
        return b"%b\x7e%b%b" % (_TEXT, length.to_bytes(2, "big"), lines)
    return b"%b\x7f%b%b" % (_TEXT, length.to_bytes(8, "big"), lines)


class WebSocketEncoding:
    """The writing side of every WebSocket session: JSON lines, one frame for those of a turn."""

    carries_files = True
    joins_each = False
    reads_lines = True

    def joined(self, entries: Sequence[Entry], lines: bytes, clock: str) -> bytes:
        """Return all the entries in one frame."""
        return text_frame(JSON.joined(entries, lines, clock)) if lines else b""

    def one(self, message: Message, clock: str, reader: str) -> bytes:
        """Return one message in a frame."""
        return text_frame(JSON.one(message, clock, reader))


WEBSOCKET = WebSocketEncoding()
