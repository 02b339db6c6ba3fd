"""What users say: how it is read from a line, and how it is written for each who reads it outside a channel's log.

CTCP messages: https://modern.ircdocs.horse/ctcp; tags: https://ircv3.net/specs/extensions/message-tags
"""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from antechamber.codec.irc.capabilities import Capability
from antechamber.codec.irc.decoding import Line, client_tags, ctcp_of, message
from antechamber.codec.irc.encoding import cut, timestamp
from antechamber.irc.exchange import Exchange
from antechamber.protocol.events import Form
from antechamber.protocol.limits import IRC_BODY_BYTES_MAX
from antechamber.protocol.text import shows

KEPT_TAGS: Final = frozenset(("+reply", "+draft/reply", "+draft/react", "+draft/unreact"))
"""The client-only tags that are sent on with a message, and kept in the log with it."""
TYPING: Final = "+typing"
"""The client-only tag that says whether its sender is typing; no log keeps it."""
_NAMELESS: Final = "CTCP"
"""The command of a CTCP message that names none."""
_PIECE_BYTES_MIN: Final = 64
"""How much text a line has room for at least, however long the names before it."""
LIST_BYTES_MAX: Final = 400
"""How many bytes of names are on one line of an answer."""


class MessageText(NamedTuple):
    """What a user says: `text` of one or more lines as people read it, or a CTCP message if `ctcp` is its command."""

    text: str
    form: Form = "message"
    tags: dict[str, str] | None = None
    ctcp: str = ""

    @property
    def command(self) -> str:
        """The IRC command that says it."""
        return "NOTICE" if self.form == "notice" else "PRIVMSG"

    def lines(self, bytes_max: int) -> list[str]:
        """Return its lines that are not blank, as IRC writes them, in pieces of at most `bytes_max` bytes."""
        if self.ctcp:
            return [self.text]
        before, after = ("\x01ACTION ", "\x01") if self.form == "action" else ("", "")
        lines = [line for line in self.text.split("\n") if shows(line.strip())]
        room = max(bytes_max - len(before + after), _PIECE_BYTES_MIN)
        return [f"{before}{piece}{after}" for line in lines for piece in cut(line, room)]


def kept_tags(line: Line) -> dict[str, str] | None:
    """Return the tags of a line that others are to read, None if there are none."""
    if line.tags is None:
        return None
    return {key: value for key, value in line.tags.items() if key in KEPT_TAGS} or None


def read_text(line: Line, text: str) -> MessageText | None:
    """Read the `text` of a PRIVMSG or NOTICE; return None if it is blank."""
    form: Form = "notice" if line.command == "NOTICE" else "message"
    ctcp = ctcp_of(text)
    if ctcp is not None and ctcp[0] != "ACTION":
        return MessageText(text, form, None, ctcp[0] or _NAMELESS)
    if ctcp is not None:
        form, text = "action" if form == "message" else form, ctcp[1]
    text = text.rstrip()
    return MessageText(text, form, kept_tags(line)) if shows(text.lstrip()) else None


def private_id(exchange: Exchange) -> str:
    """Return an id for a message that no log keeps."""
    return f"pm-{int(exchange.turn.time * 1000):x}-{next(exchange.network.private_ids):x}"


def private_tags(reader: Exchange, msgid: str, tags: dict[str, str] | None) -> str:
    """Return the tags that the user of an exchange reads on a message that no log keeps."""
    words = []
    if reader.user.has(Capability.SERVER_TIME):
        words.append(f"time={timestamp(reader.turn.time)}")
    if reader.user.has(Capability.MESSAGE_TAGS):
        if msgid:
            words.append(f"msgid={msgid}")
        words += [client_tags(tags)] if tags else []
    return ";".join(words)


def private_lines(reader: Exchange, source: str, target: str, said: MessageText, msgid: str) -> bytes:
    """Return what the user of an exchange reads of a message that no log keeps; the first line has all the tags."""
    lines = said.lines(IRC_BODY_BYTES_MAX - len(f":{source} {said.command} {target} :".encode()))
    written = []
    tags = private_tags(reader, msgid, said.tags)
    for line in lines:
        written.append(message(source, said.command, target, line, trailing=True, tags=tags))
        tags = private_tags(reader, "", None)
    return b"".join(written)


def packed(words: Iterable[str], bytes_max: int, separator: str = " ") -> Iterator[str]:
    """Join words into as few texts of at most `bytes_max` bytes as their order allows."""
    line: list[str] = []
    taken = 0
    for word in words:
        size = len(word) if word.isascii() else len(word.encode())
        if line and taken + size > bytes_max:
            yield separator.join(line)
            line, taken = [], 0
        line.append(word)
        taken += size + 1
    if line:
        yield separator.join(line)
