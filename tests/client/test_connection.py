"""The line to a channel's port, and what is wrong where there is none."""

import socket

import pytest

from antechamber.client import connection as connection_module
from antechamber.client.connection import Connection, ConnectionProblem
from tests.client.scripted import scripted_server


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("Mary", b'{"type":"hello","name":"Mary"}\n'),
        ("Zoë", '{"type":"hello","name":"Zoë"}\n'.encode()),
        ('a"b\\c\n', b'{"type":"hello","name":"a\\u0022b\\u005cc\\u000a"}\n'),
        ("a\udcffb", b'{"type":"hello","name":"a?b"}\n'),
    ],
)
def test_the_first_line_is_the_hello(name: str, line: bytes) -> None:
    with scripted_server() as server:
        connection = Connection("127.0.0.1", server.port, name)
        server.answer()
        assert server.line() == line
        connection.close()


def test_a_port_where_nobody_listens_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(ConnectionProblem) as caught:
        Connection("127.0.0.1", port, "Mary")
    assert str(caught.value) == f"nothing answers at 127.0.0.1:{port}: connection refused"


@pytest.mark.parametrize("host", ["no.such.host.invalid", "a..b", "x" * 70 + ".invalid", "ä..b"])
def test_a_host_that_is_none_is_told(host: str) -> None:
    with pytest.raises(ConnectionProblem) as caught:
        Connection(host, 9001, "Mary")
    assert str(caught.value) == f"nothing answers at {host}:9001: there is no such host"


def test_a_server_that_says_nothing_is_waited_for_only_so_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_module, "ANSWER_SECONDS_MAX", 0.05)
    with scripted_server() as server:
        connection = Connection("127.0.0.1", server.port, "Mary")
        server.answer()
        with pytest.raises(ConnectionProblem) as caught:
            next(connection.lines())
        assert str(caught.value) == f"nothing answers at 127.0.0.1:{server.port}: timed out"
        connection.close()


def test_a_server_that_has_spoken_is_waited_for_without_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_module, "ANSWER_SECONDS_MAX", 0.05)
    with scripted_server() as server:
        connection = Connection("127.0.0.1", server.port, "Mary")
        server.answer()
        connection.settle()
        assert connection._socket.gettimeout() is None
        connection.close()


def test_a_line_without_an_end_is_no_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_module, "LINE_BYTES_MAX", 10)
    with scripted_server() as server:
        connection = Connection("127.0.0.1", server.port, "Mary")
        server.answer()
        server.tells(b'{"23456789\n{"234567890')
        with pytest.raises(ConnectionProblem) as caught:
            list(connection.lines())
        assert str(caught.value) == f"what answers at 127.0.0.1:{server.port} is no chat server"
        connection.close()


def test_sending_on_a_lost_connection_is_in_vain_and_no_fault() -> None:
    with scripted_server() as server:
        connection = Connection("127.0.0.1", server.port, "Mary")
        connection.close()
        connection.send(b"{}")
        connection.send_last(b"{}", 1.0)


def test_the_last_line_waits_for_the_server_to_close_but_not_for_ever() -> None:
    with scripted_server() as server:
        connection = Connection("127.0.0.1", server.port, "Mary")
        server.answer()
        connection.send_last(b"{}", 0.05)
        assert server.line().startswith(b'{"type":"hello"')
        assert server.line() == b"{}\n"
        connection.close()
