"""IRC's lines: what a client sends, read, and what the server says, put into bytes.

A line has tags, a source, a command and parameters (https://modern.ircdocs.horse). Lines end in CR LF, in either alone
as well; texts are UTF-8. What a client writes for the look of it (bold, colours) is left out, and whatever could
control a terminal is made visible, so a text that was read is safe to show.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from antechamber.codec import CodecError
from antechamber.codec.irc.parameters import EMPTY, ORDINARY, Table
from antechamber.protocol.commands import Command, Malformed
from antechamber.protocol.limits import IRC_BODY_BYTES_MAX, IRC_TAGS_BYTES_MAX
from antechamber.protocol.text import clean, normalise_name, shows
from antechamber.protocol.text import fold as fold  # noqa: PLC0414 - what reads IRC's names finds it here
from antechamber.protocol.text import nick_of as nick_of  # noqa: PLC0414

SERVER_NAME: Final = "irc.antechamber"
USER_NAME: Final = "~u"
HOST_UNKNOWN: Final = "antechamber"

_LINE_BYTES_MAX = IRC_TAGS_BYTES_MAX + IRC_BODY_BYTES_MAX + len("@ ")
_TALK = b"PRIVMSG "
_SAYING = frozenset(("PRIVMSG", "NOTICE"))
_BYTES_PER_CHARACTER_MAX = 4
_PRINTABLE = bytes(range(0x20, 0x7F))
_FORMATTING = re.compile(
    "\x03(?:[0-9]{1,2}(?:,[0-9]{1,2})?)?|\x04(?:[0-9A-Fa-f]{6}(?:,[0-9A-Fa-f]{6})?)?|[\x02\x0f\x11\x16\x1d\x1e\x1f]"
)
_ENDS_A_LINE = str.maketrans({"\r": " ", "\n": " ", "\0": " "})
_TAG_ESCAPES = str.maketrans({";": "\\:", " ": "\\s", "\\": "\\\\", "\r": "\\r", "\n": "\\n", "\0": None})
_TAG_ESCAPED = re.compile(r"\\(.?)", re.DOTALL)
_TAG_UNESCAPES = {":": ";", "s": " ", "r": "\r", "n": "\n"}
_TAG_KEY = re.compile(r"\+?(?:[A-Za-z0-9.-]+/)?[A-Za-z0-9-]+")
_NOT_UTF_8 = Malformed("not-utf-8", "Message rejected, your IRC software MUST use UTF-8 encoding on this network")
_TOO_LONG = Malformed("line-too-long", "Input line was too long")


class Line(Command, frozen=True, tag=False):
    """One line of a client's: its command in upper case, its parameters safe to show, and not stripped.

    Those that are names are in Unicode form NFC, so that nothing that takes a line has to see to that.

    What is said by `PRIVMSG` or `NOTICE` may be a CTCP message, which `ctcp_of` reads. `tags` are all that were sent,
    those of the client's own (`+`) and others.
    """

    command: str
    params: tuple[str, ...] = ()
    tags: dict[str, str] | None = None
    id: str = ""
    cost: int = 1
    """How many commands it counts as."""
    entrances: int = 0
    """How many channels it asks to enter."""
    is_secret: bool = False
    """Whether passwords, keys or tokens may stand among its parameters."""

    comes_in = True

    def __repr__(self) -> str:
        """Return what may stand in the server's log: no parameters that may be secret."""
        return f"Line({self.command}, {len(self.params) if self.is_secret else self.params})"

    @property
    def characters(self) -> int:
        """How much text it carries."""
        return len("".join(self.params))


class Burst(Command, frozen=True, tag=False):
    """Consecutive untagged `PRIVMSG`s to one target, that came together. Each text shows something, and is stripped."""

    target: str
    texts: list[str]
    id: str = ""

    @property
    def cost(self) -> int:
        """How many commands it counts as: as many as it has texts."""
        return len(self.texts)

    @property
    def characters(self) -> int:
        """How much text it carries; each text but the first counts as a command of its own would."""
        return len("".join(self.texts)) + 100 * (len(self.texts) - 1)


def source_of(name: str, host: str) -> str:
    """Return who a line is from, for a member of this name from this (cloaked) host."""
    return f"{nick_of(name)}!{USER_NAME}@{host or HOST_UNKNOWN}"


def escape_tag(value: str) -> str:
    """Return `value` as it stands in a tag."""
    return value.translate(_TAG_ESCAPES)


def unescape_tag(value: str) -> str:
    """Return what stands in a tag as it is meant; a lone backslash at its end is nothing."""
    if "\\" not in value:
        return value
    return _TAG_ESCAPED.sub(lambda found: _TAG_UNESCAPES.get(found[1], found[1]), value)


def message(source: str, command: str, *params: str, trailing: bool = False, tags: str = "") -> bytes:
    """Return one line of the server's, of at most 512 bytes without its `tags`, which are escaped already.

    The last parameter may have spaces, and is cut at a character where the line would be too long; with `trailing` it
    gets its colon in any case. Any other that cannot stand where it does is told as `*`.
    """
    words = [f":{source}", command] if source else [command]
    if params:
        if not "".join(params).isprintable():
            params = tuple([param.translate(_ENDS_A_LINE) for param in params])
        *middle, last = params
        words += [word if word and " " not in word and word[0] != ":" else "*" for word in middle]
        words.append(f":{last}" if trailing or not last or " " in last or last[0] == ":" else last)
    body = " ".join(words).encode()
    if len(body) > IRC_BODY_BYTES_MAX:
        body = body[:IRC_BODY_BYTES_MAX].decode(errors="ignore").encode()
    return b"@%b %b\r\n" % (tags.encode(), body) if tags else body + b"\r\n"


def client_tags(tags: Mapping[str, str]) -> str:
    """Return those of a client's tags that go on to others, escaped and joined; "" where there are none."""
    joined, room = "", IRC_TAGS_BYTES_MAX + len(";")
    for key, value in tags.items():
        if key[:1] == "+" and _TAG_KEY.fullmatch(key):
            tag = f"{key}={escape_tag(value)}" if value else key
            room -= len(tag.encode()) + len(";")
            if room < 0:
                break
            joined = f"{joined};{tag}" if joined else tag
    return joined


def ctcp_of(text: str) -> tuple[str, str] | None:
    """Return the command and the words of a CTCP message, such as `("ACTION", "waves")`; None where `text` is none."""
    if text[:1] != "\x01":
        return None
    command, _, words = text[1:].removesuffix("\x01").partition(" ")
    return command.upper(), words


def parse(line: bytes, table: Table = EMPTY) -> Line | None:
    """Read one line, without its end; return None if there is no command in it. `table` tells what its parameters are.

    Raises CodecError, and nothing else, where it is too long, or is not UTF-8.
    """
    if len(line) > _LINE_BYTES_MAX:
        raise CodecError(_TOO_LONG.code, _TOO_LONG.text)
    try:
        text = line.decode()
    except UnicodeDecodeError:
        raise CodecError(_NOT_UTF_8.code, _NOT_UTF_8.text) from None
    tags: dict[str, str] | None = None
    body_bytes = len(line)
    if text[:1] == "@":
        head, space, text = text[1:].partition(" ")
        head_bytes = len(head.encode())
        body_bytes -= head_bytes + len("@" + space)
        if head_bytes > IRC_TAGS_BYTES_MAX:
            raise CodecError(_TOO_LONG.code, _TOO_LONG.text)
        tags = _tags(head)
    if body_bytes > IRC_BODY_BYTES_MAX:
        raise CodecError(_TOO_LONG.code, _TOO_LONG.text)
    text = text.lstrip(" ")
    if text[:1] == ":":
        text = text.partition(" ")[2].lstrip(" ")
    before, colon, last = text.partition(" :")
    command, *params = [word for word in before.split(" ") if word] or [""]
    if not command:
        return None
    if colon:
        params.append(last)
    if command.isascii():
        command = command.upper()
    if not text.isprintable():
        params = [*map(_clean_word, params[:-1]), *[_tidy(text, command in _SAYING) for text in params[-1:]]]
        command = _clean_word(command)
    read = table.get(command, ORDINARY)
    if not text.isascii():
        params[read.names] = map(normalise_name, params[read.names])
    return Line(command, tuple(params), tags, "", read.cost(params), read.entrances(params), read.are_secret)


def _clean_word(word: str) -> str:
    """Make safe what has no space in it, and is to have none."""
    return clean(word.replace("\t", "\0"))


def _tidy(text: str, is_said: bool) -> str:
    """Leave out what is for the look of it, and make safe what is left. The mark of a CTCP message stays."""
    if is_said and text[:1] == "\x01":
        return f"\x01{_tidy(text[1:].removesuffix(chr(1)), False)}\x01"
    return clean(_FORMATTING.sub("", text))


def _tags(head: str) -> dict[str, str]:
    tags = {}
    for tag in head.split(";"):
        key, _, value = tag.partition("=")
        if _TAG_KEY.fullmatch(key):
            tags[key] = clean(unescape_tag(value))
    return tags


def _burst(data: bytes) -> Burst | None:
    """Read whole lines that are one burst, in a few steps for all of them; None if there is any doubt."""
    if not data.startswith(_TALK) or not data.endswith(b"\r\n"):
        return None
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    start = text.find(" :", len(_TALK)) + 2
    head = text[:start]
    target = head[len(_TALK) : -2]
    if (
        start < len(_TALK)
        or not target
        or target[0] == ":"
        or " " in target
        or "," in target
        or not target.isprintable()
    ):
        return None
    lines = text[start:-2].split(f"\r\n{head}")
    if text.isascii():
        # What is left without the characters that show must be the lines' ends.
        if data.translate(None, _PRINTABLE) != b"\r\n" * len(lines):
            return None
        longest = max(map(len, lines)) if len(lines) > 1 else len(lines[0])
        texts = [line.strip() for line in lines]
        is_shown = "" not in texts
    else:
        if not "".join(lines).isprintable():
            return None
        start = len(head.encode())
        longest = max(map(len, lines)) * _BYTES_PER_CHARACTER_MAX
        if start + longest > IRC_BODY_BYTES_MAX:
            longest = max([len(line.encode()) for line in lines])
        texts = [line.strip() for line in lines]
        is_shown = all("!" <= text[:1] <= "~" or shows(text) for text in texts)
    return Burst(normalise_name(target), texts) if is_shown and start + longest <= IRC_BODY_BYTES_MAX else None


class IrcDecoder:
    """The reading side of an IRC connection."""

    __slots__ = ("_rest", "_table")

    def __init__(self, table: Table) -> None:
        """Read the parameters of each command as `table` says."""
        self._table = table
        self._rest: bytes | None = b""
        """What came of a line that has not ended; None if that is too long already, and passed over."""

    def receive(self, data: bytes) -> Sequence[Line | Burst | Malformed]:
        """Take what the transport read, split anywhere, and give the lines that are now whole.

        What is said in a row comes as a burst only where it comes alone. Else it is lines, which say the same.
        """
        rest = self._rest
        if rest is not None:
            if rest:
                data = rest + data
            if data.endswith(b"\n"):
                whole, rest = data, b""
            else:
                end = data.rfind(b"\n") + 1
                whole, rest = data[:end], data[end:]
            if len(rest) <= _LINE_BYTES_MAX and b"\r" not in rest and (burst := _burst(whole)) is not None:
                self._rest = rest
                return (burst,)
        return self._one_by_one(data)

    def _one_by_one(self, data: bytes) -> list[Line | Burst | Malformed]:
        *lines, rest = data.replace(b"\r", b"\n").split(b"\n")
        if self._rest is None:
            if not lines:
                return []
            del lines[0]  # the end of what is passed over
        judged = [self._judge(line) for line in lines if line]
        commands: list[Line | Burst | Malformed] = [command for command in judged if command is not None]
        if len(rest) > _LINE_BYTES_MAX:
            self._rest = None
            commands.append(_TOO_LONG)
        else:
            self._rest = rest
        return commands

    def _judge(self, line: bytes) -> Line | Malformed | None:
        try:
            return parse(line, self._table)
        except CodecError as error:
            return Malformed(error.code, error.text)
