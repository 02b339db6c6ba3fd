"""WebSocket clients over real sockets: pages by a client library, and peers that send frames by hand."""

import asyncio
import base64
import json
from collections.abc import Mapping
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode
from websockets.protocol import Protocol, Side
from websockets.typing import Subprotocol

from tests.gateway.front_desks import Caller, Place

UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": base64.b64encode(bytes(16)).decode(),
}


def frame(opcode: Opcode, data: bytes = b"", *, fin: bool = True) -> bytes:
    """Return a frame as a browser sends it."""
    return Frame(opcode, data, fin).serialize(mask=True)


def text(*commands: dict[str, Any]) -> bytes:
    """Return a text frame with one command on each line."""
    return frame(Opcode.TEXT, b"\n".join(json.dumps(command).encode() for command in commands))


class Page:
    """A page's connection, by a client library."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.subprotocol = connection.subprotocol
        self._lines: list[str] = []

    async def asks(self, *commands: dict[str, Any]) -> None:
        """Send commands in one frame."""
        await self.connection.send("\n".join(map(json.dumps, commands)))

    async def reads_frame(self) -> list[dict[str, Any]]:
        """Read one frame, and return the objects in it."""
        came = await self.connection.recv()
        assert isinstance(came, str)
        assert came.endswith("\n")
        return [json.loads(line) for line in came.splitlines()]

    async def reads(self, kind: str) -> dict[str, Any]:
        """Read up to a line of this type, and return its object."""
        while True:
            while self._lines:
                found: dict[str, Any] = json.loads(self._lines.pop(0))
                if found["type"] == kind:
                    return found
            self._lines = str(await self.connection.recv()).splitlines()

    async def reads_event(self, kind: str) -> dict[str, Any]:
        """Read up to an entry with an event of this type, and return the event."""
        while True:
            event: dict[str, Any] = (await self.reads("entry"))["event"]
            if event["type"] == kind:
                return event

    async def joins(self, name: str, channel: str = "general") -> dict[str, Any]:
        """Say hello, and return the welcome."""
        await self.asks({"type": "hello", "name": name, "channel": channel})
        return await self.reads("welcome")

    async def reads_the_end(self) -> tuple[list[dict[str, Any]], int | None]:
        """Read up to the end; return the objects that came, and the close code."""
        came = [json.loads(line) for line in self._lines]
        try:
            while True:
                came += await self.reads_frame()
        except ConnectionClosed:
            return came, self.connection.close_code


async def page(place: Place, headers: Mapping[str, str] | None = None, *subprotocols: str) -> Page:
    """Open a page's connection."""
    offered = [Subprotocol(name) for name in subprotocols]
    url = f"ws://localhost:{place.port}/ws"
    connection = await connect(
        url, additional_headers=headers, subprotocols=offered or None, compression=None, ping_interval=None
    )
    opened = Page(connection)
    place.pages.append(opened)
    return opened


class ByHand:
    """A WebSocket whose peer sends any bytes."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self._frames = Protocol(Side.CLIENT, max_size=None)

    async def sends(self, *data: bytes) -> None:
        await self.caller.send(b"".join(data))

    async def reads_frame(self) -> tuple[Opcode, bytes]:
        """Read one frame, and return its opcode and data."""
        while not (events := self._frames.events_received()):
            data = await self.caller.reader.read(65_536)
            assert data, "the connection has ended"
            self._frames.receive_data(data)
        came = events.pop(0)
        self._frames.events[:0] = events
        assert isinstance(came, Frame)
        return came.opcode, bytes(came.data)

    async def reads(self, kind: str) -> dict[str, Any]:
        """Read up to a line of this type, and return its object."""
        while True:
            opcode, data = await self.reads_frame()
            assert opcode is Opcode.TEXT
            for line in data.splitlines():
                found: dict[str, Any] = json.loads(line)
                if found["type"] == kind:
                    return found

    async def reads_close(self) -> int:
        """Read up to the close frame, and return its code."""
        while True:
            opcode, data = await self.reads_frame()
            if opcode is Opcode.CLOSE:
                return int.from_bytes(data[:2], "big")

    async def ended(self) -> None:
        """Wait until the connection has ended."""
        await self.caller.ended()


async def by_hand(place: Place, *, sending: bytes = b"", headers: Mapping[str, str] | None = None) -> ByHand:
    """Open a WebSocket, with `sending` directly after the request."""
    caller = await place.call()
    await caller.ask("GET", "/ws", {**UPGRADE, **(headers or {})}, None)
    if sending:
        await caller.send(sending)
    status, _ = await caller.head()
    assert status == 101
    return ByHand(caller)


async def until_empty(place: Place) -> None:
    """Wait until every page's connection has ended."""
    while place.desk.ws_listener.connections:  # noqa: ASYNC110 - what a test looks at has no event
        await asyncio.sleep(0)
