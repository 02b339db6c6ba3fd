"""Catching up: what was missed comes in pieces, each entry once, and then what happens."""

import pytest

from antechamber.commands import Resume, Say
from antechamber.events import Entry, Resumed
from tests.fakes import FailingLog, House
from tests.returning import HOLDS, come_back, entries, last_read, token_of


def test_a_log_that_lost_what_was_read_is_read_from_its_end_on() -> None:
    """As after a power failure, which may cost the last second."""
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
    mary, bob = house.enter("Mary"), house.enter("Bob")
    mary.vanish()
    bob.ask(*[Say(f"line {n}") for n in range(100)])
    house.run()
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


def test_who_reads_nothing_while_catching_up_is_cut_off() -> None:
    house = House(limits=HOLDS)
    mary, bob = house.enter("Mary"), house.enter("Bob")
    mary.vanish()
    bob.ask(Say("hi"))
    house.run()
    back = house.knock()
    back.transport.unread_bytes = 1 << 20
    back.ask(Resume(token_of(mary), last_read(mary)))
    house.loop.advance(HOLDS.catch_up_seconds_max - 0.1)
    assert not back.transport.aborted
    house.loop.advance(0.2)
    assert back.transport.aborted


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
    mary, bob = house.enter("Mary"), house.enter("Bob")
    mary.vanish()
    bob.ask(Say("hi"))
    house.run()
    log.unreadable = True
    back = come_back(house, mary)
    assert [type(message) for message in back.messages()] == [Resumed]
    assert back.transport.aborted
    [record] = caplog.records
    assert (record.exc_info, record.__dict__["why"]) == (None, "the disk is gone")
    log.unreadable = False
    house.check()
