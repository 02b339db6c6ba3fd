"""Opening ports: at which addresses, and the texts of errors."""

import errno
import socket
from collections.abc import Iterator
from contextlib import closing

import pytest

from antechamber.gateway.ports import ListenError, close, listen
from tests.processes.programs import Ports


@pytest.fixture
def port() -> Iterator[int]:
    """Yield a port that is reserved meanwhile."""
    with closing(Ports()) as ports:
        yield ports.take()


def test_localhost_is_every_loopback_address_with_one_port(port: int) -> None:
    listeners = listen("localhost", port)
    assert ("127.0.0.1", port) in [listener.getsockname()[:2] for listener in listeners]
    assert {listener.getsockname()[1] for listener in listeners} == {port}
    close(listeners)


def test_a_port_that_is_taken_is_told_and_nothing_is_left_open(port: int) -> None:
    taken = listen("127.0.0.1", port)
    with pytest.raises(ListenError, match=f"^port {port} is taken: another program listens there$"):
        listen("127.0.0.1", port)
    close(taken)
    close(listen("127.0.0.1", port))


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.EACCES, "port 80 is not allowed: ports below 1024 are the system's"),
        (errno.EADDRNOTAVAIL, "127.0.0.1 is no address of this machine (check --host)"),
        (errno.EIO, "port 80 cannot be opened: Input/output error"),
    ],
)
def test_every_other_reason_is_told_in_words(monkeypatch: pytest.MonkeyPatch, number: int, words: str) -> None:
    def bind(self: socket.socket, address: object) -> None:
        raise OSError(number, "Input/output error")

    monkeypatch.setattr(socket.socket, "bind", bind)
    with pytest.raises(ListenError) as told:
        listen("127.0.0.1", 80)
    assert str(told.value) == words


@pytest.mark.parametrize("host", ["no.such.host.invalid", "x" * 70, "a..b"])
def test_a_host_that_is_none_is_told(host: str) -> None:
    with pytest.raises(ListenError) as told:
        listen(host, 80)
    assert str(told.value) == f"there is no host {host} (check --host)"


def test_a_host_that_cannot_be_looked_up_for_want_of_open_files_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def getaddrinfo(*_: object, **__: object) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    with pytest.raises(ListenError) as told:
        listen("localhost", 80)
    assert str(told.value) == "the host localhost cannot be looked up: Too many open files"


def test_a_connection_to_a_machine_that_is_no_more_is_found_out_within_a_minute() -> None:
    (listener,) = listen("127.0.0.1", 0)
    with listener, socket.create_connection(listener.getsockname()):
        listener.setblocking(True)
        peer, _ = listener.accept()
        with peer:
            assert peer.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
            names = (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT)
            idle, interval, count = (peer.getsockopt(socket.IPPROTO_TCP, name) for name in names)
            assert idle + interval * count <= 60
            assert 0 < peer.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) <= 60_000
