"""The window on the talk: what is in sight stays there, whatever comes in, and nothing is left out."""

from hypothesis import given
from hypothesis import strategies as st

from antechamber.client.app.rows import Look, text_of
from antechamber.client.app.talk import Item, Talk
from antechamber.client.app.talk_view import Days, Offsets, TalkView

LOOK = Look(40, "Mary")
HEIGHT = 6
NOON = 20_000 * 86_400 + 43_200.0


class Utc(Offsets):
    def __call__(self, when: float) -> int:
        return 0


DAYS = Days(NOON, Utc())


def made(*texts: str) -> tuple[Talk, TalkView]:
    talk = Talk()
    for number, text in enumerate(texts, 1):
        talk.add(Item("said", NOON, text, "Bob", number))
    return talk, TalkView(talk)


def words(view: TalkView, height: int = HEIGHT) -> list[str]:
    """Return what stands beside the names."""
    return [text_of(row)[16:].strip("\u200e") or text_of(row) for row in view.rows(LOOK, height, DAYS)]


def numbered(many: int) -> list[str]:
    return [f"m{number}" for number in range(1, many + 1)]


def test_the_end_is_in_sight_and_stays_there() -> None:
    talk, view = made(*numbered(10))
    assert [word.strip() for word in words(view)] == ["m5", "m6", "m7", "m8", "m9", "m10"]
    talk.add(Item("said", NOON, "m11", "Bob", 11))
    assert words(view)[-1].strip() == "m11"
    assert view.follows


def test_what_was_scrolled_to_stays_while_more_comes() -> None:
    talk, view = made(*numbered(20))
    view.scroll(-5, LOOK, DAYS)
    before = words(view)
    assert before[-1].strip() == "m15"
    talk.add(Item("said", NOON, "m21", "Bob", 21))
    talk.put_before([Item("said", NOON, "m0", "Bob", 0)], 0)
    assert words(view) == before
    assert not view.follows
    view.scroll(6, LOOK, DAYS)
    assert view.follows


def test_the_top_ends_scrolling_and_is_told() -> None:
    _, view = made(*numbered(8))
    view.rows(LOOK, HEIGHT, DAYS)
    assert not view.at_top
    for _ in range(5):
        view.scroll(-2, LOOK, DAYS)
        view.rows(LOOK, HEIGHT, DAYS)
    assert view.at_top
    assert "Today" in text_of(view.rows(LOOK, HEIGHT, DAYS)[0])
    view.follow()
    assert words(view)[-1].strip() == "m8"


def test_a_message_that_is_higher_than_the_window_is_scrolled_through_row_by_row() -> None:
    _, view = made("first", " ".join(f"word{number:02}" for number in range(40)), "last")
    seen = set()
    for _ in range(40):
        seen |= set(" ".join(words(view, 3)).split())
        view.scroll(-1, LOOK, DAYS)
    assert {f"word{number:02}" for number in range(40)} | {"first", "last"} <= seen


def test_a_short_talk_is_shown_whole_and_an_empty_one_is_nothing() -> None:
    _, view = made("only")
    assert len(view.rows(LOOK, HEIGHT, DAYS)) == 2
    assert view.at_top
    view.scroll(-3, LOOK, DAYS)
    view.scroll(3, LOOK, DAYS)
    assert view.follows
    _, nothing = made()
    nothing.scroll(-1, LOOK, DAYS)
    assert nothing.rows(LOOK, HEIGHT, DAYS) == []
    assert nothing.rows(LOOK, 0, DAYS) == []


def test_days_and_the_unread_have_lines_above_them() -> None:
    talk = Talk()
    talk.add(Item("said", NOON - 86_400, "old", "Bob", 1))
    talk.add(Item("said", NOON, "new", "Bob", 2))
    talk.add(Item("note", NOON, "aside"))
    talk.unread_from = 1
    texts = [text_of(row) for row in TalkView(talk).rows(LOOK, 20, DAYS)]
    assert texts[0].startswith(" ── Yesterday ──")
    assert texts[2].startswith(" ── Today ──")
    assert texts[3].startswith(" ── 1 new ──")
    assert all(len(text) <= LOOK.columns for text in texts)


@given(
    st.lists(st.text("ab \n日", min_size=1, max_size=120), min_size=1, max_size=12),
    st.lists(st.integers(-15, 15), max_size=12),
    st.integers(1, 12),
)
def test_the_window_is_full_wherever_somebody_scrolls(texts: list[str], moves: list[int], height: int) -> None:
    talk, view = made(*texts)
    whole = len(view.rows(LOOK, 10_000, DAYS))
    view.rows(LOOK, height, DAYS)
    for move in moves:
        view.scroll(move, LOOK, DAYS)
        shown = view.rows(LOOK, height, DAYS)
        assert len(shown) <= height
        assert view.at_top or len(shown) == min(height, whole)
    assert talk.end == len(texts)
