"""Looking at many sockets by one descriptor."""

import errno
import os
import sys
from typing import Any

import pytest

from antechamber.gateway.readiness import READ, WRITE, readiness
from tests.gateway.doors import until
from tests.gateway.wires import Line, fills


class Watcher:
    address = ""

    def __init__(self) -> None:
        self.told: list[int] = []

    def ready(self, events: int) -> None:
        self.told.append(events)


async def test_all_sockets_of_a_loop_are_looked_at_together() -> None:
    assert readiness() is readiness()


@pytest.mark.skipif(sys.platform != "linux", reason="nothing else has an epoll")
async def test_what_an_epoll_has_no_room_for_leaves_nothing_behind() -> None:
    first, second = Line(readiness()), Line(readiness())
    kept, served = first.serve(), second.serve()

    class Full:
        def __init__(self, real: Any) -> None:
            self.unregister = real.unregister
            self.fileno, self.poll, self.close = real.fileno, real.poll, real.close

        def modify(self, descriptor: int, events: int) -> None:
            raise OSError(errno.ENOMEM, "Out of memory")

    by: Any = readiness()
    by._epoll = Full(by._epoll)
    fills(served.transport)
    await until(lambda: bool(served.lost))
    assert isinstance(served.lost[0], OSError)
    assert list(by._watchers) == [first.descriptor]
    kept.transport.abort()
    await until(lambda: bool(kept.lost))
    assert by._watchers == {}
    for line in (first, second):
        line.peer.close()


@pytest.mark.skipif(sys.platform != "linux", reason="nothing else has an epoll")
async def test_an_epoll_is_open_as_long_as_it_has_anything_to_look_at() -> None:
    lines = [Line(readiness()) for _ in range(2)]
    ends = [line.socket.fileno() for line in lines]
    before = os.listdir("/dev/fd")
    watcher = Watcher()
    for _ in range(2):  # it opens again, too
        watcher.told.clear()
        for end in ends:
            readiness().watch(end, watcher, READ | WRITE)
        await until(lambda: watcher.told[1:] == [WRITE])
        assert len(os.listdir("/dev/fd")) == len(before) + 1
        readiness().watch(ends[0], watcher, 0)
        assert len(os.listdir("/dev/fd")) == len(before) + 1
        readiness().watch(ends[1], watcher, 0)
        assert os.listdir("/dev/fd") == before
    for line in lines:
        line.socket.close()
        line.peer.close()


async def test_who_ceases_to_wait_while_others_are_told_is_not_told_any_more() -> None:
    lines = [Line(readiness()) for _ in range(2)]
    first, second = (one.serve() for one in lines)
    first.acts["data_received"] = lambda _: second.transport.abort()
    second.acts["data_received"] = lambda _: first.transport.abort()
    for one in lines:
        one.peer.send(b"x")
    await until(lambda: bool(first.lost or second.lost))
    assert first.received + second.received == b"x"
    first.transport.abort()
    second.transport.abort()
    await until(lambda: bool(first.lost and second.lost))
    for one in lines:
        one.peer.close()
