"""A member that talks, moves about and resumes each time its connection is lost."""

import asyncio
import json
from collections import OrderedDict
from collections.abc import Callable
from random import Random
from typing import Any

from bench.programs import HOST
from bench.restartable_server import RestartableServer
from bench.witness import Return, Witness

RETRY_SECONDS = 0.02
"""The pause before it connects again while nobody listens."""
REST_SECONDS_MAX = 0.05
"""The longest time until it notices that it lost its connection."""
PENDING_MAX = 50
"""The most messages that it has in flight."""
_UNSURE = 0.5
_READ_BYTES = 262_144
_FILLING = "ä€😀 filling " * 40


class Member:
    """One member at a time, with a new name for each new membership.

    It reads strictly: it reports missing, duplicated, misordered or unexpected lines to the witness. It calls
    `came_back` with the number of the server's start in which it has caught up after a lost connection.
    """

    def __init__(
        self,
        label: str,
        server: RestartableServer,
        witness: Witness,
        chance: Random,
        came_back: Callable[["Member", int], None],
    ) -> None:
        self.label = label
        self.channel = chance.choice(list(server.channels))
        self.name = ""
        self.has_seat = False
        self.pending: OrderedDict[str, bytes] = OrderedDict()
        """The messages that it sent and has not read back, by id."""
        self.ended = False
        """Whether it has read the goodbye `shutdown`."""
        self.resumed_at = 0.0
        """When it last read `resumed`, by the loop's clock."""
        self._server = server
        self._witness = witness
        self._chance = chance
        self._came_back = came_back
        self._names = 0
        self._token = ""
        self._after: int | None = None
        self._ahead: int | None = None
        self._catching_up_to: int | None = None
        self._numbers = 0
        self._asked = ""
        self._life = 0
        self._rest_seconds = 0.0
        self._writer: asyncio.StreamWriter | None = None
        self._whole = False
        self._resumed: dict[str, Any] = {}
        self._unsure: OrderedDict[str, bytes] = OrderedDict()

    # What it does

    async def live(self) -> None:
        """Act as a member until the server shuts down, or something is wrong."""
        while not self.ended and not self._witness.problems:
            self._life = self._server.lives
            try:
                port = self._server.channels[self.channel].port
                reader, self._writer = await asyncio.open_connection(HOST, port)
            except OSError:
                await asyncio.sleep(RETRY_SECONDS)
                continue
            try:
                self._writer.write(self._first_line())
                await self._read_all(reader)
            except OSError:
                pass  # the connection was lost
            finally:
                self._writer.close()
                self._writer, self._whole = None, False
            await asyncio.sleep(self._rest_seconds)
            self._rest_seconds = 0.0

    @property
    def can_talk(self) -> bool:
        """Return whether it has a seat, has caught up, and has few enough messages in flight."""
        return self._whole and self.has_seat and not self._asked and len(self.pending) < PENDING_MAX

    def talk(self) -> None:
        """Send a message."""
        self._numbers += 1
        text = f"{self.name} {self._numbers} {_FILLING[: self._chance.choice((0, 0, 10, 30, 300))]}"
        line = _line({"type": "say", "text": text, "id": str(self._numbers)})
        self.pending[str(self._numbers)] = line
        self._send(line)

    def move(self) -> None:
        """Leave and rejoin, or switch to another channel, if none of its messages is in flight."""
        if not self._whole or self._asked or self.pending:
            return
        others = [channel for channel in self._server.channels if channel != self.channel]
        self._asked = self._chance.choice(["quit", *others])
        command = {"type": "quit"} if self._asked == "quit" else {"type": "switch", "channel": self._asked}
        self._send(_line(command))

    def drop(self) -> None:
        """Lose the connection, and notice it a moment later."""
        if self._writer is not None and self._whole:
            self._rest_seconds = self._chance.uniform(0, REST_SECONDS_MAX)
            self._writer.transport.abort()

    def _send(self, line: bytes) -> None:
        if self._writer is not None:
            self._writer.write(line)

    def _first_line(self) -> bytes:
        if self._token:
            return _line({"type": "resume", "token": self._token, "after": self._after or 0})
        if self.name:
            self._witness.unwelcome(self.name)
        self._names += 1
        self.name, self._numbers = f"{self.label}.{self._names}", 0
        return _line({"type": "hello", "name": self.name})

    async def _read_all(self, reader: asyncio.StreamReader) -> None:
        rest = b""
        while data := await reader.read(_READ_BYTES):
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                self._take(json.loads(line), line)

    # What it reads

    def _take(self, message: dict[str, Any], line: bytes) -> None:
        match message["type"]:
            case "entry":
                self._take_entry(message, line)
            case "welcome":
                self._enter(message)
            case "resumed":
                self._resume(message)
            case "place":
                self._take_place(message)
            case "refusal":
                self._take_refusal(message)
            case "goodbye":
                self._take_goodbye(message)
            case "done":
                pass
            case _:
                self._wrong(f"it read {message}")

    def _take_entry(self, entry: dict[str, Any], line: bytes) -> None:
        event, sequence = entry["event"], entry["sequence"]
        if entry["channel"] != self.channel:
            self._wrong(f"it read of another channel: {entry}")
        if self._after is None:
            if event != {"type": "seated", "name": self.name}:
                self._wrong(f"the first entry that it read is {entry}")
            self.has_seat, self._ahead = True, None
        elif sequence != self._after + 1:
            self._wrong(f"after entry {self._after} it read {entry}")
        self._after = sequence
        self._witness.read(self.name, self.channel, sequence, line)
        if event["type"] == "said" and event["name"] == self.name:
            if event["id"] != next(iter(self.pending), None):
                self._wrong(f"it read its own {event['id']} back, while it waits for {list(self.pending)[:5]}")
            self.pending.pop(event["id"], None)
            self._witness.said(self.name, int(event["id"]))
        self._be_whole_if_caught_up(sequence)

    def _enter(self, welcome: dict[str, Any]) -> None:
        if welcome["name"] != self.name or welcome["channel"] != (self._asked or self.channel):
            self._wrong(f"it is {self.name}, asked for {self._asked or self.channel}, and read {welcome}")
        self.channel, self._token = welcome["channel"], welcome["token"]
        self._begin_anew()
        self._be_whole()

    def _begin_anew(self) -> None:
        self._after, self._ahead, self.has_seat, self._asked = None, None, False, ""
        self._unsure.clear()

    def _resume(self, resumed: dict[str, Any]) -> None:
        self.resumed_at = asyncio.get_running_loop().time()
        channel, first, last = resumed["channel"], resumed["first"], resumed["last"]
        if resumed["name"] != self.name or channel not in (self.channel, self._asked):
            self._wrong(f"it was in {self.channel}, asked for {self._asked}, and read {resumed}")
        if channel != self.channel:
            self.channel = channel
            self._begin_anew()
        self._asked, self._token = "", resumed["token"]
        self._resumed, self._unsure = resumed, self.pending.copy()
        if not resumed["seated"]:
            if self.has_seat:
                self._wrong(f"it had a seat, and now: {resumed}")
            return  # its place follows
        self._witness.returned(Return(channel, self.name, resumed["time"], last, None))
        if self._after is not None and first != self._after + 1:
            self._wrong(f"it has read up to {self._after}, and now: {resumed}")
        self._catching_up_to = last
        self._be_whole_if_caught_up(self._after or 0)

    def _take_place(self, place: dict[str, Any]) -> None:
        ahead = place["ahead"]
        if self.has_seat or (self._ahead is not None and ahead > self._ahead):
            self._wrong(f"its place was {self._ahead} (a seat: {self.has_seat}), and now: {place}")
        self._ahead = ahead
        if not self._whole:
            self._witness.returned(Return(self.channel, self.name, self._resumed["time"], self._resumed["last"], ahead))
            self._be_whole()

    def _take_refusal(self, refusal: dict[str, Any]) -> None:
        code = refusal["code"]
        if code == "name-taken" and not self._token:
            return  # an earlier process had accepted it, but it never read so; it tries again with another name
        if code == "resume-over" and self._asked == "quit":
            self._leave()
        else:
            self._wrong(f"in {self.channel} (it asked for {self._asked or 'nothing'}) it read {refusal}")

    def _take_goodbye(self, goodbye: dict[str, Any]) -> None:
        match goodbye["reason"]:
            case "quit" if self._asked == "quit":
                self._leave()
            case "shutdown":
                self.ended = True
            case "refused" if not self._token:  # the refusal before it said why
                pass
            case _:
                self._wrong(f"it read {goodbye}")

    def _leave(self) -> None:
        """Forget the membership, and rejoin by a random channel's port."""
        self.name, self._token, self._whole = "", "", False
        self._begin_anew()
        self.channel = self._chance.choice(list(self._server.channels))

    def _be_whole_if_caught_up(self, sequence: int) -> None:
        if self._catching_up_to is not None and sequence >= self._catching_up_to:
            self._catching_up_to = None
            self._be_whole()

    def _be_whole(self) -> None:
        """Continue after catching up: resend messages that it has not read back, because they were not kept.

        Now and then it also resends messages that it has read back since it came: nothing may happen twice.
        """
        if not self._whole:
            self._whole = True
            again = self._unsure if self._chance.random() < _UNSURE else self.pending
            self._send(b"".join(again.values()))
            self._came_back(self, self._life)

    def _wrong(self, problem: str) -> None:
        self._witness.complain(f"{self.name or self.label}: {problem}")


def _line(command: dict[str, Any]) -> bytes:
    return json.dumps(command, ensure_ascii=False).encode() + b"\n"
