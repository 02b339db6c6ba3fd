"""Metrics: everything is counted once, and only once the log has kept it."""

import pytest

from antechamber.feeds import metrics
from antechamber.feeds.metrics import SEAT_BOUNDS, WAIT_BOUNDS, WORK_BOUNDS, Histogram, Metrics
from antechamber.log.memory import MemoryLog
from antechamber.protocol.commands import Empty, Hello, Kick, Mute, Quit, Resume, Say, Whisper
from antechamber.protocol.limits import Limits
from antechamber.protocol.notices import ChannelInfo, Welcome
from antechamber.rooms.room import Room
from tests.fakes import SECRET, FailingHouse, FakeClock, House, Person
from tests.markdown import DOCUMENTS, section, tables, unquoted

IDLE = Limits().idle_seconds_max


class SlowLog(MemoryLog):
    """A log whose appends take time."""

    clock: FakeClock
    seconds = 0.0

    def append(self, batches: object) -> None:
        self.clock.time += self.seconds
        super().append(batches)  # type: ignore[arg-type]


def written(*people: Person) -> int:
    """Return the number of bytes ever written to these people."""
    return sum(len(person.data) for person in people)


@pytest.mark.parametrize(("value", "bucket"), [(-0.5, 0), (0.0, 0), (1.0, 0), (1.01, 1), (5.0, 1), (5.01, 2)])
def test_a_value_at_a_bound_is_not_above_it(value: float, bucket: int) -> None:
    histogram = Histogram((1.0, 5.0))
    histogram.add(value)
    assert [count for count in histogram.counts if count] == [1]
    assert histogram.counts[bucket] == 1
    assert histogram.sum == max(value, 0.0)


def test_a_histogram_tells_how_many_were_not_above_each_bound() -> None:
    histogram = Histogram((0.0, 5.0))
    for value in (0.0, 3.0, 4.0, 60.0):
        histogram.add(value)
    assert histogram.buckets() == [("0.0", 1.0), ("5.0", 3.0), ("+Inf", 4.0)]
    assert (histogram.count, histogram.sum) == (4, 67.0)


@pytest.mark.parametrize("bounds", [WORK_BOUNDS, WAIT_BOUNDS, SEAT_BOUNDS])
def test_bounds_ascend(bounds: tuple[float, ...]) -> None:
    assert list(bounds) == sorted(set(bounds))


def test_messages_are_counted_by_channel_and_whispers_are_not() -> None:
    house = House()
    mary, bob, eve = house.enter("Mary"), house.enter("Bob"), house.enter("Eve", "games")
    mary.ask(Say("hi"), Say("hello"), Whisper("Bob", "psst"))
    bob.ask(Say("hi"))
    eve.ask(Say("hi"))
    house.run()
    counted = house.hub.metrics
    assert [counted.channel(name).messages for name in ("general", "games", "help")] == [3, 1, 0]


def test_what_the_log_did_not_keep_is_not_counted() -> None:
    house = FailingHouse(seats=1)
    mary = house.enter("Mary")
    house.enter("Bob")
    house.loop.advance(10)
    general = house.hub.metrics.channel("general")
    before = (general.waits.count, general.seats.count, house.hub.metrics.appends.count)
    house.fail()
    mary.ask(Say("hi"))
    house.operator.ask(Empty("general"), Kick("general", "Mary"))
    house.run()
    assert general.messages == 0
    assert (general.waits.count, general.seats.count, house.hub.metrics.appends.count) == before
    house.fail(False)
    house.operator.ask(Empty("general"))
    house.run()
    assert (general.waits.count, general.seats.count, house.hub.metrics.appends.count) == (2, 1, before[2] + 1)


def test_waits_and_times_in_seats_are_measured() -> None:
    house = House(seats=1)
    mary = house.enter("Mary")
    house.loop.advance(20)
    bob = house.enter("Bob")
    house.loop.advance(7)
    mary.ask(Quit())
    house.run()
    house.loop.advance(30)
    bob.ask(Quit())
    house.run()
    general = house.hub.metrics.channel("general")
    assert general.waits.buckets()[:4] == [("0.0", 1.0), ("1.0", 1.0), ("5.0", 1.0), ("15.0", 2.0)]
    assert general.waits.sum == 7.0
    assert (general.seats.count, general.seats.sum) == (2, 57.0)


def test_everyone_of_an_emptied_channel_leaves_a_seat_and_nobody_by_a_mute() -> None:
    house = House()
    house.enter("Mary"), house.enter("Bob")
    house.loop.advance(10)
    house.operator.ask(Mute("general", "Mary", 60))
    house.run()
    seats = house.hub.metrics.channel("general").seats
    assert seats.count == 0
    house.operator.ask(Empty("general"))
    house.run()
    assert (seats.count, seats.sum) == (2, 20.0)


def no_shows(house: House) -> int:
    """Return the number of messages counted in the general channel."""
    return house.hub.metrics.channel("general").no_shows


def seated_after_a_wait(house: House) -> Person:
    """Return Bob, who has waited for ten seconds and has just got Mary's seat."""
    mary, bob = house.enter("Mary"), house.enter("Bob")
    house.loop.advance(10)
    mary.ask(Quit())
    house.run()
    return bob


def test_a_member_who_waited_and_never_gave_a_sign_of_life_in_the_seat_is_a_no_show() -> None:
    house = House(seats=1)
    bob = seated_after_a_wait(house)
    house.loop.advance(IDLE)
    assert bob.transport.closed
    assert no_shows(house) == 1


def test_a_member_whose_connection_is_lost_before_a_sign_of_life_is_a_no_show() -> None:
    house = House(seats=1)
    bob = seated_after_a_wait(house)
    bob.vanish()
    house.run()
    assert no_shows(house) == 1


def test_a_member_who_gave_a_sign_of_life_or_found_a_free_seat_or_went_of_itself_is_none() -> None:
    house = House(seats=1)
    bob = seated_after_a_wait(house)
    house.loop.advance(5)
    bob.ask(Say("hi"))
    house.loop.advance(IDLE)
    seated_after_a_wait(house).ask(Quit())
    house.run()
    house.enter("Eve")
    house.loop.advance(IDLE)
    seated_after_a_wait(house)
    house.operator.ask(Kick("general", "Bob"))
    house.run()
    assert house.hub.metrics.channel("general").seats.count == 7
    assert no_shows(house) == 0


def test_a_no_show_is_none_only_for_a_sign_of_life_after_the_seat() -> None:
    house = House(seats=1)
    mary, bob = house.enter("Mary"), house.enter("Bob")
    house.loop.advance(10)
    bob.ask(Whisper("Mary", "psst"))
    house.run()
    mary.ask(Quit())
    house.loop.advance(IDLE)
    assert no_shows(house) == 1


def test_the_bytes_that_sessions_are_written_are_counted() -> None:
    house = House()
    mary, bob = house.enter("Mary"), house.enter("Bob", plain=True)
    everybody = (mary, bob, house.operator)
    assert house.hub.metrics.fanout_bytes == written(*everybody)
    mary.ask(Say("hi"), Whisper("Bob", "psst"))
    bob.ask(Say("all of it"))
    house.run()
    mary.ask(Say("only joined chunks"))
    house.run()
    house.operator.ask(Mute("general", "Bob", 60), Kick("general", "Mary"))
    house.run()
    assert house.hub.metrics.fanout_bytes == written(*everybody)


def test_turns_and_appends_are_timed() -> None:
    log = SlowLog(secret=SECRET)
    log.clock = FakeClock()
    house = House(log=log, clock=log.clock)
    mary = house.enter("Mary")
    timed = house.hub.metrics
    before, appends = timed.turns.count, timed.appends.count
    log.seconds = 0.003
    mary.ask(Say("hi"))
    house.run()
    assert (timed.turns.count, timed.appends.count) == (before + 1, appends + 1)
    assert timed.turns.sum == pytest.approx(0.003)
    assert timed.appends.sum == pytest.approx(0.003)
    mary.ask(Whisper("Mary", "psst"))
    house.run()
    assert (timed.turns.count, timed.appends.count) == (before + 2, appends + 1), "the log was not asked"


def test_what_is_counted_goes_on_through_a_resume_and_a_reload_and_ends_with_the_channel() -> None:
    house = House(seats=1, limits=Limits(seat_hold_seconds=60.0, held_visit_seconds_min=0))
    mary = house.knock()
    mary.ask(Hello("Mary"), Say("hi"))
    house.run()
    token = next(message.token for message in mary.messages() if isinstance(message, Welcome))
    mary.vanish()
    house.loop.advance(10)
    house.knock().ask(Resume(token))
    house.run()
    counted = house.hub.metrics
    general = counted.channel("general")
    assert (general.waits.count, general.seats.count) == (1, 0)
    counted.channel("help").messages = 7
    house.hub.reload([Room(name, 9001, 1, house.limits) for name in ("general", "games")], house.limits)
    assert counted.channel("general").messages == 1
    assert "help" not in counted.channels


def test_the_families_are_those_of_the_docstring_each_with_a_value_for_each_channel() -> None:
    house = House(seats=3)
    house.enter("Mary").ask(Say("hi"))
    house.run()
    families = house.hub.metrics.families(house.hub.channels())
    told = metrics.__doc__ or ""
    for family in families:
        label = "{channel}" if family.labels else ""
        assert any(line.split()[:2] == [family.name + label, family.kind] for line in told.splitlines()), family.name
        assert family.help.endswith(".")
        labels = [labels for labels, _ in family.values]
        assert labels == ([("general",), ("games",), ("help",)] if family.labels else [()])
        assert all(isinstance(value, Histogram) == (family.kind == "histogram") for _, value in family.values)
    values = {family.name: family.values[0][1] for family in families}
    assert values["antechamber_seats"] == 3
    assert values["antechamber_seated"] == values["antechamber_messages"] == 1
    assert values["antechamber_fanout_bytes"] == house.hub.metrics.fanout_bytes
    assert len(families) == told.count("    antechamber_")


def test_the_operators_guide_tells_of_every_family_and_kind() -> None:
    (rows,) = tables(section(DOCUMENTS["docs/operators-guide.md"], "### Metrics"))
    told = {unquoted(name): kind for name, kind, _ in rows}
    for family in Metrics().families([]):
        assert told[family.name + ("_total" if family.kind == "counter" else "")] == family.kind


def test_a_channel_where_nothing_happened_yet_has_its_values_too() -> None:
    families = Metrics().families([ChannelInfo("general", 9001, 5, 0, 2)])
    assert {family.name: family.values for family in families}["antechamber_waiting"] == [(("general",), 2)]
