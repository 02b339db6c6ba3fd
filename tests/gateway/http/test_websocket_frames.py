"""Reading frames: any bytes from a peer, split anywhere, and frames that end the connection."""

import asyncio
import json
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import CloseCode, Frame, Opcode
from websockets.protocol import Protocol, Side

from antechamber.gateway.http.websocket import BARE_FRAMES_BURST, FRAME_BYTES_MAX, WebSocket
from antechamber.protocol.limits import Limits
from tests.fakes import FakeClock, FakeLoop
from tests.gateway.channel_ports import BareTransport
from tests.gateway.front_desks import Place, front_desk
from tests.gateway.websocket_clients import by_hand, frame, text

SHORT = b'{"type":"ping"}'


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    async with front_desk() as place:
        yield place


# Frames that end a connection


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (frame(Opcode.BINARY, SHORT), CloseCode.UNSUPPORTED_DATA),
        (frame(Opcode.BINARY, SHORT, fin=False) + frame(Opcode.CONT), CloseCode.UNSUPPORTED_DATA),
        (frame(Opcode.TEXT, b"\xff"), CloseCode.INVALID_DATA),
        (frame(Opcode.TEXT, b"\xc3", fin=False) + frame(Opcode.CONT), CloseCode.INVALID_DATA),
        (frame(Opcode.CONT, SHORT), CloseCode.PROTOCOL_ERROR),
        (frame(Opcode.TEXT, SHORT, fin=False) + frame(Opcode.TEXT, SHORT), CloseCode.PROTOCOL_ERROR),
        (Frame(Opcode.TEXT, SHORT).serialize(mask=False), CloseCode.PROTOCOL_ERROR),
        (b"\xc1\x80\0\0\0\0", CloseCode.PROTOCOL_ERROR),
        (b"\x83\x80\0\0\0\0", CloseCode.PROTOCOL_ERROR),
        (b"\x89\xfe\0\x7e\0\0\0\0" + bytes(126), CloseCode.PROTOCOL_ERROR),
        (frame(Opcode.CLOSE, b"\x03"), CloseCode.PROTOCOL_ERROR),
        (b"GET / HTTP/1.1\r\n\r\n", CloseCode.PROTOCOL_ERROR),
    ],
    ids=[
        "binary",
        "binary in parts",
        "no UTF-8",
        "UTF-8 that ends early",
        "a part of nothing",
        "a message in a message",
        "not masked",
        "a reserved bit",
        "an unknown kind",
        "a long ping",
        "a short close",
        "no frame",
    ],
)
async def test_what_is_no_text_in_frames_ends_the_connection_with_its_code(
    place: Place, sent: bytes, code: CloseCode
) -> None:
    mary = await by_hand(place)
    await mary.sends(sent, text({"type": "hello", "name": "Mary", "channel": "games"}))
    assert await mary.reads_close() == code
    await mary.ended()
    assert [info.seated for info in place.hub.channels()] == [2, 0]


@pytest.mark.parametrize("parts", [1, 3])
async def test_a_message_at_its_bound_is_read_and_one_past_it_ends_the_connection(place: Place, parts: int) -> None:
    mary = await by_hand(place)

    def message(length: int) -> list[bytes]:
        data = SHORT.ljust(length)
        size = -(-length // parts)
        cut = [data[start : start + size] for start in range(0, length, size)]
        kinds = [Opcode.TEXT] + [Opcode.CONT] * (parts - 1)
        return [frame(kind, part, fin=part is cut[-1]) for kind, part in zip(kinds, cut, strict=True)]

    await mary.sends(*message(FRAME_BYTES_MAX))
    assert (await mary.reads("refusal"))["code"] == "line-too-long"
    await mary.sends(*message(FRAME_BYTES_MAX + 1))
    assert await mary.reads_close() == CloseCode.MESSAGE_TOO_BIG
    await mary.ended()


async def test_a_line_at_its_bound_is_read_and_one_past_it_is_refused_and_the_connection_goes_on(place: Place) -> None:
    mary = await by_hand(place)
    limit = Limits().line_bytes_max
    hello = b'{"type":"hello","name":"Mary","channel":"games"}'
    await mary.sends(frame(Opcode.TEXT, hello.ljust(limit + 1)))
    assert (await mary.reads("refusal"))["code"] == "line-too-long"
    await mary.sends(frame(Opcode.TEXT, hello.ljust(limit)))
    assert (await mary.reads("welcome"))["name"] == "Mary"


# Streams split anywhere


class Reader(asyncio.Protocol):
    """A connection that records the lines it receives."""

    def __init__(self) -> None:
        self.came = b""

    def data_received(self, data: bytes) -> None:
        self.came += data


class Waiting:
    """The part of a listener that a WebSocket uses."""

    def __init__(self) -> None:
        self.limits = Limits()
        self.loop = FakeLoop(FakeClock())
        self.hub = SimpleNamespace(clock=FakeClock())
        self.closed = False


def read(pieces: list[bytes]) -> tuple[bytes, bool]:
    """Return the lines in pieces of a stream of frames, and whether the connection is closed."""
    raw, connection = BareTransport(), Reader()
    socket = WebSocket(cast(asyncio.Transport, raw), cast(Any, connection), cast(Any, Waiting()))
    for piece in pieces:
        if not raw.is_closing():
            raw.give(socket, piece)
    reader = Protocol(Side.CLIENT)
    reader.receive_data(b"".join(raw.writes))
    closes = [each for each in reader.events_received() if isinstance(each, Frame) and each.opcode is Opcode.CLOSE]
    assert len(closes) == raw.is_closing()
    assert reader.parser_exc is None
    return connection.came, raw.is_closing()


lines = st.text(st.characters(codec="utf-8", exclude_characters="\n"), max_size=30)
frames = st.one_of(
    st.builds(lambda lines: frame(Opcode.TEXT, "\n".join(lines).encode()), st.lists(lines, max_size=3)),
    st.builds(
        lambda a, b, ping: frame(Opcode.TEXT, a, fin=False) + frame(Opcode.PING, ping) + frame(Opcode.CONT, b),
        st.binary(max_size=5),
        st.binary(max_size=5),
        st.binary(max_size=5),
    ),
    st.just(frame(Opcode.PONG)),
    st.just(frame(Opcode.CLOSE, b"\x03\xe8")),
    st.just(frame(Opcode.BINARY)),
    st.binary(max_size=8),
)


@given(st.lists(frames, max_size=6).map(b"".join), st.data())
def test_where_the_stream_is_cut_is_no_matter(stream: bytes, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(0, len(stream)), max_size=8)))
    pieces = [stream[start:stop] for start, stop in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    whole = read([stream])
    assert read(pieces) == whole
    assert read([bytes([byte]) for byte in stream]) == whole


@given(st.lists(st.lists(lines, min_size=1, max_size=3), max_size=4))
def test_every_line_is_given_on_once_and_ended(messages: list[list[str]]) -> None:
    stream = b"".join(frame(Opcode.TEXT, "\n".join(message).encode()) for message in messages)
    came, closed = read([stream])
    expected = [line for message in messages for line in message]
    assert [line for line in came.decode().split("\n") if line] == [line for line in expected if line]
    assert not closed
    assert not came or came.endswith(b"\n")


def test_frames_that_hold_nothing_keep_nothing() -> None:
    raw, connection = BareTransport(), Reader()
    socket = WebSocket(cast(asyncio.Transport, raw), cast(Any, connection), cast(Any, Waiting()))
    socket.data_received(frame(Opcode.TEXT, b"{", fin=False))
    for _ in range(BARE_FRAMES_BURST - 1):
        socket.data_received(frame(Opcode.CONT, b"", fin=False))
    assert socket._begun is not None
    assert bytes(socket._begun) == b"{"
    socket.data_received(frame(Opcode.CONT, b"}"))
    assert json.loads(connection.came) == {}
