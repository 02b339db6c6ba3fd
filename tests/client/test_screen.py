"""What the person sees: chat lines, notes and a progress line that never tangle."""

import os
import pty
import termios
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from antechamber.client.files.progress import Progress
from antechamber.client.screen import OutputClosed, Screen
from antechamber.client.transcript import Transcript

CLEAR = "\r\x1b[K"


class Terminal(NamedTuple):
    """A screen whose standard output and error are one terminal, and what is read there."""

    screen: Screen
    descriptor: int

    def shows(self, text: str) -> None:
        """Check that the terminal was sent exactly this: the kernel hands it over in pieces."""
        expected = text.replace("\n", "\r\n").encode()
        came = b""
        while expected.startswith(came) and came != expected:
            came += os.read(self.descriptor, 65_536)
        assert came == expected


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    master, slave = pty.openpty()
    yield Terminal(Screen(slave, slave), master)
    os.close(slave)
    os.close(master)


@pytest.fixture
def pipes() -> Iterator[tuple[Screen, int, int]]:
    reader, output = os.pipe()
    note_reader, notes = os.pipe()
    yield Screen(output, notes), reader, note_reader
    for descriptor in (reader, output, note_reader, notes):
        os.close(descriptor)


class Watch:
    """A clock that stands still until the test moves it."""

    time = 100.0

    def now(self) -> float:
        return self.time


def test_lines_go_to_standard_output_and_notes_to_standard_error(pipes: tuple[Screen, int, int]) -> None:
    screen, reader, note_reader = pipes
    screen.print("one\nnaïve\n")
    screen.note("it broke")
    assert os.read(reader, 1000) == "one\nnaïve\n".encode()
    assert os.read(note_reader, 1000) == b"antechamber: it broke\n"


def test_there_is_no_progress_line_where_there_is_no_terminal(pipes: tuple[Screen, int, int]) -> None:
    screen, _, note_reader = pipes
    screen.progress("Sending notes.pdf: 45% of 12.3 MB")
    screen.print("one\n")
    screen.progress("")
    screen.note("the end")
    assert os.read(note_reader, 1000) == b"antechamber: the end\n"


def test_the_progress_line_gives_way_to_chat_and_comes_back(terminal: Terminal) -> None:
    terminal.screen.progress("45%")
    terminal.screen.print("[Bob (12:00:00)] hello\n")
    terminal.screen.note("it broke")
    terminal.screen.progress("46%")
    terminal.screen.progress("")
    terminal.screen.print("[Bob (12:00:01)] bye\n")
    terminal.shows(
        f"{CLEAR}45%"
        f"{CLEAR}[Bob (12:00:00)] hello\n{CLEAR}45%"
        f"{CLEAR}antechamber: it broke\n{CLEAR}45%"
        f"{CLEAR}46%"
        f"{CLEAR}"
        "[Bob (12:00:01)] bye\n"
    )


def test_a_progress_line_is_cut_to_the_terminals_width(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "get_terminal_size", lambda _: os.terminal_size((10, 24)))
    terminal.screen.progress("Sending notes.pdf: 45% of 12.3 MB")
    terminal.shows(f"{CLEAR}Sending n")


def test_a_standard_output_whose_reader_has_gone_is_closed_and_no_fault() -> None:
    reader, output = os.pipe()
    os.close(reader)
    with pytest.raises(OutputClosed) as caught:
        Screen(output, output).print("one\n")
    assert caught.value.strerror == ""
    Screen(output, output).note("nobody reads this")
    os.close(output)


def test_a_standard_output_that_fails_says_why() -> None:
    with open("/dev/full", "wb") as full, pytest.raises(OutputClosed) as caught:
        Screen(full.fileno(), full.fileno()).print("one\n")
    assert caught.value.strerror == "No space left on device"


def test_a_terminal_that_has_gone_is_told_from_other_outputs_that_fail() -> None:
    master, slave = pty.openpty()
    os.close(master)
    with pytest.raises(OutputClosed) as caught:
        Screen(slave, slave).print("one\n")
    os.close(slave)
    assert caught.value.hung_up
    with open("/dev/full", "wb") as full, pytest.raises(OutputClosed) as caught:
        Screen(full.fileno(), full.fileno()).print("one\n")
    assert not caught.value.hung_up


def test_the_progress_line_is_taken_away_as_the_program_is_ended(terminal: Terminal) -> None:
    terminal.screen.clear()
    terminal.screen.progress("45%")
    terminal.screen.clear()
    terminal.shows(f"{CLEAR}45%{CLEAR}")


def test_a_terminal_that_stands_still_is_not_waited_for_as_the_program_is_ended() -> None:
    master, slave = pty.openpty()
    screen = Screen(slave, slave)
    screen.progress("45%")
    termios.tcflow(slave, termios.TCOOFF)
    screen.clear()
    termios.tcflow(slave, termios.TCOON)
    assert os.read(master, 1000) == f"{CLEAR}45%".encode()
    os.close(slave)
    os.close(master)


# Progress


def test_a_file_is_shown_once_it_takes_over_a_second_and_until_it_is_there(terminal: Terminal) -> None:
    watch = Watch()
    progress = Progress(Transcript(terminal.screen, "Mary"), watch.now)
    with progress.of("Sending", "notes.pdf", 12_345_678) as moved:
        moved(1_000_000)
        watch.time += 0.99
        moved(5_000_000)
        watch.time += 0.2
        moved(5_555_556)
        moved(6_000_000)
        watch.time += 0.2
        moved(12_345_678)
    terminal.screen.print("the end\n")
    terminal.shows(f"{CLEAR}Sending notes.pdf: 45% of 12.3 MB{CLEAR}Sending notes.pdf: 100% of 12.3 MB{CLEAR}the end\n")


def test_files_on_their_way_at_once_share_the_line(terminal: Terminal) -> None:
    watch = Watch()
    progress = Progress(Transcript(terminal.screen, "Mary"), watch.now)
    with progress.of("Sending", "a.txt", 2_000), progress.of("Receiving", "b\x1b.bin", 3_000_000_000) as moved:
        watch.time += 1
        moved(0)
    both = "Sending a.txt: 0% of 2.0 kB, Receiving b\N{REPLACEMENT CHARACTER}.bin: 0% of 3.0 GB"
    terminal.shows(f"{CLEAR}{both}{CLEAR}Sending a.txt: 0% of 2.0 kB{CLEAR}")


def test_an_empty_file_is_no_division_by_nothing(terminal: Terminal) -> None:
    watch = Watch()
    with Progress(Transcript(terminal.screen, "Mary"), watch.now).of("Sending", "empty", 0) as moved:
        watch.time += 2
        moved(0)
    terminal.shows(f"{CLEAR}Sending empty: 0% of 0 bytes{CLEAR}")
