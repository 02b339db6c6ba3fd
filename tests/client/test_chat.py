"""The client as a process: what only a process can show, its signals, its descriptors and its exit status."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import msgspec
import pytest

from antechamber.bootstrap import optional
from antechamber.client import chat
from antechamber.client.chat import Chat, mode_of
from antechamber.client.conversation import Conversation
from antechamber.client.line_mode import LineMode
from antechamber.protocol.commands import Quit, Resume
from antechamber.protocol.events import Entry, Said, Seated
from antechamber.protocol.notices import ChannelInfo, Goodbye, Offer, Ticket
from tests.client.scripted import (
    HELLO,
    HOLDING_HELLO,
    NOON,
    SECONDS_MAX,
    Server,
    front_desk,
    resumed,
    scripted_server,
    welcome,
)
from tests.processes.programs import Ports

SOURCES = str(Path(__file__).parents[2] / "src")
CODE = """
import sys
from antechamber.client.reconnect import retry
from antechamber.client.chat import Chat, run
retry.PAUSE_SECONDS_MIN = float(sys.argv[3] or 0)
door = sys.argv[1]
door = int(door) if door.isdigit() else door
sys.exit(run(Chat("127.0.0.1", door, "Mary", int(sys.argv[2]), reconnect=bool(sys.argv[3])), "plain"))
"""

SIGNALLED = """
import os, sys
class Import:
    @staticmethod
    def find_spec(name, *_):
        if name == "antechamber.client.conversation":
            os.kill(os.getpid(), {})
sys.meta_path.insert(0, Import)
"""
"""Before it, lets a signal come just when the conversation is being imported."""


@contextmanager
def client(
    door: int | str,
    front_desk_port: int = 1,
    shell: Sequence[str] = (),
    pause_seconds: str = "",
    code: str = CODE,
    stdout: int = subprocess.PIPE,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a client, through a shell's words where some are given; with a pause before its first try, it comes back."""
    pipe = subprocess.PIPE
    command = [*shell, sys.executable, "-W", "error", "-c", code, str(door), str(front_desk_port), pause_seconds]
    environment = os.environ | {"PYTHONPATH": SOURCES}
    with subprocess.Popen(command, stdin=pipe, stdout=stdout, stderr=pipe, env=environment) as process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def chatting(*shell: str, pause_seconds: str = "") -> Iterator[tuple[Server, subprocess.Popen[bytes]]]:
    """Run a client that has said hello and been welcomed."""
    with scripted_server() as server, client(server.port, shell=shell, pause_seconds=pause_seconds) as process:
        server.answer()
        assert server.line() == (HOLDING_HELLO if pause_seconds else HELLO)
        server.tells(welcome(token="token" if pause_seconds else ""))
        yield server, process


def ends(process: subprocess.Popen[bytes]) -> tuple[int, bytes]:
    """Wait for the end; return the exit status and all of standard error."""
    assert process.stderr is not None
    return process.wait(SECONDS_MAX), process.stderr.read()


def reads_welcome(process: subprocess.Popen[bytes]) -> None:
    assert process.stdout is not None
    assert process.stdout.readline() == b"[Server message (12:00:00)] Welcome to the general channel, Mary.\n"


def test_a_goodbye_ends_the_process_though_its_input_is_open() -> None:
    with chatting() as (server, process):
        server.tells(Goodbye(NOON, "shutdown", "The server shuts down."))
        assert ends(process) == (0, b"antechamber: the server shuts down\n")


def test_a_loss_is_an_exit_status_of_1_and_one_line() -> None:
    with chatting() as (server, process):
        server.hangs_up()
        assert ends(process) == (1, f"antechamber: the connection to 127.0.0.1:{server.port} was lost\n".encode())


def test_what_is_no_chat_server_is_an_exit_status_of_1_and_one_line() -> None:
    with scripted_server() as server, client(server.port) as process:
        server.answer()
        server.tells(b"220 mail.example ESMTP\r\n")
        problem = f"antechamber: what answers at 127.0.0.1:{server.port} is no chat server\n".encode()
        assert ends(process) == (1, problem)


def test_a_channels_name_is_asked_for_at_the_front_desk() -> None:
    with front_desk() as desk, scripted_server() as server:
        desk.replies["/channels"] = (200, {}, msgspec.json.encode([ChannelInfo("general", server.port, 5, 0, 0)]))
        with client("general", desk.port) as process:
            server.answer()
            assert server.line() == HELLO
            server.tells(Goodbye(NOON, "quit", "Goodbye."))
            assert ends(process) == (0, b"")


ENDS = (signal.SIGTERM, signal.SIGHUP, signal.SIGKILL)
"""The signals that end it with its connection, of which nothing is said then."""


def test_an_interrupt_before_the_conversation_has_begun_quits_quietly() -> None:
    code = SIGNALLED.format(int(signal.SIGINT)) + CODE
    with scripted_server() as server, client(server.port, code=code) as process:
        server.answer()
        assert server.line() == HELLO
        assert server.reads() == Quit()
        server.hangs_up()
        assert ends(process) == (130, b"")


def test_an_interrupt_quits_quietly() -> None:
    with chatting() as (server, process):
        reads_welcome(process)
        process.send_signal(signal.SIGINT)
        assert server.reads() == Quit()
        server.tells(Goodbye(NOON, "quit", "Goodbye."))
        server.hangs_up()
        assert ends(process) == (130, b"")


@pytest.mark.parametrize("number", ENDS[:2])
def test_a_process_that_is_ended_leaves_nothing_of_a_file_that_was_coming(
    number: signal.Signals, tmp_path: Path
) -> None:
    code = (
        f"import os; os.chdir({str(tmp_path)!r})\nfrom antechamber.client.files import saving; saving._NAMELESS = 0\n"
        + CODE
    )
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        scripted_server() as server,
        client(server.port, code=code) as process,
    ):
        server.answer()
        server.line()
        server.tells(welcome(front_desk_port=silent.getsockname()[1]))
        server.tells(Offer(NOON, "Bob", "notes.txt", 5, "t1", "/files/t1"))
        peer, _ = silent.accept()
        assert len(os.listdir(tmp_path)) == 1
        process.send_signal(number)
        assert ends(process) == (-number, b"")
        assert os.listdir(tmp_path) == []
        peer.close()


@pytest.mark.parametrize("number", ENDS)
def test_a_process_that_is_ended_before_the_conversation_has_begun_says_nothing(number: signal.Signals) -> None:
    with scripted_server() as server, client(server.port, code=SIGNALLED.format(int(number)) + CODE) as process:
        server.answer()
        assert server.line() == HELLO
        assert server.line() == b""
        assert ends(process) == (-number, b"")


@pytest.mark.parametrize("pause_seconds", ["", "10000"], ids=["plain", "reconnect"])
@pytest.mark.parametrize("number", ENDS)
def test_a_process_that_is_ended_says_nothing(number: signal.Signals, pause_seconds: str) -> None:
    with chatting(pause_seconds=pause_seconds) as (server, process):
        reads_welcome(process)
        process.send_signal(number)
        assert server.line() == b""
        assert ends(process) == (-number, b"")


def test_a_process_whose_notes_nobody_reads_ends_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(b"12345")
    pipe = tmp_path / "notes"
    os.mkfifo(pipe)
    reading = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)
    with suppress(BlockingIOError):
        while True:
            os.write(reading, b"x" * 512)
    shell = ("sh", "-c", f'exec "$@" 2>{pipe}', "sh")
    with socket.create_server(("127.0.0.1", 0)) as silent, chatting(*shell) as (server, process):
        server.tells(welcome(front_desk_port=silent.getsockname()[1]))
        assert process.stdin is not None
        process.stdin.write(f"/send Bob {path}\n".encode())
        process.stdin.flush()
        server.tells(Ticket(NOON, "t1", "/files/t1", server.reads().id))
        silent.accept()[0].close()  # of a file that is on its way at the end there would be a note
        process.send_signal(signal.SIGTERM)
        assert server.line() == b""
        assert process.wait(SECONDS_MAX) == -signal.SIGTERM
    os.close(reading)


def test_a_hangup_that_is_ignored_stays_ignored() -> None:
    with chatting("nohup") as (server, process):
        reads_welcome(process)
        process.send_signal(signal.SIGHUP)
        server.tells(Entry("general", 1, NOON, Said("Bob", "still here?")))
        assert process.stdout is not None
        assert process.stdout.readline() == b"[Bob (12:00:00)] still here?\n"
        server.tells(Goodbye(NOON, "quit", "Goodbye."))
        assert process.wait(SECONDS_MAX) == 0


def test_a_reader_who_has_gone_ends_it_quietly() -> None:
    with chatting() as (server, process):
        reads_welcome(process)
        assert process.stdout is not None
        process.stdout.close()
        server.tells(Entry("general", 1, NOON, Said("Bob", "anybody?")))
        assert server.reads() == Quit()
        server.hangs_up()
        assert ends(process) == (0, b"")


def test_an_output_that_fails_is_told_and_ends_it() -> None:
    with chatting("sh", "-c", 'exec "$@" >/dev/full', "sh") as (server, process):
        assert server.reads() == Quit()
        server.hangs_up()
        problem = b"antechamber: standard output cannot be written: No space left on device\n"
        assert ends(process) == (1, problem)


def test_a_terminal_that_is_gone_is_left_without_a_word() -> None:
    terminal, stdout = os.openpty()
    with scripted_server() as server, client(server.port, stdout=stdout) as process:
        os.close(stdout)
        server.answer()
        assert server.line() == HELLO
        os.close(terminal)
        server.tells(welcome())
        assert server.line() == b""
        problem = b"antechamber: standard output cannot be written: Input/output error\n"
        assert ends(process) == (1, problem)


def test_closed_descriptors_are_not_taken_for_the_connection() -> None:
    with chatting("sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh") as (server, process):
        server.tells(Entry("general", 1, NOON, Said("Bob", "hello")), Goodbye(NOON, "quit", "Goodbye."))
        assert server.line() == b""
        assert process.wait(SECONDS_MAX) == 0


# Coming back


def reads_of_the_loss(process: subprocess.Popen[bytes]) -> None:
    assert process.stderr is not None
    assert process.stderr.readline().endswith(b"was lost; your place in line is kept for 5 min; trying to come back\n")


def test_a_process_that_comes_back_does_so() -> None:
    with chatting(pause_seconds="0.001") as (server, process):
        server.hangs_up()
        reads_of_the_loss(process)
        server.answer()
        assert server.reads() == Resume("token")
        server.tells(resumed(1, 1), Entry("general", 1, NOON, Seated("Mary")), Goodbye(NOON, "quit", "Goodbye."))
        assert ends(process) == (0, b"antechamber: back again, in your seat; what you missed follows\n")
        assert process.stdout is not None
        assert len(process.stdout.read().splitlines()) == 2


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), *((number, -number) for number in ENDS)])
def test_a_signal_ends_a_pause(number: signal.Signals, status: int) -> None:
    with chatting(pause_seconds="10000") as (server, process):
        server.hangs_up()
        reads_of_the_loss(process)
        process.send_signal(number)
        assert ends(process) == (status, b"")


def test_an_interrupt_ends_the_wait_for_an_answer_with_a_quit() -> None:
    with chatting(pause_seconds="0.001") as (server, process):
        server.hangs_up()
        reads_of_the_loss(process)
        server.answer()
        assert server.reads() == Resume("token")
        server.tells(resumed(1, 1))
        assert process.stderr is not None
        process.stderr.readline()
        process.send_signal(signal.SIGINT)
        assert server.reads() == Quit()
        server.hangs_up()
        assert ends(process) == (130, b"")


def test_a_quit_that_is_typed_ends_a_pause() -> None:
    with chatting(pause_seconds="10000") as (server, process):
        server.hangs_up()
        reads_of_the_loss(process)
        assert process.stdin is not None
        process.stdin.write(b"/quit\n")
        process.stdin.flush()
        assert ends(process) == (0, b"")


def test_without_a_first_connection_there_is_nothing_to_come_back_to() -> None:
    with closing(Ports()) as ports, client(port := ports.take(), pause_seconds="10000") as process:
        assert ends(process) == (1, f"antechamber: nothing answers at 127.0.0.1:{port}: connection refused\n".encode())


def test_the_hello_goes_out_before_what_takes_time_is_imported() -> None:
    heavy = "msgspec argparse asyncio http.client json ssl email"
    code = f"import sys; import antechamber.client.chat; print(*(set({heavy.split()}) & set(sys.modules)))"
    ran = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": SOURCES}, capture_output=True, check=True
    )
    assert ran.stdout.split() == []


@pytest.mark.parametrize(
    ("plain", "lines", "terminals", "environ", "mode"),
    [
        (False, False, True, {"TERM": "xterm"}, "app"),
        (False, False, False, {"TERM": "xterm"}, "plain"),
        (False, True, False, {"TERM": "xterm"}, "plain"),
        (True, False, True, {"TERM": "xterm"}, "plain"),
        (False, False, True, {"TERM": "xterm", "ANTECHAMBER_PLAIN": "1"}, "plain"),
        (False, False, True, {"TERM": "xterm", "ANTECHAMBER_PLAIN": ""}, "app"),
        (False, True, True, {"TERM": "xterm"}, "lines"),
        (False, False, True, {"TERM": "xterm", "ANTECHAMBER_LINES": "1"}, "lines"),
        (False, False, True, {"TERM": "dumb"}, "lines"),
        (False, False, True, {}, "lines"),
    ],
)
def test_the_view_is_as_asked_for_and_as_the_terminal_can(
    plain: bool, lines: bool, terminals: bool, environ: dict[str, str], mode: str
) -> None:
    assert mode_of(plain, lines, terminals, environ) == mode


def test_without_the_library_a_terminal_has_lines_and_is_told_why(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(optional, "terminal_library_problem", lambda: "the network is away")

    def run(self: LineMode, conversation: Conversation) -> int:
        conversation._connection.close()
        return 7

    monkeypatch.setattr(LineMode, "run", run)
    monkeypatch.setattr(chat, "_before_it_is_ended", lambda clear_away: None)
    with scripted_server() as server:
        assert chat.run(Chat("127.0.0.1", server.port, "Mary", 1), "app") == 7
        server.answer()
        assert server.line() == HOLDING_HELLO
    assert (
        capfd.readouterr().err == "antechamber: the app is not there, so this is its line mode: the network is away\n"
    )
