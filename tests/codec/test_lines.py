"""Cutting a stream into lines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antechamber.codec.lines import LineSplitter
from tests import strategies


def fed(splitter: LineSplitter, *chunks: bytes) -> list[list[bytes | None]]:
    return [splitter.feed(chunk) for chunk in chunks]


def test_lines_in_one_chunk_come_out_whole() -> None:
    assert fed(LineSplitter(9), b"one\ntwo\n\nthree\n") == [[b"one", b"two", b"", b"three"]]


def test_a_line_in_several_chunks_comes_out_with_its_newline() -> None:
    assert fed(LineSplitter(9), b"o", b"n", b"e", b"\n") == [[], [], [], [b"one"]]
    assert fed(LineSplitter(9), b"o", b"ne\ntw", b"o\n") == [[], [b"one"], [b"two"]]


def test_a_chunk_of_nothing_changes_nothing() -> None:
    assert fed(LineSplitter(9), b"on", b"", b"e\n", b"") == [[], [], [b"one"], []]


def test_no_line_is_under_way_before_the_first_byte_and_after_a_newline() -> None:
    splitter = LineSplitter(3)
    assert splitter.idle
    splitter.feed(b"a")
    assert not splitter.idle
    splitter.feed(b"\n")
    assert splitter.idle
    splitter.feed(b"abcd")
    assert not splitter.idle
    splitter.feed(b"e")
    assert not splitter.idle
    splitter.feed(b"\n")
    assert splitter.idle


AT, OVER = b"a" * 8, b"b" * 9


@pytest.mark.parametrize(
    ("chunks", "lines"),
    [
        # The newline in the same chunk, first, in the midst and last.
        ([AT + b"\n"], [[AT]]),
        ([OVER + b"\n"], [[None]]),
        ([b"x\n" + AT + b"\ny\n"], [[b"x", AT, b"y"]]),
        ([b"x\n" + OVER + b"\ny\n"], [[b"x", None, b"y"]]),
        # The newline in a later chunk.
        ([AT, b"\nnext\n"], [[], [AT, b"next"]]),
        ([OVER, b"\nnext\n"], [[None], [b"next"]]),
        ([b"aaaa", b"aaaa\n"], [[], [AT]]),
        ([b"bbbb", b"bbbbb\nnext\n"], [[], [None, b"next"]]),
        ([b"bbbb", b"bbbbb", b"bbbb", b"bb\nnext\n"], [[], [None], [], [b"next"]]),
        # No newline at all.
        ([AT], [[]]),
        ([OVER, OVER, OVER], [[None], [], []]),
        ([b"x\n" + OVER, OVER], [[b"x", None], []]),
        ([b"x\n" + AT, b"b"], [[b"x"], [None]]),
    ],
)
def test_a_line_is_as_long_as_the_bound_and_one_longer_is_told_of_once(
    chunks: list[bytes], lines: list[list[bytes | None]]
) -> None:
    assert fed(LineSplitter(8), *chunks) == lines


def test_a_second_line_too_long_is_told_of_too() -> None:
    assert fed(LineSplitter(8), OVER + b"\n" + OVER + b"\n", OVER, b"\n" + OVER + b"\nx\n") == [
        [None, None],
        [None],
        [None, b"x"],
    ]


def test_what_is_passed_over_is_not_held() -> None:
    splitter = LineSplitter(8)
    splitter.feed(b"a" * 9)
    for _ in range(100):
        assert splitter.feed(b"a" * 1000) == []
    assert splitter.feed(b"a\nb\n") == [b"b"]


@given(st.binary(max_size=80) | st.text("ab\n", max_size=80).map(str.encode), strategies.cuts)
def test_lines_are_the_same_wherever_the_stream_is_cut(data: bytes, cuts: list[int]) -> None:
    *whole, rest = data.split(b"\n")
    expected: list[bytes | None] = [line if len(line) <= 8 else None for line in whole]
    if len(rest) > 8:
        expected.append(None)
    splitter = LineSplitter(8)
    assert [line for piece in strategies.pieces(data, cuts) for line in splitter.feed(piece)] == expected
    assert splitter.idle == (rest == b"")
