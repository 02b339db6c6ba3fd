"""The attacks of bench/attacks: each in its own process, from one loopback address, limited in count and time.

python3 -m bench.attackers NAME SECONDS FRONT_DESK_PORT CHANNEL_PORT IRC_PORT
"""

import base64
import contextlib
import json
import os
import socket
import struct
import sys
import time
from collections.abc import Callable, Iterator
from typing import Final

SOURCE: Final = "127.0.0.66"
"""The attackers' address."""
_WRITES_BYTES_MAX: Final = 2 << 30
_SOCKETS_MAX: Final = 1_000


class Place:
    """The server that is attacked."""

    def __init__(self, front_desk: int, channel: int, irc: int, seconds: float) -> None:
        self.front_desk = front_desk
        self.channel = channel
        self.irc = irc
        self.until = time.monotonic() + seconds

    @property
    def goes_on(self) -> bool:
        """Return whether the attack is to continue."""
        return time.monotonic() < self.until

    def connect(self, port: int) -> socket.socket:
        """Return a connection. Raises OSError."""
        return socket.create_connection(("127.0.0.1", port), 5.0, (SOURCE, 0))


def _masked(opcode: int, data: bytes = b"") -> bytes:
    """Return a frame as a browser sends it, masked with zeros."""
    assert len(data) < 126
    return struct.pack("!BB4x", 0x80 | opcode, 0x80 | len(data)) + data


def _websocket(place: Place) -> socket.socket:
    key = base64.b64encode(os.urandom(16)).decode()
    peer = place.connect(place.front_desk)
    peer.sendall(
        f"GET /ws HTTP/1.1\r\nHost: 127.0.0.1:{place.front_desk}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
    )
    return peer


def _open(place: Place, opener: Callable[[Place], socket.socket], number: int) -> list[socket.socket]:
    peers = []
    for _ in range(min(number, _SOCKETS_MAX)):
        if not place.goes_on:
            break
        with contextlib.suppress(OSError):
            peer = opener(place)
            peer.setblocking(False)
            peers.append(peer)
    return peers


def _flood(
    place: Place, opener: Callable[[Place], socket.socket], number: int, data: bytes, *, reads: bool = True
) -> None:
    """Write `data` over and over over so many connections, and replace those that are closed."""
    left = _WRITES_BYTES_MAX
    peers = _open(place, opener, number)
    while place.goes_on and left > 0:
        moved = False
        for index, peer in enumerate(peers):
            try:
                if reads:
                    with contextlib.suppress(BlockingIOError):
                        while peer.recv(1 << 18):
                            moved = True
                left -= peer.send(data)
                moved = True
            except BlockingIOError:
                continue
            except OSError:
                peer.close()
                with contextlib.suppress(OSError):
                    peers[index] = opener(place)
                    peers[index].setblocking(False)
        if not moved:
            time.sleep(0.001)
    for peer in peers:
        peer.close()


def _plain(place: Place, name: str) -> socket.socket:
    peer = place.connect(place.channel)
    peer.sendall(f"{name}\n".encode())
    return peer


_names = (f"x{os.getpid() % 1000}n{number}" for number in range(1_000_000))


def _named_plain(place: Place) -> socket.socket:
    return _plain(place, next(_names))


def _named_json(place: Place) -> socket.socket:
    peer = place.connect(place.channel)
    peer.sendall(json.dumps({"type": "hello", "name": next(_names)}).encode() + b"\n")
    return peer


def _nameless_json(place: Place) -> socket.socket:
    peer = place.connect(place.channel)
    peer.sendall(b'{"type":"ping"}\n')
    return peer


def _named_irc(place: Place) -> socket.socket:
    peer = place.connect(place.irc)
    name = next(_names)
    peer.sendall(f"NICK {name}\r\nUSER {name} 0 * :x\r\n".encode())
    return peer


def _front_desk(place: Place) -> socket.socket:
    return place.connect(place.front_desk)


def _ghosts(place: Place) -> None:
    """Say hello and hang up, 300 at a time, over and over."""
    while place.goes_on:
        for _ in range(300):
            with contextlib.suppress(OSError):
                _named_json(place).close()
        time.sleep(0.2)


def _slow_heads(place: Place) -> None:
    peers = _open(place, _front_desk, 1_000)
    while place.goes_on:
        for peer in peers:
            with contextlib.suppress(OSError):
                peer.send(b"G")
        time.sleep(0.5)


def _handshakes(place: Place) -> None:
    while place.goes_on:
        with contextlib.suppress(OSError):
            _websocket(place).close()


def _found(place: Place) -> None:
    """Create open channels, each with its own JOIN."""
    peer = _named_irc(place)
    peer.setblocking(False)
    number = 0
    while place.goes_on and number < 100_000:
        lines = "".join(f"JOIN #r{os.getpid()}-{number + more}\r\n" for more in range(20))
        lines += "".join(f"PART #r{os.getpid()}-{number + more}\r\n" for more in range(20))
        with contextlib.suppress(BlockingIOError):
            while peer.recv(1 << 18):
                pass
        try:
            peer.sendall(lines.encode())
            number += 20
        except BlockingIOError:
            time.sleep(0.001)
        except OSError:
            peer = _named_irc(place)
            peer.setblocking(False)


def _guesses(line: str) -> Callable[[Place], None]:
    def run(place: Place) -> None:
        data = "".join(line.format(number) for number in range(500)).encode()
        _flood(place, _named_irc, 4, data)

    return run


_REQUEST = b"GET /channels HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"

ATTACKS: Final[dict[str, Callable[[Place], None]]] = {
    "nothing": lambda place: time.sleep(max(place.until - time.monotonic(), 0.0)),
    "16 WebSockets, empty pings": lambda place: _flood(place, _websocket, 16, _masked(9) * 40_000),
    "16 WebSockets, empty pongs unread": lambda place: _flood(place, _websocket, 16, _masked(10) * 40_000, reads=False),
    "16 WebSockets, empty parts": lambda place: _flood(
        place, _websocket, 16, b"\x01\x80\0\0\0\0" + b"\x00\x80\0\0\0\0" * 40_000
    ),
    "16 WebSockets, messages of a byte": lambda place: _flood(place, _websocket, 16, _masked(1, b"x") * 20_000),
    "WebSocket handshakes": _handshakes,
    "128 sockets, pipelined requests unread": lambda place: _flood(
        place, _front_desk, 128, _REQUEST * 2_000, reads=False
    ),
    "128 sockets, pipelined requests": lambda place: _flood(place, _front_desk, 128, _REQUEST * 50),
    "1,000 sockets, heads that never end": _slow_heads,
    "64 sockets, chunks of a byte": lambda place: _flood(
        place,
        _front_desk,
        64,
        b"POST /channels HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 10_000,
    ),
    "plain port, 16 x newlines": lambda place: _flood(place, _named_plain, 16, b"\n" * 65_536),
    "plain port, 16 x /list": lambda place: _flood(place, _named_plain, 16, b"/list\n" * 2_000),
    "plain port, 16 x talk": lambda place: _flood(place, _named_plain, 16, b"x\n" * 2_000),
    "JSON port, 16 x {}": lambda place: _flood(place, _nameless_json, 16, b"{}\n" * 20_000),
    "JSON port, 16 x ping": lambda place: _flood(place, _named_json, 16, b'{"type":"ping"}\n' * 4_000),
    "JSON port, 16 x list": lambda place: _flood(place, _named_json, 16, b'{"type":"list"}\n' * 4_000),
    "JSON port, 300 x list, one at a time": lambda place: _flood(place, _named_json, 300, b'{"type":"list"}\n'),
    "IRC, 16 x newlines": lambda place: _flood(place, _named_irc, 16, b"\r\n" * 30_000),
    "IRC, 16 x PING": lambda place: _flood(place, _named_irc, 16, b"PING x\r\n" * 8_000),
    "IRC, 16 x LIST": lambda place: _flood(place, _named_irc, 16, b"LIST\r\n" * 8_000),
    "IRC, 16 x WHO *": lambda place: _flood(place, _named_irc, 16, b"WHO *z*\r\n" * 8_000),
    "300 hellos that hang up": _ghosts,
    "IRC, channels founded": _found,
    "IRC, PASS and NICK guessed": _guesses("PASS p{0}\r\nNICK Mary\r\n"),
    "IRC, OPER guessed": _guesses("OPER x guess{0}guess\r\n"),
}


def names() -> Iterator[str]:
    """Return the names of the attacks, in order."""
    return iter(ATTACKS)


def main() -> None:
    """Run the attack that the arguments name."""
    name, seconds, *ports = sys.argv[1:]
    front_desk, channel, irc = map(int, ports)
    ATTACKS[name](Place(front_desk, channel, irc, float(seconds)))


if __name__ == "__main__":
    main()
