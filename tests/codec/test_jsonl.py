"""JSON lines, to the byte."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from antechamber.codec import CodecError
from antechamber.codec.jsonl import JSON, JsonDecoder, decode_message, parse
from antechamber.protocol.commands import (
    Empty,
    Hello,
    Kick,
    List,
    Malformed,
    Mute,
    PeerCommand,
    Ping,
    Quit,
    Received,
    Resume,
    Say,
    Send,
    Shutdown,
    Switch,
    Whisper,
)
from antechamber.protocol.events import Entry, Left, Said, encode_lines
from antechamber.protocol.limits import Limits
from antechamber.protocol.notices import (
    ChannelInfo,
    Channels,
    Done,
    Goodbye,
    Message,
    Offer,
    Place,
    Pong,
    Refusal,
    Resumed,
    Sent,
    Ticket,
    TransferFailed,
    Welcome,
    Whispered,
)
from antechamber.protocol.text import clean
from tests import strategies

LIMITS = Limits()
CLOCK = "12:00:00"

COMMANDS: list[tuple[str, PeerCommand]] = [
    ('{"type":"hello","name":"Mary"}', Hello("Mary")),
    ('{"type":"hello","name":"Mary","protocol":2,"id":"1"}', Hello("Mary", 2, "1")),
    ('{"type":"hello","name":"Mary","hold":false}', Hello("Mary", hold=False)),
    ('{"type":"resume","token":"abc.def"}', Resume("abc.def")),
    ('{"type":"resume","token":"abc.def","after":7,"protocol":2,"id":"1"}', Resume("abc.def", 7, 2, "1")),
    ('{"type":"say","text":"hi"}', Say("hi")),
    ('{"type":"say","text":"hi","id":"1"}', Say("hi", "1")),
    ('{"type":"whisper","to":"Bob","text":"hi","id":"1"}', Whisper("Bob", "hi", "1")),
    ('{"type":"list","id":"1"}', List("1")),
    ('{"type":"switch","channel":"games","id":"1"}', Switch("games", "1")),
    ('{"type":"send","to":"Bob","path":"a.txt","size":5,"id":"1"}', Send("Bob", "a.txt", 5, "", "1")),
    ('{"type":"send","to":"Bob","path":"a.txt","problem":"missing"}', Send("Bob", "a.txt", 0, "missing")),
    ('{"type":"received","ticket":"t1","id":"1"}', Received("t1", "", "1")),
    ('{"type":"received","ticket":"t1","problem":"no room"}', Received("t1", "no room")),
    ('{"type":"quit","id":"1"}', Quit("1")),
    ('{"type":"ping","id":"1"}', Ping("1")),
    ('{"type":"kick","channel":"games","name":"Bob","id":"1"}', Kick("games", "Bob", "1")),
    ('{"type":"mute","channel":"games","name":"Bob","seconds":9,"id":"1"}', Mute("games", "Bob", 9, "1")),
    ('{"type":"empty","channel":"games","id":"1"}', Empty("games", "1")),
    ('{"type":"shutdown","id":"1"}', Shutdown("1")),
]

INFO = ChannelInfo("general", 9001, 5, 3, 0)
MESSAGES: list[tuple[Message, str]] = [
    (
        Entry("general", 7, 1.5, Said("Mary", "hi", "1")),
        '{"type":"entry","channel":"general","sequence":7,"time":1.5,'
        '"event":{"type":"said","name":"Mary","text":"hi","id":"1"}}',
    ),
    (
        Entry("general", 8, 1.5, Left("Mary", "idle")),
        '{"type":"entry","channel":"general","sequence":8,"time":1.5,'
        '"event":{"type":"left","name":"Mary","reason":"idle"}}',
    ),
    (
        Welcome(1.5, "general", "Mary", "antechamber/1.0", 1, 3600, 9876),
        '{"type":"welcome","time":1.5,"channel":"general","name":"Mary","server":"antechamber/1.0","protocol":1,'
        '"utc_offset_seconds":3600,"front_desk_port":9876}',
    ),
    (
        Resumed(1.5, "general", "Mary", True, 8, 9, "antechamber/1.0", 1, 3600, 9876, "abc.def", 60.0, 300.0, "Art"),
        '{"type":"resumed","time":1.5,"channel":"general","name":"Mary","seated":true,"first":8,"last":9,'
        '"server":"antechamber/1.0","protocol":1,"utc_offset_seconds":3600,"front_desk_port":9876,"token":"abc.def",'
        '"seat_hold_seconds":60.0,"place_hold_seconds":300.0,"topic":"Art"}',
    ),
    (Place(1.5, "general", 2), '{"type":"place","time":1.5,"channel":"general","ahead":2}'),
    (
        Whispered(1.5, "general", "Mary", "Bob", "psst"),
        '{"type":"whispered","time":1.5,"channel":"general","sender":"Mary","to":"Bob","text":"psst"}',
    ),
    (
        Channels(1.5, [INFO], "1"),
        '{"type":"channels","time":1.5,"channels":[{"name":"general","port":9001,"seats":5,"seated":3,"waiting":0}],'
        '"id":"1"}',
    ),
    (
        Ticket(1.5, "t1", "/files/t1", "1"),
        '{"type":"ticket","time":1.5,"ticket":"t1","path":"/files/t1","id":"1"}',
    ),
    (
        Offer(1.5, "Mary", "a.txt", 5, "t1", "/files/t1"),
        '{"type":"offer","time":1.5,"sender":"Mary","file":"a.txt","size":5,"ticket":"t1","path":"/files/t1"}',
    ),
    (
        Sent(1.5, "Mary", "Bob", "../a.txt"),
        '{"type":"sent","time":1.5,"sender":"Mary","to":"Bob","path":"../a.txt"}',
    ),
    (
        TransferFailed(1.5, "Mary", "Bob", "a.txt", "t1", "Bob has left."),
        '{"type":"transfer-failed","time":1.5,"sender":"Mary","to":"Bob","path":"a.txt","ticket":"t1",'
        '"problem":"Bob has left."}',
    ),
    (Done(1.5, "1"), '{"type":"done","time":1.5,"id":"1"}'),
    (Pong(1.5), '{"type":"pong","time":1.5}'),
    (Pong(1.5, "1"), '{"type":"pong","time":1.5,"id":"1"}'),
    (
        Refusal(1.5, "not-here", "Bob is not here.", "1"),
        '{"type":"refusal","time":1.5,"code":"not-here","text":"Bob is not here.","id":"1"}',
    ),
    (Goodbye(1.5, "quit", "Goodbye."), '{"type":"goodbye","time":1.5,"reason":"quit","text":"Goodbye."}'),
]


@pytest.mark.parametrize(("line", "command"), COMMANDS)
def test_a_command_is_read_from_its_line(line: str, command: PeerCommand) -> None:
    assert parse(line.encode(), LIMITS) == command
    assert msgspec.json.encode(command) == line.encode()


@pytest.mark.parametrize(("message", "line"), MESSAGES)
def test_a_message_is_one_line(message: Message, line: str) -> None:
    assert JSON.one(message, CLOCK, "Mary") == line.encode() + b"\n"
    assert decode_message(line.encode()) == message


@given(strategies.commands)
def test_every_command_comes_back_from_its_line(command: PeerCommand) -> None:
    line = msgspec.json.encode(command)
    assert parse(line, LIMITS) == command
    assert JsonDecoder(LIMITS).receive(line + b"\n") == [command]


@given(strategies.messages)
def test_every_message_comes_back_from_its_line(message: Message) -> None:
    line = JSON.one(message, CLOCK, "Mary")
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert clean(line[:-1].decode()) == line[:-1].decode()
    assert decode_message(line) == message


@pytest.mark.parametrize(
    "line",
    [
        b'{"type":"surprise"}',
        b'{"type":"pong","time":1,"id":"\xff"}',
        b'{"type":"pong","time":1,"more":' + b"[" * 3000,
        b'{"type":"refusal","time":1,"code":"","text":"","utc_offset_seconds":86401}',
    ],
)
def test_a_line_that_is_no_message_is_told_to_the_client_so(line: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        decode_message(line)


@given(st.lists(strategies.entries, max_size=5))
def test_entries_go_out_as_the_log_keeps_them(entries: list[Entry]) -> None:
    lines = encode_lines(entries)
    assert JSON.joined(entries, lines, CLOCK) == lines
    assert lines == b"".join(JSON.one(entry, CLOCK, "Mary") for entry in entries)


# What is no command


@pytest.mark.parametrize(
    ("line", "code", "text"),
    [
        (b'{"type":"dance"}', "invalid", "No such command: Invalid value 'dance' - at `$.type`."),
        (b'{"text":"hi"}', "invalid", "No such command: Object missing required field `type`."),
        (b'{"type":"say"}', "invalid", "No such command: Object missing required field `text`."),
        (b'{"type":"say","text":5}', "invalid", "No such command: Expected `str`, got `int` - at `$.text`."),
        (b'{"type":"say","text":null}', "invalid", "No such command: Expected `str`, got `null` - at `$.text`."),
        (b"[]", "invalid", "No such command: Expected `object`, got `array`."),
        (b"5", "invalid", "No such command: Expected `object`, got `int`."),
        (b'{"type":"join"}', "invalid", "No such command: Invalid value 'join' - at `$.type`."),
        (b'{"type":"leave","reason":"lost"}', "invalid", "No such command: Invalid value 'leave' - at `$.type`."),
        (b'{"type":"say","text":"  \\t "}', "empty", "An empty message is not sent."),
        (b'{"type":"say","text":""}', "empty", "An empty message is not sent."),
        (b'{"type":"whisper","to":"Bob","text":" "}', "empty", "An empty whisper is not sent."),
        ('{"type":"say","text":" \u200b\u2060\u00ad\u3164"}'.encode(), "empty", "An empty message is not sent."),
        ('{"type":"say","text":"\u202e"}'.encode(), "empty", "An empty message is not sent."),
        ('{"type":"whisper","to":"Bob","text":"\ufeff"}'.encode(), "empty", "An empty whisper is not sent."),
        (b'{"type":"hello","name":"M","key":"%s"}' % (b"k" * 65), "key-too-long", "A key has at most 64 characters."),
        (b'{"type":"send","to":"Bob","path":""}', "bad-path", "A path has 1 to 1024 characters."),
        (b'{"type":"send","to":"Bob","path":"a","size":-1}', "bad-size", "A file's size is 0 or more bytes."),
    ],
)
def test_a_line_that_is_no_command_says_why(line: bytes, code: str, text: str) -> None:
    with pytest.raises(CodecError) as caught:
        parse(line, LIMITS)
    assert (caught.value.code, caught.value.text) == (code, text)
    assert str(caught.value) == text
    assert JsonDecoder(LIMITS).receive(line + b"\n") == [Malformed(code, text)]


@pytest.mark.parametrize(
    "line",
    [
        '{"type":"say","text":" ","id":"7\\n"}',
        '{"type":"whisper","to":"Bob","text":"","id":"7\\n"}',
        '{"type":"send","to":"Bob","path":"","id":"7\\n"}',
        '{"type":"send","to":"Bob","path":"a","size":-1,"id":"7\\n"}',
    ],
)
def test_a_command_that_is_none_is_refused_under_its_id(line: str) -> None:
    (malformed,) = JsonDecoder(LIMITS).receive(f"{line}\n".encode())
    assert isinstance(malformed, Malformed)
    assert malformed.id == "7\ufffd"


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"hello",
        b"{",
        b'{"type":"ping"} {}',
        b'{"type":"ping"}{"type":"ping"}',
        b'{"type":"say","text":"\xff"}',
        b'{"type":"say","text":"\x01"}',
        b'{"type":"say","text":"\\ud800"}',
        b'{"type":"say","text":"unfinished',
        b'{"type":"ping","more":' + b"[" * 10_000,
        b"\xef\xbb\xbf" + b'{"type":"ping"}',
        b"\x00",
    ],
)
def test_a_line_that_is_no_json_is_told_so(line: bytes) -> None:
    with pytest.raises(CodecError) as caught:
        parse(line, LIMITS)
    assert caught.value.code == "no-json"
    assert caught.value.text.startswith("Not a line of JSON: ")


def test_a_number_of_thousands_of_digits_is_no_fault_of_ours() -> None:
    with pytest.raises(CodecError):
        parse(b'{"type":"hello","name":"Mary","protocol":' + b"1" * 5000 + b"}", LIMITS)


def test_fields_that_are_not_known_are_passed_over() -> None:
    assert parse(b'{"type":"ping","mood":{"good":[true]},"id":"1"}', LIMITS) == Ping("1")


@given(st.binary(max_size=40) | strategies.raw_commands.map(msgspec.json.encode))
def test_garbage_raises_nothing_but_what_is_documented(line: bytes) -> None:
    try:
        parse(line, LIMITS)
    except CodecError as error:
        assert clean(error.text) == error.text


# What comes in is made safe


def test_texts_are_stripped_and_safe_and_names_are_normalised() -> None:
    def read(line: str) -> PeerCommand:
        return parse(line.encode(), LIMITS)

    unsafe = read('{"type":"say","text":" a\\tb\\u001b[2J\u202e ","id":"i\u2066d"}')
    assert unsafe == Say("a b\ufffd[2J\ufffd", "i\ufffdd")
    assert read('{"type":"say","text":" hi "}') == Say("hi")
    assert read('{"type":"say","text":"hi","id":"\\n"}') == Say("hi", "\ufffd")
    assert read('{"type":"whisper","to":"Ame\u0301lie","text":" a\\rb "}') == Whisper("Amélie", "a\nb")
    assert read('{"type":"whisper","to":"B\\u0007b","text":"hi"}') == Whisper("B\ufffdb", "hi")
    assert read('{"type":"send","to":"Bob","path":"a\\r.txt"}') == Send("Bob", "a\ufffd.txt")
    assert read('{"type":"hello","name":"Zoe\u0308\\u0000"}') == Hello("Zoë\ufffd")
    assert read('{"type":"hello","name":"M","key":"' + "k" * 63 + '\\u0000"}') == Hello("M", key="k" * 63 + "\ufffd")
    assert read('{"type":"kick","channel":"games","name":"Zoe\u0308"}') == Kick("games", "Zoë")
    assert read('{"type":"mute","channel":"games","name":"Zoe\u0308","seconds":5}') == Mute("games", "Zoë", 5)
    assert read('{"type":"ping","id":"\\u0085"}') == Ping("\ufffd")
    assert read('{"type":"switch","channel":"Zoe\u0308\\u001b"}') == Switch("Zoë\ufffd")
    assert read('{"type":"kick","channel":"Zoe\u0308\\u202a","name":"Bob"}') == Kick("Zoë\ufffd", "Bob")
    assert read('{"type":"mute","channel":"Zoe\u0308\\n","name":"Bob","seconds":5}') == Mute("Zoë\ufffd", "Bob", 5)
    assert read('{"type":"empty","channel":"Zoe\u0308\\u2069"}') == Empty("Zoë\ufffd")
    assert read('{"type":"received","ticket":"t\\u0000","problem":"no\\r"}') == Received("t\ufffd", "no\ufffd")
    assert read('{"type":"resume","token":"t\\u2066","after":5}') == Resume("t\ufffd", 5)


def test_what_is_wrong_with_a_line_is_told_in_safe_words() -> None:
    (malformed,) = JsonDecoder(LIMITS).receive('{"type":"\u202eevil\u2066\\u001b"}\n'.encode())
    assert isinstance(malformed, Malformed)
    assert malformed.code == "invalid"
    assert malformed.text == clean(malformed.text)


def test_an_id_is_as_long_as_its_bound_and_no_longer() -> None:
    assert parse(b'{"type":"ping","id":"' + b"x" * 64 + b'"}', LIMITS) == Ping("x" * 64)
    with pytest.raises(CodecError) as caught:
        parse(b'{"type":"ping","id":"' + b"x" * 65 + b'"}', LIMITS)
    assert (caught.value.code, caught.value.text) == ("id-too-long", "An id has at most 64 characters.")


def test_a_path_is_as_long_as_its_bound_and_no_longer() -> None:
    def send(length: int) -> bytes:
        return b'{"type":"send","to":"Bob","path":"' + b"p" * length + b'"}'

    assert parse(send(1024), LIMITS) == Send("Bob", "p" * 1024)
    with pytest.raises(CodecError) as caught:
        parse(send(1025), LIMITS)
    assert caught.value.code == "bad-path"


# The decoder

PING = b'{"type":"ping"}'
TOO_LONG = Malformed("line-too-long", "A line has at most 64 bytes.")


def received(*chunks: bytes, line_bytes_max: int = 64) -> list[list[PeerCommand | Malformed]]:
    decoder = JsonDecoder(Limits(line_bytes_max=line_bytes_max))
    return [list(decoder.receive(chunk)) for chunk in chunks]


def test_lines_that_came_together_are_read_in_order() -> None:
    assert received(b'{"type":"ping","id":"1"}\n{"type":"say","text":"hi"}\n') == [[Ping("1"), Say("hi")]]


def test_a_line_that_came_in_pieces_is_read_once_it_is_whole() -> None:
    assert received(b'{"type"', b':"ping"}', b"\n" + PING, b"\n") == [[], [], [Ping()], [Ping()]]


def test_a_bad_line_is_refused_in_its_place_among_good_ones() -> None:
    ((first, bad, last),) = received(PING + b"\nnonsense\n" + PING + b"\n")
    assert first == last == Ping()
    assert isinstance(bad, Malformed)
    assert bad.code == "no-json"


def test_lines_of_white_space_are_nothing() -> None:
    assert received(b"\n  \n\r\n\t\n" + PING + b"\r\n\n") == [[Ping()]]
    assert received(b"\n") == [[]]


def test_two_commands_on_one_line_are_none() -> None:
    for data in (PING + PING + b"\n", PING + b" " + PING + b"\n"):
        ((bad,),) = received(data)
        assert isinstance(bad, Malformed)


@pytest.mark.parametrize("data", [b'{"type":\n"ping"}\n', PING + b'{"type":\n"ping"}\n'])
def test_a_command_on_two_lines_is_none(data: bytes) -> None:
    (lines,) = received(data)
    assert [type(line) for line in lines] == [Malformed, Malformed]


def ping_of(length: int) -> bytes:
    return PING + b" " * (length - len(PING))


@pytest.mark.parametrize(
    ("chunks", "commands"),
    [
        ([ping_of(64) + b"\n" + PING + b"\n"], [[Ping(), Ping()]]),
        ([ping_of(65) + b"\n" + PING + b"\n"], [[TOO_LONG, Ping()]]),
        ([ping_of(64) + b"\n", PING + b"\n"], [[Ping()], [Ping()]]),
        ([ping_of(65) + b"\n", PING + b"\n"], [[TOO_LONG], [Ping()]]),
        ([ping_of(64), b"\n" + PING + b"\n"], [[], [Ping(), Ping()]]),
        ([ping_of(65), b"\n" + PING + b"\n"], [[TOO_LONG], [Ping()]]),
        ([ping_of(65), b"and more", b"and more\n", PING + b"\n"], [[TOO_LONG], [], [], [Ping()]]),
        ([PING + b"\n" + b"{" * 65, b"x"], [[Ping(), TOO_LONG], []]),
    ],
)
def test_a_line_too_long_costs_its_sender_that_line_alone(
    chunks: list[bytes], commands: list[list[PeerCommand | Malformed]]
) -> None:
    assert received(*chunks) == commands


def test_a_chunk_longer_than_the_bound_may_hold_many_lines() -> None:
    assert received((PING + b"\n") * 9) == [[Ping()] * 9]


lines = st.one_of(
    strategies.commands.map(msgspec.json.encode),
    strategies.raw_commands.map(msgspec.json.encode),
    st.binary(max_size=30),
    st.sampled_from(
        [b"", b" ", b"\r", PING, PING + b"\r", PING + PING, b'{"type":\n"ping"}', b'\n"ping"}', b'{"type":', b"{" * 70]
    ),
)
endings = st.sampled_from([b"\n", b"\n", b"\n", b"\r\n", b"", b" ", b"x" * 70])
tokens = st.sampled_from([PING, PING, b"\n", b"\n", b" ", b"\r\n", b'{"type":', b'"ping"}', b'{"type":"quit"}'])
streams = st.one_of(
    st.lists(st.tuples(lines, endings), max_size=6).map(lambda parts: b"".join(a + b for a, b in parts)),
    st.lists(tokens, max_size=8).map(b"".join),
)


@given(streams, strategies.cuts, st.sampled_from([64, 150, 16_384]))
def test_commands_are_the_same_wherever_the_stream_is_cut(stream: bytes, cuts: list[int], line_bytes_max: int) -> None:
    limits = Limits(line_bytes_max=line_bytes_max)
    too_long = Malformed("line-too-long", f"A line has at most {line_bytes_max} bytes.")
    *whole, rest = stream.split(b"\n")
    expected: list[PeerCommand | Malformed] = []
    for line in whole:
        if len(line) > line_bytes_max:
            expected.append(too_long)
        elif line.strip():
            try:
                expected.append(parse(line, limits))
            except CodecError as error:
                expected.append(Malformed(error.code, error.text, error.command_id))
    if len(rest) > line_bytes_max:
        expected.append(too_long)
    assert list(JsonDecoder(limits).receive(stream)) == expected
    decoder = JsonDecoder(limits)
    assert [command for piece in strategies.pieces(stream, cuts) for command in decoder.receive(piece)] == expected
    decoder = JsonDecoder(limits)
    assert [command for byte in stream for command in decoder.receive(bytes([byte]))] == expected
