"""What the log keeps and what JSON sessions read are the same bytes."""

from dataclasses import FrozenInstanceError

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from antechamber.protocol.events import (
    AnyEvent,
    Emptied,
    Entry,
    Left,
    Muted,
    Queued,
    Said,
    Seated,
    decode_entries,
    encode_lines,
)
from tests import strategies

KEPT: list[tuple[AnyEvent, str]] = [
    (Queued("Mary"), '{"type":"queued","name":"Mary"}'),
    (Seated("Mary"), '{"type":"seated","name":"Mary"}'),
    (Left("Mary", "quit"), '{"type":"left","name":"Mary","reason":"quit"}'),
    (Left("Mary", "lost", seated=False), '{"type":"left","name":"Mary","reason":"lost","seated":false}'),
    (Said("Mary", "hi"), '{"type":"said","name":"Mary","text":"hi"}'),
    (Said("Zoë", "“hi”", "7"), '{"type":"said","name":"Zoë","text":"“hi”","id":"7"}'),
    (Muted("Mary", 60), '{"type":"muted","name":"Mary","seconds":60}'),
    (Emptied(), '{"type":"emptied"}'),
]


@pytest.mark.parametrize(("event", "json"), KEPT)
def test_an_entry_is_kept_as_one_line_of_json(event: AnyEvent, json: str) -> None:
    line = f'{{"type":"entry","channel":"general","sequence":3,"time":12.5,"event":{json}}}\n'.encode()
    entry = Entry("general", 3, 12.5, event)
    assert encode_lines([entry]) == line
    assert decode_entries(line) == [entry]


@given(st.lists(strategies.entries, max_size=5))
def test_entries_come_back_as_they_were_kept(entries: list[Entry]) -> None:
    lines = encode_lines(entries)
    assert decode_entries(lines) == entries
    assert lines.count(b"\n") == len(entries)


@pytest.mark.parametrize(
    "lines", [b"{}\n", b"[]\n", b"no\n", b'{"type":"entry","channel":"general","sequence":1,"time":1,"event":{}}\n']
)
def test_lines_that_are_no_entries_are_told_apart(lines: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        decode_entries(lines)


def test_what_happened_stays_as_it_was() -> None:
    event = Said("Mary", "hi")
    with pytest.raises((AttributeError, FrozenInstanceError)):
        event.text = "ho"  # type: ignore[misc]
