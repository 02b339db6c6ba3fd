"""Rejected connections: told why in their own encoding, bounded, and admitted if they resume a session."""

import json
import socket
from typing import cast

import pytest

from antechamber.gateway import rejection as rejected
from antechamber.gateway.connection import Connection
from antechamber.protocol.limits import Limits
from tests.gateway.channel_ports import GREETED, NAMED, Stage, admitting, stage, until

FULL = "The server is full: it takes no more connections. Try again in a moment."
HOLDING = Limits(sessions_max=1, seat_hold_seconds=60.0, held_visit_seconds_min=0)


async def is_let_in(room: Stage) -> None:
    """Check that one more connection is admitted: the hub answers it."""
    client = await room.connects(b'{"type":"here"}\n')
    assert (await client.reads_json())["code"] == "hello-first"


@pytest.mark.parametrize("begun", [b"", b"{", b"M"], ids=["silent", "json", "plain"])
async def test_sessions_at_the_bound_are_let_in_and_one_past_it_is_told_that_the_server_is_full(begun: bytes) -> None:
    async with stage(Limits(sessions_max=2)) as room:
        first, _ = await room.joins(b"Mary"), await room.connects(begun)  # an unnamed connection counts as well
        answer = await (await room.connects(NAMED % b"Bob")).reads_the_rest()
        refusal, goodbye = map(json.loads, answer.splitlines())
        assert refusal == {
            "type": "refusal",
            "time": 1_000_000.0,
            "code": "server-full",
            "text": FULL,
            "utc_offset_seconds": 3_600,
        }
        assert goodbye == {"type": "goodbye", "time": 1_000_000.0, "reason": "refused", "text": FULL}
        first.sends(b'{"type":"quit"}\n')
        await first.reads_the_rest()
        await until(lambda: room.admission.sessions < 2)
        await is_let_in(room)


async def test_sessions_of_an_address_at_their_bound_are_let_in_and_one_past_it_is_told_so() -> None:
    async with stage(Limits(sessions_per_address_max=2)) as room:
        await room.joins(b"Mary")
        await room.joins(b"Bob")
        refusal, goodbye = map(json.loads, (await (await room.connects(b"{}\n")).reads_the_rest()).splitlines())
        assert refusal["code"] == "too-many-sessions"
        assert refusal["text"] == "Your address has 2 connections, which is the limit. Close one of them first."
        assert goodbye["reason"] == "refused"


async def test_the_doors_of_a_server_count_together() -> None:
    limits = Limits(sessions_max=1)
    admission = admitting(limits)
    async with stage(limits, admission) as room, stage(limits, admission) as other:
        await room.joins(b"Mary")
        assert b"server-full" in await (await other.connects(b"{}\n")).reads_the_rest()


@pytest.mark.parametrize("sent", [b"Bob\n", b" \r\n/quit\n", b"B"])
async def test_who_speaks_plain_text_is_told_in_plain_text(sent: bytes) -> None:
    async with stage(Limits(sessions_max=0)) as room:
        assert await (await room.connects(sent)).reads_the_rest() == GREETED + FULL.encode() + b"\n"


@pytest.mark.parametrize("sent", [b"", b" ", b"\n"])
async def test_who_says_nothing_is_told_in_plain_text_after_a_while(
    monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    monkeypatch.setattr(rejected, "WAIT_SECONDS", 0.01)
    async with stage(Limits(sessions_max=0)) as room:
        assert await (await room.connects(sent)).reads_the_rest() == GREETED + FULL.encode() + b"\n"


async def test_rejected_connections_at_their_bound_wait_and_one_past_it_is_closed_while_the_first_makes_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rejected, "rejected_connections_max", lambda: 2)
    async with stage(Limits(sessions_max=0)) as room:
        first, second = await room.connects(), await room.connects()
        await until(lambda: len(room.listener.connections) == 2)
        assert await (await room.connects(b"{}\n")).reads_the_rest() == b""
        assert await first.reads_the_rest() == GREETED + FULL.encode() + b"\n"
        third = await room.connects()
        for client in (second, third):
            client.sends(b"{}\n")
            assert (await client.reads_json())["code"] == "server-full"
        await until(lambda: not room.listener.connections)
        assert room.admission.rejected._connections == {}


async def test_a_rush_of_rejected_connections_is_never_more_than_their_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rejected, "rejected_connections_max", lambda: 2)
    async with stage(Limits(sessions_max=0)) as room:
        rush = [socket.create_connection(("127.0.0.1", room.port)) for _ in range(100)]
        while (await (await room.connects(b"{}\n")).reads_the_rest()) == b"":
            assert len(room.listener.connections) <= 2
        for raw in rush:
            raw.close()


async def test_one_who_goes_without_waiting_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rejected, "rejected_connections_max", lambda: 1)
    async with stage(Limits(sessions_max=0)) as room:
        gone = await room.connects()
        await until(lambda: bool(room.listener.connections))
        await gone.close()
        await until(lambda: not room.listener.connections)
        assert (await (await room.connects(b"{}\n")).reads_json())["code"] == "server-full"


async def test_the_next_who_comes_after_a_reload_is_judged_by_the_new_limits() -> None:
    async with stage(Limits(sessions_max=1)) as room:
        await room.joins(b"Mary")
        room.listener.limits = room.admission.limits = Limits(sessions_max=2)
        await room.joins(b"Bob")
        assert b"server-full" in await (await room.connects(b"{}\n")).reads_the_rest()


# Resuming


async def test_a_member_that_comes_back_to_a_full_server_goes_on_in_its_seat() -> None:
    async with stage(HOLDING) as room:
        mary = await room.connects(NAMED % b"Mary")
        token = (await mary.reads_json())["token"]
        last = 0
        while last < 2:
            last = (await mary.reads_json())["sequence"]
        await mary.close()
        await until(lambda: not room.admission.sessions)
        bob = await room.joins(b"Bob")
        assert b"server-full" in await (await room.connects(b"{}\n")).reads_the_rest()
        mary = await room.connects(b'{"type":"resume","token":"%s","after":2}\n{"type":"ping"}\n' % token.encode())
        assert (await mary.reads_json())["type"] == "resumed"
        mary.sends(b'{"type":"say","text":"back"}\n')
        await bob.reads_up_to(b'"name":"Mary","text":"back"}}\n')
        assert room.admission.sessions == 2
        await mary.close()
        await until(lambda: room.admission.sessions < 2)


async def test_one_who_only_says_that_it_comes_back_is_turned_away_by_the_hub() -> None:
    async with stage(Limits(sessions_max=0)) as room:
        answer = await (await room.connects(b'{"type":"resume","token":"none"}\n')).reads_the_rest()
        refusal, goodbye = map(json.loads, answer.splitlines())
        assert (refusal["code"], goodbye["reason"]) == ("bad-token", "refused")
        await until(lambda: not room.admission.sessions)


RESUME = b'{"type":"resume","token":"none"}\n'


@pytest.mark.parametrize("sent", [b'{"type":"ping"}\n' + RESUME, b"{\n"])
async def test_only_a_first_line_that_is_a_resume_is_a_coming_back(sent: bytes) -> None:
    async with stage(Limits(sessions_max=0)) as room:
        assert b"server-full" in await (await room.connects(sent)).reads_the_rest()


@pytest.mark.parametrize("cut", [1, 10, len(RESUME) - 1])
async def test_one_who_comes_back_may_say_so_in_pieces(cut: int) -> None:
    async with stage(Limits(sessions_max=0)) as room:
        connection, transport = room.rejected()
        connection.data_received(RESUME[:cut])
        assert not transport.is_closing()
        connection.data_received(RESUME[cut:])
        assert room.admission.sessions == 1
        cast(Connection, transport.protocol).connection_lost(None)


@pytest.mark.parametrize(("length", "closes"), [(64, False), (65, True)])
async def test_a_first_line_is_waited_for_up_to_its_bound(length: int, closes: bool) -> None:
    async with stage(Limits(sessions_max=0, line_bytes_max=64)) as room:
        connection, transport = room.rejected()
        connection.data_received(b"{" * (length - 1))
        connection.data_received(b"{")
        assert transport.is_closing() is closes
        connection.connection_lost(None)


async def test_a_first_line_is_waited_for_for_a_while_and_then_answered_in_json(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rejected, "WAIT_SECONDS", 0.01)
    async with stage(Limits(sessions_max=0)) as room:
        client = await room.connects(RESUME[:-1])
        assert (await client.reads_json())["code"] == "server-full"


async def test_a_first_line_that_ends_with_the_input_is_answered_at_once() -> None:
    async with stage(Limits(sessions_max=0)) as room:
        client = await room.connects(RESUME[:-1])
        client.writer.write_eof()
        assert (await client.reads_json())["code"] == "server-full"


async def test_one_who_comes_back_when_there_are_no_open_files_is_turned_away() -> None:
    limits = Limits(sessions_max=1)
    async with stage(limits, admitting(limits, sessions_fit=1)) as room:
        await room.joins(b"Mary")
        assert b"server-full" in await (await room.connects(b'{"type":"resume","token":"none"}\n')).reads_the_rest()


async def test_a_member_that_comes_back_while_its_old_connection_seems_alive_takes_its_place() -> None:
    async with stage(Limits(sessions_max=2, seat_hold_seconds=60.0, held_visit_seconds_min=0)) as room:
        bob = await room.joins(b"Bob")
        old = await room.connects(NAMED % b"Mary")
        token = (await old.reads_json())["token"]
        await bob.reads_up_to(b'"seated","name":"Mary"}}\n')
        new = await room.connects(b'{"type":"resume","token":"%s","after":4}\n' % token.encode())
        assert (await new.reads_json())["type"] == "resumed"
        assert b'"reason":"resumed"' in (await old.reads_the_rest()).splitlines()[-1]
        await until(lambda: room.admission.sessions < 3)
        new.sends(b'{"type":"say","text":"still Mary"}\n')
        heard = await bob.reads_up_to(b'"text":"still Mary"}}\n')
        assert b'"left"' not in heard
        assert room.hub.channels()[0].seated == 2
