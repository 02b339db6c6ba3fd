"""Lines of IRC: decoding those of clients, and building those of the server (RFC 2812, section 2.3).

A line has tags, a source, a command and parameters (https://modern.ircdocs.horse/#message-format). It ends in CR LF, or
in either alone; texts are UTF-8. Formatting (bold, colours) is removed, and everything that could control a terminal is
made visible, so decoded texts are safe to show.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from antechamber.codec import CodecError
from antechamber.codec.irc.parameters import EMPTY, ORDINARY, Table
from antechamber.protocol.commands import Command, Malformed
from antechamber.protocol.limits import IRC_BODY_BYTES_MAX, IRC_TAGS_BYTES_MAX
from antechamber.protocol.text import clean, nick_of, normalise_name, shows

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
    """A line of a client: its command in upper case, and its parameters, safe to show and not stripped.

    Names among the parameters are in Unicode form NFC, so handlers need not normalise them.

    The text of a `PRIVMSG` or `NOTICE` may be a CTCP message, which `ctcp_of` reads. `tags` are all tags, client-only
    ones (`+`) and others.
    """

    command: str
    params: tuple[str, ...] = ()
    tags: dict[str, str] | None = None
    id: str = ""
    cost: int = 1
    """The number of commands that it counts as."""
    entrances: int = 0
    """The number of channels that it asks to enter."""
    is_secret: bool = False
    """Whether its parameters may contain passwords, keys or tokens."""

    comes_in = True

    def __repr__(self) -> str:
        """Return a form for log files, without parameters that may be secret."""
        return f"Line({self.command}, {len(self.params) if self.is_secret else self.params})"

    @property
    def characters(self) -> int:
        """The number of characters of its text."""
        return len("".join(self.params))


class Burst(Command, frozen=True, tag=False):
    """Consecutive `PRIVMSG`s without tags to one target, which came together. Each text is stripped and not empty."""

    target: str
    texts: list[str]
    id: str = ""

    @property
    def cost(self) -> int:
        """The number of commands that it counts as: one for each text."""
        return len(self.texts)

    @property
    def characters(self) -> int:
        """The number of characters of its texts; each text but the first counts like a command of its own."""
        return len("".join(self.texts)) + 100 * (len(self.texts) - 1)


def source_of(name: str, host: str) -> str:
    """Return the source of a line for a member with this name and cloaked host."""
    return f"{nick_of(name)}!{USER_NAME}@{host or HOST_UNKNOWN}"


def escape_tag(value: str) -> str:
    """Return a value escaped for a tag (https://ircv3.net/specs/extensions/message-tags)."""
    return value.translate(_TAG_ESCAPES)


def unescape_tag(value: str) -> str:
    """Return the unescaped value of a tag; a lone backslash at its end is dropped."""
    if "\\" not in value:
        return value
    return _TAG_ESCAPED.sub(lambda found: _TAG_UNESCAPES.get(found[1], found[1]), value)


def message(source: str, command: str, *params: str, trailing: bool = False, tags: str = "") -> bytes:
    """Return a line of the server, of at most 512 bytes without its `tags`, which are escaped already.

    The last parameter may contain spaces, and is cut between characters if the line would be too long; with `trailing`
    it gets its colon in any case. Any other parameter that is not valid in its place is replaced by `*`.
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
    """Return the client-only tags that others receive, escaped and joined; "" for none."""
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
    """Return the command and text of a CTCP message, such as `("ACTION", "waves")`; None for other texts."""
    if text[:1] != "\x01":
        return None
    command, _, words = text[1:].removesuffix("\x01").partition(" ")
    return command.upper(), words


def parse(line: bytes, table: Table = EMPTY) -> Line | None:
    """Parse one line without its end; return None if it has no command. `table` describes the parameters.

    Raises CodecError, and nothing else, if the line is too long or not UTF-8.
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
    """Make a parameter without spaces safe, and keep it without spaces."""
    return clean(word.replace("\t", "\0"))


def _tidy(text: str, is_said: bool) -> str:
    """Remove formatting, and make the rest safe; keep the mark of a CTCP message."""
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
    """Parse complete lines that are one burst, in a few steps together; None if there is any doubt."""
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
        # Without the visible characters only the line ends are left.
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
        """Use a table that describes the parameters of each command."""
        self._table = table
        self._rest: bytes | None = b""
        """The beginning of an incomplete line; None if it is too long and is being skipped."""

    def receive(self, data: bytes) -> Sequence[Line | Burst | Malformed]:
        """Take bytes, split anywhere, and return the lines that are complete now.

        Messages in a row become a burst only if nothing else came with them; otherwise they are lines.
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
            del lines[0]  # the end of a skipped line
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
