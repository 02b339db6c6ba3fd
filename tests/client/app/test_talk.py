"""The talk: in order, without repetitions, bounded, and each item stays where its index says."""

from antechamber.client.app.talk import ITEMS_MAX, Item, Talk, item_of
from antechamber.protocol.events import Announced, AnyEvent, Entry, Queued, Said, Seated


def said(sequence: int) -> Item:
    return Item("said", float(sequence), str(sequence), "Bob", sequence)


def note(text: str) -> Item:
    return Item("note", 0.0, text)


def texts(talk: Talk) -> list[str]:
    return [item.text for item in talk]


def entry(event: AnyEvent) -> Entry:
    return Entry("general", 5, 60.0, event)


def test_entries_become_what_is_shown_of_them() -> None:
    assert item_of(entry(Said("Bob", "hi")), "Mary") == Item("said", 60.0, "hi", "Bob", 5)
    assert item_of(entry(Said("Bob", "waves", form="action")), "Mary") == Item("action", 60.0, "waves", "Bob", 5)
    assert item_of(entry(Said("Bob", "psst", form="notice")), "Mary") == Item("notice", 60.0, "psst", "Bob", 5)
    assert item_of(entry(Announced("Tea!")), "Mary") == Item("announced", 60.0, "Tea!", "", 5)
    assert item_of(entry(Seated("Bob")), "Mary") == Item("happened", 60.0, "Bob took a seat.", "", 5)
    assert item_of(entry(Queued("Bob")), "Mary") is None


def test_an_entry_is_there_once() -> None:
    talk = Talk()
    assert [talk.add(said(number)) for number in (3, 4, 4, 3, 5)] == [True, True, False, False, True]
    assert texts(talk) == ["3", "4", "5"]
    assert talk.oldest == 3


def test_earlier_entries_go_before_and_no_index_moves() -> None:
    talk = Talk()
    for number in (10, 11):
        talk.add(said(number))
    eleven = talk.end - 1
    talk.put_before([said(7), said(9), said(10), said(11)], 7)
    assert texts(talk) == ["7", "9", "10", "11"]
    assert talk[eleven].text == "11"
    assert (talk.oldest, talk.end - talk.first) == (7, 4)
    talk.put_before([], 1)
    assert talk.oldest == 1


def test_history_that_comes_before_any_entry_is_the_beginning() -> None:
    talk = Talk()
    talk.put_before([said(1), said(2)], 1)
    assert not talk.add(said(2))
    assert talk.add(said(3))
    assert texts(talk) == ["1", "2", "3"]


def test_an_entry_of_which_nothing_is_shown_is_no_gap() -> None:
    talk = Talk()
    talk.pass_over(4)
    assert talk.oldest == 4
    assert not talk.add(said(4))


def test_the_oldest_is_forgotten_past_the_limit_and_can_be_asked_for_again() -> None:
    talk = Talk()
    for number in range(1, ITEMS_MAX + 1):
        talk.add(said(number))
    assert (talk.first, talk.oldest) == (0, 1)
    talk.unread_from = 0
    talk.add(said(ITEMS_MAX + 1))
    assert (talk.first, talk.oldest, talk.unread_from, talk[1].text) == (1, 2, 1, "2")


def test_what_the_server_lost_is_followed_by_what_has_its_numbers() -> None:
    talk = Talk()
    for number in (1, 2, 3):
        talk.add(said(number))
    talk.go_back(1)
    assert talk.add(said(2))
    assert texts(talk) == ["1", "2", "3", "2"]


def test_a_new_beginning_keeps_the_notes_that_tell_why() -> None:
    talk = Talk()
    talk.add(note("old"))
    talk.add(said(8))
    talk.add(note("the connection was lost"))
    talk.add(note("back again"))
    talk.begin_anew()
    assert texts(talk) == ["the connection was lost", "back again"]
    assert talk.add(said(2))
