"""The client at work, against a server that does what the test says."""

import json

import pytest

from antechamber.protocol.commands import List, Quit, Say, Switch, Whisper
from antechamber.protocol.events import Entry, Left, Muted, Said, Seated
from antechamber.protocol.notices import (
    ChannelInfo,
    Channels,
    Done,
    Goodbye,
    GoodbyeReason,
    Place,
    Pong,
    Refusal,
    Whispered,
)
from tests.client.scripted import NOON, chatting, welcome


def entry(event: Said | Seated | Left | Muted, time: float = NOON) -> Entry:
    return Entry("general", 1, time, event)


# What is printed


def test_what_the_server_tells_is_printed_as_the_transcripts_word_it() -> None:
    with chatting(".", welcome(), entry(Seated("Mary"))) as (server, client):
        assert client.prints() == "[Server message (12:00:00)] Welcome to the general channel, Mary."
        assert client.prints() == "[Server message (12:00:00)] Mary has joined the channel."
        server.tells(entry(Said("Bob", "naïve?"), NOON + 61), Whispered(NOON, "general", "Bob", "Mary", "psst"))
        assert client.prints() == "[Bob (12:01:01)] naïve?"
        assert client.prints() == "[Bob whispers to you: (12:00:00)] psst"
        server.tells(Place(NOON, "general", 3), entry(Muted("Mary", 5)), entry(Muted("Bob", 5)))
        said = "You are in the waiting queue and there are 3 user(s) ahead of you."
        assert client.prints() == f"[Server message (12:00:00)] {said}"
        assert client.prints() == "[Server message (12:00:00)] You have been muted for 5 seconds."
        assert client.prints() == "[Server message (12:00:00)] Bob has been muted for 5 seconds."
        server.tells(Channels(NOON, [ChannelInfo("general", 9001, 5, 1, 0), ChannelInfo("games", 9002, 7, 0, 2)]))
        assert client.prints() == "[Channel] general 1/5/0."
        assert client.prints() == "[Channel] games 0/7/2."


def test_the_clock_is_the_servers() -> None:
    with chatting(".", welcome(utc_offset_seconds=-3 * 3600)) as (server, client):
        assert client.prints().startswith("[Server message (09:00:00)]")
        server.tells(entry(Said("Bob", "late"), NOON + 86_400 + 16 * 3600))
        assert client.prints() == "[Bob (01:00:00)] late"


def test_the_name_is_the_one_the_server_gives() -> None:
    with chatting(".", welcome("Marie"), entry(Muted("Marie", 5))) as (_, client):
        client.prints()
        assert client.prints() == "[Server message (12:00:00)] You have been muted for 5 seconds."


def test_what_concerns_programs_alone_is_not_printed() -> None:
    with chatting(".", welcome()) as (server, client):
        client.prints()
        server.tells(Done(NOON, "1"), Pong(NOON), entry(Left("Bob", "lost")), entry(Said("Bob", "hello")))
        assert client.prints() == "[Bob (12:00:00)] hello"


def test_what_a_newer_server_tells_is_passed_over() -> None:
    with chatting(".", welcome()) as (server, client):
        client.prints()
        server.tells(b'{"type":"fireworks","time":1}\n', b'{"type":"said"}\n', b"[]\n", b"\n")
        newer = {"type": "entry", "channel": "general", "sequence": 2, "time": NOON, "event": {"type": "danced"}}
        server.tells(json.dumps(newer).encode() + b"\n")
        server.tells(b'{"type":"place","time":43200,"channel":"general","ahead":1,"mood":"good"}\n')
        assert client.prints().endswith("there are 1 user(s) ahead of you.")


def test_lines_that_come_in_pieces_are_put_together() -> None:
    with chatting(".", welcome()) as (server, client):
        client.prints()
        server.tells(b'{"type":"entry","channel":"general","sequence":2,"time":43200,"event":{"type":"sa')
        server.tells('id","name":"Bob","text":"naïve"}}\n'.encode())
        assert client.prints() == "[Bob (12:00:00)] naïve"


def test_nothing_that_controls_a_terminal_is_printed() -> None:
    with chatting(".", welcome()) as (server, client):
        client.prints()
        server.tells(entry(Said("Bob", "red \x1b[31m and \u202eback")))
        assert client.prints() == "[Bob (12:00:00)] red \ufffd[31m and \ufffdback"


# What is typed


def test_what_is_typed_is_sent_as_commands_under_ids_of_their_own() -> None:
    with chatting(".", welcome()) as (server, client):
        client.types("  hello  there \n\n/whisper Bob  psst psst\n/list\n/switch games\n/list now\n/nothing\n")
        assert [server.reads() for _ in range(5)] == [
            Say("hello  there", "1"),
            Whisper("Bob", "psst psst", "2"),
            List("3"),
            Switch("games", "4"),
            Say("/nothing", "5"),
        ]


def test_a_line_without_its_newline_is_sent_when_the_input_ends() -> None:
    with chatting(".", welcome()) as (server, client):
        client.types("half")
        client.input_ends()
        assert server.reads() == Say("half", "1")


def test_the_end_of_the_input_does_not_end_the_chat() -> None:
    with chatting(".", welcome()) as (server, client):
        client.input_ends()
        client.prints()
        server.tells(entry(Said("Bob", "still here?")))
        assert client.prints() == "[Bob (12:00:00)] still here?"


def test_a_line_too_long_for_any_server_is_sent_once_and_refused_once() -> None:
    with chatting(".", welcome()) as (server, client):
        for _ in range(64):
            client.types("x" * 32_768)
        client.types("the end\nnext\n")
        first, second = server.reads(), server.reads()
        assert isinstance(first, Say)
        assert len(first.text) == (1 << 20) + 1
        assert second == Say("next", "2")


# How it ends


@pytest.mark.parametrize(
    ("reason", "status"),
    [
        ("quit", 0),
        ("kicked", 0),
        ("idle", 0),
        ("emptied", 0),
        ("shutdown", 0),
        ("refused", 1),
        ("slow", 1),
        ("silent", 1),
        ("broken", 1),
    ],
)
def test_a_goodbye_ends_it_though_the_input_goes_on(reason: GoodbyeReason, status: int) -> None:
    with chatting(".", welcome()) as (server, client):
        server.tells(Goodbye(NOON, reason, "Goodbye."))
        assert client.ends() == status
        assert len(client.rest()) == (2 if reason in ("slow", "silent", "broken") else 1)
        unspoken = reason in ("kicked", "idle", "emptied", "shutdown")
        assert client.rest_of_notes() == (["antechamber: goodbye"] if unspoken else [])


def test_a_refused_hello_is_printed_and_ends_it() -> None:
    refused = "Cannot connect to the general channel."
    with chatting(".", Refusal(NOON, "name-taken", refused), Goodbye(NOON, "refused", refused)) as (_, client):
        assert client.ends() == 1
        assert [line.partition("] ")[2] for line in client.rest()] == [refused]
        assert client.rest_of_notes() == []


def test_after_a_quit_the_end_of_the_connection_is_no_loss() -> None:
    with chatting(".", welcome()) as (server, client):
        client.types("/quit\n")
        assert server.reads() == Quit("1")
        server.hangs_up()
        assert client.ends() == 0
        assert client.rest_of_notes() == []


def test_a_connection_that_is_lost_is_told_in_one_line() -> None:
    with chatting(".", welcome()) as (server, client):
        client.prints()
        server.hangs_up()
        assert client.ends() == 1
        assert client.rest() == []
        assert client.rest_of_notes() == [f"antechamber: the connection to 127.0.0.1:{server.port} was lost"]


def test_a_standard_output_whose_reader_has_gone_ends_it_quietly_with_a_quit() -> None:
    with chatting(".", welcome()) as (server, client):
        client.prints()
        client.output_ends()
        server.tells(entry(Said("Bob", "anybody?")))
        assert server.reads() == Quit()
        server.hangs_up()
        assert client.ends() == 0
        assert client.rest_of_notes() == []


@pytest.mark.parametrize(
    "said",
    [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"SSH-2.0-OpenSSH_9.2\r\n", b"login: ", b"{nothing\n"],
)
def test_what_is_no_chat_server_is_told(said: bytes) -> None:
    with chatting() as (server, client):
        server.tells(said)
        assert client.fails() == f"what answers at 127.0.0.1:{server.port} is no chat server"
