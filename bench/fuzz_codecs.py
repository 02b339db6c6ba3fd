"""Checks that an input is read as promised: the decoders for clients' input and for typed commands."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from antechamber.codec import CodecError, Decoder
from antechamber.codec.jsonl import JSON, JsonDecoder, decode_message
from antechamber.codec.jsonl import parse as parse_json
from antechamber.codec.lines import LineSplitter
from antechamber.codec.plain import OPERATOR, PLAIN, PlainDecoder
from antechamber.codec.sanitize import tidy
from antechamber.codec.slash_commands import parse as parse_plain
from antechamber.codec.slash_commands import parse_operator
from antechamber.protocol.commands import (
    Announce,
    Empty,
    Hello,
    History,
    Invite,
    Kick,
    List,
    Malformed,
    Mute,
    PeerCommand,
    Received,
    Resume,
    Say,
    Search,
    Send,
    SetModes,
    SetTopic,
    Switch,
    Whisper,
    Who,
)
from antechamber.protocol.events import Announced, Entry, Queued, Said, Seated, encode_lines
from antechamber.protocol.limits import HISTORY_ENTRIES_MAX, Limits
from antechamber.protocol.notices import (
    Announcement,
    Channels,
    Done,
    Message,
    Offer,
    Refusal,
    Sent,
    Ticket,
    TransferFailed,
    Whispered,
)
from antechamber.protocol.text import name_problem
from antechamber.rooms.transfers import base_name
from bench.fuzz_promises import (
    CLOCK,
    BrokenPromise,
    Ways,
    check_fields,
    check_malformed,
    is_safe,
    limits_for,
    promise,
)

_CODES = frozenset(
    (
        *("no-json", "invalid", "empty", "id-too-long", "bad-path", "bad-size", "line-too-long"),
        *("bad-history", "bad-search", "bad-tags", "key-too-long"),
    )
)
_encode = msgspec.json.Encoder().encode


def _lines(data: bytes, bytes_max: int) -> list[bytes | None]:
    """Cut a stream into lines as if all of it were there at once."""
    *whole, rest = data.split(b"\n")
    lines: list[bytes | None] = [line if len(line) <= bytes_max else None for line in whole]
    return [*lines, None] if len(rest) > bytes_max else lines


def check_lines(data: bytes, ways: Ways) -> None:
    """Check that the splitter gives the same lines however it is fed."""
    bytes_max = 20
    expected = _lines(data, bytes_max)
    for pieces in ((data,), *ways(data)):
        splitter = LineSplitter(bytes_max)
        lines = [line for piece in pieces for line in splitter.feed(piece)]
        promise(lines == expected, "other lines than the stream has", lines, expected)
        promise(splitter.idle == (data[-1:] in (b"\n", b"")), "idle within a line, or not idle between two")


def _too_long(limits: Limits) -> Malformed:
    return Malformed("line-too-long", f"A line has at most {limits.line_bytes_max} bytes.")


def _check_ways(decoders: Iterable[Decoder], data: bytes, ways: Ways, expected: Sequence[Any]) -> None:
    fresh = iter(decoders)
    for pieces in ((data,), *ways(data)):
        decoder = next(fresh)
        commands = [command for piece in pieces for command in decoder.receive(piece)]
        if commands != expected:
            raise BrokenPromise(f"cut into {len(pieces)}, it reads {commands!r}, not {expected!r}")


def check_jsonl(data: bytes, ways: Ways) -> None:
    """Check that the JSON lines decoder reads each line as if alone, and that each command keeps the invariants."""
    limits = limits_for(data)
    expected: list[PeerCommand | Malformed] = []
    for line in _lines(data, limits.line_bytes_max):
        if line is None:
            expected.append(_too_long(limits))
        elif line.strip():
            try:
                expected.append(parse_json(line, limits))
            except CodecError as error:
                expected.append(Malformed(error.code, error.text, error.command_id))
    _check_ways((JsonDecoder(limits) for _ in iter(int, 1)), data, ways, expected)
    for command in expected:
        if type(command) is Malformed:
            promise(command.code in _CODES, "a code that is not documented", command)
            check_malformed(command, limits)
        else:
            _check_json_command(command, limits)


def _check_json_command(command: Any, limits: Limits) -> None:
    check_fields(command)
    promise(len(command.id) <= limits.id_characters_max, "the id is longer than its bound", command)
    if isinstance(command, Say | Whisper | Announce):
        promise(command.text != "" and command.text.strip() == command.text, "a text is not stripped", command)
    elif isinstance(command, Send):
        promise(0 < len(command.path) <= limits.path_characters_max, "a path out of its bounds", command)
        promise(command.size >= 0, "a size below 0", command)
    elif isinstance(command, History | Search):
        promise(0 < command.limit <= HISTORY_ENTRIES_MAX, "a limit out of its bounds", command)
        promise(0 <= command.before < 2**53, "no number of an entry", command)
    again = parse_json(_encode(command), limits)
    if again != command:
        raise BrokenPromise(f"written and read again, {command!r} is {again!r}")


def check_other_readers(data: bytes, _: Ways) -> None:
    """Check that the JSON decoder agrees with Python's own JSON reader."""
    limits = limits_for(data)
    ours: PeerCommand | None
    for line in data.split(b"\n"):
        try:
            ours = parse_json(line, limits)
        except CodecError:
            ours = None
        try:
            theirs = _other_reading(line, limits)
        except (ValueError, RecursionError, CodecError):
            theirs = None
        if ours is None and not _is_clear(line):
            continue
        promise(ours == theirs, "another reader of JSON reads it otherwise", ours, theirs)


def _other_reading(line: bytes, limits: Limits) -> PeerCommand:
    # An unknown field is skipped unread, so it need not be UTF-8.
    found = json.loads(line.decode(errors="replace"), parse_constant=_refuse)
    json.dumps(found, ensure_ascii=False).encode()  # half a surrogate pair is not text
    return tidy(msgspec.convert(found, PeerCommand), limits)


def _is_clear(line: bytes) -> bool:
    """Return whether all JSON readers must agree on the line: it is UTF-8, and has no field twice."""
    try:
        json.loads(line.decode(), object_pairs_hook=_refuse_doubles)
    except (ValueError, RecursionError):
        return False
    return True


def _refuse_doubles(pairs: list[tuple[str, Any]]) -> None:
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a field stands twice")


def _refuse(name: str) -> None:
    raise ValueError(name)


def check_plain(data: bytes, ways: Ways) -> None:
    """Check that the plain decoder reads each line as if alone, and that each command keeps the invariants."""
    limits = limits_for(data)
    expected: list[PeerCommand | Malformed] = []
    named = False
    for line in _lines(data, limits.line_bytes_max):
        if line is None:
            expected.append(_too_long(limits))
            continue
        try:
            text = line.decode()
        except UnicodeDecodeError:
            expected.append(Malformed("not-utf-8", "That line is not UTF-8 text."))
            continue
        if named:
            if (command := parse_plain(text)) is not None:
                expected.append(command)
        elif text.strip():
            named = True
            expected += PlainDecoder(limits).receive(line + b"\n")
            promise(type(expected[-1]) is Hello, "the first line is no name", expected[-1])
    _check_ways((PlainDecoder(limits) for _ in iter(int, 1)), data, ways, expected)
    for each in expected:
        if type(each) is Malformed:
            check_malformed(each, limits)
        else:
            check_fields(each)
            _check_retyped(each, limits)
            if type(each) is not Send or len(each.path) <= limits.path_characters_max:
                promise(parse_json(_encode(each), limits) == each, "sent by our client it is another", each)


def _check_retyped(command: Any, limits: Limits) -> None:
    """Check that typing the command's content gives the same command, so nothing is hidden in it."""
    match command:
        case Hello(name=name):
            again: Any = PlainDecoder(limits._replace(line_bytes_max=1 << 20)).receive(f"{name}\n".encode())[0]
        case Say(text=text):
            again = parse_plain(text)
        case Whisper(to=to, text=text):
            again = parse_plain(f"/whisper {to} {text}")
        case Switch(channel=channel):
            again = parse_plain(f"/switch {channel}")
        case Send(to=to, path=path):
            again = parse_plain(f"/send {to} {path}")
        case _:
            return
    if again != command:
        raise BrokenPromise(f"typed again, {command!r} is {again!r}")


def check_operator(data: bytes, _: Ways) -> None:
    """Check that an operator's commands have safe, whole words, and mutes of a valid length."""
    for line in data.decode(errors="replace").split("\n"):
        command = parse_operator(line)
        if command is None:
            continue
        check_fields(command)
        match command:
            case Kick(channel=channel, name=name):
                retyped = f"/kick {channel}:{name}"
            case Mute(channel=channel, name=name, seconds=seconds):
                promise(0 <= seconds < 10**8, "a mute of no length that there is", command)
                retyped = f"/mute {channel}:{name} {seconds}"
            case Empty(channel=channel):
                retyped = f"/empty {channel}"
            case Announce(text=text, channel=channel):
                retyped = f"/say {channel} {text}"
            case Who(channel=channel):
                retyped = f"/who {channel}"
            case SetTopic(topic=topic, channel=channel):
                retyped = f"/topic {channel} {topic}"
            case SetModes(changes=changes, channel=channel):
                modes = "".join(change.mode for change in changes)
                retyped = f"/mode {channel} {modes} {' '.join(change.argument for change in changes)}"
            case Invite(name=name, channel=channel):
                retyped = f"/invite {channel}:{name}"
            case List():
                retyped = "/list"
            case _:
                retyped = "/shutdown"
        promise(parse_operator(retyped) == command, "typed again it is another", command)


def check_answers(data: bytes, _: Ways) -> None:
    """Check that our client can read every answer to a command, and that none controls a terminal."""
    limits = limits_for(data)
    for command in JsonDecoder(limits).receive(data):
        for message in _replies(command, limits):
            check_message(message)


def _replies(command: Any, limits: Limits) -> list[Message]:
    """Return every message that may contain texts of this command."""
    now = 1795342512.5
    replies: list[Message] = [Done(now, command.id), Channels(now, [], command.id)]
    match command:
        case Malformed(code=code, text=text):
            replies.append(Refusal(now, code, text, command.id, 3600))
        case Hello(name=name, protocol=protocol):
            replies.append(Refusal(now, "protocol", f"not {protocol}.", command.id))
            if name_problem(name, limits.name_characters_max) is None:
                replies += [Entry("general", 1, now, event) for event in (Queued(name, command.hold), Seated(name))]
        case Say(text=text):
            replies.append(Entry("general", 3, now, Said("Mary", text, command.id)))
        case Whisper(to=to, text=text):
            replies += [Whispered(now, "general", "Mary", to, text), Refusal(now, "not-here", f"{to} is not here.")]
        case Announce(text=text, channel=channel):
            replies += [Entry("general", 3, now, Announced(text)), Announcement(now, "general", text)]
            replies.append(Refusal(now, "no-such-channel", f"{channel} does not exist.", command.id))
        case Switch(channel=channel) | Empty(channel=channel):
            replies.append(Refusal(now, "no-such-channel", f"{channel} does not exist.", command.id))
        case Kick(channel=channel, name=name) | Mute(channel=channel, name=name):
            replies.append(Refusal(now, "not-here", f"{name} is not in {channel}.", command.id))
        case Send(to=to, path=path, size=size):
            replies.append(Ticket(now, "t1", "/files/t1", command.id))
            replies.append(Offer(now, "Mary", base_name(path), min(size, limits.file_bytes_max), "t1", "/files/t1"))
            replies += [Sent(now, "Mary", to, path), TransferFailed(now, "Mary", to, path, "t1", "gone")]
        case Received(ticket=ticket, problem=problem):
            replies.append(TransferFailed(now, "Mary", "Bob", "a.txt", ticket, problem[:200]))
        case Resume(token=token):
            replies.append(Refusal(now, "bad-token", f"{token} is no token.", command.id))
    return replies


def check_message(message: Message) -> None:
    """Check that a server's message is one line for a client, and at most one for a terminal."""
    line = JSON.one(message, CLOCK, "Mary")
    promise(line.endswith(b"\n") and line.count(b"\n") == 1, "not one line", line)
    again = decode_message(line)
    if again != message:
        raise BrokenPromise(f"our client reads {again!r} for {message!r}")
    for encoding in (PLAIN, OPERATOR):
        shown = encoding.one(message, CLOCK, "Mary").decode()
        promise(shown.count("\n") <= 1 and is_safe(shown.removesuffix("\n")), "it controls a terminal", shown)
    if type(message) is Entry:
        promise(encode_lines([message]) == line, "the log keeps another line than the one that is read", line)
