"""WebSocket connections (RFC 6455): frames on one side, a session's lines on the other.

The library only reads frames. Written data are frames already, which all readers of the same lines share, and go
directly to the underlying transport.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, cast

from websockets.datastructures import Headers
from websockets.exceptions import InvalidHandshake, NegotiationError
from websockets.frames import CloseCode, Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import Protocol, Side, State
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from antechamber.gateway.connection import AnyConnection, Listener
from antechamber.gateway.transport import PutsBack, Served
from antechamber.session.rate_limit import RateLimit
from antechamber.session.session import GONE

SUBPROTOCOL = Subprotocol("antechamber.jsonl")
FRAME_BYTES_MAX = 262_144
"""The largest message from a peer, in any number of frames."""
BARE_FRAMES_PER_SECOND = 20
"""How many frames a second may complete no message, as pings do, after the burst. More are a flood."""
BARE_FRAMES_BURST = 200
"""How many of them may come at once."""
FRAMES_AT_ONCE = 64
"""How many frames of one connection are read before others are served, rounded up to a piece."""
_PIECE_BYTES = 600
"""The size of a piece of the stream. The library reads all its frames: a hundred of the shortest."""
_OF_MESSAGES = frozenset((Opcode.TEXT, Opcode.CONT))
_logger = logging.getLogger(__name__)
_logger.setLevel(logging.ERROR)  # anybody can send nonsense: not worth a log line


class Unaccepted(NamedTuple):
    """The reason why a request does not become a WebSocket: an HTTP status, and a text."""

    status: int
    text: str


def handshake(method: str, version: str, headers: Iterable[tuple[bytes, bytes]]) -> bytes | Unaccepted:
    """Return the answer that completes the opening handshake (RFC 6455, 4.2), or why there is none."""
    judge = ServerProtocol(select_subprotocol=_select_subprotocol, logger=_logger)
    offered = Headers((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers)
    response = judge.accept(Request("/", offered, method, f"HTTP/{version}"))
    if response.status_code == 101:
        return response.serialize()
    problem = judge.handshake_exc
    words = f": {problem}" if isinstance(problem, InvalidHandshake) else ""
    return Unaccepted(response.status_code, f"That is not a WebSocket request{words}.")


def _select_subprotocol(_: ServerProtocol, offered: Sequence[Subprotocol]) -> Subprotocol | None:
    if offered and SUBPROTOCOL not in offered:
        raise NegotiationError(f"the subprotocol is {SUBPROTOCOL}")
    return SUBPROTOCOL if offered else None


class WebSocket(Served):
    """One WebSocket: a protocol to the underlying transport, and the transport of a chat `connection`.

    The connection receives whole lines, and writes frames.
    """

    __slots__ = ("_bare", "_begun", "_closing", "_connection", "_frames", "_lines", "_listener", "_raw", "write")

    def __init__(self, raw: asyncio.Transport, connection: AnyConnection, listener: Listener) -> None:
        self._raw = raw
        self._frames = Protocol(Side.SERVER, max_size=FRAME_BYTES_MAX, logger=_logger)
        self._connection: Served = connection
        self._listener = listener
        self._bare: RateLimit | None = None
        """The rate limit of frames that complete no message, None before the first of them."""
        self._begun: bytearray | None = None
        """The beginning of a message that is still incomplete."""
        self._closing: asyncio.TimerHandle | None = None
        """The timer that aborts the connection if the peer does not complete the closing handshake."""
        self._lines = b""
        """The lines that the connection has put back."""
        self.write: Callable[[bytes], None] = raw.write
        """Sends frames, without waiting."""

    # The protocol of the underlying transport

    @property
    def is_known(self) -> bool:
        """Whether the peer has named itself."""
        return self._connection.is_known

    def data_received(self, data: bytes) -> None:
        """Read up to FRAMES_AT_ONCE frames, pass their lines to the connection, and put the rest back for later.

        If the connection has put lines back, it gets those instead, and `data` is put back.
        """
        lines, self._lines = self._lines, b""
        read = 0
        if not lines:
            lines, read = self._read(data)
        if lines:
            self._connection.data_received(lines)
        self._answer()
        if (read < len(data) or self._lines) and not self._raw.is_closing():
            cast(PutsBack, self._raw).put_back(data[read:])

    def _read(self, data: bytes) -> tuple[bytes, int]:
        """Return the lines at the start of `data`, and how many bytes of it were read."""
        lines: list[bytes] = []
        read = frames = 0
        while read < len(data) and frames < FRAMES_AT_ONCE and not self._frames.eof_sent:
            self._frames.receive_data(data[read : read + _PIECE_BYTES])
            read += _PIECE_BYTES
            events = self._frames.events_received()
            frames += len(events)
            lines += self._messages(events)
        return b"".join(lines), read

    def eof_received(self) -> bool:
        """Return False: the end of the peer's input ends the connection."""
        self._connection.eof_received()
        return False

    def pause_writing(self) -> None:
        """Report a slow consumer to the connection."""
        self._connection.pause_writing()

    def unread(self, seconds: float) -> None:
        """Report to the connection that its peer reads nothing."""
        self._connection.unread(seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """Report the end to the connection."""
        self.write = GONE.write
        if self._closing is not None:
            self._closing.cancel()
        self._connection.connection_lost(exc)

    def _messages(self, events: Sequence[object]) -> Iterator[bytes]:
        """Yield the complete messages, each ending in a newline. Fail the WebSocket on a forbidden frame."""
        for frame in cast(Sequence[Frame], events):
            if self._closing is not None:
                return
            if frame.opcode is Opcode.BINARY:
                self._frames.fail(CloseCode.UNSUPPORTED_DATA, "only text")
                return
            if not (frame.fin and frame.data and frame.opcode in _OF_MESSAGES) and not self._allows_bare_frame():
                self._frames.fail(CloseCode.POLICY_VIOLATION, "too many frames that bring no message")
                return
            if frame.opcode not in _OF_MESSAGES:
                continue
            if self._begun is None:
                self._begun = bytearray()
            self._begun += frame.data
            if frame.fin:
                message, self._begun = bytes(self._begun), None
                try:
                    message.decode()
                except UnicodeDecodeError:
                    self._frames.fail(CloseCode.INVALID_DATA, "not UTF-8")
                    return
                yield message if message.endswith(b"\n") else message + b"\n"

    def _allows_bare_frame(self) -> bool:
        """Return whether the rate limit allows a frame that completes no message, such as a control frame."""
        now = self._listener.hub.clock.steady()
        if self._bare is None:
            self._bare = RateLimit(BARE_FRAMES_PER_SECOND, BARE_FRAMES_BURST, now)
        return self._bare.take(1, now) == 1

    def _answer(self) -> None:
        """Send the library's answers to frames, and advance the closing handshake (RFC 6455, 7), if begun."""
        frames = self._frames
        to_send = frames.data_to_send()
        if self._closing is None and (data := b"".join(to_send)):
            self._raw.write(data)
        if b"" in to_send:
            self._raw.close()
        if self._closing is None and frames.state is not State.OPEN:
            self.write = GONE.write
            linger = self._listener.limits.linger_seconds_max
            self._closing = self._listener.loop.call_later(linger, self._raw.abort)

    # The transport of the connection

    def set_protocol(self, connection: asyncio.BaseProtocol) -> None:
        """Pass further lines to another connection."""
        self._connection = cast(Served, connection)

    def put_back(self, data: bytes) -> None:
        """Give the connection lines again in a later pass, before new ones."""
        self._lines = data

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Set how many bytes may be buffered before `pause_writing` is called."""
        self._raw.set_write_buffer_limits(high, low)

    def get_write_buffer_size(self) -> int:
        """Return how many bytes are buffered."""
        return self._raw.get_write_buffer_size()

    def pause_reading(self) -> None:
        """Stop reading from the peer."""
        self._raw.pause_reading()

    def resume_reading(self) -> None:
        """Read from the peer again."""
        self._raw.resume_reading()

    def is_closing(self) -> bool:
        """Return whether the WebSocket is closing or closed."""
        return self._closing is not None or self._raw.is_closing()

    def close(self) -> None:
        """Send what is buffered and a close frame, and wait a while for the peer's (RFC 6455, 7.1.2)."""
        if not self._raw.is_closing() and self._frames.state is State.OPEN:
            self._frames.send_close(CloseCode.GOING_AWAY if self._listener.closed else CloseCode.NORMAL_CLOSURE)
            self._answer()

    def abort(self) -> None:
        """Close at once."""
        self._raw.abort()
