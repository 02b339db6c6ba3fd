"""A start on a terminal says there where people come in, and anywhere else it says nothing."""

import http.client
import re
import socket
import sys
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.processes.programs import CHECKOUT, Programs
from tests.processes.screens import Screen, Terminals, terminals_in
from tests.processes.transcript import says

SERVER = str(CHECKOUT / "chatserver.py")
CLIENT = str(CHECKOUT / "chatclient.py")


@pytest.fixture
def terminals(programs: Programs) -> Iterator[Terminals]:
    with terminals_in(programs.folder) as terminals:
        yield terminals


class House:
    """A config, and a server with it in a terminal."""

    def __init__(self, programs: Programs, terminals: Terminals) -> None:
        self.programs = programs
        self.config, self.ports = programs.config()
        self.desk = programs.ports.take()
        self.data = programs.folder / "chat.db"
        self._terminals = terminals

    def starts(self, *options: str, redirected: str = "") -> Screen:
        """Start a server in a terminal; a shell may redirect some of what it reads and writes."""
        where = ("--port", str(self.desk), "--data", str(self.data))
        words = [sys.executable, SERVER, str(self.config), *where, *options]
        return self._terminals.screen("server", ["sh", "-c", f'"$@" {redirected}; echo "exit $?"; cat', "sh", *words])

    def replies(self) -> int:
        """Ask the front desk once, and return the status of its answer."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.desk, timeout=20)) as connection:
            connection.request("GET", "/channels")
            return connection.getresponse().status


@pytest.fixture
def house(programs: Programs, terminals: Terminals) -> House:
    return House(programs, terminals)


def test_a_start_says_where_people_come_in_and_all_of_it_is_so(house: House) -> None:
    server = house.starts()
    shown = server.shows("antechamber: ready", "to stop         type /shutdown, or press Ctrl-C")
    assert house.replies() == 200
    general, games, help_ = house.ports.values()
    assert f"in a browser    http://localhost:{house.desk}/\n" in shown
    assert f"in a terminal   python3 {CLIENT} {general} YOUR-NAME\n" in shown
    assert f"(general {general}, games {games}, help {help_})\n" in shown
    link = house.programs.antechamber(
        "operator-link", str(house.config), "--port", str(house.desk), "--data", str(house.data)
    )
    assert f"to operate      {link.stdout}" in shown
    assert "IRC" not in shown
    mary = house.programs.client(general, "Mary")
    mary.reads(says("Welcome to the general channel, Mary."), says("Mary has joined the channel."))
    server.shows("Mary has joined the general channel.")
    server.types("/shutdown")
    server.shows("exit 0")
    mary.exits(0)


def test_irc_and_addresses_for_everybody_are_said_too(house: House) -> None:
    irc = house.programs.ports.take()
    shown = house.starts("--host", "0.0.0.0", "--irc", str(irc)).shows("to stop")
    assert f"http://localhost:{house.desk}/\n" in shown
    assert f"by IRC          /connect localhost {irc}\n" in shown
    assert "this machine's name or address in place of localhost" in shown


def test_what_goes_to_a_file_has_no_secret(house: House) -> None:
    errors = house.programs.folder / "errors"
    server = house.starts(redirected=f"2>{errors}")
    server.types("/shutdown")
    shown = server.shows("exit 0")
    assert "antechamber: " not in shown
    assert "#" not in shown
    assert errors.read_text() == ""


def test_a_standard_output_that_is_a_pipe_stays_the_transcript(house: House) -> None:
    output = house.programs.folder / "output"
    server = house.starts(redirected=f">{output}")
    server.shows("antechamber: ready", "to operate")
    server.types("/empty nowhere", "/shutdown")
    server.shows("exit 0")
    assert re.fullmatch(r"\[Server message \(\S+\)\] nowhere does not exist.\n", output.read_text())


def test_who_cannot_type_there_is_not_told_to(house: House) -> None:
    shown = house.starts(redirected="</dev/null").shows("to stop")
    assert "to stop         press Ctrl-C\n" in shown


def test_a_server_that_cannot_start_is_not_ready(house: House) -> None:
    with closing(socket.create_server(("127.0.0.1", house.desk))):
        shown = house.starts().shows("exit 1")
    assert f"port {house.desk} is taken" in shown
    assert "ready" not in shown
    assert "operator" not in shown
