"""Standard input and output that block nothing, over real pipes."""

import os
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from antechamber.runtime.terminal import OutputWriter, read_lines, write_all


@contextmanager
def pipe() -> Iterator[tuple[int, int]]:
    """A pipe's two ends, which a test may close itself."""
    ends = os.pipe()
    try:
        yield ends
    finally:
        for end in ends:
            try:
                os.close(end)
            except OSError:
                continue


def lines_of(data: bytes, line_bytes_max: int = 100) -> list[str]:
    """Return the lines that are read from `data`."""
    with pipe() as (reader, writer):
        lines: list[str] = []
        thread = read_lines(reader, lines.append, line_bytes_max)
        write_all(writer, data)
        os.close(writer)
        thread.join()
        return lines


# Reading


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"", []),
        (b"one\n", ["one"]),
        (b"one\ntwo\n\nfour\n", ["one", "two", "", "four"]),
        (b"one\nhalf", ["one", "half"]),
        ("naïve\n".encode(), ["naïve"]),
        (b"\xff\xfe\n", ["\N{REPLACEMENT CHARACTER}" * 2]),
    ],
)
def test_lines_are_read_without_their_newlines(data: bytes, lines: list[str]) -> None:
    assert lines_of(data) == lines


def test_a_line_at_the_bound_is_read_and_one_past_it_shows_as_too_long() -> None:
    assert lines_of(b"x" * 10 + b"\nnext\n", 10) == ["x" * 10, "next"]
    assert lines_of(b"x" * 11 + b"\nnext\n", 10) == ["x" * 11, "next"]
    assert lines_of(b"x" * 12 + b"\nnext\n", 10) == ["x" * 11, "next"]


@pytest.mark.parametrize("end", [b"", b"\n", b"\nnext\n"])
def test_a_line_far_too_long_is_one_line_all_the_same(end: bytes) -> None:
    first, *others = lines_of(b"x" * 1_000_000 + end, 10)
    assert first == "x" * 11
    assert others == (["next"] if b"next" in end else [])


def test_a_line_is_read_as_soon_as_it_is_whole() -> None:
    with pipe() as (reader, writer):
        lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        thread = read_lines(reader, lines.put, 100)
        for line in ("one", "two"):
            os.write(writer, f"{line}\n".encode())
            assert lines.get() == line
        os.close(writer)
        thread.join()


def test_an_input_that_does_not_block_is_waited_for() -> None:
    with pipe() as (reader, writer):
        os.set_blocking(reader, False)
        lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        thread = read_lines(reader, lines.put, 100)
        os.write(writer, b"one\n")
        assert lines.get() == "one"
        os.write(writer, b"two\n")
        assert lines.get() == "two"
        os.close(writer)
        thread.join()


def test_an_input_that_is_closed_has_no_lines() -> None:
    with pipe() as (reader, writer):
        os.close(reader)
        os.close(writer)
        lines: list[str] = []
        read_lines(reader, lines.append, 100).join()
        assert lines == []


# Writing


def test_an_output_that_does_not_block_is_waited_for() -> None:
    with pipe() as (reader, writer):
        os.set_blocking(writer, False)
        data = bytes(range(256)) * 4096
        thread = threading.Thread(target=write_all, args=(writer, data))
        thread.start()
        came = b""
        while len(came) < len(data):
            came += os.read(reader, 65_536)
        thread.join()
        assert came == data


def test_what_is_written_comes_out_in_order() -> None:
    with pipe() as (reader, writer):
        output = OutputWriter(writer, 1_000_000)
        for number in range(1000):
            output.write(f"{number}\n".encode())
        output.close(60)
        os.close(writer)
        with open(reader, "rb", closefd=False) as file:
            assert file.read().split() == [str(number).encode() for number in range(1000)]
        assert output.left_out_bytes == 0


def test_writing_to_a_reader_who_does_not_read_never_waits_and_leaves_out_whole_writes() -> None:
    with pipe() as (reader, writer):
        output = OutputWriter(writer, 100_000)
        line = b"x" * 99 + b"\n"
        for _ in range(10_000):
            output.write(line)
        assert output.left_out_bytes > 0
        assert output.left_out_bytes % 100 == 0
        came = b""
        while len(came) < 1_000_000 - output.left_out_bytes:
            came += os.read(reader, 65_536)
        output.close(60)
        assert came == line * (len(came) // 100)


def test_a_reader_who_has_gone_is_told_of_once_and_everything_is_left_out() -> None:
    with pipe() as (reader, writer):
        gone: queue.SimpleQueue[str] = queue.SimpleQueue()
        output = OutputWriter(writer, 1_000, lambda: gone.put("gone"))
        os.close(reader)
        output.write(b"one\n")
        assert gone.get() == "gone"
        output.write(b"two\n")
        assert output.left_out_bytes == 4
        output.close(60)
        assert gone.empty()


def test_nothing_is_taken_after_the_close() -> None:
    with pipe() as (reader, writer):
        output = OutputWriter(writer, 1_000)
        output.write(b"one\n")
        output.close(60)
        output.write(b"two\n")
        assert os.read(reader, 100) == b"one\n"
        assert output.left_out_bytes == 4


def test_a_close_does_not_wait_for_ever() -> None:
    with pipe() as (_, writer):
        output = OutputWriter(writer, 10_000_000)
        output.write(b"x" * 5_000_000)
        output.close(0.01)
        assert output.left_out_bytes == 0
