"""Subscriptions: changes are told to subscribers, seldom, encoded once for all, and to nobody who has gone."""

import pytest

from antechamber.channel import decide
from antechamber.codec.jsonl import JSON
from antechamber.feeds.subscriptions import CHANGES_SECONDS, WAITS_SECONDS
from antechamber.protocol.commands import Hello, Here, List, Operate, Ping, Quit, Say, Switch, Watch, Whisper, Who
from antechamber.protocol.notices import ChannelInfo, Channels, Goodbye
from antechamber.rooms.room import Room
from tests.fakes import NOON, CountingEncoding, FailingHouse, House
from tests.watchers import HOLDING, SOON, counts, looker, timers, told


def test_anyone_who_watches_is_told_of_all_channels_at_once_and_of_each_change() -> None:
    house = House(seats=1)
    ann = house.knock("")
    ann.ask(Watch(id="1"))
    house.run()
    infos = [ChannelInfo(name, 9001 + n, 1, 0, 0) for n, name in enumerate(("general", "games", "help"))]
    assert ann.messages() == [Channels(NOON, infos, "1")]
    house.enter("Mary")
    house.enter("Bob")
    house.loop.advance(SOON)
    (change,) = ann.messages()
    assert isinstance(change, Channels)
    assert (change.id, counts(change)["general"]) == ("", (1, 1))


def test_changes_are_told_at_most_twice_a_second_and_the_last_of_them_is() -> None:
    house = House(seats=100)
    ann = looker(house)
    for n in range(20):
        house.enter(f"Mary{n}")
        house.loop.advance(0.1)
    house.loop.advance(CHANGES_SECONDS)
    seen = told(ann)
    assert len(seen) <= 2 / CHANGES_SECONDS + 1
    assert seen[-1] == (20, 0)


def test_talk_is_no_change_and_neither_is_what_was_undone_within_the_interval() -> None:
    house = House()
    mary, ann = house.enter("Mary"), looker(house)
    house.enter("Bob")
    house.loop.advance(SOON)
    assert told(ann) == [(2, 0)]
    mary.ask(Say("hi"), Whisper("Bob", "psst"), Here(), List(), Ping())
    house.run()
    assert timers(house) == []
    joe = house.enter("Joe")
    joe.ask(Quit())
    house.loop.advance(CHANGES_SECONDS)
    assert told(ann) == []


def test_a_look_in_between_does_not_hide_a_change_back_from_anybody() -> None:
    house = House()
    ann = looker(house)
    joe = house.enter("Joe")
    house.loop.advance(SOON)
    assert told(ann) == [(1, 0)]
    joe.ask(Quit())
    house.run()
    eve = house.knock("")
    eve.ask(Watch())
    house.run()
    assert told(eve) == [(0, 0)]
    house.enter("Ann")
    house.loop.advance(CHANGES_SECONDS)
    assert told(eve) == [(1, 0)]
    assert told(ann) == [(1, 0)]


def test_anyone_who_watches_and_asks_for_the_channels_in_between_is_told_of_a_change_back() -> None:
    house = House()
    ann = looker(house)
    house.enter("Joe")
    house.loop.advance(SOON)
    eve = house.enter("Eve")
    ann.ask(List())
    house.run()
    assert told(ann) == [(1, 0), (2, 0)]
    eve.ask(Quit())
    house.loop.advance(CHANGES_SECONDS)
    assert told(ann) == [(1, 0)]


def test_no_timer_waits_while_nobody_watches_or_nothing_changes_and_never_more_than_one() -> None:
    house = House(seats=50, limits=HOLDING)
    house.enter("Mary").ask(Here())
    house.run()
    assert timers(house) == []
    ann = looker(house, "general", operator=True)
    house.loop.advance(10)
    assert timers(house) == []
    bob = house.enter("Bob")
    bob.ask(Who(), Here(), Say("hi"))
    house.run()
    bob.vanish()
    house.enter("Eve")
    assert len(timers(house)) == 1
    house.loop.advance(10)
    assert timers(house) == []
    ann.ask(Watch(channels=False))
    house.run()
    house.enter("Joe")
    assert timers(house) == []


def test_what_is_due_sooner_takes_the_timers_place() -> None:
    house = House()
    looker(house)
    bob = house.enter("Bob")
    bob.ask(Who(), Here())
    house.loop.advance(SOON)
    bob.ask(Here())
    house.loop.advance(CHANGES_SECONDS)
    (later,) = timers(house)
    house.enter("Eve")
    (sooner,) = timers(house)
    assert sooner.at < later.at


def test_anyone_who_comes_to_watch_when_nobody_has_for_a_while_is_told_of_nothing_old() -> None:
    house = House()
    ann = looker(house)
    house.enter("Mary")
    house.loop.advance(SOON)
    ann.ask(Watch(channels=False))
    house.run()
    house.enter("Bob", "games")
    house.run()
    eve = looker(house)
    house.enter("Joe")
    house.loop.advance(CHANGES_SECONDS)
    (change,) = eve.messages()
    assert (counts(change)["general"], counts(change)["games"]) == ((2, 0), (1, 0))


def test_a_change_is_encoded_once_for_all_who_read_alike() -> None:
    house = House()
    counting = CountingEncoding(JSON)
    people = [house.knock("", encoding=counting) for _ in range(3)]
    for person in people:
        person.ask(Watch())
    house.run()
    house.quiet(*people)
    counting.single = 0
    house.enter("Mary")
    house.loop.advance(SOON)
    assert counting.single == 1
    assert [told(person) for person in people] == [[(1, 0)]] * 3


def test_anyone_who_watches_no_more_or_has_gone_or_was_told_goodbye_reads_nothing() -> None:
    house = House()
    ann, eve, joe = looker(house), looker(house), looker(house)
    ann.ask(Watch(channels=False, id="1"))
    eve.vanish()
    joe.session.closed = True
    house.run()
    house.quiet(ann, eve, joe)
    house.enter("Mary")
    house.loop.advance(1)
    assert [ann.new(), eve.new(), joe.new()] == [b"", b"", b""]
    assert house.hub.subscriptions.outside() == [joe.session]


def test_a_member_watches_too_and_through_a_switch() -> None:
    house = House()
    mary = house.enter("Mary")
    mary.ask(Watch())
    house.run()
    mary.new()
    mary.ask(Switch("games"))
    house.run()
    mary.new()
    house.loop.advance(SOON)
    (change,) = mary.messages()
    assert (counts(change)["general"], counts(change)["games"]) == ((0, 0), (1, 0))


def test_a_turn_that_the_log_did_not_keep_is_not_told_and_the_answer_to_a_watch_is() -> None:
    house = FailingHouse()
    ann = looker(house)
    house.fail()
    house.knock().ask(Hello("Mary"))
    eve = house.knock("")
    eve.ask(Watch(id="1"))
    house.loop.advance(1)
    assert ann.new() == b""
    assert told(eve) == [(0, 0)]


def test_a_wait_is_measured_again_while_somebody_waits() -> None:
    house = House(seats=1)
    for name in ("Mary", "Bob", "Eve"):
        person = house.enter(name)
        house.loop.advance(10)
        person.ask(Quit())
        house.run()
    house.enter("Ann")
    house.enter("Joe")
    looking = looker(house)
    house.enter("Kim")
    house.loop.advance(SOON)
    assert told(looking) == [(1, 2)]
    house.loop.advance(WAITS_SECONDS - 2 * SOON)
    assert told(looking) == []
    house.loop.advance(2 * SOON)
    assert told(looking) == [(1, 2)], "who sits for longer than most did makes the wait longer"


def test_a_reload_is_told_with_topics_and_channels_that_come_and_go() -> None:
    house = House()
    ann = looker(house, "help", operator=True)
    rooms = [Room("general", 9001, 7, house.limits, "All things"), Room("games", 9002, 5, house.limits)]
    house.hub.reload([*rooms, Room("tea", 9004, 5, house.limits)], house.limits)
    house.loop.advance(SOON)
    (change,) = ann.messages()
    assert isinstance(change, Channels)
    assert [(info.name, info.seats, info.topic) for info in change.channels] == [
        ("general", 7, "All things"),
        ("games", 5, ""),
        ("tea", 5, ""),
    ]


def test_a_channel_that_goes_with_nobody_in_it_is_told() -> None:
    house = House()
    ann = looker(house)
    house.hub.reload(
        [Room(name, 9001 + n, 5, house.limits) for n, name in enumerate(("general", "games"))], house.limits
    )
    house.loop.advance(SOON)
    (change,) = ann.messages()
    assert list(counts(change)) == ["general", "games"]


def test_another_order_of_channels_that_have_stopped_is_told() -> None:
    house = House()
    for room in house.rooms.values():
        room.stopped = True
    ann = looker(house)
    house.loop.advance(SOON)
    house.hub.reload(
        [Room(room.name, room.port, 5, house.limits) for room in reversed(house.rooms.values())], house.limits
    )
    house.loop.advance(CHANGES_SECONDS)
    (change,) = ann.messages()
    assert list(counts(change)) == ["help", "games", "general"]


def test_a_channel_that_stops_while_its_members_are_away_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    house = House(limits=HOLDING)
    house.enter("Mary").vanish()
    house.run()
    ann = looker(house)
    monkeypatch.setattr(decide, "_HANDLERS", {})  # broken on purpose
    house.knock().ask(Hello("Bob"))
    house.loop.advance(SOON)
    assert told(ann) == [(0, 0)]


def test_a_channel_that_stops_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    house = House()
    mary, ann = house.enter("Mary"), looker(house)
    monkeypatch.setattr(decide, "_HANDLERS", {})  # broken on purpose
    mary.ask(Say("hi"))
    house.run()
    assert house.rooms["general"].stopped
    house.loop.advance(SOON)
    assert told(ann)[-1:] == [(0, 0)]


def test_the_end_of_the_server_is_told_to_those_who_are_no_members() -> None:
    house = House()
    ann, mary = looker(house), house.enter("Mary")
    mary.ask(Watch())
    house.run()
    house.quiet(mary)
    house.loop.advance(SOON)
    house.quiet(ann, mary)
    house.enter("Bob")
    assert house.hub.subscriptions.outside() == [ann.session]
    house.hub.close()
    goodbye = Goodbye(NOON + SOON, "shutdown", "The server shuts down.")
    assert ann.messages() == [goodbye]
    assert mary.messages()[-1] == goodbye
    assert ann.transport.closed
    assert timers(house) == []


def test_anyone_who_watches_or_operates_needs_no_hello_and_who_stops_watching_does() -> None:
    house = House()
    subscriptions = house.hub.subscriptions
    ann = looker(house)
    assert subscriptions.watches(ann.session)
    ann.ask(Watch(channels=False))
    house.run()
    assert not subscriptions.watches(ann.session)
    eve = house.knock("")
    assert not subscriptions.watches(eve.session)
    eve.session.operator = True
    eve.ask(Watch(channels=False))
    house.run()
    assert subscriptions.watches(eve.session)


def test_an_operators_session_is_known_before_it_watches_and_reads_goodbye() -> None:
    house = House()
    house.hub.set_operator_token("t" * 16)
    ann = house.knock("")
    ann.ask(Operate("t" * 16))
    house.run()
    assert ann.session.operator
    assert house.hub.subscriptions.outside() == [ann.session]
    ann.new()
    house.hub.close()
    assert [type(message) for message in ann.messages()] == [Goodbye]
