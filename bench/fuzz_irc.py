"""Checks that the IRC codec keeps its promises."""

import re
from typing import Any

from antechamber.codec import CodecError
from antechamber.codec.irc.capabilities import Capability
from antechamber.codec.irc.decoding import Burst, IrcDecoder, Line, ctcp_of, message, parse
from antechamber.codec.irc.encoding import Encodings
from antechamber.protocol.commands import Malformed
from antechamber.protocol.events import Entry, Said, Tagged, encode_lines
from antechamber.protocol.text import clean_lines, shows
from bench.fuzz_promises import CLOCK, BrokenPromise, Ways, is_safe, promise

_CODES = frozenset(("line-too-long", "not-utf-8"))
_LINE_BYTES_MAX = 512
_TAGS_BYTES_MAX = 4_607
_ENCODINGS = Encodings({"general": {"Mary": "abc.cloak"}})
_CAPABILITIES = (
    0,
    Capability.SERVER_TIME,
    Capability.MESSAGE_TAGS,
    Capability.SERVER_TIME | Capability.MESSAGE_TAGS | Capability.BATCH | Capability.MULTILINE,
)


def check_irc(data: bytes, ways: Ways) -> None:
    """Check that the decoder reads each line as if alone, however lines end, and that each keeps the invariants."""
    ended = data.replace(b"\n", b"\r\n")
    talk = b"".join(b"PRIVMSG #general :%b\r\n" % line for line in data.split(b"\n"))
    for stream in (data, ended, talk):
        expected = _each_line(stream)
        for pieces in ((stream,), stream.splitlines(keepends=True), *ways(stream)):
            decoder = IrcDecoder({})
            found = [line for piece in pieces for command in decoder.receive(piece) for line in _unbound(command)]
            if found != expected:
                raise BrokenPromise(f"cut into {len(pieces)}, it reads {found!r}, not {expected!r}")
        for line in expected:
            if isinstance(line, Malformed):
                promise(line.code in _CODES and is_safe(line.text), "an unclear word", line)
            else:
                _check_line(line)


def _each_line(stream: bytes) -> list[Line | Malformed]:
    """Read a stream as if all of it were there at once."""
    *whole, rest = re.split(rb"[\r\n]", stream)
    lines: list[Line | Malformed] = []
    for line in [*whole, rest] if len(rest) > 4_094 + _LINE_BYTES_MAX else whole:
        try:
            if (read := parse(line)) is not None:
                lines += _unbound(read)
        except CodecError as error:
            lines.append(Malformed(error.code, error.text))
    return lines


def _unbound(command: Line | Burst | Malformed) -> list[Line | Malformed]:
    """Return the lines of a burst. The receiver of a line strips its text."""
    if isinstance(command, Burst):
        promise(bool(command.texts) and all(map(shows, command.texts)), "a text that shows nothing", command)
        return [Line("PRIVMSG", (command.target, text)) for text in command.texts]
    if isinstance(command, Line) and command.command == "PRIVMSG" and command.params:
        *targets, text = command.params
        return [Line("PRIVMSG", (*targets, text.strip()), command.tags)]
    return [command]


def _check_line(line: Line) -> None:
    for value in (line.command, *line.params, *(line.tags or {}).values()):
        words = value[1:-1] if ctcp_of(value) and line.command in ("PRIVMSG", "NOTICE") else value
        promise(is_safe(words), "a text is not safe", line)
    promise(line.command != "" and " " not in line.command, "no command", line)
    promise(all(word and " " not in word and word[0] != ":" for word in line.params[:-1]), "no parameter", line)
    written = message("", line.command, *line.params)
    if len(written) < _LINE_BYTES_MAX - 3 and line.command[0] not in ":@":
        promise(parse(written[:-2]) == Line(line.command, line.params), "written and read again it is another", line)


def check_said(data: bytes, _: Ways) -> None:
    """Check that encoded lines keep the limits, come from Mary or the server, and contain the whole text."""
    entries: list[Entry] = []
    for number, line in enumerate(data.split(b"\n")):
        text = clean_lines(line.decode(errors="replace").replace("|", "\n").strip())
        if shows(text):
            tags = {"+a": text, text: ""} if number % 5 == 4 else None
            entries.append(Entry("general", number, 1.5, Said("Mary", text, tags=tags)))
            entries.append(Entry("general", number, 1.5, Tagged("Mary", {"+b": text})))
    for capabilities in _CAPABILITIES:
        encoding = _ENCODINGS.of(capabilities)
        alone = [encoding.one(entry, CLOCK, "Bob") for entry in entries]
        for some in (slice(None), slice(None, None, 2), slice(1, None, 2)):  # all, what is said, and tags alone
            lines = encode_lines(entries[some])
            promise(encoding.joined(entries[some], lines, CLOCK) == b"".join(alone[some]), "joined it is another")
        for entry, read in zip(entries, alone, strict=True):
            _check_said(entry.event, read)


def _check_said(event: Any, read: bytes) -> None:
    texts: list[str] = []
    for line in read.split(b"\r\n")[:-1]:
        tags, body = line.split(b" ", 1) if line[:1] == b"@" else (b"", line)
        promise(len(body) + 2 <= _LINE_BYTES_MAX and len(tags) < _TAGS_BYTES_MAX, "a line that is too long", line)
        promise(not {b"\r", b"\n", b"\0"} & {line[at : at + 1] for at in range(len(line))}, "two lines in one", line)
        promise(body.startswith((b":Mary!~u@abc.cloak ", b":irc.antechamber BATCH -")), "somebody else's", line)
        found = parse(body)
        assert found is not None
        if found.command == "PRIVMSG":
            texts.append(found.params[1])
    if isinstance(event, Said):
        promise("".join("".join(texts).split()) == "".join(event.text.split()), "not all that was said", event, texts)
