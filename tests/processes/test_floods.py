"""Floods of connections and of commands on the real programs: those who are inside notice nothing of them."""

import contextlib
import http.client
import json
import resource
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes.json_members import Rich, history, seats, toml
from tests.processes.programs import Caller, Programs, Server
from tests.processes.transcript import SECONDS_MAX, says

FULL = "The server is full: it takes no more connections. Try again in a moment."


def with_open_files(count: int) -> list[str]:
    """Return the command that runs the one after it with so many open files at most."""
    return ["sh", "-c", f'ulimit -n {count}; exec "$@"', "sh"]


@pytest.fixture
def strangers() -> Iterator[list[socket.socket]]:
    """Give a list of sockets that are closed in the end; the test has open files for thousands, where it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 4_096
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted if hard == resource.RLIM_INFINITY else min(hard, wanted), hard))
    found: list[socket.socket] = []
    yield found
    for stranger in found:
        stranger.close()
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def knock(port: int, count: int) -> list[socket.socket]:
    return [socket.create_connection(("127.0.0.1", port), SECONDS_MAX) for _ in range(count)]


def read_to_the_end(stranger: socket.socket) -> bytes:
    data = b""
    with contextlib.suppress(ConnectionResetError):
        while piece := stranger.recv(65_536):
            data += piece
    return data


def talk(members: list[Rich], *texts: str) -> None:
    """Say these as the first of `members`, one after the other, and wait until each has read them."""
    for text in texts:
        members[0].says(text)
        for member in members:
            member.reads_said(text)


def refused(caller: Caller) -> tuple[str, str]:
    """Read a refusal and the goodbye after it; return the code of one and the reason of the other."""
    lines = [json.loads(line) for line in caller.reads_the_rest()]
    assert [line["type"] for line in lines] == ["refusal", "goodbye"]
    return lines[0]["code"], lines[1]["reason"]


def test_thousands_who_never_speak_or_let_bytes_drip_are_closed_in_time_and_nobody_inside_notices(
    programs: Programs, strangers: list[socket.socket]
) -> None:
    config = toml(programs, {"hello_seconds_max": 2, "commands_per_second_max": 0})
    config.starts(programs.folder / "chat.db")
    port = config.ports["general"]
    members = seats(programs, port, "Mary", "Bob")
    allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    strangers += knock(port, min(2_000, allowed - 200))
    silent, dripping = strangers[200:], strangers[:200]
    rounds = 0
    while dripping:
        rounds += 1
        for stranger in list(dripping):
            try:
                stranger.send(b"{")
            except OSError:  # it was closed
                dripping.remove(stranger)
        talk(members, f"round {rounds}")
    for stranger in silent:
        assert read_to_the_end(stranger).endswith(b"You were disconnected: you did not say who you are.\n")
    for stranger in strangers:
        read_to_the_end(stranger)
        stranger.close()
    ann = Rich(programs, port, "Ann")
    ann.reads_event("seated", name="Ann")


def test_a_full_server_says_so_to_each_in_its_own_way_and_lets_in_who_comes_back(programs: Programs) -> None:
    config = toml(programs, {"sessions_max": 3})
    server = config.starts(programs.folder / "chat.db")
    port = config.ports["general"]
    mary, bob = members = seats(programs, port, "Mary", "Bob")
    silent = programs.caller(port, "silent")
    rich, plain = programs.caller(port, "rich"), programs.caller(port, "plain")
    rich.types('{"type":"hello","name":"Rich"}')
    assert refused(rich) == ("server-full", "refused")
    plain.types("Plain")
    plain.reads(says(FULL))
    plain.ends()
    client = programs.client(port, "Client")
    client.reads(says(FULL))
    client.exits(1)
    talk(members, "meanwhile")

    bob.drops()
    other = programs.caller(port, "other")  # takes the place of the connection that was lost
    talk([mary], "missed by Bob")
    assert bob.comes_back()["last"] == mary.after
    talk(members, "everybody is there")
    late = programs.caller(port, "late")
    late.types("Late")
    late.reads(says(FULL))
    late.ends()
    silent.close()
    other.close()
    comes_in(programs, port, "Late")
    assert "the server is full" in server.tells("the server is full")


def test_hundreds_who_say_hello_and_hang_up_hold_up_nobody(programs: Programs) -> None:
    config = toml(programs, {"held_visit_seconds_min": 5})
    config.starts(programs.folder / "chat.db")
    port = config.ports["general"]
    first, *_ = seats(programs, port, "Mary", "Bob", "Eve", "Joe", "Zoe")
    for number in range(300):
        with socket.create_connection(("127.0.0.1", port)) as ghost:
            ghost.sendall(b'{"type":"hello","name":"ghost%d"}\n' % number)
    late = Rich(programs, port, "Late")
    first.asks("quit")
    while (line := late.reads_something())["type"] == "place":
        pass
    assert line["event"]["type"] == "seated"
    assert line["event"]["name"] == "Late"


def comes_in(programs: Programs, port: int, name: str) -> Caller:
    """Try until there is room: what was closed before is gone as soon as the server has seen it."""
    deadline = time.monotonic() + SECONDS_MAX
    while time.monotonic() < deadline:
        caller = programs.caller(port, name)
        caller.types(name)
        line = caller.next_line("an answer")
        if line is not None and "Welcome" in line:
            return caller
        caller.close()
    pytest.fail(f"{name} is never let in")


def wait_until_healthy(server: Server) -> None:
    """Ask the front desk until it answers."""
    deadline = time.monotonic() + SECONDS_MAX
    while time.monotonic() < deadline:
        desk = http.client.HTTPConnection("127.0.0.1", server.front_desk_port, timeout=SECONDS_MAX)
        with contextlib.closing(desk), contextlib.suppress(OSError, http.client.HTTPException):
            desk.request("GET", "/healthz")
            assert desk.getresponse().read() == b"ok"
            return
    pytest.fail("the front desk never answers")


class Flood:
    """Strangers at a channel's port and at the front desk, who say nothing."""

    def __init__(self, programs: Programs, server: Server, strangers: list[socket.socket]) -> None:
        self._programs = programs
        self._server = server
        self._strangers = strangers

    def comes(self, port: int, count: int) -> None:
        """Open so many connections to each of both."""
        self._strangers += knock(port, count) + knock(self._server.front_desk_port, count)

    def goes(self, port: int, members: list[Rich], name: str) -> None:
        """Close all of them; then `name` gets in and leaves again, and the front desk answers."""
        for stranger in self._strangers:
            stranger.close()
        self._strangers.clear()
        comes_in(self._programs, port, name).close()
        for member in members:
            member.reads_up_to_event("left", name=name)
        wait_until_healthy(self._server)


def test_with_few_open_files_newcomers_are_refused_before_the_server_lacks_any(
    programs: Programs, strangers: list[socket.socket]
) -> None:
    data: Path = programs.folder / "chat.db"
    config = toml(programs, {"sessions_max": 1_000, "idle_seconds_max": 0})
    server = config.starts(data, *with_open_files(64))
    port = config.ports["general"]
    server.tells("too few open files for sessions_max")
    members = seats(programs, port, "Mary", "Bob")
    flood = Flood(programs, server, strangers)
    flood.comes(port, 200)
    server.tells("the server is full")
    talk(members, *map(str, range(100)))
    flood.goes(port, members, "Ann")
    talk(members, "quiet again")
    server.drops()
    assert "connections cannot be accepted" not in server.reads_errors()
    assert len([line for line in history(programs, data) if line["event"]["type"] == "said"]) == 101


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="the system cannot bound a running process")
def test_running_out_of_open_files_stops_newcomers_alone_and_they_get_in_when_there_are_some_again(
    programs: Programs, strangers: list[socket.socket]
) -> None:
    data: Path = programs.folder / "chat.db"
    config = toml(programs, {"idle_seconds_max": 0})
    server = config.starts(data)
    port = config.ports["general"]
    members = seats(programs, port, "Mary", "Bob")
    wait_until_healthy(server)
    bounds = resource.prlimit(server.pid, resource.RLIMIT_NOFILE)
    flood = Flood(programs, server, strangers)
    for name in ("Ann", "Ben"):
        open_now = len(list(Path(f"/proc/{server.pid}/fd").iterdir()))
        resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (open_now + 5, bounds[1]))
        flood.comes(port, 200)
        server.tells("connections cannot be accepted")
        talk(members, *map(str, range(100)))  # each of which is kept on disk
        resource.prlimit(server.pid, resource.RLIMIT_NOFILE, bounds)
        flood.goes(port, members, name)
    server.drops()
    assert len([line for line in history(programs, data) if line["event"]["type"] == "said"]) == 200


def test_who_floods_is_refused_and_the_others_go_on_talking(programs: Programs) -> None:
    config = toml(programs, {"commands_per_second_max": 20, "commands_burst_max": 50})
    config.starts(programs.folder / "chat.db")
    mary, bob, flood = members = seats(programs, config.ports["general"], "Mary", "Bob", "Flood")
    for number in range(1_500):
        flood.asks("say", text="x", id=str(number))
    mary.says("hello")
    for member in members[:2]:
        member.reads_up_to_event("said", text="hello")
        assert 40 < member.said.count("x") < 1_000
    refusals = 0
    while refusals < 1_000:
        line = flood.reads_something()
        if line["type"] == "refusal":
            refusals += 1
            assert line["code"] == "too-fast"
    flood.asks("quit")
    while line["type"] != "goodbye":
        line = flood.reads_something()
    assert line["reason"] == "quit"
    bob.reads_up_to_event("left", name="Flood", reason="quit")
