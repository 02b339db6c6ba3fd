"""A client that comes back after a lost connection, against a server that does what the test says."""

import pytest

from antechamber.client.reconnect import unanswered as outgoing_module
from antechamber.protocol.commands import Hello, List, Quit, Resume, Switch
from antechamber.protocol.events import Said, Seated
from antechamber.protocol.notices import Announcement, Done, Goodbye, GoodbyeReason, Place
from tests.client.losing import (
    BACK,
    JOINED,
    REJOINS,
    WELCOME,
    in_line,
    loses,
    reads_say,
    refuses,
    said,
    seated,
    waiting,
)
from tests.client.scripted import NOON, Pauses, chatting, entry, resumed, welcome

# Coming back


def test_it_comes_back_with_its_token_and_reads_what_it_missed_once() -> None:
    with seated() as (server, client):
        server.tells(said(8, "one"))
        assert client.prints() == "[Bob (12:00:00)] one"
        loses(server, client)
        assert server.reads() == Resume("first", 8)
        server.tells(resumed(9, 10, token="second"), said(8, "one"), said(9, "two"), said(10, "three"))
        assert client.notes() == f"{BACK}; what you missed follows"
        assert [client.prints(), client.prints()] == ["[Bob (12:00:00)] two", "[Bob (12:00:00)] three"]
        loses(server, client)
        assert server.reads() == Resume("second", 10)
        server.tells(resumed(11, 10), said(11, "four"))
        assert client.notes() == BACK
        assert client.prints() == "[Bob (12:00:00)] four"


def test_the_newest_welcome_is_what_it_comes_back_to() -> None:
    with seated() as (server, client):
        client.types("/switch games\n")
        command = server.reads()
        server.tells(
            welcome(channel="games", token="second"), entry(2, Seated("Mary"), "games"), Done(NOON, command.id)
        )
        assert client.prints() == "[Server message (12:00:00)] Welcome to the games channel, Mary."
        assert client.prints() == JOINED
        loses(server, client)
        assert server.reads() == Resume("second", 2)


def test_a_switch_whose_welcome_was_lost_is_told_when_it_is_back() -> None:
    with seated() as (server, client):
        client.types("for general\n/switch games\nfor games\n")
        reads_say(server, "for general")
        assert isinstance(server.reads(), Switch)
        reads_say(server, "for games")
        loses(server, client)
        assert server.reads() == Resume("first", 7)
        server.tells(resumed(2, 2, channel="games", token="second"), entry(2, Seated("Mary"), "games"))
        assert client.prints() == "[Server message (12:00:00)] Welcome to the games channel, Mary."
        assert client.prints() == JOINED
        assert client.notes() == f"{BACK}; what you missed follows"
        command_id = reads_say(server, "for games")
        server.tells(entry(3, Said("Mary", "for games", command_id), "games"))
        client.prints()
        loses(server, client)
        assert server.reads() == Resume("second", 3)


def test_a_place_in_line_is_come_back_to_and_told_once_more_only_where_it_changed() -> None:
    with waiting(3) as (server, client):
        loses(server, client, "your place in line is kept for 5 min")
        assert server.reads() == Resume("first")
        server.tells(resumed(7, 6, seated=False), Place(NOON, "general", 3))
        assert client.notes() == "antechamber: back again, at your place in line (3 ahead)"
        loses(server, client, "your place in line is kept for 5 min")
        assert server.reads() == Resume("token")
        server.tells(resumed(9, 8, seated=False), Place(NOON, "general", 1))
        assert client.notes() == "antechamber: back again, at your place in line (1 ahead)"
        assert client.prints() == in_line(1)
        told = Announcement(NOON, "general", "Tea at five.")
        server.tells(told, told)  # the second is that of one more return
        assert client.prints() == "[Server message (12:00:00)] Tea at five."
        server.tells(Place(NOON, "general", 0), Goodbye(NOON, "quit", "Goodbye."))
        assert client.prints() == in_line(0)
        assert client.ends() == 0
        assert client.rest_of_notes() == []


def test_who_got_a_seat_meanwhile_reads_from_there_on() -> None:
    with waiting(0) as (server, client):
        loses(server, client, "your place in line is kept for 5 min")
        server.tells(resumed(20, 21), entry(20, Seated("Mary")), said(21, "hello Mary"))
        assert client.notes() == f"{BACK}; what you missed follows"
        assert [client.prints(), client.prints()] == [JOINED, "[Bob (12:00:00)] hello Mary"]


def test_a_gap_is_told_where_it_is() -> None:
    with seated() as (server, client):
        loses(server, client)
        server.tells(resumed(11, 11), said(11, "after it"))
        assert client.notes() == f"{BACK}; what you missed follows"
        assert client.notes() == "antechamber: some of what you missed is not kept any more, and cannot be had"
        assert client.prints() == "[Bob (12:00:00)] after it"
        server.tells(said(14, "again"))
        assert client.notes() == "antechamber: some of what you missed is not kept any more, and cannot be had"


def test_what_the_server_lost_itself_is_told() -> None:
    with seated() as (server, client):
        server.tells(said(8, "one"), said(9, "two"))
        client.prints()
        client.prints()
        loses(server, client)
        server.tells(resumed(9, 8), said(9, "another two"))
        assert client.notes() == BACK
        assert client.notes() == "antechamber: the server has lost the last of what you have read"
        assert client.prints() == "[Bob (12:00:00)] another two"


def test_an_entry_of_an_unknown_kind_is_no_gap_and_what_waits_goes_out_after_it() -> None:
    with seated() as (server, client):
        loses(server, client)
        client.types("hello\n")
        server.reads()
        unknown = b'{"type":"entry","channel":"general","sequence":8,"time":43200,"event":{"type":"danced"}}\n'
        server.tells(resumed(8, 8), unknown)
        reads_say(server, "hello")
        server.tells(b'{"type":"fireworks"}\n', said(9, "one"))
        assert client.prints() == "[Bob (12:00:00)] one"
        client.types("/quit\n")
        assert isinstance(server.reads(), Quit)
        server.tells(Goodbye(NOON, "quit", "Goodbye."))
        assert client.ends() == 0
        assert client.rest_of_notes() == [f"{BACK}; what you missed follows"]


@pytest.mark.parametrize(
    ("reason", "lost"),
    [
        ("shutdown", "the server at {} shuts down"),
        ("slow", "the server at {} closed the connection, which was read too slowly"),
    ],
)
def test_it_comes_back_after_a_goodbye_that_is_no_end(reason: GoodbyeReason, lost: str) -> None:
    with seated() as (server, client):
        server.tells(Goodbye(NOON, reason, "Goodbye."))
        where = f"127.0.0.1:{server.port}"
        assert client.notes() == f"antechamber: {lost.format(where)}; your seat is kept for 60 s; trying to come back"
        server.hangs_up()
        server.answer()
        assert server.reads() == Resume("first", 7)


@pytest.mark.parametrize(
    ("reason", "status", "notes"),
    [
        ("quit", 0, []),
        ("kicked", 0, ["antechamber: the operator said so"]),
        ("idle", 0, ["antechamber: the operator said so"]),
        ("emptied", 0, ["antechamber: the operator said so"]),
        ("closed", 0, []),
        ("resumed", 1, []),
        ("refused", 1, []),
        ("broken", 1, []),
    ],
)
def test_any_other_goodbye_is_the_end(reason: GoodbyeReason, status: int, notes: list[str]) -> None:
    with seated() as (server, client):
        server.tells(Goodbye(NOON, reason, "The operator said so."))
        assert client.ends() == status
        assert client.rest_of_notes() == notes


def test_a_connection_that_was_lost_before_the_welcome_is_the_end() -> None:
    with chatting(pauses=Pauses()) as (server, client):
        server.hangs_up()
        assert "closed the connection without a word" in client.fails()


def test_a_refused_first_hello_is_the_end() -> None:
    with chatting(pauses=Pauses()) as (server, client):
        refuses(server, "server-full", "The server is full.")
        assert client.ends() == 1
        assert client.rest() == ["[Server message (12:00:00)] The server is full."]
        assert client.rest_of_notes() == []


def test_what_is_no_chat_server_at_first_is_the_end() -> None:
    with chatting(pauses=Pauses()) as (server, client):
        server.tells(b"SSH-2.0-OpenSSH_9.2\r\n")
        assert client.fails().endswith("is no chat server")


def test_a_try_that_comes_to_nothing_is_followed_by_another() -> None:
    pauses = Pauses()
    with seated(pauses) as (server, client):
        loses(server, client)
        server.tells(b"502 Bad Gateway\r\n")
        server.hangs_up()
        server.answer()
        server.hangs_up()
        server.answer()
        refuses(server, "server-full", "The server is full.")
        server.answer()
        refuses(server, "too-many-failures", "Too many wrong tries came from your address: wait 2 seconds.")
        server.answer()
        assert server.reads() == Resume("first", 7)
        server.tells(resumed(8, 7))
        assert client.notes() == BACK
        assert len(pauses.lengths) == 5


# Rejoining


@pytest.mark.parametrize(
    ("code", "text", "note"),
    [
        ("resume-over", "Your seat went to the next in line.", f"your seat went to the next in line; {REJOINS}"),
        ("bad-token", "That is no token of ours.", f"the server does not know you any more; {REJOINS}"),
        ("invalid", "No such command.", f"the server does not know you any more; {REJOINS}"),
    ],
)
def test_who_has_lost_the_seat_joins_again_at_once(code: str, text: str, note: str) -> None:
    pauses = Pauses()
    with seated(pauses) as (server, client):
        loses(server, client)
        server.reads()
        refuses(server, code, text)
        assert client.notes() == f"antechamber: {note}"
        server.answer()
        assert server.reads() == Hello("Mary")
        server.tells(welcome(token="second"), Place(NOON, "general", 4))
        assert [client.prints(), client.prints()] == [WELCOME, in_line(4)]
        assert len(pauses.lengths) == 1
        loses(server, client, "your place in line is kept for 5 min")
        assert server.reads() == Resume("second")


def test_who_was_kicked_meanwhile_does_not_come_back() -> None:
    with seated() as (server, client):
        loses(server, client)
        refuses(server, "resume-ended", "The operator closed your connection.")
        assert client.ends() == 1
        assert client.rest_of_notes() == ["antechamber: the operator closed your connection"]
        assert client.rest() == []


def test_a_name_that_is_taken_meanwhile_is_the_end() -> None:
    with seated() as (server, client):
        loses(server, client)
        refuses(server, "resume-over", "Your seat went to the next in line.")
        client.notes()
        server.answer()
        server.reads()
        refuses(server, "name-taken", "Cannot connect to the general channel.")
        assert client.ends() == 1
        assert client.rest() == ["[Server message (12:00:00)] Cannot connect to the general channel."]
        assert client.rest_of_notes() == []


def test_a_name_that_may_be_taken_by_its_own_lost_hello_is_asked_for_again() -> None:
    with seated() as (server, client):
        loses(server, client)
        refuses(server, "resume-over", "Your seat went to the next in line.")
        client.notes()
        server.answer()
        assert server.reads() == Hello("Mary")
        server.hangs_up()
        for _ in range(2):
            server.answer()
            assert server.reads() == Hello("Mary")
            refuses(server, "name-taken", "Cannot connect to the general channel.")
        server.answer()
        server.tells(welcome(token="second"), entry(9, Seated("Mary")))
        assert client.prints() == WELCOME
        loses(server, client)
        refuses(server, "resume-over", "Your seat went to the next in line.")
        client.notes()
        server.answer()
        refuses(server, "name-taken", "Cannot connect to the general channel.")
        assert client.ends() == 1


def test_a_full_server_is_asked_again_for_a_new_seat() -> None:
    with seated() as (server, client):
        loses(server, client)
        refuses(server, "resume-over", "Your seat went to the next in line.")
        client.notes()
        for _ in range(2):
            server.answer()
            assert server.reads() == Hello("Mary")
            refuses(server, "server-full", "The server is full.")
        server.answer()
        server.reads()
        server.tells(welcome(), entry(9, Seated("Mary")))
        assert client.prints() == WELCOME


def test_a_server_that_gives_no_token_is_joined_again() -> None:
    with chatting(".", welcome(), entry(7, Seated("Mary")), pauses=Pauses()) as (server, client):
        assert [client.prints(), client.prints()] == [WELCOME, JOINED]
        client.types("hello\n")
        reads_say(server, "hello")
        loses(server, client, "your seat is not kept")
        assert client.notes() == "antechamber: 1 line that you typed was perhaps not delivered"
        assert server.reads() == Hello("Mary")


def test_what_is_typed_for_a_seat_that_was_lost_goes_out_from_the_new_one() -> None:
    with seated() as (server, client):
        client.types("before\n/whisper Bob psst\n")
        reads_say(server, "before")
        server.reads()
        loses(server, client)
        client.types("meanwhile\n")
        server.reads()
        refuses(server, "resume-over", "Your seat went to the next in line.")
        client.notes()
        assert client.notes() == "antechamber: 2 lines that you typed were perhaps not delivered"
        server.answer()
        server.reads()
        server.tells(welcome(token="second"), entry(9, Seated("Mary")))
        reads_say(server, "meanwhile")


def test_what_is_typed_for_a_seat_is_not_said_from_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing_module, "WAITING_COMMANDS_MAX", 2)
    with seated() as (server, client):
        loses(server, client)
        client.types("meanwhile\n/list\none too many\n")
        assert client.notes().endswith("is not kept")
        server.reads()
        refuses(server, "resume-over", "Your seat went to the next in line.")
        client.notes()
        server.answer()
        server.reads()
        server.tells(welcome(token="second"), Place(NOON, "general", 4))
        assert client.notes() == "antechamber: 1 line that you typed was not sent, as only those talk who have a seat"
        assert client.notes() == "antechamber: 1 line that you typed was not kept"
        assert isinstance(server.reads(), List)
