"""Typed lines across runs: the latest ones come back, in a file for the user's eyes alone."""

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antechamber.runtime.typed_lines import LINE_CHARACTERS_MAX, LINES_MAX, TypedLines, typed_lines_of


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "state" / "client-history")


def test_what_was_typed_comes_back_in_the_next_run(path: str) -> None:
    first = TypedLines(path)
    for line in ("Hello", "a\nb", "C:\\new\\\\x", "", "  ", "Hello", "Hello"):
        first.add(line)
    assert list(TypedLines(path)) == list(first) == ["Hello", "a\nb", "C:\\new\\\\x", "Hello"]


@given(st.lists(st.text(st.characters(exclude_characters="\r", exclude_categories=["Cs"]), min_size=1), max_size=5))
def test_any_text_comes_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, lines: list[str]) -> None:
    path = str(tmp_path_factory.mktemp("typed") / "history")
    first = TypedLines(path)
    for line in lines:
        first.add(line)
    assert list(TypedLines(path)) == list(first)


def test_only_the_user_reads_the_file(path: str) -> None:
    TypedLines(path).add("a secret")
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(os.path.dirname(path)).st_mode) == 0o700


def test_the_latest_lines_are_kept_and_the_file_is_bounded(path: str) -> None:
    typed = TypedLines(path)
    for number in range(3 * LINES_MAX):
        typed.add(str(number))
    assert list(typed) == [str(number) for number in range(2 * LINES_MAX, 3 * LINES_MAX)]
    assert list(TypedLines(path)) == list(typed)
    assert len(Path(path).read_text().splitlines()) <= 2 * LINES_MAX
    assert os.listdir(os.path.dirname(path)) == ["client-history"]


@pytest.mark.parametrize(("length", "kept"), [(LINE_CHARACTERS_MAX, 1), (LINE_CHARACTERS_MAX + 1, 0)])
def test_a_line_beyond_the_limit_is_remembered_in_this_run_alone(path: str, length: int, kept: int) -> None:
    typed = TypedLines(path)
    typed.add("x" * length)
    assert (len(list(typed)), len(list(TypedLines(path)))) == (1, kept)


def test_a_place_that_cannot_be_written_loses_nothing_but_the_next_run(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    typed = TypedLines(str(tmp_path / "file" / "history"))
    typed.add("Hello")
    assert list(typed) == ["Hello"]


def test_each_program_has_a_history_of_its_own(tmp_path: Path) -> None:
    environ = {"XDG_STATE_HOME": str(tmp_path)}
    typed_lines_of("client", environ).add("Hello")
    assert list(typed_lines_of("server", environ)) == []
    assert (tmp_path / "antechamber" / "client-history").is_file()
