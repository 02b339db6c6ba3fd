"""The transport of the ports, over real sockets: reading, writing, buffering and pauses."""

import asyncio
import errno
import os
import socket

import pytest

from antechamber.gateway import transport as transports
from antechamber.gateway.transport import SocketTransport
from tests.gateway.channel_ports import until
from tests.gateway.loopback import Line, Recorder, a_few_passes, fills, is_open

# Reading and writing


async def test_what_either_end_writes_the_other_reads(line: Line) -> None:
    served = line.serve()
    for data in (b"one", bytearray(b" two"), memoryview(b" three"), b""):
        served.transport.write(data)
    assert await line.reads(13) == b"one two three"
    line.peer.send(b"yes")
    await until(lambda: served.received == b"yes")
    assert served.transport.get_write_buffer_size() == 0


async def test_small_writes_go_out_at_once(line: Line) -> None:
    line.serve()
    with socket.socket(fileno=os.dup(line.descriptor)) as same:
        assert same.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    assert not os.get_blocking(line.descriptor)


async def test_what_the_socket_does_not_take_is_kept_and_sent_in_order(line: Line) -> None:
    served = line.serve()
    written = fills(served.transport)
    assert 0 < served.transport.get_write_buffer_size() < len(written)
    for piece in (b"and ", bytearray(b"more "), memoryview(b"of it")):
        served.transport.write(piece)
        written += piece
    assert await line.reads(len(written)) == written
    await until(lambda: served.transport.get_write_buffer_size() == 0)
    served.transport.write(b"!")
    assert await line.reads(1) == b"!"


async def test_one_read_takes_a_bounded_piece(line: Line) -> None:
    pieces: list[int] = []
    served = line.serve(Recorder(data_received=lambda _: pieces.append(len(served.received))))
    sent = b"x" * (transports._READ_BYTES_MAX * 3)
    await asyncio.get_running_loop().sock_sendall(line.peer, sent)
    await until(lambda: served.received == sent)
    assert max(b - a for a, b in zip([0, *pieces], pieces, strict=False)) <= transports._READ_BYTES_MAX


async def test_it_knows_its_addresses_as_long_as_it_is_open(line: Line) -> None:
    own, peers = line.socket.getsockname(), line.peer.getsockname()
    transport = line.serve().transport
    assert transport.get_extra_info("sockname") == own
    assert transport.get_extra_info("peername") == peers
    assert transport.get_extra_info("cipher", "none") == "none"
    assert is_open(line.descriptor)
    transport.pause_reading()
    line.resets()
    assert transport.get_extra_info("peername", "gone") == "gone"
    transport.abort()
    await until(lambda: not is_open(line.descriptor))
    assert transport.get_extra_info("sockname", "closed") == "closed"


async def test_an_address_that_the_system_cannot_tell_is_none(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    transport = line.serve().transport

    def refuse(**_: int) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(socket, "socket", refuse)
    assert transport.get_extra_info("sockname", "unknown") == "unknown"


async def test_what_the_socket_takes_piece_by_piece_is_sent_piece_by_piece(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    served, real, sizes = line.serve(), os.write, []

    def write(descriptor: int, data: bytes) -> int:
        if descriptor != line.descriptor:
            return real(descriptor, data)
        sizes.append(len(data))
        return real(descriptor, bytes(data[:4]))

    monkeypatch.setattr(os, "write", write)
    served.transport.write(b"ten bytes!")
    assert await line.reads(10) == b"ten bytes!"
    assert sizes == [10, 6, 2]
    assert served.transport.get_write_buffer_size() == 0


# The bound of the buffer


@pytest.mark.parametrize("high", [None, 1_000, 0])
async def test_the_protocol_is_told_once_more_is_kept_than_the_bound_and_not_at_it(
    line: Line, monkeypatch: pytest.MonkeyPatch, high: int | None
) -> None:
    served = line.serve()
    served.transport.set_write_buffer_limits(high=high)
    bound = transports._HIGH_BYTES if high is None else high

    def full(_: int, __: bytes) -> int:
        raise BlockingIOError

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full)
        served.transport.write(b"x" * bound)
        assert served.transport.get_write_buffer_size() == bound
        assert "pause_writing" not in served.told
        served.transport.write(b"!")
        served.transport.write(b"!")
    assert served.told.count("pause_writing") == 1
    assert await line.reads(bound + 2) == b"x" * bound + b"!!"


async def test_a_protocol_that_closes_what_reads_too_slowly_says_its_last_word_in_order(line: Line) -> None:
    def goodbye(transport: SocketTransport) -> None:
        transport.write(b"bye")
        transport.close()

    served = line.serve(Recorder(pause_writing=goodbye))
    written = fills(served.transport)
    while not served.transport.is_closing():
        served.transport.write(b"y" * 10_000)
        written += b"y" * 10_000
    served.transport.write(b"never")
    assert await line.reads_the_rest() == written + b"bye"
    await until(lambda: served.lost == [None])


async def test_a_protocol_may_abort_what_reads_too_slowly(line: Line, closes: list[int]) -> None:
    served = line.serve(Recorder(pause_writing=SocketTransport.abort))
    served.transport.set_write_buffer_limits(high=0)
    fills(served.transport)
    assert served.transport.get_write_buffer_size() == 0
    await until(lambda: served.lost == [None])
    assert closes == [line.descriptor]


# Pauses of reading


async def test_a_paused_one_takes_nothing_before_it_goes_on(line: Line) -> None:
    served = line.serve()
    for _ in range(2):
        served.transport.pause_reading()
    line.peer.send(b"wait")
    await a_few_passes()
    assert served.received == b""
    for _ in range(2):
        served.transport.resume_reading()
    await until(lambda: served.received == b"wait")


async def test_a_paused_one_still_sends_what_is_kept(line: Line) -> None:
    served = line.serve()
    served.transport.pause_reading()
    written = fills(served.transport)
    assert await line.reads(len(written)) == written


async def test_one_that_pauses_as_it_is_made_takes_nothing_before_it_goes_on(line: Line) -> None:
    line.peer.send(b"early")
    served = line.serve(Recorder(connection_made=SocketTransport.pause_reading))
    await a_few_passes()
    assert served.received == b""
    served.transport.resume_reading()
    await until(lambda: served.received == b"early")


async def test_an_end_of_input_shows_only_once_a_paused_one_goes_on(line: Line) -> None:
    served = line.serve()
    served.transport.pause_reading()
    line.peer.close()
    await a_few_passes()
    assert served.told == ["connection_made"]
    served.transport.resume_reading()
    await until(lambda: served.lost == [None])


async def test_pausing_and_going_on_do_nothing_to_one_that_is_closed(line: Line, closes: list[int]) -> None:
    served = line.serve()
    line.peer.send(b"late")
    served.transport.close()
    served.transport.pause_reading()
    served.transport.resume_reading()
    await until(lambda: served.lost == [None])
    served.transport.pause_reading()
    served.transport.resume_reading()
    assert served.received == b""
    assert closes == [line.descriptor]


# Data put back


async def test_what_is_put_back_comes_again_before_anything_new_and_the_end_after_it(line: Line) -> None:
    pieces: list[bytes] = []

    class Slow(Recorder):
        def data_received(self, data: bytes) -> None:
            pieces.append(data)
            if len(data) > 1:
                self.transport.put_back(data[1:])

    served = line.serve(Slow())
    line.peer.send(b"abc")
    await until(lambda: len(pieces) == 3)
    line.peer.send(b"de")
    line.peer.close()
    await until(lambda: bool(served.lost))
    assert pieces == [b"abc", b"bc", b"c", b"de", b"e"]
    assert served.told[-2:] == ["eof_received", "connection_lost"]


async def test_nothing_may_be_put_back_so_that_one_is_told_again(line: Line) -> None:
    pieces: list[bytes] = []

    class Again(Recorder):
        def data_received(self, data: bytes) -> None:
            pieces.append(data)
            if len(pieces) < 3:
                self.transport.put_back(b"")

    line.serve(Again())
    line.peer.send(b"x")
    await until(lambda: len(pieces) == 3)
    assert pieces == [b"x", b"", b""]


async def test_what_is_put_back_waits_for_one_that_is_paused(line: Line) -> None:
    pieces: list[bytes] = []

    class Pausing(Recorder):
        def data_received(self, data: bytes) -> None:
            pieces.append(data)
            if len(pieces) == 1:
                self.transport.put_back(b"rest")
                self.transport.pause_reading()

    served = line.serve(Pausing())
    line.peer.send(b"first")
    await a_few_passes()
    await until(lambda: bool(pieces))
    await a_few_passes()
    assert pieces == [b"first"]
    served.transport.resume_reading()
    await until(lambda: len(pieces) == 2)
    assert pieces == [b"first", b"rest"]


async def test_what_is_put_back_by_one_that_closes_is_nobodys(line: Line) -> None:
    pieces: list[bytes] = []

    class Closing(Recorder):
        def data_received(self, data: bytes) -> None:
            pieces.append(data)
            self.transport.put_back(b"rest")
            self.transport.abort()

    served = line.serve(Closing())
    line.peer.send(b"first")
    await until(lambda: bool(served.lost))
    await a_few_passes()
    assert pieces == [b"first"]


# Peers that read nothing


async def test_the_protocol_is_told_once_that_there_is_room_again(line: Line) -> None:
    served = line.serve()
    served.transport.set_write_buffer_limits(high=100_000)
    written = fills(served.transport)
    while "pause_writing" not in served.told:
        served.transport.write(b"y" * 50_000)
        written += b"y" * 50_000
    assert "resume_writing" not in served.told
    assert await line.reads(len(written)) == written
    await until(lambda: served.transport.get_write_buffer_size() == 0)
    assert served.told.count("pause_writing") == served.told.count("resume_writing") == 1


async def test_it_is_told_every_second_for_how_long_a_peer_has_read_nothing(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transports, "_LOOK_SECONDS", 0.01)
    seconds: list[float] = []

    class Noting(Recorder):
        def unread(self, seconds_: float) -> None:
            seconds.append(round(seconds_, 2))

    served = line.serve(Noting())
    written = fills(served.transport)
    await until(lambda: len(seconds) >= 3)
    assert seconds[:3] == [0.01, 0.02, 0.03]
    assert await line.reads(len(written)) == written
    await until(lambda: served.transport.get_write_buffer_size() == 0)
    assert served.transport._watch_unread is None
    seconds.clear()
    await asyncio.sleep(0.03)
    assert seconds == []


async def test_who_reads_a_little_counts_anew(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transports, "_LOOK_SECONDS", 0.01)
    seconds: list[float] = []

    class Noting(Recorder):
        def unread(self, seconds_: float) -> None:
            seconds.append(round(seconds_, 2))

    served = line.serve(Noting())
    fills(served.transport)
    served.transport.write(b"y" * 30_000_000)  # more than a few reads free
    await until(lambda: len(seconds) >= 2)
    before = served.transport.get_write_buffer_size()
    while served.transport.get_write_buffer_size() == before:
        await line.reads(65_536)
        await asyncio.sleep(0)
    counted = len(seconds)
    await until(lambda: len(seconds) >= counted + 1)
    assert 0.01 in seconds[counted:]
    served.transport.abort()


async def test_a_protocol_may_end_one_that_reads_nothing(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transports, "_LOOK_SECONDS", 0.01)
    served = line.serve(Recorder(unread=SocketTransport.abort))
    fills(served.transport)
    await until(lambda: served.lost == [None])
    assert served.transport._watch_unread is None
