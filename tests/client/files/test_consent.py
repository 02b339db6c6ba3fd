"""Files that a person is asked about: nothing is fetched before the answer, and the file is kept until then."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from antechamber.client.files import transfer_threads
from antechamber.protocol.commands import Received
from antechamber.protocol.limits import RECEIVED_FILES_PER_SENDER_MAX
from antechamber.protocol.notices import Offer, TransferFailed
from tests.client.scripted import NOON, SECONDS_MAX, Client, FrontDesk, Pauses, Server, chatting, offer, welcome

DATA = b"12345"
Asking = tuple[Server, Client, FrontDesk]


@pytest.fixture
def asking(desk: FrontDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Asking]:
    monkeypatch.setattr(transfer_threads, "_KEPT_EVERY_SECONDS", 0.01)
    desk.replies["/files/t1"] = (200, {}, DATA)
    with chatting(str(tmp_path), welcome(front_desk_port=desk.port), accept="ask") as (server, client):
        client.prints()
        yield server, client, desk


def test_a_file_is_kept_for_the_person_and_fetched_once_it_is_wanted(asking: Asking, tmp_path: Path) -> None:
    server, client, desk = asking
    server.tells(offer(len(DATA)))
    asked, answer = client.view.asked.get(timeout=SECONDS_MAX)
    assert asked == offer(len(DATA))
    for _ in range(3):
        assert desk.asked.get(timeout=SECONDS_MAX) == "/files/t1"
    assert list(tmp_path.iterdir()) == []
    answer(True)
    assert server.reads() == Received("t1", id="1")
    assert (tmp_path / "notes.txt").read_bytes() == DATA
    answer(False)
    server.tells(offer(len(DATA)))
    client.view.asked.get(timeout=SECONDS_MAX)


def test_a_file_that_is_not_wanted_is_declined_and_does_not_count(asking: Asking, tmp_path: Path) -> None:
    server, client, _ = asking
    for number in range(RECEIVED_FILES_PER_SENDER_MAX + 1):
        server.tells(offer(len(DATA)))
        _, answer = client.view.asked.get(timeout=SECONDS_MAX)
        answer(False)
        assert server.reads() == Received("t1", "it was not wanted.", str(number + 1))
    assert list(tmp_path.iterdir()) == []


def test_questions_count_against_the_limit_of_their_sender(asking: Asking) -> None:
    server, client, desk = asking
    for number in range(RECEIVED_FILES_PER_SENDER_MAX + 1):
        desk.replies[f"/files/{number}"] = (200, {}, DATA)
        server.tells(Offer(NOON, "Bob", "a.txt", 5, str(number), f"/files/{number}"))
    command = server.reads()
    assert isinstance(command, Received)
    assert "no more than 20 files" in command.problem
    assert client.view.asked.qsize() == RECEIVED_FILES_PER_SENDER_MAX


def test_a_question_ends_when_the_file_is_no_more(asking: Asking) -> None:
    server, client, desk = asking
    server.tells(offer(len(DATA)))
    _, answer = client.view.asked.get(timeout=SECONDS_MAX)
    server.tells(TransferFailed(NOON, "Bob", "Mary", "notes.txt", "t1", "Bob has left."))
    assert client.view.withdrawn.get(timeout=SECONDS_MAX) == "t1"
    answer(True)
    desk.replies["/files/t1"] = (404, {}, b"")
    server.tells(offer(len(DATA)))
    assert client.view.withdrawn.get(timeout=SECONDS_MAX) == "t1"


def test_a_lost_connection_ends_every_question(desk: FrontDesk, tmp_path: Path) -> None:
    pauses = Pauses()
    first = welcome(front_desk_port=desk.port, token="token")
    with chatting(str(tmp_path), first, pauses=pauses, accept="ask") as (server, client):
        client.prints()
        server.tells(offer(len(DATA)))
        client.view.asked.get(timeout=SECONDS_MAX)
        pauses.held_up = True
        server.hangs_up()
        assert client.view.withdrawn.get(timeout=SECONDS_MAX) == "t1"


def test_somebody_who_takes_none_is_not_asked(desk: FrontDesk, tmp_path: Path) -> None:
    with chatting(str(tmp_path), welcome(front_desk_port=desk.port), accept="never") as (server, client):
        client.prints()
        server.tells(offer(len(DATA)))
        assert server.reads() == Received("t1", "no files are taken there.", "1")
        assert client.view.asked.empty()
