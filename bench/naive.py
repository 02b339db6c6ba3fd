"""A naive server: one encode and one write for each message and member. `fanout` compares with it.

It speaks the two protocols of a channel's port as far as the load generator needs: hello -> welcome, say -> an entry to
every member. It has no log, no seats and no limits, so it does less than the real server. It runs on uvloop as well,
where each write to a ready socket is one immediate system call.
"""

import argparse
import asyncio
import os
import signal
import sys
import time
from typing import cast

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "src"))

from antechamber.bootstrap.launch import prepare  # noqa: E402 - the path is set before modules on it are imported

prepare(ROOT)

import msgspec  # noqa: E402
import uvloop  # noqa: E402


class Hello(msgspec.Struct, tag_field="type", tag="hello"):
    """The first line of a member."""

    name: str


class Say(msgspec.Struct, tag_field="type", tag="say"):
    """A message to everybody; `id` is the sender's own."""

    text: str
    id: str = ""


class Welcome(msgspec.Struct, tag_field="type", tag="welcome"):
    """The answer to a hello."""

    time: float
    channel: str
    name: str


class Said(msgspec.Struct, tag_field="type", tag="said", omit_defaults=True):
    """A chat message."""

    name: str
    text: str
    id: str = ""


class Entry(msgspec.Struct, tag_field="type", tag="entry"):
    """A message on its way to a member."""

    channel: str
    sequence: int
    time: float
    event: Said


class Channel:
    """All members, and the number of messages so far."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.sequence = 0
        self.members: dict[Member, None] = {}

    def tell_all(self, name: str, text: str, id_: str = "") -> None:
        """Encode and write for each member."""
        self.sequence += 1
        now = time.time()
        clock = time.strftime("%H:%M:%S", time.localtime(now))
        entry = Entry(self.name, self.sequence, now, Said(name, text, id_))
        for member in self.members:
            if member.json:
                member.transport.write(msgspec.json.encode(entry) + b"\n")
            else:
                member.transport.write(f"[{name} ({clock})] {text}\n".encode())


class Member(asyncio.Protocol):
    """One connection: JSON lines where its first byte is `{`, plain lines otherwise."""

    transport: asyncio.Transport

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.name = ""
        self.json = False
        self.rest = b""
        self.decode = msgspec.json.Decoder(Hello | Say).decode

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the hello."""
        self.transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Remove the member."""
        self.channel.members.pop(self, None)

    def data_received(self, data: bytes) -> None:
        """Carry out each whole line."""
        *lines, self.rest = (self.rest + data).split(b"\n")
        for line in lines:
            if not self.name:
                self.join(line)
            elif self.json:
                said = self.decode(line)
                assert isinstance(said, Say)
                self.channel.tell_all(self.name, said.text, said.id)
            else:
                self.channel.tell_all(self.name, line.decode())

    def join(self, line: bytes) -> None:
        """Accept the name, and send the welcome."""
        self.json = line.startswith(b"{")
        now = time.time()
        if self.json:
            self.name = self.decode(line).name
            self.transport.write(msgspec.json.encode(Welcome(now, self.channel.name, self.name)) + b"\n")
        else:
            self.name = line.decode()
            clock = time.strftime("%H:%M:%S", time.localtime(now))
            welcome = f"[Server message ({clock})] Welcome to the {self.channel.name} channel, {self.name}.\n"
            self.transport.write(welcome.encode())
        self.channel.members[self] = None


async def serve(port: int) -> None:
    """Serve until told to end."""
    loop = asyncio.get_running_loop()
    channel = Channel("general")
    ended = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, ended.set)
    server = await loop.create_server(lambda: Member(channel), "127.0.0.1", port, backlog=4096)
    await ended.wait()
    server.close()


def main() -> None:
    """Read the port and serve."""
    parser = argparse.ArgumentParser(description="Reference server: one encode and one write a message and member.")
    parser.add_argument("port", type=int)
    uvloop.run(serve(parser.parse_args().port))


if __name__ == "__main__":
    main()
