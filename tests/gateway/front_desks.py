"""A front desk at a real port, with a real hub, and members whose chat transports are the test's own."""

import asyncio
import itertools
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import NamedTuple, Protocol, TypeVar

import msgspec
from websockets.asyncio.client import ClientConnection

from antechamber.codec.jsonl import JSON, decode_message
from antechamber.gateway.admission import Admission
from antechamber.gateway.http.front_desk import FrontDesk
from antechamber.hub.hub import Hub
from antechamber.log.memory import MemoryLog
from antechamber.protocol.commands import Command, Hello, Leave, Send
from antechamber.protocol.limits import CurrentLimits, Limits
from antechamber.protocol.notices import Message, Offer, Ticket
from antechamber.rooms.room import Room
from antechamber.rooms.transfers import Transfer, Transfers
from antechamber.session.budgets import Budgets
from antechamber.session.session import Session
from tests.fakes import FakeClock

M = TypeVar("M", bound=Message)


class Answer(NamedTuple):
    """A complete HTTP answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def error(self) -> str:
        """The error in the answer."""
        assert self.headers["content-type"] == "application/json"
        return msgspec.json.decode(self.body, type=dict[str, str])["error"]


class Caller:
    """One HTTP connection to the front desk."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def ask(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> None:
        """Send a request. Content-Length is that of `body`, unless `headers` has another."""
        told = {"Host": "localhost", **({} if body is None else {"Content-Length": str(len(body))}), **(headers or {})}
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in told.items()), "", ""]
        await self.send("\r\n".join(lines).encode("latin-1") + (body or b""))

    async def head(self) -> tuple[int, dict[str, str]]:
        """Read the head of an answer: its status and headers."""
        first, *lines = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines if line)
        assert len(headers) == len([line for line in lines if line]), "a header stands twice"
        return int(first.split()[1]), {name.lower(): value for name, value in headers.items()}

    async def answer(self, *, bodiless: bool = False) -> Answer:
        """Read a whole answer; one to HEAD is `bodiless`."""
        status, headers = await self.head()
        length = 0 if bodiless or status == 204 else int(headers["content-length"])
        return Answer(status, headers, await self.reader.readexactly(length))

    async def ended(self) -> bytes:
        """Wait until the front desk closes the connection, and return what came before."""
        try:
            return await self.reader.read()
        except ConnectionResetError:
            return b""

    async def close(self) -> None:
        self.writer.close()
        with suppress(ConnectionError):
            await self.writer.wait_closed()


class ChatTransport:
    """The transport of a member's chat connection, from which the test reads what is written."""

    def __init__(self) -> None:
        self.lines: asyncio.Queue[bytes] = asyncio.Queue()

    def write(self, data: bytes) -> None:
        for line in data.splitlines():
            self.lines.put_nowait(line)

    def close(self) -> None: ...
    def abort(self) -> None: ...
    def pause_reading(self) -> None: ...
    def resume_reading(self) -> None: ...

    def get_write_buffer_size(self) -> int:
        return 0


class Person:
    """A member seated in the channel."""

    def __init__(self, hub: Hub, name: str) -> None:
        self.hub = hub
        self.name = name
        self.transport = ChatTransport()
        self.session = Session(self.transport, JSON, "general")
        self.ask(Hello(name))

    def ask(self, *commands: Command) -> None:
        self.hub.submit(self.session, commands)

    def leave(self) -> None:
        self.ask(Leave("lost"))

    async def reads(self, kind: type[M]) -> M:
        """Read until a message of this kind comes, and return it."""
        while True:
            message = decode_message(await self.transport.lines.get())
            if isinstance(message, kind):
                return message


class HasConnection(Protocol):
    """A page with a connection to close."""

    connection: ClientConnection


class Place:
    """The front desk, its hub, and Alice and Bob, who are seated."""

    def __init__(self, limits: Limits, host: str) -> None:
        self.limits = limits
        tickets = (f"ticket{number}" for number in itertools.count(1))
        rooms = [Room("general", 9001, 5, limits), Room("games", 9002, 7, limits, topic="Chess & <cards>")]
        self.clock = FakeClock()
        self.transfers = Transfers(lambda: next(tickets), Budgets(CurrentLimits(limits), self.clock))
        self.hub = Hub(rooms, MemoryLog(), self.transfers, self.clock, asyncio.get_running_loop())
        self.hub.open()
        self.socket = socket.create_server((host, 0))
        self.socket.setblocking(False)
        self.port: int = self.socket.getsockname()[1]
        self.hub.announce_front_desk(self.port)
        self.admission = Admission(limits, self.hub.budgets)
        self.desk = FrontDesk(self.hub, [self.socket], limits, self.admission)
        self.alice = Person(self.hub, "Alice")
        self.bob = Person(self.hub, "Bob")
        self.callers: list[Caller] = []
        self.pages: list[HasConnection] = []

    async def call(self) -> Caller:
        """Connect to the front desk."""
        caller = Caller(*await asyncio.open_connection("127.0.0.1", self.port))
        self.callers.append(caller)
        return caller

    async def ask(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Answer:
        """Send one request over a new connection, and return the answer."""
        caller = await self.call()
        await caller.ask(method, path, {"Connection": "close", **(headers or {})}, body)
        return await caller.answer(bodiless=method == "HEAD")

    async def ticket(self, size: int, path: str = "notes.txt") -> Ticket:
        """Ask as Alice to send Bob a file, and return her ticket."""
        self.alice.ask(Send("Bob", path, size))
        return await self.alice.reads(Ticket)

    async def begin_upload(self, path: str, size: int) -> Caller:
        """Begin an upload without sending any of the body yet."""
        caller = await self.call()
        await caller.ask("PUT", path, {"Content-Length": str(size), "Expect": "100-continue"})
        assert (await caller.head())[0] == 100
        return caller

    async def offer(self, content: bytes, path: str = "notes.txt") -> Offer:
        """Upload a file from Alice for Bob, and return the offer that he reads."""
        ticket = await self.ticket(len(content), path)
        assert (await self.ask("PUT", ticket.path, body=content)).status == 204
        return await self.bob.reads(Offer)

    def transfer(self, ticket: str) -> Transfer:
        transfer = self.transfers.get(ticket)
        assert transfer is not None
        return transfer


@asynccontextmanager
async def front_desk(limits: Limits | None = None, host: str = "127.0.0.1") -> AsyncIterator[Place]:
    """Start a front desk, and stop it at the end."""
    place = Place(limits or Limits(), host)
    await place.desk.start()
    try:
        yield place
    finally:
        for page in place.pages:
            page.connection.transport.abort()
        for caller in place.callers:
            await caller.close()
        place.desk.ws_listener.close()
        place.hub.close()
        await place.desk.stop()
        place.desk.ws_listener.abort()
        await place.desk.ws_listener.drained()
        for ticket in list(place.transfers._by_ticket):
            place.transfers.close(ticket)
