"""The pacing of requests: a bounded number begins in one pass of the event loop, and addresses take turns."""

import asyncio
from collections import deque
from typing import Final

REQUESTS_A_PASS: Final = 8


class RequestTurns:
    """Begins up to REQUESTS_A_PASS requests in each pass."""

    def __init__(self) -> None:
        self._left = REQUESTS_A_PASS
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}
        """The waiting requests by address; the address whose turn is next comes first."""
        self._is_next_asked_for = False

    async def take(self, host: str) -> None:
        """Wait until a request from the address with the cloak `host` may begin."""
        loop = asyncio.get_running_loop()
        if not self._is_next_asked_for:
            self._is_next_asked_for = True
            loop.call_soon(self._next_pass)
        if self._left > 0:
            self._left -= 1
            return
        turn: asyncio.Future[None] = loop.create_future()
        self._waiting.setdefault(host, deque()).append(turn)
        await turn

    def _next_pass(self) -> None:
        self._left = REQUESTS_A_PASS
        self._is_next_asked_for = bool(self._waiting)
        if self._is_next_asked_for:
            asyncio.get_running_loop().call_soon(self._next_pass)
        while self._waiting and self._left > 0:
            host, turns = next(iter(self._waiting.items()))
            del self._waiting[host]
            turns.popleft().set_result(None)
            self._left -= 1
            if turns:
                self._waiting[host] = turns
