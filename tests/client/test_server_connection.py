"""The line to a channel's port, and what is wrong where there is none."""

import socket
import threading

import pytest

from antechamber.client import server_connection as connection_module
from antechamber.client.server_connection import ConnectionProblem, ServerConnection, hello_line
from tests.client.scripted import HELLO, SECONDS_MAX, scripted_server


@pytest.mark.parametrize(
    ("name", "hold", "line"),
    [
        ("Mary", True, b'{"type":"hello","name":"Mary"}\n'),
        ("Mary", False, b'{"type":"hello","name":"Mary","hold":false}\n'),
        ("Zoë", True, '{"type":"hello","name":"Zoë"}\n'.encode()),
        ('a"b\\c\n', True, b'{"type":"hello","name":"a\\u0022b\\u005cc\\u000a"}\n'),
        ("a\udcffb", True, b'{"type":"hello","name":"a?b"}\n'),
    ],
)
def test_the_first_line_is_the_hello(name: str, hold: bool, line: bytes) -> None:
    with scripted_server() as server:
        connection = ServerConnection("127.0.0.1", server.port, hello_line(name, hold))
        server.answer()
        assert server.line() == line
        connection.close()


def test_a_port_where_nobody_listens_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(ConnectionProblem) as caught:
        ServerConnection("127.0.0.1", port, HELLO[:-1])
    assert str(caught.value) == f"nothing answers at 127.0.0.1:{port}: connection refused"


@pytest.mark.parametrize("host", ["no.such.host.invalid", "a..b", "x" * 70 + ".invalid", "ä..b"])
def test_a_host_that_is_none_is_told(host: str) -> None:
    with pytest.raises(ConnectionProblem) as caught:
        ServerConnection(host, 9001, HELLO[:-1])
    assert str(caught.value) == f"nothing answers at {host}:9001: there is no such host"


def test_a_server_that_says_nothing_is_waited_for_only_so_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_module, "ANSWER_SECONDS_MAX", 0.05)
    with scripted_server() as server:
        connection = ServerConnection("127.0.0.1", server.port, HELLO[:-1])
        server.answer()
        with pytest.raises(ConnectionProblem) as caught:
            next(connection.lines())
        words = "says nothing, and may be no chat server"
        assert str(caught.value) == f"what answers at 127.0.0.1:{server.port} {words}"
        connection.close()


def test_a_connection_that_ends_before_the_first_line_may_be_to_no_chat_server() -> None:
    with scripted_server() as server:
        connection = ServerConnection("127.0.0.1", server.port, HELLO[:-1])
        server.answer()
        server.hangs_up()
        with pytest.raises(ConnectionProblem) as caught:
            list(connection.lines())
        words = "closed the connection without a word, and may be no chat server"
        assert str(caught.value) == f"what answers at 127.0.0.1:{server.port} {words}"
        connection.close()


def test_a_server_that_has_spoken_is_waited_for_without_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_module, "ANSWER_SECONDS_MAX", 0.05)
    with scripted_server() as server:
        connection = ServerConnection("127.0.0.1", server.port, HELLO[:-1])
        server.answer()
        connection.settle(watched=False)
        assert connection._socket.gettimeout() is None
        connection.close()


def test_a_line_without_an_end_is_no_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_module, "LINE_BYTES_MAX", 10)
    with scripted_server() as server:
        connection = ServerConnection("127.0.0.1", server.port, HELLO[:-1])
        server.answer()
        server.tells(b'{"23456789\n{"234567890')
        with pytest.raises(ConnectionProblem) as caught:
            list(connection.lines())
        assert str(caught.value) == f"what answers at 127.0.0.1:{server.port} is no chat server"
        connection.close()


def test_sending_on_a_lost_connection_is_in_vain_and_no_fault() -> None:
    with scripted_server() as server:
        connection = ServerConnection("127.0.0.1", server.port, HELLO[:-1])
        connection.close()
        connection.send(b"{}")
        connection.send_last(b"{}", 1.0)


def test_the_last_line_waits_for_the_server_to_close_but_not_for_ever() -> None:
    with scripted_server() as server:
        connection = ServerConnection("127.0.0.1", server.port, HELLO[:-1])
        server.answer()
        connection.send_last(b"{}", 0.05)
        assert server.line() == HELLO
        assert server.line() == b"{}\n"
        connection.close()


def read_in_a_thread(connection: ServerConnection) -> tuple[threading.Thread, list[bytes]]:
    """Read a connection to its end."""
    lines: list[bytes] = []

    def read() -> None:
        for more in connection.lines():
            lines.extend(more)

    thread = threading.Thread(target=read)
    thread.start()
    return thread, lines


def test_a_watched_line_is_asked_after_a_silence_and_lives_while_it_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_module, "QUIET_SECONDS_MAX", 0.01)
    with scripted_server() as server:
        connection = ServerConnection("127.0.0.1", server.port, HELLO[:-1])
        server.answer()
        connection.settle(watched=True)
        reading, lines = read_in_a_thread(connection)
        assert server.line() == HELLO
        for _ in range(3):
            assert server.line() == b'{"type":"ping"}\n'
            server.tells(b"{}\n")
        server.hangs_up()
        reading.join(SECONDS_MAX)
        assert lines[:3] == [b"{}"] * 3
        connection.close()


def test_a_watched_line_without_an_answer_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_module, "QUIET_SECONDS_MAX", 0.01)
    monkeypatch.setattr(connection_module, "PONG_SECONDS_MAX", 0.01)
    with scripted_server() as server:
        connection = ServerConnection("127.0.0.1", server.port, HELLO[:-1])
        server.answer()
        connection.settle(watched=True)
        assert list(connection.lines()) == []
        connection.close()
        assert [server.line(), server.line(), server.line()] == [HELLO, b'{"type":"ping"}\n', b""]


def test_a_watched_line_on_which_nothing_moves_ends_though_somebody_is_sending(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connection_module, "QUIET_SECONDS_MAX", 0.05)
    monkeypatch.setattr(connection_module, "PONG_SECONDS_MAX", 0.05)
    with scripted_server() as server:
        connection = ServerConnection("127.0.0.1", server.port, HELLO[:-1])
        server.answer()
        connection.settle(watched=True)
        sending = threading.Thread(target=connection.send, args=(b"x" * (64 << 20),))  # more than any buffer takes
        sending.start()
        assert list(connection.lines()) == []
        connection.close()
        sending.join(SECONDS_MAX)
        assert not sending.is_alive()


def test_a_silence_ends_the_reading_where_that_is_asked_for() -> None:
    with scripted_server() as server:
        connection = ServerConnection("127.0.0.1", server.port, HELLO[:-1])
        server.answer()
        connection.settle(watched=False)
        reading, _ = read_in_a_thread(connection)
        connection.hang_up_when_silent(0.02)
        reading.join(SECONDS_MAX)
        assert not reading.is_alive()
        connection.close()


def test_a_line_that_is_closed_is_not_waited_for() -> None:
    with scripted_server() as server:
        connection = ServerConnection("127.0.0.1", server.port, HELLO[:-1])
        connection.close()
        connection.hang_up_when_silent(10 * SECONDS_MAX)
