"""Connections over the loopback, with a transport at one end and a plain socket at the other."""

import asyncio
import os
import socket
from collections.abc import Callable

from antechamber.gateway.epoll import Readiness
from antechamber.gateway.transport import Served, SocketTransport


class Recorder(Served):
    """A protocol that records its calls, and runs a test's action in each."""

    def __init__(self, **acts: Callable[[SocketTransport], object]) -> None:
        self.transport: SocketTransport
        self.received = b""
        self.told: list[str] = []
        self.lost: list[Exception | None] = []
        self.acts = acts

    def _act(self, name: str) -> None:
        self.told.append(name)
        if (act := self.acts.get(name)) is not None:
            act(self.transport)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, SocketTransport)
        self.transport = transport
        self._act("connection_made")

    def data_received(self, data: bytes) -> None:
        self.received += data
        self._act("data_received")

    def eof_received(self) -> bool:
        self._act("eof_received")
        return True  # asyncio's own transports stay open then

    def pause_writing(self) -> None:
        self._act("pause_writing")

    def resume_writing(self) -> None:
        self._act("resume_writing")

    def unread(self, seconds: float) -> None:
        self._act("unread")

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost.append(exc)
        self._act("connection_lost")


class Line:
    """A connection over the loopback: a transport with its protocol at one end, a plain socket at the other."""

    def __init__(self, by: Readiness) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.peer = socket.create_connection(listener.getsockname())
            self.socket, _ = listener.accept()
        self.peer.setblocking(False)
        self.descriptor = self.socket.fileno()
        self._readiness = by

    def serve(self, protocol: Recorder | None = None) -> Recorder:
        protocol = protocol or Recorder()
        SocketTransport(self._readiness, self.socket, protocol)
        return protocol

    async def reads(self, count: int) -> bytes:
        """Read from the plain socket until `count` bytes have come, or the end."""
        loop, data = asyncio.get_running_loop(), b""
        while len(data) < count and (piece := await loop.sock_recv(self.peer, 65_536)):
            data += piece
        return data

    async def reads_the_rest(self) -> bytes:
        return await self.reads(1 << 40)

    def resets(self) -> None:
        """Reset the connection at the peer."""
        self.peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.peer.close()


async def a_few_passes() -> None:
    """Wait for several passes of the event loop, so that it finds every ready socket."""
    for _ in range(5):
        await asyncio.sleep(0)


def fills(transport: SocketTransport) -> bytes:
    """Write until the socket takes no more, or the transport closes; return all that was written."""
    written = b""
    while not transport.get_write_buffer_size() and not transport.is_closing():
        data = bytes([len(written) % 251]) * 50_000
        transport.write(data)
        written += data
    return written


def is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def no_more(_: SocketTransport) -> None:
    raise ValueError("a fault of the protocol's")
