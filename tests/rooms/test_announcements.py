"""Announcements, for members in line who were away when they were made."""

import pytest
from msgspec.json import decode, encode

from antechamber.log import Snapshot
from antechamber.protocol.commands import Announce, Quit, Resume, Say, Switch
from antechamber.protocol.limits import ANNOUNCEMENTS_KEPT
from antechamber.protocol.notices import Announcement, Place, Resumed
from antechamber.rooms.announcements import Announcements
from tests.fakes import NOON, FailingHouse, House, Person
from tests.reconnecting_people import HOLDS, come_back, token_of


def announce(house: House, *texts: str, channel: str = "general") -> None:
    """Announce these texts as the operator, a second apart."""
    for text in texts:
        house.operator.ask(Announce(text, channel))
        house.loop.advance(1)


def told(person: Person) -> list[tuple[float, str]]:
    """Return the times and texts of the announcements that the person has read since the last look."""
    return [(one.time, one.text) for one in person.messages() if isinstance(one, Announcement)]


def in_line() -> tuple[House, Person, Person]:
    """Return a house with one seat, the member who has it, and the one who waits for it."""
    house = House(seats=1, limits=HOLDS)
    return house, house.enter("Mary"), house.enter("Bob")


def test_as_many_are_remembered_as_the_bound_says_and_the_oldest_is_forgotten() -> None:
    announcements = Announcements("general")
    for n in range(1, ANNOUNCEMENTS_KEPT + 2):
        announcements.add(n, NOON + n, str(n))
        assert len(announcements.after(0)) == min(n, ANNOUNCEMENTS_KEPT)
    assert [one.text for one in announcements.after(0)] == ["2", "3", "4", "5", "6"]
    assert announcements.after(5) == [Announcement(NOON + 6, "general", "6")]
    assert Announcements("general", announcements.kept()).after(0) == announcements.after(0)


def test_anyone_who_waits_and_was_away_is_told_what_was_announced_meanwhile_after_its_place() -> None:
    house, _, bob = in_line()
    bob.vanish()
    announce(house, "Tea at five.", "Cake, too.")
    back = come_back(house, bob)
    resumed, place, *announced = back.messages()
    assert isinstance(resumed, Resumed)
    assert isinstance(place, Place)
    assert announced == [
        Announcement(NOON, "general", "Tea at five."),
        Announcement(NOON + 1, "general", "Cake, too."),
    ]


def test_what_it_has_read_already_is_told_again_in_the_same_words_and_time() -> None:
    house, _, bob = in_line()
    announce(house, "Tea at five.")
    first = told(bob)
    assert told(come_back(house, bob)) == first == [(NOON, "Tea at five.")]


def test_nobody_is_told_what_was_announced_before_it_came_into_the_line() -> None:
    house, mary, _ = in_line()
    announce(house, "Tea at five.")
    eve = house.enter("Eve")
    announce(house, "Cake, too.")
    assert told(come_back(house, eve)) == [(NOON + 1, "Cake, too.")]
    ann = house.knock("games")
    house.enter("Zoe", "games")
    announce(house, "Games begin.", channel="games")
    mary.ask(Switch("games"))
    house.run()
    assert told(come_back(house, mary)) == []
    assert ann.messages() == []


def test_at_most_the_last_few_are_told() -> None:
    house, _, bob = in_line()
    announce(house, *map(str, range(6)))
    assert [text for _, text in told(come_back(house, bob))] == ["1", "2", "3", "4", "5"]


def test_anyone_who_gets_a_seat_by_coming_back_is_told_what_was_announced_meanwhile() -> None:
    house, mary, bob = in_line()
    bob.vanish()
    announce(house, "Tea at five.")
    mary.ask(Quit())
    house.run()
    back = come_back(house, bob)
    assert [text for _, text in told(back)] == ["Tea at five."]
    assert back.session.seated


def test_anyone_who_has_a_seat_reads_the_entry_alone() -> None:
    house, mary, _ = in_line()
    mary.vanish()
    announce(house, "Tea at five.")
    assert told(come_back(house, mary)) == []


def test_what_is_announced_in_the_very_turn_of_a_return_is_told_once() -> None:
    house, _, bob = in_line()
    token = token_of(bob)
    bob.vanish()
    house.run()
    back = house.knock()
    house.operator.ask(Announce("before", "general"))
    back.ask(Resume(token))
    house.operator.ask(Announce("after", "general"))
    house.run()
    assert [text for _, text in told(back)] == ["before", "after"]


@pytest.mark.parametrize("snapshot_entries_max", [1, 2, 1000])
def test_they_outlive_the_server_with_their_times(snapshot_entries_max: int) -> None:
    limits = HOLDS._replace(snapshot_entries_max=snapshot_entries_max)
    house = House(seats=1, limits=limits)
    mary, bob = house.enter("Mary"), house.enter("Bob")
    announce(house, "Tea at five.")
    house.clock.set_forward_seconds = 7.25
    announce(house, "Cake, too.")
    mary.ask(Say("hello"))
    house.run()
    first = told(bob)
    again = House(seats=1, limits=limits, log=house.log, clock=house.clock)
    assert told(come_back(again, bob)) == first == [(NOON, "Tea at five."), (NOON + 8.25, "Cake, too.")]


def test_a_snapshot_of_an_older_version_has_none() -> None:
    house, _, bob = in_line()
    announce(house, "Tea at five.")
    room = house.rooms["general"]
    snapshot = room.log.snapshot(room.channel, 0.0)
    state = decode(snapshot.state)
    del state["announcements"]
    house.log.keep_snapshot("general", Snapshot(snapshot.sequence, encode(state)))
    again = House(seats=1, limits=HOLDS, log=house.log, clock=house.clock)
    assert told(come_back(again, bob)) == []


def test_one_that_could_not_be_kept_was_never_made() -> None:
    house = FailingHouse(seats=1)
    for room in house.rooms.values():
        room.limits = room.channel.limits = HOLDS
    house.enter("Mary")
    bob = house.enter("Bob")
    announce(house, "Tea at five.")
    house.fail()
    announce(house, "Cake, too.")
    house.fail(False)
    assert told(come_back(house, bob)) == [(NOON, "Tea at five.")]
    house.check()
