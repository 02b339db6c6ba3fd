"""WebSocket connections (RFC 6455): frames on the one side, a session's lines on the other.

The library that reads the frames is asked for nothing else: what is written are frames already, shared by all who read
the same, and go straight to the transport beneath.
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
"""Size of one message of a peer's, in however many frames."""
BARE_FRAMES_PER_SECOND = 20
"""How many frames a second may bring no message, as pings do, once the burst is used up: more are a flood."""
BARE_FRAMES_BURST = 200
"""How many of them may come at once."""
FRAMES_AT_ONCE = 64
"""How many frames of one connection are read before others have their turn, within a piece of the stream."""
_PIECE_BYTES = 600
"""Size of such a piece: the library reads all the frames that it is given, and of the shortest it has a hundred."""
_OF_MESSAGES = frozenset((Opcode.TEXT, Opcode.CONT))
_logger = logging.getLogger(__name__)
_logger.setLevel(logging.ERROR)  # whatever a stranger sends is no event of this server


class Unaccepted(NamedTuple):
    """Why a request does not become a WebSocket: an HTTP status, and words."""

    status: int
    text: str


def handshake(method: str, version: str, headers: Iterable[tuple[bytes, bytes]]) -> bytes | Unaccepted:
    """Judge a request to become a WebSocket, and return the answer by which it does."""
    judge = ServerProtocol(select_subprotocol=_select_subprotocol, logger=_logger)
    told = Headers((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers)
    response = judge.accept(Request("/", told, method, f"HTTP/{version}"))
    if response.status_code == 101:
        return response.serialize()
    problem = judge.handshake_exc
    words = f": {problem}" if isinstance(problem, InvalidHandshake) else ""
    return Unaccepted(response.status_code, f"That is no WebSocket request{words}.")


def _select_subprotocol(_: ServerProtocol, offered: Sequence[Subprotocol]) -> Subprotocol | None:
    if offered and SUBPROTOCOL not in offered:
        raise NegotiationError(f"the subprotocol is {SUBPROTOCOL}")
    return SUBPROTOCOL if offered else None


class WebSocket(Served):
    """One WebSocket: an asyncio protocol to the transport beneath, and a transport to the `guest` above.

    The guest is given whole lines. What it writes are frames.
    """

    __slots__ = ("_bare", "_begun", "_closing", "_frames", "_guest", "_lines", "_listener", "_raw", "write")

    def __init__(self, raw: asyncio.Transport, guest: AnyConnection, entrance: Listener) -> None:
        self._raw = raw
        self._frames = Protocol(Side.SERVER, max_size=FRAME_BYTES_MAX, logger=_logger)
        self._guest: Served = guest
        self._listener = entrance
        self._bare: RateLimit | None = None
        """How fast frames may come that bring no message, None before the first of them."""
        self._begun: bytearray | None = None
        """What has come of a message whose end has not."""
        self._closing: asyncio.TimerHandle | None = None
        """Once the closing has begun: what ends it, should the peer not."""
        self._lines = b""
        """The lines that the guest has put back."""
        self.write: Callable[[bytes], None] = raw.write
        """Send frames, without waiting."""

    # To the transport beneath

    @property
    def is_known(self) -> bool:
        """Whether the peer has said who it is."""
        return self._guest.is_known

    def data_received(self, data: bytes) -> None:
        """Take frames, split anywhere, and give the guest the lines in them: so many as may be read at once.

        What the guest has put back comes before anything new, and without it.
        """
        lines, self._lines = self._lines, b""
        read = 0
        if not lines:
            lines, read = self._read(data)
        if lines:
            self._guest.data_received(lines)
        self._answer()
        if (read < len(data) or self._lines) and not self._raw.is_closing():
            cast(PutsBack, self._raw).put_back(data[read:])

    def _read(self, data: bytes) -> tuple[bytes, int]:
        """Return the lines that `data` begins with, and how many of its bytes were read for them."""
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
        """Take the end of the peer's input as the end of the connection."""
        self._guest.eof_received()
        return False

    def pause_writing(self) -> None:
        """Tell that the peer reads too slowly."""
        self._guest.pause_writing()

    def unread(self, seconds: float) -> None:
        """Tell that the peer reads nothing."""
        self._guest.unread(seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell that the connection has ended."""
        self.write = GONE.write
        if self._closing is not None:
            self._closing.cancel()
        self._guest.connection_lost(exc)

    def _messages(self, events: Sequence[object]) -> Iterator[bytes]:
        """Return the messages that have come, each with a newline at its end."""
        for frame in cast(Sequence[Frame], events):
            if self._closing is not None:
                return
            if frame.opcode is Opcode.BINARY:
                self._frames.fail(CloseCode.UNSUPPORTED_DATA, "only text")
                return
            if not (frame.fin and frame.data and frame.opcode in _OF_MESSAGES) and not self._may_be_bare():
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

    def _may_be_bare(self) -> bool:
        """Return whether a frame without a message may come now: a control frame, an empty one, or a fragment."""
        now = self._listener.hub.clock.steady()
        if self._bare is None:
            self._bare = RateLimit(BARE_FRAMES_PER_SECOND, BARE_FRAMES_BURST, now)
        return self._bare.take(1, now) == 1

    def _answer(self) -> None:
        """Send what the reading of frames has to say, and go on with the closing, where one has begun."""
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

    # To the guest

    def set_protocol(self, guest: asyncio.BaseProtocol) -> None:
        """Hand everything that comes from now on to another protocol."""
        self._guest = cast(Served, guest)

    def put_back(self, data: bytes) -> None:
        """Take lines back, and hand them to the session again in its turn, before any others."""
        self._lines = data

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Say from how many bytes that wait on writing is paused."""
        self._raw.set_write_buffer_limits(high, low)

    def get_write_buffer_size(self) -> int:
        """Return how many bytes wait for the peer to read them."""
        return self._raw.get_write_buffer_size()

    def pause_reading(self) -> None:
        """Take nothing more from the peer for now."""
        self._raw.pause_reading()

    def resume_reading(self) -> None:
        """Take from the peer again."""
        self._raw.resume_reading()

    def is_closing(self) -> bool:
        """Return whether the closing has begun."""
        return self._closing is not None or self._raw.is_closing()

    def close(self) -> None:
        """Send what is under way, then close: the peer is told, and has a while to agree."""
        if not self._raw.is_closing() and self._frames.state is State.OPEN:
            self._frames.send_close(CloseCode.GOING_AWAY if self._listener.closed else CloseCode.NORMAL_CLOSURE)
            self._answer()

    def abort(self) -> None:
        """Close at once."""
        self._raw.abort()
