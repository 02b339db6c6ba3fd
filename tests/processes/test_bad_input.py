"""Bad input from strangers: one clear line or a refusal for them, and everybody else chats on."""

import re

import pytest

from tests.processes.chat import THROUGH_CLIENTS, THROUGH_SOCKETS, Chat
from tests.processes.programs import Programs
from tests.processes.transcript import says

NAME_RULE = "A name has only letters, digits, marks and . _ - + ~ '"
TOO_LONG = "A line has at most 16384 bytes."


@THROUGH_SOCKETS
class TestFirstLines:
    @pytest.mark.parametrize(
        ("line", "answer"),
        [
            ("Mary Ann", NAME_RULE),
            ("[Server", NAME_RULE),
            ("Mary]", NAME_RULE),
            ("a\tb", NAME_RULE),
            ("a\x1b[2J", NAME_RULE),
            ("a\u202eb", NAME_RULE),
            ("a\u200bb", NAME_RULE),
            ("general:Mary", NAME_RULE),
            ("/quit", NAME_RULE),
            ("\u0301", "A name starts with no combining mark."),
            ("M" * 33, "A name has at most 32 characters."),
            ("M" * 17_000, TOO_LONG),
        ],
        ids=lambda value: ascii(value[:20]),
    )
    def test_a_name_that_is_none_is_told_and_the_connection_ends(self, chat: Chat, line: str, answer: str) -> None:
        [mary] = chat.seats("general", "Mary", kind="socket")
        caller = chat.calls("general", line)
        caller.reads(says(answer))
        caller.ends()
        chat.nobody_else_read_anything([mary], speaker=mary)

    def test_a_name_that_is_no_utf_8_is_told(self, chat: Chat) -> None:
        caller = chat.programs.caller(chat.server.ports["general"], "stranger")
        caller.sends(b"M\xff\xferry\n")
        caller.reads(says("That line is not UTF-8 text."))
        caller.ends()
        chat.server_reads_nothing()

    @pytest.mark.parametrize(
        "sent", [b"", b"\n \t\r\n", b"Mar", b'{"type":"hello","name":"Mary"}', b"{", b"\x16\x03\x01"]
    )
    def test_who_goes_before_naming_itself_is_never_mentioned(self, chat: Chat, sent: bytes) -> None:
        [tom] = chat.seats("general", "Tom", kind="socket")
        stranger = chat.programs.caller(chat.server.ports["general"], "stranger")
        stranger.sends(sent)
        stranger.stops_sending()
        stranger.ends()
        other = chat.programs.caller(chat.server.ports["general"], "another stranger")
        other.sends(sent)
        other.drops()
        chat.nobody_else_read_anything([tom], speaker=tom)

    def test_empty_lines_before_the_name_are_nothing(self, chat: Chat) -> None:
        caller = chat.calls("general", "Mary", "\n  \r\n\t\n  Mary \r")
        caller.reads(says("Welcome to the general channel, Mary."), says("Mary has joined the channel."))

    def test_a_name_in_pieces_is_a_name(self, chat: Chat) -> None:
        caller = chat.calls("general", "grün")
        caller.reads(says("Welcome to the general channel, grün."))
        other = chat.programs.caller(chat.server.ports["general"], "other")
        for byte in "gru\u0308n".encode():
            other.sends(bytes([byte]))
        other.sends(b"\n")
        other.reads(says("Cannot connect to the general channel."))
        other.ends()

    def test_half_a_line_and_silence_hold_nobody_up(self, chat: Chat) -> None:
        stranger = chat.programs.caller(chat.server.ports["general"], "stranger")
        stranger.sends(b"Ma")
        json = chat.programs.caller(chat.server.ports["general"], "another")
        json.sends(b'{"type":"hello","na')
        mary, tom = chat.seats("general", "Mary", "Tom", kind="socket")
        mary.types("hello")
        chat.all_read([mary, tom, chat.server], "[Mary (<t>)] hello")
        stranger.sends(b"x\n")
        stranger.reads(says("Welcome to the general channel, Max."), says("Max has joined the channel."))
        stranger.types("/quit")
        stranger.ends()


class TestLines:
    def test_one_of_a_megabyte_is_told_and_the_rest_goes_on(self, chat: Chat) -> None:
        mary, tom = chat.seats("general", "Mary", "Tom")
        mary.types("x" * 900_000)
        mary.types("I am still here")
        mary.reads(says(TOO_LONG))
        chat.all_read([mary, tom, chat.server], "[Mary (<t>)] I am still here")

    @THROUGH_SOCKETS
    def test_one_as_long_as_can_be_is_read_whole(self, chat: Chat) -> None:
        mary, tom = chat.seats("general", "Mary", "Tom", kind="socket")
        mary.types("x" * 16_384, "x" * 16_385)
        chat.all_read([mary, tom, chat.server], f"[Mary (<t>)] {'x' * 16_384}")
        mary.reads(says(TOO_LONG))

    @THROUGH_SOCKETS
    def test_one_that_is_no_utf_8_is_told_to_a_socket(self, chat: Chat) -> None:
        mary, tom = chat.seats("general", "Mary", "Tom", kind="socket")
        mary.sends(b"caf\xe9\n/whisper Tom caf\xe9\n")
        mary.reads(says("That line is not UTF-8 text."), says("That line is not UTF-8 text."))
        chat.nobody_else_read_anything([mary, tom], speaker=tom)

    @THROUGH_CLIENTS
    def test_one_that_is_no_utf_8_is_typed_with_replacements(self, chat: Chat) -> None:
        mary, tom = chat.seats("general", "Mary", "Tom")
        mary.sends(b"caf\xe9\n")
        chat.all_read([mary, tom, chat.server], "[Mary (<t>)] caf\ufffd")

    def test_what_would_control_a_terminal_is_replaced(self, chat: Chat) -> None:
        mary, tom = chat.seats("general", "Mary", "Tom")
        mary.types("a\x1b[31mb\x07c\td\u202ee\x00f\u2028g\rh\x9bi")
        clean = "a\ufffd[31mb\ufffdc d\ufffde\ufffdf\ufffdg\ufffdh\ufffdi"
        chat.all_read([mary, tom, chat.server], f"[Mary (<t>)] {clean}")
        mary.types("/whisper Tom a\x1b[31mb")
        tom.reads("[Mary whispers to you: (<t>)] a\ufffd[31mb")
        chat.server.reads("[Mary whispers to Tom: (<t>)] a\ufffd[31mb")
        mary.types("/whisper \x1b[31m hello", "/switch \x1b[31m")
        mary.reads(says("\ufffd[31m is not here."), says("\ufffd[31m does not exist."))
        chat.server.reads("[Mary whispers to \ufffd[31m: (<t>)] hello")

    def test_nobody_forges_a_line_of_the_servers(self, chat: Chat) -> None:
        mary, tom = chat.seats("general", "Mary", "Tom")
        mary.types("hello\r[Server message (00:00:00)] Tom has left the channel.")
        chat.all_read(
            [mary, tom, chat.server], "[Mary (<t>)] hello\ufffd[Server message (00:00:00)] Tom has left the channel."
        )

    @THROUGH_SOCKETS
    def test_a_flood_of_lines_is_read_in_order(self, chat: Chat) -> None:
        mary, tom = chat.seats("general", "Mary", "Tom", kind="socket")
        lines = [f"line {number}" for number in range(2_000)]
        mary.types(*lines)
        chat.all_read([tom, mary, chat.server], *(f"[Mary (<t>)] {line}" for line in lines))


@THROUGH_SOCKETS
class TestJson:
    @pytest.mark.parametrize(
        ("line", "code"),
        [
            ("{", "no-json"),
            ('{"type":"hello","name":"Mary"', "no-json"),
            ('{"type":"hello","name":"Mary"} {}', "no-json"),
            ('{"type":"hello"}', "invalid"),
            ('{"type":"hello","name":7}', "invalid"),
            ('{"type":"greet","name":"Mary"}', "invalid"),
            ("{}", "invalid"),
            ('{"type":"hello","name":"Mary Ann"}', "bad-name"),
            ('{"type":"hello","name":""}', "bad-name"),
            ('{"type":"hello","name":"a\\u0000b"}', "bad-name"),
            ('{"type":"hello","name":"a\\u202eb"}', "bad-name"),
            ('{"type":"hello","name":"Mary","protocol":2}', "protocol"),
            ('{"type":"hello","name":"Mary","id":"' + "x" * 65 + '"}', "id-too-long"),
            ('{"type":"hello","name":"' + "x" * 17_000 + '"}', "line-too-long"),
            ('{"a":' + "[" * 10_000, "no-json"),
        ],
        ids=lambda value: value[:40],
    )
    def test_a_first_line_that_is_no_hello_is_refused_and_the_connection_ends(
        self, chat: Chat, line: str, code: str
    ) -> None:
        caller = chat.calls("general", "stranger", line)
        said = caller.next_line("a refusal")
        assert said is not None
        assert re.match(rf'{{"type":"refusal","time":[\d.]+,"code":"{code}","text":"[^"]+', said), said
        caller.reads('{"type":"goodbye","time":<time>,"reason":"refused","text":"<*>"}')
        caller.ends()
        chat.server_reads_nothing()

    def test_a_line_that_is_no_command_costs_that_line_alone(self, chat: Chat) -> None:
        [tom] = chat.seats("general", "Tom", kind="socket")
        mary = chat.calls("general", "Mary", '{"type":"hello","name":"Mary"}')
        chat.all_read([tom], says("Mary has joined the channel."))
        chat.server.reads(says("Mary has joined the general channel."))
        mary.reads_up_to('{"type":"entry",<*>"seated","name":"Mary"}}')
        mary.types("hello", "{}", "[]", "null", '{"type":"say"}', '{"type":"say","text":" \\u0009 "}', "[" * 9_000)
        mary.sends(b'{"type":"say","text":"\xff"}\n')
        mary.types('{"type":"say","text":"here","more":[1,{}]}', '{"type":"say","text":"a\\nb\\u001bc\\ud800"}')
        codes = ("no-json", "invalid", "invalid", "invalid", "invalid", "empty", "<*>", "no-json")
        mary.reads(*(f'{{"type":"refusal","time":<time>,"code":"{code}","text":"<*>"}}' for code in codes))
        chat.all_read([tom, chat.server], "[Mary (<t>)] here")


def test_who_reads_nothing_holds_nobody_up_and_is_let_go(programs: Programs) -> None:
    chat = Chat(programs, programs.server(), "socket")
    mary, tom = chat.seats("general", "Mary", "Tom")
    sleeper = chat.calls("general", "Sleeper")
    chat.all_read([mary, tom], says("Sleeper has joined the channel."))
    chat.server.reads(says("Sleeper has joined the general channel."))
    text = "x" * 10_000
    while True:  # as much as fits into the kernel's buffers, and the server's
        mary.types(*[text] * 20, "/list")
        chat.all_read([mary, tom, chat.server], *[f"[Mary (<t>)] {text}"] * 20)
        line = mary.next_line("the list")
        mary.reads("[Channel] games 0/5/0.", "[Channel] help 0/5/0.")
        if line == "[Channel] general 2/5/0.":
            break
        assert line == "[Channel] general 3/5/0."
    assert sleeper.reads_the_rest()[-1].endswith("] You were disconnected: you read too slowly.")
    sleeper.close()
    chat.nobody_else_read_anything([mary, tom], speaker=tom)


@THROUGH_SOCKETS
def test_a_hundred_connections_at_once_are_all_answered(chat: Chat) -> None:
    strangers = [chat.calls("general", f"guest{number}") for number in range(100)]
    for number, stranger in enumerate(strangers):
        stranger.reads(says(f"Welcome to the general channel, guest{number}."))
