"""The queue of work between turns: in order, so much a pass, and `emptied` after the last of it."""

import pytest

from antechamber.feeds.pass_queue import PassQueue
from tests.fakes import FakeClock, FakeLoop


class Work:
    """A queue of numbers, each of which counts for so many bytes of the ten that a pass has."""

    def __init__(self) -> None:
        self.loop = FakeLoop(FakeClock())
        self.done: list[int] = []
        self.emptied = 0
        self.queue: PassQueue[int] = PassQueue(self.loop, lambda: 10, self.serve, self.count)

    def serve(self, item: int) -> int:
        if not item:
            raise ValueError("a fault")
        self.done.append(item)
        return item

    def count(self) -> None:
        self.emptied += 1


def test_a_pass_serves_until_its_bytes_are_used_up() -> None:
    work = Work()
    work.queue.add([4, 5, 6, 7])
    work.queue.add([8])
    assert work.loop.step() == 1
    assert (work.done, work.emptied) == ([4, 5, 6], 0)
    work.loop.step()
    assert (work.done, work.emptied) == ([4, 5, 6, 7, 8], 1)
    assert work.loop.step() == 0


def test_a_pass_with_nothing_to_serve_says_so() -> None:
    work = Work()
    work.queue.schedule()
    work.queue.add([4])
    work.queue.clear()
    work.loop.step()
    assert (work.done, work.emptied) == ([], 1)


def test_what_comes_after_a_fault_is_served_by_the_next_pass() -> None:
    work = Work()
    work.queue.add([0, 4])
    with pytest.raises(ValueError, match="a fault"):
        work.loop.step()
    work.loop.step()
    assert (work.done, work.emptied) == ([4], 1)
