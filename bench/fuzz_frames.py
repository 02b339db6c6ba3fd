"""A check that WebSocket frames are read as promised."""

from collections.abc import Callable, Sequence
from typing import Any, cast

from websockets.exceptions import ProtocolError
from websockets.frames import Frame, Opcode
from websockets.protocol import Protocol, Side

from antechamber.gateway.http.websocket import WebSocket
from antechamber.protocol.limits import Limits
from bench.fuzz_promises import BrokenPromise, Ways, promise


class _Peer:
    """The transport, session and loop of a WebSocket: it records the lines passed on and the answers."""

    closed = False
    limits = Limits()

    def __init__(self) -> None:
        self.lines: list[bytes] = []
        self.replies = b""
        self.closing = False
        self.rest: bytes | None = None
        self.loop = self.hub = self.clock = self

    def data_received(self, data: bytes) -> None:
        """Accept lines, as the session above does."""
        self.lines.append(data)

    def put_back(self, data: bytes) -> None:
        """Keep data that is to be read again."""
        self.rest = data

    def steady(self) -> float:
        """Return a clock that stands still."""
        return 0.0

    def write(self, data: bytes) -> None:
        """Accept an answer, as the transport beneath does."""
        promise(not self.closing, "something is written after the closing", data)
        self.replies += data

    def close(self) -> None:
        """Close."""
        self.closing = True

    abort = close

    def is_closing(self) -> bool:
        """Return whether it was closed."""
        return self.closing

    def call_later(self, _: float, __: Callable[[], object]) -> None:
        """Ignore the request for a timer."""


def check_frames(data: bytes, ways: Ways) -> None:
    """Check that reading gives whole UTF-8 lines, the same however the stream is cut, and answers that are frames.

    A stream that breaks the rules must close the connection, with at most one frame that says so, and nothing after it.
    """
    expected = _read([data])
    for pieces in ways(data):
        if (found := _read(pieces)) != expected:
            raise BrokenPromise(f"cut into {len(pieces)}, it reads {found!r}, not {expected!r}")


def _read(pieces: Sequence[bytes]) -> tuple[bytes, bool]:
    """Return the lines of a stream that arrives in pieces, and whether the connection is closed."""
    peer = _Peer()
    socket = WebSocket(*cast(Any, (peer, peer, peer)))
    for piece in pieces:
        peer.rest = piece
        while peer.rest is not None and not peer.closing:
            given, peer.rest = peer.rest, None
            socket.data_received(given)
    lines = b"".join(peer.lines)
    try:
        lines.decode()
    except UnicodeDecodeError:
        raise BrokenPromise(f"what is no UTF-8 is given on: {lines!r}") from None
    promise(all(each.endswith(b"\n") for each in peer.lines), "a line without its end is given on", lines)
    _check_answers(peer)
    return lines, peer.closing


def _check_answers(peer: _Peer) -> None:
    reader = Protocol(Side.CLIENT)
    reader.receive_data(peer.replies)
    promise(not isinstance(reader.parser_exc, ProtocolError), "an answer is no frame", peer.replies)
    kinds = [each.opcode for each in reader.events_received() if isinstance(each, Frame)]
    promise(set(kinds) <= {Opcode.PONG, Opcode.CLOSE}, "an answer that nobody asked for", kinds)
    promise(kinds.count(Opcode.CLOSE) == peer.closing, "it closes without a word, or says so and does not", kinds)
    promise(Opcode.CLOSE not in kinds[:-1], "something is said after the closing", kinds)
