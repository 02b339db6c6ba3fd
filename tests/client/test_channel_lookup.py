"""Finding a channel's port by its name."""

import socket
import threading
from collections.abc import Iterator

import msgspec
import pytest

from antechamber.client import channel_lookup as lookup
from antechamber.client.channel_lookup import channel_port
from antechamber.client.server_connection import ConnectionProblem, NoSuchChannel
from antechamber.protocol.notices import ChannelInfo
from tests.client.scripted import FrontDesk, front_desk

CHANNELS = [ChannelInfo("general", 9001, 5, 0, 0), ChannelInfo("gäste", 9002, 5, 0, 0)]


@pytest.fixture
def desk() -> Iterator[FrontDesk]:
    with front_desk() as desk:
        desk.replies["/channels"] = (200, {}, msgspec.json.encode(CHANNELS))
        yield desk


def problem(port: int, channel: str = "general") -> str:
    with pytest.raises(ConnectionProblem) as caught:
        channel_port("127.0.0.1", port, channel)
    return str(caught.value)


def test_the_front_desk_knows_the_port(desk: FrontDesk) -> None:
    assert channel_port("127.0.0.1", desk.port, "general") == 9001
    assert channel_port("127.0.0.1", desk.port, "gäste") == 9002


def test_an_unknown_channel_is_told_with_those_there_are(desk: FrontDesk) -> None:
    with pytest.raises(NoSuchChannel):
        channel_port("127.0.0.1", desk.port, "games")
    assert problem(desk.port, "games") == (
        f"there is no channel games at 127.0.0.1:{desk.port}; there are general, gäste"
    )


@pytest.mark.parametrize("body", [b"", b"hello", b"{}", b'[{"name":"general"}]', b"[" * 10_000])
def test_what_is_no_front_desk_is_told(desk: FrontDesk, body: bytes) -> None:
    desk.replies["/channels"] = (200, {}, body)
    assert problem(desk.port) == f"what answers at 127.0.0.1:{desk.port} is no front desk"


def test_a_front_desk_that_is_not_there_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    why = "connection refused (it knows the channels by name; a port needs no asking)"
    assert problem(port) == f"the front desk at 127.0.0.1:{port} does not answer: {why}"


def test_a_front_desk_that_says_nothing_is_waited_for_only_so_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup, "_SECONDS_MAX", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        assert problem(port).startswith(f"the front desk at 127.0.0.1:{port} does not answer: timed out")


def test_what_is_no_http_is_no_front_desk() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]

        def answer() -> None:
            peer, _ = listener.accept()
            with peer:
                peer.recv(1000)
                peer.sendall(b"{}\n")

        thread = threading.Thread(target=answer)
        thread.start()
        assert problem(port) == f"what answers at 127.0.0.1:{port} is no front desk"
        thread.join()
