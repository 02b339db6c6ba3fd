"""Texts in cells: no row is wider or narrower than was reckoned, whatever is written in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wcwidth import wcwidth

from antechamber.client.app.cells import anchored, clipped, padded, plain, width, wrapped

texts = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=80)


def test_wide_characters_take_two_cells_and_marks_none() -> None:
    assert [width(each) for each in ("abc", "日本", "e\u0301", "\u200e", "")] == [3, 4, 1, 0, 0]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("👩\u200d👩\u200d👧", "👩👩👧"),
        ("👍\U0001f3fd", "👍"),
        ("🇩🇪", "DE"),
        ("❤\ufe0f", "❤"),
        ("1\ufe0f\u20e3", "1"),
        ("a" + "\u0301" * 9, "a" + "\u0301" * 6),
        ("naïve", "naïve"),
        ("a\x1b[2Jb\u202ec", "a\ufffd[2Jb\ufffdc"),
        ("one\n  two", "one\n  two"),
    ],
)
def test_what_some_draw_as_one_picture_is_drawn_as_its_parts(text: str, parts: str) -> None:
    assert plain(text) == parts


@given(texts)
def test_the_width_is_what_the_library_draws(text: str) -> None:
    shown = plain(text)
    assert width(shown) == sum(max(wcwidth(character), 0) for character in shown)


@given(texts, st.integers(2, 40))
def test_no_row_is_wider_than_asked_and_no_word_is_lost(text: str, cells: int) -> None:
    rows = list(wrapped(text, cells))
    assert all(width(row) <= cells for row in rows)
    assert "".join("".join(rows).split()) == "".join(text.split())


@given(texts, st.integers(1, 40))
def test_what_is_cut_says_so_and_what_is_padded_fits(text: str, cells: int) -> None:
    cut = clipped(text, cells)
    assert width(cut) <= cells
    assert cut == text or cut.endswith("…")
    assert width(padded(text, cells)) == cells


def test_rows_break_between_words_and_lines_where_they_were_broken() -> None:
    assert list(wrapped("It crashes only with the push\n    at push", 12)) == [
        "It crashes",
        "only with",
        "the push",
        "    at push",
    ]
    assert list(wrapped("x" * 25, 10)) == ["x" * 10, "x" * 10, "x" * 5]
    assert list(wrapped("日本語日本語", 5)) == ["日本", "語日", "本語"]
    assert list(wrapped("", 5)) == [""]


def test_text_from_right_to_left_does_not_turn_what_is_around_it() -> None:
    assert anchored("שלום") == "\u200eשלום\u200e"
    assert anchored("hello") == "hello"
