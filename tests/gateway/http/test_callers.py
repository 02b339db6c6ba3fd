"""The bounds of the front desk's connections: by address, in total and in reserve; and that none can block it."""

import asyncio

import pytest
from uvicorn.protocols.http.h11_impl import H11Protocol

from antechamber.gateway.http import callers
from antechamber.gateway.http import http11 as http
from antechamber.gateway.http.callers import Callers
from antechamber.protocol.limits import Limits
from tests.gateway.channel_ports import until
from tests.gateway.front_desks import Caller, Place, front_desk

PIPELINED = b"GET /web/js/chat.js HTTP/1.1\r\nHost: localhost\r\n\r\n" * 1_000


async def asks(place: Place, path: str = "/channels") -> Caller:
    """Connect, and send a request whose answer the test reads."""
    caller = await place.call()
    await caller.ask("GET", path)
    return caller


async def is_answered(place: Place, path: str = "/channels") -> Caller:
    caller = await asks(place, path)
    assert (await caller.answer()).status == 200
    return caller


async def holds(place: Place) -> Caller:
    """Connect, and occupy a place by an upload that never ends."""
    return await place.begin_upload((await place.ticket(5)).path, 5)


async def test_an_address_at_its_bound_closes_what_has_rested_longest_for_who_comes() -> None:
    async with front_desk(Limits(address_front_desk_connections_max=2)) as place:
        first, second = await is_answered(place), await is_answered(place)
        await is_answered(place)
        assert await first.ended() == b""
        await second.ask("GET", "/channels")
        assert (await second.answer()).status == 200


async def test_a_connection_that_has_asked_nothing_for_a_while_makes_room_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(callers, "SILENT_SECONDS", 0.0)
    async with front_desk(Limits(address_front_desk_connections_max=1)) as place:
        silent = await place.call()
        await is_answered(place)
        assert await silent.ended() == b""


async def test_one_that_has_only_just_come_is_not_closed_for_the_next() -> None:
    async with front_desk(Limits(address_front_desk_connections_max=1)) as place:
        first, second = await place.call(), await place.call()
        await until(lambda: len(desk(place)) == 2)
        await second.ask("GET", "/channels")
        await first.ask("GET", "/channels")
        assert (await first.answer()).status == (await second.answer()).status == 200


async def test_where_all_of_an_address_ask_a_newcomer_waits_until_one_of_them_is_answered() -> None:
    async with front_desk(Limits(address_front_desk_connections_max=2)) as place:
        first, _ = await holds(place), await holds(place)
        waiting = await asks(place)
        await until(lambda: bool(desk(place)._waiting))
        await first.send(b"12345")
        assert (await first.answer()).status == 204
        assert (await waiting.answer()).status == 200
        first.writer.write(b"GET /channels HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert (await first.answer()).status == 200, "it is there still, and waits in its turn"
        await waiting.ask("GET", "/channels")
        assert (await waiting.answer()).status == 200, "it has a place of its own by now"


async def test_who_waits_too_long_for_a_place_is_told_when_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callers, "PLACE_SECONDS_MAX", 0.01)
    async with front_desk(Limits(address_front_desk_connections_max=1)) as place:
        await holds(place)
        waiting = await asks(place)
        answer = await waiting.answer()
        assert (answer.status, answer.headers["retry-after"], answer.headers["connection"]) == (503, "5", "close")
        assert answer.error == "The front desk has too many requests at once. Try again in a moment."
        assert await waiting.ended() == b""
        assert desk(place)._waiting == {}


async def test_whether_the_server_is_there_is_answered_whatever_an_address_holds() -> None:
    async with front_desk(Limits(address_front_desk_connections_max=1)) as place:
        await holds(place)
        for _ in range(10):
            answer = await (await asks(place, "/healthz")).answer()
            assert (answer.status, answer.body, answer.headers["connection"]) == (200, b"ok", "close")


async def test_the_reserve_answers_whatever_all_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callers, "front_desk_connections_max", lambda: 5)
    async with front_desk() as place:
        held = [await holds(place) for _ in range(2)]  # of three places an address gets two, and there is one spare
        silent = [await place.call() for _ in range(5)]
        await until(lambda: len(desk(place)) == 4)
        assert (await (await asks(place, "/healthz")).answer()).body == b"ok"
        for caller in silent[:4]:
            assert await caller.ended() == b""
        for caller in held:
            await caller.send(b"12345")
            assert (await caller.answer()).status == 204


async def test_a_spare_connection_that_goes_while_it_waits_leaves_nothing() -> None:
    async with front_desk(Limits(address_front_desk_connections_max=1)) as place:
        await holds(place)
        waiting = await asks(place)
        await until(lambda: bool(desk(place)._waiting))
        waiting.writer.transport.abort()
        await until(lambda: len(desk(place)) == 1)
        await until(lambda: not desk(place)._waiting)
        assert (desk(place)._spare, desk(place)._spares_of) == ({}, {})


async def test_what_has_gone_counts_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    async with front_desk(Limits(address_front_desk_connections_max=2)) as place:
        for _ in range(5):
            caller = await is_answered(place)
            await caller.close()
        await until(lambda: len(desk(place)) == 0)
        assert place.hub.budgets.used("front_desk_connections", place.hub.cloak("127.0.0.1")) == 0
        assert desk(place)._idle == {}


async def test_a_rush_behind_one_address_is_served_whole() -> None:
    async with front_desk(Limits(address_front_desk_connections_max=6)) as place:
        rush = [await asks(place, "/web/js/app.js") for _ in range(18)]
        assert [(await caller.answer()).status for caller in rush] == [200] * 18


# Answers that a client does not read


async def test_pipelined_requests_whose_answers_nobody_reads_are_cut_and_others_are_answered_meanwhile() -> None:
    async with front_desk(Limits(unread_seconds_max=1.0)) as place:
        stuck = [await place.call() for _ in range(4)]
        for caller in stuck:
            caller.reader._transport.pause_reading()  # type: ignore[attr-defined]
            caller.writer.write(PIPELINED)
        assert (await place.ask("GET", "/healthz")).status == 200
        assert (await place.ask("GET", "/channels")).status == 200
        await until(lambda: len(desk(place)) == 0)


async def test_pipelined_requests_are_answered_one_after_the_other_in_their_order(place_of_one: Place) -> None:
    caller = await place_of_one.call()
    for path in ("/channels", "/nowhere", "/healthz"):
        caller.writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    assert [(await caller.answer()).status for _ in range(3)] == [200, 404, 200]


@pytest.fixture
async def place_of_one():  # type: ignore[no-untyped-def]
    async with front_desk(Limits(address_front_desk_connections_max=1)) as place:
        yield place


async def test_a_body_nobody_asked_for_is_read_in_pieces_and_ends_with_the_connection(place_of_one: Place) -> None:
    caller = await place_of_one.call()
    chunks = b"1\r\nx\r\n" * 20_000
    head = b"POST /channels HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    caller.writer.write(head + chunks)
    assert (await caller.head())[0] == 411


@pytest.mark.parametrize(
    "more",
    [
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        b"Content-Length: 5\r\nContent-Length: 6\r\n",
        b"Content-Length: 5, 6\r\n",
        b"Content-Length: +5\r\n",
        b"Content-Length: 0x5\r\n",
        b"Content-Length: -1\r\n",
        b"Content-Length : 5\r\n",
        b"Host: localhost\r\n",
        b"Transfer-Encoding : chunked\r\n",
    ],
)
async def test_a_head_that_can_be_read_in_two_ways_is_a_400_and_nothing_after_it_is_read(
    place_of_one: Place, more: bytes
) -> None:
    caller = await place_of_one.call()
    smuggled = b"0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    await caller.send(b"POST /channels HTTP/1.1\r\nHost: localhost\r\n" + more + b"\r\n" + smuggled)
    replies = await caller.ended()
    assert replies.startswith(b"HTTP/1.1 400 ")
    assert replies.count(b"HTTP/1.1 ") == 1
    assert b"connection: close" in replies.lower()


@pytest.mark.parametrize(
    "coding", [b"chunked, identity", b"identity", b"gzip", b"chunked\r\nTransfer-Encoding: chunked"]
)
async def test_another_coding_of_a_body_ends_the_connection(place_of_one: Place, coding: bytes) -> None:
    caller = await place_of_one.call()
    await caller.send(b"POST /channels HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: " + coding + b"\r\n\r\n")
    replies = await caller.ended()
    assert replies.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 411 "))


async def test_so_much_is_read_at_once_and_the_rest_in_its_turn(
    place_of_one: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    real = H11Protocol.data_received

    def data_received(self: http.HttpConnection, data: bytes) -> None:
        sizes.append(len(data))
        real(self, data)

    monkeypatch.setattr(H11Protocol, "data_received", data_received)
    caller = await place_of_one.call()
    many = 300
    caller.writer.write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n" * many)
    assert [(await caller.answer()).status for _ in range(many)] == [200] * many
    assert max(sizes) <= http.READ_AT_ONCE_BYTES


def desk(place: Place) -> Callers:
    """Return the connections of a front desk."""
    assert place.desk._http is not None
    return place.desk._http.callers


async def test_a_waiting_request_is_answered_in_the_end_of_the_server() -> None:
    async with front_desk(Limits(address_front_desk_connections_max=1)) as place:
        await holds(place)
        waiting = asyncio.ensure_future((await asks(place)).ended())
        await until(lambda: bool(desk(place)._waiting))
        await place.desk.stop()
        assert await waiting == b""
