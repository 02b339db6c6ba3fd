"""Fixtures for the tests of the transport."""

import asyncio
import os
from typing import Any

import pytest

from antechamber.gateway.epoll import LoopReadiness, readiness
from tests.gateway.loopback import Line


@pytest.fixture(params=[readiness, LoopReadiness], ids=["system", "loop"])
async def line(request: pytest.FixtureRequest) -> Any:
    made = Line(request.param())
    yield made
    made.peer.close()
    made.socket.close()


@pytest.fixture
async def closes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The descriptors that transports have closed, in order."""
    closed: list[int] = []
    close = os.close

    def note(descriptor: int) -> None:
        closed.append(descriptor)
        close(descriptor)

    monkeypatch.setattr(os, "close", note)
    return closed


@pytest.fixture
async def faults() -> Any:
    """The exceptions that the event loop's handler received."""
    told: list[BaseException] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: told.append(context["exception"]))
    yield told
    loop.set_exception_handler(None)
