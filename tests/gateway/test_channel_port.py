"""A channel's port, over real sockets: the first byte, the hello, slow readers, rushes, and its end."""

import asyncio
import json
import socket
from contextlib import suppress
from typing import Any, cast

import pytest

from antechamber.codec.plain import OPERATOR
from antechamber.gateway import acceptor as accepting
from antechamber.gateway.connection import LINES_AT_ONCE
from antechamber.protocol.limits import Limits
from antechamber.session.session import GONE, Session
from tests.gateway.channel_ports import GREETED, NAMED, BareTransport, stage, until


@pytest.mark.parametrize(
    ("sent", "begins"),
    [
        (b"Mary\n", b"[Server message ("),
        (b"\r\n \n Mary\r\n", b"[Server message ("),
        (b'{"type":"hello","name":"Mary"}\n', b'{"type":"welcome",'),
        (b' \n{"type":"hello","name":"Mary"}\n', b'{"type":"welcome",'),
    ],
)
async def test_the_first_byte_that_is_no_space_tells_the_codec(sent: bytes, begins: bytes) -> None:
    async with stage() as room:
        mary = await room.connects()
        for byte in sent:  # one by one: chunks may end anywhere
            mary.sends(bytes([byte]))
            await mary.writer.drain()
        assert (await mary.reader.readline()).startswith(begins)


async def test_a_connection_that_ends_frees_its_seat_and_is_counted_no_more() -> None:
    async with stage() as room:
        mary, bob = await room.joins(b"Mary"), await room.joins(b"Bob")
        assert room.admission.sessions == 2
        await bob.close()
        await mary.reads_up_to(b'{"type":"left","name":"Bob","reason":"lost"}}\n')
        assert room.hub.channels()[0].seated == room.admission.sessions == 1


async def test_what_was_sent_before_the_connection_ended_is_still_said() -> None:
    async with stage() as room:
        mary = await room.joins(b"Mary")
        with socket.create_connection(("127.0.0.1", room.port)) as raw:
            raw.sendall(NAMED % b"Bob" + b'{"type":"say","text":"last words"}\n')
        heard = await mary.reads_up_to(b'"reason":"lost"}}\n')
        assert b'"name":"Bob","text":"last words"' in heard


async def test_nobody_learns_an_address_but_what_stands_for_it() -> None:
    async with stage() as room:
        await room.joins(b"Mary")
        await room.joins(b"Bob")
        hosts = room.hub.hosts["general"]
        assert hosts == dict.fromkeys(("Mary", "Bob"), room.hub.cloak("127.0.0.1"))
        assert "127.0.0.1" not in str(hosts)


# The time limit for the hello

IN_TIME = Limits(hello_seconds_max=1)
"""Seconds in which a timely hello comes, even on a busy machine."""


@pytest.mark.parametrize("sent", [b"", b"Ma", b"{", b'{"type":"ping"}\n'])
async def test_who_does_not_say_a_name_in_time_is_told_so_and_closed(sent: bytes) -> None:
    async with stage(Limits(hello_seconds_max=0.05)) as room:
        told = (await (await room.connects(sent)).reads_the_rest()).splitlines()[-1]
        assert b"you did not say who you are" in told
        assert room.hub.channels()[0].seated == 0


@pytest.mark.parametrize("hello", [b"Bob\n", b'{"type":"hello","name":"Bob"}\n'], ids=["plain", "JSON"])
async def test_who_has_said_its_name_and_waits_for_its_turn_is_not_closed_for_want_of_one(hello: bytes) -> None:
    limits = Limits(hello_seconds_max=0.5, address_hellos_per_second_max=4, address_hellos_burst_max=1)
    async with stage(limits) as room:
        await room.joins(b"Mary")
        bob = await room.connects(hello)
        await (await room.connects()).reads_the_rest()  # its time limit began later, and is over
        room.clock.time += 1
        await bob.reads_up_to(b"Bob has joined the channel.\n" if hello == b"Bob\n" else b'"seated","name":"Bob"}}\n')


async def test_a_peer_is_known_once_it_has_said_who_it_is() -> None:
    async with stage() as room:
        connection, _ = room.bare()
        assert not connection.is_known
        connection.data_received(b'{"type":"ping"}\n')
        assert not connection.is_known
        connection.data_received(NAMED % b"Mary")
        await until(lambda: connection.is_known)
        connection.connection_lost(None)


@pytest.mark.parametrize("drop", [b"x", b" ", b'{"type":"ping"}\n'], ids=["a name", "blanks", "commands"])
async def test_what_drips_in_gives_no_more_time(drop: bytes) -> None:
    async with stage(Limits(hello_seconds_max=0.05)) as room:
        slow = await room.connects()
        ended = asyncio.ensure_future(slow.reads_the_rest())
        while not ended.done():
            slow.sends(drop)
            await asyncio.sleep(0.001)


async def test_who_has_said_a_name_in_time_stays() -> None:
    async with stage(IN_TIME) as room:
        mary = await room.joins(b"Mary")
        await (await room.connects()).reads_the_rest()  # its time limit began later, and is over
        mary.sends(b'{"type":"ping","id":"1"}\n')
        assert (await mary.reads_json())["type"] == "pong"


async def test_who_watches_in_time_stays_and_need_not_say_a_name() -> None:
    async with stage(IN_TIME) as room:
        looking = await room.connects(b'{"type":"watch","id":"1"}\n')
        assert (await looking.reads_json())["type"] == "channels"
        await (await room.connects()).reads_the_rest()  # its time limit began later, and is over
        await room.joins(b"Mary")
        change = await looking.reads_json()
        assert change["channels"][0]["seated"] == 1


# Readers


async def test_a_slow_reader_is_closed_with_its_reason_while_the_others_read_everything() -> None:
    async with stage(Limits(outbox_bytes_max=65_536)) as room:
        slow, fast = await room.joins(b"slow"), await room.joins(b"fast")
        heard = b""
        said = 0
        while b'"name":"slow","reason":"lost"' not in heard:
            fast.sends((b'{"type":"say","text":"%s"}\n' % (b"x" * 10_000)) * 20)
            said += 20
            last = b""
            for _ in range(20):
                while b'"said"' not in last:
                    last = await fast.reader.readline()
                    heard += last if b'"left"' in last else b""
                last = b""
            assert said < 5_000, "the slow reader is never closed"
        rest = await slow.reads_the_rest()
        assert json.loads(rest.splitlines()[-1])["reason"] == "slow"


async def test_nothing_follows_the_goodbye_of_a_slow_reader_that_is_still_seated() -> None:
    async with stage() as room:
        mary = await room.joins(b"Mary")
        slow, transport = room.bare()
        slow.data_received(NAMED % b"slow")
        await mary.reads_up_to(b'"type":"seated","name":"slow"}}\n')
        submit = room.hub.submit

        def submit_and_overflow(session: Session, commands: Any) -> None:
            room.hub.submit = submit  # type: ignore[method-assign]
            submit(session, commands)  # the message is in the inbox before the departure
            slow.pause_writing()

        room.hub.submit = submit_and_overflow  # type: ignore[method-assign]
        mary.sends(b'{"type":"say","text":"meanwhile"}\n')
        await mary.reads_up_to(b'"type":"left","name":"slow","reason":"lost"}}\n')
        assert transport.closed
        assert json.loads(transport.writes[-1])["type"] == "goodbye"
        slow.connection_lost(None)


async def test_a_slow_reader_that_has_come_back_stays_when_its_old_connection_ends_at_last() -> None:
    async with stage(Limits(seat_hold_seconds=60.0, held_visit_seconds_min=0)) as room:
        mary = await room.joins(b"Mary")
        slow, transport = room.bare()
        slow.data_received(NAMED % b"slow")
        await mary.reads_up_to(b'"type":"seated","name":"slow"}}\n')
        token = json.loads(b"".join(transport.writes).splitlines()[0])["token"].encode()
        slow.pause_writing()
        assert json.loads(transport.writes[-1])["reason"] == "slow"
        again = await room.connects(b'{"type":"resume","token":"%s","after":4}\n' % token)
        assert (await again.reads_json())["type"] == "resumed"
        slow.connection_lost(None)
        again.sends(b'{"type":"say","text":"still slow"}\n')
        assert b'"left"' not in await mary.reads_up_to(b'"text":"still slow"}}\n')
        assert room.hub.channels()[0].seated == 2


async def test_a_rush_of_hellos_is_let_in_together_and_costs_few_turns() -> None:
    async with stage() as room:
        turns: list[bytes] = []

        class Ear:
            write = turns.append
            close = abort = pause_reading = resume_reading = GONE.close
            get_write_buffer_size = GONE.get_write_buffer_size

        room.hub.add_operator(Session(Ear(), OPERATOR, "", operator=True))
        rush = [socket.create_connection(("127.0.0.1", room.port)) for _ in range(100)]
        for number, raw in enumerate(rush):
            raw.sendall(NAMED % b"m%d" % number)
        await room.joins(b"last")
        assert room.hub.channels()[0].seated == len(rush) + 1
        assert len(turns) < 20
        for raw in rush:
            raw.close()


# New limits, and the end of a listener


async def test_limits_that_are_replaced_hold_for_the_connections_made_after() -> None:
    line = b'{"type":"say","text":"%s"}\n' % (b"x" * 200)
    async with stage() as room:
        old = await room.joins(b"old")
        room.listener.limits = Limits(line_bytes_max=100)
        new = await room.joins(b"new")
        new.sends(line)
        assert (await new.reads_json())["code"] == "line-too-long"
        old.sends(line)
        await new.reads_up_to(b"xxxx")


async def test_a_door_that_closes_sends_the_unnamed_away_and_waits_for_the_others() -> None:
    async with stage() as room:
        mary, unnamed = await room.joins(b"Mary"), await room.connects(b"Unna")
        full = await room.connects()  # admitted after it
        room.listener.close()
        assert await unnamed.reads_the_rest() == await full.reads_the_rest() == b""
        with pytest.raises(ConnectionRefusedError):
            await room.connects()
        drained = asyncio.ensure_future(room.listener.drained())
        mary.sends(b'{"type":"ping","id":"1"}\n')
        assert (await mary.reads_json())["type"] == "pong"
        assert not drained.done()
        mary.sends(b'{"type":"quit"}\n')
        await drained
        room.listener.close()


async def test_those_on_their_way_in_while_a_door_closes_are_closed() -> None:
    async with stage() as room:
        with socket.create_connection(("127.0.0.1", room.port)) as raw:  # the loop has not polled yet
            raw.setblocking(False)
            room.listener.close()
            with suppress(ConnectionResetError):
                assert await asyncio.get_running_loop().sock_recv(raw, 1) == b""
        late = room.listener.admit("127.0.0.1")
        assert late is not None
        transport = BareTransport()
        late.connection_made(cast(asyncio.BaseTransport, transport))
        assert transport.closed
        late.connection_lost(None)
        assert room.admission.sessions == 0


async def test_a_connection_that_has_gone_before_it_is_served_is_counted_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with stage(Limits(sessions_max=1)) as room:
        with monkeypatch.context() as gone:

            def fail(*_: Any) -> None:
                raise OSError("it has gone")

            gone.setattr(accepting, "SocketTransport", fail)
            assert await (await room.connects()).reads_the_rest() == b""
        mary = await room.connects(b"Mary\n")
        assert await mary.reader.readline() == GREETED + b"Welcome to the general channel, Mary.\n"


async def test_an_abort_ends_every_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = Limits(sessions_max=2)
    async with stage(limits) as room:
        clients = [await room.joins(b"Mary"), await room.connects(), await room.connects()]
        await until(lambda: len(room.listener.connections) == 3)
        room.listener.abort()
        await room.listener.drained()
        assert room.admission.sessions == 0
        for client in clients:
            await client.reads_the_rest()


async def test_at_its_end_a_door_leaves_those_who_look_on_to_the_hub_which_tells_them() -> None:
    async with stage() as room:
        looking, silent = await room.connects(b'{"type":"watch"}\n'), await room.connects(b'{"type":"ping"}\n')
        assert (await looking.reads_json())["type"] == "channels"
        assert (await silent.reads_json())["type"] == "pong"
        room.listener.close()
        assert await silent.reads_the_rest() == b""
        room.hub.close()
        assert (await looking.reads_json())["reason"] == "shutdown"


# Clients that read nothing


async def test_one_who_has_read_nothing_for_too_long_is_told_so_and_closed() -> None:
    async with stage(Limits(unread_seconds_max=5.0)) as room:
        connection, transport = room.bare()
        connection.data_received(NAMED % b"Mary")
        await until(lambda: room.hub.channels()[0].seated == 1)
        connection.unread(4.0)
        assert not transport.closed
        connection.unread(5.0)
        assert transport.closed
        assert b'"reason":"slow"' in transport.writes[-1]
        await until(lambda: room.hub.channels()[0].seated == 0)
        connection.unread(6.0)
        connection.connection_lost(None)


async def test_one_who_has_not_even_named_itself_is_cut() -> None:
    async with stage(Limits(unread_seconds_max=5.0)) as room:
        connection, transport = room.bare()
        connection.unread(5.0)
        assert transport.aborted
        connection.connection_lost(None)


# Floods


@pytest.mark.parametrize("flood", [b"\n", b"{}\n", b"x\n", b"\r\n", b"/list\n"])
async def test_of_a_flood_so_many_lines_are_read_at_once_and_the_rest_in_its_turn(flood: bytes) -> None:
    async with stage() as room:
        connection, transport = room.bare()
        connection.data_received(NAMED % b"Mary" if flood == b"{}\n" else b"Mary\n")
        connection.data_received(flood * 10_000)
        (rest,) = transport.rests
        assert len(rest) == len(flood) * (10_000 - LINES_AT_ONCE)
        assert len(room.hub._inbox) <= LINES_AT_ONCE + 1
        connection.connection_lost(None)


async def test_lines_at_their_bound_are_read_at_once() -> None:
    async with stage() as room:
        connection, transport = room.bare()
        connection.data_received(NAMED % b"Mary" + b'{"type":"ping"}\n' * (LINES_AT_ONCE - 1))
        assert transport.rests == []
        connection.data_received(b'{"type":"ping"}\n' * (LINES_AT_ONCE + 1) + b'{"type"')
        assert transport.rests == [b'{"type":"ping"}\n{"type"']
        connection.data_received(transport.rests.pop())
        connection.data_received(b':"ping"}\n')
        assert len(room.hub._inbox) == 2 * LINES_AT_ONCE + 2
        connection.connection_lost(None)


async def test_connections_of_an_address_at_their_bound_come_in_and_past_it_are_closed_until_time_has_passed() -> None:
    limits = Limits(address_connections_per_second_max=1.0, address_connections_burst_max=2)
    async with stage(limits) as room:
        await room.joins(b"Mary")
        await room.joins(b"Bob")
        assert await (await room.connects(NAMED % b"Ann")).reads_the_rest() == b""
        room.clock.time += 1.0
        await room.joins(b"Ann")
