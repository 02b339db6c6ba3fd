"""A house whose past is read when the test says so, and what its people are answered."""

from collections.abc import Callable
from typing import Any

from antechamber.log import Log, Page
from antechamber.log.memory import MemoryLog
from antechamber.protocol.commands import Say
from antechamber.protocol.limits import Limits
from antechamber.protocol.notices import Entries
from tests.fakes import SECRET, House, Person


class Slow:
    """Does the work when the test says so, as a thread with a slow disk would."""

    def __init__(self) -> None:
        self.work: list[tuple[Callable[[], Any], Callable[[Any], None]]] = []
        self.closed = False

    def do(self, work: Callable[[], Any], done: Callable[[Any], None]) -> None:
        self.work.append((work, done))

    def close(self, last: Callable[[], None]) -> None:
        self.closed = True
        last()

    def finish(self) -> None:
        """Do what is under way, which is never more than one piece of work."""
        ((work, done),) = self.work
        self.work.clear()
        done(work())


class SlowHouse(House):
    """A house whose past is read slowly."""

    def __init__(self, seats: int = 5, limits: Limits | None = None, log: Log | None = None) -> None:
        self.slow = Slow()
        super().__init__(seats, limits, log, worker=self.slow)

    def answer(self) -> None:
        """Answer all that was asked."""
        self.run()
        while self.slow.work:
            self.slow.finish()
            self.run()


def replies(person: Person) -> list[tuple[str, list[int], bool]]:
    """Return id, entries and whether there is more, of each answer since the last look, where nothing else was told."""
    told = []
    for message in person.messages():
        assert isinstance(message, Entries), message
        told.append((message.id, [entry.sequence for entry in message.entries], message.more))
    return told


def chat(house: House, person: Person, *texts: str) -> None:
    """Say something as somebody, and read it as everybody."""
    person.ask(*map(Say, texts))
    house.run()
    person.new()


class CountingReaderLog(MemoryLog):
    """A log that counts how often its past is read."""

    def __init__(self) -> None:
        super().__init__(secret=SECRET)
        self.reads = 0

    def reader(self) -> Any:
        reader: Any = super().reader()
        before = reader.before

        def counted(*args: Any) -> Page:
            self.reads += 1
            page: Page = before(*args)
            return page

        reader.before = counted
        return reader
