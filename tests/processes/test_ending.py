"""How both programs end, and what they do without their standard input, output or error."""

import contextlib
import os
import signal
import sys

import pytest

from tests.processes.chat import THROUGH_CLIENTS, Chat
from tests.processes.programs import CHECKOUT, Ended, Programs
from tests.processes.screens import terminals_in
from tests.processes.transcript import says

SERVER = str(CHECKOUT / "chatserver.py")
CLIENT = str(CHECKOUT / "chatclient.py")
PLACE = "You are in the waiting queue and there are {} user(s) ahead of you."
ENDS = (signal.SIGTERM, signal.SIGHUP, signal.SIGKILL)
"""The signals that end a client with its connection, of which nothing is said then."""


def shell(script: str) -> list[str]:
    """Return the arguments with which Python becomes a shell that runs `script`; more are the script's own."""
    return ["-c", "import os, sys; os.execvp('sh', sys.argv[1:])", "sh", "-c", script, "sh"]


class TestTheEndOfInput:
    @THROUGH_CLIENTS
    def test_a_client_goes_on_printing(self, chat: Chat) -> None:
        mary = chat.runs("general", "Mary")
        mary.reads(says("Welcome to the general channel, Mary."), says("Mary has joined the channel."))
        chat.server.reads(says("Mary has joined the general channel."))
        [tom] = chat.seats("general", "Tom", among=[mary], kind="socket")
        mary.sends(b"no newline at the end")
        mary.stops_typing()
        chat.all_read([mary, tom, chat.server], "[Mary (<t>)] no newline at the end")
        tom.types("are you there?")
        chat.all_read([mary, tom, chat.server], "[Tom (<t>)] are you there?")

    @THROUGH_CLIENTS
    def test_of_a_socket_it_ends_the_session_once_all_is_answered(self, chat: Chat) -> None:
        [tom] = chat.seats("general", "Tom", kind="socket")
        mary = chat.programs.caller(chat.server.ports["general"], "Mary")
        chat.server.signal(signal.SIGSTOP)  # so that it finds the lines and their end at once
        mary.types("Mary", "hello", "/list", "/whisper Tom bye")
        mary.stops_sending()
        chat.server.signal(signal.SIGCONT)
        mary.reads(says("Welcome to the general channel, Mary."), says("Mary has joined the channel."))
        mary.reads("[Mary (<t>)] hello", "[Channel] general 2/5/0.", "[Channel] games 0/5/0.", "[Channel] help 0/5/0.")
        mary.ends()
        tom.reads(says("Mary has joined the channel."), "[Mary (<t>)] hello", "[Mary whispers to you: (<t>)] bye")

    def test_a_server_goes_on(self, programs: Programs, kind: str) -> None:
        chat = Chat(programs, programs.server(), kind)
        chat.server.stops_typing()
        [mary] = chat.seats("general", "Mary")
        mary.types("hello")
        chat.all_read([mary, chat.server], "[Mary (<t>)] hello")


class TestTheEnd:
    @THROUGH_CLIENTS
    def test_after_quit_a_client_exits_with_0(self, chat: Chat) -> None:
        mary = chat.runs("general", "Mary")
        mary.reads(says("Welcome to the general channel, Mary."), says("Mary has joined the channel."))
        mary.types("/quit")
        mary.exits(0)

    @THROUGH_CLIENTS
    def test_a_client_whose_name_is_taken_exits_with_1(self, chat: Chat) -> None:
        chat.seats("general", "Mary")
        other = chat.runs("general", "Mary")
        other.reads(says("Cannot connect to the general channel."))
        other.exits(1)

    def test_a_client_whose_server_dies_exits_and_says_so(self, programs: Programs) -> None:
        server = programs.server()
        mary = programs.client(server.ports["general"], "Mary")
        mary.reads(says("Welcome to the general channel, Mary."), says("Mary has joined the channel."))
        server.drops()
        mary.exits(1)
        [line] = mary.reads_errors().splitlines()
        assert "was lost" in line

    @THROUGH_CLIENTS
    def test_a_client_that_is_interrupted_leaves_as_with_quit(self, chat: Chat) -> None:
        [tom] = chat.seats("general", "Tom", kind="socket")
        mary = chat.runs("general", "Mary")
        mary.reads(says("Welcome to the general channel, Mary."), says("Mary has joined the channel."))
        tom.reads(says("Mary has joined the channel."))
        mary.signal(signal.SIGINT)
        tom.reads(says("Mary has left the channel."))
        mary.exits(130)

    @THROUGH_CLIENTS
    @pytest.mark.parametrize("number", ENDS)
    def test_a_client_that_is_ended_frees_its_seat_without_a_line(self, chat: Chat, number: signal.Signals) -> None:
        mary = chat.runs("general", "Mary")
        mary.reads(says("Welcome to the general channel, Mary."), says("Mary has joined the channel."))
        chat.server.reads(says("Mary has joined the general channel."))
        others = chat.seats("general", "one1", "one2", "one3", "one4", among=[mary], kind="socket")
        ann = chat.waits("general", "Ann", 0)
        mary.signal(number)
        mary.exits(-number)
        chat.all_read([*others, ann], says("Ann has joined the channel."))
        chat.server.reads(says("Ann has joined the general channel."))
        chat.nobody_else_read_anything([*others, ann], speaker=ann)

    @THROUGH_CLIENTS
    @pytest.mark.parametrize("number", ENDS)
    def test_a_client_that_is_ended_frees_its_place_without_a_line(self, chat: Chat, number: signal.Signals) -> None:
        seated = chat.fills("general")
        ann = chat.runs("general", "Ann")
        ann.reads(says("Welcome to the general channel, Ann."), says(PLACE.format(0)))
        bob = chat.waits("general", "Bob", 1)
        ann.signal(number)
        ann.exits(-number)
        bob.reads(says(PLACE.format(0)))
        chat.nobody_else_read_anything(seated, speaker=seated[0])

    @THROUGH_CLIENTS
    @pytest.mark.parametrize(
        ("view", "seated"),
        [("--plain", "Mary has joined the channel."), ("--lines", "Mary has joined"), ("", "You have a seat now.")],
        ids=["plain", "lines", "app"],
    )
    def test_a_client_whose_terminal_is_closed_frees_its_seat_without_a_line(
        self, chat: Chat, view: str, seated: str
    ) -> None:
        with terminals_in(chat.programs.folder) as terminals:
            words = [sys.executable, CLIENT, str(chat.server.ports["general"]), "Mary", *filter(None, [view])]
            terminals.screen("Mary", words).shows(seated)
            chat.server.reads(says("Mary has joined the general channel."))
            others = chat.seats("general", "one1", "one2", "one3", "one4", kind="socket")
            ann = chat.waits("general", "Ann", 0)
        chat.all_read([*others, ann], says("Ann has joined the channel."))
        chat.server.reads(says("Ann has joined the general channel."))
        chat.nobody_else_read_anything([*others, ann], speaker=ann)

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
    def test_a_server_that_is_told_to_end_shuts_down(self, programs: Programs, number: signal.Signals) -> None:
        chat = Chat(programs, programs.server(), "socket")
        [mary] = chat.seats("general", "Mary")
        chat.server.signal(number)
        mary.ends()
        chat.server.exits(0)


SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
AT_IMPORT = """\
import os, sys
class Signaller:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), {number:d})
sys.meta_path.insert(0, Signaller())
"""
"""Sends the process a signal as soon as it imports a module."""
AT_THE_LOGS_CLOSE = """\
import os, sys
from antechamber.log.memory import MemoryLog
def close(self):
    for number in {numbers}:
        os.kill(os.getpid(), number)
MemoryLog.close = close
"""
SERVE = """\
from antechamber.__main__ import main
sys.exit(main(["serve", "--data", ":memory:", *sys.argv[1:]]))
"""


class TestSignals:
    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    @pytest.mark.parametrize("module", ["uvloop", "antechamber.hub.hub", "antechamber.gateway.http.http11"])
    def test_that_come_while_the_server_is_still_starting_end_it(
        self, programs: Programs, module: str, number: signal.Signals
    ) -> None:
        config, _ = programs.config()
        script = AT_IMPORT.format(module=module, number=number) + SERVE
        port = str(programs.ports.take())
        pasted = programs.folder / "pasted"
        pasted.write_text("the next program's\n")
        with pasted.open("rb") as stdin:
            ended = programs.run("-c", script, str(config), "--port", port, stdin=stdin.fileno())
            assert ended == Ended(0, "", "")
            assert os.lseek(stdin.fileno(), 0, os.SEEK_CUR) == 0, "what was pasted is left to who reads next"

    def test_that_come_after_the_last_goodbye_do_nothing(self, programs: Programs) -> None:
        config, ports = programs.config()
        script = AT_THE_LOGS_CLOSE.format(numbers=[int(number) for number in SIGNALS]) + SERVE
        server = programs.start_server("-c", script, config=config, ports=ports)
        server.signal(signal.SIGTERM)
        server.exits(0)

    @pytest.mark.parametrize("second", SIGNALS)
    def test_of_two_together_the_first_ends_it(self, programs: Programs, second: signal.Signals) -> None:
        server = programs.server()
        server.signal(signal.SIGSTOP)
        for number in (signal.SIGTERM, second, signal.SIGCONT):
            server.signal(number)
        server.exits(0)
        assert "not reloaded" not in server.reads_errors()  # of two at once a SIGHUP may come first


class TestClosedOutput:
    def test_a_server_whose_standard_error_stands_still_holds_nobody_up(self, programs: Programs) -> None:
        pipe = programs.folder / "errors"
        os.mkfifo(pipe)
        reading = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)
        with contextlib.suppress(BlockingIOError):
            while True:
                os.write(reading, b"x" * 512)
        config, ports = programs.config()
        script = shell(f'exec {sys.executable} "$@" 2>{pipe}')
        server = programs.start_server(*script, SERVER, "--data", ":memory:", config=config, ports=ports)
        chat = Chat(programs, server, "socket")
        mary, tom = chat.seats("general", "Mary", "Tom")
        config.write_text(config.read_text(encoding="utf-8").replace(" 5\n", " 6\n"), encoding="utf-8")
        server.signal(signal.SIGHUP)
        listed: list[str | None] = []
        while not any("general 2/6/0." in (line or "") for line in listed):
            mary.types("/list")
            listed = [mary.next_line("a channel") for _ in range(3)]
        mary.types("hello")
        chat.all_read([mary, tom], "[Mary (<t>)] hello")
        server.signal(signal.SIGTERM)
        mary.ends()
        server.reads_up_to("[Mary (<t>)] hello")
        server.exits(0)
        os.close(reading)

    def test_a_server_nobody_reads_goes_on(self, programs: Programs, kind: str) -> None:
        chat = Chat(programs, programs.server(), kind)
        mary, tom = chat.seats("general", "Mary", "Tom")
        chat.server.stops_reading()
        for number in range(3):
            mary.types(f"line {number}")
            chat.all_read([mary, tom], f"[Mary (<t>)] line {number}")
        chat.server.types("/kick general:Mary")
        mary.ends()
        tom.reads(says("Mary has left the channel."))

    def test_a_server_whose_output_stands_still_holds_nobody_up(self, programs: Programs) -> None:
        chat = Chat(programs, programs.server(), "socket")
        mary, tom = chat.seats("general", "Mary", "Tom")
        lines = [f"{number} {'x' * 1_000}" for number in range(500)]  # more than a pipe holds
        for line in lines:
            mary.types(line)
            chat.all_read([mary, tom], f"[Mary (<t>)] {line}")
        chat.server.reads(*(f"[Mary (<t>)] {line}" for line in lines))

    @THROUGH_CLIENTS
    def test_a_client_nobody_reads_leaves(self, chat: Chat) -> None:
        [tom] = chat.seats("general", "Tom", kind="socket")
        mary = chat.runs("general", "Mary")
        mary.reads(says("Welcome to the general channel, Mary."), says("Mary has joined the channel."))
        tom.reads(says("Mary has joined the channel."))
        mary.stops_reading()
        tom.types("hello")
        tom.reads("[Tom (<t>)] hello", says("Mary has left the channel."))


@pytest.mark.parametrize("closed", ["<&-", "2>&-", "<&- >&- 2>&-"])
def test_descriptors_that_are_closed_are_nobodys(programs: Programs, closed: str) -> None:
    """Lest a socket or the log take the number of a standard descriptor, and be written to as such."""
    config, ports = programs.config()
    script = f'exec {sys.executable} "$@" {closed}'
    server = programs.start_server(*shell(script), SERVER, config=config, ports=ports)
    mary = programs.start("Mary", *shell(script.replace(" >&-", "")), CLIENT, str(ports["general"]), "Mary")
    mary.reads(says("Welcome to the general channel, Mary."), says("Mary has joined the channel."))
    server.signal(signal.SIGTERM)
    mary.exits(0)
    if ">&-" not in closed.split():
        server.reads(says("Mary has joined the general channel."))
    server.exits(0)


@pytest.mark.parametrize("launcher", [SERVER, CLIENT])
def test_what_goes_to_a_standard_error_that_is_closed_goes_nowhere(programs: Programs, launcher: str) -> None:
    script = f'exec {sys.executable} "$@" 2>&-'
    port = programs.ports.take()
    arguments = [str(port), "Mary"] if launcher == CLIENT else ["nowhere"]
    assert programs.run(*shell(script), launcher, *arguments) == Ended(1, "", "")
