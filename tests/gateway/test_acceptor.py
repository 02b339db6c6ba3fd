"""The acceptor: passes, their bounds, and a lack of open files."""

import asyncio
import errno
import os
import resource
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import pytest

from antechamber.gateway import acceptor as accepting
from antechamber.gateway.acceptor import Acceptor
from antechamber.gateway.transport import Served
from tests.gateway.channel_ports import until


class Greeter(Served):
    """Writes one line to each connection."""

    met = False
    lost: Exception | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.met = True
        assert isinstance(transport, asyncio.Transport)
        transport.write(b"hello\n")
        transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = exc


@asynccontextmanager
async def accepting_at_a_port(greeters: Sequence[Greeter | None] = ()) -> AsyncIterator[tuple[Acceptor, int]]:
    """Serve connections by these greeters, and then by new ones; yield the acceptor and its port."""
    mine = iter(greeters)

    def protocol_for(address: str) -> Greeter | None:
        assert address == "127.0.0.1"
        return next(mine, Greeter())

    listener = socket.create_server(("127.0.0.1", 0))
    listener.setblocking(False)
    acceptor = Acceptor("here", [listener], protocol_for)
    port: int = listener.getsockname()[1]
    acceptor.open()
    try:
        yield acceptor, port
    finally:
        acceptor.close()


@contextmanager
def no_open_files_left() -> Iterator[None]:
    """Use up the open files that the system allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    lowest_free = os.dup(0)
    os.close(lowest_free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest_free, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def greeting(knocking: socket.socket) -> bytes:
    """Connect, and read what the server writes."""
    try:
        return await asyncio.get_running_loop().sock_recv(knocking, 100)
    finally:
        knocking.close()


async def test_running_out_of_open_files_lets_nobody_in_until_there_are_some_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    rests: list[OSError] = []
    rest = Acceptor._rest

    def rest_and_tell(self: Acceptor, listener: socket.socket, error: OSError) -> None:
        rests.append(error)
        rest(self, listener, error)

    monkeypatch.setattr(accepting, "REST_SECONDS", 0.001)
    monkeypatch.setattr(Acceptor, "_rest", rest_and_tell)
    async with accepting_at_a_port() as (_, port):
        for _ in range(2):
            clients = [socket.socket() for _ in range(3)]
            with no_open_files_left():
                for client in clients:
                    client.setblocking(False)
                    client.connect_ex(("127.0.0.1", port))
                await until(lambda: len(rests) == 3)  # it retries
            for client in clients:
                assert await greeting(client) == b"hello\n"
            assert {error.errno for error in rests} == {errno.EMFILE}
            assert [record.getMessage() for record in caplog.records] == ["connections cannot be accepted"]
            caplog.clear()
            rests.clear()


async def test_while_it_rests_it_takes_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = 0

    def accept(_: socket.socket) -> tuple[socket.socket, Any]:
        nonlocal asked
        asked += 1
        raise OSError(errno.EMFILE, "Too many open files")

    async with accepting_at_a_port() as (_, port):
        monkeypatch.setattr(socket.socket, "accept", accept)
        with socket.create_connection(("127.0.0.1", port)):
            await until(lambda: asked > 0)
            for _ in range(100):
                await asyncio.sleep(0)
    assert asked == 1


async def test_who_has_gone_before_being_let_in_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.socket.accept
    faults = [BlockingIOError(), ConnectionAbortedError()]

    def accept(self: socket.socket) -> tuple[socket.socket, Any]:
        if faults:
            raise faults.pop()
        return real(self)

    monkeypatch.setattr(socket.socket, "accept", accept)
    async with accepting_at_a_port() as (_, port):
        client = socket.create_connection(("127.0.0.1", port))
        client.setblocking(False)
        assert await greeting(client) == b"hello\n"


async def test_a_close_while_it_rests_is_the_end(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(accepting, "REST_SECONDS", 0.001)
    async with accepting_at_a_port() as (acceptor, port):
        client = socket.socket()
        client.setblocking(False)
        with no_open_files_left():
            client.connect_ex(("127.0.0.1", port))
            await until(lambda: acceptor._resting)
        acceptor.close()
        acceptor.close()
        await asyncio.sleep(0.002)  # it would have retried meanwhile
        with pytest.raises(ConnectionResetError):
            await greeting(client)
    assert [record.getMessage() for record in caplog.records] == ["connections cannot be accepted"]  # and no exception


async def test_a_pass_lets_in_as_many_as_its_bound_and_the_next_pass_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(accepting, "ACCEPTS_A_PASS", 2)
    greeters = [Greeter() for _ in range(3)]
    async with accepting_at_a_port(greeters) as (acceptor, port):
        clients = [socket.create_connection(("127.0.0.1", port)) for _ in range(3)]
        acceptor._accept(acceptor._sockets[0])
        assert [greeter.met for greeter in greeters] == [True, True, False]
        for client in clients:
            client.setblocking(False)
            assert await greeting(client) == b"hello\n"


async def test_whom_nobody_serves_is_closed_at_once() -> None:
    async with accepting_at_a_port([None]) as (_, port):
        clients = [socket.create_connection(("127.0.0.1", port)) for _ in range(2)]
        for client in clients:
            client.setblocking(False)
        assert [await greeting(client) for client in clients] == [b"", b"hello\n"]


async def test_who_has_gone_before_being_served_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = OSError("it has gone")
    greeter = Greeter()

    def fail(*_: Any) -> None:
        raise gone

    async with accepting_at_a_port([greeter]) as (_, port):
        client = socket.create_connection(("127.0.0.1", port))
        client.setblocking(False)
        monkeypatch.setattr(accepting, "SocketTransport", fail)
        assert await greeting(client) == b""
        assert greeter.lost is gone
        assert not greeter.met


async def test_a_pass_lets_in_no_more_once_its_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accepting, "PASS_SECONDS_MAX", 0.0)
    greeters = [Greeter() for _ in range(2)]
    async with accepting_at_a_port(greeters) as (acceptor, port):
        clients = [socket.create_connection(("127.0.0.1", port)) for _ in range(2)]
        acceptor._accept(acceptor._sockets[0])
        assert [greeter.met for greeter in greeters] == [True, False]
        for client in clients:
            client.setblocking(False)
            assert await greeting(client) == b"hello\n"


async def test_whoever_is_let_in_is_served() -> None:
    async with accepting_at_a_port() as (_, port):
        client = socket.create_connection(("127.0.0.1", port))
        client.setblocking(False)
        assert await greeting(client) == b"hello\n"
