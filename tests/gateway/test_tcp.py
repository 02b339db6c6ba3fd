"""A channel's port, over real sockets: the first byte, the hello, slow readers, rushes, and no open files left."""

import asyncio
import errno
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, cast

import pytest

from antechamber.codec.plain import OPERATOR
from antechamber.gateway.listening import listen
from antechamber.gateway.tcp import Connection, Door
from antechamber.hub import Hub
from antechamber.limits import Limits
from antechamber.log.memory import MemoryLog
from antechamber.room import Room
from antechamber.session import GONE, Session
from antechamber.transfers import Transfers
from tests.fakes import FakeClock, FakeTransport

NAMED = b'{"type":"hello","name":"%s"}\n'


class Stage:
    """A door at a real port, with a real hub behind it."""

    def __init__(self, limits: Limits, listeners: list[socket.socket]) -> None:
        room = Room("general", 9001, 1000, limits)
        self.port: int = listeners[0].getsockname()[1]
        self.hub = Hub(
            [room], MemoryLog(), Transfers(limits, lambda: ""), limits, FakeClock(), asyncio.get_running_loop()
        )
        self.writers: list[asyncio.StreamWriter] = []
        self.hub.open()
        self.door = Door("general", listeners, self.hub, limits)
        self.door.open()

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Knock, and be let in."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.writers.append(writer)
        return reader, writer

    async def join(self, name: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Come in with a name, and read on until seated."""
        reader, writer = await self.connect()
        writer.write(NAMED % name)
        await reader.readuntil(b'"type":"seated","name":"%s"}}\n' % name)
        return reader, writer


@asynccontextmanager
async def stage(limits: Limits = Limits()) -> AsyncIterator[Stage]:  # noqa: B008 - it is frozen
    """Set a stage; at its end every connection is closed."""
    listeners = listen("127.0.0.1", 0)
    set_up = Stage(limits, listeners)
    try:
        yield set_up
    finally:
        set_up.door.close()
        set_up.hub.close()
        set_up.door.abort()
        await set_up.door.drained()
        for writer in set_up.writers:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()


@pytest.mark.parametrize(
    ("sent", "begins"),
    [
        (b"Mary\n", b"[Server message ("),
        (b"\r\n \n Mary\r\n", b"[Server message ("),
        (b'{"type":"hello","name":"Mary"}\n', b'{"type":"welcome",'),
        (b' \n{"type":"hello","name":"Mary"}\n', b'{"type":"welcome",'),
    ],
)
async def test_the_first_byte_that_is_no_space_tells_the_codec(sent: bytes, begins: bytes) -> None:
    async with stage() as room:
        reader, writer = await room.connect()
        for byte in sent:  # one by one: where the chunks end is no matter
            writer.write(bytes([byte]))
            await writer.drain()
        assert (await reader.readline()).startswith(begins)


async def test_a_connection_that_ends_frees_its_seat() -> None:
    async with stage() as room:
        reader, _ = await room.join(b"Mary")
        _, writer = await room.join(b"Bob")
        writer.close()
        await reader.readuntil(b'{"type":"left","name":"Bob","reason":"lost"}}\n')
        assert room.hub.channels()[0].seated == 1


async def test_what_was_sent_before_the_connection_ended_is_still_said() -> None:
    async with stage() as room:
        reader, _ = await room.join(b"Mary")
        with socket.create_connection(("127.0.0.1", room.port)) as raw:
            raw.sendall(NAMED % b"Bob" + b'{"type":"say","text":"last words"}\n')
        heard = await reader.readuntil(b'"reason":"lost"}}\n')
        assert b'"name":"Bob","text":"last words"' in heard


@pytest.mark.parametrize("sent", [b"", b"Ma", b"{", b'{"type":"ping"}\n'])
async def test_who_does_not_say_a_name_in_time_is_told_so_and_closed(sent: bytes) -> None:
    async with stage(Limits(hello_seconds_max=0.05)) as room:
        reader, writer = await room.connect()
        writer.write(sent)
        told = (await reader.read()).splitlines()[-1]
        assert b"you did not say who you are" in told or b'"reason":"refused"' in told
        assert room.hub.channels()[0].seated == 0


async def test_who_has_said_a_name_in_time_stays() -> None:
    async with stage(Limits(hello_seconds_max=0.05)) as room:
        reader, writer = await room.join(b"Mary")
        silent, _ = await room.connect()
        await silent.read()  # whose time, begun later, is over
        writer.write(b'{"type":"ping","id":"1"}\n')
        assert json.loads(await reader.readline())["type"] == "pong"


async def test_a_slow_reader_is_closed_with_its_reason_while_the_others_read_everything() -> None:
    async with stage(Limits(outbox_bytes_max=65_536)) as room:
        slow, _ = await room.join(b"slow")
        fast, writer = await room.join(b"fast")
        heard = b""
        said = 0
        while b'"name":"slow","reason":"lost"' not in heard:
            writer.write((b'{"type":"say","text":"%s"}\n' % (b"x" * 10_000)) * 20)
            said += 20
            last = b""
            for _ in range(20):
                while b'"said"' not in last:
                    last = await fast.readline()
                    heard += last if b'"left"' in last else b""
                last = b""
            assert said < 5_000, "the slow reader is never closed"
        rest = await slow.read()
        assert json.loads(rest.splitlines()[-1])["reason"] == "slow"


class SlowTransport(FakeTransport):
    """A transport whose peer reads nothing: what is written stays, after a close too."""

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Leave it to the test when the outbox is full."""


async def test_nothing_follows_the_goodbye_of_a_slow_reader_that_is_still_seated() -> None:
    async with stage() as room:
        reader, writer = await room.join(b"Mary")
        slow, transport = Connection(room.door), SlowTransport()
        slow.connection_made(cast(asyncio.BaseTransport, transport))
        slow.data_received(NAMED % b"slow")
        await reader.readuntil(b'"type":"seated","name":"slow"}}\n')
        submit = room.hub.submit

        def submit_and_overflow(session: Session, commands: Any) -> None:
            room.hub.submit = submit  # type: ignore[method-assign]
            submit(session, commands)  # so the message stands in the inbox before the departure
            slow.pause_writing()

        room.hub.submit = submit_and_overflow  # type: ignore[method-assign]
        writer.write(b'{"type":"say","text":"meanwhile"}\n')
        await reader.readuntil(b'"type":"left","name":"slow","reason":"lost"}}\n')
        assert transport.closed
        assert json.loads(transport.writes[-1])["type"] == "goodbye"
        slow.connection_lost(None)


async def test_a_rush_of_hellos_is_let_in_together_and_costs_few_turns() -> None:
    async with stage() as room:
        turns: list[bytes] = []

        class Ear:
            write = turns.append
            close = abort = pause_reading = resume_reading = GONE.close

        room.hub.add_operator(Session(Ear(), OPERATOR, "", operator=True))
        rush = [socket.create_connection(("127.0.0.1", room.port)) for _ in range(100)]
        for number, raw in enumerate(rush):
            raw.sendall(NAMED % b"m%d" % number)
        await room.join(b"last")
        assert room.hub.channels()[0].seated == len(rush) + 1
        assert len(turns) < 20
        for raw in rush:
            raw.close()


async def test_running_out_of_open_files_stops_new_connections_but_not_the_server(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with stage() as room:
        reader, writer = await room.join(b"Mary")
        real = socket.socket.accept
        failures = [OSError(errno.EMFILE, "Too many open files")]

        def accept(self: socket.socket) -> tuple[socket.socket, Any]:
            if failures:
                raise failures.pop()
            return real(self)

        monkeypatch.setattr("antechamber.gateway.tcp._REST_SECONDS", 0.01)
        monkeypatch.setattr(socket.socket, "accept", accept)
        later = asyncio.create_task(room.join(b"Bob"))
        writer.write(b'{"type":"say","text":"still here"}\n')
        assert b"still here" in await reader.readline()
        await later
        assert [record.getMessage() for record in caplog.records] == ["nobody can be let in"]
