"""Pages and the real server: they talk with people at the channels' ports, outlive a kill, and end in order."""

import json
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.frames import CloseCode
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.processes.programs import CHECKOUT, Programs, Server
from tests.processes.transcript import SECONDS_MAX, says

SERVER = str(CHECKOUT / "chatserver.py")
REQUEST = b"""\
GET /ws HTTP/1.1\r
Host: 127.0.0.1\r
Connection: Upgrade\r
Upgrade: websocket\r
Sec-WebSocket-Version: 13\r
Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r
\r
"""


class Page:
    """A page's connection, over a library of its own."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self._lines: list[str] = []

    def asks(self, **command: Any) -> None:
        """Send a command."""
        self.connection.send(json.dumps(command))

    def reads(self, kind: str) -> dict[str, Any]:
        """Read up to a line of this type, and return its object."""
        while True:
            found = self._next()
            if found["type"] == kind:
                return found

    def hears(self, text: str) -> int:
        """Read up to the entry in which this is said; return its number."""
        while True:
            entry = self.reads("entry")
            if entry["event"].get("text") == text:
                return int(entry["sequence"])

    def reads_the_end(self) -> tuple[list[dict[str, Any]], int | None]:
        """Read up to the end; return what came, and with which code it ended."""
        came = []
        try:
            while True:
                came.append(self._next())
        except ConnectionClosed:
            return came, self.connection.close_code

    def _next(self) -> dict[str, Any]:
        while not self._lines:
            self._lines = str(self.connection.recv(SECONDS_MAX)).splitlines()
        found: dict[str, Any] = json.loads(self._lines.pop(0))
        return found


class Browser:
    """Opens pages, and closes them in the end."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack

    def opens(self, server: Server) -> Page:
        """Open a page's connection as soon as the server lets it in."""
        url = f"ws://127.0.0.1:{server.front_desk_port}/ws"
        name = Subprotocol("antechamber.jsonl")
        connection = connect(url, subprotocols=[name], compression=None, ping_interval=None, close_timeout=0.1)
        self._stack.enter_context(connection)
        assert connection.subprotocol == name
        return Page(connection)

    def joins(self, server: Server, name: str, channel: str = "general") -> tuple[Page, str]:
        """Open one, and enter; return the token too."""
        page = self.opens(server)
        page.asks(type="hello", name=name, channel=channel)
        return page, str(page.reads("welcome")["token"])


@pytest.fixture
def browser() -> Iterator[Browser]:
    with ExitStack() as stack:
        yield Browser(stack)


def test_a_page_and_a_person_at_a_port_talk(programs: Programs, browser: Browser) -> None:
    server = programs.server()
    mary, _ = browser.joins(server, "Mary")
    server.reads(says("Mary has joined the general channel."))
    tom = programs.caller(server.ports["general"], "Tom")
    tom.types("Tom")
    tom.reads(says("Welcome to the general channel, Tom."), says("Tom has joined the channel."))
    mary.asks(type="say", text="hello Tom")
    tom.reads("[Mary (<t>)] hello Tom")
    tom.types("hello Mary", "/whisper Mary psst")
    tom.reads("[Tom (<t>)] hello Mary")
    mary.hears("hello Mary")
    assert mary.reads("whispered")["text"] == "psst"
    mary.asks(type="whisper", to="Tom", text="yes?")
    tom.reads("[Mary whispers to you: (<t>)] yes?")


def test_a_page_waits_for_a_seat_that_a_person_at_a_port_leaves(programs: Programs, browser: Browser) -> None:
    server = programs.server()
    people = [programs.caller(server.ports["general"], f"n{number}") for number in range(5)]
    for person in people:
        person.types(person.name)
        person.reads_up_to(says(f"{person.name} has joined the channel."))
    mary, _ = browser.joins(server, "Mary")
    assert mary.reads("place")["ahead"] == 0
    people[0].types("/quit")
    assert mary.reads("entry")["event"] == {"type": "seated", "name": "Mary"}


def test_after_a_kill_a_page_comes_back_by_its_token_and_reads_on_without_a_gap_or_a_double(
    programs: Programs, browser: Browser, tmp_path: Path
) -> None:
    path, ports = programs.config()
    launched = (SERVER, "--data", str(tmp_path / "chat.db"))
    server = programs.start_server(*launched, config=path, ports=ports)
    mary, token = browser.joins(server, "Mary")
    tom, _ = browser.joins(server, "Tom")
    tom.asks(type="say", text="one")
    last = mary.hears("one")
    server.drops()
    assert mary.reads_the_end() == ([], CloseCode.ABNORMAL_CLOSURE)

    server = programs.start_server(*launched, config=path, ports=ports)
    again = browser.opens(server)
    again.asks(type="resume", token=token, after=last)
    resumed = again.reads("resumed")
    assert (resumed["name"], resumed["seated"], resumed["first"]) == ("Mary", True, last + 1)
    again.asks(type="say", text="two")
    assert again.hears("two") == resumed["last"] + 1
    assert (resumed["last"], resumed["first"]) == (last, last + 1)


@pytest.mark.parametrize("cut", [True, False])
def test_a_hello_whose_answer_was_lost_is_said_again_and_meets_no_ghost(
    programs: Programs, browser: Browser, cut: bool
) -> None:
    server = programs.server()
    hello = {"type": "hello", "name": "Mary", "channel": "general", "key": "k" * 32}
    first = browser.opens(server)
    first.asks(**hello)
    server.reads(says("Mary has joined the general channel."))
    if cut:
        again = browser.opens(server)
        again.asks(**hello)
        again.reads("resumed")  # so that it is held, though it has hardly come in
        again.connection.close()
    stranger = browser.opens(server)
    stranger.asks(**hello | {"key": "another"})
    assert stranger.reads("refusal")["code"] == "name-taken"
    again = browser.opens(server)
    again.asks(**hello)
    resumed = again.reads("resumed")
    assert (resumed["name"], resumed["channel"], resumed["seated"]) == ("Mary", "general", True)
    assert again.reads("entry")["event"] == {"type": "seated", "name": "Mary"}
    again.asks(type="say", text="here I am")
    again.hears("here I am")


def test_at_a_shutdown_hundreds_of_pages_are_told_and_those_who_do_not_answer_hold_nothing_up(
    programs: Programs, browser: Browser
) -> None:
    server = programs.server(seats=300)
    pages = [browser.joins(server, f"n{number}")[0] for number in range(200)]
    looking = browser.opens(server)
    looking.asks(type="watch")
    looking.reads("channels")
    deaf = programs.caller(server.front_desk_port, "deaf")
    deaf.sends(REQUEST)
    deaf.reads("HTTP/1.1 101 Switching Protocols\r")
    server.catches_up("up-to-here")
    server.signal(signal.SIGTERM)
    for page in (*pages, looking):
        came, code = page.reads_the_end()
        assert (came[-1]["type"], came[-1]["reason"], code) == ("goodbye", "shutdown", CloseCode.GOING_AWAY)
    server.exits(0)


def test_a_reload_lets_pages_be(programs: Programs, browser: Browser) -> None:
    path, ports = programs.config()
    server = programs.start_server(SERVER, "--data", ":memory:", config=path, ports=ports)
    mary, _ = browser.joins(server, "Mary")
    path.write_text(path.read_text(encoding="utf-8").replace(f"{ports['games']} 5", f"{ports['games']} 7"))
    server.signal(signal.SIGHUP)
    server.tells("games has 7 seats, not 5")
    mary.asks(type="say", text="still here")
    mary.hears("still here")
