"""Words: what a user says, as it is understood before it goes to whoever it is for."""

from typing import Final, NamedTuple

from antechamber.codec.irc.capabilities import Capability
from antechamber.codec.irc.decoding import Line, client_tags, ctcp_of, message
from antechamber.codec.irc.encoding import cut, timestamp
from antechamber.irc.network import Network
from antechamber.irc.users import User
from antechamber.protocol.events import Form
from antechamber.protocol.limits import IRC_BODY_BYTES_MAX
from antechamber.protocol.text import shows

KEPT_TAGS: Final = frozenset(("+reply", "+draft/reply", "+draft/react", "+draft/unreact"))
"""The client's own tags that go with what is said, and into the log with it."""
TYPING: Final = "+typing"
"""The client's tag that says whether somebody writes; nobody wants to know later."""


_NAMELESS: Final = "CTCP"
"""What is for a program, and does not say what it is."""
_PIECE_BYTES_MIN: Final = 64
"""How much of a text stands on a line at least, whatever names are before it."""


class Words(NamedTuple):
    """What is said: `text` as people read it, of one line or several; `ctcp` where it is for programs instead."""

    text: str
    form: Form = "message"
    tags: dict[str, str] | None = None
    ctcp: str = ""

    @property
    def command(self) -> str:
        """IRC's command for it."""
        return "NOTICE" if self.form == "notice" else "PRIVMSG"

    def lines(self, bytes_max: int) -> list[str]:
        """Return its lines that show something, as they stand on IRC's, in pieces of so many bytes at most."""
        if self.ctcp:
            return [self.text]
        before, after = ("\x01ACTION ", "\x01") if self.form == "action" else ("", "")
        lines = [line for line in self.text.split("\n") if shows(line.strip())]
        room = max(bytes_max - len(before + after), _PIECE_BYTES_MIN)
        return [f"{before}{piece}{after}" for line in lines for piece in cut(line, room)]


def kept_tags(line: Line) -> dict[str, str] | None:
    """Return those of a line's tags that are for others to read, None where it has none."""
    if line.tags is None:
        return None
    return {key: value for key, value in line.tags.items() if key in KEPT_TAGS} or None


def words_of(line: Line, text: str) -> Words | None:
    """Return what `text` says by a PRIVMSG or NOTICE; None where there is nothing to see in it."""
    form: Form = "notice" if line.command == "NOTICE" else "message"
    ctcp = ctcp_of(text)
    if ctcp is not None and ctcp[0] != "ACTION":
        return Words(text, form, None, ctcp[0] or _NAMELESS)
    if ctcp is not None:
        form, text = "action" if form == "message" else form, ctcp[1]
    text = text.rstrip()
    return Words(text, form, kept_tags(line)) if shows(text.lstrip()) else None


def private_tags(network: Network, reader: User, msgid: str, tags: dict[str, str] | None) -> str:
    """Return the tags, as `reader` reads them, of what is for no channel and no log."""
    words = []
    if reader.has(Capability.SERVER_TIME):
        words.append(f"time={timestamp(network.turn.time)}")
    if reader.has(Capability.MESSAGE_TAGS):
        if msgid:
            words.append(f"msgid={msgid}")
        words += [client_tags(tags)] if tags else []
    return ";".join(words)


def private_id(network: Network) -> str:
    """Return the id of a message that no log keeps."""
    return f"pm-{int(network.turn.time * 1000):x}-{next(network.private_ids):x}"


def told(network: Network, reader: User, source: str, target: str, words: Words, msgid: str) -> bytes:
    """Return what `reader` reads of words that are for `target` and no log: lines of it, the tags on the first."""
    lines = words.lines(IRC_BODY_BYTES_MAX - len(f":{source} {words.command} {target} :".encode()))
    written = []
    tags = private_tags(network, reader, msgid, words.tags)
    for line in lines:
        written.append(message(source, words.command, target, line, trailing=True, tags=tags))
        tags = private_tags(network, reader, "", None)
    return b"".join(written)
