"""The server's console in a real terminal, and its new commands in a pipe."""

import os
import pty
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.processes.chat import Chat
from tests.processes.programs import CHECKOUT, Programs
from tests.processes.screens import Screen, Terminals, terminals_in
from tests.processes.transcript import SECONDS_MAX, says


@pytest.fixture
def terminals(programs: Programs) -> Iterator[Terminals]:
    with terminals_in(programs.folder) as terminals:
        yield terminals


def starts(programs: Programs, terminals: Terminals, env: str = "", options: str = "") -> tuple[Screen, dict[str, int]]:
    """Start a server in a terminal, which shows its exit status at the end; return its ports as well."""
    config, ports = programs.config(5)
    desk = programs.ports.take()
    command = f"{sys.executable} {CHECKOUT / 'chatserver.py'} {config} --port {desk} --data :memory: --host 127.0.0.1"
    script = f"{env} {command} {options}; echo status $?; stty -a | grep -c -- ' echo '; exec cat"
    screen = terminals.screen("server", ["sh", "-c", script], 100, 30)
    screen.shows("to stop")
    return screen, ports


def process_in(terminals: Terminals) -> int:
    """Return the id of what runs in the shell of the server's terminal."""
    pane = terminals.run("list-panes", "-t", "server", "-F", "#{pane_pid}").strip()
    return int(Path(f"/proc/{pane}/task/{pane}/children").read_text().split()[0])


def test_what_the_operator_types_stays_whole_while_a_hundred_messages_arrive(
    programs: Programs, terminals: Terminals
) -> None:
    server, ports = starts(programs, terminals)
    server.shows("antechamber>")
    mary = programs.caller(ports["general"], "Mary")
    mary.types("Mary")
    server.shows("Mary has joined the general channel.")
    server.writes("/kick gen")
    server.shows("antechamber> /kick gen")
    for number in range(100):
        mary.types(f"message {number}")
    server.shows("message 99", "antechamber> /kick gen")
    server.presses("Tab")
    server.shows("antechamber> /kick general:")
    server.writes("M")
    server.presses("Tab")
    server.shows("antechamber> /kick general:Mary")
    server.presses("Enter")
    server.shows("Kicked Mary.")
    server.types("/mute Mary", "hello", "/kik")
    server.shows("Usage: /mute CHANNEL:NAME SECONDS", "write /say CHANNEL TEXT", "There is no command /kik")
    server.presses("Up")
    server.shows("antechamber> /kik")
    server.presses("C-c")
    server.types("/help", "/shutdown")
    assert not server.shows("status 0\n1").count("Traceback")
    mary.drops()


def test_an_interrupt_ends_the_server_and_gives_the_terminal_back(programs: Programs, terminals: Terminals) -> None:
    server, _ = starts(programs, terminals)
    server.shows("antechamber>")
    server.presses("C-c")
    server.shows("status 0\n1")


def test_a_terminated_server_leaves_nothing_of_a_half_typed_line(programs: Programs, terminals: Terminals) -> None:
    server, _ = starts(programs, terminals)
    server.shows("\nantechamber>")
    server.writes("/kick gen")
    server.shows("antechamber> /kick gen")
    os.kill(process_in(terminals), signal.SIGTERM)
    assert "antechamber>" not in server.shows("status 0\n1")


def test_a_terminal_that_takes_nothing_holds_up_no_shutdown_and_is_given_back(programs: Programs) -> None:
    config, ports = programs.config(5)
    words = [sys.executable, str(CHECKOUT / "chatserver.py"), str(config), "--port", str(programs.ports.take())]
    master, slave = pty.openpty()
    before = termios.tcgetattr(slave)
    environment = programs.environment() | {"TERM": "xterm"}
    server = subprocess.Popen(
        [*words, "--data", ":memory:"], stdin=slave, stdout=slave, stderr=subprocess.DEVNULL, env=environment
    )
    try:
        shown = b""
        while b"antechamber>" not in shown:
            shown += os.read(master, 65_536)
        assert termios.tcgetattr(slave) != before
        fill(os.ttyname(slave))
        mary = programs.caller(ports["general"], "Mary")
        mary.types("Mary")
        mary.reads(says("Welcome to the general channel, Mary."), says("Mary has joined the channel."))
        server.terminate()
        assert server.wait(SECONDS_MAX) == 0
        assert termios.tcgetattr(slave) == before
    finally:
        server.kill()
        server.wait()
        os.close(master)
        os.close(slave)


def fill(terminal: str) -> None:
    """Write to a terminal that nobody reads until it takes nothing more."""
    writing = os.open(terminal, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
    with suppress(BlockingIOError):
        while True:
            os.write(writing, b"x" * 1_000)
    os.close(writing)


def test_the_log_stands_above_the_line_that_is_typed_and_a_new_size_keeps_it(
    programs: Programs, terminals: Terminals
) -> None:
    server, _ = starts(programs, terminals, options="--log-level info")
    server.shows("\nantechamber>")
    server.writes("/kick gen")
    server.shows("antechamber> /kick gen")
    os.kill(process_in(terminals), signal.SIGHUP)
    server.shows("reload", "\nantechamber> /kick gen\n")
    server.is_resized_to(60, 12)
    server.writes("e")
    server.shows("antechamber> /kick gene\n")
    server.presses("Tab")
    server.shows("antechamber> /kick general:\n")
    server.presses("C-c")
    server.types("/shutdown")
    server.shows("status 0\n1")


def test_a_server_that_is_stopped_and_goes_on_has_its_prompt_again(programs: Programs, terminals: Terminals) -> None:
    config, _ = programs.config(5)
    command = f"{sys.executable} {CHECKOUT / 'chatserver.py'} {config} --port {programs.ports.take()} --data :memory:"
    shell = terminals.screen("server", ["bash", "--norc"], 200, 40)
    shell.types("PS1='shell> '", command)
    shell.shows("to stop", "\nantechamber>")
    job = process_in(terminals)
    try:
        stop_and_go_on(shell)
        shell.types("/shutdown")
        shell.shows("\nshell>\n")
        shell.types("echo status $?")
        shell.shows("\nstatus 0")
    finally:
        with suppress(ProcessLookupError):  # a job of the shell's outlives its terminal
            os.kill(job, signal.SIGKILL)


def stop_and_go_on(shell: Screen) -> None:
    """Press Ctrl-Z on a half-typed line and go on, often, and see that its keys work each time."""
    for _ in range(5):
        shell.writes("/kick gen")
        shell.shows("\nantechamber> /kick gen")
        shell.presses("C-z")
        shell.shows("Stopped", "\nshell>")
        shell.types("clear; echo back")
        shell.shows("\nshell>", "back")
        shell.types("fg")
        shell.shows("\nantechamber> /kick gen")
        shell.presses("Tab")
        shell.shows("\nantechamber> /kick general:")
        shell.presses("C-c")
        shell.shows("\nantechamber>\n")


def test_a_plain_console_is_there_for_who_wants_it(programs: Programs, terminals: Terminals) -> None:
    server, _ = starts(programs, terminals, "ANTECHAMBER_PLAIN=1")
    server.types("/list")
    assert "antechamber>" not in server.shows("[Channel] general 0/5/0.")
    server.types("/shutdown")
    server.shows("status 0\n1")


def test_the_new_commands_work_in_a_pipe_and_all_else_is_ignored_there(programs: Programs) -> None:
    chat = Chat(programs, programs.server(), "socket")
    [mary] = chat.seats("general", "Mary")
    server = chat.server
    server.types("/list")
    server.reads("[Channel] general 1/5/0.", "[Channel] games 0/5/0.", "[Channel] help 0/5/0.")
    server.types("/who general")
    server.reads("[Who] general: Mary.")
    server.types("/who")
    server.reads("[Who] general: Mary.", "[Who] games: nobody is seated.", "[Who] help: nobody is seated.")
    server.types("/who nowhere")
    server.reads(says("nowhere does not exist."))
    server.types("hello")
    server.types("/mute general:Mary")
    server.types("/say general Tea  at 5")
    server.reads(says("Told general: Tea  at 5"))
    mary.reads(says("Tea  at 5"))
    server.types("/help")
    assert "".join(server.next_line("help") or "" for _ in range(11)).count("/") >= 11


def test_a_redirected_standard_error_stays_redirected(programs: Programs, terminals: Terminals) -> None:
    config, _ = programs.config(5)
    errors = programs.folder / "errors"
    words = [sys.executable, str(CHECKOUT / "chatserver.py"), str(config), "--port", str(programs.ports.take())]
    script = f"{' '.join(words)} --data :memory: --log-level info --host 127.0.0.1 2>{errors}; exec cat"
    server = terminals.screen("server", ["sh", "-c", script], 100, 30)
    server.shows("antechamber>")
    server.types("/list")
    server.shows("[Channel] help 0/5/0.")
    os.kill(process_in(terminals), signal.SIGHUP)
    deadline = time.monotonic() + SECONDS_MAX
    while "reload" not in errors.read_text():
        assert time.monotonic() < deadline, errors.read_text()
        time.sleep(0.01)
    server.types("/shutdown")
    server.shows("/shutdown")
    assert "reload" not in server.shown()
