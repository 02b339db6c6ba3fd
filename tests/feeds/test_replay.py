"""Replay: missed entries come in pieces, each entry once, and then what happens."""

from collections.abc import Iterator

import pytest

from antechamber.log.memory import MemoryLog
from antechamber.protocol.commands import Resume, Say
from antechamber.protocol.events import Entry, Said
from antechamber.protocol.notices import Goodbye, Resumed
from tests.fakes import FailingLog, FakeTransport, House, Person
from tests.reconnecting_people import HOLDS, come_back, entries, last_read, token_of


class UnreadTransport(FakeTransport):
    """A transport whose peer reads when the test says so."""

    def write(self, data: bytes) -> None:
        super().write(data)
        self.unread_bytes = 1000


class ForgettingLog(MemoryLog):
    """A log that has deleted everything before its `first` entry."""

    first = 1

    def read_from(self, channel: str, sequence: int) -> Iterator[Entry]:
        return super().read_from(channel, max(sequence, self.first))


def misses(house: House, *texts: str) -> tuple[Person, Person]:
    """Cut Mary's connection, let Bob say these texts, and return both."""
    mary, bob = house.enter("Mary"), house.enter("Bob")
    mary.vanish()
    bob.ask(*map(Say, texts))
    house.run()
    return mary, bob


def test_a_log_that_lost_what_was_read_is_read_from_its_end_on() -> None:
    """A power failure may cost the last second of the log."""
    house = House(limits=HOLDS)
    mary, bob = house.enter("Mary"), house.enter("Bob")
    mary.vanish()
    back = house.knock()
    back.ask(Resume(token_of(mary), 1000))
    house.run()
    resumed = back.messages()[0]
    assert isinstance(resumed, Resumed)
    assert (resumed.first, resumed.last) == (5, 4)
    bob.ask(Say("hi"))
    house.run()
    assert [entry.sequence for entry in entries(back)] == [5]


def test_a_long_absence_is_caught_up_with_in_pieces() -> None:
    house = House(limits=HOLDS._replace(catch_up_bytes_max=1000))
    mary, bob = misses(house, *[f"line {n}" for n in range(100)])
    back = house.knock()
    back.transport.unread_bytes = 501
    back.ask(Resume(token_of(mary), last_read(mary)))
    house.run()
    (resumed,) = back.messages()
    assert isinstance(resumed, Resumed)
    back.transport.unread_bytes = 500
    house.loop.advance(0.02)
    bob.ask(Say("last"))
    back.transport.unread_bytes = 0
    house.loop.advance(1)
    assert entries(back) == house.entries()[4:]
    assert len(back.transport.writes) > 10
    house.check()


def test_what_fits_in_a_piece_is_written_at_once() -> None:
    house = House(limits=HOLDS)
    mary, _ = misses(house, *[f"line {n}" for n in range(100)])
    back = come_back(house, mary)
    assert len(back.transport.writes) == 2, "what it comes back to, and a piece"
    assert len(entries(back)) == 100


def test_anyone_who_has_missed_nothing_reads_along_at_once() -> None:
    house = House(limits=HOLDS)
    mary, bob = house.enter("Mary"), house.enter("Bob")
    mary.vanish()
    back = come_back(house, mary)
    back.transport.unread_bytes = HOLDS.outbox_bytes_max  # it gets no more pieces
    house.loop.advance(2 * HOLDS.catch_up_seconds_max)
    bob.ask(Say("hi"))
    house.run()
    assert not back.transport.aborted
    assert [entry.event for entry in entries(back)] == [*house.events()[4:]]


def test_what_one_said_just_before_the_connection_was_lost_is_not_said_again() -> None:
    house = House(limits=HOLDS)
    mary = house.enter("Mary")
    mary.ask(Say("hi", "7"))
    mary.vanish()
    house.run()
    again = House(limits=HOLDS, log=house.log, clock=house.clock)
    back = again.knock()
    back.ask(Resume(token_of(mary), 2))
    again.run()
    back.ask(Say("hi", "7"))
    again.run()
    assert again.events()[2:] == [Said("Mary", "hi", "7")]


def test_anyone_who_reads_nothing_while_catching_up_is_cut_off() -> None:
    house = House(limits=HOLDS)
    mary, _ = misses(house, "hi")
    back = house.knock()
    back.transport.unread_bytes = 1 << 20
    back.ask(Resume(token_of(mary), last_read(mary)))
    house.loop.advance(HOLDS.catch_up_seconds_max - 0.1)
    assert not back.transport.aborted
    house.loop.advance(0.2)
    assert back.transport.aborted


def test_anyone_who_reads_slowly_while_catching_up_is_given_time_for_each_piece() -> None:
    house = House(limits=HOLDS._replace(catch_up_bytes_max=1000))
    mary, _ = misses(house, *[f"line {n}" for n in range(100)])
    back = house.knock()
    back.transport = back.session.transport = UnreadTransport()
    back.ask(Resume(token_of(mary), last_read(mary)))
    house.run()
    for _ in range(5):
        pieces = len(back.transport.writes)
        back.transport.unread_bytes = 0
        house.loop.advance(HOLDS.catch_up_seconds_max - 0.1)
        assert len(back.transport.writes) == pieces + 1
    assert not back.transport.aborted


def test_what_is_forgotten_between_two_returns_is_not_told_as_there() -> None:
    log = ForgettingLog()
    house = House(limits=HOLDS, log=log)
    mary, _ = misses(house, *map(str, range(5)))
    back = come_back(house, mary)
    assert [entry.sequence for entry in entries(back)] == [5, 6, 7, 8, 9]
    back.vanish()
    log.first = 8
    again = come_back(house, mary)
    assert [entry.sequence for entry in entries(again)] == [8, 9]
    assert not again.transport.aborted


def test_where_all_that_was_missed_is_forgotten_one_reads_on_from_what_comes_next() -> None:
    log = ForgettingLog()
    house = House(limits=HOLDS, log=log)
    mary, bob = misses(house, "forgotten")
    log.first = 6
    back = come_back(house, mary)
    resumed = back.messages()[0]
    assert isinstance(resumed, Resumed)
    assert (resumed.first, resumed.last) == (6, 5)
    bob.ask(Say("kept"))
    house.run()
    assert [entry.sequence for entry in entries(back)] == [6]


def test_what_is_forgotten_meanwhile_is_told_by_the_first_that_is_there() -> None:
    house = House(limits=HOLDS._replace(snapshot_entries_max=1))
    mary, bob = house.enter("Mary"), house.enter("Bob")
    mary.vanish()
    for n in range(5):
        bob.ask(Say(str(n)))
        house.run()
    house.log.read_from = lambda channel, sequence: (  # type: ignore[method-assign]
        entry for entry in type(house.log).read_from(house.log, channel, max(sequence, 8))
    )
    back = come_back(house, mary)
    resumed, *missed = back.messages()
    assert isinstance(resumed, Resumed)
    assert (resumed.first, resumed.last) == (8, 9)
    assert [entry.sequence for entry in missed if isinstance(entry, Entry)] == [8, 9]


def test_what_cannot_be_read_ends_the_session_and_tells_the_operator_why(caplog: pytest.LogCaptureFixture) -> None:
    log = FailingLog()
    house = House(limits=HOLDS, log=log)
    mary, _ = misses(house, "hi")
    log.unreadable = True
    back = come_back(house, mary)
    resumed, goodbye = back.messages()
    assert isinstance(resumed, Resumed)
    assert isinstance(goodbye, Goodbye)
    assert goodbye.reason == "broken"
    assert goodbye.text == "What you have missed in the general channel cannot be read from the server's log."
    assert back.transport.closed
    assert "the disk is gone" in [record.__dict__["why"] for record in caplog.records][-1]
    log.unreadable = False
    house.check()


def crowd(house: House, names: int, missed: int) -> list[Person]:
    """Seat so many people, cut their connections, let them miss so many messages, and return them."""
    people = [house.enter(f"p{n}") for n in range(names)]
    speaker = house.enter("Speaker")
    house.quiet(speaker)
    for person in people:
        person.vanish()
    house.run()
    for n in range(missed):
        speaker.ask(Say(f"line {n}"))
    house.run()
    return people


class CountingLog(MemoryLog):
    """A log that counts how often it is read."""

    reads = 0

    def read_from(self, channel: str, sequence: int) -> Iterator[Entry]:
        self.reads += 1
        return super().read_from(channel, sequence)


def test_anyone_who_missed_the_same_reads_what_was_read_from_the_log_once() -> None:
    log = CountingLog()
    house = House(seats=100, limits=HOLDS, log=log)
    people = crowd(house, 50, 20)
    after = last_read(people[-1])
    log.reads = 0
    backs = [house.knock() for _ in people]
    for back, person in zip(backs, people, strict=True):
        back.ask(Resume(token_of(person), after))
    house.run()
    assert log.reads == 2, "one to find the first entry, one for all of them"
    kept = house.entries()[after:]
    assert len(kept) == 20
    assert all(entries(back) == kept for back in backs)
    house.check()


def test_a_pass_of_the_loop_reads_only_so_much() -> None:
    house = House(seats=100, limits=HOLDS._replace(catch_up_bytes_max=2000))
    people = crowd(house, 20, 100)
    backs = [house.knock() for _ in people]
    for back, person in zip(backs, people, strict=True):
        back.ask(Resume(token_of(person), last_read(person)))
    house.loop.step()
    before = sum(len(back.data) for back in backs)
    house.loop.step()
    assert 0 < sum(len(back.data) for back in backs) - before <= 8 * 2000
    house.run()
    last = house.entries()[-1]
    assert all(back.messages()[-1] == last for back in backs)
    house.check()


def test_one_timer_looks_after_all_who_have_much_to_read() -> None:
    house = House(seats=100, limits=HOLDS)
    people = crowd(house, 20, 100)
    backs = [house.knock() for _ in people]
    for back, person in zip(backs, people, strict=True):
        back.transport.unread_bytes = 1 << 20
        back.ask(Resume(token_of(person), last_read(person)))
    house.run()
    before = len(house.loop.timers)
    house.loop.advance(1)
    assert len(house.loop.timers) - before <= 1
    for back in backs:
        back.transport.unread_bytes = 0
    house.loop.advance(0.1)
    assert all(back.session.seated for back in backs)


def test_a_piece_is_bounded_by_its_bytes_whatever_they_are() -> None:
    limits = HOLDS._replace(catch_up_bytes_max=5000, id_characters_max=1024)
    house = House(limits=limits)
    mary, bob = house.enter("Mary"), house.enter("Bob")
    mary.vanish()
    bob.ask(*[Say("\u00e4" * 100, "\uac00" * 300 + str(n)) for n in range(50)])
    house.run()
    back = come_back(house, mary)
    assert max(map(len, back.transport.writes)) <= 5000
    assert [entry.sequence for entry in entries(back)] == list(range(5, 55))


def test_an_entry_larger_than_a_piece_is_a_piece() -> None:
    house = House(limits=HOLDS._replace(catch_up_bytes_max=1024))
    mary, _ = misses(house, "x" * 5000, "y")
    assert [entry.sequence for entry in entries(come_back(house, mary))] == [5, 6]


def test_a_fault_of_the_program_costs_that_session_alone(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    house = House(limits=HOLDS)
    mary, _ = misses(house, "hi")
    with monkeypatch.context() as broken:
        broken.setattr("antechamber.feeds.replay.encode_lines", lambda _: 1 / 0)
        back = come_back(house, mary)
    assert back.transport.aborted
    assert "could not catch up" in caplog.text
    back.vanish()
    house.run()
    again = come_back(house, mary)
    assert [entry.event for entry in entries(again)] == [Said("Bob", "hi")]
    house.check()
