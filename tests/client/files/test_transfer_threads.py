"""Files that a client sends, and those on their way when the connection is lost.

The server and the front desk do what the test says.
"""

import http.client
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import ANY

import pytest

from antechamber.protocol.commands import List, Quit, Send
from antechamber.protocol.events import Seated
from antechamber.protocol.notices import Goodbye, Refusal, Sent, Ticket, TransferFailed
from tests.client.scripted import (
    BIG,
    NOON,
    SECONDS_MAX,
    Client,
    FrontDesk,
    Pauses,
    Server,
    chatting,
    entry,
    front_desk,
    offer,
    resumed,
    welcome,
)

# Sending


def is_let_send(server: Server, client: Client, path: Path) -> None:
    """Send a file from a client, up to its ticket; that it announces it is read, and tested elsewhere."""
    client.types(f"/send Bob {path}\n")
    server.reads()
    server.tells(Ticket(NOON, "t1", "/files/t1", "1"))


@pytest.mark.parametrize("content", [b"", b"See you at ten.", BIG], ids=["empty", "small", "big"])
def test_a_file_is_announced_and_brought(
    desk: FrontDesk, chat: tuple[Server, Client], tmp_path: Path, content: bytes
) -> None:
    server, client = chat
    path = tmp_path / "notes.txt"
    path.write_bytes(content)
    client.types(f"/send Bob {path}\n")
    assert server.reads() == Send("Bob", str(path), len(content), "", "1")
    server.tells(Ticket(NOON, "t1", "/files/t1", "1"))
    assert desk.brought.get() == ("/files/t1", len(content), content)
    server.tells(Sent(NOON, "Mary", "Bob", str(path)))
    assert client.prints() == f"[Server message (12:00:00)] You sent {path} to Bob."


def test_a_path_is_seen_from_the_current_folder_and_a_tilde_is_home(
    chat: tuple[Server, Client], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, client = chat
    home, here = tmp_path / "home", tmp_path / "here"
    for folder, content in ((home, b"home"), (here, b"here!")):
        folder.mkdir()
        (folder / "notes.txt").write_bytes(content)
    monkeypatch.chdir(here)
    monkeypatch.setenv("HOME", str(home))
    client.types("/send Bob notes.txt\n/send Bob ~/notes.txt\n")
    assert server.reads() == Send("Bob", "notes.txt", 5, "", "1")
    assert server.reads() == Send("Bob", "~/notes.txt", 4, "", "2")


def test_a_file_that_is_none_is_announced_with_what_is_wrong(chat: tuple[Server, Client], tmp_path: Path) -> None:
    server, client = chat
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    for name, problem in (
        ("missing", "missing"),
        ("missing/too", "missing"),
        ("x" * 300, "missing"),
        (".", "folder"),
        ("pipe", "unreadable"),
        ("loop", "unreadable"),
    ):
        client.types(f"/send Bob {tmp_path / name}\n")
        command = server.reads()
        assert isinstance(command, Send)
        assert (command.size, command.problem) == (0, problem)


def test_a_refused_file_is_not_brought(desk: FrontDesk, chat: tuple[Server, Client], tmp_path: Path) -> None:
    server, client = chat
    path = tmp_path / "notes.txt"
    path.write_bytes(b"12345")
    client.types(f"/send Nobody {path}\n")
    server.reads()
    server.tells(Refusal(NOON, "not-here", "Nobody is not here.", "1"), Ticket(NOON, "t1", "/files/t1", "1"))
    assert client.prints() == "[Server message (12:00:00)] Nobody is not here."
    server.tells(Goodbye(NOON, "quit", "Goodbye."))
    assert client.ends() == 0
    assert desk.brought.empty()


@pytest.mark.parametrize(("content", "length"), [(b"1234567", 7), (b"", 0), (None, 0)])
def test_a_file_that_changed_before_it_is_read_is_the_front_desks_to_refuse(
    desk: FrontDesk, chat: tuple[Server, Client], tmp_path: Path, content: bytes | None, length: int
) -> None:
    server, client = chat
    path = tmp_path / "notes.txt"
    path.write_bytes(b"12345")
    desk.replies["/files/t1"] = (409, {}, b"")
    client.types(f"/send Bob {path}\n")
    server.reads()
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    server.tells(Ticket(NOON, "t1", "/files/t1", "1"))
    brought = desk.brought.get()
    assert brought[:2] == ("/files/t1", length)
    server.tells(TransferFailed(NOON, "Mary", "Bob", str(path), "t1", "its size changed before it was read."))
    said = f"{path} was not sent to Bob: its size changed before it was read."
    assert client.prints() == f"[Server message (12:00:00)] {said}"


@pytest.mark.parametrize("change", ["grows", "shrinks"])
def test_a_file_that_changes_while_it_is_sent_is_broken_off(
    desk: FrontDesk, chat: tuple[Server, Client], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    server, client = chat
    path = tmp_path / "notes.txt"
    path.write_bytes(BIG)
    send = http.client.HTTPConnection.send

    def send_and_change(connection: http.client.HTTPConnection, data: bytes) -> None:
        send(connection, data)
        with path.open("r+b") as file:
            file.truncate(len(BIG) + 1 if change == "grows" else len(BIG) // 2)

    client.types(f"/send Bob {path}\n")
    server.reads()
    monkeypatch.setattr(http.client.HTTPConnection, "send", send_and_change)
    server.tells(Ticket(NOON, "t1", "/files/t1", "1"))
    assert client.notes() == f"antechamber: {path} was not sent to Bob: it changed while it was being sent"
    _, length, body = desk.brought.get()
    assert len(body) < length == len(BIG)


def test_a_front_desk_that_does_not_answer_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    path = tmp_path / "notes.txt"
    path.write_bytes(b"12345")
    with chatting(str(tmp_path), welcome(front_desk_port=port)) as (server, client):
        is_let_send(server, client, path)
        problem = f"127.0.0.1:{port} does not answer: connection refused"
        assert client.notes() == f"antechamber: {path} was not sent to Bob: {problem}"


def test_a_front_desk_that_turns_the_client_away_is_told(
    desk: FrontDesk, chat: tuple[Server, Client], tmp_path: Path
) -> None:
    server, client = chat
    path = tmp_path / "notes.txt"
    path.write_bytes(b"12345")
    desk.replies["/files/t1"] = (421, {}, b"")
    is_let_send(server, client, path)
    problem = "the front desk refused it (421 Misdirected Request)"
    assert client.notes() == f"antechamber: {path} was not sent to Bob: {problem}"


def test_a_file_that_is_on_its_way_at_the_end_is_told(
    desk: FrontDesk, chat: tuple[Server, Client], tmp_path: Path
) -> None:
    server, client = chat
    path = tmp_path / "notes.txt"
    path.write_bytes(b"12345")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        server.tells(welcome(front_desk_port=silent.getsockname()[1]))
        client.prints()
        is_let_send(server, client, path)
        peer, _ = silent.accept()
        client.types("/quit\n")
        assert server.reads() == Quit("2")
        server.tells(Goodbye(NOON, "quit", "Goodbye."))
        assert client.ends() == 0
        assert client.notes() == f"antechamber: {path} was not sent: it was still on its way"
        peer.close()


@pytest.mark.parametrize("failed", [False, True])
def test_a_file_whose_fate_was_told_is_not_told_of_again_at_the_end(
    chat: tuple[Server, Client], tmp_path: Path, failed: bool
) -> None:
    server, client = chat
    path = tmp_path / "notes.txt"
    path.write_bytes(b"12345")
    with socket.create_server(("127.0.0.1", 0)) as silent:  # a front desk that never answers
        server.tells(welcome(front_desk_port=silent.getsockname()[1]))
        client.prints()
        is_let_send(server, client, path)
        peer, _ = silent.accept()
        lost = TransferFailed(NOON, "Mary", "Bob", str(path), "t1", "Bob has left.")
        server.tells(lost if failed else Sent(NOON, "Mary", "Bob", str(path)))
        client.prints()
        server.tells(Goodbye(NOON, "kicked", "The operator closed your connection."))
        assert client.ends() == 0
        assert client.rest_of_notes() == ["antechamber: the operator closed your connection"]
        peer.close()


# A lost connection


def comes_back(server: Server, client: Client) -> list[str]:
    """Lose the connection and find it again, and return what is noted before that is told."""
    server.hangs_up()
    notes = []
    while "was lost; your" not in (note := client.notes()):
        notes.append(note)
    server.answer()
    server.reads()
    server.tells(resumed(2, 1, front_desk_port=0))
    return notes


@contextmanager
def chatting_on(folder: Path, front_desk_port: int) -> Iterator[tuple[Server, Client]]:
    """Seat Mary, who reconnects."""
    first = welcome(front_desk_port=front_desk_port, token="first"), entry(1, Seated("Mary"))
    with chatting(str(folder), *first, pauses=Pauses()) as (server, client):
        client.prints()
        client.prints()
        yield server, client


def test_files_that_are_on_their_way_when_the_connection_is_lost_are_told(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("first.txt", "second.txt", "third.txt")]
    for path in paths:
        path.write_bytes(b"12345")
    with (
        front_desk() as desk,
        socket.create_server(("127.0.0.1", 0)) as silent,
        chatting_on(tmp_path, desk.port) as (server, client),
    ):
        client.types(f"/send Bob {paths[0]}\n")
        server.tells(Ticket(NOON, "t1", "/files/t1", server.reads().id))
        desk.brought.get()
        for thread in threading.enumerate():
            if thread.name == "file":
                thread.join(SECONDS_MAX)
        server.tells(welcome(front_desk_port=silent.getsockname()[1], token="first"), entry(1, Seated("Mary")))
        client.prints()
        client.prints()
        client.types(f"/send Bob {paths[1]}\n")
        server.tells(Ticket(NOON, "t2", "/files/t2", server.reads().id))
        peer, _ = silent.accept()
        client.types(f"/send Bob {paths[2]}\n")
        server.reads()
        notes = comes_back(server, client)
        lost = "the connection was lost"
        assert sorted(notes) == [
            f"antechamber: {paths[0]} perhaps did not reach Bob: {lost}",
            f"antechamber: {paths[1]} was not sent to Bob: {lost}",
            f"antechamber: {paths[2]} was not sent to Bob: {lost}",
        ]
        assert client.notes().endswith("back again, in your seat")
        peer.close()
        client.types("/list\n/quit\n")
        assert [type(server.reads()) for _ in range(2)] == [List, Quit]
        server.tells(Goodbye(NOON, "quit", "Goodbye."))
        assert client.ends() == 0
        assert client.rest_of_notes() == []


def test_a_file_whose_fate_was_told_is_not_told_of_when_the_connection_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(b"12345")
    with front_desk() as desk, chatting_on(tmp_path, desk.port) as (server, client):
        client.types(f"/send Bob {path}\n")
        server.tells(Ticket(NOON, "t1", "/files/t1", server.reads().id))
        desk.brought.get()
        server.tells(Sent(NOON, "Mary", "Bob", str(path)))
        client.prints()
        assert comes_back(server, client) == []


def test_a_file_that_does_not_arrive_since_the_connection_was_lost_is_told(tmp_path: Path) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        chatting_on(tmp_path, silent.getsockname()[1]) as (server, client),
    ):
        server.tells(offer(5))
        peer, _ = silent.accept()
        comes_back(server, client)
        assert client.notes().endswith("back again, in your seat")
        peer.close()
        assert client.notes() == "antechamber: notes.txt from Bob did not arrive: the connection was lost"
        assert os.listdir(tmp_path) == []


def test_a_file_that_was_typed_while_away_is_looked_at_when_it_goes_out(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(b"1234567")
    with chatting_on(tmp_path, 1) as (server, client):
        server.hangs_up()
        client.notes()
        server.answer()
        server.reads()
        client.types(f"/send Bob {path}\n")
        server.tells(resumed(2, 1))
        assert server.reads() == Send("Bob", str(path), 7, "", ANY)
