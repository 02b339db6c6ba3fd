"""What a person types around a lost connection, against a server that does what the test says."""

import re

import pytest

from antechamber.client import server_connection as connection_module
from antechamber.client.reconnect import resume as resuming_module
from antechamber.client.reconnect.unanswered import UNANSWERED_COMMANDS_MAX, WAITING_COMMANDS_MAX
from antechamber.protocol.commands import List, Ping, Quit, Resume, Whisper
from antechamber.protocol.notices import ChannelInfo, Channels, Done, Goodbye, Pong, Refusal
from tests.client.losing import BACK, loses, reads_say, said, seated
from tests.client.scripted import NOON, Pauses, chatting, resumed

# What is typed meanwhile


def test_a_message_is_sent_again_only_where_it_is_not_among_what_was_missed() -> None:
    with seated() as (server, client):
        client.types("one\ntwo\nthree\n")
        ids = [reads_say(server, text) for text in ("one", "two", "three")]
        server.tells(said(8, "one", "Mary", ids[0]))
        assert client.prints() == "[Mary (12:00:00)] one"
        loses(server, client)
        server.reads()
        server.tells(resumed(9, 11), said(9, "three", "Bob", ids[2]), said(10, "two", "Mary", ids[1]))
        assert [client.prints(), client.prints()] == ["[Bob (12:00:00)] three", "[Mary (12:00:00)] two"]
        client.types("four\n")
        server.tells(said(11, "hello"))
        assert reads_say(server, "three") == ids[2]
        assert reads_say(server, "four") not in ids


def test_other_commands_without_an_answer_are_sent_again_under_their_ids() -> None:
    with seated() as (server, client):
        client.types("/whisper Bob one\n/whisper Bob two\n/list\n/list\n/switch games\n/whisper Bob three\n")
        one, two, first_list, second_list, switch, three = (server.reads() for _ in range(6))
        infos = [ChannelInfo("general", 9001, 5, 1, 0)]
        server.tells(
            Done(NOON, one.id),
            Channels(NOON, infos, first_list.id),
            Refusal(NOON, "no-such-channel", "games does not exist.", switch.id),
        )
        client.prints()
        assert client.prints() == "[Server message (12:00:00)] games does not exist."
        loses(server, client)
        server.reads()
        server.tells(resumed(8, 7))
        assert [server.reads() for _ in range(3)] == [two, second_list, three]
        assert isinstance(two, Whisper)
        assert isinstance(second_list, List)


def test_ids_are_none_that_any_other_run_has_used() -> None:
    prefixes = set()
    for _ in range(2):
        with seated() as (server, client):
            client.types("one\ntwo\n")
            first, second = reads_say(server, "one"), reads_say(server, "two")
            found = re.fullmatch("([0-9a-f]{12})-1", first)
            assert found is not None
            assert second == f"{found[1]}-2"
            prefixes.add(found[1])
    assert len(prefixes) == 2


def test_a_line_that_was_too_long_is_not_sent_again() -> None:
    with seated() as (server, client):
        client.types("x" * 20_000 + "\n")
        server.reads()
        server.tells(Refusal(NOON, "line-too-long", "A line has at most 16384 bytes."))
        client.prints()
        loses(server, client)
        server.reads()
        server.tells(resumed(8, 7))
        client.types("next\n")
        reads_say(server, "next")


def test_what_is_typed_while_it_is_away_waits_up_to_a_bound_that_is_told() -> None:
    pauses = Pauses()
    pauses.held_up = True
    with seated(pauses) as (server, client):
        server.hangs_up()
        client.notes()
        pauses.begun.get()
        client.types("".join(f"line {number}\n" for number in range(WAITING_COMMANDS_MAX + 3)))
        assert client.notes() == "antechamber: too much waits to be sent: what you type now is not kept"
        client.types("/quit\n")
        assert client.ends() == 0
        assert client.rest_of_notes() == [f"antechamber: {WAITING_COMMANDS_MAX + 3} lines that you typed were not sent"]


def test_what_was_not_kept_is_counted_when_it_is_back() -> None:
    with seated() as (server, client):
        loses(server, client)
        server.reads()
        client.types("".join(f"line {number}\n" for number in range(WAITING_COMMANDS_MAX + 1)))
        assert client.notes().endswith("is not kept")
        server.tells(resumed(8, 7))
        assert client.notes() == BACK
        assert client.notes() == "antechamber: 1 line that you typed was not kept"
        for number in range(WAITING_COMMANDS_MAX):
            command_id = reads_say(server, f"line {number}")
            server.tells(said(8 + number, "so", "Mary", command_id))


def test_more_than_may_wait_is_typed_and_goes_out_as_answers_come() -> None:
    with seated() as (server, client):
        count = WAITING_COMMANDS_MAX + UNANSWERED_COMMANDS_MAX
        client.types("".join(f"line {number}\n" for number in range(count)))
        for number in range(count):
            command_id = reads_say(server, f"line {number}")
            server.tells(said(8 + number, "so", "Mary", command_id))
            client.prints()
        client.types("/quit\n")
        assert isinstance(server.reads(), Quit)
        server.tells(Goodbye(NOON, "quit", "Goodbye."))
        assert client.ends() == 0
        assert client.rest_of_notes() == []


def test_what_is_typed_beyond_what_may_wait_does_not_hold_up_the_end() -> None:
    with seated() as (server, client):
        client.types("".join(f"line {number}\n" for number in range(WAITING_COMMANDS_MAX + 10)))
        for number in range(UNANSWERED_COMMANDS_MAX):
            reads_say(server, f"line {number}")
        server.tells(Goodbye(NOON, "kicked", "The operator closed your connection."))
        assert client.ends() == 0


def test_a_quit_before_a_server_has_said_anything_is_no_fault() -> None:
    with chatting(pauses=Pauses()) as (server, client):
        client.types("/quit\n")
        server.reads()
        server.hangs_up()
        assert client.ends() == 0
        assert client.rest_of_notes() == []


# Quitting


def test_a_quit_ends_a_pause() -> None:
    pauses = Pauses()
    pauses.held_up = True
    with seated(pauses) as (server, client):
        server.hangs_up()
        client.notes()
        pauses.begun.get()
        client.types("hello\n/quit\n")
        assert client.ends() == 0
        assert client.rest() == []
        assert client.rest_of_notes() == ["antechamber: 1 line that you typed was not sent"]


def test_the_end_of_the_input_does_not_end_the_way_back() -> None:
    with seated() as (server, client):
        client.input_ends()
        loses(server, client)
        server.tells(resumed(8, 7), said(8, "still here?"))
        assert client.prints() == "[Bob (12:00:00)] still here?"
        server.tells(Goodbye(NOON, "kicked", "The operator closed your connection."))
        assert client.ends() == 0


def test_a_quit_before_it_is_back_goes_out_after_what_was_typed() -> None:
    with seated() as (server, client):
        loses(server, client)
        server.reads()
        server.tells(resumed(8, 8))
        assert client.notes() == f"{BACK}; what you missed follows"
        client.types("goodbye all\n/quit\n")
        server.tells(said(8, "hello"))
        reads_say(server, "goodbye all")
        assert isinstance(server.reads(), Quit)
        server.tells(said(9, "goodbye all"), Goodbye(NOON, "quit", "Goodbye."))
        assert client.ends() == 0


def test_a_quit_is_not_held_up_by_a_dead_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resuming_module, "LEAVING_SECONDS_MAX", 0.05)
    with seated() as (_, client):
        client.types("hello\n/quit\n")
        assert client.ends() == 0
        assert client.rest_of_notes() == ["antechamber: 1 line that you typed was perhaps not delivered"]


def test_a_connection_that_is_lost_over_a_quit_is_no_loss() -> None:
    with seated() as (server, client):
        client.types("/quit\n")
        server.reads()
        server.hangs_up()
        assert client.ends() == 0
        assert client.rest_of_notes() == []


# A dead line


def test_a_silent_line_is_asked_and_given_up_without_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_module, "QUIET_SECONDS_MAX", 0.02)
    with seated() as (server, client):
        for _ in range(2):
            assert server.reads() == Ping()
            server.tells(Pong(NOON))
        monkeypatch.setattr(connection_module, "PONG_SECONDS_MAX", 0.02)
        assert client.notes().endswith("was lost; your seat is kept for 60 s; trying to come back")
        server.hangs_up()
        server.answer()
        assert server.reads() == Resume("first", 7)
