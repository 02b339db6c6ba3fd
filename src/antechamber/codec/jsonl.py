"""The codec for JSON lines: the protocol of our own clients, one JSON object a line (docs/protocol.md).

The objects are the structs of `commands` and `events` unchanged, so one call decodes a whole chunk, and an entry's line
is the very line that the log keeps.
"""

from collections.abc import Sequence

import msgspec

from antechamber.codec import CodecError
from antechamber.codec.lines import LineSplitter
from antechamber.codec.sanitize import tidy
from antechamber.protocol.commands import Malformed, PeerCommand
from antechamber.protocol.events import Entry
from antechamber.protocol.limits import Limits
from antechamber.protocol.notices import Message
from antechamber.protocol.text import clean

_decoder: msgspec.json.Decoder[PeerCommand] = msgspec.json.Decoder(PeerCommand)
_message_decoder: msgspec.json.Decoder[Message] = msgspec.json.Decoder(Message)
_decode = _decoder.decode
_encode = msgspec.json.Encoder().encode


def parse(line: bytes, limits: Limits) -> PeerCommand:
    """Decode one line into a command.

    Raises CodecError, and nothing else, if the line is not JSON or not a command of the protocol.
    """
    try:
        command = _decode(line)
    except msgspec.ValidationError as error:
        raise CodecError("invalid", clean(f"No such command: {error}.")) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise CodecError("no-json", f"Not a line of JSON: {error}.") from None
    return tidy(command, limits)


def decode_message(line: bytes) -> Message:
    """Decode a line from the server, for a client.

    Raises msgspec.DecodeError, and nothing else, if it is not such a line.
    """
    try:
        return _message_decoder.decode(line)
    except (UnicodeDecodeError, RecursionError) as error:
        raise msgspec.DecodeError(str(error)) from None


class JsonDecoder:
    """The reading side of a JSON session."""

    __slots__ = ("_limits", "_splitter")

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._splitter = LineSplitter(limits.line_bytes_max)

    def receive(self, data: bytes) -> Sequence[PeerCommand | Malformed]:
        """Take bytes, split anywhere, and return the commands that are complete now."""
        limits = self._limits
        if data.endswith(b"\n") and len(data) <= limits.line_bytes_max and self._splitter.idle:
            # The common case: complete lines, none too long. A fault takes the slow path. (The decoder's own
            # way with lines would let a command go over two lines, or two stand on one, and only where no chunk ends.)
            try:
                return [tidy(_decode(line), limits) for line in data[:-1].split(b"\n")]
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, CodecError):
                pass
        return [self._judge(line) for line in self._splitter.feed(data) if line is None or line.strip()]

    def _judge(self, line: bytes | None) -> PeerCommand | Malformed:
        if line is None:
            return Malformed("line-too-long", f"A line has at most {self._limits.line_bytes_max} bytes.")
        try:
            return parse(line, self._limits)
        except CodecError as error:
            return Malformed(error.code, error.text, error.command_id)


class JsonEncoding:
    """The writing side of every JSON session: entries go out as the log keeps them."""

    carries_files = True
    joins_each = True
    reads_lines = True

    def joined(self, entries: Sequence[Entry], lines: bytes, clock: str) -> bytes:
        """Return the entries' lines unchanged."""
        return lines

    def one(self, message: Message, clock: str, reader: str) -> bytes:
        """Encode one message, which is the same for every reader."""
        return _encode(message) + b"\n"


JSON = JsonEncoding()
