"""Plain text: what people read and type, exact to the character. Also how our own client words what it reads.

`parse` and `parse_operator` read what a person typed; `member_line` and `operator_line` word what happened. Each line
of the server's carries `clock`, its local time as `hh:mm:ss`.
"""

from collections.abc import Sequence

from antechamber.codec.lines import LineSplitter
from antechamber.commands import (
    Empty,
    Hello,
    Kick,
    List,
    Malformed,
    MemberCommand,
    Mute,
    OperatorCommand,
    PeerCommand,
    Quit,
    Say,
    Send,
    Shutdown,
    Switch,
    Whisper,
)
from antechamber.events import (
    Announced,
    Announcement,
    Channels,
    Emptied,
    Entry,
    Goodbye,
    Left,
    Message,
    Muted,
    Place,
    Refusal,
    Said,
    Seated,
    Sent,
    TransferFailed,
    Welcome,
    Whispered,
)
from antechamber.limits import Limits
from antechamber.text import clean, normalise_name, one_line, shows

_SILENT_REFUSALS = frozenset(("waiting",))
"""What those who wait type that is no command of theirs reaches nobody, and the transcripts answer nothing."""
_SPOKEN_GOODBYES = frozenset(("slow", "silent", "broken", "closed", "resumed"))
"""The other reasons end a connection without a line."""


def parse(line: str) -> MemberCommand | None:
    """Read a line that a member typed; None where it shows nothing, or is a command with too few or too many words."""
    line = line.strip()
    if not line.startswith("/"):
        return Say(clean(line)) if shows(line) else None
    line = clean(line)
    words = line.split()
    match words:
        case ["/whisper", to, _, *_] if shows(text := line.split(None, 2)[2]):
            return Whisper(normalise_name(to), text)
        case ["/quit"]:
            return Quit()
        case ["/list"]:
            return List()
        case ["/switch", channel]:
            return Switch(normalise_name(channel))
        case ["/send", to, path]:
            return Send(normalise_name(to), path)
        case ["/whisper" | "/quit" | "/list" | "/switch" | "/send", *_]:
            return None
        case _:
            return Say(line)


def parse_operator(line: str) -> OperatorCommand | None:
    """Read a line that the operator typed; None, which is ignored, where it is no command of the operator's."""
    match clean(line.strip()).split():
        case ["/kick", member] if target := _target(member):
            return Kick(*target)
        case ["/mute", member, seconds] if target := _target(member):
            return Mute(*target, _whole_seconds(seconds))
        case ["/empty", channel]:
            return Empty(normalise_name(channel))
        case ["/shutdown"]:
            return Shutdown()
        case _:
            return None


def _target(word: str) -> tuple[str, str] | None:
    channel, _, name = word.partition(":")
    return (normalise_name(channel), normalise_name(name)) if channel and name else None


def _whole_seconds(word: str) -> int:
    """Return the number, or 0 where the word is no whole number of a size that a mute can have."""
    return int(word) if word.isascii() and word.isdigit() and len(word) <= len(str(Limits().mute_seconds_max)) else 0


def server_message(clock: str, text: str) -> str:
    """Word what the server itself says."""
    return f"[Server message ({clock})] {text}"


def member_line(message: Message, clock: str, reader: str) -> str | None:
    """Word `message` as the member `reader` reads it; None where it reads nothing."""
    if type(message) is Entry:
        return _entry_line(message, clock, reader)
    match message:
        case Whispered(sender=sender, text=text):
            return f"[{sender} whispers to you: ({clock})] {one_line(text)}"
        case Channels(channels=channels):
            return "\n".join(f"[Channel] {c.name} {c.seated}/{c.seats}/{c.waiting}." for c in channels)
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
        return f"[{event.name} ({clock})] {one_line(event.text)}"
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
            return None
    return server_message(clock, said)


def operator_line(message: Message, clock: str) -> str | None:
    """Word `message` as the operator reads it at the server's own terminal; None where it reads nothing."""
    if type(message) is Entry:
        return _operator_entry_line(message, clock)
    match message:
        case Whispered(sender=sender, to=to, text=text):
            return f"[{sender} whispers to {to}: ({clock})] {one_line(text)}"
        case Sent(sender=sender, to=to, path=path):
            return server_message(clock, f"{sender} sent {path} to {to}.")
        case Refusal(text=text):
            return server_message(clock, text)
        case _:
            return None


def _operator_entry_line(entry: Entry, clock: str) -> str | None:
    event = entry.event
    if type(event) is Said:
        return f"[{event.name} ({clock})] {one_line(event.text)}"
    match event:
        case Seated(name=name):
            said = f"{name} has joined the {entry.channel} channel."
        case Left(name=name, reason="quit" | "switched"):
            said = f"{name} has left the channel."
        case Left(name=name, reason="kicked"):
            said = f"Kicked {name}."
        case Left(name=name, reason="idle"):
            said = f"{name} went AFK."
        case Muted(name=name, seconds=seconds):
            said = f"Muted {name} for {seconds} seconds."
        case Emptied():
            said = f"{entry.channel} has been emptied."
        case _:
            return None
    return server_message(clock, said)


class PlainDecoder:
    """The reading side of a plain session: its first line that is not empty is the name."""

    __slots__ = ("_limits", "_named", "_splitter")

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._named = False
        self._splitter = LineSplitter(limits.line_bytes_max)

    def receive(self, data: bytes) -> Sequence[PeerCommand | Malformed]:
        """Take what the transport read, split anywhere, and give the commands that are now whole."""
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


class PlainEncoding:
    """The writing side of every plain session."""

    carries_files = False
    joins_each = True

    def each(self, entries: Sequence[Entry], lines: bytes, clock: str) -> list[bytes]:
        """Word each entry for those it does not name."""
        return [_line(_entry_line(entry, clock, "")) for entry in entries]

    def joined(self, entries: Sequence[Entry], lines: bytes, clock: str) -> bytes:
        """Return what `each` gives, joined."""
        return b"".join(self.each(entries, lines, clock))

    def one(self, message: Message, clock: str, reader: str) -> bytes:
        """Word one message for `reader`."""
        return _line(member_line(message, clock, reader))


class OperatorEncoding:
    """The writing side of the operator's console, which reads every channel."""

    carries_files = False
    joins_each = True

    def each(self, entries: Sequence[Entry], lines: bytes, clock: str) -> list[bytes]:
        """Word each entry for the operator."""
        return [_line(_operator_entry_line(entry, clock)) for entry in entries]

    def joined(self, entries: Sequence[Entry], lines: bytes, clock: str) -> bytes:
        """Return what `each` gives, joined."""
        return b"".join(self.each(entries, lines, clock))

    def one(self, message: Message, clock: str, reader: str) -> bytes:
        """Word one message for the operator."""
        return _line(operator_line(message, clock))


PLAIN = PlainEncoding()
OPERATOR = OperatorEncoding()
