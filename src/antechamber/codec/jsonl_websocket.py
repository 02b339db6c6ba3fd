"""JSON lines in WebSocket frames (RFC 6455): what a page reads.

What is written is a whole text frame each time, with one line or several in it, so that all who read the same are
written the same bytes. Reading frames is the gateway's: what comes in them are JSON lines.
"""

from collections.abc import Sequence

from antechamber.codec.jsonl import JSON
from antechamber.protocol.events import Entry
from antechamber.protocol.notices import Message

_TEXT = b"\x81"
"""What a text frame begins with that is all of its message."""


def text_frame(lines: bytes) -> bytes:
    """Return the text frame with these lines in it, as a server sends it: not masked."""
    length = len(lines)
    if length < 126:
        return b"%b%c%b" % (_TEXT, length, lines)
    if length < 65_536:
        return b"%b\x7e%b%b" % (_TEXT, length.to_bytes(2, "big"), lines)
    return b"%b\x7f%b%b" % (_TEXT, length.to_bytes(8, "big"), lines)


class WebSocketEncoding:
    """The writing side of every WebSocket session: JSON lines, those of a turn in one frame."""

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
