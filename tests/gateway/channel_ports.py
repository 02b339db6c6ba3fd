"""A channel's listener at a real port, with a real hub, and clients that connect to it."""

import asyncio
import json
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from typing import Any, cast

from antechamber.gateway.admission import Admission
from antechamber.gateway.channel_port import ChannelPort
from antechamber.gateway.connection import Connection, Listener
from antechamber.gateway.ports import listen
from antechamber.gateway.rejection import RejectedConnection
from antechamber.hub.hub import Hub
from antechamber.log.memory import MemoryLog
from antechamber.protocol.limits import CurrentLimits, Limits
from antechamber.rooms.room import Room
from antechamber.rooms.transfers import Transfers
from antechamber.session.budgets import Budgets
from tests.fakes import FakeClock, FakeTransport

NAMED = b'{"type":"hello","name":"%s"}\n'
GREETED = b"[Server message (12:00:00)] "
"""The beginning of every server message in plain text."""


async def until(condition: Callable[[], bool]) -> None:
    """Yield to other tasks until `condition` holds."""
    while not condition():  # noqa: ASYNC110 - what a test looks at has no event
        await asyncio.sleep(0)


def admitting(limits: Limits, budgets: Budgets | None = None, sessions_fit: int = sys.maxsize) -> Admission:
    """Return an admission for one listener or several."""
    return Admission(limits, budgets or Budgets(CurrentLimits(limits), FakeClock()), sessions_fit)


class SocketClient:
    """A client that has connected."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def sends(self, data: bytes) -> None:
        self.writer.write(data)

    async def reads_up_to(self, data: bytes) -> bytes:
        """Read until `data` has come, and return everything up to its end."""
        return await self.reader.readuntil(data)

    async def reads_json(self) -> dict[str, Any]:
        """Read one line of JSON."""
        line: dict[str, Any] = json.loads(await self.reader.readline())
        return line

    async def reads_the_rest(self) -> bytes:
        """Read up to the end."""
        try:
            return await self.reader.read()
        except ConnectionResetError:
            return b""

    async def close(self) -> None:
        self.writer.close()
        with suppress(OSError):
            await self.writer.wait_closed()


class Stage:
    """A listener, its hub, and the clients that have connected."""

    def __init__(self, limits: Limits, listeners: list[socket.socket], admission: Admission | None) -> None:
        room = Room("general", 9001, 1000, limits)
        self.port: int = listeners[0].getsockname()[1]
        self.clock = FakeClock()
        transfers = Transfers(lambda: "", Budgets(CurrentLimits(limits), self.clock))
        self.hub = Hub([room], MemoryLog(), transfers, self.clock, asyncio.get_running_loop())
        self.admission = admission or admitting(limits, self.hub.budgets)
        self.clients: list[SocketClient] = []
        self.hub.open()
        self.listener = ChannelPort("general", listeners, self.hub, limits, self.admission)
        self.listener.open()

    async def connects(self, sending: bytes = b"") -> SocketClient:
        """Connect, and send something."""
        client = SocketClient(*await asyncio.open_connection("127.0.0.1", self.port))
        self.clients.append(client)
        client.sends(sending)
        return client

    async def joins(self, name: bytes) -> SocketClient:
        """Connect, say hello, and read on until seated."""
        client = await self.connects(NAMED % name)
        await client.reads_up_to(b'"type":"seated","name":"%s"}}\n' % name)
        return client

    def bare(self) -> tuple[Connection, "BareTransport"]:
        """Admit a connection whose transport is the test's own."""
        address = "192.0.2.1"
        assert self.admission.enter(address) is None
        connection, transport = Connection(self.listener, address), BareTransport()
        connection.connection_made(cast(asyncio.BaseTransport, transport))
        return connection, transport

    def rejected(self) -> tuple[RejectedConnection, "BareTransport"]:
        """Reject a connection whose transport is the test's own."""
        address = "192.0.2.1"
        refused = self.admission.enter(address)
        assert refused is not None
        connection, transport = (
            RejectedConnection(self.listener, self.admission.rejected, address, refused),
            BareTransport(),
        )
        connection.connection_made(cast(asyncio.BaseTransport, transport))
        return connection, transport


@asynccontextmanager
async def stage(limits: Limits | None = None, admission: Admission | None = None) -> AsyncIterator[Stage]:
    """Open a stage, and close every connection at its end."""
    limits = limits or Limits()
    set_up = Stage(limits, listen("127.0.0.1", 0), admission)
    try:
        yield set_up
    finally:
        await clear(set_up.listener, set_up.hub, set_up.clients)


async def clear(listener: Listener, hub: Hub, clients: Iterable[SocketClient]) -> None:
    """Close a listener, its hub, and every connection."""
    listener.close()
    hub.close()
    listener.abort()
    await listener.drained()
    for client in clients:
        await client.close()


class BareTransport(FakeTransport):
    """A transport whose peer reads nothing: written data is kept, even after a close."""

    def __init__(self) -> None:
        super().__init__()
        self.rests: list[bytes] = []

    def give(self, protocol: asyncio.Protocol, data: bytes) -> None:
        """Give a protocol `data`, with what it puts back, ignoring pauses."""
        protocol.data_received(data)
        while self.rests and not self.is_closing():
            protocol.data_received(self.rests.pop())

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Do nothing: the test decides when the outbox is full."""

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Keep the protocol: the test calls it."""
        self.protocol = protocol

    def put_back(self, data: bytes) -> None:
        """Keep the data until the test gives it to the protocol again."""
        self.rests.append(data)

    def is_closing(self) -> bool:
        """Return whether it was closed or aborted."""
        return self.closed or self.aborted

    def get_extra_info(self, name: str) -> "BareTransport | tuple[str, int]":
        """Return itself as its socket, and the address that the peer has reached."""
        return self if name == "socket" else ("127.0.0.1", 6667)

    def fileno(self) -> int:
        """Return -1: there is no socket, so everything is written to the transport."""
        return -1
