"""WebSocket frames: the very lines that other JSON sessions read, in frames that any reader of them takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode
from websockets.protocol import Protocol, Side

from antechamber.codec.jsonl import JSON
from antechamber.codec.jsonl_websocket import WEBSOCKET, text_frame
from antechamber.protocol.events import Entry, encode_lines
from antechamber.protocol.notices import Message
from tests.strategies import entries, messages

CLOCK = "12:00:00"


def unframed(data: bytes) -> list[bytes]:
    """Return what is in each frame, as a browser finds it."""
    reader = Protocol(Side.CLIENT, max_size=None)
    reader.receive_data(data)
    assert reader.parser_exc is None
    found = []
    for frame in reader.events_received():
        assert isinstance(frame, Frame)
        assert (frame.opcode, frame.fin) == (Opcode.TEXT, True)
        found.append(bytes(frame.data))
    assert not reader.reader.buffer, "something is left over"
    return found


@pytest.mark.parametrize("length", [0, 1, 125, 126, 127, 65_535, 65_536, 70_000])
def test_a_frame_of_any_length_is_read_whole(length: int) -> None:
    lines = b"x" * length
    assert unframed(text_frame(lines)) == [lines]
    assert text_frame(lines) == Frame(Opcode.TEXT, lines).serialize(mask=False)


@given(st.lists(entries, min_size=1, max_size=4))
def test_entries_together_are_one_frame_with_the_lines_that_others_read(entries: list[Entry]) -> None:
    lines = encode_lines(entries)
    assert unframed(WEBSOCKET.joined(entries, lines, CLOCK)) == [JSON.joined(entries, lines, CLOCK)]


def test_no_entries_are_no_frame() -> None:
    assert WEBSOCKET.joined([], b"", CLOCK) == b""


@given(messages)
def test_a_message_is_one_frame_with_the_line_that_others_read(message: Message) -> None:
    assert unframed(WEBSOCKET.one(message, CLOCK, "Mary")) == [JSON.one(message, CLOCK, "Mary")]
