"""The end of a transport, over real sockets: in every state, from either side, and only once."""

import asyncio
import errno
import gc
import os
import socket
from typing import Any

import pytest

from antechamber.gateway.epoll import LoopReadiness, Readiness, readiness
from antechamber.gateway.transport import SocketTransport
from tests.gateway.channel_ports import until
from tests.gateway.loopback import Line, Recorder, a_few_passes, fills, is_open, no_more

# The end


async def test_the_end_of_the_peers_input_is_the_end(line: Line, closes: list[int]) -> None:
    served = line.serve()
    line.peer.send(b"last words")
    line.peer.shutdown(socket.SHUT_WR)
    await until(lambda: served.lost == [None])
    assert served.received == b"last words"
    assert served.told == ["connection_made", "data_received", "eof_received", "connection_lost"]
    assert closes == [line.descriptor]


async def test_what_is_kept_is_sent_after_the_end_of_the_peers_input(line: Line) -> None:
    served = line.serve()
    written = fills(served.transport)
    line.peer.shutdown(socket.SHUT_WR)
    await until(served.transport.is_closing)
    assert served.lost == []
    assert await line.reads_the_rest() == written
    await until(lambda: served.lost == [None])


async def test_closing_sends_what_is_kept_and_takes_nothing_more(line: Line, closes: list[int]) -> None:
    served = line.serve()
    written = fills(served.transport)
    for _ in range(2):
        served.transport.close()
    served.transport.write(b"never")
    line.peer.send(b"too late")
    assert await line.reads(len(written)) == written
    await until(lambda: served.lost == [None])
    assert served.received == b""
    assert closes == [line.descriptor]


async def test_closing_with_nothing_kept_ends_soon_but_not_at_once(line: Line) -> None:
    served = line.serve()
    served.transport.close()
    assert served.transport.is_closing()
    assert served.lost == []
    assert await line.reads_the_rest() == b""
    assert served.lost == [None]


async def test_aborting_lets_go_of_what_is_kept(line: Line, closes: list[int]) -> None:
    served = line.serve()
    fills(served.transport)
    for _ in range(2):
        served.transport.abort()
    assert served.transport.is_closing()
    assert served.transport.get_write_buffer_size() == 0
    served.transport.close()
    served.transport.write(b"never")
    await until(lambda: served.lost == [None])
    served.transport.abort()
    served.transport.close()
    await a_few_passes()
    assert served.lost == [None]
    assert closes == [line.descriptor]


async def test_one_that_closes_and_is_not_read_from_can_be_aborted(line: Line, closes: list[int]) -> None:
    served = line.serve()
    fills(served.transport)
    served.transport.close()
    served.transport.abort()
    await until(lambda: served.lost == [None])
    assert closes == [line.descriptor]


async def test_aborting_one_that_is_on_its_way_out_changes_nothing(line: Line, closes: list[int]) -> None:
    served = line.serve()
    served.transport.close()
    served.transport.abort()
    await until(lambda: served.lost == [None])
    await a_few_passes()
    assert served.lost == [None]
    assert closes == [line.descriptor]


@pytest.mark.parametrize("way", ["close", "abort"])
async def test_a_protocol_may_end_it_as_it_is_made(line: Line, closes: list[int], way: str) -> None:
    class Brief(Recorder):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            super().connection_made(transport)
            self.transport.write(b"hello")
            getattr(self.transport, way)()

    served = line.serve(Brief())
    line.peer.send(b"anybody there?")
    with_data = way == "close"
    await until(lambda: served.lost == [None])
    assert served.told == ["connection_made", "connection_lost"]
    assert closes == [line.descriptor]
    if with_data:
        assert await asyncio.get_running_loop().sock_recv(line.peer, 5) == b"hello"


async def test_a_descriptor_that_is_used_again_is_not_its_own_any_more(line: Line) -> None:
    served = line.serve()
    served.transport.close()
    await until(lambda: served.lost == [None])
    reading, writing = os.pipe()
    try:
        assert line.descriptor in (reading, writing)
        served.transport.abort()
        served.transport.close()
        served.transport.write(b"never")
        served.transport.resume_reading()
        assert is_open(line.descriptor)
    finally:
        os.close(reading)
        os.close(writing)


async def test_it_lets_go_of_its_protocol_once_that_is_told_of_its_end(line: Line) -> None:
    served = line.serve()
    assert served in gc.get_referents(served.transport)
    served.transport.abort()
    await until(lambda: served.lost == [None])
    assert served not in gc.get_referents(served.transport)


# Errors


async def test_an_error_of_reading_is_its_end(line: Line, closes: list[int]) -> None:
    served = line.serve()
    line.resets()
    await until(lambda: bool(served.lost))
    assert isinstance(served.lost[0], ConnectionResetError)
    assert closes == [line.descriptor]


async def test_an_error_of_writing_is_its_end_but_not_within_the_write(line: Line, closes: list[int]) -> None:
    served = line.serve()
    served.transport.pause_reading()
    line.resets()
    while not served.transport.is_closing():
        served.transport.write(b"anybody there?")
    assert served.lost == []
    served.transport.write(b"never")
    await until(lambda: bool(served.lost))
    assert isinstance(served.lost[0], OSError)
    assert closes == [line.descriptor]


@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize("paused", [False, True])
async def test_an_error_while_there_is_something_kept_is_its_end(
    line: Line, closes: list[int], paused: bool, closed: bool
) -> None:
    served = line.serve()
    fills(served.transport)
    if paused:
        served.transport.pause_reading()
    if closed:
        served.transport.close()
    line.resets()
    await until(lambda: bool(served.lost))
    assert isinstance(served.lost[0], OSError)
    assert served.transport.get_write_buffer_size() == 0
    assert closes == [line.descriptor]


@pytest.mark.parametrize("error", [BlockingIOError, InterruptedError])
async def test_a_read_and_a_flush_that_come_to_nothing_are_tried_again(
    line: Line, monkeypatch: pytest.MonkeyPatch, error: type[OSError]
) -> None:
    served = line.serve()
    tried: list[str] = []
    real_read, real_write = os.read, os.write

    def read(descriptor: int, count: int) -> bytes:
        if descriptor == line.descriptor and "read" not in tried:
            tried.append("read")
            raise error
        return real_read(descriptor, count)

    def write(descriptor: int, data: bytes) -> int:
        if descriptor == line.descriptor and tried.count("write") < 2:
            tried.append("write")
            raise error
        return real_write(descriptor, data)

    monkeypatch.setattr(os, "read", read)
    monkeypatch.setattr(os, "write", write)
    line.peer.send(b"in")
    served.transport.write(b"out")
    assert await line.reads(3) == b"out"
    await until(lambda: served.received == b"in")
    assert sorted(tried) == ["read", "write", "write"]


@pytest.mark.parametrize("where", ["connection_made", "data_received", "eof_received"])
async def test_an_exception_of_the_protocols_is_logged_and_its_end(
    line: Line, faults: list[BaseException], closes: list[int], where: str
) -> None:
    served = line.serve(Recorder(**{where: no_more}))
    line.peer.send(b"x")
    line.peer.shutdown(socket.SHUT_WR)
    await until(lambda: bool(served.lost))
    assert [type(fault) for fault in faults] == [ValueError]
    assert served.lost == faults
    assert closes == [line.descriptor]


async def test_an_exception_of_the_protocols_does_not_come_out_of_a_write(
    line: Line, faults: list[BaseException], closes: list[int]
) -> None:
    served = line.serve(Recorder(pause_writing=no_more))
    served.transport.set_write_buffer_limits(high=0)
    fills(served.transport)
    await until(lambda: bool(served.lost))
    assert served.lost == faults
    assert closes == [line.descriptor]


async def test_the_descriptor_is_closed_even_if_the_protocol_fails_at_its_end(
    line: Line, faults: list[BaseException], closes: list[int]
) -> None:
    served = line.serve(Recorder(connection_lost=no_more))
    served.transport.abort()
    await until(lambda: bool(faults))
    assert closes == [line.descriptor]


async def test_a_socket_that_has_gone_is_left_to_whoever_has_it(line: Line) -> None:
    left, right = socket.socketpair()  # it does not support TCP_NODELAY
    served = Recorder()
    with left, right:
        with pytest.raises(OSError, match="not supported"):
            SocketTransport(readiness(), left, served)
        assert left.fileno() >= 0
    assert served.told == []


class NoRoom(Readiness):
    """A system that watches only a limited number of sockets."""

    def __init__(self, changes: int) -> None:
        self._changes = changes
        self._real = LoopReadiness()

    def watch(self, descriptor: int, watcher: Any, events: int) -> None:
        self._changes -= 1
        if self._changes < 0 and events:
            raise OSError(errno.ENOSPC, "No space left on device")
        self._real.watch(descriptor, watcher, events)

    def again(self, descriptor: int, watcher: Any) -> None:
        self._real.again(descriptor, watcher)


@pytest.mark.parametrize("changes", [0, 1, 2])
async def test_a_system_with_no_room_to_look_at_it_is_its_end(closes: list[int], changes: int) -> None:
    line = Line(NoRoom(changes))
    served = line.serve()
    fills(served.transport)
    served.transport.close()
    await until(lambda: bool(served.lost))
    assert isinstance(served.lost[0], OSError)
    assert closes == [line.descriptor]
    line.peer.close()


# Another protocol


async def test_another_protocol_goes_on_from_the_next_bytes(line: Line) -> None:
    class Porter(Recorder):
        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            self.transport.set_protocol(inner)
            inner.connection_made(self.transport)
            inner.data_received(data)

    inner = Recorder()
    porter = line.serve(Porter())
    line.peer.send(b"one ")
    await until(lambda: inner.received == b"one ")
    line.peer.send(b"two")
    await until(lambda: inner.received == b"one two")
    line.peer.close()
    await until(lambda: inner.lost == [None])
    assert porter.told == ["connection_made", "data_received"]


async def test_a_fault_of_the_protocol_that_takes_over_is_told_to_that(line: Line, faults: list[BaseException]) -> None:
    class Porter(Recorder):
        def data_received(self, data: bytes) -> None:
            self.transport.set_protocol(inner)
            inner.connection_made(self.transport)

    inner = Recorder(connection_made=no_more)
    porter = line.serve(Porter())
    line.peer.send(b"one")
    await until(lambda: bool(inner.lost))
    assert inner.lost == faults
    assert porter.lost == []
