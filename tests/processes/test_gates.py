"""Strangers at the real server's doors: what web pages could have a browser do, and floods that nobody notices."""

import base64
import contextlib
import http.client
import socket
from typing import Any

import pytest

from tests.processes.irc import IrcUser
from tests.processes.json_members import seats
from tests.processes.programs import Programs, Server
from tests.processes.test_irc import irc_server
from tests.processes.transcript import SECONDS_MAX, says

BODY = "NICK evil\r\nUSER evil 0 * :evil\r\nJOIN #general\r\nPRIVMSG #general :bought from a page\r\n"


def sent(port: int, data: bytes) -> bytes:
    """Send something to a port, and return all that comes until the connection ends."""
    came = b""
    with socket.create_connection(("127.0.0.1", port), SECONDS_MAX) as peer, contextlib.suppress(ConnectionError):
        peer.sendall(data)
        while data := peer.recv(65_536):
            came += data
    return came


def request(port: int, body: str) -> bytes:
    """Return what a browser sends for a page that posts a text somewhere else."""
    head = f"POST / HTTP/1.1\r\nHost: localhost:{port}\r\nOrigin: http://evil.example\r\nContent-Type: text/plain\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode()


def test_a_web_page_speaks_neither_irc_nor_plain_text_nor_json(programs: Programs) -> None:
    server, irc = irc_server(programs)
    general = server.ports["general"]
    mary = IrcUser(programs, irc, "Mary")
    mary.joins("#general")
    assert sent(irc, request(irc, BODY)) == b""
    assert sent(general, request(general, "evil\r\nhello everybody\r\n")) == b""
    assert sent(general, request(general, '{"type":"hello","name":"evil"}\n{"type":"say","text":"hello"}\n')) == b""
    assert sent(irc, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500)) == b""
    mary.sends("NAMES #general", "PING end")
    mary.reads_up_to(":irc.antechamber 353 Mary = #general :Mary")
    mary.reads_up_to(":irc.antechamber PONG irc.antechamber :end")


def healthy(server: Server) -> bool:
    desk = http.client.HTTPConnection("127.0.0.1", server.front_desk_port, timeout=SECONDS_MAX)
    try:
        desk.request("GET", "/healthz")
        return desk.getresponse().read() == b"ok"
    finally:
        desk.close()


@pytest.fixture
def sockets() -> Any:
    """Give a list of sockets that are closed in the end."""
    opened: list[socket.socket] = []
    yield opened
    for each in opened:
        each.close()


def test_a_flood_of_pings_ends_its_websockets_and_members_talk_on(
    programs: Programs, sockets: list[socket.socket]
) -> None:
    server = programs.server(data=":memory:")
    members = seats(programs, server.ports["general"], "Mary", "Bob")
    key = base64.b64encode(bytes(16)).decode()
    opening = (
        f"GET /ws HTTP/1.1\r\nHost: localhost:{server.front_desk_port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"
    ).encode()
    for _ in range(16):
        peer = socket.create_connection(("127.0.0.1", server.front_desk_port), SECONDS_MAX)
        sockets.append(peer)
        with contextlib.suppress(ConnectionError):
            peer.sendall(opening + b"\x89\x80\0\0\0\0" * 43_690)
    for number in range(20):
        members[0].says(f"still here {number}")
        for member in members:
            member.reads_said(f"still here {number}")
    for peer in sockets:
        came = b""
        with contextlib.suppress(ConnectionError):
            while data := peer.recv(65_536):
                came += data
        assert b"\x03\xf0" in came, "it was closed with 1008"
    assert healthy(server)


def test_requests_whose_answers_nobody_reads_hold_up_neither_the_chat_nor_the_front_desk(
    programs: Programs, sockets: list[socket.socket]
) -> None:
    server = programs.server(data=":memory:")
    members = seats(programs, server.ports["general"], "Mary")
    requests = b"GET /web/js/chat.js HTTP/1.1\r\nHost: localhost\r\n\r\n" * 200
    for _ in range(128):
        peer = socket.create_connection(("127.0.0.1", server.front_desk_port), SECONDS_MAX)
        sockets.append(peer)
        peer.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            peer.send(requests)
    for number in range(10):
        assert healthy(server)
        members[0].says(f"still here {number}")
        members[0].reads_said(f"still here {number}")


def test_a_flood_at_the_plain_port_is_overtaken_by_who_says_one_thing(
    programs: Programs, sockets: list[socket.socket]
) -> None:
    server = programs.server(data=":memory:", seats=30)
    bob = programs.client(server.ports["general"], "Bob")
    bob.reads(says("Welcome to the general channel, Bob."), says("Bob has joined the channel."))
    for number in range(8):
        peer = socket.create_connection(("127.0.0.1", server.ports["games"]), SECONDS_MAX)
        sockets.append(peer)
        peer.sendall(f"Flood{number}\n".encode())
        peer.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            peer.send(b"/list\n" * 10_000 + b"\n" * 60_000)
    for number in range(10):
        bob.types(f"still here {number}")
        bob.reads(f"[Bob (<t>)] still here {number}")
