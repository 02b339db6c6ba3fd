"""IRC's lines, to the byte."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from antechamber.codec import CodecError
from antechamber.codec.irc.decoding import (
    Burst,
    IrcDecoder,
    Line,
    client_tags,
    ctcp_of,
    escape_tag,
    message,
    parse,
    source_of,
    unescape_tag,
)
from antechamber.codec.irc.parameters import Parameters
from antechamber.protocol.commands import Malformed
from antechamber.protocol.limits import IRC_BODY_BYTES_MAX, IRC_TAGS_BYTES_MAX
from antechamber.protocol.text import clean, fold, nick_of

TOO_LONG = Malformed("line-too-long", "Input line was too long")
NOT_UTF_8 = Malformed("not-utf-8", "Message rejected, your IRC software MUST use UTF-8 encoding on this network")


def received(*pieces: bytes) -> list[Line | Burst | Malformed]:
    decoder = IrcDecoder({})
    return [command for piece in pieces for command in decoder.receive(piece)]


def one_by_one(commands: list[Line | Burst | Malformed]) -> list[Line | Malformed]:
    """Return the lines that bursts are made of, as stripped as a burst's texts are."""
    lines: list[Line | Malformed] = []
    for command in commands:
        if isinstance(command, Burst):
            lines += [Line("PRIVMSG", (command.target, text)) for text in command.texts]
        elif isinstance(command, Line) and command.command == "PRIVMSG" and len(command.params) == 2:
            target, text = command.params
            lines.append(Line("PRIVMSG", (target, text.strip()), command.tags))
        else:
            lines.append(command)
    return lines


# Reading a line


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("NICK Mary", Line("NICK", ("Mary",))),
        ("nick Mary", Line("NICK", ("Mary",))),
        ("CAP REQ :sasl message-tags foo", Line("CAP", ("REQ", "sasl message-tags foo"))),
        ("CAP * LIST :", Line("CAP", ("*", "LIST", ""))),
        ("QUIT", Line("QUIT")),
        ("QUIT :", Line("QUIT", ("",))),
        ("PRIVMSG #chan Hey!", Line("PRIVMSG", ("#chan", "Hey!"))),
        ("PRIVMSG #chan :Hey!", Line("PRIVMSG", ("#chan", "Hey!"))),
        ("PRIVMSG #chan ::-)", Line("PRIVMSG", ("#chan", ":-)"))),
        ("PRIVMSG #chan a:b", Line("PRIVMSG", ("#chan", "a:b"))),
        ("PRIVMSG #chan :  two : words ", Line("PRIVMSG", ("#chan", "  two : words "))),
        (":dan!d@localhost PRIVMSG #chan :Hey!", Line("PRIVMSG", ("#chan", "Hey!"))),
        ("  MODE   #chan  +o   Bob  ", Line("MODE", ("#chan", "+o", "Bob"))),
        ("@a=b  :src  PRIVMSG  #c  :x", Line("PRIVMSG", ("#c", "x"), {"a": "b"})),
        ("@a;+draft/reply=7;b= TAGMSG #c", Line("TAGMSG", ("#c",), {"a": "", "+draft/reply": "7", "b": ""})),
        ("@a=1;a=2 PING x", Line("PING", ("x",), {"a": "2"})),
        ("@=1;;a;+;ü=1 PING x", Line("PING", ("x",), {"a": ""})),
        ("@x=a\\:b\\sc\\\\d\\re\\nf\\q\\ PING x", Line("PING", ("x",), {"x": "a;b c\\d\ufffde\ufffdfq"})),
        ("ſtats x", Line("ſtats", ("x",))),
        ("JOIN #Räume,#b k", Line("JOIN", ("#Räume,#b", "k"))),
    ],
)
def test_a_line_is_read(line: str, expected: Line) -> None:
    assert parse(line.encode()) == expected


@pytest.mark.parametrize("line", ["", " ", ":source", ":source  ", "@a=b", "@a=b ", "@a=b :source", " :x"])
def test_a_line_without_a_command_is_none(line: str) -> None:
    assert parse(line.encode()) is None


def test_what_is_for_the_look_of_it_is_left_out() -> None:
    text = "\x02bold\x02 \x034,12red\x03 \x0399,1x \x03,y \x04ff0000,00FF00hex\x04 \x1d\x1f\x1e\x11\x16\x0fplain\x031"
    assert parse(f"TOPIC #c :{text}".encode()) == Line("TOPIC", ("#c", "bold red x ,y hex plain"))


def test_what_controls_a_terminal_is_made_visible() -> None:
    assert parse("PRIVMSG #c :a\x1b[2Jb\x00c\u202ed\te".encode()) == Line(
        "PRIVMSG", ("#c", "a\ufffd[2Jb\ufffdc\ufffdd e")
    )
    assert parse(b"\x1bX\t y") == Line("\ufffdX\ufffd", ("y",))
    assert parse(b"MODE #c\t \x02 +o\x02") == Line("MODE", ("#c\ufffd", "\ufffd", "+o"))
    assert parse("@+a=\x1b\u202e PING x".encode()) == Line("PING", ("x",), {"+a": "\ufffd\ufffd"})


@pytest.mark.parametrize(
    ("sent", "text", "ctcp"),
    [
        ("\x01ACTION waves\x01", "\x01ACTION waves\x01", ("ACTION", "waves")),
        ("\x01action  \x02waves\x02 ", "\x01action  waves \x01", ("ACTION", " waves ")),
        ("\x01VERSION\x01", "\x01VERSION\x01", ("VERSION", "")),
        ("\x01\x01", "\x01\x01", ("", "")),
        ("\x01PING 1\x01 2\x01", "\x01PING 1\ufffd 2\x01", ("PING", "1\ufffd 2")),
        ("a\x01ACTION b\x01", "a\ufffdACTION b\ufffd", None),
    ],
)
def test_a_ctcp_message_keeps_its_mark_where_it_is_said(sent: str, text: str, ctcp: tuple[str, str] | None) -> None:
    for command in ("PRIVMSG", "NOTICE"):
        assert parse(f"{command} Bob :{sent}".encode()) == Line(command, ("Bob", text))
    assert ctcp_of(text) == ctcp
    assert parse(f"TOPIC #c :{sent}".encode()) == Line("TOPIC", ("#c", clean(sent.replace("\x02", ""))))


def test_a_line_at_its_bound_is_read_and_one_past_it_is_too_long() -> None:
    start = b"PRIVMSG #c :"
    room = IRC_BODY_BYTES_MAX - len(start)
    assert received(start + b"x" * room + b"\r\n") == [Burst("#c", ["x" * room])]
    assert received(start + b"x" * (room + 1) + b"\r\n") == [TOO_LONG]
    assert received(start + "é".encode() * (room // 2) + b"\r\n") == [Burst("#c", ["é" * (room // 2)])]
    assert received(start + "é".encode() * (room // 2 + 1) + b"\r\n") == [TOO_LONG]
    assert received(b"@a " + start + b"x" * room + b"\n") == [Line("PRIVMSG", ("#c", "x" * room), {"a": ""})]
    assert received(b"@a " + start + b"x" * (room + 1) + b"\n") == [TOO_LONG]


def test_tags_at_their_bound_are_read_and_those_past_it_are_too_long() -> None:
    tags = b"+a=" + b"x" * (IRC_TAGS_BYTES_MAX - 3)
    assert received(b"@" + tags + b" PING x\r\n") == [Line("PING", ("x",), {"+a": "x" * (IRC_TAGS_BYTES_MAX - 3)})]
    assert received(b"@" + tags + b"x PING x\r\n") == [TOO_LONG]
    longest = b"@" + tags + b" PING :" + b"x" * (IRC_BODY_BYTES_MAX - len("PING :"))
    assert [type(command) for command in received(longest + b"\r\n")] == [Line]
    assert received(longest + b"x\r\nPING y\r\n") == [TOO_LONG, Line("PING", ("y",))]


def test_a_line_that_is_too_long_is_told_of_once_and_passed_over() -> None:
    decoder = IrcDecoder({})
    assert decoder.receive(b"x" * 4606) == []
    assert decoder.receive(b"x") == [TOO_LONG]
    assert decoder.receive(b"x" * 10_000) == []
    assert decoder.receive(b"x\r\nPING y\r\n") == [Line("PING", ("y",))]
    with pytest.raises(CodecError, match="too long"):
        parse(b"x" * 4607)


def test_a_line_that_is_not_utf_8_is_told_of_in_its_place() -> None:
    sent = b"PING a\r\nPRIVMSG #c :\xff\r\nPING b\r\n"
    assert received(sent) == [Line("PING", ("a",)), NOT_UTF_8, Line("PING", ("b",))]
    assert received(b"PRIVMSG #c :\xff\r\n") == [NOT_UTF_8]
    assert received(b"@a=\xff PING b\r\n") == [NOT_UTF_8]


@pytest.mark.parametrize("end", [b"\r\n", b"\n", b"\r", b"\r\n\r\n", b"\n\r"])
def test_a_line_ends_in_any_way(end: bytes) -> None:
    expected = [Line("NICK", ("a",)), Line("PRIVMSG", ("#c", "hi")), Line("PRIVMSG", ("#c", "ho"))]
    assert one_by_one(received(b"NICK a" + end + b"PRIVMSG #c :hi" + end + b"PRIVMSG #c :ho" + end)) == expected


# Bursts


def test_lines_to_one_target_are_one_burst() -> None:
    sent = b"PRIVMSG #c :one\r\nPRIVMSG #c : two \r\nPRIVMSG #c :PRIVMSG #c :three\r\n"
    assert received(sent) == [Burst("#c", ["one", "two", "PRIVMSG #c :three"])]
    assert received("PRIVMSG #c :é\r\nPRIVMSG #c : 山田\r\n".encode()) == [Burst("#c", ["é", "山田"])]
    assert received(b"PRIVMSG Bob :hi\r\n") == [Burst("Bob", ["hi"])]


def test_a_burst_goes_on_after_a_chunk_that_ends_in_a_line() -> None:
    decoder = IrcDecoder({})
    assert decoder.receive(b"PRIVMSG #c :one\r\nPRIVM") == (Burst("#c", ["one"]),)
    assert decoder.receive(b"SG #c :two\r\nPRIVMSG #c :three\r\nPR") == (Burst("#c", ["two", "three"]),)
    assert decoder.receive(b"IVMSG #c :four\r") == [Line("PRIVMSG", ("#c", "four"))]
    assert decoder.receive(b"\n") == []


@pytest.mark.parametrize(
    "sent",
    [
        b"PRIVMSG #c :a\r\nPRIVMSG #d :b\r\n",
        b"PRIVMSG #c :a\r\nPING x\r\n",
        b"PRIVMSG #c :a\nPRIVMSG #c :b\r\n",
        b"PRIVMSG #c :a\r\n\r\nPRIVMSG #c :b\r\n",
        b"PRIVMSG #c,#d :a\r\n",
        b"PRIVMSG #c #d :a\r\n",
        b"PRIVMSG #c  :a\r\n",
        b"PRIVMSG  #c :a\r\n",
        b"PRIVMSG :a\r\n",
        b"PRIVMSG :a :b\r\n",
        b"PRIVMSG #c a\r\n",
        b"PRIVMSG  :a\r\n",
        b"PRIVMSG #c\x02 :a\r\n",
        b"PRIVMSG #c :a\r\nPRIVMSG #c :\r\n",
        b"PRIVMSG #c :  \r\n",
        b"PRIVMSG #c :\x02a\r\n",
        b"PRIVMSG #c :a\x7f\r\n",
        b"PRIVMSG #c :\x01ACTION a\x01\r\n",
        "PRIVMSG #c :é\x02\r\n".encode(),
        "PRIVMSG #c :é\r\nPRIVMSG #c :\u3164\r\n".encode(),
        "PRIVMSG #c :é\r\nPRIVMSG #c :\r\n".encode(),
        "PRIVMSG #é\u202e :a\r\n".encode(),
        b"privmsg #c :a\r\n",
        b"@a PRIVMSG #c :a\r\n",
    ],
)
def test_where_there_is_any_doubt_each_line_is_read_by_itself(sent: bytes) -> None:
    lines = [parse(line) for line in sent.split(b"\r\n") if b"\n" not in line and line]
    found = received(sent)
    assert not any(isinstance(command, Burst) for command in found)
    if b":a\nP" not in sent:
        assert found == lines


nasty_lines = st.sampled_from(
    [
        *("PRIVMSG #c :hi", "PRIVMSG #c : hi ", "PRIVMSG #c :", "PRIVMSG #c :é", "PRIVMSG #d :x", "PRIVMSG #c :\x02b"),
        *(
            "PRIVMSG #c :\u3164",
            "PRIVMSG #c :\x01ACTION x\x01",
            "@a=b PRIVMSG #c :x",
            "PING x",
            "",
            ":x",
            " ",
            "JOIN #c",
        ),
        *("PRIVMSG #c :" + "x" * 498, "PRIVMSG #c :" + "x" * 499, "PRIVMSG #c :" + "é" * 250, "y" * 4700),
    ]
).map(str.encode) | st.binary(max_size=12)
ends = st.sampled_from([b"\r\n", b"\r\n", b"\r\n", b"\n", b"\r"])


@given(st.lists(st.tuples(nasty_lines, ends), max_size=12), st.lists(st.integers(0, 8_000), max_size=6))
@example([(b"PRIVMSG #c :a", b"\r\n"), (b"PRIVMSG #c :b", b"\r\n")], [14])
def test_a_stream_is_the_same_however_it_is_cut(lines: list[tuple[bytes, bytes]], places: list[int]) -> None:
    data = b"".join(line + end for line, end in lines)
    cuts = sorted({min(place, len(data)) for place in places})
    pieces = [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)]
    whole = one_by_one(received(data))
    assert one_by_one(received(*pieces)) == whole
    if len(data) < 1_000:
        assert one_by_one(received(*[data[at : at + 1] for at in range(len(data))])) == whole


@given(st.binary(max_size=200))
def test_no_line_raises_but_a_codec_error_and_all_that_is_read_is_safe(data: bytes) -> None:
    for line in data.replace(b"\r", b"\n").split(b"\n"):
        try:
            read = parse(line)
        except CodecError:
            continue
        if read is not None:
            assert not {"\0", "\r", "\n", "\x1b"} & set("".join((read.command, *read.params)))


@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"), min_size=1, max_size=20),
        min_size=1,
        max_size=8,
    )
)
def test_a_burst_says_what_its_lines_say(texts: list[str]) -> None:
    data = "".join(f"PRIVMSG #c :{text}\r\n" for text in texts).encode()
    lines = [parse(f"PRIVMSG #c :{text}".encode()) for text in texts]
    assert one_by_one(received(data)) == one_by_one([line for line in lines if line is not None])


# Writing a line


def test_a_message_is_its_words_and_its_text() -> None:
    assert (
        message("irc.antechamber", "001", "Mary", "Welcome to you") == b":irc.antechamber 001 Mary :Welcome to you\r\n"
    )
    assert message("", "ERROR", "Bye", trailing=True) == b"ERROR :Bye\r\n"
    assert message("a!~u@h", "JOIN", "#c") == b":a!~u@h JOIN #c\r\n"
    assert message("a!~u@h", "JOIN", "#c", tags="time=1;x") == b"@time=1;x :a!~u@h JOIN #c\r\n"
    assert message("s", "PING") == b":s PING\r\n"
    assert message("s", "X", "a", "") == b":s X a :\r\n"
    assert message("s", "X", "a", ":b") == b":s X a ::b\r\n"
    assert message("s", "X", "", "b c", ":d", "e") == b":s X * * * e\r\n"


def test_no_parameter_ends_a_line() -> None:
    assert message("s", "X", "a\rb", "a", "c\nQUIT\0 :d") == b":s X * a :c QUIT  :d\r\n"


def test_a_message_at_its_bound_is_whole_and_one_past_it_is_cut_at_a_character() -> None:
    room = IRC_BODY_BYTES_MAX - len(":s X :")
    assert message("s", "X", "é" * (room // 2), trailing=True) == b":s X :" + "é".encode() * (room // 2) + b"\r\n"
    assert message("s", "X", "é" * (room // 2 + 1), trailing=True) == b":s X :" + "é".encode() * (room // 2) + b"\r\n"
    assert message("s", "X", "xé" + "é" * (room // 2), trailing=True) == b":s X :x" + "é".encode() * 251 + b"\r\n"
    assert len(message("s", "X", "x" * 600, trailing=True, tags="a=" + "y" * 100)) == 512 + 104


@given(st.lists(st.text(max_size=60), max_size=5), st.booleans())
def test_a_message_is_one_line_of_at_most_512_bytes(params: list[str], trailing: bool) -> None:
    params = [param.encode(errors="replace").decode() for param in params]
    line = message("irc.antechamber", "NOTICE", *params, trailing=trailing)
    assert line.endswith(b"\r\n")
    assert len(line) <= 512
    assert line.count(b"\n") == line.count(b"\r") == 1
    read = parse(line[:-2])
    assert read is not None
    if len(line) < 500:
        assert len(read.params) == len(params)


def test_tags_are_escaped_and_read_again() -> None:
    assert escape_tag("raw+:=,escaped; \\\r\n\0") == "raw+:=,escaped\\:\\s\\\\\\r\\n"
    assert unescape_tag("raw+:=,escaped\\:\\s\\\\\\r\\n") == "raw+:=,escaped; \\\r\n"
    assert unescape_tag("test\\") == "test"
    assert unescape_tag("te\\st\\b") == "te tb"


@given(st.text(st.characters(exclude_characters="\0", codec="utf-8")))
def test_any_value_of_a_tag_comes_back(value: str) -> None:
    escaped = escape_tag(value)
    assert not set("; \r\n") & set(escaped)
    assert unescape_tag(escaped) == value


def test_only_a_clients_own_tags_go_on_to_others() -> None:
    tags = {"+draft/reply": "7;8", "label": "1", "+typing": "", "+a b": "1", "+": "1", "+x=y": "1"}
    assert client_tags(tags) == "+draft/reply=7\\:8;+typing"
    assert client_tags({}) == ""


def test_a_clients_own_tags_at_their_bound_go_on_and_what_is_past_it_does_not() -> None:
    value = "x" * (IRC_TAGS_BYTES_MAX - len("+a=;+b"))
    assert client_tags({"+a": value, "+b": ""}) == f"+a={value};+b"
    assert client_tags({"+a": value + "x", "+b": ""}) == f"+a={value}x"
    assert client_tags({"+a": "\ufffd" * 2_000}) == ""


# Names


def test_names_are_compared_by_the_letters_a_to_z() -> None:
    assert fold("MARY[]") == "mary[]"
    assert fold("ZOË") == "zoË"
    assert fold("İI") == "İi"


def test_a_name_is_a_nick_but_for_a_plus_in_front() -> None:
    assert nick_of("Mary") == "Mary"
    assert nick_of("+1+") == "_1+"
    assert source_of("+1", "abc.cloak") == "_1!~u@abc.cloak"
    assert source_of("Zoë", "") == "Zoë!~u@antechamber"


TABLE = {
    "JOIN": Parameters(slice(2), cost=lambda params: 7, entrances=len, are_secret=True),
    "TOPIC": Parameters(slice(1)),
}
DECOMPOSED = "e\u0301"


def test_a_line_is_read_and_counted_as_the_table_says() -> None:
    line = parse(f"JOIN #{DECOMPOSED} {DECOMPOSED} :{DECOMPOSED}".encode(), TABLE)
    assert line == Line("JOIN", ("#\xe9", "\xe9", DECOMPOSED), cost=7, entrances=3, is_secret=True)
    assert parse(f"TOPIC #{DECOMPOSED} {DECOMPOSED}".encode(), TABLE) == Line("TOPIC", ("#\xe9", DECOMPOSED))
    (decoded,) = IrcDecoder(TABLE).receive(b"JOIN #a\r\n")
    assert (decoded.cost, decoded.entrances) == (7, 1)


def test_a_command_that_is_in_no_table_is_an_ordinary_one() -> None:
    line = parse(f"OTHER {DECOMPOSED},b".encode(), TABLE)
    assert line == Line("OTHER", (f"{DECOMPOSED},b",))
    assert (line.cost, line.entrances, line.is_secret) == (1, 0, False)


def test_a_burst_costs_as_much_as_it_says() -> None:
    (burst,) = IrcDecoder({}).receive(b"PRIVMSG #a :x\r\nPRIVMSG #a :y\r\n")
    assert (type(burst), burst.cost, burst.entrances) == (Burst, 2, 0)


def test_lines_and_bursts_count_the_text_that_they_carry() -> None:
    line, burst = Line("TOPIC", ("#a", "tea")), Burst("#a", ["one", "three"])
    assert (line.characters, burst.characters) == (5, 8 + 100)


def test_no_secret_of_a_line_stands_in_a_log() -> None:
    assert repr(Line("JOIN", ("#a", "sesame"), is_secret=True)) == "Line(JOIN, 2)"
    assert "sesame" in repr(Line("TOPIC", ("#a", "sesame")))
