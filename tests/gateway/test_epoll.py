"""Readiness of many sockets by one descriptor, and the order in which they are served."""

import errno
import os
import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest

from antechamber.gateway.epoll import PASS_SECONDS_MAX, READ, WRITE, EpollReadiness, readiness
from tests.gateway.channel_ports import until
from tests.gateway.loopback import Line, fills


class Watcher:
    address = ""
    is_known = True

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
    for _ in range(2):  # a closed epoll opens again
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


# The order of service


class Timed:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.time = 0.0

    def __call__(self) -> float:
        return self.time


class Busy(Watcher):
    """A watcher that takes time whenever it is served, and has more to do while the test says so."""

    def __init__(self, name: str, clock: Timed, served: list[str], address: str = "") -> None:
        super().__init__()
        self.name, self.clock, self.served, self.address = name, clock, served, address
        self.seconds = PASS_SECONDS_MAX / 2
        self.by: Any = None
        self.descriptor = -1

    def ready(self, events: int) -> None:
        self.served.append(self.name)
        self.clock.time += self.seconds
        if self.by is not None:
            self.by.again(self.descriptor, self)


@pytest.fixture
async def turns() -> AsyncIterator[Any]:
    """Yield a readiness on the test's clock, a function that adds a ready watcher, and the names served in order."""
    clock, lines = Timed(), []
    served: list[str] = []
    by: Any = EpollReadiness(clock)

    def add(name: str, address: str = "", *, floods: bool = False, is_known: bool = True) -> Busy:
        line = Line(by)
        lines.append(line)
        line.peer.send(b"x")
        busy = Busy(name, clock, served, address)
        busy.descriptor = line.descriptor
        busy.by = by if floods else None
        busy.is_known = is_known
        by.watch(line.descriptor, busy, READ)
        return busy

    yield by, add, served
    for line in lines:
        by.watch(line.descriptor, Busy("", clock, []), 0)
        line.peer.close()
        line.socket.close()


@pytest.mark.skipif(sys.platform != "linux", reason="nothing else has an epoll")
async def test_a_pass_serves_for_its_time_and_the_next_one_those_who_are_left(turns: Any) -> None:
    by, add, served = turns
    for number in range(5):
        add(str(number))
    by._pass()
    assert len(served) == 2
    by._pass()
    assert len({*served}) == len(served) == 4
    by._pass()
    assert {*served} == {"0", "1", "2", "3", "4"}


@pytest.mark.skipif(sys.platform != "linux", reason="nothing else has an epoll")
@pytest.mark.parametrize("address", ["here", "there"])
async def test_whoever_floods_is_overtaken_by_who_comes_after(turns: Any, address: str) -> None:
    by, add, served = turns
    for number in range(20):
        add(str(number), "here", floods=True)
    for _ in range(30):
        by._pass()
    assert {*served} == {str(number) for number in range(20)}
    add("bystander", address)
    served.clear()
    by._pass()
    assert "bystander" in served


@pytest.mark.skipif(sys.platform != "linux", reason="nothing else has an epoll")
async def test_a_stream_of_newcomers_from_its_own_address_does_not_hold_up_who_is_there(turns: Any) -> None:
    by, add, served = turns
    add("there", "here", floods=True)
    for number in range(30):
        for one in range(4):  # a pass serves two of them
            add(f"new {number} {one}", "here", is_known=False)
        served.clear()
        by._pass()
        by._pass()
        by._pass()
        assert "there" in served


@pytest.mark.skipif(sys.platform != "linux", reason="nothing else has an epoll")
async def test_of_two_addresses_that_flood_each_gets_half_however_many_it_sends(turns: Any) -> None:
    by, add, served = turns
    for number in range(9):
        add(f"many {number}", "many", floods=True)
    add("one", "one", floods=True)
    for _ in range(200):
        by._pass()
    share = served.count("one") / len(served)
    assert 0.4 < share < 0.6


@pytest.mark.skipif(sys.platform != "linux", reason="nothing else has an epoll")
async def test_who_has_more_to_do_and_is_gone_holds_nothing_up(turns: Any) -> None:
    by, add, _ = turns
    gone = add("gone", floods=True)
    add("left", floods=True)
    add("other", floods=True)
    for _ in range(3):
        by._pass()
    by._watchers.pop(gone.descriptor)
    for _ in range(3):
        by._pass()
    by._watchers[gone.descriptor] = gone
    assert by._again.keys() <= {one.descriptor for one in by._watchers.values()}
