"""What a client knows of its membership."""

import pytest

from antechamber.client.reconnect.membership import Membership, Reading
from antechamber.protocol.events import Left, Said, Seated
from antechamber.protocol.notices import Announcement
from tests.client.scripted import entry, resumed, welcome
from tests.fakes import NOON


def seated_after(*sequences: int) -> Membership:
    """Give Mary's membership, her seat and these entries read."""
    membership = Membership("Mary")
    membership.begin(welcome(token="first"))
    membership.take(entry(sequences[0], Seated("Mary")))
    for sequence in sequences[1:]:
        membership.take(entry(sequence, Said("Bob", "hello")))
    return membership


def test_each_entry_is_read_once_and_a_gap_is_told() -> None:
    membership = Membership("Mary")
    membership.begin(welcome())
    assert membership.take(entry(7, Seated("Mary"))) is Reading.NEXT
    assert membership.take(entry(8, Said("Bob", "hello"))) is Reading.NEXT
    assert membership.take(entry(8, Said("Bob", "hello"))) is Reading.AGAIN
    assert membership.take(entry(7, Seated("Mary"))) is Reading.AGAIN
    assert membership.take(entry(10, Said("Bob", "where am I?"))) is Reading.GAP
    assert membership.take(entry(11, Left("Bob", "quit"))) is Reading.NEXT
    assert membership.read == 11


def test_another_channels_entries_are_no_part_of_it() -> None:
    membership = seated_after(7)
    assert membership.take(entry(1, Said("Bob", "hello"), "games")) is Reading.NEXT
    assert membership.take(entry(1, Seated("Mary"), "games")) is Reading.NEXT
    assert membership.read == 7


def test_a_welcome_elsewhere_begins_anew() -> None:
    membership = seated_after(7, 8)
    membership.begin(welcome("Marie", channel="games", token="second"))
    assert (membership.channel, membership.name, membership.token) == ("games", "Marie", "second")
    assert (membership.seated, membership.read, membership.up_to_date) == (False, 0, False)
    assert membership.take(entry(2, Seated("Marie"), "games")) is Reading.NEXT


def test_a_seat_and_a_place_are_kept_for_as_long_as_the_server_says() -> None:
    membership = Membership("Mary")
    assert membership.hold_seconds == 0
    membership.begin(welcome(token="first", holds=(60.0, 300.0)))
    assert membership.hold_seconds == 300
    membership.take(entry(7, Seated("Mary")))
    assert membership.hold_seconds == 60


def test_without_a_token_nothing_is_kept() -> None:
    membership = Membership("Mary")
    membership.begin(welcome(token=""))
    assert membership.hold_seconds == 0


def test_an_unchanged_place_is_no_news() -> None:
    membership = Membership("Mary")
    membership.begin(welcome(token="first"))
    assert membership.place(3)
    assert membership.place(2)
    membership.resume(resumed(seated=False))
    assert not membership.up_to_date
    assert not membership.place(2)
    assert membership.up_to_date
    assert membership.place(1)


def test_it_is_up_to_date_once_it_has_a_seat_and_has_read_what_it_missed() -> None:
    membership = seated_after(7, 8)
    assert membership.up_to_date
    assert membership.resume(resumed(9, 10, token="second")) is Reading.NEXT
    assert membership.token == "second"
    assert not membership.up_to_date
    membership.take(entry(9, Said("Bob", "one")))
    assert not membership.up_to_date
    membership.take(entry(10, Said("Bob", "two")))
    assert membership.up_to_date


def test_it_is_up_to_date_at_once_where_it_missed_nothing() -> None:
    membership = seated_after(7, 8)
    assert membership.resume(resumed(9, 8)) is Reading.NEXT
    assert membership.up_to_date


def test_an_entry_of_an_unknown_kind_counts_as_read() -> None:
    membership = seated_after(7)
    membership.resume(resumed(8, 9))
    assert membership.take_number("general", 8) is Reading.NEXT
    assert membership.take(entry(9, Said("Bob", "hello"))) is Reading.NEXT
    assert membership.up_to_date


@pytest.mark.parametrize(("first", "last"), [(11, 12), (13, 12)])
def test_what_is_kept_no_more_is_a_gap(first: int, last: int) -> None:
    membership = seated_after(7, 8)
    assert membership.resume(resumed(first, last)) is Reading.GAP
    assert membership.read == first - 1
    assert membership.up_to_date == (first > last)


def test_what_the_server_has_lost_is_read_anew() -> None:
    membership = seated_after(7, 8, 9)
    assert membership.resume(resumed(9, 8)) is Reading.UNDONE
    assert membership.up_to_date
    assert membership.take(entry(9, Said("Bob", "something else"))) is Reading.NEXT


def waiting() -> Membership:
    membership = Membership("Mary")
    membership.begin(welcome(token="first"))
    membership.place(0)
    return membership


def test_who_got_a_seat_meanwhile_reads_from_there_on_without_a_gap() -> None:
    membership = waiting()
    assert membership.resume(resumed(20, 21)) is Reading.NEXT
    assert membership.take(entry(20, Seated("Mary"))) is Reading.NEXT
    assert membership.take(entry(21, Said("Bob", "welcome"))) is Reading.NEXT
    assert membership.up_to_date


def test_who_got_a_seat_meanwhile_is_told_where_that_is_kept_no_more() -> None:
    membership = waiting()
    assert membership.resume(resumed(25, 26)) is Reading.NEXT
    assert membership.take(entry(25, Said("Bob", "welcome"))) is Reading.GAP
    membership = waiting()
    assert membership.resume(resumed(27, 26)) is Reading.GAP
    assert membership.up_to_date


def test_a_switch_whose_welcome_was_not_read_begins_anew() -> None:
    membership = seated_after(7, 8)
    assert membership.resume(resumed(2, 3, channel="games", token="second")) is Reading.NEXT
    assert (membership.channel, membership.token, membership.read) == ("games", "second", 0)
    assert membership.take(entry(2, Seated("Mary"), "games")) is Reading.NEXT


def test_an_announcement_that_is_told_again_after_a_return_is_no_news() -> None:
    membership = Membership("Mary")
    told = [Announcement(NOON + n, "general", "Tea at five.") for n in range(6)]
    assert [membership.announce(one) for one in told[:5]] == [True] * 5
    assert not any(map(membership.announce, told[:5]))
    assert membership.announce(told[5])
    assert not membership.announce(told[5])
