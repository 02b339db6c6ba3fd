"""A channel's door at a real port, with a real hub behind it, and those who knock."""

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
"""What every line of the server's own begins with, for those who read plain text."""


async def until(condition: Callable[[], bool]) -> None:
    """Let everything else go on until `condition` holds."""
    while not condition():  # noqa: ASYNC110 - what a test looks at has no event
        await asyncio.sleep(0)


def admitting(limits: Limits, budgets: Budgets | None = None, sessions_fit: int = sys.maxsize) -> Admission:
    """Return what lets people in, at one door or at several."""
    return Admission(limits, budgets or Budgets(CurrentLimits(limits), FakeClock()), sessions_fit)


class Stranger:
    """Somebody who has knocked."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def sends(self, data: bytes) -> None:
        self.writer.write(data)

    async def reads_up_to(self, data: bytes) -> bytes:
        """Read up to and with `data`, and return all that."""
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
    """A door, its hub, and the strangers who have come to it."""

    def __init__(self, limits: Limits, listeners: list[socket.socket], admission: Admission | None) -> None:
        room = Room("general", 9001, 1000, limits)
        self.port: int = listeners[0].getsockname()[1]
        self.clock = FakeClock()
        transfers = Transfers(lambda: "", Budgets(CurrentLimits(limits), self.clock))
        self.hub = Hub([room], MemoryLog(), transfers, self.clock, asyncio.get_running_loop())
        self.admission = admission or admitting(limits, self.hub.budgets)
        self.strangers: list[Stranger] = []
        self.hub.open()
        self.listener = ChannelPort("general", listeners, self.hub, limits, self.admission)
        self.listener.open()

    async def knocks(self, sending: bytes = b"") -> Stranger:
        """Connect, and send something."""
        stranger = Stranger(*await asyncio.open_connection("127.0.0.1", self.port))
        self.strangers.append(stranger)
        stranger.sends(sending)
        return stranger

    async def joins(self, name: bytes) -> Stranger:
        """Come in with a name, and read on until seated."""
        stranger = await self.knocks(NAMED % name)
        await stranger.reads_up_to(b'"type":"seated","name":"%s"}}\n' % name)
        return stranger

    def bare(self) -> tuple[Connection, "BareTransport"]:
        """Let in a connection whose transport is the test's own."""
        address = "192.0.2.1"
        assert self.admission.enter(address) is None
        connection, transport = Connection(self.listener, address), BareTransport()
        connection.connection_made(cast(asyncio.BaseTransport, transport))
        return connection, transport

    def turned_away(self) -> tuple[RejectedConnection, "BareTransport"]:
        """Turn one away whose transport is the test's own."""
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
    """Set a stage; at its end every connection is closed."""
    limits = limits or Limits()
    set_up = Stage(limits, listen("127.0.0.1", 0), admission)
    try:
        yield set_up
    finally:
        await clear(set_up.listener, set_up.hub, set_up.strangers)


async def clear(door: Listener, hub: Hub, strangers: Iterable[Stranger]) -> None:
    """Close a door and its hub, and every connection of theirs."""
    door.close()
    hub.close()
    door.abort()
    await door.drained()
    for stranger in strangers:
        await stranger.close()


class BareTransport(FakeTransport):
    """A transport whose peer reads nothing: what is written stays, after a close too."""

    def __init__(self) -> None:
        super().__init__()
        self.rests: list[bytes] = []

    def give(self, protocol: asyncio.Protocol, data: bytes) -> None:
        """Let a protocol read `data`, in as many turns as it takes, pauses aside."""
        protocol.data_received(data)
        while self.rests and not self.is_closing():
            protocol.data_received(self.rests.pop())

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Leave it to the test when the outbox is full."""

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Leave it to the test to tell it what happens."""
        self.protocol = protocol

    def put_back(self, data: bytes) -> None:
        """Keep what the protocol is to have again in its turn, which is the test's to give."""
        self.rests.append(data)

    def is_closing(self) -> bool:
        """Say whether it was closed."""
        return self.closed or self.aborted

    def get_extra_info(self, name: str) -> "BareTransport | tuple[str, int]":
        """Return itself as its socket, and the address that the peer has reached."""
        return self if name == "socket" else ("127.0.0.1", 6667)

    def fileno(self) -> int:
        """Return that there is no socket beneath, so that all is written to the transport."""
        return -1
