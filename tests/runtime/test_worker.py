"""Workers: a thread that starts when it is needed, and does not keep the process from ending."""

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import uvloop

from antechamber.log import Page
from antechamber.log.sqlite import SqliteLog
from antechamber.protocol.commands import History, Search
from antechamber.protocol.notices import Entries, Refusal
from antechamber.runtime.worker import InlineWorker, WorkerThread
from tests.fakes import House, Person

SECONDS_MAX = 30


class Loop:
    """An event loop that the test steps by hand. Once `closed`, it accepts nothing more."""

    def __init__(self) -> None:
        self.calls: SimpleQueue[Callable[[], Any]] = SimpleQueue()
        self.closed = False
        self.tried = threading.Event()

    def call_soon_threadsafe(self, callback: Callable[..., Any], /, *args: Any) -> object:
        self.tried.set()
        if self.closed:
            raise RuntimeError("Event loop is closed")
        self.calls.put(lambda: callback(*args))
        return None

    def step(self) -> None:
        """Wait for a call, and make it."""
        self.calls.get(timeout=SECONDS_MAX)()


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate()]


def test_the_inline_worker_does_the_work_within_the_call() -> None:
    told: list[int] = []
    worker = InlineWorker()
    worker.do(lambda: 7, told.append)
    worker.close(lambda: told.append(8))
    assert told == [7, 8]


def test_the_work_is_done_in_a_thread_and_told_in_the_loop() -> None:
    loop = Loop()
    worker = WorkerThread(loop.call_soon_threadsafe, "the thread")
    told: list[tuple[str, str]] = []
    for _ in range(2):
        worker.do(
            lambda: threading.current_thread().name, lambda by: told.append((by, threading.current_thread().name))
        )
        loop.step()
    assert told == [("the thread", threading.current_thread().name)] * 2
    worker.close(lambda: None)
    worker.wait(SECONDS_MAX)
    assert "the thread" not in threads()


def test_without_any_work_there_is_no_thread() -> None:
    worker = WorkerThread(Loop().call_soon_threadsafe, "the thread")
    assert "the thread" not in threads()
    told: list[str] = []
    worker.close(lambda: told.append(threading.current_thread().name))
    assert told == [threading.current_thread().name]
    worker.wait(SECONDS_MAX)


def test_what_is_under_way_at_the_end_is_finished_before_the_last_and_told_nobody() -> None:
    loop = Loop()
    worker = WorkerThread(loop.call_soon_threadsafe, "the thread")
    begun, go_on, order = threading.Event(), threading.Event(), list[str]()

    def work() -> None:
        begun.set()
        assert go_on.wait(SECONDS_MAX)
        order.append("work")

    worker.do(work, lambda _: order.append("told"))
    assert begun.wait(SECONDS_MAX)
    worker.close(lambda: order.append("last"))
    worker.wait(0.0)
    assert "the thread" in threads()
    go_on.set()
    worker.wait(SECONDS_MAX)
    loop.step()
    assert order == ["work", "last"]
    assert "the thread" not in threads()


def test_a_loop_that_is_closed_meanwhile_is_told_nothing() -> None:
    loop = Loop()
    loop.closed = True
    worker = WorkerThread(loop.call_soon_threadsafe, "the thread")
    worker.do(lambda: 7, lambda _: None)
    assert loop.tried.wait(SECONDS_MAX)
    worker.close(lambda: None)
    worker.wait(SECONDS_MAX)
    assert "the thread" not in threads()
    assert loop.calls.empty()


# With a log in a file


class ThreadedHouse(House):
    """A house whose log is in a file, which a thread reads."""

    def __init__(self, path: Path) -> None:
        self.file = SqliteLog(path, tick_seconds=None)
        self.turned = Loop()
        self.thread = WorkerThread(self.turned.call_soon_threadsafe, "the thread")
        super().__init__(log=self.file, worker=self.thread)

    def answer(self, person: Person) -> Entries | Refusal:
        """Wait for the answer, and return it."""
        self.run()
        self.turned.step()
        self.run()
        (message,) = person.messages()
        assert isinstance(message, Entries | Refusal)
        return message

    def close(self) -> None:
        self.hub.close()
        self.thread.wait(SECONDS_MAX)
        self.file.close()


def test_the_past_is_read_by_a_thread_with_a_connection_of_its_own(tmp_path: Path) -> None:
    house = ThreadedHouse(tmp_path / "antechamber.db")
    mary = house.enter("Mary")
    mary.ask(History(id="1"))
    assert house.answer(mary) == Entries(house.clock.now(), "general", house.entries(), False, "1")
    mary.ask(Search("nothing", id="2"))
    assert house.answer(mary) == Entries(house.clock.now(), "general", [], False, "2")
    assert "the thread" in threads()
    house.close()
    assert "the thread" not in threads()
    assert [each.name for each in tmp_path.iterdir()] == ["antechamber.db"]  # the reader has closed it first


def test_a_server_that_closes_drops_a_question_under_way(tmp_path: Path) -> None:
    house = ThreadedHouse(tmp_path / "antechamber.db")
    mary = house.enter("Mary")
    begun, go_on = threading.Event(), threading.Event()
    reader: Any = house.hub.history_queries._reader

    def slow(*_: object) -> Page:
        begun.set()
        assert go_on.wait(SECONDS_MAX)
        return Page([], False)

    reader.before = slow
    mary.ask(History(id="1"))
    house.run()
    assert begun.wait(SECONDS_MAX)
    house.hub.close()
    house.thread.wait(0.0)  # no time to drain is left
    assert mary.transport.closed
    go_on.set()
    house.close()
    assert not any(isinstance(message, Entries) for message in mary.all_messages())


def test_the_loop_of_the_server_gets_the_answer() -> None:
    async def ask() -> int:
        told: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        worker = WorkerThread(asyncio.get_running_loop().call_soon_threadsafe, "the thread")
        worker.do(lambda: 7, told.set_result)
        found = await told
        worker.close(lambda: None)
        worker.wait(SECONDS_MAX)
        return found

    assert uvloop.run(ask()) == 7
