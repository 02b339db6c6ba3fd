"""A search is a question whatever a person types."""

import sqlite3
from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from antechamber.log.search_query import WORDS_MAX, SearchError, match_expression


@pytest.mark.parametrize(
    ("search", "expression"),
    [
        ("hello", '"hello"'),
        ("  hello   Mary ", '"hello" "Mary"'),
        ('"hello Mary"', '"hello Mary"'),
        ('so "hello Mary" there', '"so" "hello Mary" "there"'),
        ('"hello Mary', '"hello Mary"'),
        ("hel*", '"hel*"*'),
        ('"hello Ma"*', '"hello Ma"*'),
        ("hello OR NOT near(x)", '"hello" "OR" "NOT" "near(x)"'),
        ("text:hello -x ^y", '"text:hello" "-x" "^y"'),
        ("don't", '"don\'t"'),
        ('a"b c"d', '"a" "b c" "d"'),
        ('hello !!! "" * "?"', '"hello"'),
        ("a\x00b\udcff", '"a\ufffdb\ufffd"'),
    ],
)
def test_every_word_is_looked_for_as_it_is(search: str, expression: str) -> None:
    assert match_expression(search) == expression


@pytest.mark.parametrize("search", ["", "  ", '""', "*", "!?", "🎉"])
def test_a_search_without_a_letter_or_digit_is_an_error(search: str) -> None:
    with pytest.raises(SearchError, match="at least one letter or digit"):
        match_expression(search)


def test_a_search_has_a_limit() -> None:
    assert match_expression("a " * WORDS_MAX).count('"a"') == WORDS_MAX
    with pytest.raises(SearchError, match=f"at most {WORDS_MAX} words"):
        match_expression("a " * (WORDS_MAX + 1))


@pytest.fixture(scope="module")
def index() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE said USING fts5 (text)")
    connection.execute("INSERT INTO said VALUES ('hello Mary'), ('hello John, how are you?'), ('don''t help')")
    yield connection
    connection.close()


@given(search=st.text() | st.text(alphabet="ab\"'*-+:^(){}[] ,\\") | st.text(alphabet="\u19b0 aé\u0301²"))
@example(search="\u19b0 hello")
@example(search='{text} : "a" + NEAR(b c, 5)* NOT')
def test_no_search_is_a_syntax_error(index: sqlite3.Connection, search: str) -> None:
    try:
        expression = match_expression(search)
    except SearchError:
        return
    index.execute("SELECT rowid FROM said WHERE said MATCH ?", (expression,)).fetchall()


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("hello", [1, 2]),
        ("HELLO mary", [1]),
        ('"how are"', [2]),
        ('"are how"', []),
        ("hel*", [1, 2, 3]),
        ("hel", []),
        ('"how ar"*', [2]),
        ("don't", [3]),
        ("hello !", [1, 2]),
        ("\u19b0 hello", [1, 2]),  # a letter that the index has no words of does not count
    ],
)
def test_words_find_what_has_all_of_them(index: sqlite3.Connection, search: str, found: list[int]) -> None:
    rows = index.execute("SELECT rowid FROM said WHERE said MATCH ? ORDER BY rowid", (match_expression(search),))
    assert [row for (row,) in rows] == found
