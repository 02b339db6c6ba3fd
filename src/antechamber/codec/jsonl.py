"""JSON lines: the protocol of our own clients, one JSON object a line (docs/protocol.md tells it whole).

The objects are the structs of `commands` and `events` as they stand, so decoding is one call for a whole chunk, and
an entry's line is the very line that the log keeps.
"""

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from antechamber.codec import CodecError
from antechamber.codec.lines import LineSplitter
from antechamber.commands import (
    Announce,
    AskSamples,
    Empty,
    Hello,
    History,
    Kick,
    Malformed,
    Move,
    Mute,
    Operate,
    PeerCommand,
    Received,
    Resume,
    Say,
    Search,
    Send,
    Switch,
    Watch,
    Whisper,
)
from antechamber.events import Entry, Message
from antechamber.limits import HISTORY_ENTRIES_MAX, KEY_CHARACTERS_MAX, SEARCH_CHARACTERS_MAX, SEQUENCE_MAX, Limits
from antechamber.text import clean, clean_lines, normalise_name, shows

_decoder: msgspec.json.Decoder[PeerCommand] = msgspec.json.Decoder(PeerCommand)
_message_decoder: msgspec.json.Decoder[Message] = msgspec.json.Decoder(Message)
_decode = _decoder.decode
_encode = msgspec.json.Encoder().encode


def parse(line: bytes, limits: Limits) -> PeerCommand:
    """Decode one line into a command.

    Raises CodecError, and nothing else, where the line is no JSON, or no command of the protocol.
    """
    try:
        command = _decode(line)
    except msgspec.ValidationError as error:
        raise CodecError("invalid", clean(f"No such command: {error}.")) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise CodecError("no-json", f"Not a line of JSON: {error}.") from None
    return tidy(command, limits)


def tidy(command: PeerCommand, limits: Limits) -> PeerCommand:
    """Return the command with its texts stripped and safe and its names normalised.

    A text of a message may have several lines. Raises CodecError where a text shows nothing, an id, a key or a path is
    too long, or a question about the past has no sense.
    """
    if len(command.id) > limits.id_characters_max:
        raise CodecError("id-too-long", f"An id has at most {limits.id_characters_max} characters.")
    if isinstance(command, Say):
        text = command.text.strip()
        if not shows(text):
            raise CodecError("empty", "An empty message is not sent.", clean(command.id))
        if text is command.text and text.isprintable() and command.id.isprintable():
            return command
        return Say(clean_lines(text), clean(command.id))
    if not command.id.isprintable():
        command = replace(command, id=clean(command.id))
    return _tidy_rest(command, limits)


def _tidy_rest(command: PeerCommand, limits: Limits) -> PeerCommand:
    if isinstance(command, Whisper):
        return replace(command, to=_name(command.to), text=_text(command.text, "whisper", command.id))
    if isinstance(command, Announce):
        text = _text(command.text, "announcement", command.id)
        return replace(command, channel=_name(command.channel), text=text)
    if isinstance(command, Send):
        path = clean(command.path)
        if not 0 < len(path) <= limits.path_characters_max:
            text = f"A path has 1 to {limits.path_characters_max} characters."
            raise CodecError("bad-path", text, command.id)
        if command.size < 0:
            raise CodecError("bad-size", "A file's size is 0 or more bytes.", command.id)
        return replace(command, to=_name(command.to), path=path)
    if isinstance(command, Received):
        return replace(command, ticket=clean(command.ticket), problem=clean(command.problem))
    if isinstance(command, Resume | Operate):
        return replace(command, token=clean(command.token))
    if isinstance(command, Watch):
        return replace(command, rosters=tuple(map(_name, command.rosters)))
    if isinstance(command, History | Search):
        return _tidy_question(command)
    if isinstance(command, Hello) and command.key:
        if len(command.key) > KEY_CHARACTERS_MAX:
            raise CodecError("key-too-long", f"A key has at most {KEY_CHARACTERS_MAX} characters.", command.id)
        command = replace(command, key=clean(command.key))
    if isinstance(command, Hello | Kick | Mute | Move):
        command = replace(command, name=_name(command.name))
    if isinstance(command, Hello | Switch | Kick | Mute | Empty | Move | AskSamples):
        command = replace(command, channel=_name(command.channel))
    return command


def _tidy_question(command: History | Search) -> History | Search:
    """Judge what is asked about the past."""
    if isinstance(command, Search):
        command = replace(command, words=clean(command.words.strip()))
        if problem := _search_problem(command):
            raise CodecError("bad-search", problem, command.id)
    elif problem := _history_problem(command):
        raise CodecError("bad-history", problem, command.id)
    return command


def _search_problem(command: Search) -> str | None:
    if not 0 < len(command.words) <= SEARCH_CHARACTERS_MAX:
        return f"One may search for 1 to {SEARCH_CHARACTERS_MAX} characters."
    return _page_problem(command.limit, command.before)


def _history_problem(command: History) -> str | None:
    if command.before and command.after:
        return "Ask for the entries before one, or for those after one, not for both."
    return _page_problem(command.limit, command.before, command.after)


def _page_problem(limit: int, *numbers: int) -> str | None:
    if not 0 < limit <= HISTORY_ENTRIES_MAX:
        return f"At a time one may ask for 1 to {HISTORY_ENTRIES_MAX} entries."
    if not all(0 <= number <= SEQUENCE_MAX for number in numbers):
        return f"The number of an entry is 1 to {SEQUENCE_MAX}."
    return None


def _text(text: str, what: str, command_id: str) -> str:
    text = text.strip()
    if not shows(text):
        raise CodecError("empty", f"An empty {what} is not sent.", command_id)
    return clean_lines(text)


def _name(name: str) -> str:
    return normalise_name(clean(name))


def decode_message(line: bytes) -> Message:
    """Decode a line of the server's, for a client.

    Raises msgspec.DecodeError, and nothing else, where the line is none.
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
        """Take what the transport read, split anywhere, and give the commands that are now whole."""
        limits = self._limits
        if data.endswith(b"\n") and len(data) <= limits.line_bytes_max and self._splitter.idle:
            # The common case: whole lines, none of them too long. A fault sends us the long way. (The decoder's own
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

    def each(self, entries: Sequence[Entry], lines: bytes, clock: str) -> list[bytes]:
        """Return the entries' lines one by one: JSON has no newline inside."""
        return lines.splitlines(keepends=True)

    def joined(self, entries: Sequence[Entry], lines: bytes, clock: str) -> bytes:
        """Return the entries' lines as they are."""
        return lines

    def one(self, message: Message, clock: str, reader: str) -> bytes:
        """Encode one message; every reader reads the same."""
        return _encode(message) + b"\n"


JSON = JsonEncoding()
