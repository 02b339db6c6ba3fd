"""Files that come to a client's chat, against a server and a front desk that do what the test says."""

import errno
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from antechamber.client.files import allowance
from antechamber.client.files.saving import IncomingFile
from antechamber.protocol.commands import Received, Say
from antechamber.protocol.limits import RECEIVED_FREE_BYTES_MIN
from antechamber.protocol.notices import Goodbye, Offer
from tests.client.scripted import BIG, NOON, Client, FrontDesk, Server, chatting, offer, welcome


@pytest.mark.parametrize("content", [b"", b"See you at ten.", BIG], ids=["empty", "small", "big"])
def test_an_offered_file_is_saved_without_a_line(
    desk: FrontDesk, chat: tuple[Server, Client], tmp_path: Path, content: bytes
) -> None:
    server, client = chat
    desk.replies["/files/t1"] = (200, {}, content)
    server.tells(offer(len(content)))
    assert server.reads() == Received("t1", "", "1")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"notes.txt": content}
    server.tells(Goodbye(NOON, "quit", "Goodbye."))
    assert client.ends() == 0
    assert client.rest() == client.rest_of_notes() == []


def test_a_hostile_name_stays_in_the_folder(desk: FrontDesk, chat: tuple[Server, Client], tmp_path: Path) -> None:
    server, _ = chat
    desk.replies["/files/t1"] = (200, {}, b"12345")
    server.tells(offer(5, "../../.bashrc"))
    assert server.reads() == Received("t1", "", "1")
    assert os.listdir(tmp_path) == ["_bashrc"]


@pytest.mark.parametrize(
    ("status", "headers", "body", "problem"),
    [
        (404, {}, b"{}", "the front desk did not have it (404 Not Found)."),
        (200, {}, b"1234", "it broke off on its way from the server."),
        (200, {}, b"123456", "it broke off on its way from the server."),
        (200, {"Content-Length": "1000"}, b"12345678", "it broke off on its way from the server."),
    ],
)
def test_a_download_that_is_not_the_file_leaves_nothing_and_is_told(
    desk: FrontDesk,
    chat: tuple[Server, Client],
    tmp_path: Path,
    status: int,
    headers: dict[str, str],
    body: bytes,
    problem: str,
) -> None:
    server, _ = chat
    desk.replies["/files/t1"] = (status, headers, body)
    server.tells(offer(5))
    assert server.reads() == Received("t1", problem, "1")
    assert os.listdir(tmp_path) == []


def test_a_front_desk_that_does_not_answer_the_target_is_told_to_the_server(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    with chatting(str(tmp_path), welcome(front_desk_port=port)) as (server, _):
        server.tells(offer(5))
        assert server.reads() == Received("t1", "the front desk did not answer (connection refused).", "1")
        assert os.listdir(tmp_path) == []


def test_a_folder_that_is_no_more_is_told(desk: FrontDesk, chat: tuple[Server, Client], tmp_path: Path) -> None:
    server, _ = chat
    desk.replies["/files/t1"] = (200, {}, b"12345")
    tmp_path.rename(tmp_path.with_name("elsewhere"))
    server.tells(offer(5))
    assert server.reads() == Received("t1", "the folder that it was to be saved in is no more.", "1")


OF_BOB = "no more than 1 files and 1 GiB are taken from Bob in an hour."
FULL = "the disk that it was to be saved on is full."
LOCKED = "the folder that it was to be saved in cannot be written to."


@pytest.mark.parametrize(
    ("method", "number", "problem"),
    [
        ("write", errno.ENOSPC, FULL),
        ("write", errno.EDQUOT, FULL),
        ("write", errno.EIO, "it could not be saved (input/output error)."),
        ("keep", errno.ENOSPC, FULL),
        ("_open", errno.EACCES, LOCKED),
        ("_open", errno.EROFS, LOCKED),
    ],
)
def test_a_disk_that_takes_nothing_is_told_and_leaves_nothing(
    desk: FrontDesk,
    chat: tuple[Server, Client],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    method: str,
    number: int,
    problem: str,
) -> None:
    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(IncomingFile, method, fail)
    server, _ = chat
    desk.replies["/files/t1"] = (200, {}, b"12345")
    server.tells(offer(5))
    assert server.reads() == Received("t1", problem, "1")
    assert os.listdir(tmp_path) == []


class Disk(NamedTuple):
    """What a file system tells of its room, in blocks."""

    f_blocks: int
    f_bavail: int
    f_frsize: int = 4096


@pytest.mark.parametrize(
    ("disk", "is_full"),
    [
        (Disk(1 << 30, (RECEIVED_FREE_BYTES_MIN >> 12) + 1), False),
        (Disk(1 << 30, RECEIVED_FREE_BYTES_MIN >> 12), True),
        (Disk(2_000, 101), False),  # a small disk: a twentieth of it is left
        (Disk(2_000, 100), True),
        (Disk(0, 0), False),  # one that does not tell
    ],
)
def test_a_disk_is_never_filled(
    desk: FrontDesk,
    chat: tuple[Server, Client],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    disk: Disk,
    is_full: bool,
) -> None:
    monkeypatch.setattr(os, "fstatvfs", lambda _: disk)
    server, _ = chat
    desk.replies["/files/t1"] = (200, {}, b"12345")
    server.tells(offer(5))
    assert server.reads() == Received("t1", FULL if is_full else "", "1")
    assert len(os.listdir(tmp_path)) == (0 if is_full else 1)


def test_a_disk_that_others_fill_meanwhile_is_not_filled_up(
    desk: FrontDesk, chat: tuple[Server, Client], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disks = [Disk(2_000, 1_000), Disk(2_000, 100)]
    monkeypatch.setattr(os, "fstatvfs", lambda _: disks.pop(0))
    server, _ = chat
    desk.replies["/files/t1"] = (200, {}, b"12345")
    server.tells(offer(5))
    assert server.reads() == Received("t1", FULL, "1")
    assert os.listdir(tmp_path) == []


def test_more_than_is_taken_of_one_sender_is_declined_and_never_fetched(
    desk: FrontDesk, chat: tuple[Server, Client], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(allowance, "RECEIVED_FILES_PER_SENDER_MAX", 1)
    server, client = chat
    desk.replies["/files/t1"] = (200, {}, b"12345")
    server.tells(offer(5))
    assert server.reads() == Received("t1", "", "1")
    for number in (2, 3):
        server.tells(Offer(NOON, "Bob", "more.txt", 5, f"t{number}", "/files/none"))
        assert server.reads() == Received(f"t{number}", OF_BOB, str(number))
    assert os.listdir(tmp_path) == ["notes.txt"]
    server.tells(Goodbye(NOON, "quit", "Goodbye."))
    assert client.ends() == 0
    assert client.rest_of_notes() == [], "a script is told nothing that is not of the transcript"


def test_a_file_that_fails_takes_nothing_from_its_senders_allowance(
    desk: FrontDesk, chat: tuple[Server, Client], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(allowance, "RECEIVED_FILES_PER_SENDER_MAX", 1)
    server, _ = chat
    desk.replies["/files/t1"] = (404, {}, b"")
    server.tells(offer(5))
    problem = "the front desk did not have it (404 Not Found)."
    assert server.reads() == Received("t1", problem, "1")
    desk.replies["/files/t1"] = (200, {}, b"12345")
    server.tells(offer(5))
    assert server.reads() == Received("t1", "", "2")


def test_a_size_below_nothing_gives_no_room(
    desk: FrontDesk, chat: tuple[Server, Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(allowance, "RECEIVED_BYTES_PER_SENDER_MAX", 5)
    server, _ = chat
    desk.replies["/files/t1"] = (200, {}, b"123456")
    server.tells(offer(-1000))
    assert server.reads() == Received("t1", "it broke off on its way from the server.", "1")
    server.tells(offer(6))
    command = server.reads()
    assert isinstance(command, Received)
    assert command.problem.startswith("no more than")


# On a terminal


@pytest.fixture
def terminal(desk: FrontDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Server, Client]]:
    """Seat Mary at a terminal, with the folder `inbox` for what she gets."""
    monkeypatch.setattr(os, "isatty", lambda _: True)
    monkeypatch.chdir(tmp_path)
    Path("inbox").mkdir()
    with chatting("./inbox/", welcome(front_desk_port=desk.port)) as (server, client):
        client.prints()
        yield server, client


def test_on_a_terminal_it_is_told_who_sent_what_and_where_it_is(
    desk: FrontDesk, terminal: tuple[Server, Client]
) -> None:
    server, client = terminal
    desk.replies["/files/t1"] = (200, {}, b"x" * 12_345)
    for name in ("notes.txt", "notes (1).txt"):
        server.tells(offer(12_345, "papers/notes.txt"))
        assert client.notes() == f"antechamber: notes.txt (12.3 kB) from Bob is saved as inbox/{name}"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("\x1b[2Jevil", "\ufffd[2Jevil"),
        ("gpj.\u202eexe", "gpj.\ufffdexe"),
        ("gpj.\u2067exe", "gpj.\ufffdexe"),
        ("a\u200fb\u200ec\u061cd", "a\ufffdb\ufffdc\ufffdd"),
        ("a\n[Server message (12:00:00)] Mary has left", "a\ufffd[Server message (12:00:00)] Mary has left"),
        (".zshenv", "_zshenv"),
        ("..", "file"),
        ("a/b", "b"),
        ("CON", "CON"),
        ("sitecustomize.py", "sitecustomize.py"),
        ("x" * 300, "x" * 255),
    ],
)
def test_what_is_told_of_a_file_is_safe_for_a_terminal(
    desk: FrontDesk, terminal: tuple[Server, Client], name: str, shown: str
) -> None:
    server, client = terminal
    desk.replies["/files/t1"] = (200, {}, b"12345")
    server.tells(offer(5, name))
    assert client.notes() == f"antechamber: {shown} (5 bytes) from Bob is saved as inbox/{shown}"
    assert os.listdir("inbox") == [shown]


def test_on_a_terminal_it_is_told_once_that_no_more_is_taken(
    desk: FrontDesk, terminal: tuple[Server, Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(allowance, "RECEIVED_FILES_PER_SENDER_MAX", 1)
    server, client = terminal
    desk.replies["/files/t1"] = (200, {}, b"12345")
    server.tells(*[offer(5)] * 4)
    tickets = [server.reads() for _ in range(4)]
    assert sorted(command.problem for command in tickets if isinstance(command, Received)) == ["", *[OF_BOB] * 3]
    server.tells(Offer(NOON, "Ann", "hers.txt", 5, "t1", "/files/t1"))
    server.reads()
    server.tells(offer(5))
    server.reads()
    notes = sorted(client.notes() for _ in range(4))
    declined = f"antechamber: notes.txt (5 bytes) from Bob was not taken: {OF_BOB}"
    assert notes[1:] == [
        "antechamber: notes.txt (5 bytes) from Bob is saved as inbox/notes.txt",
        declined,
        declined,
    ]
    server.tells(Goodbye(NOON, "quit", "Goodbye."))
    assert client.ends() == 0
    assert client.rest_of_notes() == []


def test_files_come_and_go_beside_the_chat_and_each_other(
    desk: FrontDesk, chat: tuple[Server, Client], tmp_path: Path
) -> None:
    server, client = chat
    for number in range(4):
        desk.replies[f"/files/t{number}"] = (200, {}, bytes([number]) * 100_000)
        server.tells(Offer(NOON, "Bob", "same.bin", 100_000, f"t{number}", f"/files/t{number}"))
    client.types("hello\n")
    commands = [server.reads() for _ in range(5)]
    assert [c.text for c in commands if isinstance(c, Say)] == ["hello"]
    assert sorted(c.ticket for c in commands if isinstance(c, Received) and not c.problem) == ["t0", "t1", "t2", "t3"]
    assert sorted(os.listdir(tmp_path)) == ["same (1).bin", "same (2).bin", "same (3).bin", "same.bin"]
