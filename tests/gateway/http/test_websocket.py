"""A page's session over a real WebSocket: its start, its messages, and its end."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any, cast

import pytest
from websockets.frames import CloseCode, Frame, Opcode
from websockets.protocol import Protocol, Side

from antechamber.gateway import rejection as rejected
from antechamber.gateway.connection import Connection
from antechamber.gateway.http import callers
from antechamber.gateway.http import http11 as http
from antechamber.gateway.http.websocket import BARE_FRAMES_BURST, BARE_FRAMES_PER_SECOND, FRAMES_AT_ONCE, WebSocket
from antechamber.protocol.commands import Say
from antechamber.protocol.events import Entry, Left, Said
from antechamber.protocol.limits import Limits
from tests.gateway.channel_ports import BareTransport, until
from tests.gateway.front_desks import Place, front_desk
from tests.gateway.websocket_clients import UPGRADE, by_hand, frame, page, text, until_empty


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    async with front_desk() as place:
        yield place


# Hello and messages


async def test_a_page_enters_the_channel_that_its_hello_names(place: Place) -> None:
    mary = await page(place, None, "antechamber.jsonl")
    assert mary.subprotocol == "antechamber.jsonl"
    assert (await mary.joins("Mary", "games"))["channel"] == "games"
    assert (await mary.reads_event("seated"))["name"] == "Mary"
    assert [info.seated for info in place.hub.channels()] == [2, 1]


async def test_a_page_and_a_client_talk(place: Place) -> None:
    mary = await page(place)
    await mary.joins("Mary")
    await mary.asks({"type": "say", "text": "grüße"})
    assert (await mary.reads_event("said"))["text"] == "grüße"
    place.alice.ask(Say("hello"))
    assert (await mary.reads_event("said"))["text"] == "hello"
    heard: list[str] = []
    while len(heard) < 2:
        event = (await place.bob.reads(Entry)).event
        heard += [event.text] if isinstance(event, Said) else []
    assert heard == ["grüße", "hello"]


async def test_what_a_turn_tells_comes_in_one_frame(place: Place) -> None:
    mary = await page(place)
    await mary.joins("Mary")
    await mary.reads_event("seated")
    place.alice.ask(Say("one"), Say("two"), Say("three"))
    assert [entry["event"]["text"] for entry in await mary.reads_frame()] == ["one", "two", "three"]


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\n\n"])
async def test_a_frame_has_one_line_or_more_and_the_last_may_lack_its_newline(place: Place, end: str) -> None:
    mary = await page(place)
    lines = '{"type":"hello","name":"Mary","channel":"games"}\n\n{"type":"ping","id":"1"}' + end
    await mary.connection.send(lines)
    await mary.connection.send("")
    await mary.connection.send("\n")
    await mary.connection.send('{"type":"ping","id":"2"}')
    assert [(await mary.reads("pong"))["id"] for _ in range(2)] == ["1", "2"]


async def test_a_message_may_come_in_many_frames_with_a_ping_between(place: Place) -> None:
    mary = await by_hand(place)
    hello = '{"type":"hello","name":"Mär","channel":"games"}'.encode()
    cut = hello.index("ä".encode()) + 1  # in the middle of a character
    await mary.sends(
        frame(Opcode.TEXT, hello[:5], fin=False),
        frame(Opcode.CONT, hello[5:cut], fin=False),
        frame(Opcode.PING, b"there?"),
        frame(Opcode.CONT, b"", fin=False),
        frame(Opcode.CONT, hello[cut:]),
    )
    assert await mary.reads_frame() == (Opcode.PONG, b"there?")
    assert (await mary.reads("welcome"))["name"] == "Mär"


async def test_what_is_sent_right_behind_the_request_is_read(place: Place) -> None:
    mary = await by_hand(place, sending=text({"type": "hello", "name": "Mary", "channel": "games"}))
    assert (await mary.reads("welcome"))["name"] == "Mary"


async def test_a_page_looks_before_it_enters_and_is_not_asked_for_a_name_in_time() -> None:
    async with front_desk(Limits(hello_seconds_max=1)) as place:
        looking = await page(place)
        await looking.asks({"type": "watch", "id": "w"})
        assert [info["name"] for info in (await looking.reads("channels"))["channels"]] == ["general", "games"]
        silent = await page(place)
        came, code = await silent.reads_the_end()  # its time limit began later, and is over
        assert ([line["reason"] for line in came], code) == (["silent"], CloseCode.NORMAL_CLOSURE)
        assert (await looking.joins("Mary", "games"))["name"] == "Mary"


async def test_a_hello_that_is_refused_may_be_said_again(place: Place) -> None:
    mary = await page(place)
    for name, channel, code in (("Alice", "general", "name-taken"), ("Mary", "cellar", "no-such-channel")):
        await mary.asks({"type": "hello", "name": name, "channel": channel})
        assert (await mary.reads("refusal"))["code"] == code
    assert (await mary.joins("Mary"))["channel"] == "general"


# The end


async def test_who_quits_reads_a_goodbye_and_the_connection_is_closed_in_order(place: Place) -> None:
    mary = await page(place)
    await mary.joins("Mary")
    await mary.asks({"type": "quit"})
    came, code = await mary.reads_the_end()
    assert (came[-1]["type"], came[-1]["reason"], code) == ("goodbye", "quit", CloseCode.NORMAL_CLOSURE)
    await until_empty(place)
    assert place.admission.sessions == 0


async def test_one_who_is_turned_away_and_does_not_answer_the_closing_is_cut_after_a_while() -> None:
    async with front_desk(Limits(sessions_max=0, linger_seconds_max=0.01)) as place:
        mary = await by_hand(place, sending=text({"type": "watch"}))
        assert await mary.reads_close() == CloseCode.NORMAL_CLOSURE
        await mary.ended()


@pytest.mark.parametrize("way", ["closed", "ended", "cut"])
async def test_a_page_that_is_gone_leaves_its_seat(place: Place, way: str) -> None:
    mary = await by_hand(place)
    await mary.sends(text({"type": "hello", "name": "Mary", "channel": "general"}))
    await mary.reads("welcome")
    if way == "closed":
        await mary.sends(text({"type": "say", "text": "last words"}), frame(Opcode.CLOSE, b"\x03\xe8"))
        assert await mary.reads_close() == CloseCode.NORMAL_CLOSURE
        await mary.ended()
    elif way == "ended":
        mary.caller.writer.write_eof()
        await mary.ended()
    else:
        mary.caller.writer.transport.abort()
    while True:
        event = (await place.bob.reads(Entry)).event
        if isinstance(event, Left):
            assert (event.name, event.reason) == ("Mary", "lost")
            break
    await until_empty(place)
    assert (place.hub.channels()[0].seated, place.admission.sessions) == (2, 0)


async def test_a_shutdown_tells_members_lookers_and_the_silent_that_the_server_goes_away(place: Place) -> None:
    member, looking, silent = await page(place), await page(place), await page(place)
    await member.joins("Mary")
    await looking.asks({"type": "watch"})
    await looking.reads("channels")
    await until(lambda: len(place.desk.ws_listener.connections) == 3)
    place.desk.ws_listener.close()
    place.hub.close()
    for one, reasons in ((member, ["shutdown"]), (looking, ["shutdown"]), (silent, [])):
        came, code = await one.reads_the_end()
        assert [line["reason"] for line in came if line["type"] == "goodbye"] == reasons
        assert code == CloseCode.GOING_AWAY
    await place.desk.ws_listener.drained()


async def test_a_connection_accepted_while_the_listener_closes_is_closed(place: Place) -> None:
    place.desk.ws_listener.close()
    _, code = await (await page(place)).reads_the_end()
    assert code == CloseCode.GOING_AWAY


async def test_who_does_not_answer_the_closing_is_cut_after_a_while() -> None:
    async with front_desk(Limits(linger_seconds_max=0.01)) as place:
        mary = await by_hand(place, sending=text({"type": "hello", "name": "Mary", "channel": "games"}))
        await mary.sends(text({"type": "quit"}))
        assert await mary.reads_close() == CloseCode.NORMAL_CLOSURE
        await mary.ended()


async def test_an_answer_to_the_closing_ends_the_connection_at_once(place: Place) -> None:
    mary = await by_hand(place, sending=text({"type": "hello", "name": "Mary", "channel": "games"}))
    await mary.sends(text({"type": "quit"}))
    assert await mary.reads_close() == CloseCode.NORMAL_CLOSURE
    await mary.sends(text({"type": "ping"}), frame(Opcode.CLOSE, b"\x03\xe8"))
    await mary.ended()


# Bounds


class Raw(BareTransport):
    """A transport that reports its end when aborted."""

    websocket: WebSocket

    def abort(self) -> None:
        if not self.aborted:
            self.aborted = True
            self.websocket.connection_lost(None)


class Socket:
    """A WebSocket over a transport of the test's own."""

    def __init__(self, place: Place) -> None:
        connection = place.desk.ws_listener.admit("192.0.2.1")
        assert isinstance(connection, Connection)
        self.raw = Raw()
        self.connection = connection
        self.websocket = WebSocket(cast(asyncio.Transport, self.raw), connection, place.desk.ws_listener)
        self.raw.websocket = self.websocket
        connection.connection_made(cast(asyncio.Transport, self.websocket))

    def lines(self) -> list[dict[str, Any]]:
        """Return the written data without frame headers."""
        rest = b"".join(self.raw.writes)
        objects = []
        for line in rest.split(b"\n"):
            if b"{" in line:
                objects.append(json.loads(line[line.index(b"{") :]))
        return objects

    async def joins(self, place: Place) -> None:
        self.websocket.data_received(text({"type": "hello", "name": "Mary", "channel": "games"}))
        await until(lambda: place.hub.channels()[1].seated == 1)


async def test_a_page_that_reads_too_slowly_is_told_so_and_closed(place: Place) -> None:
    socket = Socket(place)
    await socket.joins(place)
    socket.websocket.pause_writing()
    assert socket.lines()[-1]["reason"] == "slow"
    assert socket.raw.writes[-1] == b"\x88\x02\x03\xe8"
    await until(lambda: place.hub.channels()[1].seated == 0)
    written = len(socket.raw.writes)
    socket.websocket.pause_writing()
    socket.websocket.write(b"more")
    socket.websocket.data_received(frame(Opcode.PING))
    socket.websocket.close()
    assert len(socket.raw.writes) == written


async def test_who_makes_the_server_talk_before_a_hello_and_reads_nothing_is_cut(place: Place) -> None:
    socket = Socket(place)
    socket.websocket.data_received(frame(Opcode.PING, b"x" * 125))
    assert not socket.raw.aborted
    socket.websocket.pause_writing()
    assert socket.raw.aborted


async def test_a_page_at_its_pace_is_served_and_past_it_is_not_read_from_for_a_while() -> None:
    async with front_desk(Limits(commands_per_second_max=1, commands_burst_max=5)) as place:
        socket = Socket(place)
        await socket.joins(place)
        pings = [text({"type": "ping", "id": str(number)}) for number in range(7)]
        socket.websocket.data_received(b"".join(pings[:4]))
        assert not socket.raw.paused
        socket.websocket.data_received(b"".join(pings[4:]))
        assert socket.raw.paused
        await until(lambda: len(socket.lines()) >= 9)
        assert [line.get("code", line["type"]) for line in socket.lines()[-7:]] == ["pong"] * 4 + ["too-fast"] * 3
        await until(lambda: not socket.raw.paused)


async def test_pages_at_the_bound_are_let_in_and_one_past_it_is_told_in_a_frame() -> None:
    async with front_desk(Limits(sessions_max=2)) as place:
        first, _ = await page(place), await page(place)
        third = await page(place)
        await third.asks({"type": "watch"})
        came, code = await third.reads_the_end()
        assert [line["type"] for line in came] == ["refusal", "goodbye"]
        assert (came[0]["code"], came[1]["reason"], code) == ("server-full", "refused", CloseCode.NORMAL_CLOSURE)
        await first.connection.close()
        await until(lambda: place.admission.sessions < 2)
        await (await page(place)).joins("Mary")


async def test_a_page_that_says_nothing_where_the_server_is_full_is_told_in_a_frame(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rejected, "WAIT_SECONDS", 0.01)
    async with front_desk(Limits(sessions_max=0)) as place:
        came, _ = await (await page(place)).reads_the_end()
        assert [line["type"] for line in came] == ["refusal", "goodbye"]


async def test_a_page_that_comes_back_is_let_in_where_the_server_is_full() -> None:
    async with front_desk(Limits(sessions_max=1, seat_hold_seconds=60.0, held_visit_seconds_min=0)) as place:
        mary = await page(place)
        token = (await mary.joins("Mary"))["token"]
        again = await page(place)
        await again.asks({"type": "resume", "token": token})
        assert (await again.reads("resumed"))["name"] == "Mary"
        assert (await mary.reads_the_end())[0][-1]["reason"] == "resumed"


async def test_rejected_connections_at_their_bound_wait_and_one_past_it_reads_a_503(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rejected, "rejected_connections_max", lambda: 1)
    async with front_desk(Limits(sessions_max=0)) as place:
        first = await by_hand(place)
        answer = await place.ask("GET", "/ws", UPGRADE)
        assert (answer.status, answer.error.startswith("The server is full")) == (503, True)
        assert (await first.reads("refusal"))["code"] == "server-full"


async def test_a_page_counts_as_a_session_and_no_more_as_a_connection_of_the_front_desk(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(callers, "front_desk_connections_max", lambda: 1)
    monkeypatch.setattr(http, "HEAD_SECONDS_MAX", 0.01)
    mary, bob = await page(place), await page(place)
    assert place.admission.sessions == 2
    assert (await place.ask("GET", "/healthz")).status == 200
    await mary.joins("Mary")
    await bob.joins("Robert")  # the time limit of a request's head no longer applies


async def test_other_limits_hold_for_those_who_come_after(place: Place) -> None:
    before = await page(place)
    await until(lambda: len(place.desk.ws_listener.connections) == 1)
    place.desk.ws_listener.limits = Limits(line_bytes_max=100)
    after = await page(place)
    line = '{"type":"here"' + " " * 100 + "}"
    for one, code in ((before, "hello-first"), (after, "line-too-long")):
        await one.connection.send(line)
        assert (await one.reads("refusal"))["code"] == code


async def test_who_looks_no_more_is_asked_for_a_name_again() -> None:
    async with front_desk(Limits(hello_seconds_max=1)) as place:
        mary = await page(place)
        await mary.asks({"type": "watch"})
        silent = await page(place)
        await silent.reads_the_end()  # its time limit began later, and is over
        await mary.asks({"type": "watch", "channels": False, "id": "w"})
        came, _ = await mary.reads_the_end()
        assert came[-1]["reason"] == "silent"


# Frames that complete no message

BARE = (
    frame(Opcode.PING),
    frame(Opcode.PING, b"x" * 125),
    frame(Opcode.PONG),
    frame(Opcode.TEXT),
    frame(Opcode.TEXT, fin=False) + frame(Opcode.CONT),
    frame(Opcode.TEXT, b"{", fin=False) + frame(Opcode.CONT, b"}"),
)


def closes_with(socket: Socket) -> int | None:
    """Return the code of the close frame, None if there is none."""
    reader = Protocol(Side.CLIENT)
    reader.receive_data(b"".join(socket.raw.writes))
    frames = [each for each in reader.events_received() if isinstance(each, Frame)]
    return next((int.from_bytes(each.data[:2], "big") for each in frames if each.opcode is Opcode.CLOSE), None)


@pytest.mark.parametrize("bare", BARE, ids=["ping", "long ping", "pong", "empty", "empty parts", "parts"])
async def test_frames_that_bring_no_message_are_read_at_their_bound_and_past_it_end_the_connection(
    place: Place, bare: bytes
) -> None:
    each = 2 if bare == BARE[4] else 1
    socket = Socket(place)
    socket.raw.give(socket.websocket, bare * (BARE_FRAMES_BURST // each))
    assert closes_with(socket) is None
    place.clock.time += (each + 0.1) / BARE_FRAMES_PER_SECOND
    socket.raw.give(socket.websocket, bare)
    assert closes_with(socket) is None
    socket.raw.give(socket.websocket, bare)
    assert closes_with(socket) == CloseCode.POLICY_VIOLATION
    assert socket.raw.closed
    written = len(socket.raw.writes)
    socket.raw.give(socket.websocket, bare * 100)
    assert len(socket.raw.writes) == written
    socket.raw.abort()


async def test_messages_are_never_a_flood_of_frames(place: Place) -> None:
    socket = Socket(place)
    socket.raw.give(socket.websocket, frame(Opcode.TEXT, b"x") * 1_000)
    assert closes_with(socket) is None
    socket.raw.abort()


async def test_of_a_flood_so_many_frames_are_read_at_once_and_the_rest_in_its_turn(place: Place) -> None:
    socket = Socket(place)
    flood = frame(Opcode.PONG) * 43_690
    socket.websocket.data_received(flood)
    read = len(flood) - len(socket.raw.rests.pop())
    assert FRAMES_AT_ONCE <= read // 6 <= FRAMES_AT_ONCE + 600 // 6
    socket.raw.abort()


async def test_of_many_lines_in_one_message_so_many_are_read_at_once_and_the_rest_in_its_turn(place: Place) -> None:
    socket = Socket(place)
    await socket.joins(place)
    told = len(socket.lines())
    pings = b"".join(b'{"type":"ping","id":"%d"}\n' % number for number in range(100))
    socket.websocket.data_received(frame(Opcode.TEXT, pings) + text({"type": "ping", "id": "100"}))
    for count in (64, 101):
        await until(lambda count=count: len(socket.lines()) == told + count)  # type: ignore[misc]
        for _ in range(10):
            await asyncio.sleep(0)
        assert len(socket.lines()) == told + count
        if count < 101:
            socket.websocket.data_received(socket.raw.rests.pop())
    assert [line["id"] for line in socket.lines()[told:]] == [str(number) for number in range(101)]
    assert not socket.raw.rests
    socket.raw.abort()


# Bounds by address


async def test_a_page_is_known_to_the_socket_below_once_it_has_said_who_it_is(place: Place) -> None:
    socket = Socket(place)
    assert not socket.websocket.is_known
    await socket.joins(place)
    assert socket.websocket.is_known
    socket.raw.abort()


async def test_past_what_an_address_may_a_hello_waits_for_its_turn() -> None:
    limits = Limits(address_hellos_per_second_max=1_000, address_hellos_burst_max=1)
    async with front_desk(limits) as place:
        mary, tom = await page(place), await page(place)
        await mary.joins("Mary")
        await tom.asks({"type": "hello", "name": "Tom", "channel": "general"}, {"type": "say", "text": "hi"})
        await until(lambda: bool(place.hub._join_throttle.lines))
        place.clock.time += 1
        assert (await mary.reads_event("seated"))["name"] == "Mary"
        assert (await mary.reads_event("seated"))["name"] == "Tom"
        assert (await mary.reads_event("said"))["text"] == "hi"


async def test_so_many_pages_of_an_address_look_on_and_one_more_does_not() -> None:
    async with front_desk(Limits(address_watchers_max=2)) as place:
        pages = [await page(place) for _ in range(3)]
        for each in pages[:2]:
            await each.asks({"type": "watch"})
            await each.reads("channels")
        await pages[2].asks({"type": "watch"})
        assert (await pages[2].reads("refusal"))["code"] == "too-many-sessions"
        assert (await pages[2].reads("goodbye"))["reason"] == "refused"
        await pages[0].joins("Mary")
        await (again := await page(place)).asks({"type": "watch"})
        await again.reads("channels")
