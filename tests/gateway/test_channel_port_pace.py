"""The rate limit of a session: a burst passes, and commands beyond it are refused in their place."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from antechamber.protocol.limits import Limits
from antechamber.rooms.holds import Hold
from tests.fakes import FakeLoop
from tests.gateway.channel_ports import GREETED, NAMED, BareTransport, SocketClient, Stage, stage, until

TOO_FAST = "You are sending too fast, so this was not done: at most 2 a second are taken. Wait a moment."
PACED = Limits(commands_per_second_max=2, commands_burst_max=5)


def says(*numbers: int) -> bytes:
    """Return `say` commands with each number as text and id."""
    return b"".join(b'{"type":"say","text":"%d","id":"%d"}\n' % (number, number) for number in numbers)


async def reads(client: SocketClient, count: int) -> list[tuple[str, str]]:
    """Read `count` lines about messages and refusals, as `(what, id)`."""
    found = []
    for _ in range(count):
        line: dict[str, Any] = await client.reads_json()
        found.append((line["code"], line["id"]) if line["type"] == "refusal" else ("said", line["event"]["id"]))
    return found


async def test_a_burst_passes_whole_and_one_past_it_is_refused_with_its_id() -> None:
    async with stage(PACED) as room:
        mary = await room.joins(b"Mary")
        mary.sends(says(1, 2, 3, 4))  # five commands with the hello
        assert await reads(mary, 4) == [("said", str(number)) for number in (1, 2, 3, 4)]
        mary.sends(says(5))
        refusal = await mary.reads_json()
        assert (refusal["type"], refusal["code"], refusal["text"], refusal["id"]) == (
            "refusal",
            "too-fast",
            TOO_FAST,
            "5",
        )


async def test_what_was_refused_may_be_sent_again_with_its_id_at_the_pace() -> None:
    async with stage(PACED) as room:
        mary = await room.joins(b"Mary")
        mary.sends(says(1, 2, 3, 4, 5, 6))
        refused = ("too-fast", "5"), ("too-fast", "6")
        assert await reads(mary, 6) == [*(("said", str(number)) for number in (1, 2, 3, 4)), *refused]
        room.clock.time += 0.5
        mary.sends(says(5, 6))
        assert await reads(mary, 2) == [("said", "5"), ("too-fast", "6")]


async def test_everyone_has_a_pace_of_its_own() -> None:
    async with stage(PACED) as room:
        mary, bob = await room.joins(b"Mary"), await room.joins(b"Bob")
        mary.sends(says(1, 2, 3, 4, 5))
        await mary.reads_up_to(b'"too-fast"')
        bob.sends(says(7))
        await mary.reads_up_to(b'"id":"7"')


async def test_without_a_bound_nothing_is_too_fast() -> None:
    async with stage(Limits(commands_per_second_max=0, commands_burst_max=1)) as room:
        mary = await room.joins(b"Mary")
        mary.sends(says(*range(2_000)))
        assert await reads(mary, 2_000) == [("said", str(number)) for number in range(2_000)]


async def test_a_quit_is_never_too_fast() -> None:
    async with stage(PACED) as room:
        mary = await room.joins(b"Mary")
        mary.sends(says(1, 2, 3, 4, 5) + b'{"type":"quit","id":"q"}\n' + says(6))
        lines = [json.loads(line) for line in (await mary.reads_the_rest()).splitlines()]
        assert [line["type"] for line in lines] == ["entry"] * 4 + ["refusal", "goodbye"]
        assert lines[-1]["reason"] == "quit"


async def test_of_several_quits_one_is_let_through() -> None:
    """Otherwise quits before a hello, which are refused, could be an unbounded flood."""
    async with stage(PACED) as room:
        client = await room.connects(b'{"type":"quit"}\n' * 10)
        codes = [json.loads(line).get("code") for line in (await client.reads_the_rest()).splitlines()]
        assert codes == ["hello-first"] * 6 + ["too-fast", None]


async def test_lines_that_are_no_commands_count_as_well() -> None:
    async with stage(PACED) as room:
        mary = await room.joins(b"Mary")
        mary.sends(b"{nonsense\n" * 4 + says(5))
        codes = [(await mary.reads_json())["code"] for _ in range(5)]
        assert codes == ["no-json"] * 4 + ["too-fast"]


async def test_who_sends_hello_after_hello_is_refused_at_the_pace() -> None:
    async with stage(PACED) as room:
        flood = await room.joins(b"Mary")
        flood.sends(NAMED % b"Mary" * 10_000)
        codes = [(await flood.reads_json())["code"] for _ in range(10_000)]
        assert codes == ["named-already"] * 4 + ["too-fast"] * 9_996


async def test_too_fast_before_the_hello_ends_the_session() -> None:
    async with stage(PACED) as room:
        flood = await room.connects(b'{"type":"who"}\n' * 1_000)
        lines = [json.loads(line) for line in (await flood.reads_the_rest()).splitlines()]
        assert [line.get("code") for line in lines] == ["hello-first"] * 5 + ["too-fast", None]
        assert lines[-1]["reason"] == "refused"


async def test_a_plain_session_reads_it_in_a_line() -> None:
    async with stage(PACED) as room:
        mary = await room.connects(b"Mary\none\ntwo\nthree\nfour\nfive\n")
        await mary.reads_up_to(b"] four\n")
        assert await mary.reader.readline() == GREETED + TOO_FAST.encode() + b"\n"


async def test_blank_lines_are_nothing() -> None:
    async with stage(PACED) as room:
        mary = await room.connects(b"\n\n\n\n\nMary\n\n\n\n\n\n\none\n")
        await mary.reads_up_to(b"] one\n")


# Resuming

HELD = PACED._replace(commands_burst_max=20, seat_hold_seconds=60.0, held_visit_seconds_min=0)


async def token_of(client: SocketClient) -> bytes:
    """Read a welcome and everything up to the seat; return the resume token."""
    token: str = (await client.reads_json())["token"]
    await client.reads_up_to(b'"type":"seated","name":"Mary"}}\n')
    return token.encode()


def resume(token: bytes, after: int = 2) -> bytes:
    return b'{"type":"resume","token":"%s","after":%d}\n' % (token, after)


async def comes_back(room: Stage, token: bytes, after: int) -> SocketClient:
    client = await room.connects(resume(token, after))
    assert (await client.reads_json())["type"] == "resumed"
    return client


@pytest.mark.parametrize("lost", [True, False], ids=["lost", "alive"])
async def test_a_member_that_comes_back_goes_on_at_its_pace(lost: bool) -> None:
    async with stage(HELD) as room:
        mary = await room.connects(NAMED % b"Mary")
        token = await token_of(mary)
        mary.sends(says(*range(1, 21)))
        assert [what for what, _ in await reads(mary, 20)] == ["said"] * 19 + ["too-fast"]
        if lost:
            await mary.close()
            await until(lambda: not room.admission.sessions)
        mary = await comes_back(room, token, 21)
        mary.sends(says(21))
        assert await reads(mary, 1) == [("too-fast", "21")]
        room.clock.time += 1
        mary.sends(says(22, 23, 24))
        assert await reads(mary, 3) == [("said", "22"), ("said", "23"), ("too-fast", "24")]


async def test_what_comes_with_a_resume_has_a_small_burst() -> None:
    async with stage(HELD) as room:
        mary = await room.connects(NAMED % b"Mary")
        token = await token_of(mary)
        mary = await room.connects(resume(token) + says(1, 2, 3, 4, 5))
        assert (await mary.reads_json())["type"] == "resumed"
        read = await reads(mary, 5)  # messages are replayed, so they come after the refusal
        assert read == [("too-fast", "5"), *(("said", str(number)) for number in (1, 2, 3, 4))]


async def test_who_comes_back_to_another_server_process_has_a_whole_burst() -> None:
    async with stage(HELD) as room:
        mary = await room.connects(NAMED % b"Mary")
        token = await token_of(mary)
        await mary.close()
        held = room.hub.rooms["general"].held
        await until(lambda: bool(held))
        held["Mary"] = Hold(held["Mary"].since, None)  # as after a restart
        mary = await comes_back(room, token, 2)
        mary.sends(says(*range(21)))
        assert [what for what, _ in await reads(mary, 21)] == ["said"] * 20 + ["too-fast"]


# The cost of a flood to others


@contextmanager
def flood(room: Stage, lines: int) -> Iterator[tuple[FakeLoop, BareTransport]]:
    """Admit a connection that sends its burst and then `lines` more; yield its loop and transport."""
    loop, real_loop = FakeLoop(room.clock), room.listener.loop
    room.listener.loop = loop  # type: ignore[assignment]
    connection, transport = room.bare()
    connection.data_received(NAMED % b"Mary" + says(1, 2, 3, 4))
    assert not transport.paused
    connection.data_received(says(*range(lines)))
    room.listener.loop = real_loop
    yield loop, transport
    connection.connection_lost(None)


@pytest.mark.parametrize(("lines", "seconds"), [(1, 0.001), (64, 0.064)])
async def test_who_sends_too_fast_is_not_read_from_for_as_long_as_its_refusals_are_worth(
    lines: int, seconds: float
) -> None:
    async with stage(PACED) as room:
        with flood(room, lines) as (loop, transport):
            assert transport.paused
            loop.advance(seconds * 0.99)
            assert transport.paused
            loop.advance(seconds * 0.02)
            assert not transport.paused


async def test_more_than_may_be_read_at_once_waits_as_well() -> None:
    async with stage(PACED) as room:
        with flood(room, 65) as (_, transport):
            assert transport.paused
            assert transport.rests == [says(64)]


# All sessions of one address together

SHARED = Limits(address_commands_per_second_max=2, address_commands_burst_max=6)
TOO_MANY = "Your address is sending too fast, so this was not done: at most 2 a second are taken. Wait a moment."


async def test_the_sessions_of_an_address_send_so_much_together_and_no_more() -> None:
    async with stage(SHARED) as room:
        mary, bob = await room.joins(b"Mary"), await room.joins(b"Bob")
        mary.sends(says(1, 2))
        await bob.reads_up_to(b'"id":"2"')
        bob.sends(says(3, 4, 5))
        await mary.reads_up_to(b'"id":"4"')
        refusal = json.loads((await bob.reads_up_to(b'"id":"5"}\n')).splitlines()[-1])
        assert (refusal["code"], refusal["text"]) == ("too-fast", TOO_MANY)
        room.clock.time += 0.5
        mary.sends(says(6, 7))
        await mary.reads_up_to(b'"too-fast","text":"%s","id":"7"' % TOO_MANY.encode())


async def test_connecting_again_gives_an_address_nothing_back() -> None:
    async with stage(SHARED) as room:
        mary = await room.joins(b"Mary")
        mary.sends(says(1, 2, 3, 4, 5))
        await mary.reads_up_to(b'"id":"5"')
        await mary.close()
        bob = await room.connects(NAMED % b"Bob")
        assert (await bob.reads_json())["text"] == TOO_MANY
        assert b"refused" in await bob.reads_the_rest()


async def test_other_addresses_and_operators_send_on() -> None:
    async with stage(SHARED) as room:
        mary = await room.joins(b"Mary")
        mary.sends(says(*range(6)))
        await mary.reads_up_to(b"too-fast")
        elsewhere, transport = room.bare()
        elsewhere.data_received(NAMED % b"Ann" + b'{"type":"ping","id":"p"}\n')
        await until(lambda: b'"id":"p"' in b"".join(transport.writes))
        page, transport = room.bare()
        page._host = room.hub.cloak("127.0.0.1")
        page.data_received(b'{"type":"ping"')
        session = page._session
        assert session is not None
        session.operator = True
        page.data_received(b',"id":"q"}\n')
        await until(lambda: b'"id":"q"' in b"".join(transport.writes))
        for connection in (elsewhere, page):
            connection.connection_lost(None)


async def test_a_reload_bounds_those_who_are_there_already() -> None:
    async with stage() as room:
        mary = await room.joins(b"Mary")
        room.hub.budgets.limits.replace(SHARED)
        mary.sends(says(*range(7)))
        await mary.reads_up_to(b'"too-fast","text":"%s","id":"6"' % TOO_MANY.encode())


async def test_what_changes_several_things_costs_as_much() -> None:
    async with stage(SHARED) as room:
        mary = await room.joins(b"Mary")
        modes = b'{"type":"set-modes","changes":[["+m",""],["+t",""],["+i",""]],"id":"m"}\n'
        mary.sends(modes + modes.replace(b'"m"', b'"n"') + says(1, 2))
        found = [(line["code"], line["id"]) for line in [await mary.reads_json() for _ in range(2)]]
        assert [code for code, _ in found] == ["not-operator", "too-fast"]
        assert await reads(mary, 2) == [("said", "1"), ("said", "2")]


async def test_one_that_costs_more_than_a_burst_passes_after_a_rest() -> None:
    async with stage(SHARED._replace(address_commands_burst_max=2)) as room:
        mary = await room.joins(b"Mary")
        modes = b'{"type":"set-modes","changes":[["+m",""],["+t",""],["+i",""]],"id":"m"}\n'
        mary.sends(modes)
        assert (await mary.reads_json())["code"] == "too-fast"
        room.clock.time += 1
        mary.sends(modes)
        assert (await mary.reads_json())["code"] == "not-operator"
