"""The codec for plain text: what people read and type, exact to the character. Our own client uses its texts as well.

`member_line` and `operator_line` return the text for a message. Each line of the server contains `clock`, its local
time as `hh:mm:ss`. `slash_commands.py` parses what people type.
"""

from collections.abc import Sequence

from antechamber.codec.lines import LineSplitter
from antechamber.codec.message_run import row_of
from antechamber.codec.slash_commands import parse
from antechamber.protocol.commands import Hello, Malformed, PeerCommand
from antechamber.protocol.events import (
    Announced,
    Emptied,
    Entry,
    Invited,
    Left,
    ModesSet,
    Muted,
    Renamed,
    Said,
    Seated,
    TopicSet,
)
from antechamber.protocol.limits import Limits
from antechamber.protocol.notices import (
    Announcement,
    Channels,
    Goodbye,
    Invitation,
    Members,
    Message,
    Place,
    Refusal,
    Sent,
    TransferFailed,
    Welcome,
    Whispered,
)
from antechamber.protocol.text import clean, normalise_name, one_line

_SILENT_REFUSALS = frozenset(("waiting",))
"""The refusals that the transcripts do not show: what waiting members type reaches nobody."""
_SPOKEN_GOODBYES = frozenset(("slow", "silent", "broken", "closed", "resumed"))
"""The goodbyes with a line; others end a connection silently."""


def server_message(clock: str, text: str) -> str:
    """Return a line of the server itself."""
    return f"[Server message ({clock})] {text}"


def member_line(message: Message, clock: str, reader: str) -> str | None:
    """Return the text of a message for a member; None if the member reads nothing."""
    if type(message) is Entry:
        return _entry_line(message, clock, reader)
    match message:
        case Whispered(sender=sender, text=text):
            return f"[{sender} whispers to you: ({clock})] {one_line(text)}"
        case Channels():
            return _channel_lines(message)
        case Welcome(channel=channel, name=name):
            said = f"Welcome to the {channel} channel, {name}."
        case Place(ahead=ahead):
            said = f"You are in the waiting queue and there are {ahead} user(s) ahead of you."
        case Sent(to=to, path=path):
            said = f"You sent {path} to {to}."
        case TransferFailed(sender=sender, to=to, path=path, problem=problem):
            said = (
                f"{path} was not sent to {to}: {problem}"
                if reader == sender
                else f"A file from {sender} did not arrive: {problem}"
            )
        case Announcement(text=text):
            said = one_line(text)
        case Invitation(channel=channel, by=by):
            said = f"{by or 'The operator'} has invited you to the {channel} channel."
        case Refusal(code=code, text=text) if code not in _SILENT_REFUSALS:
            said = text
        case Goodbye(reason=reason, text=text) if reason in _SPOKEN_GOODBYES:
            said = text
        case _:
            return None
    return server_message(clock, said)


def _entry_line(entry: Entry, clock: str, reader: str) -> str | None:
    event = entry.event
    if type(event) is Said:
        return _said_line(event, clock)
    match event:
        case Seated(name=name):
            said = f"{name} has joined the channel."
        case Left(name=name, reason="quit" | "switched" | "kicked", seated=True):
            said = f"{name} has left the channel."
        case Left(name=name, reason="idle"):
            said = f"{name} went AFK."
        case Muted(name=name, seconds=seconds):
            who = "You have" if name == reader else f"{name} has"
            said = f"{who} been muted for {seconds} seconds."
        case Announced(text=text):
            said = one_line(text)
        case _:
            return _set_line(entry, clock)
    return server_message(clock, said)


def _said_line(said: Said, clock: str) -> str:
    """Return the text of something said. No member's words can imitate the prefix, whatever their form."""
    text = one_line(said.text)
    match said.form:
        case "action":
            return f"* {said.name} ({clock}) {text}"
        case "notice":
            return f"-{said.name} ({clock})- {text}"
        case _:
            return f"[{said.name} ({clock})] {text}"


def _set_line(entry: Entry, clock: str, channel: str = "") -> str | None:
    """Return the text of a change of the channel, with its name for readers of several channels."""
    of = channel and f" of {channel}"
    match entry.event:
        case TopicSet(by=by, topic=""):
            said = f"{by} has taken back the topic{of}." if by else f"The topic{of} has been taken back."
        case TopicSet(by=by, topic=topic):
            said = f"{by} has set the topic{of}: " if by else f"The topic{of} has been set: "
            said += one_line(topic)
        case ModesSet(by=by, changes=changes):
            modes = ", ".join(f"{mode} {argument}".rstrip() for mode, argument in changes)
            said = f"{by} has set the modes{of}: {modes}" if by else f"The modes{of} have been set: {modes}"
        case Invited(by=by, to=to):
            into = channel and f" to {channel}"
            said = f"{by} has invited {to}{into}." if by else f"{to} has been invited{into}."
        case Renamed(name=name, to=to):
            there = channel and f" in the {channel} channel"
            said = f"{name} is now called {to}{there}."
        case _:
            return None
    return server_message(clock, said)


def _channel_lines(channels: Channels) -> str:
    return "\n".join(f"[Channel] {c.name} {c.seated}/{c.seats}/{c.waiting}." for c in channels.channels)


def _who_line(members: Members) -> str:
    """Return who sits and who waits, with roles, and with those away whose seat or place is held."""
    signs = {"o": "op", "v": "voice", "ov": "op", "vo": "op"}

    def told(name: str, *marks: str) -> str:
        more = ", ".join(filter(None, marks))
        return f"{name} ({more})" if more else name

    seated = [
        told(each.name, signs.get(each.role, ""), "away" * each.away, "muted" * (each.muted_seconds > 0))
        for each in members.seated
    ]
    waiting = [told(each.name, "away" * each.away) for each in members.waiting]
    line = f"; waiting: {', '.join(waiting)}" if waiting else ""
    return f"[Who] {members.channel}: {', '.join(seated) or 'nobody is seated'}{line}."


def operator_line(message: Message, clock: str) -> str | None:
    """Return the text of a message for the operator's console; None if the operator reads nothing."""
    if type(message) is Entry:
        return _operator_entry_line(message, clock)
    match message:
        case Whispered(sender=sender, to=to, text=text):
            return f"[{sender} whispers to {to}: ({clock})] {one_line(text)}"
        case Sent(sender=sender, to=to, path=path):
            return server_message(clock, f"{sender} sent {path} to {to}.")
        case Refusal(text=text):
            return server_message(clock, text)
        case Channels():
            return _channel_lines(message)
        case Members():
            return _who_line(message)
        case _:
            return None


def _operator_entry_line(entry: Entry, clock: str) -> str | None:
    event = entry.event
    if type(event) is Said:
        return _said_line(event, clock)
    match event:
        case Seated(name=name):
            said = f"{name} has joined the {entry.channel} channel."
        case Left(name=name, reason="quit" | "switched"):
            said = f"{name} has left the channel."
        case Left(name=name, reason="kicked", by=""):
            said = f"Kicked {name}."
        case Left(name=name, reason="kicked", by=by):
            said = f"{by} has kicked {name}."
        case Left(name=name, reason="idle"):
            said = f"{name} went AFK."
        case Muted(name=name, seconds=seconds):
            said = f"Muted {name} for {seconds} seconds."
        case Emptied():
            said = f"{entry.channel} has been emptied."
        case Announced(text=text):
            said = f"Told {entry.channel}: {one_line(text)}"
        case _:
            return _set_line(entry, clock, entry.channel)
    return server_message(clock, said)


class PlainDecoder:
    """The reading side of a plain session, whose first non-empty line is the name."""

    __slots__ = ("_limits", "_named", "_splitter")

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._named = False
        self._splitter = LineSplitter(limits.line_bytes_max)

    def receive(self, data: bytes) -> Sequence[PeerCommand | Malformed]:
        """Take bytes, split anywhere, and return the commands that are complete now."""
        judged = map(self._judge, self._splitter.feed(data))
        return [command for command in judged if command is not None]

    def _judge(self, line: bytes | None) -> PeerCommand | Malformed | None:
        if line is None:
            return Malformed("line-too-long", f"A line has at most {self._limits.line_bytes_max} bytes.")
        try:
            text = line.decode()
        except UnicodeDecodeError:
            return Malformed("not-utf-8", "That line is not UTF-8 text.")
        if self._named:
            return parse(text)
        name = text.strip()
        if not name:
            return None
        self._named = True
        return Hello(normalise_name(clean(name)), hold=False)


def _line(text: str | None) -> bytes:
    return b"" if text is None else f"{text}\n".encode()


def _row(entries: Sequence[Entry], clock: str) -> bytes:
    """Encode one member's run of messages, the same for all; b"" for other entries or several lines."""
    if (row := row_of(entries)) is None:
        return b""
    head = f"[{row.name} ({clock})] "
    end = f"\n{head}"
    worded = f"{head}{end.join(row.texts)}\n"
    return worded.encode() if worded.count("\n") == len(row.texts) else b""


class PlainEncoding:
    """The writing side of every plain session."""

    carries_files = False
    joins_each = True
    reads_lines = False

    def joined(self, entries: Sequence[Entry], lines: bytes, clock: str) -> bytes:
        """Encode entries for members that they do not name."""
        return _row(entries, clock) or b"".join([_line(_entry_line(entry, clock, "")) for entry in entries])

    def one(self, message: Message, clock: str, reader: str) -> bytes:
        """Encode one message for a reader."""
        return _line(member_line(message, clock, reader))


class OperatorEncoding:
    """The writing side of the operator's console, which reads every channel."""

    carries_files = False
    joins_each = True
    reads_lines = False

    def joined(self, entries: Sequence[Entry], lines: bytes, clock: str) -> bytes:
        """Encode entries for the operator."""
        return _row(entries, clock) or b"".join([_line(_operator_entry_line(entry, clock)) for entry in entries])

    def one(self, message: Message, clock: str, reader: str) -> bytes:
        """Encode one message for the operator."""
        return _line(operator_line(message, clock))


PLAIN = PlainEncoding()
OPERATOR = OperatorEncoding()
