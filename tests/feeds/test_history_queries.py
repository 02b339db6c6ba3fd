"""History queries: who may ask, what is answered, and that a slow disk delays only those who ask."""

import pytest

from antechamber.feeds import history_queries
from antechamber.log.search_query import WORDS_MAX
from antechamber.protocol.commands import History, Say, Search, Whisper
from antechamber.protocol.events import Entry, Said
from antechamber.protocol.limits import ARCHIVE_QUESTIONS_MAX, Limits
from antechamber.protocol.notices import Entries, Refusal
from tests.fakes import NOON, House
from tests.slow_history import CountingReaderLog, SlowHouse, chat, replies

# What is answered


def test_the_last_entries_are_told_as_the_log_has_them() -> None:
    house = House()
    mary = house.enter("Mary")
    chat(house, mary, "one", "two")
    mary.ask(History(id="h"))
    house.run()
    assert mary.messages() == [Entries(NOON, "general", house.entries(), False, "h")]


def test_entries_before_and_after_one_are_told_and_whether_there_are_more() -> None:
    house = House()
    mary = house.enter("Mary")  # queued, seated
    chat(house, mary, *"abcdef")
    for question in (
        History(limit=3, id="1"),
        History(before=6, limit=3, id="2"),
        History(before=3, limit=3, id="3"),
        History(after=6, limit=1, id="4"),
        History(after=7, limit=1, id="5"),
        History(after=8, id="6"),
    ):
        mary.ask(question)
        house.run()
    assert replies(mary) == [
        ("1", [6, 7, 8], True),
        ("2", [3, 4, 5], True),
        ("3", [1, 2], False),
        ("4", [7], True),
        ("5", [8], False),
        ("6", [], False),
    ]


def test_what_was_said_before_one_came_in_may_be_read_and_searched() -> None:
    house = House()
    chat(house, house.enter("Mary"), "hello there", "bye")
    bob = house.enter("Bob")
    bob.ask(Search("HELLO", id="1"))
    house.run()
    (answer,) = bob.messages()
    assert isinstance(answer, Entries)
    assert [entry.event for entry in answer.entries] == [Said("Mary", "hello there")]
    bob.ask(Search("hello", before=3))
    house.run()
    assert replies(bob) == [("", [], False)]


def test_a_search_finds_the_last_ones() -> None:
    house = House()
    mary = house.enter("Mary")
    chat(house, mary, "hello", "hello", "hello")
    mary.ask(Search("hello", limit=2, id="1"))
    house.run()
    mary.ask(Search("hello", limit=2, before=4, id="2"))
    house.run()
    assert replies(mary) == [("1", [4, 5], True), ("2", [3], False)]


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("!?", "A search needs at least one letter or digit."),
        ("a " * (WORDS_MAX + 1), f"A search has at most {WORDS_MAX} words."),
    ],
)
def test_a_search_without_a_word_or_with_too_many_is_refused(words: str, text: str) -> None:
    house = House()
    mary = house.enter("Mary")
    mary.ask(Search(words, id="1"))
    house.run()
    assert mary.messages() == [Refusal(NOON, "bad-search", text, "1")]


def test_an_answer_has_no_more_bytes_than_a_piece_of_what_was_missed_but_one_entry_at_least() -> None:
    house = House(limits=Limits(catch_up_bytes_max=1_000))
    mary = house.enter("Mary")
    chat(house, mary, *["x" * 200] * 10, "y" * 5_000)
    mary.ask(History(before=13, id="1"))
    house.run()
    ((_, found, more),) = replies(mary)
    assert (found[-1], more) == (12, True)
    assert 2 <= len(found) < 5
    mary.ask(History(id="2"))
    house.run()
    assert replies(mary) == [("2", [13], True)]


def test_an_answer_has_all_that_was_told_before_it_was_asked_for() -> None:
    house = House()
    mary, bob = house.enter("Mary"), house.enter("Bob")
    house.quiet(mary, bob)
    mary.ask(Say("now"))
    bob.ask(History(limit=1, id="1"))
    house.run()
    entry, answer = bob.messages()
    assert isinstance(entry, Entry)
    assert answer == Entries(NOON, "general", [entry], True, "1")


# Who may ask


def test_one_that_waits_is_refused() -> None:
    house = House(seats=1)
    house.enter("Mary")
    bob = house.enter("Bob")
    bob.ask(History(id="1"), Search("hello", id="2"))
    house.run()
    assert bob.refusals() == [("waiting", "1"), ("waiting", "2")]


def test_one_that_said_no_hello_is_refused() -> None:
    house = House()
    stranger = house.knock()
    stranger.ask(History(id="1"))
    house.run()
    assert stranger.refusals() == [("hello-first", "1")]


def test_the_past_of_another_channel_is_not_told() -> None:
    house = House()
    chat(house, house.enter("Mary", "games"), "elsewhere")
    bob = house.enter("Bob")
    bob.ask(Search("elsewhere", id="1"))
    house.run()
    assert replies(bob) == [("1", [], False)]


def test_whispers_are_in_no_past() -> None:
    house = House()
    mary, bob = house.enter("Mary"), house.enter("Bob")
    mary.ask(Whisper("Bob", "between us"))
    house.run()
    house.quiet(mary, bob)
    bob.ask(Search("between", id="1"))
    house.run()
    assert replies(bob) == [("1", [], False)]


# One query at a time


def test_a_second_question_is_refused_until_the_first_is_answered() -> None:
    house = SlowHouse()
    mary = house.enter("Mary")
    mary.ask(History(id="1"), Search("hello", id="2"))
    house.run()
    mary.ask(History(id="3"))
    house.run()
    assert mary.refusals() == [("busy", "2"), ("busy", "3")]
    house.answer()
    assert replies(mary) == [("1", [1, 2], False)]
    mary.ask(History(id="1"))
    house.answer()
    assert replies(mary) == [("1", [1, 2], False)]


def test_a_question_that_waits_delays_nobody_else() -> None:
    house = SlowHouse()
    mary = house.enter("Mary")
    mary.ask(History(id="1"))
    house.run()
    mary.ask(Say("meanwhile"))
    house.run()
    assert [type(message) for message in mary.messages()] == [Entry]
    house.answer()
    assert replies(mary) == [("1", [1, 2, 3], False)]


def test_questions_are_read_in_the_order_in_which_they_were_asked() -> None:
    house = SlowHouse(seats=9)
    people = [house.enter(name) for name in ("Ann", "Bob", "Cat")]
    for person in people:
        person.ask(History(limit=1 + people.index(person), id="1"))
    house.run()
    house.quiet(*people)
    told = []
    while house.slow.work:
        house.slow.finish()
        house.run()
        told.append([len(replies(person)) for person in people])
    assert told == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]


def test_anyone_who_asks_again_at_once_waits_for_those_who_asked_before() -> None:
    house = SlowHouse(seats=9)
    ann, bob = house.enter("Ann"), house.enter("Bob")
    house.quiet(ann)
    ann.ask(History(limit=1, id="1"))
    bob.ask(History(limit=2, id="1"))
    house.run()
    house.slow.finish()
    house.run()
    ann.ask(History(limit=3, id="2"))
    house.run()
    house.slow.finish()
    house.run()
    assert [id for id, _, _ in replies(ann)] == ["1"]
    assert [id for id, _, _ in replies(bob)] == ["1"]
    house.answer()
    assert [id for id, _, _ in replies(ann)] == ["2"]


def test_what_many_ask_is_read_once() -> None:
    log = CountingReaderLog()
    house = SlowHouse(seats=50, log=log)
    people = [house.enter(f"P{number}") for number in range(50)]
    house.quiet(*people)
    for person in people:
        person.ask(History(limit=20, id=person.session.name))
    house.answer()
    assert log.reads == 1
    expected = list(range(81, 101))
    assert [replies(person) for person in people] == [[(f"P{number}", expected, True)] for number in range(50)]


def test_what_was_asked_while_it_was_read_is_read_anew() -> None:
    log = CountingReaderLog()
    house = SlowHouse(log=log)
    ann, bob = house.enter("Ann"), house.enter("Bob")
    house.quiet(ann)
    ann.ask(History(id="1"))
    house.run()
    bob.ask(Say("later"))
    bob.ask(History(id="1"))
    house.run()
    house.quiet(ann, bob)
    house.answer()
    assert log.reads == 2
    assert replies(bob) == [("1", [1, 2, 3, 4, 5], False)]


def test_answers_go_out_so_many_a_pass() -> None:
    house = SlowHouse(seats=50, limits=Limits(catch_up_bytes_max=2_000))
    people = [house.enter(f"P{number}") for number in range(10)]
    house.quiet(*people)
    for person in people:
        person.ask(History(id="1"))
    house.run()
    house.slow.finish()
    told = []
    while house.loop.soon:
        house.loop.step()
        told.append(sum(len(replies(person)) for person in people))
    assert told == [2] * 5  # an answer is almost as long as what a pass has


def question_number(number: int) -> History:
    """Return one of very many queries."""
    return History(before=2 + number)


def test_so_many_questions_may_wait_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    most = 20
    assert ARCHIVE_QUESTIONS_MAX == 1_000
    monkeypatch.setattr(history_queries, "ARCHIVE_QUESTIONS_MAX", most)
    house = SlowHouse(seats=50)
    people = [house.enter(f"P{number}") for number in range(most + 3)]
    house.quiet(*people)
    for number, person in enumerate(people[: most + 1]):  # the first is being read
        person.ask(question_number(number))
        house.run()
    asked, refused = people[-2], people[-1]
    refused.ask(History(limit=7, id="no"))
    asked.ask(question_number(most))  # as somebody asks already
    house.run()
    assert refused.refusals() == [("busy", "no")]
    house.answer()
    assert [len(replies(person)) for person in people] == [1] * (most + 2) + [0]
    refused.ask(History(limit=7, id="yes"))
    house.answer()
    assert [id for id, _, _ in replies(refused)] == ["yes"]
