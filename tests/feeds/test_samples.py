"""Samples: one of each channel a minute, the oldest is replaced, and only operators are told."""

from antechamber.feeds.samples import SAMPLE_SECONDS, SAMPLES_MAX, Series
from antechamber.protocol.commands import AskSamples, Quit
from antechamber.protocol.notices import Refusal, Sample, Samples
from antechamber.rooms.room import Room
from tests.fakes import NOON, House, Person


def operator(house: House) -> Person:
    """Return an operator at a page."""
    person = house.knock("")
    person.session.operator = True
    return person


def sample(number: int) -> Sample:
    """Return a sample that differs from every other one."""
    return Sample(NOON + number, number, number + 1, number / 8)


def test_a_series_holds_as_many_as_it_may_and_of_one_more_the_oldest_goes() -> None:
    series = Series(3)
    assert series.all() == []
    for number in range(3):
        series.add(sample(number))
    assert series.all() == [sample(0), sample(1), sample(2)]
    series.add(sample(3))
    assert series.all() == [sample(1), sample(2), sample(3)]
    for number in range(4, 9):
        series.add(sample(number))
    assert series.all() == [sample(6), sample(7), sample(8)]


def test_twelve_hours_are_kept() -> None:
    assert SAMPLES_MAX * SAMPLE_SECONDS == 12 * 3600
    series = Series()
    for number in range(SAMPLES_MAX + 1):
        series.add(sample(number))
    assert series.all() == [sample(number) for number in range(1, SAMPLES_MAX + 1)]


def test_an_operator_is_told_of_each_minute_with_the_counts_and_the_wait() -> None:
    house = House(seats=1)
    mary = house.enter("Mary")
    house.hub.samples.begin()
    house.loop.advance(10)
    house.enter("Bob")
    house.enter("Eve")
    house.loop.advance(50)
    mary.ask(Quit())
    house.loop.advance(60)
    ann = operator(house)
    ann.ask(AskSamples("general", "1"))
    house.run()
    samples = [
        Sample(NOON, 1, 0, 0.0),  # those seated before had not waited
        Sample(NOON + 60, 1, 2, 50.0),  # nobody was seated since, and Bob has waited so long
        Sample(NOON + 120, 1, 1, 50.0),  # as Bob had, by his seat
    ]
    assert ann.messages() == [Samples(NOON + 120, "general", SAMPLE_SECONDS, 1, samples, "1")]


def test_the_wait_is_the_mean_of_those_who_were_seated_since_the_last_sample() -> None:
    house = House(seats=2)
    mary, bob = house.enter("Mary"), house.enter("Bob")
    house.hub.samples.begin()
    house.enter("Eve")
    house.loop.advance(10)
    mary.ask(Quit())
    house.run()
    house.enter("Joe")
    house.loop.advance(20)
    bob.ask(Quit())
    house.loop.advance(30)
    assert house.hub.samples.of("general")[-1].wait_seconds == 15.0
    house.loop.advance(SAMPLE_SECONDS)
    assert house.hub.samples.of("general")[-1].wait_seconds == 0.0, "nobody was seated, and nobody waits"


def test_a_channel_that_comes_by_a_reload_is_sampled_and_one_that_has_gone_is_not() -> None:
    house = House()
    house.hub.samples.begin()
    rooms = [Room(name, 9001, 5, house.limits) for name in ("general", "games", "tea")]
    house.hub.reload(rooms, house.limits)
    house.loop.advance(SAMPLE_SECONDS)
    samples = house.hub.samples
    assert [len(samples.of(name)) for name in ("general", "games", "tea", "help")] == [2, 2, 1, 0]


def test_samples_are_refused_to_all_but_operators_and_of_no_channel() -> None:
    house = House()
    mary, ann = house.enter("Mary"), operator(house)
    mary.ask(AskSamples("general", "1"))
    ann.ask(AskSamples("gen\x1beral", "2"))
    house.run()
    assert mary.messages() == [Refusal(NOON, "operators-only", "Only the operator can do that.", "1")]
    (refusal,) = ann.messages()
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.id) == ("no-such-channel", "2")
    assert "\x1b" not in refusal.text


def test_before_the_first_sample_there_are_none_and_after_the_end_no_more() -> None:
    house = House()
    assert house.hub.samples.of("general") == []
    house.hub.samples.begin()
    house.hub.close()
    house.loop.advance(10 * SAMPLE_SECONDS)
    assert len(house.hub.samples.of("general")) == 1


def test_a_channel_that_was_closed_and_opened_again_is_measured_anew() -> None:
    house = House()
    house.hub.samples.begin()
    for _ in range(3):
        house.hub.metrics.channel("help").waits.add(50.0)
    house.loop.advance(SAMPLE_SECONDS)
    for names in (("general", "games", "more"), ("general", "games", "help")):
        house.hub.reload([Room(name, 9001 + n, 5, house.limits) for n, name in enumerate(names)], house.limits)
    for seconds in (10.0, 20.0):
        house.hub.metrics.channel("help").waits.add(seconds)
    house.loop.advance(SAMPLE_SECONDS)
    assert house.hub.samples.of("help")[-1].wait_seconds == 15.0
