"""How much of what others send is taken: each bound at it and one past it."""

import pytest

from antechamber.client.files import allowance
from antechamber.client.files.allowance import Allowance, Taken
from antechamber.protocol.limits import (
    RECEIVED_BYTES_MAX,
    RECEIVED_BYTES_PER_HOUR_MAX,
    RECEIVED_BYTES_PER_SENDER_MAX,
    RECEIVED_FILES_MAX,
    RECEIVED_FILES_PER_HOUR_MAX,
    RECEIVED_FILES_PER_SENDER_MAX,
)

OF_BOB = "no more than 20 files and 1 GiB are taken from Bob in an hour."
OF_ALL = "no more than 100 files and 4 GiB are taken in an hour."
EVER = "no more than 1000 files and 16 GiB are taken until the client is started again."


class Watch:
    """A clock that stands still until the test moves it."""

    time = 100.0

    def now(self) -> float:
        return self.time


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def files(watch: Watch) -> Allowance:
    return Allowance(watch.now)


def takes(files: Allowance, number: int, size: int = 0, sender: str = "") -> None:
    """Accept so many files, each from a sender of its own if none is named."""
    for index in range(number):
        assert isinstance(files.take(sender or f"sender {index // RECEIVED_FILES_PER_SENDER_MAX}", size), Taken)


def test_so_many_files_of_one_sender_are_taken_and_no_more(files: Allowance) -> None:
    takes(files, RECEIVED_FILES_PER_SENDER_MAX, sender="Bob")
    assert files.take("Bob", 0) == OF_BOB
    takes(files, 1, sender="Ann")


def test_so_many_bytes_of_one_sender_are_taken_and_no_more(files: Allowance) -> None:
    takes(files, 1, 1, "Bob")
    assert files.take("Bob", RECEIVED_BYTES_PER_SENDER_MAX) == OF_BOB
    takes(files, 1, RECEIVED_BYTES_PER_SENDER_MAX - 1, "Bob")
    assert files.take("Bob", 1) == OF_BOB
    takes(files, 1, 0, "Bob")


def test_an_hour_later_a_sender_may_send_again(files: Allowance, watch: Watch) -> None:
    takes(files, RECEIVED_FILES_PER_SENDER_MAX, sender="Bob")
    watch.time += 3599.9
    assert files.take("Bob", 0) == OF_BOB
    watch.time += 0.1
    takes(files, 1, sender="Bob")


def test_of_all_together_so_many_files_are_taken_in_an_hour_under_whatever_names(
    files: Allowance, watch: Watch
) -> None:
    takes(files, RECEIVED_FILES_PER_HOUR_MAX)
    assert files.take("another name", 0) == OF_ALL
    watch.time += 3600
    takes(files, 1)


def test_of_all_together_so_many_bytes_are_taken_in_an_hour(files: Allowance) -> None:
    for number in range(RECEIVED_BYTES_PER_HOUR_MAX // RECEIVED_BYTES_PER_SENDER_MAX):
        takes(files, 1, RECEIVED_BYTES_PER_SENDER_MAX, f"name {number}")
    assert files.take("another name", 1) == OF_ALL
    takes(files, 1, 0, "another name")


def test_in_all_so_many_files_are_taken_however_slowly(files: Allowance, watch: Watch) -> None:
    for _ in range(RECEIVED_FILES_MAX // RECEIVED_FILES_PER_HOUR_MAX):
        takes(files, RECEIVED_FILES_PER_HOUR_MAX)
        watch.time += 3600
    assert files.take("Bob", 0) == EVER


def test_in_all_so_many_bytes_are_taken_however_slowly(files: Allowance, watch: Watch) -> None:
    for _ in range(RECEIVED_BYTES_MAX // RECEIVED_BYTES_PER_SENDER_MAX):
        takes(files, 1, RECEIVED_BYTES_PER_SENDER_MAX, "Bob")
        watch.time += 3600
    assert files.take("Bob", 1) == EVER
    takes(files, 1, 0, "Bob")


def test_what_was_not_saved_after_all_is_not_counted(files: Allowance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(allowance, "RECEIVED_FILES_PER_SENDER_MAX", 1)
    taken = files.take("Bob", 5)
    assert isinstance(taken, Taken)
    assert isinstance(files.take("Bob", 5), str)
    files.give_back(taken)
    assert isinstance(files.take("Bob", 5), Taken)


def test_why_a_file_is_declined_is_told_whole_to_its_sender() -> None:
    assert max(map(len, (OF_BOB.replace("Bob", "x" * 32), OF_ALL, EVER))) <= 200
