"""Transfers: file names that are safe in any folder, how many there may be, and how each one ends."""

import itertools
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from antechamber.codec.jsonl import JSON
from antechamber.protocol.commands import Command, Received, Say
from antechamber.protocol.limits import CurrentLimits, Limits
from antechamber.rooms.transfers import SIZE_UNKNOWN, Transfer, Transfers, base_name
from antechamber.session.budgets import Budgets
from antechamber.session.session import Session
from tests.fakes import FakeClock, FakeTransport, House

_names = itertools.count(1)


def session(name: str = "") -> Session:
    """Make a member's session, with a name of its own unless one is given."""
    session = Session(FakeTransport(), JSON, "general")
    session.channel, session.name = "general", name or f"member{next(_names)}"
    return session


def transfers(limits: Limits | None = None) -> Transfers:
    tickets = itertools.count(1)
    limits = limits or Limits()
    return Transfers(lambda: f"t{next(tickets)}", Budgets(CurrentLimits(limits), FakeClock()))


class Content:
    """The bytes of a file, as the front desk keeps them."""

    closed = False

    def close(self) -> None:
        self.closed = True


# Names


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("notes.txt", "notes.txt"),
        ("papers/notes.txt", "notes.txt"),
        ("/etc/passwd", "passwd"),
        ("../../notes.txt", "notes.txt"),
        ("..\\..\\notes.txt", "notes.txt"),
        ("C:\\papers\\notes.txt", "notes.txt"),
        ("C:notes.txt", "C:notes.txt"),
        ("papers/", "papers"),
        ("what? <yes> *.txt", "what? <yes> *.txt"),
        ("naïve café.txt", "naïve café.txt"),
        ("archive.tar.gz", "archive.tar.gz"),
        ("", "file"),
        ("/", "file"),
        (".", "file"),
        ("..", "file"),
        ("../..", "file"),
        ("...", "file"),
        (" . ", "file"),
    ],
)
def test_the_base_name_of_a_path_is_its_last_part(path: str, name: str) -> None:
    assert base_name(path) == name


def test_a_name_at_its_bound_is_kept_and_one_past_it_loses_its_beginning() -> None:
    assert base_name("x" * 251 + ".txt") == "x" * 251 + ".txt"
    assert base_name("y" + "x" * 251 + ".txt") == "x" * 251 + ".txt"
    assert base_name("é" * 125 + ".txt") == "é" * 125 + ".txt"
    assert base_name("é" * 126 + ".txt") == "é" * 125 + ".txt"


@given(st.text(max_size=300))
@example("../" * 100)
def test_a_base_name_is_one_name_in_any_folder(path: str) -> None:
    name = base_name(path)
    assert name not in ("", ".", "..")
    assert not set(name) & set("/\\")
    assert len(name.encode()) <= 255
    assert base_name(name) == name


def test_a_base_name_says_nothing_of_the_folder_above() -> None:
    name = base_name("secret/plan.txt")
    assert "secret" not in unicodedata.normalize("NFKC", name)


# How many


def test_a_file_at_the_size_limit_is_taken_and_one_past_it_is_not() -> None:
    limits = Limits()
    files = transfers(limits)
    assert limits.file_bytes_max == 100 << 20
    assert files.problem(session(), "big.bin", limits.file_bytes_max) is None
    refused = ("file-too-large", "big.bin is larger than 100 MiB.")
    assert files.problem(session(), "big.bin", limits.file_bytes_max + 1) == refused


def test_a_sender_has_so_many_files_on_their_way_and_no_more() -> None:
    files = transfers(Limits(transfers_per_session_max=2))
    alice, bob = session(), session()
    for _ in range(2):
        assert files.problem(alice, "a.txt", 1) is None
        files.open(alice, bob, "a.txt", 1, 0.0)
    refused = ("too-many-files", "a.txt was not sent: too many files are on their way, try again in a moment.")
    assert files.problem(alice, "a.txt", 1) == refused
    assert files.problem(bob, "a.txt", 1) is None
    files.close("t1")
    assert files.problem(alice, "a.txt", 1) is None


def test_all_together_have_so_many_files_on_their_way_and_no_more() -> None:
    files = transfers(Limits(transfers_max=3))
    for _ in range(3):
        assert files.problem(session(), "a.txt", 1) is None
        files.open(session(), session(), "a.txt", 1, 0.0)
    problem = files.problem(session(), "a.txt", 1)
    assert problem is not None
    assert problem[0] == "too-many-files"


TOO_MUCH = ("too-many-files", "a.txt was not sent: too much of yours is on its way, try again in a moment.")


def test_a_sender_has_so_many_bytes_on_their_way_and_no_more() -> None:
    files = transfers(Limits(transfer_bytes_per_session_max=10))
    alice, bob = session(), session()
    files.open(alice, bob, "a.txt", 4, 0.0)
    assert files.problem(alice, "a.txt", 7) == TOO_MUCH
    assert files.problem(alice, "a.txt", 6) is None
    files.open(alice, bob, "a.txt", 6, 0.0)
    assert files.problem(alice, "a.txt", 1) == TOO_MUCH
    assert files.problem(bob, "a.txt", 10) is None
    files.close("t1")
    assert files.problem(alice, "a.txt", 4) is None


def test_a_file_alone_may_be_as_large_as_any() -> None:
    files = transfers(Limits(transfer_bytes_per_session_max=10, file_bytes_max=1_000))
    assert files.problem(session(), "a.txt", 1_000) is None


def test_a_file_of_unknown_size_counts_once_its_size_is_told() -> None:
    files = transfers(Limits(transfer_bytes_per_session_max=10, file_bytes_max=11))
    alice, bob = session(), session()
    files.open(alice, bob, "a.txt", 4, 0.0)
    unknown = files.open(alice, bob, "a.txt", SIZE_UNKNOWN, 0.0)
    assert files.set_size(unknown, 12) == "it is too large."
    assert files.set_size(unknown, 7) == "too much of yours is on its way, try again in a moment."
    assert unknown.size == SIZE_UNKNOWN
    assert files.set_size(unknown, 6) == ""
    assert unknown.size == 6


def test_a_file_whose_size_was_not_told_may_be_as_large_as_any_once_it_is_alone() -> None:
    files = transfers(Limits(transfer_bytes_per_session_max=10, file_bytes_max=11))
    unknown = files.open(session(), session(), "a.txt", SIZE_UNKNOWN, 0.0)
    assert files.set_size(unknown, 11) == ""


def test_anyone_who_leaves_and_comes_again_is_the_same_sender() -> None:
    files = transfers(Limits(transfers_per_session_max=1))
    bob = session()
    for name, is_the_same in (("Alice", True), ("alice", False)):
        earlier, later = session("Alice"), session(name)
        transfer = files.open(earlier, bob, "a.txt", 1, 0.0)
        earlier.channel = earlier.name = ""
        assert (files.problem(later, "a.txt", 1) is not None) == is_the_same
        files.close(transfer.ticket)


def test_all_memberships_of_one_connection_are_one_sender() -> None:
    files = transfers(Limits(transfers_per_session_max=1))
    outlet, bob = session(), session()
    here, there = (Session(FakeTransport(), JSON, "", outlet=outlet) for _ in range(2))
    here.channel, there.channel = "general", "games"
    files.open(here, bob, "a.txt", 1, 0.0)
    assert files.problem(there, "a.txt", 1) is not None


# Each of them


def test_a_transfer_is_found_by_its_ticket_until_it_is_closed() -> None:
    files = transfers()
    alice, bob = session(), session()
    transfer = files.open(alice, bob, "papers/notes.txt", 15, 7.0)
    assert (transfer.ticket, transfer.url_path, transfer.file) == ("t1", "/files/t1", "notes.txt")
    assert (transfer.path, transfer.size, transfer.moved_at, transfer.state) == ("papers/notes.txt", 15, 7.0, "asked")
    assert files.get("t1") is transfer
    assert files.close("t1") is transfer
    assert files.get("t1") is None
    assert files.close("t1") is None


def test_closing_a_transfer_closes_its_bytes() -> None:
    files = transfers()
    transfer = files.open(session(), session(), "a.txt", 1, 0.0)
    content = transfer.content = Content()
    files.close(transfer.ticket)
    assert content.closed


def test_a_session_has_the_files_that_it_sends_or_receives() -> None:
    files = transfers()
    alice, bob, carl = session(), session(), session()
    there = files.open(alice, bob, "a.txt", 1, 0.0)
    back = files.open(bob, alice, "b.txt", 1, 0.0)
    assert files.of(alice) == files.of(bob) == [there, back]
    assert files.of(carl) == []


def test_only_a_file_that_is_being_brought_is_an_upload() -> None:
    files = transfers()
    alice, bob = session(), session()
    transfer: Transfer = files.open(alice, bob, "a.txt", 1, 0.0)
    assert not files.uploading(alice)
    transfer.state = "uploading"
    assert files.uploading(alice)
    assert not files.uploading(bob)
    transfer.state = "offered"
    assert not files.uploading(alice)


@pytest.mark.parametrize(("command", "stays"), [(Say("hello"), True), (Received("t1"), False)])
def test_what_a_client_says_of_a_file_by_itself_is_no_sign_of_its_person(command: Command, stays: bool) -> None:
    house = House(limits=Limits(idle_seconds_max=100))
    mary = house.enter("Mary")
    house.loop.advance(60)
    mary.ask(command)
    house.loop.advance(60)
    assert ("Mary" in house.state().seated) == stays


@pytest.mark.parametrize(
    ("size_max", "words"), [(100, "100 bytes"), (1 << 20, "1 MiB"), ((1 << 20) + 1, "1048577 bytes"), (0, "0 bytes")]
)
def test_what_is_too_large_is_told_by_the_true_bound(size_max: int, words: str) -> None:
    assert transfers(Limits(file_bytes_max=size_max)).problem(session(), "a", size_max + 1) == (
        "file-too-large",
        f"a is larger than {words}.",
    )
