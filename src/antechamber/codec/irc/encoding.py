"""The writing side of IRC: one shared encoding for all users with the same capabilities.

Nearly all entries are single plain lines, which are encoded in a few steps. Long texts, several lines, tags, other
forms and other events take the general path.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial

from antechamber.codec.irc.capabilities import SHARED, Capability
from antechamber.codec.irc.decoding import HOST_UNKNOWN, SERVER_NAME, client_tags, escape_tag, message, source_of
from antechamber.codec.irc.wording import People, Words, event_words, notice_words
from antechamber.codec.message_run import row_of
from antechamber.protocol.events import Entry, Said, Tagged
from antechamber.protocol.limits import IRC_BODY_BYTES_MAX, IRC_MULTILINE_LINES_MAX
from antechamber.protocol.notices import Message
from antechamber.protocol.text import nick_of, one_line

Hosts = Mapping[str, Mapping[str, str]]
"""The cloaked hosts of members, by channel and name."""
Realnames = Callable[[str, str], str]
"""The function that returns the real name of a member, by channel and name."""
_ACTION = "\x01ACTION "
_ACTION_END = "\x01"
_TALK = ("PRIVMSG", "NOTICE")
_BATCHES = int(Capability.BATCH | Capability.MULTILINE)
_ROOM_BYTES_MIN = 64
"""The least room for text in a line, whatever the names in it."""
_BYTES_PER_CHARACTER_MAX = 4
_HEADS_KEPT = 2_000
"""The number of members whose line prefixes an encoding caches."""


def timestamp(time: float) -> str:
    """Return a time in the form of `server-time` (https://ircv3.net/specs/extensions/server-time)."""
    return f"{datetime.fromtimestamp(time, UTC).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


def msgid_of(channel: str, sequence: int) -> str:
    """Return the message id of an entry (https://ircv3.net/specs/extensions/message-ids)."""
    return f"{escape_tag(channel)}-{sequence}"


def _msgid_tag(channel: str) -> str:
    """Return the tag of a message id up to the entry's number."""
    return f"msgid={escape_tag(channel)}-"


def cut(line: str, bytes_max: int) -> list[str]:
    """Cut a line into pieces of a number of bytes at most, after a space if one is near, else between characters."""
    if len(line) * _BYTES_PER_CHARACTER_MAX <= bytes_max:
        return [line]
    pieces = []
    rest = line.encode()
    while len(rest) > bytes_max:
        piece = rest[:bytes_max].decode(errors="ignore")
        space = piece.rfind(" ") + 1
        if space > len(piece) // 2:
            piece = piece[:space]
        pieces.append(piece)
        rest = rest[len(piece.encode()) :]
    return [*pieces, rest.decode()]


def _nick_alone(_: str, name: str) -> str:
    return nick_of(name)


class IrcEncoding:
    """The writing side of all IRC sessions that have these capabilities."""

    carries_files = True
    joins_each = True
    reads_lines = False

    def __init__(self, hosts: Hosts, capabilities: int, realname: Realnames = _nick_alone) -> None:
        self._hosts = hosts
        self._realname = realname
        self._capabilities = capabilities
        self._heads: dict[tuple[str, str], tuple[str, str, int]] = {}
        self.tells_time = bool(capabilities & Capability.SERVER_TIME)
        self.tells_tags = bool(capabilities & Capability.MESSAGE_TAGS)
        """Whether its sessions read client-only tags and TAGMSG."""
        self._batches_lines = bool(capabilities & Capability.MULTILINE)
        self._time = -1.0
        self._timestamp = ""

    def joined(self, entries: Sequence[Entry], lines: bytes, clock: str) -> bytes:
        """Encode entries one after the other."""
        return self._run(entries) or "".join(self._worded(entries)).encode()

    def one(self, message: Message, clock: str, reader: str) -> bytes:
        """Encode one message for a reader."""
        if type(message) is Entry:
            return self._entry(message)
        words = notice_words(message, nick_of(reader), self._source)
        if words is None:
            return b""
        tags = self.time_tag(message.time) if words.source else ""
        return self._talk(words, tags, tags) if words.command in _TALK else _line(words, tags)

    def _source(self, channel: str, name: str) -> str:
        if not name:
            return SERVER_NAME
        hosts = self._hosts.get(channel)
        return source_of(name, hosts.get(name, HOST_UNKNOWN) if hosts is not None else HOST_UNKNOWN)

    def _worded(self, entries: Sequence[Entry]) -> list[str]:
        """Encode each entry. Nearly all are single plain lines, for which this suffices."""
        worded: list[str] = []
        heads: dict[str, tuple[str, str, int]] = {}
        channel = name = tags = head = ""
        time, room = -1.0, 0
        is_tagged, tells_tags = self.tells_time or self.tells_tags, self.tells_tags
        for entry in entries:
            event = entry.event
            if type(event) is not Said or event.form != "message" or (tells_tags and event.tags is not None):
                worded.append(self._entry(entry).decode())
                continue
            if entry.channel != channel:
                channel, name, time, heads = entry.channel, "", -1.0, {}
            if event.name != name:
                name = event.name
                if (known := heads.get(name)) is None:
                    known = heads[name] = self._head(channel, name)
                _, head, room = known
            if is_tagged and entry.time != time:
                time = entry.time
                tags = self._tags_up_to_number(channel, time)
            text = event.text
            if "\n" in text or (len(text) if text.isascii() else len(text.encode())) > room:
                worded.append(self._entry(entry).decode())
            elif tells_tags:
                worded.append(f"{tags}{entry.sequence} {head}{text}\r\n")
            else:
                worded.append(f"{tags}{head}{text}\r\n")
        return worded

    def _run(self, entries: Sequence[Entry]) -> bytes:
        """Encode entries that are all one member's plain lines in a few steps; b"" if they are not."""
        if self.tells_tags or (row := row_of(entries)) is None:
            return b""
        texts = row.texts
        _, head, room = self._head(row.channel, row.name)
        if self.tells_time:
            head = f"{self._tags_up_to_number(row.channel, row.time)}{head}"
        end = f"\r\n{head}"
        worded = f"{head}{end.join(texts)}\r\n"
        if not worded.isascii() or worded.count("\n") != len(texts) or max(map(len, texts)) > room:
            return b""
        return worded.encode()

    def _head(self, channel: str, name: str) -> tuple[str, str, int]:
        """Return a member's host, the prefix of its lines, and the room for text in bytes."""
        hosts = self._hosts.get(channel)
        host = HOST_UNKNOWN if hosts is None else hosts.get(name, HOST_UNKNOWN)
        known = self._heads.get((channel, name))
        if known is None or known[0] != host:
            if len(self._heads) >= _HEADS_KEPT:
                self._heads.clear()
            head = f":{source_of(name, host)} PRIVMSG #{channel} :"
            known = self._heads[channel, name] = host, head, IRC_BODY_BYTES_MAX - len(head.encode())
        return known

    def _tags_up_to_number(self, channel: str, time: float) -> str:
        """Return the tags of a line; with ids, all but the entry's number."""
        stamp = self.time_tag(time)
        if not self.tells_tags:
            return f"@{stamp} "
        return f"@{stamp};{_msgid_tag(channel)}" if stamp else f"@{_msgid_tag(channel)}"

    def _entry(self, entry: Entry) -> bytes:
        """Encode any entry."""
        event, tags = entry.event, self._tags(entry)
        if type(event) is Said:
            return self._said(entry, event, tags)
        if type(event) is Tagged:
            return self._tagged_only(entry, event, tags)
        channel = entry.channel
        people = People(partial(self._source, channel), partial(self._realname, channel))
        worded = event_words(event, f"#{channel}", people, self._capabilities)
        lines: list[bytes] = []
        for words in worded:
            lines.append(self._talk(words, tags, tags) if words.command in _TALK else _line(words, tags))
            tags = self.time_tag(entry.time)  # each line needs its own id
        return b"".join(lines)

    def _said(self, entry: Entry, event: Said, tags: str) -> bytes:
        if self.tells_tags and event.tags and (more := client_tags(event.tags)):
            tags = f"{tags};{more}"
        source, command = self._source(entry.channel, event.name), "NOTICE" if event.form == "notice" else "PRIVMSG"
        words = Words(source, command, (f"#{entry.channel}",), event.text)
        later_tags = self.time_tag(entry.time)
        if event.form == "action":
            return self._talk(words, tags, later_tags, _ACTION, _ACTION_END)
        batch = f"{entry.sequence}" if self._batches_lines else ""
        return self._talk(words, tags, later_tags, batch=batch)

    def _tagged_only(self, entry: Entry, event: Tagged, tags: str) -> bytes:
        more = client_tags(event.tags) if self.tells_tags else ""
        if not more:
            return b""
        source = self._source(entry.channel, event.name)
        return message(source, "TAGMSG", f"#{entry.channel}", tags=f"{tags};{more}")

    def _talk(
        self, words: Words, tags: str, later_tags: str, before: str = "", after: str = "", *, batch: str = ""
    ) -> bytes:
        """Encode a long text, or several lines, as several messages, or as a batch with this name.

        The `tags` belong to the first message, or to the batch.
        """
        source, command, target, text = words.source, words.command, words.params[0], words.text or ""
        size = len(f":{source} {command} {target} :{before}{after}".encode())
        room = max(IRC_BODY_BYTES_MAX - size, _ROOM_BYTES_MIN)
        lines = text.split("\n")
        if len(lines) > IRC_MULTILINE_LINES_MAX:  # thousands of short lines would take many times what the sender sent
            lines = [one_line(text)]
        pieces = [(piece, at > 0) for line in lines for at, piece in enumerate(cut(line, room))]
        if batch and len(pieces) > 1:
            opening = message(source, "BATCH", f"+{batch}", "draft/multiline", target, tags=tags)
            inside = [
                message(source, command, target, piece, trailing=True, tags=_inner_tags(batch, continues))
                for piece, continues in pieces
            ]
            return b"".join([opening, *inside, message(SERVER_NAME, "BATCH", f"-{batch}")])
        if len(pieces) > 1:
            pieces = [piece for piece in pieces if piece[0].strip()]
        said = [
            message(source, command, target, f"{before}{piece}{after}", trailing=True, tags=later_tags if at else tags)
            for at, (piece, _) in enumerate(pieces)
        ]
        return b"".join(said)

    def _tags(self, entry: Entry) -> str:
        if not self.tells_tags:
            return self.time_tag(entry.time)
        msgid = f"{_msgid_tag(entry.channel)}{entry.sequence}"
        return f"{self.time_tag(entry.time)};{msgid}" if self.tells_time else msgid

    def time_tag(self, time: float) -> str:
        """Return the tag of a time, cached as it is nearly always the last one; "" for none."""
        if not self.tells_time:
            return ""
        if time != self._time:
            self._time, self._timestamp = time, f"time={timestamp(time)}"
        return self._timestamp


def _inner_tags(batch: str, continues: bool) -> str:
    return f"batch={batch};draft/multiline-concat" if continues else f"batch={batch}"


def _line(words: Words, tags: str) -> bytes:
    if words.text is None:
        return message(words.source, words.command, *words.params, tags=tags)
    return message(words.source, words.command, *words.params, one_line(words.text), trailing=True, tags=tags)


class Encodings:
    """One encoding for each combination of the capabilities that change shared bytes."""

    def __init__(self, hosts: Hosts, realname: Realnames = _nick_alone) -> None:
        self._hosts = hosts
        self._realname = realname
        self._known: dict[int, IrcEncoding] = {}

    def of(self, capabilities: int) -> IrcEncoding:
        """Return the shared encoding of all sessions with these capabilities."""
        shared = int(capabilities) & int(SHARED)
        if shared & _BATCHES != _BATCHES:
            shared &= ~_BATCHES  # each has an effect only with the other
        encoding = self._known.get(shared)
        if encoding is None:
            encoding = self._known[shared] = IrcEncoding(self._hosts, shared, self._realname)
        return encoding
