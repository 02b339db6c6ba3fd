"""What may go to a terminal."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antechamber.text import clean, name_problem, normalise_name

UNSAFE = [
    *map(chr, range(0x20)),
    *map(chr, range(0x7F, 0xA0)),
    *"\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\ufff9\ufffa\ufffb",
    "\ud800",
    "\udfff",
]


@pytest.mark.parametrize("character", [c for c in UNSAFE if c != "\t"])
def test_an_unsafe_character_is_shown_as_lost(character: str) -> None:
    assert clean(f"a{character}b") == "a\ufffdb"


def test_a_tab_is_a_space() -> None:
    assert clean("a\tb") == "a b"


@pytest.mark.parametrize(
    "text", ["", "plain", "¡Olé!", "汉字", "👩\u200d💻", "e\u0301", "a\u00a0b", "\u200fשלום", "\u2027", "\u202f"]
)
def test_a_safe_text_stays_as_it_is(text: str) -> None:
    assert clean(text) == text


@given(st.text())
def test_no_text_is_unsafe_once_it_is_clean(text: str) -> None:
    cleaned = clean(text)
    assert not set(cleaned) & set(UNSAFE)
    assert len(cleaned) == len(text)
    assert clean(cleaned) == cleaned
    cleaned.encode()


def test_a_name_is_normalised_so_that_one_look_is_one_name() -> None:
    assert normalise_name("Ame\u0301lie") == normalise_name("Amélie") == "Amélie"
    assert normalise_name("Mary") == "Mary"


def test_what_is_far_too_long_for_a_name_is_not_normalised() -> None:
    assert normalise_name("e\u0301" * 256) == "é" * 256
    assert normalise_name("e\u0301" * 256 + "x") == "e\u0301" * 256 + "x"
    assert name_problem(normalise_name("e\u0301" * 256 + "x"), 32) == "A name has at most 32 characters."


@pytest.mark.parametrize("name", ["Mary", "x", "m.a-r_y", "O'Neil", "a+b~c", "Amélie", "山田", "१२", "q\u0323", "7"])
def test_a_name_of_letters_digits_and_marks_is_a_name(name: str) -> None:
    assert name_problem(normalise_name(name), 32) is None


@pytest.mark.parametrize(
    "name",
    [
        "a b",
        "a\tb",
        "[Mary]",
        "(x)",
        "a:b",
        "a/b",
        "a\u202eb",
        "a\x00b",
        "a\ufffdb",
        "<a>",
        '"',
        "a\u00a0b",
        "😀",
        "@a",
    ],
)
def test_a_name_with_anything_else_is_none(name: str) -> None:
    assert name_problem(name, 32) == "A name has only letters, digits, marks and . _ - + ~ '"


def test_a_name_is_not_empty() -> None:
    assert name_problem("", 32) == "A name has at least one character."


@pytest.mark.parametrize("letter", ["a", "é"])
def test_a_name_may_be_as_long_as_the_bound_and_no_longer(letter: str) -> None:
    assert name_problem(letter * 32, 32) is None
    assert name_problem(letter * 33, 32) == "A name has at most 32 characters."


def test_a_name_starts_with_no_combining_mark() -> None:
    assert name_problem("\u0301a", 32) == "A name starts with no combining mark."


@given(st.text(max_size=40))
def test_a_good_name_is_one_safe_word(text: str) -> None:
    name = normalise_name(text)
    if name_problem(name, 32) is None:
        assert name.split() == [name]
        assert clean(name) == name
        assert ":" not in name
        assert unicodedata.is_normalized("NFC", name)
