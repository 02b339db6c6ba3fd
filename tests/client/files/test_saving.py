"""Saving what somebody sent: under its own name, over nothing that is there, and never outside the folder."""

import errno
import os
import threading
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from antechamber.client.files import saving
from antechamber.client.files.saving import IncomingFile, safe_name

HOSTILE = [
    ("../../x", "x"),
    ("..\\..\\x", "x"),
    ("/etc/passwd", "passwd"),
    ("C:\\Windows\\win.ini", "win.ini"),
    (".", "file"),
    ("..", "file"),
    ("...", "file"),
    ("", "file"),
    ("/", "file"),
    ("x/..", "file"),
    ("\x00", "\N{REPLACEMENT CHARACTER}"),
    ("a\x00b", "a\N{REPLACEMENT CHARACTER}b"),
    ("\x1b[31mred\n", "\N{REPLACEMENT CHARACTER}[31mred\N{REPLACEMENT CHARACTER}"),
    ("txt.\u202eexe", "txt.\N{REPLACEMENT CHARACTER}exe"),
    (".profile", "_profile"),
    ("..profile", "_.profile"),
    ("  notes.txt ", "notes.txt"),
    ("naïve café.txt", "naïve café.txt"),
    ("x" * 300, "x" * 255),
    ("x" * 300 + ".txt", "x" * 251 + ".txt"),
    ("é" * 300 + ".txt", "é" * 125 + ".txt"),
    ("x." + "y" * 300, "x." + "y" * 253),
]


@pytest.fixture(params=["nameless", "hidden", "without links"], autouse=True)
def file_system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run the test as on three kinds of file systems."""
    kind = str(request.param)
    if kind != "nameless":
        monkeypatch.setattr(saving, "_NAMELESS", 0)
    if kind == "without links":

        def refuse(*_: object, **__: object) -> None:
            raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

        monkeypatch.setattr(os, "link", refuse)
    return kind


def save(folder: Path, name: str, content: bytes = b"new") -> str:
    incoming = IncomingFile(str(folder))
    incoming.write(content)
    return incoming.keep(name)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


# Names


@pytest.mark.parametrize(("name", "safe"), HOSTILE)
def test_a_hostile_name_is_made_a_name_and_saved_in_the_folder(tmp_path: Path, name: str, safe: str) -> None:
    folder = tmp_path / "a" / "b" / "files"
    folder.mkdir(parents=True)
    assert safe_name(name) == safe
    assert save(folder, name) == safe
    assert contents(folder) == {safe: b"new"}
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [folder / safe]


@given(st.text(max_size=300))
@example("../" * 100)
def test_a_safe_name_is_one_name_in_any_folder(name: str) -> None:
    safe = safe_name(name)
    assert safe
    assert safe[0] != "."
    assert not set(safe) & set("/\\\x00")
    assert len(safe.encode()) <= 255


# Over nothing that is there


def test_a_name_that_is_taken_gets_a_number_before_its_extension(tmp_path: Path) -> None:
    names = [save(tmp_path, "notes.tar.gz", bytes([number])) for number in range(3)]
    assert names == ["notes.tar.gz", "notes.tar (1).gz", "notes.tar (2).gz"]
    assert contents(tmp_path) == {name: bytes([number]) for number, name in enumerate(names)}


def test_a_long_name_that_is_taken_is_shortened_for_its_number(tmp_path: Path) -> None:
    save(tmp_path, "x" * 255)
    assert save(tmp_path, "x" * 255) == "x" * 251 + " (1)"


@pytest.mark.parametrize("target", ["elsewhere", "nowhere"])
def test_a_link_at_the_name_is_not_followed(tmp_path: Path, target: str) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    (tmp_path / "elsewhere").write_bytes(b"old")
    (folder / "notes.txt").symlink_to(tmp_path / target)
    assert save(folder, "notes.txt") == "notes (1).txt"
    assert (tmp_path / "elsewhere").read_bytes() == b"old"
    assert not (tmp_path / "nowhere").exists()
    assert (folder / "notes (1).txt").read_bytes() == b"new"


def test_a_folder_at_the_name_stays_one(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    assert save(tmp_path, "notes") == "notes (1)"
    assert (tmp_path / "notes").is_dir()


def test_those_who_save_the_same_name_at_one_moment_all_succeed(tmp_path: Path) -> None:
    barrier = threading.Barrier(8)

    def run(number: int) -> None:
        incoming = IncomingFile(str(tmp_path))
        incoming.write(bytes([number]) * 1000)
        barrier.wait()
        incoming.keep("notes.txt")

    threads = [threading.Thread(target=run, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    saved = contents(tmp_path)
    assert sorted(saved) == sorted(["notes.txt", *(f"notes ({number}).txt" for number in range(1, 8))])
    assert sorted(saved.values()) == [bytes([number]) * 1000 for number in range(8)]


# Nothing half-done


def test_a_file_has_no_name_of_its_own_before_it_is_whole(tmp_path: Path, file_system: str) -> None:
    incoming = IncomingFile(str(tmp_path))
    incoming.write(b"half")
    names = os.listdir(tmp_path)
    assert len(names) == (0 if file_system == "nameless" else 1)
    assert all(name.startswith(".antechamber-") for name in names)
    incoming.discard()
    assert os.listdir(tmp_path) == []
    incoming.discard()


def test_the_end_of_the_program_takes_the_hidden_name_away(tmp_path: Path) -> None:
    incoming = IncomingFile(str(tmp_path))
    incoming.write(b"half")
    incoming.unname()
    assert os.listdir(tmp_path) == []
    incoming.write(b"more")  # another thread, which does not know yet
    incoming.discard()
    assert os.listdir(tmp_path) == []


def test_a_file_may_be_read_as_any_other(tmp_path: Path) -> None:
    save(tmp_path, "notes.txt")
    (tmp_path / "other.txt").write_bytes(b"")
    assert (tmp_path / "notes.txt").stat().st_mode == (tmp_path / "other.txt").stat().st_mode


def test_a_folder_that_is_none_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_bytes(b"old")
    for path in ("missing", "notes.txt"):
        with pytest.raises(OSError, match=r"No such file|Not a directory"):
            IncomingFile(str(tmp_path / path))


def test_a_disk_that_fails_when_the_file_gets_its_name_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    incoming = IncomingFile(str(tmp_path))
    monkeypatch.setattr(IncomingFile, "_name", fail)
    with pytest.raises(OSError, match="Input/output error"):
        incoming.keep("notes.txt")
    incoming.discard()
    assert os.listdir(tmp_path) == []
