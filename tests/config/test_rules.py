"""What holds in every config: the words of numbers and hosts. The rest stands in the tests of both readers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antechamber.config.rules import is_host, quoted, whole_number


@given(number=st.integers(0, 10**18), zeros=st.integers(0, 30))
def test_ascii_digits_are_a_whole_number(number: int, zeros: int) -> None:
    assert whole_number("0" * zeros + str(number)) == number


@given(word=st.text())
def test_a_word_of_anything_else_is_no_number(word: str) -> None:
    assert (whole_number(word) is None) == (word.strip("0123456789") != "" or word == "")


@pytest.mark.parametrize("word", ["localhost", "0.0.0.0", "::1", "chat.example.org", "münchen.example"])
def test_a_name_or_an_address_is_a_host(word: str) -> None:
    assert is_host(word)


@pytest.mark.parametrize("word", ["", " ", "a b", "a\tb", "a\0", "a\x1b", "a\u00a0b", "\u202ea"])
def test_what_is_empty_or_has_white_space_or_a_control_character_is_no_host(word: str) -> None:
    assert not is_host(word)


@pytest.mark.parametrize(
    ("word", "shown"),
    [
        ("a", "'a'"),
        ("x" * 40, f"'{'x' * 40}'"),
        ("x" * 41, f"'{'x' * 40}…'"),
        ("a\x1b\n", "'a\ufffd\ufffd'"),
        ("", "''"),
    ],
)
def test_a_word_is_shown_safely_and_not_at_length(word: str, shown: str) -> None:
    assert quoted(word) == shown
