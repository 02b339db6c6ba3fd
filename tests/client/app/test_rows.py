"""Items as rows: every part in its column, whatever the names and texts are."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antechamber.client.app.cells import width
from antechamber.client.app.rows import Look, boxed, colour_of, rows_of, rule, spread, text_of
from antechamber.client.app.talk import Item, Kind

NOON = time.mktime((2026, 11, 14, 13, 58, 0, 0, 0, -1))
LOOK = Look(60, "Mary")


def drawn(kind: Kind, text: str, name: str = "", to: str = "", look: Look = LOOK) -> list[str]:
    return [text_of(row).rstrip().replace("\u200e", "") for row in rows_of(Item(kind, NOON, text, name, to=to), look)]


def styles_of(kind: Kind, text: str, name: str = "") -> list[str]:
    return [style for style, _ in rows_of(Item(kind, NOON, text, name), LOOK)[0]]


@pytest.mark.parametrize(
    ("item", "row"),
    [
        (("said", "Thanks!", "Noor"), " 13:58  Noor     Thanks!"),
        (("said", "It crashes.", "Mary"), " 13:58  you      It crashes."),
        (("action", "waves", "Bob"), " 13:58  *        Bob waves"),
        (("whisper", "count again", "Ada"), " 13:58  Ada      (only you) count again"),
        (("whisper", "I will", "Mary", "Ada"), " 13:58  you      (only Ada) I will"),
        (("announced", "Tea!"), " 13:58  Operator Tea!"),
        (("happened", "Bob left."), " 13:58           · Bob left."),
        (("note", "Back again."), " 13:58           · Back again."),
        (("pending", "Hello", "Mary"), " 13:58  you      Hello (not sent yet)"),
    ],
)
def test_a_row_has_time_name_and_text(item: tuple[Kind, str, str, str], row: str) -> None:
    assert drawn(*item) == [row]


def test_further_rows_are_indented_and_code_keeps_its_spaces() -> None:
    rows = drawn("said", "Invalid write of size 8\n   at push (list.c:41)", "Bob")
    assert rows == [" 13:58  Bob      Invalid write of size 8", " " * 17 + "   at push (list.c:41)"]


def test_a_long_name_is_shown_whole_and_pushes_its_text_aside() -> None:
    name = "Bartholomew-the-Younger"
    rows = drawn("said", "one two three four five six seven eight", name)
    assert rows[0].startswith(f" 13:58  {name}  one")
    assert all(row.startswith(" " * 17) for row in rows[1:])
    assert " ".join(rows).split()[2:] == ["one", "two", "three", "four", "five", "six", "seven", "eight"]


def test_who_is_mentioned_sees_it_and_nobody_mentions_themselves() -> None:
    assert styles_of("said", "mary, look", "Bob")[-1] == "class:mention"
    assert styles_of("said", "mary, look", "Mary")[-1] == ""
    assert styles_of("said", "look", "Bob")[-1] == ""


def test_a_name_has_the_same_colour_everywhere() -> None:
    assert colour_of("Bob") == colour_of("Bob")
    assert len({colour_of(name) for name in ("Ann", "Bob", "Cid", "Dan", "Eve", "Fay", "Gus")}) > 3


@given(
    st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=200),
    st.text(st.characters(exclude_categories=["Cc", "Cs", "Z"]), min_size=1, max_size=32),
    st.integers(40, 160),
)
def test_no_row_is_wider_than_the_talk(text: str, name: str, columns: int) -> None:
    for row in rows_of(Item("said", NOON, text, name), Look(columns, "Mary")):
        assert width(text_of(row)) <= max(columns, 17 + 64 + 2)
    if width(name) < 20:
        assert all(width(text_of(row)) <= columns for row in rows_of(Item("said", NOON, text, name), Look(columns)))


def test_lines_ends_and_boxes_are_as_wide_as_asked() -> None:
    assert text_of(rule("Today", 20)) == " ── Today " + "─" * 10
    assert text_of(rule("", 5)) == "─" * 5
    assert text_of(rule("x" * 40, 20)).startswith(" ── xxxxxxxxxxxxx…")
    assert text_of(spread([("", "left side")], [("", "right")], 12)) == "left s…right"
    assert text_of(spread([("", "a")], [("", "b")], 5)) == "a   b"
    box = [text_of(row) for row in boxed("Title", [[("", "日本")], []], 14, "foot")]
    assert box == ["┌ Title ─────┐", "│日本        │", "│            │", "└ foot ──────┘"]
